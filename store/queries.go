package store

import (
	"context"
	"math"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

var _ planner.Queries = (*DB)(nil)

// Vehicles implements planner.Queries.
func (db *DB) Vehicles(ctx context.Context, f planner.VehicleFilter, p planner.Page) ([]planner.VehicleRow, string, error) {
	from, err := first(p, cursor{List: "vehicles"})
	if err != nil {
		return nil, "", err
	}
	rows, err := db.reads.ListVehicles(ctx, sqlcgen.ListVehiclesParams{
		After: from.ID, Pattern: contains(f.Text), Powertrain: string(f.Powertrain),
		Drivability: string(f.Drivability), Size: int32(p.Size + 1),
	})
	if err != nil {
		return nil, "", db.dialect.fail("list vehicles", err)
	}
	rows, next := cut(rows, p, func(r sqlcgen.ListVehiclesRow) cursor {
		return cursor{List: "vehicles", ID: r.Vehicle.Vin}
	})
	list, err := mapRows(rows, vehicleRowOf)
	return list, next, err
}

// VehicleRow implements planner.Queries.
func (db *DB) VehicleRow(ctx context.Context, vin vehicle.VIN) (planner.VehicleRow, error) {
	row, err := db.reads.VehicleRow(ctx, string(vin))
	if err != nil {
		return planner.VehicleRow{}, db.view().missing(err, "vehicle", string(vin))
	}
	return vehicleRowOf(sqlcgen.ListVehiclesRow(row))
}

func vehicleRowOf(r sqlcgen.ListVehiclesRow) (planner.VehicleRow, error) {
	row := planner.VehicleRow{Vehicle: vehicleOf(r.Vehicle)}
	if r.Planned == 0 {
		return row, nil
	}
	row.Summary = planner.Summary{
		VIN: row.Vehicle.VIN, Powertrain: vehicle.Powertrain(r.Powertrain), OdometerKm: r.OdometerKm, OdometerAt: instant(r.OdometerAt), KmPerDay: r.KmPerDay,
		ActiveCodes: int(r.ActiveCodes), MIL: r.Mil, Drivability: diagnosis.Drivability(r.Drivability),
		Findings: int(r.Findings), NextItem: predict.Component(r.NextItem), NextDue: instant(r.NextDue),
		DataUntil: instant(r.DataUntil), Planned: instant(r.Planned), OdometerRefused: int(r.OdometerRefused), DialKm: r.DialKm,
	}
	return row, decode(r.Readiness, &row.Summary.Readiness)
}

// contains makes a LIKE pattern that finds the text anywhere, in lower case;
// empty for no text.
func contains(s string) string {
	if s == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(text(s))) + "%"
}

// oneOf makes the list that queries look a state up in; empty for all.
func oneOf[S ~string](states []S) string {
	list := ""
	for _, s := range states {
		list += strings.ReplaceAll(string(s), ",", "\uFFFD") + ","
	}
	if list == "" {
		return ""
	}
	return text("," + list)
}

// Orders implements planner.Queries. An order whose priority changes between
// two pages moves, as it should, and may come twice or not at all.
func (db *DB) Orders(ctx context.Context, f planner.OrderFilter, p planner.Page) ([]workorders.Order, string, error) {
	from, err := first(p, cursor{List: "orders", Major: -1})
	if err != nil {
		return nil, "", err
	}
	q := sqlcgen.ListOrdersOfVehicleParams{
		Vin: string(f.VIN), Urgency: from.Major, Created: from.Minor, AfterID: from.ID,
		States: oneOf(f.States), Size: int32(p.Size + 1),
	}
	var rows []sqlcgen.Order
	if f.VIN != "" {
		rows, err = db.reads.ListOrdersOfVehicle(ctx, q)
	} else {
		rows, err = db.reads.ListOrders(ctx, sqlcgen.ListOrdersParams{
			Urgency: q.Urgency, Created: q.Created, AfterID: q.AfterID, States: q.States, Size: q.Size,
		})
	}
	if err != nil {
		return nil, "", db.dialect.fail("list work orders", err)
	}
	rows, next := cut(rows, p, func(r sqlcgen.Order) cursor {
		return cursor{List: "orders", Major: r.Urgency, Minor: r.Created, ID: r.ID}
	})
	list, err := mapRows(rows, orderOf)
	return list, next, err
}

