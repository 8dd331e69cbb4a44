package reminders

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Input is everything that reminders of one vehicle may depend on, beside the
// reminders that exist. The order of the slices does not matter.
type Input struct {
	Vehicle    vehicle.Vehicle // owner, locale and time zone with it
	Now        time.Time
	OdometerKm float64   // newest trusted one; 0 when unknown
	OdometerAt time.Time // when it was read; zero is Now
	KmPerDay   float64   // usual use; 0 when unknown: then only dates count
	Forecasts  []predict.Forecast
	Items      []PlanItem // of the service plan, where it knows more than predict
	Findings   []Finding
	Work       []Work
	// LastRoutine is when the owner was last sent a routine message about another
	// vehicle; zero when never, or when they have only this one.
	LastRoutine time.Time
	Table       *predict.Table // what the forecasts are about; nil: the standard table

	loc *time.Location // the owner's, read once
}

// located returns the input with the owner's time zone at hand: UTC when the
// vehicle names none, or one that does not exist.
func (in Input) located() Input {
	loc, err := time.LoadLocation(in.Vehicle.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	in.loc = loc
	return in
}

// PlanItem is an item of a service plan with its limits. Where Item is a
// component that predict knows, the limits are named beside the forecast; else
// they alone decide.
type PlanItem struct {
	Item    string
	Cycle   string // of the plan; the forecast's where there is one
	Title   lang.Text
	LimitKm float64   // odometer; 0 when there is no distance limit
	LimitAt time.Time // zero when there is no time limit
}

// Finding is something wrong that the owner has to hear of at once. Only stop
// and soon count.
type Finding struct {
	Item     string // fault family, or component
	Cycle    string
	Severity Severity
	Title    lang.Text
	Why      lang.Text // what it means for the driver
	Since    time.Time
}

// WorkState says how far the work on an item is.
type WorkState string

// Work that matters to a reminder.
const (
	WorkBooked WorkState = "booked" // an accepted order, not closed yet
	WorkDone   WorkState = "done"   // a closed order that fixed it
)

// Work is a line of an order about an item. An empty Cycle means any.
type Work struct {
	OrderID string
	Item    string
	Cycle   string
	State   WorkState
	InShop  bool      // booked: the vehicle is there already, nobody drives it
	At      time.Time // done: when the order was closed
}

// Change is a reminder to write, or to delete: one that nobody was told of.
type Change struct {
	Reminder Reminder
	Delete   bool
}

// Decision is what has to be written, in one transaction, after a look at a
// vehicle.
type Decision struct {
	Changes  []Change
	Messages []Message
}
