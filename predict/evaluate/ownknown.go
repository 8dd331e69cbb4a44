package evaluate

import (
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ownKnown is what was known of a unit at a time: nothing later has any influence on
// it, neither on which odometers are believed.
type ownKnown struct {
	unit     *ownUnit
	index    int          // of the unit
	readings []ownReading // km is the distance gone in all, 0 where the odometer is not believed
	services []ownService // likewise
	days     []predict.Day
	ahead    float64   // km that the distance is ahead of what the instrument shows
	watched  time.Time // until when it was in use, of a unit that nothing was read of
	paths    [][]ownPath
}

// ownPath is one part's time in a unit, by the readings and renewals that were known.
type ownPath struct {
	from    time.Time // when it was put in; zero when unknown
	until   time.Time // when it was renewed, or last heard of
	ended   bool      // it was renewed
	failed  bool      // at its limit
	limit   time.Time // when it reached the limit, by the truth; zero when that is not known
	renewed bool      // from is known
	days    []float64 // of the readings, since 1970
	km      []float64 // 0 where unknown
	values  []float64
}

// known is what was known of the unit at a time, given the pace of its fleet by then.
func (u *ownUnit) known(at time.Time, parts int, pace float64) *ownKnown {
	k := &ownKnown{
		unit:     u,
		readings: slices.Clone(u.readings[:past(len(u.readings), func(i int) time.Time { return u.readings[i].at }, at)]),
		services: slices.Clone(u.services[:past(len(u.services), func(i int) time.Time { return u.services[i].at }, at)]),
		paths:    make([][]ownPath, parts),
	}
	k.believe(u.ledger(at, pace))
	for part := range k.paths {
		k.paths[part] = k.cut(part)
	}
	k.mark(at)
	return k
}

// past is how many of n events in the order of time were not after a time.
func past(n int, at func(i int) time.Time, now time.Time) int {
	return sort.Search(n, func(i int) bool { return at(i).After(now) })
}

// heard is when the unit was last heard of; zero for never.
func (k *ownKnown) heard() time.Time {
	var at time.Time
	if n := len(k.readings); n > 0 {
		at = k.readings[n-1].at
	}
	if n := len(k.services); n > 0 && k.services[n-1].at.After(at) {
		at = k.services[n-1].at
	}
	return at
}

// watch takes units that nothing was read of to be in use until the newest that is known of any: nobody tells of a part
// that goes on.
func watch(all []*ownKnown) {
	var newest time.Time
	for _, k := range all {
		if at := k.heard(); at.After(newest) {
			newest = at
		}
	}
	for _, k := range all {
		if len(k.readings) > 0 {
			continue
		}
		k.watched = newest
		for _, paths := range k.paths {
			if n := len(paths); n > 0 && !paths[n-1].ended {
				paths[n-1].until = newest
			}
		}
	}
}

// cut divides what was known of a part at its renewals. What was read on the day of
// one may be of either part, and is left out.
func (k *ownKnown) cut(part int) []ownPath {
	var paths []ownPath
	p := ownPath{}
	rest := k.readings
	take := func(until time.Time) {
		for len(rest) > 0 && (until.IsZero() || rest[0].at.Before(until)) {
			r := rest[0]
			rest = rest[1:]
			if r.part != part || p.renewed && sameDay(r.at, p.from) || !until.IsZero() && sameDay(r.at, until) {
				continue
			}
			p.days, p.km, p.values = append(p.days, dayOf(r.at)), append(p.km, r.km), append(p.values, r.value)
		}
	}
	for _, s := range k.services {
		if s.part != part || p.renewed && sameDay(p.from, s.at) {
			continue
		}
		take(s.at)
		p.until, p.ended, p.failed = s.at, true, s.outcome == outcomeFailed
		if p.renewed || len(p.days) > 0 {
			paths = append(paths, p)
		}
		p = ownPath{from: s.at, renewed: true}
	}
	take(time.Time{})
	p.until = k.heard()
	if p.renewed || len(p.days) > 0 {
		paths = append(paths, p)
	}
	return paths
}

// mark puts the truths that lie in the past to the paths they ended.
func (k *ownKnown) mark(at time.Time) {
	for _, e := range k.unit.truth {
		if e.at.After(at) {
			break
		}
		for i := range k.paths[e.part] {
			p := &k.paths[e.part][i]
			if p.limit.IsZero() && (p.from.IsZero() || startOfDay(e.at).After(p.from)) && (!p.ended || !e.at.After(p.until) || sameDay(e.at, p.until)) {
				p.limit = e.at
				break
			}
		}
	}
}

// input is what the product would be given, with odometers times a factor.
func (k *ownKnown) input(l *ownLesson, at time.Time) predict.Input {
	in := predict.Input{VIN: vehicle.VIN(k.unit.name), Now: at, Watched: k.watched, Days: k.scaled(l.factor), Table: l.table, Prior: l.prior}
	in.Readings = k.told(l)
	for _, s := range k.services {
		in.Services = append(in.Services, predict.Service{
			Component: l.ids[s.part], Time: s.at, OdometerKm: s.km * l.factor,
			Failed: s.outcome == outcomeFailed, Early: s.outcome == outcomeEarly,
		})
	}
	return in
}

func sameDay(a, b time.Time) bool { return vehicle.DayOf(a) == vehicle.DayOf(b) }

// dayOf is a time in days since 1970.
func dayOf(t time.Time) float64 { return float64(t.Unix()) / 86400 }

// endOfTime is after everything that a file may say.
var endOfTime = time.Date(pastYear, 1, 1, 0, 0, 0, 0, time.UTC)
