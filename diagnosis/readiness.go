package diagnosis

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Readiness is how far a vehicle is with the self-tests that an emissions inspection
// asks for, over the ECUs that tell of them.
type Readiness struct {
	At                   time.Time         // of the newest report; zero when none told
	Complete, Incomplete []vehicle.Monitor // complete: every ECU that has it says so

	// The monitors were reset last between these times, because codes were erased or the
	// supply was lost. Zero when nothing shows it.
	ResetAfter, ResetBy time.Time
}

// Driven returns the most that the vehicle can have gone between two times, in km; false
// when that is not known.
type Driven func(from, to time.Time) (km float64, known bool)

const (
	// silentECU is how much older than the newest an ECU's report may be to count still.
	silentECU = 30 * 24 * time.Hour
	// Monitors that are complete before and after a gap were not reset in it if it is too
	// short for them to complete again: most want a warm engine and minutes of steady speed.
	// The gap begins with the hour of the clock after the report before: what repeats is
	// recorded once in it.
	keptGap = 15 * time.Minute
	keptKm  = 5
)

// FoldReadiness tells how far the vehicle is, and what its monitors say of who erased
// trouble codes. The order and the number of copies of the reports make no difference.
//
// A monitor that is complete stays so until codes are erased (SAE J1979 service 04). So
// most of them lost, in reports with the same monitors of the same ECU, are a trace of
// erasing. It takes two reports: one that lacks them and another beside it that does not
// have them all back. Neither a report that was misread, nor
// one from before the ECU had read its memory, nor an ECU that is silent passes for it.
func FoldReadiness(reports []vehicle.CodeReport, driven Driven) (Readiness, []Trace) {
	var traces []Trace
	tracks := tracksOf(reports)
	for _, t := range tracks {
		traces = append(traces, t.traces(driven)...)
	}
	return stateOf(tracks, traces, reports), traces
}

// monitorSet has a bit for each of vehicle.Monitors.
type monitorSet uint32

func setOf(all []vehicle.Monitor) (s monitorSet) {
	for i, m := range vehicle.Monitors() {
		if slices.Contains(all, m) {
			s |= 1 << i
		}
	}
	return s
}

func (s monitorSet) list() (all []vehicle.Monitor) {
	for i, m := range vehicle.Monitors() {
		if s>>i&1 == 1 {
			all = append(all, m)
		}
	}
	return all
}

func (s monitorSet) count() int                  { return bits.OnesCount32(uint32(s)) }
func (s monitorSet) holds(other monitorSet) bool { return other&^s == 0 }

// continuousMonitors tell nothing: many ECUs never call them incomplete.
var continuousMonitors = setOf(slices.DeleteFunc(vehicle.Monitors(), func(m vehicle.Monitor) bool { return !m.Continuous() }))

// track is what one ECU told of one set of monitors. One that tells of another set from
// some time on has another program, or is two ECUs that the device does not tell apart.
type track struct {
	ecu   string
	has   monitorSet
	told  []told // in order of time
	hours []monitorHour
}

type told struct {
	at       time.Time
	complete monitorSet
}

// monitorHour is an hour of the clock. What was complete in any of its reports counts: of
// equal ones only the first was recorded, so that their order in it is not known.
type monitorHour struct {
	told    []told
	reached monitorSet
}

// lastWith is the time of the last report that has all of these complete.
func (h monitorHour) lastWith(all monitorSet) (time.Time, bool) {
	for _, t := range slices.Backward(h.told) {
		if t.complete.holds(all) {
			return t.at, true
		}
	}
	return time.Time{}, false
}

func tracksOf(reports []vehicle.CodeReport) []track {
	type key struct {
		ecu string
		has monitorSet
	}
	byKey := map[key]map[int64]told{}
	for _, r := range firstBroadcasts(reports) {
		if r.Readiness == nil {
			continue
		}
		complete := setOf(r.Readiness.Complete)
		k := key{r.ECU, complete | setOf(r.Readiness.Incomplete)}
		if k.has == 0 {
			continue
		}
		if byKey[k] == nil {
			byKey[k] = map[int64]told{}
		}
		at := r.Time.UnixNano()
		byKey[k][at] = told{r.Time.UTC(), complete | byKey[k][at].complete}
	}
	var tracks []track
	for k, byTime := range byKey {
		t := track{ecu: k.ecu, has: k.has}
		for _, one := range byTime {
			t.told = append(t.told, one)
		}
		slices.SortFunc(t.told, func(a, b told) int { return a.at.Compare(b.at) })
		t.hours = hoursOf(t.told)
		tracks = append(tracks, t)
	}
	slices.SortFunc(tracks, func(a, b track) int { return cmp.Or(cmp.Compare(a.ecu, b.ecu), cmp.Compare(a.has, b.has)) })
	return tracks
}

func hoursOf(all []told) (hours []monitorHour) {
	from := 0
	for i := range all {
		if i+1 < len(all) && all[i+1].at.Truncate(time.Hour).Equal(all[from].at.Truncate(time.Hour)) {
			continue
		}
		hours = append(hours, split(all[from:i+1])...)
		from = i + 1
	}
	return hours
}

