package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// diluted is a car of which every second two months are a winter of short trips, whose
// fuel stays in the oil, and the others motorway, where it boils off. The sensor of its oil
// hides so much wear in winter. It fills up new oil when the old is spent.
func diluted(car int, hidden float64, until int) predict.Input {
	rng := rand.New(rand.NewPCG(uint64(car), 11))
	perDay := 1 / (230 + 60*rng.Float64()) // of wear
	in := predict.Input{
		VIN: vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", car)), Powertrain: vehicle.Petrol, Now: day(until),
		Services: []predict.Service{{Component: predict.EngineOil, Time: day(-1), RecordID: "first"}},
	}
	wear := 0.0
	for i := range until {
		d := predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: 10000 + 50*float64(i+1), DistanceKm: 50, AirTempC: 5}
		winter := (i+17*car)/60%2 == 0
		turns := 50.0 * 2400 // an ordinary day; the clock of the oil is not what is looked at
		if d.EngineTurns, d.OilStress = turns, turns; winter {
			d.OilStress = 2.5 * turns
		} else {
			d.EngineTurns, d.OilStress = 8*turns, 2.5*turns
		}
		in.Days = append(in.Days, d)
		if wear += perDay; wear >= 1 {
			wear = 0
			in.Services = append(in.Services, predict.Service{Component: predict.EngineOil, Time: day(i).Add(12 * time.Hour), Failed: true, RecordID: fmt.Sprint(i)})
		}
		shows := wear + 0.01*rng.NormFloat64()
		if winter {
			shows -= hidden
		}
		if r, ok := predict.OilCondition(predict.At{Time: day(i).Add(18 * time.Hour)}, 3, 100*(1-math.Max(shows, 0))); ok && i%7 == 0 {
			in.Readings = append(in.Readings, r)
		}
	}
	return in
}

func taughtBy(hidden float64) predict.Prior {
	var paths []predict.FleetPath
	for car := range 24 {
		paths = append(paths, predict.PathsOf(diluted(car, hidden, 900))...)
	}
	return predict.LearnPrior(nil, paths)
}

func TestFuelInTheOilHidesWear(t *testing.T) {
	t.Parallel()
	const hidden = 0.08
	prior := taughtBy(hidden)
	if got := prior.Components[predict.EngineOil].Hides; got < 0.005 || got > 0.05 {
		t.Fatalf("an hour of cold running hides %.4f, want some of %.2f for a winter of it", got, hidden)
	}
	if got := taughtBy(0).Components[predict.EngineOil].Hides; got != 0 {
		t.Errorf("an hour of cold running hides %.4f, but nothing is hidden", got)
	}
	// Cars that have not taught, at the end of a winter: what they see has to be corrected.
	off := func(prior predict.Prior) (mean float64) {
		const cars = 20
		for car := 100; car < 100+cars; car++ {
			in := diluted(car, hidden, 170)
			in.Prior = prior
			f, ok := predict.ForecastOf(in, predict.EngineOil)
			if !ok {
				t.Fatal("no forecast")
			}
			rng := rand.New(rand.NewPCG(uint64(car), 11))
			truth := 170 / (230 + 60*rng.Float64())
			mean += math.Abs(f.Wear.P50-truth) / cars
		}
		return mean
	}
	blind := prior
	blind.Components = map[predict.Component]predict.LifePrior{}
	for c, l := range prior.Components {
		l.Hides = 0
		blind.Components[c] = l
	}
	if told, untold := off(prior), off(blind); told > 0.8*untold {
		t.Errorf("wear is off by %.4f with what is hidden, %.4f without", told, untold)
	} else {
		t.Logf("wear is off by %.4f with what is hidden, %.4f without", told, untold)
	}
}
