package telemetry_test

import (
	"math"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// dayOf is the roll-up of the samples of a day, with its totals alone.
func dayOf(samples []vehicle.Sample) map[vehicle.Signal]telemetry.Aggregate {
	r := telemetry.DayRollup{Day: vehicle.DayOf(morning), Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	var w telemetry.WearWork
	for _, s := range samples {
		w.Add(s)
	}
	w.Put(&r)
	return r.Signals
}

// run is an engine's run of some minutes at 50 km/h, from cold, in samples so far apart:
// the coolant gains 10 °C a minute up to 90. It ends with a sample of the car at rest.
func run(start time.Time, length, step time.Duration, metres float64) []vehicle.Sample {
	out := []vehicle.Sample{sampleAt(start, map[vehicle.Signal]float64{vehicle.EngineSpeed: 180, vehicle.Speed: 0, vehicle.TraveledDistance: metres, vehicle.CoolantTemperature: 10})}
	for after := step; after <= length; after += step {
		kmh, rpm := 50.0, 2000.0
		if after+step > length {
			kmh, rpm = 0, 0
		}
		out = append(out, sampleAt(start.Add(after), map[vehicle.Signal]float64{
			vehicle.Speed: kmh, vehicle.EngineSpeed: rpm, vehicle.TraveledDistance: metres + after.Hours()*50_000,
			vehicle.CoolantTemperature: min(10+10*after.Minutes(), 90),
		}))
	}
	return out
}

func together(parts ...[]vehicle.Sample) (all []vehicle.Sample) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// A trip of four minutes stays cold, one of an hour does not, however seldom the car
// reports.
func TestShortTrips(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{time.Second, 20 * time.Second, 2 * time.Minute} {
		day := together(run(morning, 4*time.Minute, step, 1e7), run(morning.Add(3*time.Hour), 4*time.Minute, step, 1e7+3300),
			run(morning.Add(6*time.Hour), time.Hour, 10*step, 1e7+6600))
		if n := dayOf(day)[vehicle.DayStarts].Sum; n != 3 {
			t.Errorf("a sample every %s: %g starts, want 3", step, n)
		}
		if a := dayOf(day)[vehicle.DayShortTrips]; a.Count != 3 || a.Sum != 2 {
			t.Errorf("a sample every %s: %g short trips of %d, want 2 of 3", step, a.Sum, a.Count)
		}
	}
}

// A run across midnight is one run, of the day on which it ends; where nothing tells the
// temperature, or a motor drives alone, there is none.
func TestRunsThatDoNotCount(t *testing.T) {
	t.Parallel()
	midnight := vehicle.DayOf(morning).End()
	late := run(midnight.Add(-3*time.Minute), 20*time.Minute, 20*time.Second, 1e7)
	var before, after []vehicle.Sample
	for _, s := range late {
		if s.Time.Before(midnight) {
			before = append(before, s)
		} else {
			after = append(after, s)
		}
	}
	if a, ok := dayOf(before)[vehicle.DayShortTrips]; ok {
		t.Errorf("before midnight: %+v, want none", a)
	}
	if a := dayOf(after)[vehicle.DayShortTrips]; a.Count != 1 || a.Sum != 0 {
		t.Errorf("after midnight: %g short trips of %d, want 0 of 1", a.Sum, a.Count)
	}
	silent, electric := run(morning, 4*time.Minute, time.Second, 1e7), run(morning, 4*time.Minute, time.Second, 1e7)
	for i := range silent {
		silent[i].Readings = without(silent[i].Readings, vehicle.CoolantTemperature)
		electric[i].Readings = append(without(electric[i].Readings, vehicle.EngineSpeed), vehicle.Reading{Signal: vehicle.EngineSpeed, Value: vehicle.Number(0)})
	}
	for what, day := range map[string][]vehicle.Sample{"without a temperature": silent, "by the motor": electric} {
		if a, ok := dayOf(day)[vehicle.DayShortTrips]; ok {
			t.Errorf("%s: %+v, want none", what, a)
		}
	}
}

func without(readings []vehicle.Reading, s vehicle.Signal) (out []vehicle.Reading) {
	for _, r := range readings {
		if r.Signal != s {
			out = append(out, r)
		}
	}
	return out
}

// Ten kilometres in which every tenth second turns at 3 m/s² and the others are straight
// have a mean square of 0.9, by whatever tells it; seldom samples tell it where the car
// measures it itself.
func TestSlipAcross(t *testing.T) {
	t.Parallel()
	const v = 20.0 // m/s
	drive := func(step int, signal vehicle.Signal, value float64) map[vehicle.Signal]telemetry.Aggregate {
		var out []vehicle.Sample
		for i := 0; i <= 500; i += step {
			a := 0.0
			if i%(10*step) == 0 {
				a = value
			}
			out = append(out, sampleAt(morning.Add(time.Duration(i)*time.Second), map[vehicle.Signal]float64{
				vehicle.Speed: v * 3.6, vehicle.TraveledDistance: 1e7 + v*float64(i), signal: a,
			}))
		}
		return dayOf(out)
	}
	wheel := 3.0 / (v * v) * 2.7 * (1 + v*v/(25*25)) * 15 * 180 / math.Pi
	for _, c := range []struct {
		step   int
		signal vehicle.Signal
		value  float64
	}{
		{1, vehicle.LateralAcceleration, -3},
		{10, vehicle.LateralAcceleration, 3},
		{1, vehicle.YawRate, 3 / v * 180 / math.Pi},
		{1, vehicle.SteeringAngle, wheel},
	} {
		got := drive(c.step, c.signal, c.value)
		if a := got[vehicle.DaySlipAcross].Sum; math.Abs(a-9) > 1.0 {
			t.Errorf("%s every %d s: %.2f across, want 9", c.signal, c.step, a)
		}
		if a, ok := got[vehicle.DaySlipAlong]; ok && c.step > 5 || a.Sum > 1e-9 {
			t.Errorf("%s every %d s: %+v along a road of one speed", c.signal, c.step, a)
		}
	}
}

// Stops from 50 km/h in ten seconds are 1.39 m/s² there and back.
func TestSlipAlong(t *testing.T) {
	t.Parallel()
	var out []vehicle.Sample
	metres, want := 1e7, 0.0
	for i := range 600 {
		kmh := math.Abs(float64(i%20)-10) * 5
		metres += kmh / 3.6
		want += kmh / 3600 * 1.389 * 1.389
		out = append(out, sampleAt(morning.Add(time.Duration(i)*time.Second), map[vehicle.Signal]float64{vehicle.Speed: kmh, vehicle.TraveledDistance: metres}))
	}
	if got := dayOf(out)[vehicle.DaySlipAlong].Sum; math.Abs(got-want) > 0.02*want {
		t.Errorf("slip along %.2f, want %.2f", got, want)
	}
	if a, ok := dayOf(out)[vehicle.DaySlipAcross]; ok {
		t.Errorf("slip across %+v of speeds alone, want none", a)
	}
}