// split makes an hour of reports, or two: where two or more at its end lack most of what
// the others before have complete, the monitors began again within it.
func split(all []told) []monitorHour {
	whole := monitorHour{told: all}
	for _, t := range all {
		whole.reached |= t.complete
	}
	had := whole.reached &^ continuousMonitors
	at := len(all)
	after := monitorSet(0)
	for ; at > 0 && 2*(had&^(after|all[at-1].complete)).count() > had.count(); at-- {
		after |= all[at-1].complete
	}
	if at == 0 || len(all)-at < 2 {
		return []monitorHour{whole}
	}
	before := monitorHour{told: all[:at]}
	for _, t := range before.told {
		before.reached |= t.complete
	}
	return []monitorHour{before, {told: all[at:], reached: after}}
}

// traces follows the monitors from hour to hour.
func (t track) traces(driven Driven) []Trace {
	var out []Trace
	before := 0
	for i := 1; i < len(t.hours); i++ {
		had := t.hours[before].reached &^ continuousMonitors
		lost := had &^ t.hours[i].reached
		switch {
		case !t.enough(had):
		case lost == 0:
			if kept, ok := t.kept(t.hours[before], t.hours[i], had, driven); ok {
				out = join(out, kept)
			}
		case 2*lost.count() > had.count():
			if !t.confirmed(before, i, had) {
				continue // as if that hour had not been told
			}
			out = append(out, t.reset(t.hours[before], had, lost))
		}
		before = i
	}
	return out
}

// enough reports whether so many monitors can tell something: one alone may be a sensor's
// heater, which completes in a minute.
func (t track) enough(had monitorSet) bool {
	return had.count() >= 2 || had != 0 && had == t.has&^continuousMonitors
}

// confirmed reports whether hour i, which lacks monitors that an hour before had, has a
// second witness: another report in it that is on the way again, else the next hour, else
// the same said twice.
func (t track) confirmed(before, i int, had monitorSet) bool {
	now, last := t.hours[i].told, t.hours[before].told
	switch {
	case slices.ContainsFunc(now, func(one told) bool { return one.complete != now[0].complete }):
		return true
	case i+1 < len(t.hours):
		return !t.hours[i+1].reached.holds(had)
	case len(now) > 1:
		return true
	}
	return i == before+1 && 2*(had&^last[len(last)-1].complete).count() > had.count()
}

func (t track) kept(before, now monitorHour, had monitorSet, driven Driven) (Trace, bool) {
	from, ok := before.lastWith(had)
	to, alsoNow := now.lastWith(had)
	if !ok || !alsoNow {
		return Trace{}, false
	}
	begin, end := from.Truncate(time.Hour).Add(time.Hour), now.told[0].at
	if end.Sub(begin) > keptGap {
		if km, known := driven(begin, end); !known || km > keptKm {
			return Trace{}, false
		}
	}
	why := lang.Text{EN: "the readiness monitors stayed complete (SAE J1979 PID 01)", ZH: "就绪监测项保持完成（SAE J1979 PID 01）"}
	return Trace{Kind: TraceKept, ECU: t.ecu, From: from, To: to, Why: why}, true
}

// join puts a span in which nothing was erased to the one before, where they touch.
func join(out []Trace, kept Trace) []Trace {
	if n := len(out); n > 0 && out[n-1].Kind == TraceKept && !kept.From.After(out[n-1].To) {
		out[n-1].To = kept.To
		return out
	}
	return append(out, kept)
}

// reset is between the last report that has one of the lost monitors and the next.
func (t track) reset(before monitorHour, had, lost monitorSet) Trace {
	trace := Trace{Kind: TraceErased, ECU: t.ecu, Why: lang.Text{
		EN: fmt.Sprintf("%d of %d readiness monitors began again (SAE J1979 PID 01)", lost.count(), had.count()),
		ZH: fmt.Sprintf("%d 项就绪监测中有 %d 项重新开始（SAE J1979 PID 01）", had.count(), lost.count()),
	}}
	for _, one := range t.told {
		switch {
		case !one.at.After(before.told[len(before.told)-1].at) && one.complete&lost != 0:
			trace.From, trace.To = one.at, time.Time{}
		case trace.To.IsZero():
			trace.To = one.at
		}
	}
	return trace
}

// stateOf takes the newest report of each ECU, unless it has long been silent.
func stateOf(tracks []track, traces []Trace, reports []vehicle.CodeReport) (r Readiness) {
	newest := map[string]told{}
	has := map[string]monitorSet{}
	for _, t := range tracks {
		last := t.told[len(t.told)-1]
		if last.at.After(newest[t.ecu].at) {
			newest[t.ecu], has[t.ecu] = last, t.has
		}
		if last.at.After(r.At) {
			r.At = last.at
		}
	}
	var all, incomplete monitorSet
	for ecu, last := range newest {
		if r.At.Sub(last.at) <= silentECU {
			all |= has[ecu]
			incomplete |= has[ecu] &^ last.complete
		}
	}
	r.Complete, r.Incomplete = (all &^ incomplete).list(), incomplete.list()
	resets := slices.Clone(traces)
	for _, one := range reports {
		if has[one.ECU] != 0 && one.Erased {
			resets = append(resets, erasedTrace(one.Time.UTC()))
		}
	}
	for _, t := range resets {
		if t.Kind == TraceErased && (t.To.After(r.ResetBy) || t.To.Equal(r.ResetBy) && t.From.After(r.ResetAfter)) {
			r.ResetAfter, r.ResetBy = t.From, t.To
		}
	}
	return r
}
