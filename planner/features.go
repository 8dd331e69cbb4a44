package planner

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// coldStartBelow is the coolant temperature, °C, that makes a start a cold one.
	coldStartBelow = 30
	// readingEvery thins sensor readings: neighbouring days of a coarse sensor
	// are not independent, and would make the filter too sure of itself.
	readingEvery = 7
)

// readingsOf returns every look at a component's wear: from telemetry, thinned to
// what says something new, and from workshops. They are in no order.
func (r *room) readingsOf(t *predict.Table, p vehicle.Powertrain, days *telemetry.BySignal, records []history.Record) []predict.Reading {
	l := looks{table: t, days: days.Signals, found: slices.Grow(r.readings[:0], 2*len(days.Days)/3)}
	for i := range padAxles {
		l.pads(&padAxles[i])
	}
	l.sensors()
	l.health()
	if p != vehicle.BatteryElectric && p != vehicle.Hybrid { // no starter: what the battery gives when contactors close says nothing of its health
		l.cranking()
	}
	l.oil()
	l.tread()
	l.workshops(records)
	r.readings = l.found
	return l.found
}

// looks collects the readings of a vehicle.
type looks struct {
	table *predict.Table
	days  map[vehicle.Signal]*telemetry.Column
	found []predict.Reading
}

func (l *looks) add(r predict.Reading, ok bool) {
	if ok {
		l.found = append(l.found, r)
	}
}

// workshops takes the worst of what a visit measured of a component: both axles, or
// four wheels, are one item, and the worst of them decides.
func (l *looks) workshops(records []history.Record) {
	type look struct {
		record    string
		component predict.Component
	}
	var known map[look]int // index in found
	for m := range history.ReadingsOf(records) {
		c, ok := l.table.ComponentOf(m.Component)
		if !ok {
			continue
		}
		// A workshop measures what came in, before it renews it.
		at := predict.At{Time: m.Time.Add(-time.Minute), OdometerKm: m.OdometerKm}
		r, ok := l.table.Measured(c, at, m.Value, m.Unit)
		if !ok {
			continue
		}
		k := look{m.RecordID, c}
		i, again := known[k]
		switch {
		case !again:
			if known == nil {
				known = map[look]int{}
			}
			known[k] = len(l.found)
			l.add(r, true)
		case r.Wear > l.found[i].Wear:
			l.found[i] = r
		}
	}
}

// padAxle is what a car says of the pads of an axle.
type padAxle struct {
	component predict.Component
	gauges    [2]vehicle.Signal
	contacts  [2]vehicle.Signal
}

var padAxles = [...]padAxle{
	{
		predict.BrakePadsFront,
		[2]vehicle.Signal{vehicle.PadWearFrontLeft, vehicle.PadWearFrontRight},
		[2]vehicle.Signal{vehicle.PadWornFrontLeft, vehicle.PadWornFrontRight},
	},
	{
		predict.BrakePadsRear,
		[2]vehicle.Signal{vehicle.PadWearRearLeft, vehicle.PadWearRearRight},
		[2]vehicle.Signal{vehicle.PadWornRearLeft, vehicle.PadWornRearRight},
	},
}

// pads takes the worse wheel of an axle: the pads of both are one item.
func (l *looks) pads(axle *padAxle) {
	l.contacts(axle)
	gauges := l.wheels(axle.gauges)
	shown := func(yield func(predict.Shown) bool) {
		for day, ok := gauges.next(); ok; day, ok = gauges.next() {
			if day.first != day.last && day.firstAt < day.lastAt && !yield(predict.Shown{At: predict.At{Time: day.firstAt.Time()}, Percent: day.first}) {
				return
			}
			if !yield(predict.Shown{At: predict.At{Time: day.lastAt.Time()}, Percent: day.last}) {
				return
			}
		}
	}
	for r := range predict.PadGauge(axle.component, shown) {
		l.found = append(l.found, r)
	}
}

// contacts takes each moment at which a warning contact of an axle closed. Most never do, which is soon seen.
func (l *looks) contacts(axle *padAxle) {
	if !everSet(l.days[axle.contacts[0]]) && !everSet(l.days[axle.contacts[1]]) {
		return
	}
	contacts, closed := l.wheels(axle.contacts), false
	for day, ok := contacts.next(); ok; day, ok = contacts.next() {
		if day.last > 0 && !closed {
			l.add(l.table.PadContact(axle.component, predict.At{Time: day.lastAt.Time()}))
		}
		closed = day.last > 0
	}
}

