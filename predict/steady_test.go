package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// measuredPads are pads whose sensor is off by as much for the life of a set; every 50 days a workshop measures them. One
// measurement of ten is wrong where they are wild. It returns the day on which the set that
// is in is spent.
func measuredPads(car int, adds float64, wild bool) (in predict.Input, spent float64) {
	rng := rand.New(rand.NewPCG(uint64(car), 33))
	const until = 700
	in = predict.Input{
		VIN: vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", car)), Powertrain: vehicle.Petrol, InService: day(-1), Now: day(until),
		Days:     steady(until, 1000, 40),
		Services: []predict.Service{{Component: predict.BrakePadsFront, Time: day(-1), RecordID: "first"}},
	}
	wear, perDay := 0.0, math.Exp(0.3*rng.NormFloat64())/450
	off := adds * rng.NormFloat64()
	for i := range until {
		if wear += perDay; wear >= 1 {
			in.Services = append(in.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(i + 1), Failed: true, RecordID: fmt.Sprint(i)})
			wear, off = 0, adds*rng.NormFloat64()
			continue
		}
		look := func(wear, noise float64, source string) {
			in.Readings = append(in.Readings, predict.Reading{Component: predict.BrakePadsFront, Time: day(i).Add(time.Hour), Wear: wear + noise*rng.NormFloat64(), Noise: noise, Source: source})
		}
		if i%7 == 0 {
			look(wear+off, 0.02, predict.FromSensor)
		}
		if i%50 == 25 {
			if wild && rng.IntN(10) == 0 {
				look(1.5*rng.Float64(), 0.02, predict.FromWorkshop)
				continue
			}
			look(wear, 0.02, predict.FromWorkshop)
		}
	}
	return in, until + (1-wear)/perDay
}

// What a sensor is off for the life of a part is told by what workshops measure of it, a
// wrong measurement of ten not counting.
func TestWorkshopsTellWhatASensorIsOff(t *testing.T) {
	t.Parallel()
	for name, fleet := range map[string]struct {
		adds float64
		wild bool
	}{"off": {0.06, false}, "off, with wrong measurements": {0.06, true}, "right": {0, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var paths []predict.FleetPath
			for car := range 120 {
				in, _ := measuredPads(car, fleet.adds, fleet.wild)
				paths = append(paths, predict.PathsOf(in)...)
			}
			prior := predict.LearnPrior(nil, paths)
			l := prior.Components[predict.BrakePadsFront]
			if math.Abs(l.SteadySD-fleet.adds) > 0.012 {
				t.Errorf("sensors are off by %.3f, truth %.3f", l.SteadySD, fleet.adds)
			}
			if fleet.adds == 0 {
				return
			}
			alone := l
			alone.SteadySD = 0
			var before, after float64
			for car := 200; car < 300; car++ {
				in, spent := measuredPads(car, fleet.adds, fleet.wild)
				miss := func(l predict.LifePrior) float64 {
					in.Prior = predict.Prior{Version: "fleet", Components: map[predict.Component]predict.LifePrior{predict.BrakePadsFront: l}}
					f, _ := predict.ForecastOf(in, predict.BrakePadsFront)
					return math.Abs(f.Limit.P50.Sub(day(0)).Hours()/24 - spent)
				}
				before, after = before+miss(alone), after+miss(l)
			}
			said := 0
			for car := 200; car < 300; car++ {
				in, _ := measuredPads(car, fleet.adds, fleet.wild)
				in.Prior = prior
				if f, _ := predict.ForecastOf(in, predict.BrakePadsFront); strings.Contains(f.Reason.EN, "Beside what workshops measured") {
					said++
				}
			}
			if said < 50 {
				t.Errorf("only %d of 100 forecasts say that the sensor was corrected", said)
			}
			if after > 0.7*before {
				t.Errorf("with it the mean error is %.1f days, without %.1f", after/100, before/100)
			}
		})
	}
}
