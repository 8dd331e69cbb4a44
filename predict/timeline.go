package predict

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"
)

const (
	maxOdometerKm   = 3e6 // no car has driven more
	odometerSlackKm = 500 // between an odometer that was read and the one of the days around
)

// timeline is an Input made ready: ordered, without repetitions, without what
// cannot be used and without what lies after Now. Nothing of the Input itself
// is changed.
type timeline struct {
	in       *Input
	table    *Table
	days     []Day
	readings [][]Reading // by row of the table
	services [][]Service // renewals
	topUps   [][]Service
	usage    Usage
	heard    time.Time // newest day or reading; zero when the vehicle has never reported
	until    time.Time // newest fact, services too: where forecasts start; Now when there is none
	airTempC float64   // mean over the days; NaN when unknown
	habits   habits
	groups   []string // that the vehicle belongs to
	works    map[Clock]*pace
	kms      []float64 // odometers at which the clocks of works have points
	cost     []float64 // of each day by the clock made last, equivalent km; 0 where it does not tell
	age      *pace
}

func newTimeline(in *Input) *timeline {
	t := &timeline{in: in, table: in.Table.orStandard(), days: cleanDays(in.Days, in.Now)}
	t.readings, t.services = make([][]Reading, len(t.table.rows)), make([][]Service, len(t.table.rows))
	t.topUps = make([][]Service, len(t.table.rows))
	t.sortReadings()
	t.sortServices()
	t.usage = usageOf(in, t.days)
	t.airTempC = meanAir(t.days)
	t.habits = t.habitsOf()
	t.groups = groupsOf(in.VIN, in.Powertrain)
	t.heard = t.usage.At
	for _, rs := range t.readings {
		if n := len(rs); n > 0 {
			t.heard = later(t.heard, rs[n-1].Time)
		}
	}
	t.until = t.heard
	for _, all := range [][][]Service{t.services, t.topUps} {
		for _, ss := range all {
			if n := len(ss); n > 0 {
				t.until = later(t.until, ss[n-1].Time)
			}
		}
	}
	if t.until.IsZero() {
		t.until = in.Now
	}
	t.fixOdometer()
	t.works = map[Clock]*pace{ByKm: nil}
	if len(t.days) > 0 {
		t.age = aged(t.days, t.airTempC)
	}
	return t
}

// rowOf is the row of a component; false when the vehicle is not known to have it.
func (t *timeline) rowOf(c Component) (int, bool) {
	row, ok := t.table.row[c]
	return row, ok && t.has(row)
}

// has reports whether the vehicle is known to have the component of a row.
func (t *timeline) has(row int) bool {
	s := &t.table.rows[row]
	return s.On(t.in.Powertrain) && (!s.Optional || len(t.readings[row]) > 0 || len(t.services[row]) > 0 || len(t.topUps[row]) > 0)
}

// clockOf is the clock of a component in this vehicle.
func (t *timeline) clockOf(s *Spec) clock {
	work, ok := t.works[s.Clock]
	if !ok && len(t.days) > 0 {
		work = t.worked(s.Clock)
		t.works[s.Clock] = work
	}
	c := clock{calendar: s.CalendarShare, work: work, now: dayNumber(t.until)}
	switch {
	case !s.AgesByHeat:
	case s.Clock == ByThroughput:
		c.age = t.packAge(s)
	default:
		c.age = t.age
	}
	c.run = c.age.at(c.now)
	return c
}

// packAge is the calendar of the traction battery that is in now; nil where no day tells
// it.
func (t *timeline) packAge(s *Spec) *pace {
	if len(t.days) == 0 {
		return nil
	}
	since := float64(t.days[0].Day) - usualAge
	if !t.in.InService.IsZero() {
		since = dayNumber(t.in.InService)
	}
	if all := t.services[t.table.row[s.Component]]; len(all) > 0 {
		since = dayNumber(all[len(all)-1].Time)
	}
	return agedPack(t.days, t.airTempC, since)
}

// fixOdometer brings the newest odometer to t.until: what the days say, carried
// on by use; a reading or service knows better where it is ahead.
func (t *timeline) fixOdometer() {
	u := &t.usage
	km := u.Odometer(t.until).P50
	for i := range t.readings {
		for _, r := range t.readings[i] {
			km = math.Max(km, r.OdometerKm)
		}
		for _, s := range t.services[i] {
			if s.Time.After(u.At) {
				km = math.Max(km, s.OdometerKm)
			}
		}
	}
	u.OdometerKm = km
	u.moveTo(t.until)
}

// odometer is the odometer at a past time.
func (t *timeline) odometer(at time.Time) float64 {
	if len(t.days) > 0 {
		first := t.days[0]
		if start := first.Day.Start(); at.Before(start) {
			return t.before(at, start, first.OdometerKm-first.DistanceKm)
		}
		if end := t.days[len(t.days)-1].Day.End(); !at.After(end) {
			return odometerAt(t.days, dayNumber(at))
		}
	}
	return t.before(at, t.until, t.usage.OdometerKm)
}

// before runs the odometer back from a known one: to zero at delivery, or at
// the usual rate when delivery is unknown.
func (t *timeline) before(at, known time.Time, km float64) float64 {
	gap := known.Sub(at).Hours() / 24
	if age := known.Sub(t.in.InService).Hours() / 24; !t.in.InService.IsZero() && age > 0 {
		return km * math.Min(math.Max(1-gap/age, 0), 1)
	}
	return math.Min(math.Max(km-gap*t.usage.KmPerDay.P50, 0), km)
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
	first, last := t.days[0], t.days[len(t.days)-1]
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
	case math.Abs(km-odometerAt(t.days, dayNumber(at))) > odometerSlackKm:
		return 0
	}
	return km
}

