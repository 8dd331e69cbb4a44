package telemetry_test

import (
	"math"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var morning = time.Date(2026, time.March, 2, 7, 0, 0, 0, time.UTC)

// commute is an hour at 60 km/h and 2,000 rpm with warm oil, told in so many samples.
func commute(step time.Duration, oilC float64) []vehicle.Sample {
	var out []vehicle.Sample
	for after := time.Duration(0); after <= time.Hour; after += step {
		out = append(out, sampleAt(morning.Add(after), map[vehicle.Signal]float64{
			vehicle.Speed: 60, vehicle.EngineSpeed: 2000, vehicle.OilTemperature: oilC, vehicle.TraveledDistance: 1e7 + 1000*after.Minutes(),
		}))
	}
	return out
}

func sampleAt(at time.Time, values map[vehicle.Signal]float64) vehicle.Sample {
	s := vehicle.Sample{Time: at}
	for signal, v := range values {
		s.Readings = append(s.Readings, vehicle.Reading{Signal: signal, Value: vehicle.Number(v)})
	}
	return s
}

func totals(samples []vehicle.Sample) map[vehicle.Signal]telemetry.Aggregate {
	r := telemetry.DayRollup{Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.DayBraking: {Count: 1, Sum: 1e9}}}
	var w telemetry.WearWork
	for _, s := range samples {
		w.Add(s)
	}
	w.Put(&r)
	return r.Signals
}

// However often a car reports, an hour at 2,000 rpm is 120,000 turns, and cold or hot
// ones count for more.
func TestRevolutionsOfADay(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{time.Second, 10 * time.Second, 5 * time.Minute, 20 * time.Minute} {
		for oilC, factor := range map[float64]float64{90: 1, 20: 3.5, 125: 2} {
			got := totals(commute(step, oilC))
			if turns := got[vehicle.DayRevolutions].Sum; math.Abs(turns-120_000) > 500 {
				t.Errorf("a sample every %s: %.0f turns, want 120,000", step, turns)
			}
			if hot := got[vehicle.DayOilStress].Sum; math.Abs(hot-factor*120_000) > 1000 {
				t.Errorf("a sample every %s at %.0f °C: oil as of %.0f turns, want %.0f", step, oilC, hot, factor*120_000)
			}
		}
	}
}

// A parked car does not turn its engine, whatever it said last.
func TestParkedIsNotIdling(t *testing.T) {
	t.Parallel()
	day := commute(10*time.Second, 90)
	parked := sampleAt(morning.Add(9*time.Hour), map[vehicle.Signal]float64{
		vehicle.Speed: 0, vehicle.EngineSpeed: 900, vehicle.OilTemperature: 20, vehicle.TraveledDistance: 1e7 + 60_000,
	})
	if turns := totals(append(day, parked))[vehicle.DayRevolutions].Sum; math.Abs(turns-120_000) > 4000 {
		t.Errorf("%.0f turns, want about 120,000", turns)
	}
}

// A device that asks for one value after the other says the same in more samples.
func TestOneSignalASample(t *testing.T) {
	t.Parallel()
	var apart []vehicle.Sample
	for _, s := range commute(4*time.Second, 20) {
		for i, r := range s.Readings {
			apart = append(apart, vehicle.Sample{Time: s.Time.Add(time.Duration(i) * time.Second), Readings: []vehicle.Reading{r}})
		}
	}
	if hot := totals(apart)[vehicle.DayOilStress].Sum; math.Abs(hot-3.5*120_000) > 3000 {
		t.Errorf("oil as of %.0f turns, want 420,000", hot)
	}
}

// Braking is told by speeds close together only: ten stops from 50 km/h are ten times
// 96 J/kg.
func TestBrakingWork(t *testing.T) {
	t.Parallel()
	drive := func(step int) []vehicle.Sample {
		var out []vehicle.Sample
		metres := 1e7
		for i := 0; i <= 10*60; i += step {
			kmh := []float64{50, 50, 50, 50, 25, 0}[i%60/10]
			metres += kmh / 3.6 * float64(step)
			out = append(out, sampleAt(morning.Add(time.Duration(i)*time.Second), map[vehicle.Signal]float64{vehicle.Speed: kmh, vehicle.TraveledDistance: metres}))
		}
		return out
	}
	want := 10 * 50 * 50 / (2 * 3.6 * 3.6)
	if got := totals(drive(1))[vehicle.DayBraking].Sum; math.Abs(got-want) > 0.02*want {
		t.Errorf("braking work %.0f J/kg, want %.0f", got, want)
	}
	if a, ok := totals(drive(10))[vehicle.DayBraking]; ok {
		t.Errorf("braking work %v of samples ten seconds apart, want none", a)
	}
}

// Every start is brought to 20 °C and a charged battery, and what is no start is none.
func TestStartsOfADay(t *testing.T) {
	t.Parallel()
	at := func(after time.Duration, volts, rpm float64) vehicle.Sample {
		v := map[vehicle.Signal]float64{vehicle.LowVoltage: volts, vehicle.AirTemperature: -18}
		if rpm > 0 {
			v[vehicle.EngineSpeed] = rpm
		}
		return sampleAt(morning.Add(after), v)
	}
	got := totals([]vehicle.Sample{
		at(0, 11.3, 0), at(time.Hour, 12.3, 0), // weak, and nobody started
		at(2*time.Hour, 12.4, 0), at(2*time.Hour+10*time.Second, 7.4, 180), at(2*time.Hour+11*time.Second, 8, 220), at(2*time.Hour+20*time.Second, 14.2, 900),
		at(5*time.Hour, 12.6, 0), at(5*time.Hour+10*time.Second, 7.6, 0), at(5*time.Hour+20*time.Second, 14.1, 1100),
		at(8*time.Hour, 12.6, 0), at(8*time.Hour+10*time.Second, 7.6, 190), at(8*time.Hour+30*time.Minute, 11.4, 1500), // nothing charges
	})[vehicle.DayCranking]
	if got.Count != 3 || math.Abs(got.Min-10.5) > 0.01 || math.Abs(got.Max-10.5) > 0.01 {
		t.Errorf("starts %+v, want three that took 2.1 V at 20 °C", got)
	}
}
