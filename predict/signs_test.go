package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// sensedPads is a car whose sensor is off, anew for each part: it adds so much, and
// multiplies by so much. Its parts wear at their own pace, and are renewed when they are
// spent. It returns the day on which the part that is in now is spent.
func sensedPads(car int, adds, times float64, until int) (in predict.Input, spent float64) {
	rng := rand.New(rand.NewPCG(uint64(car), 21))
	own := 1.0 / 300 * math.Exp(0.3*rng.NormFloat64())
	in = predict.Input{
		VIN: vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", car)), Powertrain: vehicle.Petrol, Now: day(until),
		Days:     steady(until, 1000, 40),
		Services: []predict.Service{{Component: predict.BrakePadsFront, Time: day(-1), RecordID: "first"}},
	}
	wear, perDay, off, by := 0.0, 0.0, 0.0, 0.0
	fit := func() {
		wear, perDay = 0, own*math.Exp(0.05*rng.NormFloat64())
		off, by = adds*rng.NormFloat64(), math.Exp(times*rng.NormFloat64())
	}
	fit()
	for i := range until {
		if wear += perDay; wear >= 1 {
			in.Services = append(in.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(i + 1), Failed: true, RecordID: fmt.Sprint(i)})
			fit()
			continue
		}
		if i%7 == 0 {
			in.Readings = append(in.Readings, predict.Reading{
				Component: predict.BrakePadsFront, Time: day(i).Add(1), Wear: by*wear + off + 0.01*rng.NormFloat64(), Noise: 0.01, Source: predict.FromSensor,
			})
		}
	}
	return in, float64(until) + (1-wear)/perDay
}

// What a sensor is off shows before the part fails: by what it shows of a new part, and by
// how fast the part seems to wear. A fleet learns how much of that to believe.
func TestSignsOfASensorThatIsOff(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]struct{ adds, times float64 }{
		"adds": {0.05, 0}, "multiplies": {0, 0.1}, "is right": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var paths []predict.FleetPath
			for car := range 60 {
				in, _ := sensedPads(car, off.adds, off.times, 1200)
				paths = append(paths, predict.PathsOf(in)...)
			}
			prior := predict.LearnPrior(nil, paths)
			l := prior.Components[predict.BrakePadsFront]
			if shown := l.FailsPerShown; (shown > 0.5) != (off.adds > 0) {
				t.Errorf("a part fails later by %.2f of what it showed when new", shown)
			}
			if pace := l.FailsPerPace; (pace > 0.2) != (off.times > 0) {
				t.Errorf("a part fails later by %.2f of what it wears faster", pace)
			}
			if off.adds == 0 && off.times == 0 {
				return
			}
			l.FailsPerShown, l.FailsPerPace = 0, 0
			blind := predict.Prior{Components: map[predict.Component]predict.LifePrior{predict.BrakePadsFront: l}}
			if told, untold := daysOff(t, prior, off.adds, off.times), daysOff(t, blind, off.adds, off.times); told > 0.9*untold {
				t.Errorf("%.1f days off by the signs, %.1f without", told, untold)
			} else {
				t.Logf("%.1f days off by the signs, %.1f without", told, untold)
			}
		})
	}
}

// daysOff is how far forecasts of other cars are off, of parts that are spent within two
// months.
func daysOff(t *testing.T, prior predict.Prior, adds, times float64) float64 {
	t.Helper()
	sum, n := 0.0, 0.0
	for car := 1000; car < 1400; car++ {
		in, spent := sensedPads(car, adds, times, 1000)
		if spent > 1060 {
			continue
		}
		in.Prior = prior
		f, ok := predict.ForecastOf(in, predict.BrakePadsFront)
		if !ok || f.Limit.P50.IsZero() {
			t.Fatal("no forecast")
		}
		sum, n = sum+math.Abs(f.Limit.P50.Sub(day(0)).Hours()/24-spent), n+1
	}
	return sum / n
}
