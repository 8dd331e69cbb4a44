package reminders

import (
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

// UndoWindow is how long what a person did to a reminder can be taken back.
const UndoWindow = 10 * time.Minute

// Limits of snoozing.
const (
	maxSnooze  = 30 * 24 * time.Hour
	maxSnoozes = 3
)

// Action is what a person does to a reminder.
type Action string

// The actions of a person.
const (
	ActionSnooze  Action = "snooze"  // tell me again later
	ActionDecline Action = "decline" // do not tell me again in this cycle
	ActionDone    Action = "done"    // it was done elsewhere
	ActionUndo    Action = "undo"    // take the last of these back, within UndoWindow
)

// Command is an action with what it needs.
type Command struct {
	Action  Action
	Until   time.Time // snooze
	Version int       // the version the person saw; 0 accepts any
	Note    string
	Table   *predict.Table // tells what is about safety; nil: the standard table
}

// Apply returns the reminder after what a person did. Errors are faults:
// Conflict for another version, FailedPrecondition when the state does not allow
// it, Invalid for a wrong command.
func Apply(r Reminder, c Command, now time.Time) (Reminder, error) {
	now = now.UTC()
	if c.Version != 0 && c.Version != r.Version {
		return r, fault.New(fault.Conflict, "the reminder has changed since you saw it: look again")
	}
	r.Notified = slices.Clone(r.Notified)
	switch c.Action {
	case ActionSnooze:
		if err := snoozable(r, c, now); err != nil {
			return r, err
		}
		r.State, r.SnoozeUntil = Snoozed, c.Until.UTC()
		r.Notified = append(r.Notified, Snoozed)
	case ActionDecline, ActionDone:
		if !r.open() {
			return r, notNow(c.Action, r.State)
		}
		r.State, r.Closed, r.SnoozeUntil = Declined, now, time.Time{}
		if c.Action == ActionDone {
			r.State = Done
		}
	case ActionUndo:
		switch r.State {
		case Snoozed, Declined, Done:
		default:
			return r, fault.New(fault.FailedPrecondition, "there is nothing to undo")
		}
		if now.Sub(r.Updated) > UndoWindow {
			return r, fault.New(fault.FailedPrecondition, "this can be undone for %.0f minutes only", UndoWindow.Minutes())
		}
		if n := len(r.Notified); r.State == Snoozed && n > 0 && r.Notified[n-1] == Snoozed {
			r.Notified = r.Notified[:n-1]
		}
		r.State, r.SnoozeUntil, r.Closed = r.toldState(), time.Time{}, time.Time{}
	default:
		return r, fault.Invalidf("action", "there is no action %q", strings.TrimSpace(string(c.Action)))
	}
	r.Updated = now
	return r, nil
}

func notNow(a Action, s State) error {
	return fault.New(fault.FailedPrecondition, "%s is not possible: the reminder is %s", a, s)
}

// snoozable checks the rules for putting off: not a vehicle that must not be
// driven, three times, a month, and no safety item beyond its latest due date.
func snoozable(r Reminder, c Command, now time.Time) error {
	until := c.Until
	spec, _ := c.Table.Of(predict.Component(r.Item))
	switch {
	case !r.open() || r.State == Booked:
		return notNow(ActionSnooze, r.State)
	case r.Severity == SeverityStop:
		return fault.New(fault.FailedPrecondition, "the vehicle must not be driven: this cannot be put off")
	case !until.After(now):
		return fault.Invalidf("until", "choose a time that is still to come")
	case until.After(now.Add(maxSnooze)):
		return fault.Invalidf("until", "choose a time within 30 days")
	case spec.Safety == predict.SafetyCritical && !r.DueLatest.IsZero() && until.After(r.DueLatest):
		return fault.Invalidf("until", "this is about safety: choose a time before %s", r.DueLatest.Format(time.DateOnly))
	case count(r.Notified, Snoozed) >= maxSnoozes:
		return fault.New(fault.FailedPrecondition, "it has been put off three times: book it, decline it, or say that it was done")
	}
	return nil
}

// open reports whether the reminder is still about something to do.
func (r Reminder) open() bool {
	switch r.State {
	case Planned, DueSoon, Due, Overdue, Snoozed, Booked:
		return true
	default:
		return false
	}
}

// toldState is the most urgent state that the owner has been told of, due soon
// where there was none.
func (r Reminder) toldState() State {
	told := DueSoon
	for _, s := range r.Notified {
		if rank(s) > rank(told) {
			told = s
		}
	}
	return told
}

// rank orders the states that time brings; the others are 0.
func rank(s State) int {
	switch s {
	case DueSoon:
		return 1
	case Due:
		return 2
	case Overdue:
		return 3
	default:
		return 0
	}
}

func count(states []State, s State) int {
	n := 0
	for _, x := range states {
		if x == s {
			n++
		}
	}
	return n
}
