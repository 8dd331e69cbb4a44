package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// clockRows are in the order of their keys; of one key the greatest lead counts.
func clockRows(clocks []ingest.ClockFact) []sqlcgen.PutClockParams {
	rows := make([]sqlcgen.PutClockParams, 0, len(clocks))
	for _, c := range clocks {
		rows = append(rows, sqlcgen.PutClockParams{Vin: key(string(c.VIN)), Hour: micros(c.Hour), Lead: c.Lead.Microseconds()})
	}
	slices.SortFunc(rows, func(a, b sqlcgen.PutClockParams) int {
		return cmp.Or(strings.Compare(a.Vin, b.Vin), cmp.Compare(a.Hour, b.Hour), -cmp.Compare(a.Lead, b.Lead))
	})
	return slices.CompactFunc(rows, func(a, b sqlcgen.PutClockParams) bool { return a.Vin == b.Vin && a.Hour == b.Hour })
}

// putClocks records what hours tell of clocks, and drops hours that are too old to
// count. An hour never counts again once it is not among the latest, so that
// dropping it cannot change what Clock answers.
func (tx *Tx) putClocks(ctx context.Context, rows []sqlcgen.PutClockParams) error {
	for i, r := range rows {
		if err := tx.q.PutClock(ctx, r); err != nil {
			return tx.d.fail("record clock", err)
		}
		if i+1 < len(rows) && rows[i+1].Vin == r.Vin {
			continue
		}
		err := tx.q.DeleteClocks(ctx, sqlcgen.DeleteClocksParams{Vin: r.Vin, Size: vehicle.ClockHours})
		if err != nil {
			return tx.d.fail("remove hours of clock", err)
		}
	}
	return nil
}

// Clock implements planner.Queries.
func (db *DB) Clock(ctx context.Context, vin vehicle.VIN) (vehicle.Clock, error) {
	rows, err := db.reads.Clocks(ctx, sqlcgen.ClocksParams{Vin: string(vin), Limit: vehicle.ClockHours})
	if err != nil {
		return vehicle.Clock{}, db.dialect.fail("read clock", err)
	}
	hours := make([]vehicle.ClockHour, 0, len(rows))
	for _, r := range rows {
		hours = append(hours, vehicle.ClockHour{Hour: instant(r.Hour), Lead: time.Duration(r.Lead) * time.Microsecond})
	}
	return vehicle.JudgeClock(hours), nil
}
