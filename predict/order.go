package predict

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// cleanDays orders days, keeps the farthest of each, and leaves out what is not
// a number, lies after now, or steps back. The argument is not changed.
func cleanDays(in []Day, now time.Time) []Day {
	today := vehicle.DayOf(now)
	if areClean(in, today) {
		return in
	}
	days := make([]Day, 0, len(in))
	for _, d := range in {
		if d.OdometerKm > 0 && d.OdometerKm <= maxOdometerKm && d.Day <= today {
			if !(d.DistanceKm >= 0) || d.DistanceKm > d.OdometerKm {
				d.DistanceKm = 0
			}
			for _, told := range d.work() {
				if !(*told >= 0 && *told < mostWork) {
					*told = 0
				}
			}
			if !finite(d.PackC) {
				d.PackC = 0
			}
			days = append(days, d)
		}
	}
	slices.SortFunc(days, func(a, b Day) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.OdometerKm, b.OdometerKm),
			cmp.Compare(a.DistanceKm, b.DistanceKm), cmp.Compare(a.AirTempC, b.AirTempC), cmp.Compare(a.ColdStarts, b.ColdStarts),
			cmp.Compare(a.EngineTurns, b.EngineTurns), cmp.Compare(a.OilStress, b.OilStress), cmp.Compare(a.BrakingWork, b.BrakingWork),
			cmp.Compare(a.Starts, b.Starts), cmp.Compare(a.Runs, b.Runs), cmp.Compare(a.ShortRuns, b.ShortRuns), cmp.Compare(a.SlipAlong, b.SlipAlong), cmp.Compare(a.SlipAcross, b.SlipAcross),
			cmp.Compare(a.DischargeKWh, b.DischargeKWh), cmp.Compare(a.FastChargeKWh, b.FastChargeKWh),
			cmp.Compare(a.HotHours, b.HotHours), cmp.Compare(a.PackC, b.PackC))
	})
	kept := days[:0]
	for _, d := range days {
		switch n := len(kept); {
		case n > 0 && d.OdometerKm < kept[n-1].OdometerKm: // a step back
		case n > 0 && d.Day == kept[n-1].Day:
			kept[n-1] = d
		default:
			kept = append(kept, d)
		}
	}
	return kept
}

// areClean reports whether days are in order, and each can be used as it is.
func areClean(days []Day, today vehicle.Day) bool {
	before := &Day{}
	for i := range days {
		d := &days[i]
		if !(d.OdometerKm > 0 && d.OdometerKm <= maxOdometerKm && d.DistanceKm >= 0 && d.DistanceKm <= d.OdometerKm) ||
			d.Day > today || i > 0 && d.Day <= before.Day || d.OdometerKm < before.OdometerKm || !d.works() {
			return false
		}
		before = d
	}
	return true
}

// work is what telemetry tells of the day's work, as far as it cannot be less than none.
func (d *Day) work() []*float64 {
	return []*float64{&d.EngineTurns, &d.OilStress, &d.BrakingWork, &d.SlipAlong, &d.SlipAcross, &d.DischargeKWh, &d.FastChargeKWh, &d.HotHours}
}

// mostWork is above what any day can tell of any work.
const mostWork = 1e12

// works reports whether each work of the day is one: none is below 0, and all together are less than one may be.
func (d *Day) works() bool {
	all := d.EngineTurns + d.OilStress + d.BrakingWork + d.SlipAlong + d.SlipAcross + d.DischargeKWh + d.FastChargeKWh + d.HotHours
	return d.EngineTurns >= 0 && d.OilStress >= 0 && d.BrakingWork >= 0 && d.SlipAlong >= 0 && d.SlipAcross >= 0 &&
		d.DischargeKWh >= 0 && d.FastChargeKWh >= 0 && d.HotHours >= 0 && all < mostWork && finite(d.PackC)
}

// sortReadings sorts the usable readings of each component by time, as they were sent.
func (t *timeline) sortReadings() {
	rows, count := t.slab.rows(len(t.in.Readings)), make([]int, len(t.table.rows))
	usable := 0
	for i := range t.in.Readings {
		if rows[i] = t.rowOfReading(i, rows); rows[i] >= 0 {
			count[rows[i]]++
			usable++
		}
	}
	all := t.slab.looks(usable)
	for row, n := range count {
		t.readings[row], all = all[:0:n], all[n:]
	}
	for i, row := range rows {
		if row >= 0 {
			of := append(t.readings[row], t.in.Readings[i])
			if r := &of[len(of)-1]; r.OdometerKm != 0 {
				r.OdometerKm = t.trusted(r.Time, r.OdometerKm)
			}
			if r := &of[len(of)-1]; !finite(r.Places[0] + r.Places[1]) {
				r.Places = [2]float64{}
			}
			t.readings[row] = of
		}
	}
	for i := range t.readings {
		t.readings[i] = inOrder(t.readings[i])
	}
}

