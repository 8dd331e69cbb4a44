package evaluate

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// OwnTally compares answers with what became of the parts.
type OwnTally struct {
	o       *Own
	ended   []ownEnded
	watched []ownWatched
	until   time.Time // end of the data
	censor  []pooled  // by part: of parts that were renewed early or still run
}

// ownEnded is an answer about a part whose end is known. Days are from AsOf on, km are
// odometers.
type ownEnded struct {
	unit, part  int
	days, km    predict.Quantiles
	left        float64
	odometer    float64 // at the limit, to compare km with; NaN where that is not known
	fixed, line float64 // baselines; NaN: no answer
	table       predict.Quantiles
}

// Tally starts a score of the fleet's answers.
func (o *Own) Tally() *OwnTally {
	t := &OwnTally{o: o}
	t.until = o.last
	for range o.parts {
		t.censor = append(t.censor, newPooled(len(o.units)))
	}
	return t
}

// Add takes in the answers of one time.
func (t *OwnTally) Add(answers []OwnAnswer) {
	for i := range answers {
		a := &answers[i]
		u := &t.o.units[a.unit]
		end := t.end(u, a.part, a.AsOf)
		if inside, ok := a.inside(end, t.until); ok {
			t.watched = append(t.watched, ownWatched{a.unit, a.part, days(a.Limit.P50.Sub(a.AsOf)), inside})
		}
		switch {
		case end.past:
		case end.known:
			t.ended = append(t.ended, t.compare(a, u, end))
		case end.at.After(a.AsOf):
			t.censor[a.part].add(a.unit, share(a.Limit.P90.Before(end.at)))
		}
	}
}

// ownWatched is an answer whose P90 lies within the data, so that it is known whether
// the part reached its limit between P10 and P90, also where it never did.
type ownWatched struct {
	unit, part int
	due        float64 // days that the forecast says
	inside     bool
}

// inside reports whether the limit lay between P10 and P90; false for a part of which
// that is not known. A unit that was not heard of after its limit would have been, had
// it lasted, until the data ends.
func (a *OwnAnswer) inside(end ownEnd, until time.Time) (inside, ok bool) {
	switch {
	case end.past || a.Limit.P90.After(until):
		return false, false
	case end.known:
		return !end.at.Before(a.Limit.P10) && !end.at.After(a.Limit.P90), true
	}
	return false, end.at.After(a.Limit.P90) // it was still good then
}

// ownEnd is how the part that was in at a time ended.
type ownEnd struct {
	ownEvent      // when it reached its limit, or was last known not to have
	known    bool // it reached its limit then
	past     bool // it had before
}

// end looks for what became of the part that was in: the limit by the truth, if that tells of this life, else what the
// services say of it. A truth that tells of a few lives leaves the others as they are.
func (t *OwnTally) end(u *ownUnit, part int, at time.Time) ownEnd {
	l := t.o.life(u, part, at)
	if n := len(l.limits); n > 0 {
		for _, e := range l.limits {
			if e.at.After(at) { // what was reached before was renewed without a record
				return ownEnd{ownEvent: e, known: true}
			}
		}
		return ownEnd{past: true}
	}
	if !l.next.at.IsZero() {
		return ownEnd{ownEvent: l.next, known: l.failed}
	}
	return ownEnd{ownEvent: ownEvent{at: t.last(u)}}
}

// ownLife is a part's time in a unit, by all that the files say.
type ownLife struct {
	from   time.Time  // when it was put in; zero when unknown
	broken bool       // the one before it had failed
	next   ownEvent   // when it was renewed; zero where it was not
	failed bool       // it was at its limit then
	limits []ownEvent // when it was, by the truth; several where a renewal has no record
}

// life is that of the part that was in at a time. On one day the limit comes before the renewal, and there is no second
// one: two records of a day are of one visit.
func (o *Own) life(u *ownUnit, part int, at time.Time) (l ownLife) {
	for _, s := range u.services {
		switch {
		case s.part != part || s.at.After(o.last):
		case !s.at.After(at):
			l.broken = s.outcome == outcomeFailed || l.broken && sameDay(l.from, s.at)
			l.from = s.at
		case !l.from.IsZero() && sameDay(s.at, l.from):
		case l.next.at.IsZero():
			l.next, l.failed = s.ownEvent, s.outcome == outcomeFailed
		case sameDay(s.at, l.next.at):
			l.failed = l.failed || s.outcome == outcomeFailed
		}
	}
	for _, e := range u.truth {
		before := !l.from.IsZero() && !startOfDay(e.at).After(l.from)
		after := !l.next.at.IsZero() && startOfDay(e.at).After(l.next.at)
		if e.part == part && !before && !after {
			l.limits = append(l.limits, e)
		}
	}
	return l
}

func startOfDay(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// last is when a unit was last heard of, but for what lies years off.
func (t *OwnTally) last(u *ownUnit) (at time.Time) {
	for i := range u.readings {
		if e := &u.readings[i]; e.at.After(at) && !e.at.After(t.until) {
			at = e.at
		}
	}
	for i := range u.services {
		if e := &u.services[i]; e.at.After(at) && !e.at.After(t.until) {
			at = e.at
		}
	}
	return at
}

// compare puts an answer beside its truth and the baselines.
func (t *OwnTally) compare(a *OwnAnswer, u *ownUnit, end ownEnd) ownEnded {
	until := func(at time.Time) float64 { return days(at.Sub(a.AsOf)) }
	e := ownEnded{
		unit: a.unit, part: a.part, left: until(end.at),
		days: predict.Quantiles{P10: until(a.Limit.P10), P50: until(a.Limit.P50), P90: until(a.Limit.P90)},
		km:   a.LimitKm, odometer: math.NaN(),
	}
	if end.km > 0 && u.oneDial {
		e.odometer = end.km
	}
	paths := a.known.paths[a.part]
	p := &paths[len(paths)-1]
	spec, _ := a.lesson.table.Of(a.lesson.ids[a.part])
	e.line = p.line(&a.lesson.gauges[a.part], dayOf(a.AsOf))
	e.table = remaining(a.lesson.lives[a.part], dayOf(a.AsOf)-dayOf(p.from))
	e.fixed = math.Max(a.known.interval(&spec, a.lesson.lives[a.part])-(dayOf(a.AsOf)-dayOf(p.from)), 0)
	if !p.renewed {
		e.table, e.fixed = predict.Quantiles{P10: math.NaN(), P50: math.NaN(), P90: math.NaN()}, math.NaN()
	}
	return e
}
