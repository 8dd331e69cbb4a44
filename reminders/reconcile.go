package reminders

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// A new due date moves a reminder that the owner knows of when it shifts by more
// than a week, or by more than a tenth of the time left. Less than a day is
// never news.
const (
	shiftAlways = 7 * day
	shiftShare  = 0.1
	shiftNever  = day
)

// Reconcile says what to write so that the reminders of a vehicle follow what is
// desired (see Plan), given what the owner was told and what people did.
//
// A reminder that nobody was told of and nobody touched is recomputed, and goes
// without a word when its reason goes. One that the owner knows of never goes
// back to an earlier state: it moves when the date shifts markedly, waits while
// it is snoozed or booked, is done when the work is done or the part was renewed,
// and is withdrawn when its finding has gone. Declined and done stay so for
// their cycle, unless the vehicle must now not be driven.
//
// Every state is told once. Applying the decision and asking again gives an
// empty one.
func Reconcile(existing, desired []Reminder, in Input) Decision {
	wanted := make(map[string]Reminder, len(desired))
	for _, d := range desired {
		wanted[d.ID] = d
	}
	b := board{in: in.located(), forecasts: in.current()}
	for _, e := range existing {
		d, ok := wanted[e.ID]
		delete(wanted, e.ID)
		if ok {
			b.put(e, &d)
		} else {
			b.put(e, nil)
		}
	}
	for _, d := range wanted {
		b.open(d)
	}
	slices.SortFunc(b.rows, func(x, y *row) int { return cmp.Compare(x.next.ID, y.next.ID) })
	messages := b.tell()
	return Decision{Changes: b.changes(), Messages: messages}
}

// board is the reminders of one vehicle while they are being decided.
type board struct {
	in        Input
	forecasts map[string]predict.Forecast
	rows      []*row
}

// row is one reminder on its way.
type row struct {
	before, next Reminder
	exists       bool
	remove       bool
	current      bool // the facts still ask for it
	urgent       bool // must be told even if this state was told before
	tellAs       State
}

// news is the state to tell the owner of: for a vehicle that must not be driven
// to the visit that is booked, the one it would have without it.
func (r *row) news() State {
	if r.tellAs != "" {
		return r.tellAs
	}
	return r.next.State
}

// current is the forecast of each component.
func (in Input) current() map[string]predict.Forecast {
	m := make(map[string]predict.Forecast, len(in.Forecasts))
	for _, f := range in.Forecasts {
		m[string(f.Component)] = f
	}
	return m
}

// work finds the booked or finished work on a reminder's item.
func (b *board) work(r Reminder, s WorkState) (Work, bool) {
	var best Work
	found := false
	for _, w := range b.in.Work {
		if w.State != s || w.Item != r.Item || w.Cycle != "" && w.Cycle != r.Cycle && s == WorkDone {
			continue
		}
		if w.Cycle == "" && s == WorkDone && w.At.Before(r.Created) {
			continue // an earlier visit
		}
		if !found || w.At.After(best.At) || w.At.Equal(best.At) && w.OrderID < best.OrderID {
			best, found = w, true
		}
	}
	return best, found
}

// open begins a reminder that did not exist.
func (b *board) open(d Reminder) {
	d.Created, d.Updated = b.in.Now.UTC(), b.in.Now.UTC()
	if _, done := b.work(d, WorkDone); done {
		return
	}
	r := &row{next: d, current: true}
	b.book(r, &d)
	b.rows = append(b.rows, r)
}

// put decides about a reminder that exists; d is what the facts ask for.
func (b *board) put(e Reminder, d *Reminder) {
	r := &row{before: e, next: e, exists: true, current: d != nil}
	r.next.Notified = slices.Clone(e.Notified)
	b.rows = append(b.rows, r)
	held := len(e.Notified) > 0
	switch {
	case !e.open():
		b.revive(r, d)
	case b.finish(r, d, held || e.State == Booked):
	case b.book(r, d):
	case !held && d == nil:
		r.remove = true
	case !held:
		r.replace(*d)
	case d == nil && e.Basis == ByFinding:
		r.close(Withdrawn, b.in.Now)
	default:
		r.follow(d, b.in.Now)
	}
	if r.exists && !r.remove && r.next.State != e.State {
		r.next.Updated = b.in.Now.UTC()
	}
}

// finish closes a reminder whose work is done or whose part was renewed.
func (b *board) finish(r *row, d *Reminder, held bool) bool {
	w, done := b.work(r.before, WorkDone)
	f, known := b.forecasts[r.before.Item]
	renewed := d == nil && known && f.Cycle != r.before.Cycle
	switch {
	case !done && !renewed:
		return false
	case !held:
		r.remove = true
	case done:
		r.close(Done, w.At)
	case f.ServicedAt.IsZero():
		r.close(Withdrawn, b.in.Now) // late data tells the past differently
	default:
		r.close(Done, b.in.Now)
	}
	r.current = false
	return true
}

