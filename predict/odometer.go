package predict

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	maxOdometerKm   = 3e6 // no car has driven more
	odometerSlackKm = 500 // between an odometer that was read and the one of the days around
)

// fixOdometer brings the newest odometer to t.until: what the days say, and what was told after
// them, carried on by use; a reading of the days knows better where it is ahead.
func (t *timeline) fixOdometer() {
	u := &t.usage
	t.reads = u.Odometer(t.until)
	km := t.reads.P50
	for i := range t.readings {
		for j := range t.readings[i] {
			km = max(km, t.readings[i][j].OdometerKm)
		}
	}
	if km > t.reads.P50 {
		t.reads = Quantiles{km, km, km}
	}
	u.OdometerKm = km
	u.moveTo(t.until)
}

// odometerBy is what the odometer will read at a time ahead; who has driven more than is known of goes
// on to.
func (t *timeline) odometerBy(at time.Time) Quantiles {
	q := t.usage.Odometer(at)
	return Quantiles{q.P10 - (t.reads.P50 - t.reads.P10), q.P50, q.P90 + (t.reads.P90 - t.reads.P50)}
}

// odometer is the odometer at a past time.
func (t *timeline) odometer(at time.Time) float64 {
	if day := dayNumber(at); t.dial.covers(day) {
		return t.dial.at(day)
	}
	if len(t.days) == 0 {
		return t.after(at)
	}
	first, last := &t.days[0], &t.days[len(t.days)-1]
	if start := first.Day.Start(); at.Before(start) {
		return t.before(at, start, first.OdometerKm-first.DistanceKm)
	}
	if end := last.Day.End(); at.After(end) {
		return t.after(at)
	}
	return t.dial.at(dayNumber(at))
}

// kmOf is the odometer at which a reading was made: its own, or that of the middle of its looks.
func (t *timeline) kmOf(r *Reading) float64 { return t.kmAt(r, r.of()) }

// kmAt is kmOf, given the time that the reading is of.
func (t *timeline) kmAt(r *Reading, of time.Time) float64 {
	if r.Span == 0 && r.OdometerKm != 0 {
		return r.OdometerKm
	}
	return t.odometer(of)
}

// kmBy is the odometer at the time of a reading.
func (t *timeline) kmBy(r *Reading) float64 {
	if r.OdometerKm != 0 {
		return r.OdometerKm
	}
	return t.odometer(r.Time)
}

// before runs the odometer back from a known one: to zero at delivery, or at
// the usual rate when delivery is unknown.
func (t *timeline) before(at, known time.Time, km float64) float64 {
	gap := known.Sub(at).Hours() / 24
	if age := known.Sub(t.in.InService).Hours() / 24; !t.in.InService.IsZero() && age > 0 {
		return km * min(max(1-gap/age, 0), 1)
	}
	return min(max(km-gap*t.usage.KmPerDay.P50, 0), km)
}

// trusted is an odometer that came with a reading or a service, 0 where it
// contradicts the days: typed odometers are wrong in one of ten cases.
func (t *timeline) trusted(at time.Time, km float64) float64 {
	if !(km > 0) || km > maxOdometerKm {
		return 0
	}
	if len(t.days) == 0 {
		return km
	}
	first, last := &t.days[0], &t.days[len(t.days)-1]
	switch {
	case at.Before(first.Day.Start()):
		if km > first.OdometerKm-first.DistanceKm+odometerSlackKm {
			return 0
		}
	case at.After(last.Day.End()):
		ahead := at.Sub(last.Day.End()).Hours() / 24
		if km < last.OdometerKm-odometerSlackKm || km > last.OdometerKm+odometerSlackKm+maxKmPerDay*ahead {
			return 0
		}
	case math.Abs(km-t.dial.at(dayNumber(at))) > odometerSlackKm:
		return 0
	}
	return km
}

// passed is when the odometer went past a value that it has already reached.
func (t *timeline) passed(km float64) time.Time {
	i, _ := slices.BinarySearchFunc(t.days, km, func(d Day, km float64) int { return cmp.Compare(d.OdometerKm, km) })
	switch {
	case i == len(t.days):
		return t.passedAfter(km)
	case i == 0 && km < t.days[0].OdometerKm-t.days[0].DistanceKm:
		return earlier(t.days[0].Day.Start(), t.until)
	}
	on := t.days[i].Day
	if i > 0 && on-t.days[i-1].Day-1 > longGap {
		on = min(on, vehicle.Day(math.Floor(t.dial.when(km))))
	}
	return earlier(on.Start(), t.until)
}

// dial is the odometer of a vehicle over its days, which are clean, and what was told in gaps of them. It is mostly
// asked for one time after another, so it looks for a day from where it was last.
type dial struct {
	ends  []float64 // the begin of the first day, the end of each, and what was told between, in days since 1970-01-01
	kms   []float64 // odometers then
	byDay []float64 // those of the days alone
	near  int
}

func dialOf(room *slab, days []Day) dial {
	if len(days) == 0 {
		return dial{}
	}
	n := len(days) + 1
	o := dial{ends: room.column(n)[:n], kms: room.column(n)[:n]}
	o.ends[0], o.kms[0] = float64(days[0].Day), days[0].OdometerKm-days[0].DistanceKm
	for i := range days {
		o.ends[i+1], o.kms[i+1] = float64(days[i].Day)+1, days[i].OdometerKm
	}
	o.byDay = o.kms
	return o
}

// covers reports whether a time lies within the days.
func (o *dial) covers(time float64) bool {
	n := len(o.ends)
	return n > 0 && time >= o.ends[0] && time < o.ends[n-1]
}

// at is the odometer at a time counted in days since 1970-01-01, between the days that are
// known; outside it is the nearest.
func (o *dial) at(time float64) float64 {
	i := o.place(time)
	if i == len(o.ends) {
		return o.kms[i-1]
	}
	share := (time - o.ends[i-1]) / (o.ends[i] - o.ends[i-1])
	return o.kms[i-1] + max(share, 0)*(o.kms[i]-o.kms[i-1])
}

// when is the time at which the odometer went past a value between those that are known.
func (o *dial) when(km float64) float64 {
	i := min(max(sort.SearchFloat64s(o.kms, km), 1), len(o.kms)-1)
	share := (km - o.kms[i-1]) / (o.kms[i] - o.kms[i-1])
	return o.ends[i-1] + share*(o.ends[i]-o.ends[i-1])
}

// place is the first day, counted from 1, whose end is at or after a time.
func (o *dial) place(time float64) int {
	i := max(o.near, 1)
	for range strides {
		switch {
		case o.ends[i] < time:
			if i++; i == len(o.ends) {
				return i
			}
		case i > 1 && o.ends[i-1] >= time:
			i--
		default:
			o.near = i
			return i
		}
	}
	i = 1 + sort.SearchFloat64s(o.ends[1:], time)
	o.near = min(i, len(o.ends)-1)
	return i
}