// everSet reports whether a switch was on at the end of any day.
func everSet(column *telemetry.Column) bool {
	return column != nil && slices.ContainsFunc(column.Last, func(v float64) bool { return v > 0 })
}

// wheels are what the two wheels of an axle say, day by day.
type wheels struct{ left, right cursor }

func (l *looks) wheels(of [2]vehicle.Signal) wheels {
	return wheels{cursorOf(l.days[of[0]]), cursorOf(l.days[of[1]])}
}

// next is the next day, of both wheels the higher value at each end of it; false after the last.
func (w *wheels) next() (day worse, ok bool) {
	left, right := &w.left, &w.right
	hasLeft, hasRight := left.at < len(left.days), right.at < len(right.days)
	switch {
	case hasLeft && hasRight && left.days[left.at] == right.days[right.at]:
		day = worseOf(left.Column, left.at, right.Column, right.at)
		left.at++
		right.at++
	case hasLeft && (!hasRight || left.days[left.at] < right.days[right.at]):
		day = of(left.Column, left.at)
		left.at++
	case hasRight:
		day = of(right.Column, right.at)
		right.at++
	default:
		return day, false
	}
	return day, true
}

// worse is the worse wheel of an axle, at the first look of a day and at the last.
type worse struct {
	first, last     float64
	firstAt, lastAt telemetry.Micros
}

// of is what one wheel says of a day.
func of(c *telemetry.Column, i int) worse {
	return worse{c.First[i], c.Last[i], c.FirstAt[i], c.LastAt[i]}
}

func worseOf(a *telemetry.Column, i int, b *telemetry.Column, k int) worse {
	day := of(a, i)
	if first := b.First[k]; first > day.first {
		day.first, day.firstAt = first, b.FirstAt[k]
	}
	if last := b.Last[k]; last > day.last {
		day.last, day.lastAt = last, b.LastAt[k]
	}
	return day
}

// oil takes what a sensor that speaks in small steps and with much noise said at the
// end of each week.
func (l *looks) oil() {
	for week := range weeks(l.days[vehicle.OilCondition]) {
		middle, n, first, at := middleOfDays(week[0])
		r, ok := predict.OilCondition(predict.At{Time: at}, n, middle)
		r.Span = at.Sub(first)
		l.add(r, ok)
	}
}

