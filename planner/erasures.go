package planner

import (
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// sinceErased is a counter that SAE J1979 starts again when codes are erased.
type sinceErased struct {
	signal vehicle.Signal
	what   lang.Text
	// most is what it can have gained in a gap without data, at most. A counter that
	// shows more was not started again in it.
	most func(gap time.Duration, km float64) float64
}

// sinceErasedCounters are PIDs 31, 4E and 30. A warm-up needs the engine to cool by 22
// degrees in between: an hour for each is generous.
var sinceErasedCounters = []sinceErased{
	{"Vehicle.OBD.DistanceSinceDTCClear", lang.Text{EN: "the distance since codes were erased", ZH: "清码后行驶里程"}, func(_ time.Duration, km float64) float64 { return km + 2 }},
	{"Vehicle.OBD.TimeSinceDTCCleared", lang.Text{EN: "the time since codes were erased", ZH: "清码后运行时间"}, func(gap time.Duration, _ float64) float64 { return gap.Minutes() + 1 }},
	{"Vehicle.OBD.WarmupsSinceDTCClear", lang.Text{EN: "the warm-ups since codes were erased", ZH: "清码后暖机次数"}, func(gap time.Duration, _ float64) float64 { return gap.Hours() + 1 }},
}

// tracesOf is what roll-ups and service records tell of who erased
// trouble codes and when.
func tracesOf(days *telemetry.BySignal, records []history.Record) []diagnosis.Trace {
	var out []diagnosis.Trace
	for _, c := range sinceErasedCounters {
		out = append(out, c.traces(days)...)
	}
	for _, r := range records {
		if r.Status == history.EnteredInError || r.Source == history.FromOwner {
			continue
		}
		day := r.Visited.UTC().Format(time.DateOnly)
		out = append(out, diagnosis.Trace{
			Kind: diagnosis.TraceWorkshop, From: r.Visited.Add(-visitSpan), To: r.Visited.Add(visitSpan),
			Why: lang.Text{EN: "in the workshop on " + day + at(r.Shop, " (%s)"), ZH: day + " 在维修厂" + at(r.Shop, "（%s）")},
		})
	}
	return out
}

// sameWake is how far from the report of an ECU the odometer may have been read.
const sameWake = 5 * time.Minute

// drivenBy is how far the vehicle can have gone, by the first and the last odometer of
// the days of roll-ups.
func drivenBy(days *telemetry.BySignal) diagnosis.Driven {
	type reading struct {
		at time.Time
		km float64
	}
	var all []reading
	dial := days.Signals[vehicle.TraveledDistance]
	for i := range dial.Len() {
		a := dial.At(i)
		all = append(all, reading{a.FirstAt.Time(), a.First / 1000}, reading{a.LastAt.Time(), a.Last / 1000})
	}
	find := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(all, t, func(r reading, t time.Time) int { return r.at.Compare(t) })
		return i
	}
	return func(from, to time.Time) (float64, bool) {
		before, after := find(from.Add(time.Nanosecond))-1, find(to.Add(-sameWake))
		if before < 0 || after == len(all) || all[after].km < all[before].km {
			return 0, false
		}
		return all[after].km - all[before].km, true
	}
}

// visitSpan is how far from the time of a service record the work may have been done:
// some records have a day only.
const visitSpan = 24 * time.Hour

func at(shop, format string) string {
	if shop == "" {
		return ""
	}
	return fmt.Sprintf(format, shop)
}

// traces follows one counter. Spans in which it went on are joined.
func (c sinceErased) traces(days *telemetry.BySignal) []diagnosis.Trace {
	var out []diagnosis.Trace
	add := func(from, to time.Time, erased bool) {
		if n := len(out); n > 0 && !erased && out[n-1].Kind == diagnosis.TraceKept && out[n-1].To.Equal(from) {
			out[n-1].To = to
			return
		}
		t := diagnosis.Trace{Kind: diagnosis.TraceKept, From: from, To: to, Why: lang.Text{EN: c.what.EN + " went on", ZH: c.what.ZH + "未归零"}}
		if erased {
			t.Kind, t.Why = diagnosis.TraceErased, lang.Text{EN: c.what.EN + " began again", ZH: c.what.ZH + "归零"}
		}
		out = append(out, t)
	}
	var last telemetry.OfDay
	odometer := 0.0 // km, at the end of the last day with the counter
	dial, counter := along(days, vehicle.TraveledDistance), days.Signals[c.signal]
	for i := range counter.Len() {
		a := counter.At(i)
		var km telemetry.OfDay
		told := dial.on(a.Day)
		if told {
			km = dial.At(dial.at)
		}
		if i > 0 {
			from, to := last.LastAt.Time(), a.FirstAt.Time()
			switch {
			case a.First < last.Last:
				add(from, to, true)
			case told && odometer > 0 && km.First/1000 >= odometer && a.First > c.most(to.Sub(from), km.First/1000-odometer):
				add(from, to, false)
			}
		}
		if a.LastAt > a.FirstAt {
			add(a.FirstAt.Time(), a.LastAt.Time(), a.Min < a.First || a.Last < a.Max)
		}
		last, odometer = a, 0
		if told {
			odometer = km.Last / 1000
		}
	}
	return out
}
