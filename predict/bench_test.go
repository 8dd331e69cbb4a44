package predict_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

func BenchmarkUpdate(b *testing.B) {
	for _, c := range []predict.Component{predict.BrakePadsFront, predict.Battery12V} {
		b.Run(string(c), func(b *testing.B) {
			b.ReportAllocs()
			t := predict.NewTrack(c)
			b.ReportMetric(float64(t.Size()), "B/state")
			tau := 0.0
			for b.Loop() {
				tau += 0.04
				if tau > 50 {
					tau, t = 0, predict.NewTrack(c)
				}
				t.Observe(tau, 0.018*tau, 0.012)
			}
		})
	}
}

// One component from its state: all laws, with and without the words.
func BenchmarkForecast(b *testing.B) {
	for _, c := range []predict.Component{predict.EngineOil, predict.BrakePadsFront, predict.BrakePadsRear, predict.Battery12V} {
		b.Run("law/"+string(c), func(b *testing.B) {
			b.ReportAllocs()
			f := predict.BenchLaw(known(), c)
			for b.Loop() {
				f()
			}
		})
		b.Run("full/"+string(c), func(b *testing.B) {
			b.ReportAllocs()
			f := predict.Bench(known(), c)
			for b.Loop() {
				f()
			}
		})
	}
}

// One vehicle from its facts: 400 days, 162 readings, 10 components.
func BenchmarkVehicle(b *testing.B) {
	in := known()
	b.ReportAllocs()
	for b.Loop() {
		predict.Forecasts(in)
	}
}

func BenchmarkPath(b *testing.B) {
	in := known()
	b.ReportAllocs()
	for b.Loop() {
		predict.Path(in, predict.BrakePadsFront, 365)
	}
}
