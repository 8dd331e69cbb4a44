package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	paceRoom   = 2  // times the usual pace, kept up for days on end: a limit for what counts more than trucks drive
	fewestPace = 8  // distances between two days that say how fast a unit counts
	mostTold   = 20 // odometers that are told one by one
)

// odometers are those that were known at a time, in order.
func (u *ownUnit) odometers(at time.Time) []vehicle.OdometerReading {
	var all []vehicle.OdometerReading
	add := func(e *ownEvent) {
		if e.km > 0 && !e.at.After(at) {
			all = append(all, e.odometer())
		}
	}
	for i := range u.readings {
		add(&u.readings[i].ownEvent)
	}
	for i := range u.services {
		add(&u.services[i].ownEvent)
	}
	slices.SortStableFunc(all, func(a, b vehicle.OdometerReading) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Metres, b.Metres))
	})
	return all
}

func (e *ownEvent) odometer() vehicle.OdometerReading {
	source := timedOdometer
	if e.dated {
		source = datedOdometer
	}
	return vehicle.ReadOdometer(e.at, source, e.km, vehicle.Kilometres)
}

// Sources of odometers with and without a time of day. Of a day, the ledger lets one of another source be a little lower.
const (
	timedOdometer = vehicle.OdometerRecord
	datedOdometer = vehicle.OdometerPerson
)

// pace is that of the middle one of the units by what was known at a time, km a day; 0 where there is none.
func (o *Own) pace(at time.Time) float64 {
	var paces []float64
	for i := range o.units {
		if pace, n := usualPace(o.units[i].odometers(at)); n >= fewestPace {
			paces = append(paces, pace)
		}
	}
	return middleOf(paces)
}

// usualPace is the median of n paces from the last odometer of a day to that of the next day that has one: what is
// wrong now and then does not move it.
func usualPace(all []vehicle.OdometerReading) (kmPerDay float64, n int) {
	var paces []float64
	var last *vehicle.OdometerReading
	for i := range all {
		r := &all[i]
		if i+1 < len(all) && sameDay(r.Time, all[i+1].Time) {
			continue
		}
		if last != nil && r.Metres > last.Metres {
			paces = append(paces, (r.Metres-last.Metres)/1000/math.Max(days(r.Time.Sub(last.Time)), 1))
		}
		last = r
	}
	return middleOf(paces), len(paces)
}

