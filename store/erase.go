package store

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// perVehicle are the tables with rows of one vehicle, and how they go. A test makes
// sure that no table with a column vin is missing.
var perVehicle = []struct {
	table string
	work  bool // what was done to the car: it may have to be kept
	erase func(q *sqlcgen.Queries, ctx context.Context, vin string) (int64, error)
}{
	{table: "vehicles", erase: (*sqlcgen.Queries).EraseVehicleRow},
	{table: "vehicle_attributes", erase: (*sqlcgen.Queries).EraseAttributes},
	{table: "code_reports", erase: (*sqlcgen.Queries).EraseCodeReports},
	{table: "marks", erase: (*sqlcgen.Queries).EraseMarks},
	{table: "rollups", erase: (*sqlcgen.Queries).EraseRollups},
	{table: "code_states", erase: (*sqlcgen.Queries).EraseCodeStates},
	{table: "forecasts", erase: (*sqlcgen.Queries).EraseForecasts},
	{table: "findings", erase: (*sqlcgen.Queries).EraseFindings},
	{table: "snapshots", erase: (*sqlcgen.Queries).EraseSnapshots},
	{table: "sequences", erase: (*sqlcgen.Queries).EraseSequences},
	{table: "clocks", erase: (*sqlcgen.Queries).EraseClocks},
	{table: "odometer_decisions", erase: (*sqlcgen.Queries).EraseOdometerDecisions},
	{table: "summaries", erase: (*sqlcgen.Queries).EraseSummary},
	{table: "reminders", erase: (*sqlcgen.Queries).EraseReminders},
	{table: "outbox", erase: (*sqlcgen.Queries).EraseOutbox},
	{table: "quarantine", erase: eraseQuarantine},
	{table: "orders", work: true, erase: (*sqlcgen.Queries).EraseOrders},
	{table: "records", work: true, erase: (*sqlcgen.Queries).EraseRecords},
}

// EraseVehicle implements planner.Tx.
func (tx *Tx) EraseVehicle(ctx context.Context, vin vehicle.VIN, keepWork bool) (map[string]int, error) {
	removed := make(map[string]int)
	for _, t := range perVehicle {
		erase := t.erase
		if t.work && keepWork {
			if t.table != "orders" {
				continue
			}
			erase = (*sqlcgen.Queries).EraseUnfinishedOrders
		}
		n, err := erase(tx.q, ctx, string(vin))
		if err != nil {
			return nil, tx.d.fail("erase "+t.table, err)
		}
		if n > 0 {
			removed[t.table] = int(n)
		}
	}
	return removed, nil
}

// payloadsAtOnce bounds the memory of looking through quarantine: a payload has up to
// 1 MiB.
const payloadsAtOnce = 16

// eraseQuarantine removes what is of the vehicle, or names it: by the topic, by who
// sent it, in the reason or in the payload.
func eraseQuarantine(q *sqlcgen.Queries, ctx context.Context, vin string) (removed int64, err error) {
	for after := ""; ; {
		rows, err := q.QuarantinePayloads(ctx, sqlcgen.QuarantinePayloadsParams{After: after, Size: payloadsAtOnce})
		if err != nil {
			return 0, err
		}
		for _, r := range rows {
			after = r.ID
			if r.Vin != vin && r.Sender != vin && !strings.Contains(r.Topic, vin) && !strings.Contains(r.Reason, vin) && !bytes.Contains(r.Payload, []byte(vin)) {
				continue
			}
			n, err := q.DeleteRefusal(ctx, r.ID)
			if err != nil {
				return 0, err
			}
			removed += n
		}
		if len(rows) < payloadsAtOnce {
			return removed, nil
		}
	}
}

// PutErasure implements planner.Tx.
func (tx *Tx) PutErasure(ctx context.Context, e planner.Erasure) error {
	row := sqlcgen.PutErasureParams{
		ID: e.ID, PendingVin: string(e.VIN), Digest: e.Digest, Actor: text(e.Actor), KeepWork: e.KeepWork,
		Requested: micros(e.Requested), Done: micros(e.Done), Days: int64(e.Days),
	}
	if err := encodeAll(nested{&row.Removed, e.Removed}); err != nil {
		return err
	}
	return tx.d.fail("write erasure", tx.q.PutErasure(ctx, row))
}

// PendingErasures implements planner.Tx.
func (tx *Tx) PendingErasures(ctx context.Context) ([]planner.Erasure, error) {
	rows, err := tx.q.PendingErasures(ctx)
	if err != nil {
		return nil, tx.d.fail("read erasures", err)
	}
	return mapRows(rows, erasureOf)
}

func erasureOf(r sqlcgen.Erasure) (planner.Erasure, error) {
	e := planner.Erasure{
		ID: r.ID, VIN: vehicle.VIN(r.PendingVin), Digest: r.Digest, Actor: r.Actor, KeepWork: r.KeepWork,
		Requested: instant(r.Requested), Done: instant(r.Done), Days: int(r.Days),
	}
	return e, decode(r.Removed, &e.Removed)
}

// Erasure implements planner.Tx.
func (tx *Tx) Erasure(ctx context.Context, id string) (planner.Erasure, error) {
	row, err := tx.q.Erasure(ctx, id)
	if err != nil {
		return planner.Erasure{}, tx.missing(err, "erasure", id)
	}
	return erasureOf(row)
}

// Erasure implements planner.Queries.
func (db *DB) Erasure(ctx context.Context, id string) (planner.Erasure, error) {
	return db.view().Erasure(ctx, id)
}

// Erasures implements planner.Queries: newest first.
func (db *DB) Erasures(ctx context.Context, p planner.Page) ([]planner.Erasure, string, error) {
	from, err := first(p, cursor{List: "erasures", Major: math.MaxInt64})
	if err != nil {
		return nil, "", err
	}
	rows, err := db.reads.ListErasures(ctx, sqlcgen.ListErasuresParams{Before: from.Major, BeforeID: from.ID, Size: int32(p.Size + 1)})
	if err != nil {
		return nil, "", db.dialect.fail("list erasures", err)
	}
	rows, next := cut(rows, p, func(r sqlcgen.Erasure) cursor { return cursor{List: "erasures", Major: r.Requested, ID: r.ID} })
	list, err := mapRows(rows, erasureOf)
	return list, next, err
}

// vacuumBelow is the largest SQLite file that Purge rewrites. Writers wait meanwhile:
// about a second for 100 MB.
const vacuumBelow = 1 << 30

// Purge implements planner.Store. SQLite has overwritten what was deleted, but not what
// it copied from page to page before: rewriting the file leaves that behind, unless it
// is too large for that. Then the log is emptied. PostgreSQL frees rows at its next
// vacuum.
func (db *DB) Purge(ctx context.Context) error {
	if db.dialect.name != "sqlite" {
		return nil
	}
	var size int64
	err := db.writer.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Scan(&size)
	if err == nil && size < vacuumBelow {
		_, err = db.writer.ExecContext(ctx, "VACUUM")
	}
	if err != nil {
		return db.dialect.fail("rewrite the database", err)
	}
	var busy, logged, moved int
	if err := db.writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &moved); err != nil {
		return db.dialect.fail("empty the log", err)
	}
	if busy != 0 {
		return errors.New("empty the log: reads that are under way keep it")
	}
	return nil
}
