// Package workorders is the job and its life: what a machine proposed or a
// person opened, the lines of work, and every step until the car is handed
// back. Transitions are pure functions of an order and a command.
package workorders

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// State of an order. Transitions lists what may follow what.
type State string

// The life of an order. Dismissed, Withdrawn and Cancelled are its other ends:
// an advisor refused a proposal, the reason for a proposal went away, an
// accepted order was called off.
const (
	Proposed   State = "proposed"
	Open       State = "open"
	Scheduled  State = "scheduled"
	CheckedIn  State = "checked_in"
	InProgress State = "in_progress"
	Ready      State = "ready"
	Closed     State = "closed"
	Dismissed  State = "dismissed"
	Withdrawn  State = "withdrawn"
	Cancelled  State = "cancelled"
)

// States lists every state, in the order of an order's life.
func States() []State {
	return []State{Proposed, Open, Scheduled, CheckedIn, InProgress, Ready, Closed, Dismissed, Withdrawn, Cancelled}
}

// Source says who made the order.
type Source string

// Sources of orders.
const (
	ByMachine Source = "machine"
	ByAdvisor Source = "advisor"
)

// Priority follows the drivability of the worst line.
type Priority string

// Priorities, most urgent first.
const (
	Emergency Priority = "emergency"
	Urgent    Priority = "urgent"
	Routine   Priority = "routine"
)

// DismissReason is why an advisor refused a proposal: the label from which the
// precision of proposals is computed.
type DismissReason string

// The reasons an advisor can give.
const (
	FalsePositive DismissReason = "false_positive"
	AlreadyDone   DismissReason = "already_done"
	OwnerDeclined DismissReason = "owner_declined"
	Duplicate     DismissReason = "duplicate"
	VehicleSold   DismissReason = "vehicle_sold"
	OtherReason   DismissReason = "other"
)

// Order is one visit's job. Its texts and evidence are a snapshot: a newer
// model or knowledge base does not change them.
type Order struct {
	ID            string // deterministic for machine proposals
	Number        string // short, for people
	VIN           vehicle.VIN
	State         State
	Source        Source
	Priority      Priority
	Title         lang.Text
	Lines         []Line
	DismissReason DismissReason
	Note          string
	ScheduledFor  time.Time
	OdometerInKm  float64
	OdometerOutKm float64
	RecordID      string // service record written when it closed
	Created       time.Time
	Updated       time.Time
	Opened        time.Time
	CheckedInAt   time.Time
	Closed        time.Time
	Version       int // optimistic lock
	Events        []Event
}

// Event is one step of an order's life.
type Event struct {
	At     time.Time
	Action Action
	From   State
	To     State
	Actor  string
	Note   string
}

// Line is one piece of work: complaint, cause, correction.
type Line struct {
	Seq         int
	Origin      string // "trouble_codes", "wear", "advisor"
	FindingID   string
	Family      string // fault family or component: what the line is about
	Cycle       string
	Component   string // component it renews; empty for diagnosis work
	Drivability string
	Skill       string    // certificate the work needs, "high_voltage"; often empty
	Complaint   lang.Text // what was found
	Detail      lang.Text
	Why         lang.Text
	FirstCheck  lang.Text
	Causes      []Cause
	Operations  []Operation
	Parts       []Part
	Codes       []vehicle.Code
	Evidence    []Evidence
	Knowledge   string
	Model       string
	Cause       string // what the technician found
	Correction  string // what was done
	Outcome     Outcome
	HoursActual float64
	ToppedUp    bool    `json:",omitempty"` // fixed: the fill stayed in, and some new came to it
	Litres      float64 `json:",omitempty"` // of it; 0 when unknown
	Part        string  `json:",omitempty"` // fixed: what was put in, by its part number, or maker and name
	// Tentative: the machine added the line after a person took the order. It is
	// kept up to date, and goes when its reason goes, until the next step that
	// comes before the work is done; such a step makes it part of the order.
	Tentative bool
}

// Outcome of a line, said when the order closes: it teaches the diagnosis.
type Outcome string

// Outcomes. Pending until the technician says.
const (
	OutcomePending  Outcome = ""
	OutcomeFixed    Outcome = "fixed"
	OutcomeNotFound Outcome = "not_found"
	OutcomeDeferred Outcome = "deferred"
)

// Cause, Operation, Part and Evidence are snapshots of what diagnosis said.
type (
	Cause struct {
		Text   lang.Text
		Share  float64
		Reason lang.Text
	}
	Operation struct {
		Code               string
		Text               lang.Text
		HoursMin, HoursMax float64
	}
	Part struct {
		Name     lang.Text
		Quantity float64
	}
	Evidence struct {
		Kind string
		Text lang.Text
		At   time.Time
		Ref  string
	}
)

// Action is what somebody does to an order.
type Action string

// Actions, one per transition.
const (
	ActionAccept   Action = "accept"
	ActionDismiss  Action = "dismiss"
	ActionSchedule Action = "schedule"
	ActionCheckIn  Action = "check_in"
	ActionStart    Action = "start"
	ActionFinish   Action = "finish"
	ActionClose    Action = "close"
	ActionCancel   Action = "cancel"
	ActionReopen   Action = "reopen"   // undo of dismiss, within UndoWindow
	ActionWithdraw Action = "withdraw" // by the machine only
)

// Command is an action with what it needs.
type Command struct {
	Action        Action
	Actor         string
	Version       int // the version the actor saw; 0 accepts any
	DismissReason DismissReason
	Note          string
	ScheduledFor  time.Time
	OdometerKm    float64 // check_in: in; close: out
	LastTrustedKm float64 // check_in: newest trusted odometer known; 0 when there is none
	OdometerDoubt string  // check_in, close: why OdometerKm fits no other reading; empty when it does
	Lines         []LineResult
}

// LineResult is what the technician says of a line when the order closes.
type LineResult struct {
	Seq         int
	Outcome     Outcome
	Cause       string
	Correction  string
	HoursActual float64
	ToppedUp    bool    // fixed without a renewal: the fill was topped up
	Litres      float64 // by so much; 0 when unknown
	Part        string  // fixed: what was put in, by its part number, or maker and name
}