// middleOf is the middle one, of an even number the lesser.
func middleOf(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

// ledger sorts out the odometers that were known at a time, given the pace of the fleet. Nobody looks at what it
// refuses and accepts it, as with the product's own; and a file may count hours, cycles, or the flights of a day. So what counts
// faster than trucks drive has a limit by its own pace, and refused is only what contradicts.
func (u *ownUnit) ledger(at time.Time, fleet float64) vehicle.OdometerLedger {
	all := u.odometers(at)
	l := vehicle.LedgerOf(all, nil, vehicle.TruckKmPerDay)
	if len(l.Refused) == 0 && len(l.Segments) < 2 {
		return l
	}
	pace := fleet
	if own, n := usualPace(all); n >= fewestPace {
		pace = own
	}
	limit := math.Max(vehicle.TruckKmPerDay, paceRoom*pace)
	if limit > vehicle.TruckKmPerDay {
		l = vehicle.LedgerOf(all, nil, limit)
	}
	readmit(&l, limit)
	return l
}

// readmit takes back what lies between its neighbours, however fast it was reached: it contradicts neither, and cannot be
// further off than they are apart.
func readmit(l *vehicle.OdometerLedger, kmPerDay float64) {
	l.Refused = slices.DeleteFunc(l.Refused, func(r vehicle.RefusedReading) bool {
		if r.Kind == vehicle.OdometerDuplicate || r.Kind == vehicle.OdometerNotDistance {
			return false
		}
		at := sort.Search(len(l.Accepted), func(i int) bool {
			a := &l.Accepted[i]
			return cmp.Or(a.Time.Compare(r.Reading.Time), cmp.Compare(a.Metres, r.Reading.Metres)) > 0
		})
		total := r.Reading.Metres
		for _, s := range l.Segments {
			if !s.Start.After(r.Reading.Time) {
				total = r.Reading.Metres + s.Offset
			}
		}
		if low, high := room(l.Accepted, at, r.Reading, kmPerDay*1000); total < low || total > high {
			return false
		}
		if at > 0 {
			total = math.Max(total, l.Accepted[at-1].Total)
		}
		if at < len(l.Accepted) {
			total = math.Min(total, l.Accepted[at].Total)
		}
		l.Accepted = slices.Insert(l.Accepted, at, vehicle.AcceptedReading{OdometerReading: r.Reading, Total: total})
		return true
	})
}

// room is between which totals a reading contradicts none of those that are accepted, of which the one at a place is
// the first after it. A date does not tell the time: what else is known of the day may have come before or after.
func room(accepted []vehicle.AcceptedReading, at int, r vehicle.OdometerReading, dayMetres float64) (low, high float64) {
	anyOrder := func(a *vehicle.AcceptedReading) bool {
		return sameDay(a.Time, r.Time) && (r.Source == datedOdometer || a.Source == datedOdometer)
	}
	from, to := at-1, at
	for from >= 0 && anyOrder(&accepted[from]) {
		from--
	}
	for to < len(accepted) && anyOrder(&accepted[to]) {
		to++
	}
	switch {
	case from >= 0:
		low = accepted[from].Total
	case to > 0:
		low = accepted[0].Total - dayMetres
	default:
		low = math.Inf(1)
	}
	switch {
	case to < len(accepted):
		high = accepted[to].Total
	case from < at-1 || at < to: // as much as a day may add to what is known of it
		high = accepted[to-1].Total + dayMetres
	default:
		high = math.Inf(-1)
	}
	return low, high
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
		d := predict.Day{Day: vehicle.DayOf(a.Time), OdometerKm: km, AirTempC: math.NaN()}
		switch n := len(k.days); {
		case n > 0 && k.days[n-1].Day == d.Day:
			k.days[n-1].OdometerKm = km
		default:
			k.days = append(k.days, d)
		}
	}
	if n := len(l.Segments); n > 0 {
		k.ahead = l.Segments[n-1].Offset / 1000
	}
	for i := 1; i < len(k.days); i++ {
		if k.days[i-1].Day+1 == k.days[i].Day {
			k.days[i].DistanceKm = k.days[i].OdometerKm - k.days[i-1].OdometerKm
		}
	}
	total := func(e *ownEvent) {
		r := e.odometer()
		e.km = totals[key{r.Time.UnixNano(), r.Metres}]
	}
	for i := range k.readings {
		total(&k.readings[i].ownEvent)
	}
	for i := range k.services {
		total(&k.services[i].ownEvent)
	}
}

// noteOdometers says which odometers of the whole history are not believed, where they are written, and why.
func (o *Own) noteOdometers() {
	refused, units, replaced := 0, 0, 0
	pace := o.pace(endOfTime)
	var told []string
	for i := range o.units {
		u := &o.units[i]
		l := u.ledger(endOfTime, pace)
		if u.oneDial = len(l.Segments) < 2; !u.oneDial {
			replaced++
		}
		before := refused
		for _, r := range l.Refused {
			if r.Kind == vehicle.OdometerDuplicate {
				continue
			}
			if refused++; refused <= mostTold {
				told = append(told, fmt.Sprintf("%s: %s on %s, %.10g km: %s", u.placeOf(r.Reading), u.name,
					r.Reading.Time.Format(time.DateOnly), r.Reading.Raw, r.Reason.EN))
			}
		}
		units += min(refused-before, 1)
	}
	if refused > 0 {
		o.note("odometers that contradict the others of their unit, not used: %d, of %d units", refused, units)
		o.notes = append(o.notes, told...)
	}
	if more := refused - len(told); more > 0 {
		o.note("and %d odometers more", more)
	}
	if replaced > 0 {
		o.note("units whose odometer was replaced or ran over, carried on as one distance: %d", replaced)
	}
}

// placeOf is where an odometer of the unit was read, as other errors of files say it.
func (u *ownUnit) placeOf(r vehicle.OdometerReading) string {
	for _, e := range u.readings {
		if e.at.Equal(r.Time) && e.km == r.Raw {
			return fmt.Sprintf("%s, line %d, odometer_km", e.file, e.line)
		}
	}
	for _, e := range u.services {
		if e.at.Equal(r.Time) && e.km == r.Raw {
			return fmt.Sprintf("%s, line %d, odometer_km", e.file, e.line)
		}
	}
	return "?"
}
