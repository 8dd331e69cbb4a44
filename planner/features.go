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

func coldStarts(r telemetry.DayRollup) int {
	if a, ok := r.Signals[vehicle.CoolantTemperature]; ok && a.Count > 0 && a.Min < coldStartBelow {
		return 1
	}
	return 0
}

func meanOr(r telemetry.DayRollup, s vehicle.Signal, otherwise float64) float64 {
	if a, ok := r.Signals[s]; ok && a.Count > 0 {
		return a.Mean()
	}
	return otherwise
}

// readingsOf returns every look at a component's wear: from telemetry, thinned to
// what says something new, and from workshops.
func readingsOf(t *predict.Table, p vehicle.Powertrain, rollups []telemetry.DayRollup, records []history.Record) []predict.Reading {
	out := padReadings(t, rollups)
	sensed := sensedBy(t)
	for _, week := range weeks(rollups) {
		out = append(out, sensorReadings(t, sensed, week)...)
		out = append(out, batteryReadings(t, p, week)...)
		out = append(out, sensedReadings(t, week)...)
	}
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

// weeks cuts the roll-ups, in order of day, into calendar weeks of UTC days, so
// that the thinning does not depend on when data began.
func weeks(rollups []telemetry.DayRollup) [][]telemetry.DayRollup {
	var out [][]telemetry.DayRollup
	for i := 0; i < len(rollups); {
		j := i
		for j < len(rollups) && rollups[j].Day/readingEvery == rollups[i].Day/readingEvery {
			j++
		}
		out = append(out, rollups[i:j])
		i = j
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
func padReadings(t *predict.Table, rollups []telemetry.DayRollup) []predict.Reading {
	var out []predict.Reading
	for _, axle := range padAxles {
		var shown []predict.Shown
		closed := false
		for _, day := range rollups {
			if a, ok := worst(day, axle.gauges); ok {
				shown = append(shown, predict.Shown{At: predict.At{Time: a.LastAt}, Percent: a.Last})
			}
			a, ok := worst(day, axle.contacts)
			if !ok {
				continue
			}
			if a.Last > 0 && !closed {
				if r, ok := t.PadContact(axle.component, predict.At{Time: a.LastAt}); ok {
					out = append(out, r)
				}
			}
			closed = a.Last > 0
		}
		out = append(out, predict.PadGauge(axle.component, shown)...)
	}
	return out
}

// worst is the signal of the two whose last value of a day is the higher.
func worst(day telemetry.DayRollup, signals [2]vehicle.Signal) (high telemetry.Aggregate, ok bool) {
	for _, s := range signals {
		if a, has := day.Signals[s]; has && a.Count > 0 && (!ok || a.Last > high.Last) {
			high, ok = a, true
		}
	}
	return high, ok
}

// sensedReadings are what sensors that speak in small steps and with much noise said
// at the end of a week.
func sensedReadings(t *predict.Table, week []telemetry.DayRollup) []predict.Reading {
	var out []predict.Reading
	if middle, n, at := middleOfDays(week, vehicle.OilCondition); n > 0 {
		if r, ok := predict.OilCondition(predict.At{Time: at}, n, middle); ok {
			out = append(out, r)
		}
	}
	var tread []float64
	var looks int
	var read time.Time
	for _, s := range treadSensors {
		if middle, n, at := middleOfDays(week, s); n > 0 {
			tread, looks, read = append(tread, middle), n, at
		}
	}
	if r, ok := t.TreadSensed(predict.At{Time: read}, looks, tread...); ok {
		out = append(out, r)
	}
	return out
}

var treadSensors = [...]vehicle.Signal{
	vehicle.TreadFrontLeft, vehicle.TreadFrontRight, vehicle.TreadRearLeft, vehicle.TreadRearRight,
}

// middleOfDays is the middle of the last values of the newest days, of how many, and
// when the newest was. Three days take most of the noise away, and a wrong value, and do
// not lag behind.
func middleOfDays(week []telemetry.DayRollup, s vehicle.Signal) (middle float64, n int, at time.Time) {
	var values []float64
	for _, day := range slices.Backward(week) {
		if a, ok := day.Signals[s]; ok && a.Count > 0 && len(values) < 3 {
			values, at = append(values, a.Last), later(at, a.LastAt)
		}
	}
	if n = len(values); n == 0 {
		return 0, 0, at
	}
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2, n, at
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// batteryReadings takes the traction battery's newest state of health of the
// week, and the median of its cranking dips: single starts are noisy.
func batteryReadings(t *predict.Table, p vehicle.Powertrain, week []telemetry.DayRollup) []predict.Reading {
	var out []predict.Reading
	for _, day := range slices.Backward(week) {
		if a, ok := day.Signals[vehicle.TractionSoH]; ok && a.Count > 0 {
			if r, ok := t.StateOfHealth(predict.At{Time: a.LastAt}, a.Last); ok {
				out = append(out, r)
			}
			break
		}
	}
	if p == vehicle.BatteryElectric || p == vehicle.Hybrid {
		return out // no starter: what the battery gives when contactors close says nothing of its health
	}
	if r, ok := cranking(t, week); ok {
		out = append(out, r)
	}
	return out
}

// cranking takes the middle of the week's starts: of four or more without the lowest
// and the highest. Where roll-ups have no starts, the median of the deepest dips of the
// days speaks.
func cranking(t *predict.Table, week []telemetry.DayRollup) (predict.Reading, bool) {
	var all telemetry.Aggregate
	type dip struct{ volts, temp float64 }
	var dips []dip
	var at time.Time
	for _, day := range week {
		if a, ok := day.Signals[vehicle.DayCranking]; ok && a.Count > 0 {
			all = all.With(a)
		}
		if a, ok := day.Signals[vehicle.LowVoltage]; ok && a.Count > 0 && a.Min < telemetry.CrankBelow {
			dips, at = append(dips, dip{a.Min, coldest(day)}), a.LastAt
		}
	}
	switch {
	case all.Count >= 4:
		return t.Cranking(predict.At{Time: all.LastAt}, all.Count-2, (all.Sum-all.Min-all.Max)/float64(all.Count-2))
	case all.Count > 0:
		return t.Cranking(predict.At{Time: all.LastAt}, all.Count, all.Mean())
	case len(dips) == 0:
		return predict.Reading{}, false
	}
	slices.SortFunc(dips, func(a, b dip) int { return cmp.Compare(a.volts, b.volts) })
	mid := dips[len(dips)/2]
	return t.CrankVoltage(predict.At{Time: at}, mid.volts, mid.temp)
}

// coldest is the air temperature of the morning: the deepest dip is that of the
// first start.
func coldest(day telemetry.DayRollup) float64 {
	if a, ok := day.Signals[vehicle.AirTemperature]; ok && a.Count > 0 {
		return a.Min
	}
	return math.NaN()
}

// trendSignals are the slow indicators a diagnosis looks at.
var trendSignals = []vehicle.Signal{
	vehicle.LongTermTrim1, vehicle.LongTermTrim2, vehicle.CoolantTemperature, vehicle.LowVoltage,
}

// trendsOf compares the mean of the last driven week with the week four weeks
// before it.
func trendsOf(rollups []telemetry.DayRollup) map[vehicle.Signal]diagnosis.Trend {
	out := map[vehicle.Signal]diagnosis.Trend{}
	if len(rollups) == 0 {
		return out
	}
	last := rollups[len(rollups)-1].Day
	for _, s := range trendSignals {
		now, okNow := meanBetween(rollups, s, last-6, last)
		before, okBefore := meanBetween(rollups, s, last-34, last-28)
		if okNow && okBefore {
			out[s] = diagnosis.Trend{Before: before, Now: now}
		}
	}
	return out
}

func meanBetween(rollups []telemetry.DayRollup, s vehicle.Signal, from, to vehicle.Day) (float64, bool) {
	sum, n := 0.0, 0
	for _, r := range rollups {
		if a, ok := r.Signals[s]; ok && r.Day >= from && r.Day <= to {
			sum, n = sum+a.Sum, n+a.Count
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// newestOf returns the newest value of every numeric signal in the roll-ups.
func newestOf(rollups []telemetry.DayRollup) map[vehicle.Signal]diagnosis.Reading {
	out := map[vehicle.Signal]diagnosis.Reading{}
	for _, r := range rollups {
		for s, a := range r.Signals {
			if a.Count > 0 && !a.LastAt.Before(out[s].At) {
				out[s] = diagnosis.Reading{Value: a.Last, At: a.LastAt}
			}
		}
	}
	return out
}
