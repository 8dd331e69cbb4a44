package reminders

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// How often an owner is written to.
const (
	routineGap  = 7 * day // from any message to a routine one
	mostPerItem = 4       // messages about one item in one cycle; stop is not counted
)

// The quiet hours of the owner's day: nothing but stop is sent then.
const (
	quietFrom  = 21
	quietUntil = 8
)

// tell writes the messages that are due now and notes in the reminders that the
// owner was told. An owner without an address is not told: the reminders wait.
func (b *board) tell() []Message {
	if b.in.Vehicle.Owner.Contact == "" {
		return nil
	}
	var stop, soon, routine []*row
	for _, r := range b.rows {
		switch {
		case !r.wantsTelling():
		case r.next.Severity == SeverityStop:
			stop = append(stop, r)
		case r.next.Severity == SeveritySoon:
			soon = append(soon, r)
		default:
			routine = append(routine, r)
		}
	}
	var out []Message
	for _, r := range stop {
		out = append(out, b.message([]*row{r}))
	}
	switch {
	case len(soon) > 0:
		out = append(out, b.message(append(soon, routine...)))
	case len(routine) > 0 && b.mayRoutine(routine, len(stop) > 0):
		out = append(out, b.message(b.withCompany(routine)))
	}
	return out
}

// wantsTelling reports whether the owner does not know of this state yet.
func (r *row) wantsTelling() bool {
	n := r.next
	if r.remove || !r.current || rank(r.news()) == 0 {
		return false
	}
	if r.urgent {
		return true
	}
	told, sent := 0, 0
	for _, s := range n.Notified {
		if s == Snoozed {
			told = 0 // they asked to be told again
			continue
		}
		told = max(told, rank(s))
		sent++
	}
	return rank(r.news()) > told && (sent < mostPerItem || n.Severity == SeverityStop)
}

// mayRoutine keeps routine messages away from other ones. Who asked to be told
// again later is not made to wait.
func (b *board) mayRoutine(rows []*row, writing bool) bool {
	last := b.in.LastRoutine
	if writing {
		last = b.in.Now
	}
	for _, r := range b.rows {
		if r.exists && len(r.before.Notified) > 0 && r.before.Updated.After(last) {
			last = r.before.Updated
		}
	}
	askedFor := slices.ContainsFunc(rows, func(r *row) bool {
		n := len(r.next.Notified)
		return n > 0 && r.next.Notified[n-1] == Snoozed
	})
	return askedFor || last.IsZero() || b.in.Now.Sub(last) >= routineGap
}

// withCompany adds the items that are due so soon after these that one visit
// does for all.
func (b *board) withCompany(rows []*row) []*row {
	for _, r := range b.rows {
		if r.next.State != Planned || r.remove || r.exists {
			continue
		}
		if slices.ContainsFunc(rows, func(o *row) bool { return goesAlong(o.next, r.next) }) {
			r.next.State = DueSoon
			rows = append(rows, r)
		}
	}
	return rows
}

func goesAlong(with, r Reminder) bool {
	near := r.DueAt.Sub(with.DueAt).Abs() <= alongWithin
	return near || with.DueKm > 0 && r.DueKm > 0 && math.Abs(r.DueKm-with.DueKm) <= alongKm
}

// message tells the owner of these reminders at once. Its id is that of the most
// urgent one and the state it announces, so that it is the same whenever it is
// written again.
func (b *board) message(rows []*row) Message {
	slices.SortFunc(rows, func(x, y *row) int {
		return cmp.Or(-cmp.Compare(severityRank(x.next.Severity), severityRank(y.next.Severity)),
			-cmp.Compare(rank(x.news()), rank(y.news())), x.next.DueAt.Compare(y.next.DueAt), cmp.Compare(x.next.ID, y.next.ID))
	})
	items := make([]Reminder, len(rows))
	for i, r := range rows {
		items[i] = r.next
		items[i].State = r.news()
	}
	first := items[0]
	m := Message{
		ID: messageID(first), ReminderID: first.ID, VIN: first.VIN,
		To: b.in.Vehicle.Owner.Contact, Locale: b.in.Vehicle.Owner.Locale, Severity: first.Severity,
		NotBefore: b.in.Now.UTC(),
	}
	if m.Severity != SeverityStop {
		m.NotBefore = afterQuiet(b.in.Now, b.in.loc)
	}
	for _, r := range rows {
		r.next.Notified = append(r.next.Notified, r.news())
		r.next.Updated = b.in.Now.UTC()
	}
	m.Subject, m.Body = b.in.wording(items)
	return m
}

// messageID names the message that announces a reminder's state. A state that is
// announced again, because the owner asked for it or because it got worse, is a
// message of its own.
func messageID(r Reminder) string {
	if again := count(r.Notified, r.State); again > 0 {
		return hash("message", r.ID, string(r.State), fmt.Sprint(again))
	}
	return hash("message", r.ID, string(r.State))
}

func severityRank(s Severity) int {
	switch s {
	case SeverityStop:
		return 2
	case SeveritySoon:
		return 1
	default:
		return 0
	}
}

// afterQuiet returns now, or the end of the quiet hours that now lies in.
func afterQuiet(now time.Time, loc *time.Location) time.Time {
	t := now.In(loc)
	y, m, d := t.Date()
	switch h := t.Hour(); {
	case h >= quietFrom:
		return time.Date(y, m, d+1, quietUntil, 0, 0, 0, loc).UTC()
	case h < quietUntil:
		return time.Date(y, m, d, quietUntil, 0, 0, 0, loc).UTC()
	}
	return now.UTC()
}
