package predict_test

import (
	"math"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// unheard is a vehicle that sent nothing from day 200 to day 400 and had gone so far by then, with what was
// told meanwhile; before and after it goes 50 km a day.
func unheard(gone float64, told ...predict.At) predict.Input {
	days := drive(500, func(i int) float64 {
		switch {
		case i == 400:
			return gone
		case i >= 200 && i < 400:
			return 0
		}
		return 50
	})
	return predict.Input{Days: days, Powertrain: vehicle.Petrol, Now: day(500), Told: told}
}

// oilChange is the forecast of an oil that was changed on a day, at an odometer that nobody wrote down or
// at the one that is given.
func oilChange(t *testing.T, in predict.Input, on int, km float64) predict.Forecast {
	t.Helper()
	in.Services = append(in.Services, predict.Service{Component: predict.EngineOil, Time: day(on), OdometerKm: km})
	f, ok := predict.ForecastOf(in, predict.EngineOil)
	if !ok {
		t.Fatal("no forecast of the oil")
	}
	return f
}

// A vehicle that sends nothing for months does not go evenly meanwhile: where somebody has read its odometer, it had
// gone so far by then.
func TestOdometersWithinASilenceAreBelieved(t *testing.T) {
	t.Parallel()
	const before, gone = 20_000.0, 9000.0
	for name, c := range map[string]struct {
		on   int
		told float64 // km since the silence began
	}{
		"more at first":      {300, 6500},
		"less at first":      {300, 2500},
		"stood afterwards":   {260, 8900},
		"stood until then":   {350, 100},
		"as the line has it": {300, 4500},
		"the day after":      {201, 20},
	} {
		if f := oilChange(t, unheard(gone), c.on, before+c.told); math.Abs(f.ServicedKm-before-c.told) > 1 {
			t.Errorf("%s: changed at %.0f km, and the forecast says %.0f", name, before+c.told, f.ServicedKm)
		}
		// What another visit has read tells the odometer of one on which nobody did.
		if f := oilChange(t, unheard(gone, predict.At{Time: day(c.on), OdometerKm: before + c.told}), c.on, 0); math.Abs(f.ServicedKm-before-c.told) > 1 {
			t.Errorf("%s: read as %.0f km on that day, and the forecast says that it was changed at %.0f", name, before+c.told, f.ServicedKm)
		}
	}
}

// A typing error does not become right by lying between the odometers before and after a silence.
func TestOdometersWithinASilenceMayBeTypedWrongly(t *testing.T) {
	t.Parallel()
	const before, gone = 20_000.0, 9000.0
	for name, c := range map[string]struct {
		on   int
		told float64
	}{
		"too high":         {230, 8000},
		"too low":          {370, 900},
		"beyond the end":   {300, 19_000},
		"before the begin": {300, -9000},
	} {
		line := before + gone*float64(c.on-200)/201
		if f := oilChange(t, unheard(gone), c.on, before+c.told); math.Abs(f.ServicedKm-line) > 1 {
			t.Errorf("%s: changed at %.0f km, and at %.0f by an odometer that is not to be believed", name, f.ServicedKm, before+c.told)
		}
	}
	// Of three, the one that runs back is wrong.
	told := []predict.At{{Time: day(250), OdometerKm: 22_000}, {Time: day(300), OdometerKm: 25_500}, {Time: day(350), OdometerKm: 24_500}, {Time: day(370), OdometerKm: 26_000}}
	if f := oilChange(t, unheard(gone, told...), 300, 0); f.ServicedKm < 22_000 || f.ServicedKm > 24_500 {
		t.Errorf("changed at %.0f km, between visits at 22,000 and 24,500", f.ServicedKm)
	}
}

// A plan's distance that was passed within a silence was passed then, and not on the day that ended it.
func TestADistanceIsPassedWithinASilence(t *testing.T) {
	t.Parallel()
	in := unheard(60_000, predict.At{Time: day(240), OdometerKm: 20_400})
	spec, _ := predict.Standard().Of(predict.CabinFilter)
	in.Services = []predict.Service{{Component: predict.CabinFilter, Time: day(190), OdometerKm: 19_500}}
	f, ok := predict.ForecastOf(in, predict.CabinFilter)
	days := 161 * (19_500 + spec.PlanKm - 20_400) / 59_600
	if off := f.OverdueSince.Sub(day(240)).Hours()/24 - days; !ok || f.Basis != predict.ByDistance || math.Abs(off) > 2 {
		t.Errorf("%g km after the change were gone on %s by %s, want %.0f days after %s", spec.PlanKm, f.OverdueSince.Format(time.DateOnly), f.Basis, days, day(240).Format(time.DateOnly))
	}
}