// book follows an accepted order about the item. The owner is not reminded then,
// but is told once when the vehicle must not be driven to the workshop.
func (b *board) book(r *row, d *Reminder) bool {
	w, ok := b.work(r.next, WorkBooked)
	if !ok {
		return false
	}
	if d != nil {
		if r.exists && r.before.State != Booked {
			r.move(*d, b.in.Now)
		}
		escalates := r.exists && d.Severity == SeverityStop && r.before.Severity != SeverityStop
		r.urgent = r.urgent || escalates
		r.next.Severity = worse(r.next.Severity, d.Severity)
		if d.Severity == SeverityStop && !w.InShop && (r.urgent || len(r.next.Notified) == 0) {
			r.tellAs = d.State
		}
	}
	r.next.State, r.next.WorkOrderID, r.next.SnoozeUntil = Booked, w.OrderID, time.Time{}
	return true
}

// revive opens a closed reminder again: a withdrawn one whose reason came back,
// and a declined or finished one when the vehicle must now not be driven.
func (b *board) revive(r *row, d *Reminder) {
	r.current = false
	if d == nil || d.State == Planned {
		return
	}
	escalates := d.Severity == SeverityStop && r.before.Severity != SeverityStop
	_, done := b.work(r.before, WorkDone)
	if done || r.before.State != Withdrawn && !escalates {
		return
	}
	r.current, r.urgent = true, escalates
	r.next.State, r.next.WorkOrderID = later(r.before.toldState(), d.State), ""
	r.next.Closed, r.next.SnoozeUntil = time.Time{}, time.Time{}
	r.next.Severity = worse(r.next.Severity, d.Severity)
	r.move(*d, b.in.Now)
	if len(r.next.Notified) == 0 {
		r.replace(*d)
	}
	b.book(r, d)
}

// close ends a reminder.
func (r *row) close(s State, at time.Time) {
	r.current = false
	r.next.State, r.next.Closed, r.next.SnoozeUntil = s, at.UTC(), time.Time{}
}

// replace takes everything from what is desired: nobody has seen this reminder.
func (r *row) replace(d Reminder) {
	d.Created, d.Updated, d.Version = r.before.Created, r.before.Updated, r.before.Version
	d.Notified = r.next.Notified
	r.next = d
	if d.State == Planned {
		r.remove = true
	}
}

// follow moves a reminder that the owner knows of with the facts; without facts
// it stays where it is.
func (r *row) follow(d *Reminder, now time.Time) {
	e := r.before
	escalates := d != nil && d.Severity == SeverityStop && e.Severity != SeverityStop
	if d != nil {
		r.urgent = escalates
		r.next.Severity = worse(e.Severity, d.Severity)
		r.move(*d, now)
	}
	if e.State == Snoozed && now.Before(e.SnoozeUntil) && !escalates {
		r.current = false
		return
	}
	known := e.State
	if rank(known) == 0 {
		known = e.toldState()
	}
	r.next.State, r.next.WorkOrderID, r.next.SnoozeUntil = known, "", time.Time{}
	if d != nil {
		r.next.State = later(known, d.State)
	}
}

// move takes the due date and the reason over when they shifted markedly, or
// when another law or a finding now decides.
func (r *row) move(d Reminder, now time.Time) {
	shift := d.DueAt.Sub(r.before.DueAt).Abs()
	left := r.before.DueAt.Sub(now)
	limit := shiftAlways
	if tenth := time.Duration(math.Round(shiftShare * float64(left))); left > 0 && tenth < limit {
		limit = max(tenth, shiftNever)
	}
	if shift > limit || d.Basis != r.before.Basis || d.Severity != r.before.Severity && worse(d.Severity, r.before.Severity) == d.Severity {
		r.next.DueKm, r.next.DueAt = d.DueKm, d.DueAt
		r.next.DueEarliest, r.next.DueLatest = d.DueEarliest, d.DueLatest
		r.next.Reason, r.next.Title, r.next.Basis = d.Reason, d.Title, d.Basis
	}
}

// later returns the state that comes later in time.
func later(a, b State) State {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// changes lists what differs from what is stored, by id.
func (b *board) changes() []Change {
	var out []Change
	for _, r := range b.rows {
		switch {
		case r.remove && r.exists:
			out = append(out, Change{Reminder: r.before, Delete: true})
		case r.remove || r.next.State == Planned:
		case !r.exists || !reflect.DeepEqual(r.before, r.next):
			out = append(out, Change{Reminder: r.next})
		}
	}
	return out
}
