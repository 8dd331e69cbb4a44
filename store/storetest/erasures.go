package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// work fills tables with what is known of a vehicle, and what was done to it.
func work(t *testing.T, db *store.DB, vin vehicle.VIN) {
	t.Helper()
	at := now.Add(-time.Hour)
	err := db.Record(t.Context(), ingest.Batch{
		Seen:  []ingest.Seen{{VIN: vin, Received: at, LastEvent: at, Attributes: []ingest.Attribute{{Signal: vehicle.Brand, Value: vehicle.Text("x"), Time: at}}}},
		Codes: []ingest.CodeFact{{VIN: vin, Received: at, Report: vehicle.CodeReport{Time: at, ECU: "7E8"}}},
		Marks: []ingest.Mark{{VIN: vin, Day: 1, At: at}},
		Refused: []ingest.Refused{
			{Topic: "pitcrew/v1/" + string(vin) + "/telemetry", VIN: string(vin), Payload: []byte("x"), Reason: "by its topic", Received: at},
			{Topic: "bmw/" + string(vin), Payload: []byte("x"), Reason: "by another's topic", Received: at},
			{Topic: "gbt/1", Payload: []byte("##\xfe" + string(vin)), Reason: "in its payload", Received: at},
			{Topic: "gbt/2", Payload: []byte(vin[10:]), Reason: "by its sender", Received: at, From: vin},
			{Topic: "gbt/3", Payload: []byte("x"), Reason: "X sent a message about " + string(vin), Received: at},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for n, state := range []workorders.State{workorders.Closed, workorders.Proposed} {
			o := filled[workorders.Order]()
			o.ID, o.VIN, o.State, o.Version = string(vin)+string(rune('0'+n)), vin, state, 0
			if err := tx.PutOrder(ctx, o); err != nil {
				return err
			}
		}
		r := filled[history.Record]()
		r.ID, r.VIN, r.Source, r.SourceID = string(vin), vin, history.FromDealer, string(vin)
		if err := tx.AddRecord(ctx, r); err != nil {
			return err
		}
		said := filled[models.Snapshot]()
		said.VIN = vin
		if err := tx.PutSnapshots(ctx, []models.Snapshot{said}); err != nil {
			return err
		}
		return tx.PutRollups(ctx, []telemetry.DayRollup{{VIN: vin, Day: 1}, {VIN: vin, Day: 2}})
	})
}

func testEraseVehicle(t *testing.T, db *store.DB) {
	gone, stays := newVIN(), newVIN()
	work(t, db, gone)
	work(t, db, stays)
	erase := func(vin vehicle.VIN, keepWork bool) (removed map[string]int) {
		write(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
			removed, err = tx.EraseVehicle(ctx, vin, keepWork)
			return err
		})
		return removed
	}
	equal(t, "removed without work", erase(gone, true), map[string]int{
		"vehicles": 1, "vehicle_attributes": 1, "code_reports": 1, "marks": 1, "rollups": 2, "quarantine": 5, "orders": 1, "snapshots": 1,
	})
	equal(t, "removed with work", erase(gone, false), map[string]int{"orders": 1, "records": 1})
	equal(t, "removed again", erase(gone, false), map[string]int{})
	_, err := db.VehicleRow(t.Context(), gone)
	wantFault(t, "the vehicle that was erased", err, fault.NotFound)

	if _, err := db.VehicleRow(t.Context(), stays); err != nil {
		t.Errorf("the other vehicle: %v", err)
	}
	left, _, err := db.Quarantine(t.Context(), planner.QuarantineFilter{}, planner.Page{Size: 100})
	if err != nil || len(left) != 5 {
		t.Errorf("%d entries are left in quarantine, %v, want the 5 of the other vehicle", len(left), err)
	}
	equal(t, "roll-ups of the other", len(read(t, db, func(ctx context.Context, tx *store.Tx) ([]telemetry.DayRollup, error) {
		return tx.Rollups(ctx, stays)
	})), 2)
	if err := db.Purge(t.Context()); err != nil {
		t.Errorf("Purge: %v", err)
	}
}

func testErasures(t *testing.T, db *store.DB) {
	want := filled[planner.Erasure]()
	want.VIN, want.Done = newVIN(), time.Time{}
	put := func(e planner.Erasure) {
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutErasure(ctx, e) })
	}
	pending := func() []planner.Erasure {
		return read(t, db, func(ctx context.Context, tx *store.Tx) ([]planner.Erasure, error) { return tx.PendingErasures(ctx) })
	}
	put(want)
	equal(t, "pending", pending(), []planner.Erasure{want})
	later := want
	later.ID, later.Requested, later.Done, later.VIN = "later", want.Requested.Add(time.Minute), now, ""
	put(later)
	want.VIN, want.Done, want.Removed = "", now, map[string]int{"vehicles": 1}
	put(want)
	equal(t, "pending when all is done", len(pending()), 0)
	got, err := db.Erasure(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the receipt", got, want)
	_, err = db.Erasure(t.Context(), "nothing")
	wantFault(t, "a receipt that is not there", err, fault.NotFound)

	first, next, err := db.Erasures(t.Context(), planner.Page{Size: 1})
	if err != nil || next == "" {
		t.Fatalf("first page: %v, next %q", err, next)
	}
	second, end, err := db.Erasures(t.Context(), planner.Page{Size: 1, After: next})
	if err != nil || end != "" {
		t.Fatalf("second page: %v, next %q", err, end)
	}
	equal(t, "newest first", append(first, second...), []planner.Erasure{later, want})
}
