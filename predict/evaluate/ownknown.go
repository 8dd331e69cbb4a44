package evaluate

import (
	"fmt"
	"math"
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

// known is what was known of the unit at a time.
func (u *ownUnit) known(at time.Time, parts int) *ownKnown {
	k := &ownKnown{
		unit:     u,
		readings: slices.Clone(u.readings[:past(len(u.readings), func(i int) time.Time { return u.readings[i].at }, at)]),
		services: slices.Clone(u.services[:past(len(u.services), func(i int) time.Time { return u.services[i].at }, at)]),
		paths:    make([][]ownPath, parts),
	}
	k.believe(u.ledger(at))
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

// ledger sorts out the odometers that were known at a time.
func (u *ownUnit) ledger(at time.Time) vehicle.OdometerLedger {
	var all []vehicle.OdometerReading
	add := func(e ownEvent) {
		if e.km > 0 && !e.at.After(at) {
			all = append(all, vehicle.ReadOdometer(e.at, vehicle.OdometerRecord, e.km, vehicle.Kilometres))
		}
	}
	for _, r := range u.readings {
		add(r.ownEvent)
	}
	for _, s := range u.services {
		add(s.ownEvent)
	}
	return vehicle.LedgerOf(all, nil, vehicle.TruckKmPerDay)
}

// believe puts odometers on the scale of the ledger and makes days of them.
func (k *ownKnown) believe(l vehicle.OdometerLedger) {
	type key struct {
		at     int64
		metres float64
	}
	totals := make(map[key]float64, len(l.Accepted))
	for _, a := range l.Accepted {
		km := a.Total / 1000
		totals[key{a.Time.UnixNano(), a.Metres}] = km
		k.ahead = (a.Total - a.Metres) / 1000
		d := predict.Day{Day: vehicle.DayOf(a.Time), OdometerKm: km, AirTempC: math.NaN()}
		switch n := len(k.days); {
		case n > 0 && k.days[n-1].Day == d.Day:
			k.days[n-1].OdometerKm = km
		default:
			k.days = append(k.days, d)
		}
	}
	for i := 1; i < len(k.days); i++ {
		if k.days[i-1].Day+1 == k.days[i].Day {
			k.days[i].DistanceKm = k.days[i].OdometerKm - k.days[i-1].OdometerKm
		}
	}
	total := func(e *ownEvent) {
		r := vehicle.ReadOdometer(e.at, vehicle.OdometerRecord, e.km, vehicle.Kilometres)
		e.km = totals[key{r.Time.UnixNano(), r.Metres}]
	}
	for i := range k.readings {
		total(&k.readings[i].ownEvent)
	}
	for i := range k.services {
		total(&k.services[i].ownEvent)
	}
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
			if p.limit.IsZero() && !e.at.Before(p.from) && (!p.ended || !e.at.After(p.until) || sameDay(e.at, p.until)) {
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

// noteOdometers says which odometers of the whole history are not believed.
func (o *Own) noteOdometers() {
	refused, units, replaced := 0, 0, 0
	first := ""
	for i := range o.units {
		u := &o.units[i]
		l := u.ledger(endOfTime)
		if u.oneDial = len(l.Segments) < 2; !u.oneDial {
			replaced++
		}
		before := refused
		for _, r := range l.Refused {
			if r.Kind == vehicle.OdometerDuplicate {
				continue
			}
			if refused == 0 {
				first = fmt.Sprintf("%s on %s, %g km: %s", u.name, r.Reading.Time.Format(time.DateOnly), r.Reading.Raw, r.Reason.EN)
			}
			refused++
		}
		units += min(refused-before, 1)
	}
	if refused > 0 {
		o.note("odometers that contradict the others of their unit, not used: %d, of %d units; the first: %s", refused, units, first)
	}
	if replaced > 0 {
		o.note("units whose odometer was replaced or ran over, carried on as one distance: %d", replaced)
	}
}

// endOfTime is after everything that a file may say.
var endOfTime = time.Date(pastYear, 1, 1, 0, 0, 0, 0, time.UTC)
