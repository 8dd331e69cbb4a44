package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
)

// What stands apart comes behind everything that was taken in before it, stored in
// both stores, and before everything after it.
func TestApartKeepsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		waited := false
		b := runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error {
			if !waited { // while the first batch is written, the rest gathers
				waited = true
				<-goOn
			}
			return nil
		}}, &fakeFacts{}, nil)
		b.send(speedAt(carA, noon, 1))
		synctest.Wait()
		b.send(speedAt(carA, noon.Add(time.Second), 2))
		synctest.Wait()
		ended := make(chan error, 1)
		var values, seen, settled int
		go func() {
			ended <- b.Apart(t.Context(), carA, func(context.Context) error {
				values, seen, settled = len(b.telemetry.values), len(b.facts.state.LastEvent), b.facts.settled
				return errors.New("its own error")
			})
		}()
		synctest.Wait()
		b.send(speedAt(carA, noon.Add(2*time.Second), 3))
		synctest.Wait()
		close(goOn)
		if err := <-ended; err == nil || err.Error() != "its own error" {
			t.Errorf("Apart returned %v", err)
		}
		if values != 2 || seen != 1 || settled != 1 {
			t.Errorf("%d values and %d vehicles were stored at its turn, want 2 and 1; facts were settled %d times", values, seen, settled)
		}
		b.finish()
		b.wantDone("0", "1", "2")
		if len(b.telemetry.values) != 3 {
			t.Errorf("%d values are stored, want 3", len(b.telemetry.values))
		}
		if err := b.Apart(t.Context(), carA, func(context.Context) error { return nil }); !errors.Is(err, ingest.ErrStopping) {
			t.Errorf("after the end: %v, want that ingest is stopping", err)
		}
	})
}

// Whoever stops waiting does not stop it.
func TestApartIsDoneThoughNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := false
		err := b.Apart(ctx, carA, func(inner context.Context) error {
			cancel()
			time.Sleep(time.Second) // of the bubble: whoever waited has gone
			done = inner.Err() == nil
			return nil
		})
		b.finish()
		if !done || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("done %t, %v", done, err)
		}
	})
}

// What the pipeline remembers of a vehicle goes: its next message marks its day again,
// and a set of codes that it repeats counts again.
func TestApartForgetsTheVehicle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		marks := func() string { return fmt.Sprint(len(b.facts.marks())) }
		b.send(speedAt(carA, noon, 1), speedAt(carB, noon, 1))
		synctest.Wait()
		b.send(speedAt(carA, noon, 2), speedAt(carB, noon, 2))
		synctest.Wait()
		if got := marks(); got != "2" {
			t.Fatalf("%s marks, want one a vehicle", got)
		}
		if err := b.Apart(t.Context(), carA, func(context.Context) error { return nil }); err != nil {
			t.Fatal(err)
		}
		b.send(speedAt(carA, noon, 3), speedAt(carB, noon, 3))
		b.finish()
		if got := marks(); got != "3" {
			t.Errorf("%s marks, want one more of the vehicle that was forgotten", got)
		}
	})
}
