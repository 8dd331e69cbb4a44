package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

func testRollback(t *testing.T, db *store.DB) {
	refusal := errors.New("no")
	err := tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			func() error { return tx.PutOrder(ctx, workorders.Order{ID: "o"}) },
			func() error { return tx.PutReminder(ctx, reminders.Reminder{ID: "r"}) },
			func() error { return tx.Enqueue(ctx, reminders.Message{ID: "m"}) },
			func() error { return tx.Mark(ctx, newVIN(), 1, true, now) },
			func() error { return refusal },
		)
	})
	if !errors.Is(err, refusal) {
		t.Errorf("Write = %v, want the function's own error", err)
	}
	equal(t, "counts", must(db.Counts(t.Context()))(t), planner.Counts{
		Orders: map[workorders.State]int{}, Reminders: map[reminders.State]int{},
	})
}

func testReadOnly(t *testing.T, db *store.DB) {
	ctx := t.Context()
	err := db.Read(ctx, func(tx *store.Tx) error { return tx.PutOrder(ctx, workorders.Order{ID: "o"}) })
	if err == nil {
		t.Error("an order was written in a Read")
	}
	_, err = db.Order(ctx, "o")
	wantFault(t, "Order", err, fault.NotFound)
}

func testCancel(t *testing.T, db *store.DB) {
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *store.Tx) error {
		err := tx.PutOrder(ctx, workorders.Order{ID: "o"})
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want it to say that it was cancelled", err)
	}
	if err := db.Record(ctx, ingest.Batch{Seen: []ingest.Seen{{VIN: newVIN()}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Record = %v, want it to say that it was cancelled", err)
	}
	_, err = db.Order(t.Context(), "o")
	wantFault(t, "Order", err, fault.NotFound)
}

const rivals = 8

// race runs fn several times at once.
func race(t testing.TB, fn func(i int) error) {
	t.Helper()
	var g errgroup.Group
	for i := range rivals {
		g.Go(func() error { return fn(i) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func testConcurrentUpdates(t *testing.T, db *store.DB) {
	put(t, db, workorders.Order{ID: "o"})
	seen := must(db.Order(t.Context(), "o"))(t)
	var won atomic.Int64
	race(t, func(i int) error {
		o := seen
		o.Note = fmt.Sprintf("by %d", i)
		err := tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutOrder(ctx, o) })
		switch {
		case err == nil:
			won.Add(1)
		case !errors.Is(err, fault.Conflict):
			return err
		}
		return nil
	})
	if won.Load() != 1 {
		t.Errorf("%d of %d updates of the same version won, want 1", won.Load(), rivals)
	}
	if v := must(db.Order(t.Context(), "o"))(t).Version; v != 2 {
		t.Errorf("version is %d, want 2", v)
	}
}

// testSerializable lets several writers decide on what they read: each opens an
// order only if the vehicle has none.
func testSerializable(t *testing.T, db *store.DB) {
	vin := newVIN()
	race(t, func(i int) error {
		return tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error {
			orders, err := tx.Orders(ctx, vin)
			if err != nil || len(orders) > 0 {
				return err
			}
			return tx.PutOrder(ctx, workorders.Order{ID: fmt.Sprint(i), VIN: vin})
		})
	})
	orders := read(t, db, func(ctx context.Context, tx *store.Tx) ([]workorders.Order, error) { return tx.Orders(ctx, vin) })
	if len(orders) != 1 {
		t.Errorf("%d writers each saw no order and opened one, want 1", len(orders))
	}
}

// testConcurrentFacts lets several ingesters write about the same vehicles in
// different orders while the planner works on them.
func testConcurrentFacts(t *testing.T, db *store.DB) {
	var fleet []vehicle.VIN
	for range 5 {
		fleet = append(fleet, newVIN())
	}
	ctx := t.Context()
	race(t, func(i int) error {
		if i == 0 {
			return replan(ctx, db, fleet)
		}
		for round := range 10 {
			var b ingest.Batch
			for n := range fleet {
				vin := fleet[(n*i+round)%len(fleet)]
				b.Seen = append(b.Seen, ingest.Seen{VIN: vin, Received: now})
				b.Marks = append(b.Marks, ingest.Mark{VIN: vin, Day: vehicle.Day(i*100 + round), At: now})
			}
			if err := db.Record(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	counts := must(db.Counts(ctx))(t)
	if counts.Vehicles != len(fleet) || counts.Unplanned != len(fleet) {
		t.Errorf("%d vehicles, %d with marks, want %d of both", counts.Vehicles, counts.Unplanned, len(fleet))
	}
}

// replan reads and writes what a round of planning does.
func replan(ctx context.Context, db *store.DB, fleet []vehicle.VIN) error {
	for range 10 {
		for _, vin := range fleet {
			err := db.Write(ctx, func(tx *store.Tx) error {
				if _, err := tx.Vehicle(ctx, vin); err != nil && !errors.Is(err, fault.NotFound) {
					return err
				}
				if err := tx.PutSummary(ctx, planner.Summary{VIN: vin, Planned: now}); err != nil {
					return err
				}
				return tx.Planned(ctx, vin, now.Add(-1), now)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// testConcurrentPlanning lets several planners work on vehicles of their own,
// as api servers and planners on several machines do.
func testConcurrentPlanning(t *testing.T, db *store.DB) {
	race(t, func(i int) error {
		for round := range 10 {
			vin := newVIN()
			err := tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return planOnce(ctx, tx, vin) })
			if err != nil {
				return fmt.Errorf("planner %d, round %d: %w", i, round, err)
			}
		}
		return nil
	})
	counts := must(db.Counts(t.Context()))(t)
	if want := rivals * 10; counts.Orders[workorders.Proposed] != want || counts.UndeliveredMessages != want {
		t.Errorf("%d proposals and %d messages, want %d of both",
			counts.Orders[workorders.Proposed], counts.UndeliveredMessages, want)
	}
}

// planOnce reads and writes all that a round of planning does for one vehicle.
func planOnce(ctx context.Context, tx *store.Tx, vin vehicle.VIN) error {
	if _, err := tx.Vehicle(ctx, vin); !errors.Is(err, fault.NotFound) {
		return err
	}
	orders, err := tx.Orders(ctx, vin)
	if err != nil {
		return err
	}
	due, err := tx.Reminders(ctx, vin)
	if err != nil || len(orders)+len(due) > 0 {
		return err
	}
	return firstError(
		func() error { _, err := tx.Prior(ctx); return err },
		func() error { _, err := tx.Records(ctx, vin); return err },
		func() error { _, err := tx.CodeReports(ctx, vin); return err },
		func() error { return tx.PutVehicle(ctx, vehicle.Vehicle{VIN: vin}) },
		func() error { return tx.ReplaceForecasts(ctx, vin, filled[[]predict.Forecast]()) },
		func() error { return tx.ReplaceFindings(ctx, vin, filled[[]diagnosis.Finding]()) },
		func() error {
			return tx.PutOrder(ctx, workorders.Order{ID: string(vin), VIN: vin, State: workorders.Proposed})
		},
		func() error { return tx.PutReminder(ctx, reminders.Reminder{ID: string(vin), VIN: vin}) },
		func() error { return tx.Enqueue(ctx, reminders.Message{ID: string(vin), VIN: vin}) },
		func() error { return tx.PutSummary(ctx, planner.Summary{VIN: vin, Planned: now}) },
		func() error { return tx.Planned(ctx, vin, now, now) },
	)
}
