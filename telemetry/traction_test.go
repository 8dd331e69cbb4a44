package telemetry_test

import (
	"math"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// electric is an hour at 60 km/h with 12 kW out of a battery of 60 kWh, told in so many
// samples by what the car has.
func electric(step time.Duration, tell func(share float64) map[vehicle.Signal]float64) []vehicle.Sample {
	var out []vehicle.Sample
	for after := time.Duration(0); after <= time.Hour; after += step {
		values := tell(after.Hours())
		values[vehicle.TraveledDistance] = 1e7 + 60_000*after.Hours()
		values[vehicle.Speed] = 60
		out = append(out, sampleAt(morning.Add(after), values))
	}
	return out
}

// The energy out of the battery is the same by counters, by current and voltage, by
// power, and by the charge.
func TestDischarge(t *testing.T) {
	t.Parallel()
	type values = map[vehicle.Signal]float64
	for what, tell := range map[string]func(share float64) values{
		"energy counter": func(h float64) values { return values{vehicle.TractionConsumed: 1000 + 12*h} },
		"charge counter": func(h float64) values {
			return values{vehicle.TractionConsumedAh: 5000 + 30*h, vehicle.TractionVoltage: 400}
		},
		"current and voltage": func(float64) values { return values{vehicle.TractionCurrent: -30, vehicle.TractionVoltage: 400} },
		"power":               func(float64) values { return values{vehicle.TractionPower: -12_000} },
		"charge":              func(h float64) values { return values{vehicle.TractionSoC: 80 - 20*h} },
		"charge of 30 kWh":    func(h float64) values { return values{vehicle.TractionSoC: 80 - 40*h, vehicle.TractionCapacity: 30} },
	} {
		for _, step := range []time.Duration{time.Second, 5 * time.Minute, 20 * time.Minute} {
			if got := dayOf(electric(step, tell))[vehicle.DayDischarge].Sum; math.Abs(got-12) > 0.3 {
				t.Errorf("by %s every %s: %.2f kWh, want 12", what, step, got)
			}
		}
	}
}

// charging is a rise from 30 % in samples of steps of one percent, of a car that stands.
func charging(to float64, length, step time.Duration, tell map[vehicle.Signal]float64) []vehicle.Sample {
	var out []vehicle.Sample
	for after := time.Duration(0); after <= length; after += step {
		values := map[vehicle.Signal]float64{vehicle.Speed: 0, vehicle.TraveledDistance: 1e7, vehicle.TractionSoC: math.Floor(30 + (to-30)*after.Hours()/length.Hours())}
		for s, v := range tell {
			values[s] = v
		}
		out = append(out, sampleAt(morning.Add(after), values))
	}
	return out
}

// What is charged in half an hour was charged fast, what takes four was not, and one
// step of the gauge says nothing.
func TestFastCharge(t *testing.T) {
	t.Parallel()
	type values = map[vehicle.Signal]float64
	for _, c := range []struct {
		what         string
		to           float64
		length, step time.Duration
		tell         values
		want         float64
	}{
		{"fast", 80, 30 * time.Minute, 10 * time.Second, nil, 30},
		{"fast, seldom told", 80, 30 * time.Minute, 30 * time.Minute, nil, 30},
		{"fast, into 90 kWh", 80, 30 * time.Minute, time.Minute, values{vehicle.TractionCapacity: 90}, 45},
		{"at home", 80, 4 * time.Hour, 10 * time.Second, nil, 0},
		{"by its power, in a long gap", 80, 4 * time.Hour, 4 * time.Hour, values{vehicle.TractionPower: 90_000}, 30},
		{"one step", 31, time.Minute, 10 * time.Second, nil, 0},
	} {
		if got := dayOf(charging(c.to, c.length, c.step, c.tell))[vehicle.DayFastCharge].Sum; math.Abs(got-c.want) > 0.7 {
			t.Errorf("%s: %.2f kWh fast, want %g", c.what, got, c.want)
		}
	}
}

// From midnight to midnight a car stands hot and full, but for the hour it drives and what
// it stands half empty after it.
func TestHotParking(t *testing.T) {
	t.Parallel()
	at := func(hour, kmh, metres, percent, c float64) vehicle.Sample {
		return sampleAt(vehicle.DayOf(morning).Start().Add(time.Duration(hour*float64(time.Hour))), map[vehicle.Signal]float64{
			vehicle.Speed: kmh, vehicle.TraveledDistance: 1e7 + metres, vehicle.TractionSoC: percent, vehicle.TractionTemperature: c,
		})
	}
	day := []vehicle.Sample{at(8, 0, 0, 95, 33), at(8.2, 60, 10_000, 90, 34), at(9, 0, 50_000, 70, 35), at(12, 0, 50_000, 70, 35), at(13, 0, 50_000, 90, 36), at(20, 0, 50_000, 90, 32)}
	if got := dayOf(day)[vehicle.DayHotParking].Sum; math.Abs(got-(8+1+7+4)) > 0.01 {
		t.Errorf("%.2f h hot and full, want 20", got)
	}
	cool := []vehicle.Sample{at(8, 0, 0, 95, 21), at(20, 0, 0, 95, 22)}
	if a, ok := dayOf(cool)[vehicle.DayHotParking]; ok {
		t.Errorf("%+v of a cool battery, want none", a)
	}
}
