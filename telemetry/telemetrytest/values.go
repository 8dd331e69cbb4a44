package telemetrytest

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ugly holds what breaks quoting and encoding.
var ugly = []string{"", "Volkswagen", "比亚迪 🚗", `a "quoted", \back\ =slash`, "two\nlines", "  blanks  "}

func keepsEveryKind(b *bundle) {
	vin := b.vin()
	numbers := []float64{0, 63.2, -40, 0.1 + 0.2, 1e-9, -1e300, 48_213_400, 1 << 53, math.MaxFloat64, math.SmallestNonzeroFloat64}
	var records []telemetry.Record
	for i, v := range numbers {
		records = append(records, record(vin, noon.Add(time.Duration(i)*time.Second), number(signalSpeed, v), boolean(signalDoor, i%3 == 0)))
	}
	for i, v := range ugly {
		records = append(records, record(vin, noon.Add(time.Duration(i)*time.Minute), text(signalText, v)))
	}
	b.write(records...)
	want := modelOf(records...)
	ever := time.Hour
	diff(b.t, "samples", want.samples(vin, noon, noon.Add(ever)), b.samples(b.t, vin, noon, noon.Add(ever)))
	latest, err := b.store.Latest(b.ctx, vin)
	must(b.t, "latest", err)
	diff(b.t, "latest", want.latest(vin), latest)
}

func keepsQuality(b *bundle) {
	vin := b.vin()
	bad := func(q vehicle.Quality, v float64) vehicle.Reading {
		return vehicle.Reading{Signal: signalSpeed, Value: vehicle.Number(v), Quality: q}
	}
	records := []telemetry.Record{
		record(vin, noon, number(signalSpeed, 50)),
		record(vin, noon.Add(time.Second), bad(vehicle.QualityAbnormal, 254)),
		record(vin, noon.Add(2*time.Second), bad(vehicle.QualityInvalid, 255)),
		record(vin, noon.Add(3*time.Second), bad(vehicle.QualityOutOfRange, 700), number(signalVolts, 14.1)),
	}
	b.write(records...)
	b.equal(b.t, modelOf(records...), vin)
}

func keepsTimeSource(b *bundle) {
	vin := b.vin()
	sources := []vehicle.TimeSource{vehicle.TimeFromDevice, vehicle.TimeFromAge, vehicle.TimeFromReceiver}
	for i, s := range sources {
		r := record(vin, noon.Add(time.Duration(i)*time.Second), number(signalSpeed, 1))
		r.Sample.TimeSource = s
		b.write(r)
	}
	var got []vehicle.TimeSource
	err := b.store.Samples(b.ctx, vin, noon, noon.Add(time.Hour), func(s vehicle.Sample) error {
		got = append(got, s.TimeSource)
		return nil
	})
	must(b.t, "samples", err)
	diff(b.t, "time sources", sources, got)
}

// The newest values say whose clock their times are from, also when they are old,
// and when a sample came in parts.
func keepsTimeSourceOfLatest(b *bundle) {
	vin := b.vin()
	from := func(source vehicle.TimeSource, at time.Time, readings ...vehicle.Reading) telemetry.Record {
		r := record(vin, at, readings...)
		r.Sample.TimeSource = source
		return r
	}
	old, now := noon, noon.Add(50*time.Hour)
	records := []telemetry.Record{
		from(vehicle.TimeFromReceiver, old, text(signalText, "VW"), number(signalSpeed, 1)),
		from(vehicle.TimeFromAge, now.Add(-time.Second), boolean(signalDoor, true)),
		from(vehicle.TimeFromReceiver, now, number(signalVolts, 12)),
		from(vehicle.TimeFromDevice, now.Add(time.Second), number(signalSpeed, 2)),
		from(vehicle.TimeFromDevice, now.Add(2*time.Second), number(signalExact, 2)),
		from(vehicle.TimeFromDevice, now.Add(2*time.Second), boolean("Vehicle.IsMoving", true)),
	}
	want := []telemetry.Latest{
		{Signal: signalDoor, Time: now.Add(-time.Second), TimeSource: vehicle.TimeFromAge, Value: vehicle.Bool(true)},
		{Signal: signalExact, Time: now.Add(2 * time.Second), Value: vehicle.Number(2)},
		{Signal: "Vehicle.IsMoving", Time: now.Add(2 * time.Second), Value: vehicle.Bool(true)},
		{Signal: signalVolts, Time: now, TimeSource: vehicle.TimeFromReceiver, Value: vehicle.Number(12)},
		{Signal: signalSpeed, Time: now.Add(time.Second), Value: vehicle.Number(2)},
		{Signal: signalText, Time: old, TimeSource: vehicle.TimeFromReceiver, Value: vehicle.Text("VW")},
	}
	slices.SortFunc(want, func(x, y telemetry.Latest) int { return cmp.Compare(x.Signal, y.Signal) })
	for _, r := range records {
		b.write(r)
	}
	latest, err := b.store.Latest(b.ctx, vin)
	must(b.t, "latest", err)
	diff(b.t, "latest", want, latest)

	b.write(from(vehicle.TimeFromReceiver, now.Add(-time.Hour), number(signalSpeed, 9)), records[0]) // late
	latest, err = b.store.Latest(b.ctx, vin)
	must(b.t, "latest", err)
	diff(b.t, "latest after late data", want, latest)
}

