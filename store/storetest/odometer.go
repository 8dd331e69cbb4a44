package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func testOdometerDecisions(t *testing.T, db *store.DB) {
	vin, other := newVIN(), newVIN()
	add := func(vin vehicle.VIN, d vehicle.OdometerDecision) error {
		t.Helper()
		return tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.AddOdometerDecision(ctx, vin, d) })
	}
	of := func(vin vehicle.VIN) []vehicle.OdometerDecision {
		t.Helper()
		return read(t, db, func(ctx context.Context, tx *store.Tx) ([]vehicle.OdometerDecision, error) {
			return tx.OdometerDecisions(ctx, vin)
		})
	}
	first := filled[vehicle.OdometerDecision]()
	newer := first
	newer.At, newer.Verdict = first.At.Add(time.Microsecond), vehicle.WithdrawDecision
	for _, d := range []vehicle.OdometerDecision{newer, first} {
		if err := add(vin, d); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "decisions, oldest first", of(vin), []vehicle.OdometerDecision{first, newer})
	if got := of(vin)[0].Reading.ID(); got != first.Reading.ID() {
		t.Errorf("the reading has the id %s, and came back with %s", first.Reading.ID(), got)
	}
	rival := first
	rival.By = "somebody else"
	wantFault(t, "decide at the same moment", add(vin, rival), fault.Conflict)
	if err := add(other, rival); err != nil {
		t.Errorf("decide about another vehicle: %v", err)
	}
	equal(t, "decisions about the other vehicle", of(other), []vehicle.OdometerDecision{rival})
}

func testRefusedReadings(t *testing.T, db *store.DB) {
	for _, refused := range []int{2, 3} {
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.PutSummary(ctx, planner.Summary{VIN: newVIN(), OdometerRefused: refused})
		})
	}
	if got := must(db.Counts(t.Context()))(t).OdometerRefused; got != 5 {
		t.Errorf("%d odometer readings are refused in the fleet, want 5", got)
	}
}
