package store

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Records implements planner.Tx: newest visit first, in error or not.
func (tx *Tx) Records(ctx context.Context, vin vehicle.VIN) ([]history.Record, error) {
	rows, err := tx.q.Records(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read service records", err)
	}
	return mapRows(rows, recordOf)
}

// AddRecord implements planner.Tx. The same record under another id or recorded
// at another time is the same; another content under the id or the source's
// number is fault.Conflict. A record without a number is known by its id alone.
func (tx *Tx) AddRecord(ctx context.Context, r history.Record) error {
	row, err := recordRow(r)
	if err != nil {
		return err
	}
	added, err := tx.q.InsertRecord(ctx, sqlcgen.InsertRecordParams(row))
	if err != nil {
		return tx.d.fail("add service record", err)
	}
	if added > 0 {
		return nil
	}
	old, err := tx.q.SameRecord(ctx, sqlcgen.SameRecordParams{ID: row.ID, Source: row.Source, SourceID: row.SourceID})
	if err != nil {
		return tx.d.fail("read service record", err)
	}
	// Marking a record as entered in error is no new content either: it stays so.
	row.ID, row.Recorded, row.Status = old.ID, old.Recorded, old.Status
	if row != old {
		return fault.New(fault.Conflict, "there is a different service record %s of %s already", r.SourceID, r.Source)
	}
	return nil
}

func recordRow(r history.Record) (sqlcgen.Record, error) {
	row := sqlcgen.Record{
		ID: text(r.ID), Vin: string(r.VIN), Visited: micros(r.Visited), OdometerKm: r.OdometerKm,
		Source: string(r.Source), SourceID: text(r.SourceID), Shop: text(r.Shop), WorkOrderID: text(r.WorkOrderID),
		Hours: r.Hours, CostMinor: r.Cost.Minor, CostCurrency: text(r.Cost.Currency), Note: text(r.Note),
		Status: string(r.Status), Recorded: micros(r.Recorded),
	}
	return row, encodeAll(
		nested{&row.Items, r.Items}, nested{&row.Measurements, r.Measurements}, nested{&row.Parts, r.Parts})
}

func recordOf(row sqlcgen.Record) (history.Record, error) {
	r := history.Record{
		ID: row.ID, VIN: vehicle.VIN(row.Vin), Visited: instant(row.Visited), OdometerKm: row.OdometerKm,
		Source: history.Source(row.Source), SourceID: row.SourceID, Shop: row.Shop, WorkOrderID: row.WorkOrderID,
		Hours: row.Hours, Cost: history.Money{Minor: row.CostMinor, Currency: row.CostCurrency}, Note: row.Note,
		Status: history.Status(row.Status), Recorded: instant(row.Recorded),
	}
	return r, decodeAll(
		nested{&row.Items, &r.Items}, nested{&row.Measurements, &r.Measurements}, nested{&row.Parts, &r.Parts})
}