func keepsMixedKinds(b *bundle) {
	vin := b.vin()
	at := func(i int) time.Time { return noon.Add(time.Duration(i) * time.Second) }
	records := []telemetry.Record{
		record(vin, at(0), number(signalMixed, 12.5), number(signalSpeed, 1)),
		record(vin, at(1), text(signalMixed, "12.5")),
		record(vin, at(2), boolean(signalMixed, true)),
		record(vin, at(3), number(signalMixed, 1)),
		record(vin, at(0), text(signalMixed, "replaced")),
		record(vin, at(3), boolean(signalMixed, false)),
	}
	b.write(records...)
	b.equal(b.t, modelOf(records...), vin)
}

func truncatesToMilliseconds(b *bundle) {
	vin := b.vin()
	b.write(
		record(vin, noon.Add(1999*time.Microsecond), number(signalSpeed, 1)),
		record(vin, noon.Add(1001*time.Microsecond), number(signalVolts, 2)),
		record(vin, noon.Add(2*time.Millisecond).In(time.FixedZone("", 3600)), number(signalSpeed, 3)),
	)
	want := modelOf(
		record(vin, noon.Add(time.Millisecond), number(signalSpeed, 1), number(signalVolts, 2)),
		record(vin, noon.Add(2*time.Millisecond), number(signalSpeed, 3)),
	)
	b.equal(b.t, want, vin)
}

func rewritingChangesNothing(b *bundle) {
	vin := b.vin()
	var records []telemetry.Record
	for i := range 50 {
		records = append(records, record(vin, noon.Add(time.Duration(i)*time.Second),
			number(signalSpeed, float64(i)), boolean(signalDoor, i%2 == 0), text(signalText, "VW")))
	}
	want := modelOf(records...)
	for range 3 {
		b.write(records...)
		b.equal(b.t, want, vin)
	}
	b.write(append(records[20:40:40], records[20:40]...)...)
	b.equal(b.t, want, vin)
}

func mergesPartialSamples(b *bundle) {
	vin := b.vin()
	records := []telemetry.Record{
		record(vin, noon, number(signalSpeed, 50)),
		record(vin, noon, number(signalVolts, 14.1)),
	}
	b.write(records...) // within one batch
	late := record(vin, noon, boolean(signalDoor, true), text(signalText, "VW"))
	b.write(late) // and across batches
	b.equal(b.t, modelOf(append(records, late)...), vin)
}

func replacesValues(b *bundle) {
	vin := b.vin()
	records := []telemetry.Record{
		record(vin, noon, number(signalSpeed, 50), text(signalText, "VW"), boolean(signalDoor, true)),
		record(vin, noon.Add(time.Second), number(signalSpeed, 51)),
		record(vin, noon, number(signalSpeed, 49), text(signalText, "Audi"), boolean(signalDoor, false)),
		record(vin, noon.Add(time.Second), number(signalSpeed, 10)),
	}
	b.write(records[:2]...)
	b.write(records[2])
	b.write(records[3])
	b.equal(b.t, modelOf(records...), vin)
}

// The value that Latest showed is replaced by one that does not count: the one
// before it comes back.
func replacesLatestWithBadQuality(b *bundle) {
	vin := b.vin()
	bad := vehicle.Reading{Signal: signalSpeed, Value: vehicle.Number(255), Quality: vehicle.QualityInvalid}
	records := []telemetry.Record{
		record(vin, noon.Add(-48*time.Hour), number(signalSpeed, 40), number(signalVolts, 12)),
		record(vin, noon, number(signalSpeed, 50)),
		record(vin, noon, bad),
	}
	for i := range records {
		b.write(records[i])
		b.equal(b.t, modelOf(records[:i+1]...), vin)
	}
}

func keepsVehiclesApart(b *bundle) {
	first, second := b.vin(), b.vin()
	records := []telemetry.Record{
		record(first, noon, number(signalSpeed, 50)),
		record(second, noon, number(signalSpeed, 90), number(signalVolts, 12)),
		record(first, noon.Add(time.Hour), number(signalVolts, 14)),
	}
	b.write(records...)
	want := modelOf(records...)
	b.equal(b.t, want, first)
	b.equal(b.t, want, second)
}
