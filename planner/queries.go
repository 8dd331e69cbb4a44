package planner

import (
	"context"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// Page asks for part of a list: at most Size rows after the cursor that the page
// before answered with. Lists are stable: rows that were there when paging began
// come exactly once.
type Page struct {
	Size  int
	After string
}

// Summary is the state of one vehicle in a row of the fleet overview, written
// by the planner with everything else it derives.
type Summary struct {
	VIN         vehicle.VIN
	Powertrain  vehicle.Powertrain // registered, told, or inferred from the signals
	OdometerKm  float64
	OdometerAt  time.Time
	KmPerDay    float64
	ActiveCodes int
	MIL         bool
	Drivability diagnosis.Drivability // of the worst finding; empty when there is none
	Findings    int
	NextItem    predict.Component // due first; empty when nothing is known
	NextDue     time.Time         // its P50; when it is overdue, since when
	DataUntil   time.Time
	Planned     time.Time

	DialKm          float64 // what the instrument showed at OdometerAt; OdometerKm is the total, over replaced clusters too
	OdometerRefused int     // readings that the ledger does not believe and nobody has decided about

	Readiness diagnosis.Readiness
}

// VehicleRow is a vehicle with its summary; the summary is zero until the first
// planning round.
type VehicleRow struct {
	Vehicle vehicle.Vehicle
	Summary Summary
}

// VehicleFilter narrows the list of vehicles. Text matches part of the VIN,
// plate, name, brand, model or owner, in any case.
type VehicleFilter struct {
	Text        string
	Powertrain  vehicle.Powertrain
	Drivability diagnosis.Drivability // vehicles whose worst finding is this
}

// OrderFilter narrows the list of work orders. No states means all.
type OrderFilter struct {
	VIN    vehicle.VIN
	States []workorders.State
}

// ReminderFilter narrows the list of reminders. No states means all.
type ReminderFilter struct {
	VIN    vehicle.VIN
	States []reminders.State
}

// QuarantineFilter narrows the list of refused messages.
type QuarantineFilter struct {
	VIN         string
	TopicPrefix string
	Reason      string    // part of the reason
	From, To    time.Time // first received from (inclusive) to (exclusive); zero is any
}

// Quarantined is a message, or a part of one, that could not be taken.
type Quarantined struct {
	ID       string
	Topic    string
	VIN      string
	Payload  []byte
	Place    string
	Reason   string
	Received time.Time // first time it came
	Count    int       // how often the same bytes came

	LastReceived time.Time
	Partial      bool // Payload is not all that was sent
}

// Counts is the state of the whole fleet in a few figures.
type Counts struct {
	Vehicles            int
	Online              int
	Orders              map[workorders.State]int
	Reminders           map[reminders.State]int
	Quarantined         int
	MissingMessages     int // by their numbers, of all vehicles
	GapVehicles         int // vehicles of which messages are missing
	Unplanned           int // vehicles with marks waiting
	UndeliveredMessages int
	DeadMessages        int
	OdometerRefused     int // readings, see Summary
}

// Queries is what transports read. Each answers the next page's cursor, empty
// at the end. Orders come most urgent and newest first, reminders by due date,
// vehicles by VIN, quarantine newest first.
type Queries interface {
	Vehicles(ctx context.Context, f VehicleFilter, p Page) ([]VehicleRow, string, error)
	VehicleRow(ctx context.Context, vin vehicle.VIN) (VehicleRow, error)
	Orders(ctx context.Context, f OrderFilter, p Page) ([]workorders.Order, string, error)
	Order(ctx context.Context, id string) (workorders.Order, error)
	Reminders(ctx context.Context, f ReminderFilter, p Page) ([]reminders.Reminder, string, error)
	Quarantine(ctx context.Context, f QuarantineFilter, p Page) ([]Quarantined, string, error)
	// RollupsBetween returns the roll-ups of the days from first to the one before end,
	// ascending.
	RollupsBetween(ctx context.Context, vin vehicle.VIN, first, end vehicle.Day) ([]telemetry.DayRollup, error)
	Forecasts(ctx context.Context, vin vehicle.VIN) ([]predict.Forecast, error)
	Findings(ctx context.Context, vin vehicle.VIN) ([]diagnosis.Finding, error)
	CodeStates(ctx context.Context, vin vehicle.VIN) ([]diagnosis.CodeState, error)
	Records(ctx context.Context, vin vehicle.VIN) ([]history.Record, error)
	Reception(ctx context.Context, vin vehicle.VIN) (ingest.Reception, error)
	Erasures(ctx context.Context, p Page) ([]Erasure, string, error) // newest first
	Erasure(ctx context.Context, id string) (Erasure, error)
	Clock(ctx context.Context, vin vehicle.VIN) (vehicle.Clock, error)
	Models(ctx context.Context) ([]models.Version, error) // newest first
	Model(ctx context.Context, version string) (models.Version, error)
	ModelEvents(ctx context.Context) ([]models.Event, error) // newest first
	// Tallies counts outcomes of forecasts that became known in the week of since or
	// later, of one component or, with none, of all: one a component, horizon and week.
	Tallies(ctx context.Context, only predict.Component, since time.Time) ([]models.Tally, error)
	Counts(ctx context.Context) (Counts, error)
	Ping(ctx context.Context) error
}
