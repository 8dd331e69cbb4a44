package store

import (
	"context"
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Reminder implements planner.Tx.
func (tx *Tx) Reminder(ctx context.Context, id string) (reminders.Reminder, error) {
	row, err := tx.q.Reminder(ctx, id)
	if err != nil {
		return reminders.Reminder{}, tx.missing(err, "reminder", id)
	}
	return reminderOf(row)
}

// Reminders implements planner.Tx: due first, without a date last.
func (tx *Tx) Reminders(ctx context.Context, vin vehicle.VIN) ([]reminders.Reminder, error) {
	rows, err := tx.q.RemindersOfVehicle(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read reminders", err)
	}
	return mapRows(rows, reminderOf)
}

// PutReminder implements planner.Tx. A new reminder is kept with Version 1.
func (tx *Tx) PutReminder(ctx context.Context, r reminders.Reminder) error {
	row, err := reminderRow(r)
	if err != nil {
		return err
	}
	if r.Version == 0 {
		row.Version = 1
		added, err := tx.q.InsertReminder(ctx, sqlcgen.InsertReminderParams(row))
		if err != nil {
			return tx.d.fail("write reminder", err)
		}
		if added == 0 {
			return fault.New(fault.Conflict, "reminder %s exists already", r.ID)
		}
		return nil
	}
	updated, err := tx.q.UpdateReminder(ctx, sqlcgen.UpdateReminderParams(row))
	if err != nil {
		return tx.d.fail("write reminder", err)
	}
	if updated == 0 {
		_, err := tx.q.Reminder(ctx, row.ID)
		return tx.stale(err, "reminder", r.ID)
	}
	return nil
}

// DeleteReminder implements planner.Tx.
func (tx *Tx) DeleteReminder(ctx context.Context, id string) error {
	deleted, err := tx.q.DeleteReminder(ctx, id)
	if err != nil {
		return tx.d.fail("delete reminder", err)
	}
	if deleted == 0 {
		return fault.New(fault.NotFound, "there is no reminder %s", id)
	}
	return nil
}

func reminderRow(r reminders.Reminder) (sqlcgen.Reminder, error) {
	row := sqlcgen.Reminder{
		ID: text(r.ID), Vin: string(r.VIN), Item: text(r.Item), Cycle: text(r.Cycle), Basis: string(r.Basis),
		Severity: string(r.Severity), State: string(r.State), DueKm: r.DueKm, DueAt: micros(r.DueAt),
		DueEarliest: micros(r.DueEarliest), DueLatest: micros(r.DueLatest), SnoozeUntil: micros(r.SnoozeUntil),
		WorkOrderID: text(r.WorkOrderID), Created: micros(r.Created), Updated: micros(r.Updated),
		Closed: micros(r.Closed), Version: int64(r.Version),
	}
	row.DueOrder = row.DueAt
	if r.DueAt.IsZero() {
		row.DueOrder = math.MaxInt64
	}
	return row, encodeAll(
		nested{&row.Title, r.Title}, nested{&row.Reason, r.Reason}, nested{&row.Notified, r.Notified})
}

func reminderOf(row sqlcgen.Reminder) (reminders.Reminder, error) {
	r := reminders.Reminder{
		ID: row.ID, VIN: vehicle.VIN(row.Vin), Item: row.Item, Cycle: row.Cycle, Basis: reminders.Basis(row.Basis),
		Severity: reminders.Severity(row.Severity), State: reminders.State(row.State), DueKm: row.DueKm,
		DueAt: instant(row.DueAt), DueEarliest: instant(row.DueEarliest), DueLatest: instant(row.DueLatest),
		SnoozeUntil: instant(row.SnoozeUntil), WorkOrderID: row.WorkOrderID, Created: instant(row.Created),
		Updated: instant(row.Updated), Closed: instant(row.Closed), Version: int(row.Version),
	}
	return r, decodeAll(
		nested{&row.Title, &r.Title}, nested{&row.Reason, &r.Reason}, nested{&row.Notified, &r.Notified})
}
