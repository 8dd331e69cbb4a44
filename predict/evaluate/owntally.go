package evaluate

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// OwnTally compares answers with what became of the parts.
type OwnTally struct {
	o       *Own
	byTruth bool // there is a truth; else services that found a part failed are it
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
	for i := range o.units {
		t.byTruth = t.byTruth || len(o.units[i].truth) > 0
	}
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

// end looks for what came next: the limit, or a renewal before it. On one day the
// limit comes before the renewal.
func (t *OwnTally) end(u *ownUnit, part int, at time.Time) ownEnd {
	renewed := func(from time.Time) (ownService, bool) {
		for _, s := range u.services {
			if s.part == part && !s.at.Before(from) && !s.at.After(t.until) {
				return s, true
			}
		}
		return ownService{}, false
	}
	next, isNext := renewed(at.Add(1))
	if !t.byTruth {
		if isNext {
			return ownEnd{ownEvent: next.ownEvent, known: next.outcome == outcomeFailed}
		}
		return ownEnd{ownEvent: ownEvent{at: t.last(u)}}
	}
	var before, limit ownEvent
	for _, e := range u.truth {
		switch {
		case e.part != part:
		case !e.at.After(at):
			before = e
		case limit.at.IsZero():
			limit = e
		}
	}
	if !before.at.IsZero() {
		s, ok := renewed(startOfDay(before.at))
		inTime := ok && s.at.Before(startOfDay(limit.at))
		// Until it is renewed it is past its limit. Without a record it was renewed if it
		// reached the limit again.
		if done := ok && !s.at.After(at); !done && (limit.at.IsZero() || inTime) {
			return ownEnd{past: true}
		}
	}
	switch {
	case !limit.at.IsZero() && (!isNext || !next.at.Before(startOfDay(limit.at))):
		return ownEnd{ownEvent: limit, known: true}
	case isNext:
		return ownEnd{ownEvent: next.ownEvent}
	}
	return ownEnd{ownEvent: ownEvent{at: t.last(u)}}
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