// tread takes the same of the sensors in four tyres.
func (l *looks) tread() {
	for week := range weeks(l.days[vehicle.TreadFrontLeft], l.days[vehicle.TreadFrontRight],
		l.days[vehicle.TreadRearLeft], l.days[vehicle.TreadRearRight]) {
		depths := [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		looks := 0
		var begun, read time.Time
		for i, wheel := range week {
			if middle, n, first, at := middleOfDays(wheel); n > 0 {
				depths[i], looks, read = middle, n, at
				if begun.IsZero() || first.Before(begun) {
					begun = first
				}
			}
		}
		r, ok := l.table.TreadSensed(predict.At{Time: read}, looks, depths[:2], depths[2:])
		r.Span = read.Sub(begun)
		l.add(r, ok)
	}
}

// middleOfDays is the middle of the last values of the newest days of a week, of how
// many, and when the first and the last of them was. Three days take most of the noise away,
// and a wrong value, and do not lag behind.
func middleOfDays(week part) (middle float64, n int, first, at time.Time) {
	to := week.to
	switch n = min(week.n(), 3); n {
	case 0:
		return 0, 0, first, at
	case 1:
		middle = week.Last[to-1]
	case 2:
		middle = (week.Last[to-2] + week.Last[to-1]) / 2
	default:
		a, b, c := week.Last[to-3], week.Last[to-2], week.Last[to-1]
		middle = max(min(a, b), min(max(a, b), c))
	}
	return middle, n, week.LastAt[to-n].Time(), week.LastAt[to-1].Time()
}

// health takes the traction battery's newest states of health of each week.
func (l *looks) health() {
	for week := range weeks(l.days[vehicle.TractionSoH]) {
		percent, _, first, at := middleOfDays(week[0])
		r, ok := l.table.StateOfHealth(predict.At{Time: at}, percent)
		r.Span = at.Sub(first)
		l.add(r, ok)
	}
}

// cranking takes the middle of each week's starts: single starts are noisy. Where
// roll-ups have no starts, the deepest dips of the days speak.
func (l *looks) cranking() {
	air := cursorOf(l.days[vehicle.AirTemperature])
	for week := range weeks(l.days[vehicle.DayCranking], l.days[vehicle.LowVoltage]) {
		if week[0].n() > 0 {
			l.starts(week[0])
		} else {
			l.dips(week[1], &air)
		}
	}
}

// strayStart is how far from the week's others a start is wrong, V: five times what one
// scatters.
const strayStart = 0.75

// starts takes the mean of a week's starts, of four or more without the lowest and the
// highest, and without what lies far from what the days have in common.
func (l *looks) starts(week part) {
	var means [readingEvery]float64
	days := week.n()
	counts, sums := week.Count[week.from:week.to], week.Sum[week.from:week.to]
	for i := range days {
		means[i] = sums[i] / float64(counts[i])
	}
	slices.Sort(means[:days])
	usual := (means[(days-1)/2] + means[days/2]) / 2
	n, sum, low, high := 0, 0.0, math.Inf(1), math.Inf(-1)
	for i, count := range counts {
		least, most := week.Min[week.from+i], week.Max[week.from+i]
		n, sum, low, high = n+count, sum+sums[i], min(low, least), max(high, most)
		if usual-least > strayStart {
			n, sum = n-1, sum-least
		}
		if count > 1 && most-usual > strayStart {
			n, sum = n-1, sum-most
		}
	}
	if n >= 4 && usual-low <= strayStart {
		n, sum = n-1, sum-low
	}
	if n >= 3 && high-usual <= strayStart {
		n, sum = n-1, sum-high
	}
	if n == 0 {
		return
	}
	r, ok := l.table.Cranking(predict.At{Time: week.LastAt[week.to-1].Time()}, n, sum/float64(n))
	r.Span = r.Time.Sub(week.FirstAt[week.from].Time())
	l.add(r, ok)
}

// dips takes the median of the deepest dips of a week's days, at the air temperature of
// the morning: the deepest dip is that of the first start.
func (l *looks) dips(week part, air *cursor) {
	type dip struct{ volts, temp float64 }
	var all [readingEvery]dip
	n := 0
	var first, at telemetry.Micros
	for i := week.from; i < week.to; i++ {
		if week.Min[i] >= telemetry.CrankBelow {
			continue
		}
		all[n] = dip{week.Min[i], math.NaN()}
		if air.on(week.Day[i]) {
			all[n].temp = air.Min[air.at]
		}
		if n == 0 {
			first = week.FirstAt[i]
		}
		n, at = n+1, week.LastAt[i]
	}
	if n == 0 {
		return
	}
	slices.SortFunc(all[:n], func(a, b dip) int { return cmp.Compare(a.volts, b.volts) })
	mid := all[n/2]
	r, ok := l.table.CrankVoltage(predict.At{Time: at.Time()}, mid.volts, mid.temp)
	r.Span = at.Time().Sub(first.Time())
	l.add(r, ok)
}

// trendSignals are the slow indicators a diagnosis looks at.
var trendSignals = []vehicle.Signal{
	vehicle.LongTermTrim1, vehicle.LongTermTrim2, vehicle.CoolantTemperature, vehicle.LowVoltage,
}

// trendsOf compares the mean of the last driven week with the week four weeks
// before it.
func trendsOf(days *telemetry.BySignal) map[vehicle.Signal]diagnosis.Trend {
	out := map[vehicle.Signal]diagnosis.Trend{}
	if len(days.Days) == 0 {
		return out
	}
	last := days.Days[len(days.Days)-1]
	for _, s := range trendSignals {
		now, okNow := meanBetween(days.Signals[s], last-6, last)
		before, okBefore := meanBetween(days.Signals[s], last-34, last-28)
		if okNow && okBefore {
			out[s] = diagnosis.Trend{Before: before, Now: now}
		}
	}
	return out
}

func meanBetween(column *telemetry.Column, from, to vehicle.Day) (float64, bool) {
	sum, n := 0.0, 0
	for i := range column.Len() {
		if day := column.Day[i]; day >= from && day <= to {
			sum, n = sum+column.Sum[i], n+column.Count[i]
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// newestOf returns the newest value of every numeric signal in the roll-ups.
func newestOf(days *telemetry.BySignal) map[vehicle.Signal]diagnosis.Reading {
	out := make(map[vehicle.Signal]diagnosis.Reading, len(days.Signals))
	for s, column := range days.Signals {
		if last := column.Len() - 1; last >= 0 {
			out[s] = diagnosis.Reading{Value: column.Last[last], At: column.LastAt[last].Time()}
		}
	}
	return out
}
