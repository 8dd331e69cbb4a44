package workorders

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// UndoWindow is how long a dismissal can be taken back.
const UndoWindow = 10 * time.Minute

// Machine is the actor of what pitcrew does by itself.
const Machine = "pitcrew"

// How far an odometer may read below the newest trusted one before somebody has
// to say why: 50 km, or 0.2 % of the reading.
const (
	odometerToleranceKm    = 50.0
	odometerToleranceShare = 0.002
)

// maxOdometerKm is what a service record may say at most. An order that was
// checked in with more could never be closed.
const maxOdometerKm = 5e6

// Transition is one row of the table: in which state which action is allowed,
// and where it leads. The guard says what else has to hold.
type Transition struct {
	From   State
	Action Action
	To     State
	guard  func(Order, Command, time.Time) error
}

// transitions is never changed.
var transitions = [...]Transition{
	{Proposed, ActionAccept, Open, nil},
	{Proposed, ActionDismiss, Dismissed, needsReason},
	{Proposed, ActionWithdraw, Withdrawn, onlyMachine},
	{Dismissed, ActionReopen, Proposed, withinUndoWindow},
	{Open, ActionSchedule, Scheduled, needsComingTime},
	{Scheduled, ActionSchedule, Scheduled, needsComingTime}, // another time
	{Open, ActionCheckIn, CheckedIn, needsPlausibleOdometer},
	{Scheduled, ActionCheckIn, CheckedIn, needsPlausibleOdometer},
	{CheckedIn, ActionStart, InProgress, nil},
	{InProgress, ActionFinish, Ready, nil},
	{Ready, ActionClose, Closed, needsResults},
	{Open, ActionCancel, Cancelled, needsNote},
	{Scheduled, ActionCancel, Cancelled, needsNote},
	{CheckedIn, ActionCancel, Cancelled, needsNote},
}

// Transitions returns the whole table, in the order of an order's life.
func Transitions() []Transition { return slices.Clone(transitions[:]) }

// Allowed returns what a person may do to an order in this state, in the order
// in which a screen should offer it. The guards of Apply may still refuse.
func Allowed(s State) []Action {
	var out []Action
	for _, t := range transitions {
		if t.From == s && t.Action != ActionWithdraw {
			out = append(out, t.Action)
		}
	}
	return out
}

// find returns the row for an action in a state.
func find(s State, a Action) (Transition, error) {
	known := false
	for _, t := range transitions {
		if t.Action == a && t.From == s {
			return t, nil
		}
		known = known || t.Action == a
	}
	if !known {
		return Transition{}, fault.Invalidf("action", "there is no action %q", a)
	}
	return Transition{}, fault.New(fault.FailedPrecondition, "%s is not possible: the order is %s; possible now: %s", a, s, spoken(Allowed(s)))
}

// spoken lists actions for a message.
func spoken(actions []Action) string {
	if len(actions) == 0 {
		return "nothing"
	}
	var b strings.Builder
	for i, a := range actions {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(a))
	}
	return b.String()
}

func needsReason(_ Order, c Command, _ time.Time) error {
	switch c.DismissReason {
	case FalsePositive, AlreadyDone, OwnerDeclined, Duplicate, VehicleSold, OtherReason:
		return nil
	case "":
		return fault.Invalidf("reason", "say why the proposal is dismissed")
	}
	return fault.Invalidf("reason", "%q is not a reason for a dismissal", c.DismissReason)
}

func onlyMachine(_ Order, c Command, _ time.Time) error {
	if c.Actor != Machine {
		return fault.New(fault.PermissionDenied, "a person dismisses a proposal; only the machine withdraws it")
	}
	return nil
}

func withinUndoWindow(o Order, _ Command, now time.Time) error {
	if now.Sub(o.Closed) > UndoWindow {
		return fault.New(fault.FailedPrecondition, "a dismissal can be undone for %.0f minutes only", UndoWindow.Minutes())
	}
	return nil
}