// passed is when the odometer went past a value that it has already reached.
func (t *timeline) passed(km float64) time.Time {
	i, _ := slices.BinarySearchFunc(t.days, km, func(d Day, km float64) int { return cmp.Compare(d.OdometerKm, km) })
	switch {
	case i == len(t.days):
		return t.until
	case i == 0 && km < t.days[0].OdometerKm-t.days[0].DistanceKm:
		return earlier(t.days[0].Day.Start(), t.until)
	}
	return earlier(t.days[i].Day.Start(), t.until)
}

// cleanDays orders days, keeps the farthest of each, and leaves out what is not
// a number, lies after now, or steps back. The argument is not changed.
func cleanDays(in []Day, now time.Time) []Day {
	usable := func(i int) bool {
		d := in[i]
		return d.OdometerKm > 0 && d.OdometerKm <= maxOdometerKm &&
			d.DistanceKm >= 0 && d.DistanceKm <= d.OdometerKm && dayStarted(d.Day, now) &&
			(i == 0 || in[i-1].Day < d.Day && in[i-1].OdometerKm <= d.OdometerKm)
	}
	clean := true
	for i := range in {
		clean = clean && usable(i)
	}
	if clean {
		return in
	}
	days := make([]Day, 0, len(in))
	for _, d := range in {
		if d.OdometerKm > 0 && d.OdometerKm <= maxOdometerKm && dayStarted(d.Day, now) {
			if !(d.DistanceKm >= 0) || d.DistanceKm > d.OdometerKm {
				d.DistanceKm = 0
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

// sortReadings sorts the usable readings of each component by time.
func (t *timeline) sortReadings() {
	rows, count := make([]int, len(t.in.Readings)), make([]int, len(t.table.rows))
	usable := 0
	for i := range t.in.Readings {
		if rows[i] = t.rowOfReading(i, rows); rows[i] >= 0 {
			count[rows[i]]++
			usable++
		}
	}
	all := make([]Reading, usable)
	for row, n := range count {
		t.readings[row], all = all[:0:n], all[n:]
	}
	for i, row := range rows {
		if row >= 0 {
			r := t.in.Readings[i]
			r.OdometerKm = t.trusted(r.Time, r.OdometerKm)
			t.readings[row] = append(t.readings[row], r)
		}
	}
	for i := range t.readings {
		t.readings[i] = inOrder(t.readings[i])
		shows := t.in.Prior.Components[t.table.rows[i].Component].ShowsNew
		for j := range t.readings[i] {
			if r := &t.readings[i][j]; len(shows) > 0 {
				r.Wear, r.Noise = fromNew(shows[r.Source], r.Wear, r.Noise)
			}
		}
	}
}

// rowOfReading is the row of a reading, -1 of one that cannot be used; rows are those of
// the readings before, of which the last is likely to be of the same component.
func (t *timeline) rowOfReading(i int, rows []int) int {
	r := &t.in.Readings[i]
	if r.Time.After(t.in.Now) || !(r.Wear > -2 && r.Wear < 5) || !(r.Noise >= 0 && r.Noise < 10) {
		return -1
	}
	if i > 0 && rows[i-1] >= 0 && t.in.Readings[i-1].Component == r.Component {
		return rows[i-1]
	}
	if row, ok := t.table.row[r.Component]; ok {
		return row
	}
	return -1
}

// inOrder sorts readings in place, and keeps one of those that are the same. Most come
// sorted, but for a few of a workshop.
func inOrder(rs []Reading) []Reading {
	for i, late := 1, 0; i < len(rs); i++ {
		if compareReadings(&rs[i-1], &rs[i]) <= 0 {
			continue
		}
		if late++; late > fewLate {
			slices.SortFunc(rs, func(a, b Reading) int { return compareReadings(&a, &b) })
			break
		}
		r := rs[i]
		k := sort.Search(i, func(k int) bool { return compareReadings(&rs[k], &r) > 0 })
		copy(rs[k+1:i+1], rs[k:i])
		rs[k] = r
	}
	n := 0
	for i := range rs {
		if n == 0 || compareReadings(&rs[n-1], &rs[i]) != 0 {
			if n != i {
				rs[n] = rs[i]
			}
			n++
		}
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
		cmp.Compare(a.Noise, b.Noise), cmp.Compare(a.Source, b.Source), compareBools(a.Bound, b.Bound))
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

// sortServices sorts the services of each component by time. Of several on one
// day the one with an odometer stays.
func (t *timeline) sortServices() {
	for _, s := range t.in.Services {
		row, ok := t.table.row[s.Component]
		if !ok || s.Time.After(t.in.Now) || s.Time.IsZero() {
			continue
		}
		s.OdometerKm = t.trusted(s.Time, s.OdometerKm)
		if s.TopUp {
			switch share, _ := t.table.rows[row].share(s.Litres); {
			case share == 0:
				continue // nothing can be filled up of it
			case share < 1:
				t.topUps[row] = append(t.topUps[row], s)
				continue
			}
			s.TopUp, s.Failed, s.Early = false, false, false // a whole fill is a renewal
		}
		t.services[row] = append(t.services[row], s)
		s.Failed, s.Early = false, false // what is renewed along with it says nothing of its own life
		for _, also := range t.table.rows[row].Renews {
			if row, ok := t.table.row[also]; ok {
				s.Component = also
				t.services[row] = append(t.services[row], s)
			}
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

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sameDay(a, b time.Time) bool { return math.Floor(dayNumber(a)) == math.Floor(dayNumber(b)) }

func meanAir(days []Day) float64 {
	sum, n := 0.0, 0
	for _, d := range days {
		if d.AirTempC > -60 && d.AirTempC < 70 {
			sum += d.AirTempC
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}
