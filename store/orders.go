package store

import (
	"context"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// Order implements planner.Tx.
func (tx *Tx) Order(ctx context.Context, id string) (workorders.Order, error) {
	row, err := tx.q.Order(ctx, id)
	if err != nil {
		return workorders.Order{}, tx.missing(err, "work order", id)
	}
	return orderOf(row)
}

// Orders implements planner.Tx: most urgent and newest first.
func (tx *Tx) Orders(ctx context.Context, vin vehicle.VIN) ([]workorders.Order, error) {
	rows, err := tx.q.OrdersOfVehicle(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read work orders", err)
	}
	return mapRows(rows, orderOf)
}

// PutOrder implements planner.Tx. A new order is kept with Version 1.
func (tx *Tx) PutOrder(ctx context.Context, o workorders.Order) error {
	row, err := orderRow(o)
	if err != nil {
		return err
	}
	if o.Version == 0 {
		row.Version = 1
		added, err := tx.q.InsertOrder(ctx, sqlcgen.InsertOrderParams(row))
		if err != nil {
			return tx.d.fail("write work order", err)
		}
		if added == 0 {
			return fault.New(fault.Conflict, "work order %s exists already", o.ID)
		}
		return nil
	}
	updated, err := tx.q.UpdateOrder(ctx, sqlcgen.UpdateOrderParams(row))
	if err != nil {
		return tx.d.fail("write work order", err)
	}
	if updated == 0 {
		_, err := tx.q.Order(ctx, row.ID)
		return tx.stale(err, "work order", o.ID)
	}
	return nil
}

// stale says why nothing was updated: the thing is gone, or somebody else
// changed it. err is of reading it.
func (tx *Tx) stale(err error, what, id string) error {
	if err != nil {
		return tx.missing(err, what, id)
	}
	return fault.New(fault.Conflict, "somebody else changed %s %s: read it again", what, id)
}

// DeleteOrder implements planner.Tx. Anything but a proposal of the machine,
// standing or withdrawn, is fault.Conflict.
func (tx *Tx) DeleteOrder(ctx context.Context, id string) error {
	deleted, err := tx.q.DeleteProposal(ctx, id)
	if err != nil {
		return tx.d.fail("delete work order", err)
	}
	if deleted > 0 {
		return nil
	}
	if _, err := tx.Order(ctx, id); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "work order %s is no longer a proposal", id)
}

// urgency is the rank of a priority in lists.
func urgency(p workorders.Priority) int64 {
	switch p {
	case workorders.Emergency:
		return 0
	case workorders.Urgent:
		return 1
	case workorders.Routine:
		return 2
	}
	return 3
}

func orderRow(o workorders.Order) (sqlcgen.Order, error) {
	row := sqlcgen.Order{
		ID: text(o.ID), Number: text(o.Number), Vin: string(o.VIN), State: string(o.State), Source: string(o.Source),
		Priority: string(o.Priority), Urgency: urgency(o.Priority), DismissReason: string(o.DismissReason),
		Note: text(o.Note), ScheduledFor: micros(o.ScheduledFor), OdometerInKm: o.OdometerInKm,
		OdometerOutKm: o.OdometerOutKm, RecordID: text(o.RecordID), Created: micros(o.Created),
		Updated: micros(o.Updated), Opened: micros(o.Opened), CheckedInAt: micros(o.CheckedInAt),
		Closed: micros(o.Closed), Version: int64(o.Version),
	}
	return row, encodeAll(nested{&row.Title, o.Title}, nested{&row.Lines, o.Lines}, nested{&row.Events, o.Events})
}

func orderOf(row sqlcgen.Order) (workorders.Order, error) {
	o := workorders.Order{
		ID: row.ID, Number: row.Number, VIN: vehicle.VIN(row.Vin), State: workorders.State(row.State),
		Source: workorders.Source(row.Source), Priority: workorders.Priority(row.Priority),
		DismissReason: workorders.DismissReason(row.DismissReason), Note: row.Note,
		ScheduledFor: instant(row.ScheduledFor), OdometerInKm: row.OdometerInKm, OdometerOutKm: row.OdometerOutKm,
		RecordID: row.RecordID, Created: instant(row.Created), Updated: instant(row.Updated),
		Opened: instant(row.Opened), CheckedInAt: instant(row.CheckedInAt), Closed: instant(row.Closed),
		Version: int(row.Version),
	}
	return o, decodeAll(nested{&row.Title, &o.Title}, nested{&row.Lines, &o.Lines}, nested{&row.Events, &o.Events})
}
