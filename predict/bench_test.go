package predict_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

func BenchmarkUpdate(b *testing.B) {
	for _, c := range []predict.Component{predict.BrakePadsFront, predict.Battery12V} {
		b.Run(string(c), func(b *testing.B) {
			b.ReportAllocs()
			t := predict.NewTrack(c)
			size, tau := float64(t.Size()), 0.0
			for b.Loop() {
				tau += 0.04
				if tau > 50 {
					tau, t = 0, predict.NewTrack(c)
				}
				t.Observe(tau, 0.018*tau, 0.012)
			}
			b.ReportMetric(size, "B/state") // the loop's first round forgets what was reported before
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

// The same with what a fleet has taught: three forms of the path, and calibration.
func BenchmarkForecastLearned(b *testing.B) {
	in := known()
	form := func(c *degradation.Curve, weight float64) degradation.Form {
		return degradation.Form{Curve: c, Weight: weight, Noise: degradation.Noise{Level: 0.004, Rate: 0.1}}
	}
	layer := &conformal.Layer{Centres: []float64{2, 5}, Bins: []conformal.Stretch{{Down: 0.9, Up: 1.2}, {Down: 1.1, Up: 0.8}}}
	learned := predict.LifePrior{
		RatePer1000Km: 0.018, CV: 0.4, Units: 50, Layer: layer, SensedLayer: layer, Evidence: 0.3,
		Forms: []degradation.Form{form(degradation.Linear(), 0.5), form(degradation.Power(2), 0.3), form(degradation.RootLinear(0.7), 0.2)},
	}
	in.Prior = predict.Prior{Version: "learned", Components: map[predict.Component]predict.LifePrior{}}
	for _, c := range []predict.Component{predict.EngineOil, predict.BrakePadsFront, predict.Battery12V} {
		in.Prior.Components[c] = learned
		b.Run("law/"+string(c), func(b *testing.B) {
			b.ReportAllocs()
			f := predict.BenchLaw(in, c)
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
