package store

import (
	"context"
	"time"

	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Marked implements planner.Tx. A vehicle comes with all its marked days.
func (tx *Tx) Marked(ctx context.Context, quietSince, dueSince time.Time, limit int) ([]planner.Marked, error) {
	rows, err := tx.q.Marked(ctx, sqlcgen.MarkedParams{
		QuietSince: micros(quietSince), DueSince: micros(dueSince), Size: int32(limit),
	})
	if err != nil {
		return nil, tx.d.fail("read marks", err)
	}
	return mapRows(rows, func(r sqlcgen.MarkedRow) (planner.Marked, error) {
		m := planner.Marked{VIN: vehicle.VIN(r.Vin), Urgent: r.UrgentAt > 0}
		m.Days, err = tx.MarkedDays(ctx, m.VIN)
		return m, err
	})
}

// MarkedDays implements planner.Tx.
func (tx *Tx) MarkedDays(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error) {
	rows, err := tx.q.MarkedDays(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read marks", err)
	}
	return mapRows(rows, func(d int64) (vehicle.Day, error) { return vehicle.Day(d), nil })
}

// Planned implements planner.Tx.
func (tx *Tx) Planned(ctx context.Context, vin vehicle.VIN, quietSince, planned time.Time) error {
	err := tx.q.DeleteMarks(ctx, sqlcgen.DeleteMarksParams{Vin: string(vin), QuietSince: micros(quietSince)})
	if err != nil {
		return tx.d.fail("remove marks", err)
	}
	err = tx.q.DeferMarks(ctx, sqlcgen.DeferMarksParams{Vin: string(vin), Planned: micros(planned)})
	return tx.d.fail("defer marks", err)
}

// Quiet implements planner.Tx. A vehicle that was never planned is the oldest;
// one that has marks is not quiet.
func (tx *Tx) Quiet(ctx context.Context, before time.Time, limit int) ([]vehicle.VIN, error) {
	rows, err := tx.q.QuietVehicles(ctx, sqlcgen.QuietVehiclesParams{Before: micros(before), Size: int32(limit)})
	if err != nil {
		return nil, tx.d.fail("read vehicles", err)
	}
	return mapRows(rows, func(vin string) (vehicle.VIN, error) { return vehicle.VIN(vin), nil })
}

// Mark implements planner.Tx.
func (tx *Tx) Mark(ctx context.Context, vin vehicle.VIN, day vehicle.Day, urgent bool, at time.Time) error {
	m := sqlcgen.MarkParams{Vin: string(vin), Day: int64(day), FirstMarked: micros(at), MarkedAt: micros(at)}
	if urgent {
		m.UrgentAt = m.MarkedAt
	}
	return tx.d.fail("mark vehicle", tx.q.Mark(ctx, m))
}
