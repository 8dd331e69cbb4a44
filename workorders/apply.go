package workorders

import (
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// Apply returns the order after the command, with one event more; the order it
// is given stays as it is. Version is left alone: the store counts it, one per
// write. Errors are faults: Conflict when the actor saw another version,
// FailedPrecondition when the state does not allow the action, Invalid when the
// command lacks something.
func Apply(o Order, c Command, now time.Time) (Order, error) {
	c.Actor, c.Note = strings.TrimSpace(c.Actor), strings.TrimSpace(c.Note)
	if c.Actor == "" {
		return o, fault.Invalidf("actor", "say who does it")
	}
	if c.Version != 0 && c.Version != o.Version {
		return o, fault.New(fault.Conflict, "the order has changed since you saw it (version %d, now %d): look again", c.Version, o.Version)
	}
	t, err := find(o.State, c.Action)
	if err != nil {
		return o, err
	}
	if t.guard != nil {
		if err := t.guard(o, c, now); err != nil {
			return o, err
		}
	}
	now = now.UTC()
	next := o
	next.Lines = slices.Clone(o.Lines)
	next.Events = append(slices.Clip(slices.Clone(o.Events)), Event{
		At: now, Action: c.Action, From: t.From, To: t.To, Actor: c.Actor, Note: eventNote(c),
	})
	next.State, next.Updated = t.To, now
	next.take(c, now)
	return next, nil
}

// eventNote keeps the reason of a dismissal in the event, where an undo does not
// take it away.
func eventNote(c Command) string {
	switch {
	case c.Action != ActionDismiss:
		return c.Note
	case c.Note == "":
		return string(c.DismissReason)
	}
	return string(c.DismissReason) + ": " + c.Note
}

// take writes what the command brings into the order, once it is allowed.
func (o *Order) take(c Command, now time.Time) {
	if c.Note != "" {
		o.Note = c.Note
	}
	switch c.Action {
	case ActionAccept:
		o.Opened = now
	case ActionDismiss:
		o.DismissReason, o.Closed = c.DismissReason, now
	case ActionReopen:
		o.DismissReason, o.Closed = "", time.Time{}
	case ActionWithdraw, ActionCancel:
		o.Closed = now
	case ActionSchedule:
		o.ScheduledFor = c.ScheduledFor.UTC()
	case ActionCheckIn:
		o.OdometerInKm, o.CheckedInAt = c.OdometerKm, now
	case ActionClose:
		o.OdometerOutKm, o.Closed = c.OdometerKm, now
		o.settle(c.Lines)
		o.RecordID = history.RecordID(history.FromWorkOrder, o.ID)
	default: // starting and finishing bring nothing
	}
	if c.Action != ActionFinish && c.Action != ActionClose {
		for i := range o.Lines {
			o.Lines[i].Tentative = false
		}
	}
}

// settle writes the results into the lines and drops tentative ones that nobody
// worked on.
func (o *Order) settle(results []LineResult) {
	for i := range o.Lines {
		l := &o.Lines[i]
		for _, r := range results {
			if r.Seq == l.Seq {
				l.Outcome, l.Cause, l.Correction, l.HoursActual = r.Outcome, r.Cause, r.Correction, r.HoursActual
				l.ToppedUp, l.Litres, l.Part = r.ToppedUp, r.Litres, strings.TrimSpace(r.Part)
				l.Tentative = false
			}
		}
	}
	o.Lines = slices.DeleteFunc(o.Lines, func(l Line) bool { return l.Tentative })
}

// FixedUnlessSaid completes results for a shop that only reports what did not go
// to plan: every line of the order that is not mentioned counts as fixed.
// Tentative lines do not: nobody has agreed to them.
func FixedUnlessSaid(o Order, said []LineResult) []LineResult {
	out := slices.Clone(said)
	for _, l := range o.Lines {
		if !l.Tentative && !slices.ContainsFunc(said, func(r LineResult) bool { return r.Seq == l.Seq }) {
			out = append(out, LineResult{Seq: l.Seq, Outcome: OutcomeFixed})
		}
	}
	return out
}
