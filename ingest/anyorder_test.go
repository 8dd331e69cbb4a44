package ingest_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Whatever order messages come in, however often, in whatever batches, and
// however often the stores fail: the same is stored, and every message is
// answered once.
func TestAnyOrderStoresTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		messages := rapid.SliceOfN(rapid.Custom(anyMessage), 1, 30).Draw(rt, "messages")
		disturbed := rapid.Permutation(append(messages, rapid.SliceOfN(rapid.SampledFrom(messages), 0, 10).Draw(rt, "repeated")...)).Draw(rt, "disturbed")
		failures := rapid.SliceOfN(rapid.Bool(), 0, 20).Draw(rt, "failures")
		batch := rapid.IntRange(1, 10).Draw(rt, "batch")

		var want, got *bench
		synctest.Test(t, func(t *testing.T) {
			want = runPipeline(t, nil)
			want.send(messages...)
			want.finish()
		})
		synctest.Test(t, func(t *testing.T) {
			fail := func() error {
				if len(failures) == 0 {
					return nil
				}
				now := failures[0]
				failures = failures[1:]
				if now {
					return errors.New("not now")
				}
				return nil
			}
			got = runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error { return fail() }},
				&fakeFacts{before: func(ingest.Batch) error { return fail() }},
				func(o *ingest.Options) { o.MaxBatchMessages, o.MaxUnackedMessages = batch, 2*batch })
			got.send(disturbed...)
			time.Sleep(time.Hour)
			got.finish()
		})
		if diff := cmp.Diff(want.telemetry.values, got.telemetry.values); diff != "" {
			rt.Errorf("samples (-in order +disturbed):\n%s", diff)
		}
		if diff := cmp.Diff(want.facts.state, got.facts.state); diff != "" {
			rt.Errorf("facts (-in order +disturbed):\n%s", diff)
		}
		for i := range disturbed {
			if errs := got.answers.errs[fmt.Sprint(i)]; len(errs) != 1 || errs[0] != nil {
				rt.Errorf("message %d was answered with %v, want one nil", i, errs)
			}
		}
	})
}

// anyMessage draws a message of one of two cars. What it says follows from car,
// kind and time, as it does for messages of a real car.
func anyMessage(t *rapid.T) ingest.Message {
	vin := rapid.SampledFrom([]vehicle.VIN{carA, carB}).Draw(t, "vin")
	minutes := rapid.IntRange(0, 60*24*30).Draw(t, "minutes ago")
	at := noon.Add(-time.Duration(minutes) * time.Minute)
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return codesAt(vin, at, "P0171", []string{"pending", "confirmed"}[minutes%2])
	case 1:
		return telemetryMessage(vin, fmt.Sprintf(`{"samples":[{"time":"broken"},%d]}`, minutes))
	case 2:
		return telemetryMessage(vin, fmt.Sprintf(`{"boot":"b%d","seq":%d,"sent":%q,"samples":[{"time":%q,"signals":{"Vehicle.Speed":%d}}]}`,
			minutes%2, minutes, noon.Add(time.Duration(minutes%7-3)*time.Minute).Format(time.RFC3339), at.Format(time.RFC3339), minutes%200))
	default:
		return speedAt(vin, at, minutes%200)
	}
}
