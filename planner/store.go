package planner

import (
	"context"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// Store runs functions inside a transaction. A function may run more than once
// when the database asks for a retry, so it must have no other effect.
type Store interface {
	Write(ctx context.Context, fn func(Tx) error) error
	Read(ctx context.Context, fn func(Tx) error) error

	// Purge removes what is left of deleted rows in files of the database, as far as
	// the database lets anybody do that.
	Purge(ctx context.Context) error
}

// Marked is a vehicle that has to be planned, with its days that have new data.
type Marked struct {
	VIN    vehicle.VIN
	Days   []vehicle.Day
	Urgent bool
}

// Tx is what one planning round of one vehicle reads and writes. Everything
// unknown is fault.NotFound; a version that moved on is fault.Conflict.
type Tx interface {
	// Marked lists vehicles that have an urgent mark, or a mark that has been
	// quiet since quietSince, or one first set before dueSince; urgent first,
	// then the longest waiting, at most limit.
	Marked(ctx context.Context, quietSince, dueSince time.Time, limit int) ([]Marked, error)
	// MarkedDays lists the days of a vehicle that have a mark, ascending.
	MarkedDays(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error)
	// Planned removes the vehicle's marks last set at or before quietSince, makes
	// the remaining ones wait from planned on, and takes their urgency away if it
	// was set at or before planned.
	Planned(ctx context.Context, vin vehicle.VIN, quietSince, planned time.Time) error
	// Quiet lists vehicles that were not planned since before, oldest first:
	// forecasts age even when a car says nothing.
	Quiet(ctx context.Context, before time.Time, limit int) ([]vehicle.VIN, error)
	// Mark asks for a vehicle to be planned, as ingest does.
	Mark(ctx context.Context, vin vehicle.VIN, day vehicle.Day, urgent bool, at time.Time) error

	VINs(ctx context.Context) ([]vehicle.VIN, error) // the whole fleet
	Vehicle(ctx context.Context, vin vehicle.VIN) (vehicle.Vehicle, error)
	PutVehicle(ctx context.Context, v vehicle.Vehicle) error

	CodeReports(ctx context.Context, vin vehicle.VIN) ([]vehicle.CodeReport, error)
	CodeStates(ctx context.Context, vin vehicle.VIN) ([]diagnosis.CodeState, error)
	ReplaceCodeStates(ctx context.Context, vin vehicle.VIN, states []diagnosis.CodeState) error

	PutRollups(ctx context.Context, days []telemetry.DayRollup) error
	Rollup(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error)
	Rollups(ctx context.Context, vin vehicle.VIN) ([]telemetry.DayRollup, error) // in order of day
	// RollupsBySignal reads those of a vehicle into memory that may have held another.
	RollupsBySignal(ctx context.Context, vin vehicle.VIN, into *telemetry.BySignal) error

	Records(ctx context.Context, vin vehicle.VIN) ([]history.Record, error)
	AddRecord(ctx context.Context, r history.Record) error // same (Source, SourceID) and content: nil

	// OdometerDecisions lists what persons decided about the odometer readings of a
	// vehicle, oldest first.
	OdometerDecisions(ctx context.Context, vin vehicle.VIN) ([]vehicle.OdometerDecision, error)
	// AddOdometerDecision appends a decision; fault.Conflict when there is one about
	// the same reading of the same moment.
	AddOdometerDecision(ctx context.Context, vin vehicle.VIN, d vehicle.OdometerDecision) error

	Forecasts(ctx context.Context, vin vehicle.VIN) ([]predict.Forecast, error)
	ReplaceForecasts(ctx context.Context, vin vehicle.VIN, f []predict.Forecast) error

	Findings(ctx context.Context, vin vehicle.VIN) ([]diagnosis.Finding, error)
	ReplaceFindings(ctx context.Context, vin vehicle.VIN, f []diagnosis.Finding) error

	Reminders(ctx context.Context, vin vehicle.VIN) ([]reminders.Reminder, error)
	Reminder(ctx context.Context, id string) (reminders.Reminder, error)
	PutReminder(ctx context.Context, r reminders.Reminder) error // inserts at Version 0, else checks and adds one
	DeleteReminder(ctx context.Context, id string) error
	Enqueue(ctx context.Context, m reminders.Message) error // once per message id, for ever
	// LastRoutine is when the newest routine message about another vehicle than
	// this goes or went to the recipient; zero when there is none. Messages that
	// were given up do not count.
	LastRoutine(ctx context.Context, recipient string, except vehicle.VIN) (time.Time, error)

	Orders(ctx context.Context, vin vehicle.VIN) ([]workorders.Order, error)
	Order(ctx context.Context, id string) (workorders.Order, error)
	PutOrder(ctx context.Context, o workorders.Order) error // inserts at Version 0, else checks and adds one
	DeleteOrder(ctx context.Context, id string) error       // machine proposals nobody touched

	PutSummary(ctx context.Context, s Summary) error

	// EraseVehicle removes every row of a vehicle, and returns how many by table.
	// keepWork leaves closed work orders and service records.
	EraseVehicle(ctx context.Context, vin vehicle.VIN, keepWork bool) (map[string]int, error)
	PutErasure(ctx context.Context, e Erasure) error
	Erasure(ctx context.Context, id string) (Erasure, error)
	PendingErasures(ctx context.Context) ([]Erasure, error) // those not done, oldest first

	Prior(ctx context.Context) (predict.Prior, error) // of the model in force; zero: the expert's

	modelTx
}

// modelTx is what the life of models reads and writes.
type modelTx interface {
	Models(ctx context.Context) ([]models.Version, error) // newest first
	Model(ctx context.Context, version string) (models.Version, error)
	// ModelIn is the version in a state, models.Active or models.Shadow.
	ModelIn(ctx context.Context, state models.State) (models.Version, error)
	// PutModel writes a version; fault.Conflict when another one is in its state that
	// takes only one.
	PutModel(ctx context.Context, v models.Version) error
	// PruneModels removes retired versions that were learned and in force before these
	// times, and that no stored forecast and no unresolved snapshot names.
	PruneModels(ctx context.Context, inForceBefore, learnedBefore time.Time) error

	ModelEvents(ctx context.Context) ([]models.Event, error) // newest first
	AddModelEvent(ctx context.Context, e models.Event) error

	// Snapshots are those of a vehicle, and PutSnapshots adds some or changes their
	// outcome: what was said stays.
	Snapshots(ctx context.Context, vin vehicle.VIN) ([]models.Snapshot, error)
	PutSnapshots(ctx context.Context, s []models.Snapshot) error
	// PruneSnapshots removes those that were resolved before a time.
	PruneSnapshots(ctx context.Context, before time.Time) error
}
