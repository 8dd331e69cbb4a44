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
	days  map[vehicle.Signal][]telemetry.OfDay
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
	contacts := wheels{l.days[axle.contacts[0]], l.days[axle.contacts[1]]}
	closed := false
	for day, ok := contacts.next(); ok; day, ok = contacts.next() {
		if day.last > 0 && !closed {
			l.add(l.table.PadContact(axle.component, predict.At{Time: day.lastAt.Time()}))
		}
		closed = day.last > 0
	}
	gauges := wheels{l.days[axle.gauges[0]], l.days[axle.gauges[1]]}
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

// wheels are what the two wheels of an axle say, day by day.
type wheels struct{ left, right []telemetry.OfDay }

// next is the next day, of both wheels the higher value at each end of it; false after the last.
func (w *wheels) next() (day worse, ok bool) {
	switch {
	case len(w.left) == 0 && len(w.right) == 0:
		return day, false
	case len(w.right) == 0 || len(w.left) > 0 && w.left[0].Day < w.right[0].Day:
		day, w.left = worseOf(&w.left[0], &w.left[0]), w.left[1:]
	case len(w.left) == 0 || w.right[0].Day < w.left[0].Day:
		day, w.right = worseOf(&w.right[0], &w.right[0]), w.right[1:]
	default:
		day = worseOf(&w.left[0], &w.right[0])
		w.left, w.right = w.left[1:], w.right[1:]
	}
	return day, true
}

// worse is the worse wheel of an axle, at the first look of a day and at the last.
type worse struct {
	first, last     float64
	firstAt, lastAt telemetry.Micros
}

func worseOf(a, b *telemetry.OfDay) worse {
	first, last := a, a
	if b.First > a.First {
		first = b
	}
	if b.Last > a.Last {
		last = b
	}
	return worse{first.First, last.Last, first.FirstAt, last.LastAt}
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
func middleOfDays(week []telemetry.OfDay) (middle float64, n int, first, at time.Time) {
	var values [3]float64
	for n < len(values) && n < len(week) {
		values[n] = week[len(week)-1-n].Last
		n++
	}
	if n == 0 {
		return 0, 0, first, at
	}
	first, at = week[len(week)-n].LastAt.Time(), week[len(week)-1].LastAt.Time()
	slices.Sort(values[:n])
	return (values[(n-1)/2] + values[n/2]) / 2, n, first, at
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
	air := l.days[vehicle.AirTemperature]
	for week := range weeks(l.days[vehicle.DayCranking], l.days[vehicle.LowVoltage]) {
		if len(week[0]) > 0 {
			l.starts(week[0])
		} else {
			air = l.dips(week[1], air)
		}
	}
}

// strayStart is how far from the week's others a start is wrong, V: five times what one
// scatters.
const strayStart = 0.75

// starts takes the mean of a week's starts, of four or more without the lowest and the
// highest, and without what lies far from what the days have in common.
func (l *looks) starts(week []telemetry.OfDay) {
	var means [readingEvery]float64
	days := len(week)
	for i := range week {
		means[i] = week[i].Sum / float64(week[i].Count)
	}
	slices.Sort(means[:days])
	usual := (means[(days-1)/2] + means[days/2]) / 2
	n, sum, low, high := 0, 0.0, math.Inf(1), math.Inf(-1)
	for i := range week {
		a := &week[i]
		n, sum, low, high = n+a.Count, sum+a.Sum, min(low, a.Min), max(high, a.Max)
		if usual-a.Min > strayStart {
			n, sum = n-1, sum-a.Min
		}
		if a.Count > 1 && a.Max-usual > strayStart {
			n, sum = n-1, sum-a.Max
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
	r, ok := l.table.Cranking(predict.At{Time: week[len(week)-1].LastAt.Time()}, n, sum/float64(n))
	r.Span = r.Time.Sub(week[0].FirstAt.Time())
	l.add(r, ok)
}

// dips takes the median of the deepest dips of a week's days, at the air temperature of
// the morning: the deepest dip is that of the first start. It returns air for later weeks.
func (l *looks) dips(week, air []telemetry.OfDay) []telemetry.OfDay {
	type dip struct{ volts, temp float64 }
	var all [readingEvery]dip
	n := 0
	var first, at telemetry.Micros
	for i := range week {
		a := &week[i]
		if a.Min >= telemetry.CrankBelow {
			continue
		}
		all[n] = dip{a.Min, math.NaN()}
		var morning *telemetry.OfDay
		if morning, air = on(air, a.Day); morning != nil {
			all[n].temp = morning.Min
		}
		if n == 0 {
			first = a.FirstAt
		}
		n, at = n+1, a.LastAt
	}
	if n == 0 {
		return air
	}
	slices.SortFunc(all[:n], func(a, b dip) int { return cmp.Compare(a.volts, b.volts) })
	mid := all[n/2]
	r, ok := l.table.CrankVoltage(predict.At{Time: at.Time()}, mid.volts, mid.temp)
	r.Span = at.Time().Sub(first.Time())
	l.add(r, ok)
	return air
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

func meanBetween(column []telemetry.OfDay, from, to vehicle.Day) (float64, bool) {
	sum, n := 0.0, 0
	for i := range column {
		if a := &column[i]; a.Day >= from && a.Day <= to {
			sum, n = sum+a.Sum, n+a.Count
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
		a := &column[len(column)-1]
		out[s] = diagnosis.Reading{Value: a.Last, At: a.LastAt.Time()}
	}
	return out
}