// believed are the readings of a component in order of time, as they are believed: less what its
// sensors are off by, as far as the fleet has learned it, and without what a person has denied. That
// is made when it is first asked for, since many ask for one component of a vehicle.
func (t *timeline) believed(row int) []Reading {
	if t.isBelieved[row] {
		return t.readings[row]
	}
	t.isBelieved[row] = true
	t.followPlaces(row)
	prior := t.in.Prior.Components[t.table.rows[row].Component]
	if len(prior.ShowsNew) > 0 || prior.Hides > 0 {
		for i := range t.readings[row] {
			r := &t.readings[row][i]
			r.Wear, r.Noise = fromNew(prior.ShowsNew[r.Source], r.Wear, r.Noise)
			r.Wear += prior.Hides * t.diluted(r)
		}
	}
	if prior.SteadySD > 0 {
		t.steady(row, &prior)
	}
	if len(prior.Makes) > 0 {
		t.byMake(row, prior.Makes)
	}
	if len(t.in.Kept) > 0 {
		t.deny(row)
	}
	return t.readings[row]
}

// rowOfReading is the row of a reading, -1 of one that cannot be used; rows are those of
// the readings before, of which one of the last is likely to be of the same component.
func (t *timeline) rowOfReading(i int, rows []int) int {
	r := &t.in.Readings[i]
	if r.Time.After(t.in.Now) || !(r.Wear > -2 && r.Wear < 5) || !(r.Noise >= 0 && r.Noise < 10) {
		return -1
	}
	for k := i - 1; k >= max(i-fewLast, 0); k-- {
		if rows[k] >= 0 && t.in.Readings[k].Component == r.Component {
			return rows[k]
		}
	}
	if row, ok := t.table.row[r.Component]; ok {
		return row
	}
	return -1
}

// fewLast is how many components a vehicle measures, about.
const fewLast = 6

// inOrder sorts readings in place, and keeps one of those that are the same. Most come
// sorted, but for a few of a workshop.
func inOrder(rs []Reading) []Reading {
	twice := false
	for i, late := 1, 0; i < len(rs); i++ {
		switch c := compareReadings(&rs[i-1], &rs[i]); {
		case c < 0:
			continue
		case c == 0:
			twice = true
			continue
		}
		twice = true // it may be
		if late++; late > fewLate {
			slices.SortFunc(rs, func(a, b Reading) int { return compareReadings(&a, &b) })
			break
		}
		r := rs[i]
		k := sort.Search(i, func(k int) bool { return compareReadings(&rs[k], &r) > 0 })
		copy(rs[k+1:i+1], rs[k:i])
		rs[k] = r
	}
	if twice {
		return once(rs)
	}
	return rs
}

// once keeps one of those that are the same, in place, of readings in order.
func once(rs []Reading) []Reading {
	n := 1
	for i := 1; i < len(rs); i++ {
		if compareReadings(&rs[n-1], &rs[i]) == 0 {
			continue
		}
		if n < i {
			rs[n] = rs[i]
		}
		n++
	}
	return rs[:n]
}

// fewLate is how many readings that come late are moved one by one.
const fewLate = 16

func compareReadings(a, b *Reading) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.OdometerKm, b.OdometerKm), cmp.Compare(a.Wear, b.Wear),
		cmp.Compare(a.Noise, b.Noise), cmp.Compare(a.Source, b.Source), compareBools(a.Bound, b.Bound), compareBools(a.AtLeast, b.AtLeast), cmp.Compare(a.Span, b.Span),
		cmp.Compare(a.Places[0], b.Places[0]), cmp.Compare(a.Places[1], b.Places[1]))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Renewals are what a service does to components of the table: it renews its own, and those that the same work
// renews, of whose lives its outcome says nothing. A top-up renews what it fills up whole; else it stays one, if anything
// can be filled up of the component.
func (t *Table) Renewals(s Service) iter.Seq[Service] {
	t = t.orStandard()
	return func(yield func(Service) bool) {
		row, ok := t.row[s.Component]
		if !ok {
			return
		}
		if s.TopUp {
			switch share, _ := t.rows[row].share(s.Litres); {
			case share == 0:
				return
			case share < 1:
				yield(s)
				return
			}
			s.TopUp, s.Failed, s.Early = false, false, false
		}
		if !yield(s) {
			return
		}
		s.Failed, s.Early = false, false
		for _, also := range t.rows[row].Renews {
			if _, ok := t.row[also]; !ok {
				continue
			}
			if s.Component = also; !yield(s) {
				return
			}
		}
	}
}

// sortServices sorts the services of each component by time. Of several on one
// day the one with an odometer stays.
func (t *timeline) sortServices() {
	for _, s := range t.in.Services {
		if s.Time.After(t.in.Now) || s.Time.IsZero() {
			continue
		}
		s.OdometerKm = t.trusted(s.Time, s.OdometerKm)
		for r := range t.table.Renewals(s) {
			of, row := t.services, t.table.row[r.Component]
			if r.TopUp {
				of = t.topUps
			}
			of[row] = append(of[row], r)
		}
	}
	for i, ss := range t.services {
		slices.SortFunc(ss, func(a, b Service) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.OdometerKm, b.OdometerKm), cmp.Compare(a.RecordID, b.RecordID))
		})
		kept := ss[:0]
		for _, s := range ss {
			if n := len(kept); n > 0 && sameDay(kept[n-1].Time, s.Time) {
				last := &kept[n-1]
				if last.OdometerKm == 0 {
					last.OdometerKm = s.OdometerKm
				}
				last.Failed, last.Early = last.Failed || s.Failed, last.Early || s.Early
				continue
			}
			kept = append(kept, s)
		}
		t.services[i] = kept
	}
	t.sortTopUps()
}