// Reminders implements planner.Queries: those without a due date come last. A
// reminder whose date changes between two pages moves.
func (db *DB) Reminders(ctx context.Context, f planner.ReminderFilter, p planner.Page) ([]reminders.Reminder, string, error) {
	from, err := first(p, cursor{List: "reminders", Major: math.MinInt64})
	if err != nil {
		return nil, "", err
	}
	q := sqlcgen.ListRemindersOfVehicleParams{
		Vin: string(f.VIN), DueOrder: from.Major, AfterID: from.ID, States: oneOf(f.States), Size: int32(p.Size + 1),
	}
	var rows []sqlcgen.Reminder
	if f.VIN != "" {
		rows, err = db.reads.ListRemindersOfVehicle(ctx, q)
	} else {
		rows, err = db.reads.ListReminders(ctx, sqlcgen.ListRemindersParams{
			DueOrder: q.DueOrder, AfterID: q.AfterID, States: q.States, Size: q.Size,
		})
	}
	if err != nil {
		return nil, "", db.dialect.fail("list reminders", err)
	}
	rows, next := cut(rows, p, func(r sqlcgen.Reminder) cursor {
		return cursor{List: "reminders", Major: r.DueOrder, ID: r.ID}
	})
	list, err := mapRows(rows, reminderOf)
	return list, next, err
}

// Order implements planner.Queries.
func (db *DB) Order(ctx context.Context, id string) (workorders.Order, error) {
	return db.view().Order(ctx, id)
}

// Forecasts implements planner.Queries.
func (db *DB) Forecasts(ctx context.Context, vin vehicle.VIN) ([]predict.Forecast, error) {
	return db.view().Forecasts(ctx, vin)
}

// RollupsBetween implements planner.Queries.
func (db *DB) RollupsBetween(ctx context.Context, vin vehicle.VIN, first, end vehicle.Day) ([]telemetry.DayRollup, error) {
	rows, err := db.reads.RollupsBetween(ctx, sqlcgen.RollupsBetweenParams{Vin: string(vin), FirstDay: int64(first), EndDay: int64(end)})
	if err != nil {
		return nil, db.dialect.fail("read roll-ups", err)
	}
	var d rollupDecoder
	return mapRows(rows, func(r sqlcgen.RollupsBetweenRow) (telemetry.DayRollup, error) {
		return d.decode(vin, vehicle.Day(r.Day), r.Body)
	})
}

// Findings implements planner.Queries.
func (db *DB) Findings(ctx context.Context, vin vehicle.VIN) ([]diagnosis.Finding, error) {
	return db.view().Findings(ctx, vin)
}

// CodeStates implements planner.Queries.
func (db *DB) CodeStates(ctx context.Context, vin vehicle.VIN) ([]diagnosis.CodeState, error) {
	return db.view().CodeStates(ctx, vin)
}

// Records implements planner.Queries: newest visit first, in error or not.
func (db *DB) Records(ctx context.Context, vin vehicle.VIN) ([]history.Record, error) {
	return db.view().Records(ctx, vin)
}

// Counts implements planner.Queries. The figures are of one moment.
func (db *DB) Counts(ctx context.Context) (planner.Counts, error) {
	var c planner.Counts
	err := db.Read(ctx, func(tx *Tx) (err error) {
		c, err = tx.counts(ctx)
		return tx.d.fail("count", err)
	})
	return c, err
}

func (tx *Tx) counts(ctx context.Context) (planner.Counts, error) {
	c := planner.Counts{Orders: map[workorders.State]int{}, Reminders: map[reminders.State]int{}}
	vehicles, err := tx.q.CountVehicles(ctx)
	if err != nil {
		return c, err
	}
	orders, err := tx.q.CountOrders(ctx)
	if err != nil {
		return c, err
	}
	for _, r := range orders {
		c.Orders[workorders.State(r.State)] = int(r.Orders)
	}
	due, err := tx.q.CountReminders(ctx)
	if err != nil {
		return c, err
	}
	for _, r := range due {
		c.Reminders[reminders.State(r.State)] = int(r.Reminders)
	}
	quarantined, err := tx.q.CountQuarantined(ctx)
	if err != nil {
		return c, err
	}
	marked, err := tx.unplanned(ctx)
	if err != nil {
		return c, err
	}
	odometer, err := tx.q.CountRefusedReadings(ctx)
	if err != nil {
		return c, err
	}
	missing, err := tx.q.CountMissing(ctx)
	if err != nil {
		return c, err
	}
	messages, err := tx.q.CountOutbox(ctx)
	c.Vehicles, c.Online = int(vehicles.Vehicles), int(vehicles.Online)
	c.Quarantined, c.OdometerRefused, c.Unplanned = int(quarantined), int(odometer), marked
	c.MissingMessages, c.GapVehicles = int(missing.Messages), int(missing.Vehicles)
	c.UndeliveredMessages, c.DeadMessages = int(messages.Undelivered), int(messages.Dead)
	return c, err
}
