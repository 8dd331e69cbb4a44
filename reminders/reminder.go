// Package reminders decides when an owner is told what, and that it happens
// once per item and cycle. Decisions are pure functions; sending goes through
// an outbox and a Channel.
package reminders

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// State of a reminder. See Plan for when it changes.
type State string

// The life of a reminder: planned, due_soon, due, overdue, then booked and done;
// or snoozed and back, declined, or withdrawn when its reason has gone.
const (
	Planned   State = "planned"
	DueSoon   State = "due_soon"
	Due       State = "due"
	Overdue   State = "overdue"
	Snoozed   State = "snoozed"
	Booked    State = "booked"
	Done      State = "done"
	Declined  State = "declined"
	Withdrawn State = "withdrawn"
)

// States lists every state, in the order of a reminder's life.
func States() []State {
	return []State{Planned, DueSoon, Due, Overdue, Snoozed, Booked, Done, Declined, Withdrawn}
}

// Severity decides the tone, the channel and whether the night is kept quiet.
type Severity string

// Severities, most urgent first.
const (
	SeverityStop    Severity = "stop"
	SeveritySoon    Severity = "soon"
	SeverityRoutine Severity = "routine"
)

// Basis says why the reminder is due.
type Basis string

// What a reminder can rest on: the plan's distance or date, a forecast of wear,
// or a finding from trouble codes.
const (
	ByDistance Basis = "distance"
	ByDate     Basis = "date"
	ByForecast Basis = "forecast"
	ByFinding  Basis = "finding"
)

// Reminder is the one message about one item in one cycle.
type Reminder struct {
	ID          string // deterministic: vehicle, item, cycle
	VIN         vehicle.VIN
	Item        string // component, or fault family
	Cycle       string
	Title       lang.Text
	Reason      lang.Text
	Basis       Basis
	Severity    Severity
	State       State
	DueKm       float64   // odometer, P50; 0 when there is none
	DueAt       time.Time // P50
	DueEarliest time.Time // P10
	DueLatest   time.Time // P90
	SnoozeUntil time.Time
	WorkOrderID string
	Notified    []State // states the owner has been told of, and Snoozed each time they put it off, in order
	Created     time.Time
	Updated     time.Time // when the state last changed or the owner was last told
	Closed      time.Time // when it became done, declined or withdrawn
	Version     int       // optimistic lock
}

// Message is one thing to tell one owner, once: its ID is deterministic in the
// reminder and the state it announces.
type Message struct {
	ID         string
	ReminderID string
	VIN        vehicle.VIN
	To         string
	Locale     string
	Severity   Severity
	Subject    string
	Body       string
	NotBefore  time.Time // quiet hours
}