// needsComingTime allows the current minute: a form has no seconds.
func needsComingTime(_ Order, c Command, now time.Time) error {
	switch {
	case c.ScheduledFor.IsZero():
		return fault.Invalidf("scheduledFor", "say when the car comes")
	case c.ScheduledFor.Before(now.Truncate(time.Minute)):
		return fault.Invalidf("scheduledFor", "the appointment lies in the past")
	}
	return nil
}

func needsPlausibleOdometer(_ Order, c Command, _ time.Time) error {
	if !(c.OdometerKm > 0) {
		return fault.Invalidf("odometerKm", "read the odometer, in km")
	}
	if c.OdometerKm > maxOdometerKm {
		return fault.Invalidf("odometerKm", "no vehicle has driven %.0f km", c.OdometerKm)
	}
	tolerance := max(odometerToleranceKm, odometerToleranceShare*c.LastTrustedKm)
	if c.OdometerKm < c.LastTrustedKm-tolerance && c.Note == "" {
		return &fault.Error{
			Code: fault.FailedPrecondition, Field: "odometerKm",
			Message: "the odometer reads less than before: check it, or say why in the note",
		}
	}
	if c.OdometerKm < c.LastTrustedKm { // within what is tolerated
		return nil
	}
	return doubted(c)
}

// doubted wants a note for an odometer that fits no other reading, such as one with a
// digit too many: what is written down here goes into the service history.
func doubted(c Command) error {
	if c.OdometerDoubt == "" || c.Note != "" {
		return nil
	}
	return &fault.Error{
		Code: fault.FailedPrecondition, Field: "odometerKm",
		Message: fmt.Sprintf("the odometer cannot be right (%s): check it, or say why in the note", c.OdometerDoubt),
	}
}

func needsNote(_ Order, c Command, _ time.Time) error {
	if c.Note == "" {
		return fault.Invalidf("note", "say why the order is cancelled")
	}
	return nil
}

// needsResults wants the odometer and an outcome for every line that is part of
// the order. Tentative lines may be left out: nobody has agreed to them.
func needsResults(o Order, c Command, _ time.Time) error {
	if !(c.OdometerKm >= o.OdometerInKm) {
		return fault.Invalidf("odometerKm", "the odometer cannot be lower than at check-in (%.0f km)", o.OdometerInKm)
	}
	if c.OdometerKm > maxOdometerKm {
		return fault.Invalidf("odometerKm", "no vehicle has driven %.0f km", c.OdometerKm)
	}
	if c.OdometerKm > o.OdometerInKm+odometerToleranceKm { // what it came in with was asked for then
		if err := doubted(c); err != nil {
			return err
		}
	}
	said := make(map[int]bool, len(c.Lines))
	for _, r := range c.Lines {
		switch {
		case said[r.Seq]:
			return fault.Invalidf("lines", "line %d has two results", r.Seq)
		case !slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Seq == r.Seq }):
			return fault.Invalidf("lines", "there is no line %d", r.Seq)
		case r.Outcome != OutcomeFixed && r.Outcome != OutcomeNotFound && r.Outcome != OutcomeDeferred:
			return fault.Invalidf("lines", "line %d: the outcome is fixed, not_found or deferred", r.Seq)
		case !(r.HoursActual >= 0 && r.HoursActual <= 200):
			return fault.Invalidf("lines", "line %d: hours lie between 0 and 200", r.Seq)
		case !(r.Litres >= 0 && r.Litres <= 200):
			return fault.Invalidf("lines", "line %d: litres lie between 0 and 200", r.Seq)
		case r.Litres > 0 && !r.ToppedUp, r.ToppedUp && r.Outcome != OutcomeFixed:
			return fault.Invalidf("lines", "line %d: litres are told of a fixed line that was topped up", r.Seq)
		case r.Part != "" && r.Outcome != OutcomeFixed:
			return fault.Invalidf("lines", "line %d: a part is told of a fixed line", r.Seq)
		case len(r.Part) > history.MaxPart:
			return fault.Invalidf("lines", "line %d: a part has at most %d bytes", r.Seq, history.MaxPart)
		}
		said[r.Seq] = true
	}
	for _, l := range o.Lines {
		if !said[l.Seq] && !l.Tentative {
			return fault.Invalidf("lines", "say how line %d ended", l.Seq)
		}
	}
	return nil
}
