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
// what says something new, and from workshops.
func readingsOf(t *predict.Table, p vehicle.Powertrain, days *telemetry.BySignal, records []history.Record) []predict.Reading {
	var out []predict.Reading
	for _, axle := range padAxles {
		out = append(out, padReadings(t, axle, days)...)
	}
	out = append(out, sensorReadings(t, days)...)
	out = append(out, healthReadings(t, days)...)
	if p != vehicle.BatteryElectric && p != vehicle.Hybrid { // no starter: what the battery gives when contactors close says nothing of its health
		out = append(out, crankingReadings(t, days)...)
	}
	out = append(out, oilReadings(days)...)
	out = append(out, treadReadings(t, days)...)
	out = append(out, workshopReadings(t, records)...)
	slices.SortStableFunc(out, func(a, b predict.Reading) int { return a.Time.Compare(b.Time) })
	return out
}

// workshopReadings takes the worst of what a visit measured of a component: both
// axles, or four wheels, are one item, and the worst of them decides.
func workshopReadings(t *predict.Table, records []history.Record) []predict.Reading {
	type look struct {
		record    string
		component predict.Component
	}
	var out []predict.Reading
	known := map[look]int{} // index in out
	for _, m := range history.ReadingsOf(records) {
		c, ok := t.ComponentOf(m.Component)
		if !ok {
			continue
		}
		// A workshop measures what came in, before it renews it.
		at := predict.At{Time: m.Time.Add(-time.Minute), OdometerKm: m.OdometerKm}
		r, ok := t.Measured(c, at, m.Value, m.Unit)
		if !ok {
			continue
		}
		k := look{m.RecordID, c}
		i, again := known[k]
		switch {
		case !again:
			known[k] = len(out)
			out = append(out, r)
		case r.Wear > out[i].Wear:
			out[i] = r
		}
	}
	return out
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

// padReadings takes the worse wheel of an axle: the pads of both are one item.
func padReadings(t *predict.Table, axle padAxle, days *telemetry.BySignal) []predict.Reading {
	var out []predict.Reading
	closed := false
	for day := range spans(1, days.Signals[axle.contacts[0]], days.Signals[axle.contacts[1]]) {
		a := worst(day)
		if a.Last > 0 && !closed {
			if r, ok := t.PadContact(axle.component, predict.At{Time: a.LastAt}); ok {
				out = append(out, r)
			}
		}
		closed = a.Last > 0
	}
	left, right := days.Signals[axle.gauges[0]], days.Signals[axle.gauges[1]]
	shown := make([]predict.Shown, 0, max(len(left), len(right)))
	for day := range spans(1, left, right) {
		a := worst(day)
		shown = append(shown, predict.Shown{At: predict.At{Time: a.LastAt}, Percent: a.Last})
	}
	return append(out, predict.PadGauge(axle.component, shown)...)
}

// worst is that of the signals whose last value of a day is the highest.
func worst(day [][]telemetry.OfDay) (high *telemetry.Aggregate) {
	for _, c := range day {
		if len(c) > 0 && (high == nil || c[0].Last > high.Last) {
			high = &c[0].Aggregate
		}
	}
	return high
}

// oilReadings are what a sensor that speaks in small steps and with much noise said at
// the end of each week.
func oilReadings(days *telemetry.BySignal) []predict.Reading {
	var out []predict.Reading
	for week := range spans(readingEvery, days.Signals[vehicle.OilCondition]) {
		middle, n, at := middleOfDays(week[0])
		if r, ok := predict.OilCondition(predict.At{Time: at}, n, middle); ok {
			out = append(out, r)
		}
	}
	return out
}

// treadReadings are the same of the sensors in four tyres.
func treadReadings(t *predict.Table, days *telemetry.BySignal) []predict.Reading {
	var out []predict.Reading
	for week := range spans(readingEvery, days.Signals[vehicle.TreadFrontLeft], days.Signals[vehicle.TreadFrontRight],
		days.Signals[vehicle.TreadRearLeft], days.Signals[vehicle.TreadRearRight]) {
		tread := [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
		looks := 0
		var read time.Time
		for i, wheel := range week {
			if middle, n, at := middleOfDays(wheel); n > 0 {
				tread[i], looks, read = middle, n, at
			}
		}
		if r, ok := t.TreadSensed(predict.At{Time: read}, looks, tread[:2], tread[2:]); ok {
			out = append(out, r)
		}
	}
	return out
}

// middleOfDays is the middle of the last values of the newest days of a week, of how
// many, and when the newest was. Three days take most of the noise away, and a wrong
// value, and do not lag behind.
func middleOfDays(week []telemetry.OfDay) (middle float64, n int, at time.Time) {
	var values [3]float64
	for n < len(values) && n < len(week) {
		a := &week[len(week)-1-n]
		values[n], at = a.Last, later(at, a.LastAt)
		n++
	}
	if n == 0 {
		return 0, 0, at
	}
	slices.Sort(values[:n])
	return (values[(n-1)/2] + values[n/2]) / 2, n, at
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// healthReadings take the traction battery's newest state of health of each week.
func healthReadings(t *predict.Table, days *telemetry.BySignal) []predict.Reading {
	var out []predict.Reading
	for week := range spans(readingEvery, days.Signals[vehicle.TractionSoH]) {
		a := &week[0][len(week[0])-1]
		if r, ok := t.StateOfHealth(predict.At{Time: a.LastAt}, a.Last); ok {
			out = append(out, r)
		}
	}
	return out
}

// crankingReadings take the middle of each week's starts: single starts are noisy.
func crankingReadings(t *predict.Table, days *telemetry.BySignal) []predict.Reading {
	var out []predict.Reading
	air := days.Signals[vehicle.AirTemperature]
	for week := range spans(readingEvery, days.Signals[vehicle.DayCranking], days.Signals[vehicle.LowVoltage]) {
		r, ok := starts(t, week[0])
		if len(week[0]) == 0 {
			r, air, ok = dips(t, week[1], air)
		}
		if ok {
			out = append(out, r)
		}
	}
	return out
}

// starts takes the mean of a week's starts, of four or more without the lowest and the
// highest.
func starts(t *predict.Table, week []telemetry.OfDay) (predict.Reading, bool) {
	var all telemetry.Aggregate
	for i := range week {
		all = all.With(week[i].Aggregate)
	}
	if all.Count >= 4 {
		return t.Cranking(predict.At{Time: all.LastAt}, all.Count-2, (all.Sum-all.Min-all.Max)/float64(all.Count-2))
	}
	return t.Cranking(predict.At{Time: all.LastAt}, all.Count, all.Mean())
}

// dips speak where roll-ups have no starts: the median of the deepest dips of a week's
// days, at the air temperature of the morning, as the deepest dip is that of the first
// start. It returns the rest of air, for the weeks that follow.
func dips(t *predict.Table, week, air []telemetry.OfDay) (r predict.Reading, rest []telemetry.OfDay, ok bool) {
	type dip struct{ volts, temp float64 }
	var all []dip
	var at time.Time
	for i := range week {
		a := &week[i]
		if a.Min >= telemetry.CrankBelow {
			continue
		}
		d := dip{a.Min, math.NaN()}
		var morning telemetry.Aggregate
		if morning, air, ok = on(air, a.Day); ok {
			d.temp = morning.Min
		}
		all, at = append(all, d), a.LastAt
	}
	if len(all) == 0 {
		return r, air, false
	}
	slices.SortFunc(all, func(a, b dip) int { return cmp.Compare(a.volts, b.volts) })
	mid := all[len(all)/2]
	r, ok = t.CrankVoltage(predict.At{Time: at}, mid.volts, mid.temp)
	return r, air, ok
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
		out[s] = diagnosis.Reading{Value: a.Last, At: a.LastAt}
	}
	return out
}
