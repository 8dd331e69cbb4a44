package telemetrytest

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func refusesInvalidRecords(b *bundle) {
	vin := b.vin()
	good := trip(vin, noon, 2, time.Second)
	bad := []telemetry.Record{
		record("", noon, number(signalSpeed, 1)),
		record(vin, time.Time{}, number(signalSpeed, 1)),
		record(vin, noon.AddDate(1000, 0, 0), number(signalSpeed, 1)),
		record(vin, noon.Add(time.Minute), number(signalVolts, 12), number(signalSpeed, math.NaN())),
		record(vin, noon.Add(time.Minute), number(signalSpeed, math.Inf(1))),
		record(vin, noon.Add(time.Minute), number("", 1)),
		record(vin, noon.Add(time.Minute), number("two\nlines", 1)),
		record(vin, noon.Add(time.Minute), text(signalText, strings.Repeat("x", telemetry.MaxTextLength+1))),
	}
	var batch []telemetry.Record
	var want []int
	batch = append(batch, good[0])
	for _, r := range bad {
		want = append(want, len(batch))
		batch = append(batch, r)
	}
	batch = append(batch, good[1])

	b.equalRejected(want, b.store.Write(b.ctx, batch))
	b.equal(b.t, modelOf(good...), vin)

	b.equalRejected([]int{0}, b.store.Write(b.ctx, bad[:1])) // nothing but refused records
	must(b.t, "write nothing", b.store.Write(b.ctx, nil))
	must(b.t, "write no readings", b.store.Write(b.ctx, []telemetry.Record{record(vin, noon.Add(time.Hour))}))
	b.equal(b.t, modelOf(good...), vin)
}

func (b *bundle) equalRejected(want []int, err error) {
	b.t.Helper()
	var partial *telemetry.PartialError
	if !errors.As(err, &partial) {
		b.t.Fatalf("error %v, want a PartialError", err)
	}
	var got []int
	for _, r := range partial.Rejected {
		got = append(got, r.Index)
		if r.Reason == "" {
			b.t.Errorf("record %d is refused without a reason", r.Index)
		}
	}
	diff(b.t, "refused records", want, got)
}

func eraseLeavesNothing(b *bundle) {
	vin, other := b.vin(), b.vin()
	records := append(trip(vin, noon, 50, time.Hour), record(vin, noon, text(signalText, "VW")))
	kept := trip(other, noon, 50, time.Hour)
	b.write(records...)
	b.write(kept...)

	must(b.t, "erase", b.store.Erase(b.ctx, vin))
	b.equal(b.t, model{}, vin)
	b.equal(b.t, modelOf(kept...), other)

	must(b.t, "erase again", b.store.Erase(b.ctx, vin))
	b.write(records[0]) // the vehicle may come back, and starts from nothing
	b.equal(b.t, modelOf(records[0]), vin)
}

func cancelledContext(b *bundle) {
	vin := b.vin()
	records := trip(vin, noon, 10, time.Second)
	b.write(records[:5]...)
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()

	errIs(b.t, "write", b.store.Write(ctx, records), context.Canceled)
	_, err := b.store.Latest(ctx, vin)
	errIs(b.t, "latest", err, context.Canceled)
	_, err = b.store.Series(ctx, telemetry.Query{VIN: vin, Signal: signalSpeed, From: noon, To: noon.Add(time.Hour)})
	errIs(b.t, "series", err, context.Canceled)
	q := telemetry.DailyQuery{VINs: []vehicle.VIN{vin}, Signal: signalSpeed, From: vehicle.DayOf(noon), To: vehicle.DayOf(noon) + 1}
	err = b.store.Daily(ctx, q, func(vehicle.VIN, []telemetry.Point) error { return nil })
	errIs(b.t, "daily", err, context.Canceled)
	_, err = b.store.Day(ctx, vin, vehicle.DayOf(noon))
	errIs(b.t, "day", err, context.Canceled)
	err = b.store.Samples(ctx, vin, noon, noon.Add(time.Hour), func(vehicle.Sample) error { return nil })
	errIs(b.t, "samples", err, context.Canceled)

	b.write(records...) // nothing is certain after an error, and writing again is safe
	b.equal(b.t, modelOf(records...), vin)
}

// Several writers, of which two share a vehicle, and readers who must never see
// Latest go backwards or samples out of order.
func concurrency(b *bundle) {
	const batches, perBatch = 15, 8
	shared := b.vin()
	vins := []vehicle.VIN{shared, shared, b.vin(), b.vin()}
	parts := make([][]telemetry.Record, len(vins))
	want := model{}
	for w, vin := range vins {
		// The two writers of one vehicle write every other second.
		parts[w] = trip(vin, noon.Add(time.Duration(w)*time.Second), batches*perBatch, 2*time.Second)
		want.write(parts[w]...)
	}

	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range vins {
		writers.Go(func() {
			for i := range batches {
				part := parts[w][i*perBatch : (i+1)*perBatch]
				if err := b.store.Write(b.ctx, part); err != nil {
					b.t.Errorf("writer %d: %v", w, err)
					return
				}
				b.seesOwnWrite(part[perBatch-1])
			}
		})
	}
	for _, vin := range []vehicle.VIN{shared, vins[2]} {
		readers.Go(func() { b.watch(vin, done) })
	}
	writers.Wait()
	close(done)
	readers.Wait()
	for _, vin := range vins[1:] {
		b.equal(b.t, want, vin)
	}
}

func (b *bundle) seesOwnWrite(r telemetry.Record) {
	latest, err := b.store.Latest(b.ctx, r.VIN)
	if err != nil || len(latest) == 0 || latest[0].Time.Before(r.Sample.Time) {
		b.t.Errorf("latest after a write up to %s: %v, %v", r.Sample.Time, latest, err)
	}
}

func (b *bundle) watch(vin vehicle.VIN, done <-chan struct{}) {
	var newest time.Time
	for {
		select {
		case <-done:
			return
		default:
		}
		latest, err := b.store.Latest(b.ctx, vin)
		if err != nil {
			b.t.Errorf("latest: %v", err)
			return
		}
		for _, l := range latest {
			if l.Signal == signalSpeed && l.Time.Before(newest) {
				b.t.Errorf("latest went back from %s to %s", newest, l.Time)
			} else if l.Signal == signalSpeed {
				newest = l.Time
			}
		}
		last := time.Time{}
		err = b.store.Samples(b.ctx, vin, noon, noon.Add(time.Hour), func(s vehicle.Sample) error {
			if !s.Time.After(last) {
				b.t.Errorf("sample at %s after %s", s.Time, last)
			}
			last = s.Time
			return nil
		})
		if err != nil {
			b.t.Errorf("samples: %v", err)
			return
		}
	}
}
