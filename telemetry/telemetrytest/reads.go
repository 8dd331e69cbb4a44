package telemetrytest

import (
	"errors"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// trip is n samples, one every step, of one vehicle.
func trip(vin vehicle.VIN, start time.Time, n int, step time.Duration) []telemetry.Record {
	var out []telemetry.Record
	for i := range n {
		out = append(out, record(vin, start.Add(time.Duration(i)*step),
			number(signalSpeed, float64(i%90)+0.5), number(signalExact, 52.1+float64(i)/7)))
	}
	return out
}

func samplesRange(b *bundle) {
	vin := b.vin()
	records := trip(vin, noon.Add(-24*time.Hour), 200, 30*time.Minute)
	b.write(records...)
	want := modelOf(records...)
	for _, r := range []struct {
		name     string
		from, to time.Time
	}{
		{"from is in, to is out", noon, noon.Add(time.Hour)},
		{"inside a step", noon.Add(time.Minute), noon.Add(29 * time.Minute)},
		{"over midnight", noon.Add(10 * time.Hour), noon.Add(16 * time.Hour)},
		{"below a millisecond", noon.Add(time.Microsecond), noon.Add(30*time.Minute + time.Microsecond)},
		{"before the data", noon.AddDate(-2, 0, 0), noon.AddDate(-1, 0, 0)},
		{"empty", noon, noon},
		{"backwards", noon.Add(time.Hour), noon},
	} {
		diff(b.t, r.name, want.samples(vin, r.from, r.to), b.samples(b.t, vin, r.from, r.to))
	}
}

func samplesStopsAtError(b *bundle) {
	vin := b.vin()
	b.write(trip(vin, noon, 10, time.Second)...)
	stop := errors.New("enough")
	calls := 0
	err := b.store.Samples(b.ctx, vin, noon, noon.Add(time.Hour), func(vehicle.Sample) error {
		calls++
		if calls == 3 {
			return stop
		}
		return nil
	})
	errIs(b.t, "samples", err, stop)
	diff(b.t, "calls", 3, calls)
	b.write(trip(vin, noon, 1, time.Second)...) // nothing is left locked
}

func lateDataKeepsLatest(b *bundle) {
	vin := b.vin()
	records := []telemetry.Record{
		record(vin, noon, number(signalSpeed, 50), text(signalText, "new")),
		record(vin, noon.AddDate(0, 0, -30), number(signalSpeed, 10), text(signalText, "old"), number(signalVolts, 12)),
		record(vin, noon.Add(-time.Millisecond), number(signalSpeed, 20)),
	}
	for i := range records {
		b.write(records[i])
		latest, err := b.store.Latest(b.ctx, vin)
		must(b.t, "latest", err)
		diff(b.t, "latest", modelOf(records[:i+1]...).latest(vin), latest)
	}
}

func seriesRaw(b *bundle) {
	vin := b.vin()
	records := append(trip(vin, noon, 20, time.Minute), record(vin, noon.Add(90*time.Second), number(signalVolts, 12)))
	b.write(records...)
	want := modelOf(records...)
	q := telemetry.Query{VIN: vin, Signal: signalSpeed, From: noon.Add(2 * time.Minute), To: noon.Add(7 * time.Minute)}
	b.equalSeries(b.t, want, q)
	q.Signal = "Vehicle.Never.Seen"
	b.equalSeries(b.t, want, q)
}

func seriesWindows(b *bundle) {
	vin := b.vin()
	records := append(trip(vin, noon, 100, 7*time.Minute), trip(vin, noon.AddDate(0, 0, 40), 100, 13*time.Second)...)
	b.write(records...)
	want := modelOf(records...)
	for _, q := range []telemetry.Query{
		{Signal: signalSpeed, From: noon, To: noon.AddDate(0, 0, 90), Every: time.Hour},
		{Signal: signalSpeed, From: noon, To: noon.AddDate(0, 0, 90), Every: 24 * time.Hour},
		{Signal: signalExact, From: noon, To: noon.AddDate(0, 0, 90), Every: 7 * 24 * time.Hour},
		{Signal: signalSpeed, From: noon.Add(10 * time.Minute), To: noon.Add(100 * time.Minute), Every: time.Hour},
		{Signal: signalSpeed, From: noon, To: noon.Add(time.Hour), Every: 17 * time.Minute},
		{Signal: signalSpeed, From: noon.Add(time.Hour), To: noon, Every: time.Minute},
	} {
		q.VIN = vin
		b.equalSeries(b.t, want, q)
	}
}

func seriesOfBooleans(b *bundle) {
	vin := b.vin()
	var records []telemetry.Record
	for i := range 30 {
		records = append(records, record(vin, noon.Add(time.Duration(i)*time.Minute), boolean(signalDoor, i%3 == 0), text(signalText, "VW")))
	}
	b.write(records...)
	want := modelOf(records...)
	for _, every := range []time.Duration{0, 10 * time.Minute} {
		b.equalSeries(b.t, want, telemetry.Query{VIN: vin, Signal: signalDoor, From: noon, To: noon.Add(time.Hour), Every: every})
	}
	points, err := b.store.Series(b.ctx, telemetry.Query{VIN: vin, Signal: signalText, From: noon, To: noon.Add(time.Hour)})
	must(b.t, "series of texts", err)
	diff(b.t, "series of texts", []telemetry.Point(nil), points)
}

func daysAtMidnight(b *bundle) {
	vin := b.vin()
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	records := []telemetry.Record{
		record(vin, midnight.Add(-time.Millisecond), number(signalSpeed, 1)),
		record(vin, midnight, number(signalSpeed, 2), boolean(signalDoor, true)),
		record(vin, midnight.Add(24*time.Hour-time.Millisecond), number(signalSpeed, 3), boolean(signalDoor, false)),
		record(vin, midnight.AddDate(0, 0, 7), text(signalText, "only text")),
	}
	b.write(records...)
	want := modelOf(records...)
	b.equal(b.t, want, vin)
	b.equalDay(b.t, want, vin, vehicle.DayOf(midnight)+3) // no data
}

func unknownVehicleIsEmpty(b *bundle) {
	b.write(trip(b.vin(), noon, 3, time.Second)...)
	vin := b.vin()
	b.equal(b.t, model{}, vin)
	b.equalDay(b.t, model{}, vin, vehicle.DayOf(noon))
	if b.caps.NoErase == "" {
		must(b.t, "erase", b.store.Erase(b.ctx, vin))
	}
}

func ping(b *bundle) {
	must(b.t, "ping", b.store.Ping(b.ctx))
	vin := b.vin()
	b.write(trip(vin, noon, 1, time.Second)...)
	must(b.t, "ping", b.store.Ping(b.ctx))
	days, err := b.store.Days(b.ctx, vin)
	must(b.t, "days", err)
	diff(b.t, "days", []vehicle.Day{vehicle.DayOf(noon)}, days)
}

// dailyOfAFleet wants of every vehicle what Series says with windows of a day, in
// the order that was asked for.
func dailyOfAFleet(b *bundle) {
	start := noon.AddDate(0, 0, -40)
	want := model{}
	var vins []vehicle.VIN
	for i := range 4 {
		vin := b.vin()
		vins = append([]vehicle.VIN{vin}, vins...)
		records := trip(vin, start.Add(time.Duration(i)*time.Hour), 60, time.Duration(9+i)*time.Hour)
		if i == 1 { // nothing of the signal
			records = []telemetry.Record{record(vin, noon, number(signalVolts, 12))}
		}
		records = append(records, record(vin, noon, boolean(signalDoor, true)))
		b.write(records...)
		want.write(records...)
	}
	vins = append(vins, b.vin()) // unknown
	for _, q := range []telemetry.DailyQuery{
		{VINs: vins, Signal: signalSpeed, From: vehicle.DayOf(start) - 5, To: vehicle.DayOf(noon) + 5},
		{VINs: vins, Signal: signalSpeed, From: vehicle.DayOf(start) + 3, To: vehicle.DayOf(start) + 9},
		{VINs: vins[:2], Signal: signalDoor, From: 0, To: vehicle.DayOf(noon) + 1},
		{VINs: vins, Signal: signalText, From: vehicle.DayOf(start), To: vehicle.DayOf(noon) + 1},
		{VINs: vins, Signal: signalSpeed, From: 10, To: 10},
	} {
		b.equalDaily(want, q)
	}
	stop := errors.New("enough")
	calls := 0
	q := telemetry.DailyQuery{VINs: vins, Signal: signalSpeed, From: vehicle.DayOf(start), To: vehicle.DayOf(noon)}
	errIs(b.t, "daily", b.store.Daily(b.ctx, q, func(vehicle.VIN, []telemetry.Point) error { calls++; return stop }), stop)
	diff(b.t, "calls", 1, calls)
}

func (b *bundle) equalDaily(m model, q telemetry.DailyQuery) {
	b.t.Helper()
	type ofVehicle struct {
		VIN    vehicle.VIN
		Points []telemetry.Point
	}
	var got, want []ofVehicle
	must(b.t, "daily", b.store.Daily(b.ctx, q, func(vin vehicle.VIN, points []telemetry.Point) error {
		got = append(got, ofVehicle{vin, points})
		return nil
	}))
	for _, vin := range q.VINs {
		points := m.series(telemetry.Query{VIN: vin, Signal: q.Signal, From: q.From.Start(), To: q.To.Start(), Every: 24 * time.Hour})
		if len(points) > 0 {
			want = append(want, ofVehicle{vin, points})
		}
	}
	diff(b.t, "daily", want, got)
}
