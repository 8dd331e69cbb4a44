package telemetrytest

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// workday is a day of a hybrid that tells all that wears it: an hour on the road, a fast
// charge, and the night.
func workday(vin vehicle.VIN) []telemetry.Record {
	var out []telemetry.Record
	tell := func(after time.Duration, metres, charge float64, more ...vehicle.Reading) {
		out = append(out, record(vin, noon.Add(after), append(more,
			number(vehicle.TraveledDistance, 1e7+metres), number(vehicle.TractionSoC, charge), number(vehicle.TractionTemperature, 34))...))
	}
	for i := range 900 {
		s := float64(i)
		speed := 50 + 20*math.Sin(s/30)
		tell(4*time.Second*time.Duration(i), 55*s, 90-s/15, number(vehicle.Speed, speed), number(vehicle.EngineSpeed, 30*speed),
			number(vehicle.CoolantTemperature, min(10+s/5, 60)), number(vehicle.LateralAcceleration, math.Sin(s/7)),
			number(vehicle.TractionVoltage, 350), number(vehicle.TractionCurrent, -40))
	}
	tell(2*time.Hour, 49_500, 30, number(vehicle.Speed, 0))
	tell(150*time.Minute, 49_500, 95, number(vehicle.Speed, 0))
	return out
}

// totalsOf are what samples add up to.
func totalsOf(vin vehicle.VIN, samples []vehicle.Sample) map[vehicle.Signal]telemetry.Aggregate {
	var w telemetry.WearWork
	for _, s := range samples {
		w.Add(s)
	}
	r := telemetry.DayRollup{VIN: vin, Day: vehicle.DayOf(noon), Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	w.Put(&r)
	return r.Rounded().Signals
}

// What wears a vehicle is the same whatever came when, in one sample or in parts.
func totalsOfLateData(b *bundle) {
	whole := b.vin()
	b.write(workday(whole)...)
	want := totalsOf(whole, b.samples(b.t, whole, noon.Add(-12*time.Hour), noon.Add(12*time.Hour)))
	for _, s := range []vehicle.Signal{
		vehicle.DayRevolutions, vehicle.DayOilStress, vehicle.DayBraking, vehicle.DayShortTrips, vehicle.DaySlipAlong,
		vehicle.DaySlipAcross, vehicle.DayDischarge, vehicle.DayFastCharge, vehicle.DayHotParking,
	} {
		if !(want[s].Sum > 0) {
			b.t.Errorf("%s: %+v of a day that tells it", s, want[s])
		}
	}
	late := b.vin()
	var parts []telemetry.Record
	for i, r := range workday(late) {
		n := i % len(r.Sample.Readings)
		if n == 0 {
			parts = append(parts, r)
			continue
		}
		parts = append(parts, record(late, r.Sample.Time, r.Sample.Readings[:n]...), record(late, r.Sample.Time, r.Sample.Readings[n:]...))
	}
	slices.Reverse(parts)
	for batch := range slices.Chunk(parts, 200) {
		b.write(batch...)
	}
	diff(b.t, "totals of late parts", want, totalsOf(late, b.samples(b.t, late, noon.Add(-12*time.Hour), noon.Add(12*time.Hour))))
}
