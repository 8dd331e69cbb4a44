package diagnosis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// clearAfter is how many reports in a row have to miss a code before it
	// counts as gone: a code that flaps stays one occurrence.
	clearAfter = 3
	// cycleGap separates driving cycles: reports closer than this are polls of
	// the same drive.
	cycleGap = 10 * time.Minute
)

// FoldCodes turns all code reports of one vehicle into the life of each code on
// each ECU, in order of ECU and code. The order and the number of copies of the
// reports make no difference. A report counts against a status only when it
// covers it. A code that clearAfter reports in a row missed has gone; when it
// comes back, a new occurrence begins and FirstSeen starts again. Of the sets that
// a car broadcasts, the first of equal ones in an hour counts, and codes of the
// history are left aside: their fault is not there any more. Traces, in any order, tell
// who took codes away; what status bytes and answers to service 04 tell of it is in the
// reports.
func FoldCodes(reports []vehicle.CodeReport, traces ...Trace) []CodeState {
	traces = slices.Clone(traces)
	slices.SortFunc(traces, compareTraces)
	perECU := make(map[string][]report)
	for _, r := range mergeSameTime(reports) {
		perECU[r.ecu] = append(perECU[r.ecu], r)
	}
	var states []CodeState
	for ecu, ordered := range perECU {
		lamps(ordered)
		known := tracesFor(ecu, traces)
		for _, code := range codesIn(ordered) {
			states = append(states, foldCode(ecu, code, ordered, known))
		}
	}
	slices.SortFunc(states, func(a, b CodeState) int {
		return cmp.Or(cmp.Compare(a.ECU, b.ECU), cmp.Compare(a.Code, b.Code))
	})
	return states
}

// report is all that one ECU said at one time.
type report struct {
	ecu    string
	at     time.Time
	mil    *bool // nil: not told; see lamps
	covers map[vehicle.CodeStatus]bool
	codes  map[vehicle.Code]entry
	uds    map[vehicle.Code]uint8 // status bytes, also of codes that are history
	erased bool
}

// entry is a code in a report, with every status it was given.
type entry struct {
	status   map[vehicle.CodeStatus]bool
	severity *uint8
	frame    []vehicle.Reading
}

func allStatuses() []vehicle.CodeStatus {
	return []vehicle.CodeStatus{vehicle.CodePending, vehicle.CodeConfirmed, vehicle.CodePermanent}
}

// mergeSameTime joins the reports of one ECU at one time (services 03 and 07
// are two answers, a redelivery is the same answer twice) and sorts by time.
func mergeSameTime(reports []vehicle.CodeReport) []report {
	type key struct {
		ecu string
		at  int64
	}
	merged := make(map[key]*report)
	for _, r := range firstBroadcasts(reports) {
		k := key{r.ECU, r.Time.UnixNano()}
		m := merged[k]
		if m == nil {
			m = &report{
				ecu: r.ECU, at: r.Time.UTC(),
				covers: make(map[vehicle.CodeStatus]bool),
				codes:  make(map[vehicle.Code]entry),
				uds:    make(map[vehicle.Code]uint8),
			}
			merged[k] = m
		}
		m.take(r)
	}
	all := make([]report, 0, len(merged))
	for _, m := range merged {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b report) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.ecu, b.ecu))
	})
	return all
}

// firstBroadcasts drops what repeats an earlier report. Whoever recorded the
// reports may have left out some of the repetitions already.
func firstBroadcasts(reports []vehicle.CodeReport) []vehicle.CodeReport {
	earliest := make(map[vehicle.BroadcastKey]time.Time)
	for i := range reports {
		if r := &reports[i]; r.Repeats() {
			k := r.BroadcastKey()
			if at, known := earliest[k]; !known || r.Time.Before(at) {
				earliest[k] = r.Time
			}
		}
	}
	if len(earliest) == 0 {
		return reports
	}
	kept := make([]vehicle.CodeReport, 0, len(reports))
	for i := range reports {
		if r := &reports[i]; !r.Repeats() || r.Time.Equal(earliest[r.BroadcastKey()]) {
			kept = append(kept, *r)
		}
	}
	return kept
}

func (m *report) take(r vehicle.CodeReport) {
	covers := r.Covers
	if len(covers) == 0 {
		covers = allStatuses()
	}
	for _, s := range covers {
		m.covers[s] = true
	}
	if m.mil == nil || r.MIL != nil && *r.MIL {
		m.mil = r.MIL
	}
	m.erased = m.erased || r.Erased
	for _, c := range r.Codes {
		if c.UDS != nil {
			m.uds[c.Code] |= *c.UDS
		}
		if c.Status == vehicle.CodeHistory {
			continue
		}
		e, ok := m.codes[c.Code]
		if !ok {
			e.status = make(map[vehicle.CodeStatus]bool)
		}
		e.status[knownStatus(c.Status)] = true
		e.severity = worseSeverity(e.severity, c.Severity)
		e.frame = richerFrame(e.frame, c.FreezeFrame)
		m.codes[c.Code] = e
	}
}

// knownStatus reads a status that is none of ours as the weakest one.
func knownStatus(s vehicle.CodeStatus) vehicle.CodeStatus {
	if s == vehicle.CodeConfirmed || s == vehicle.CodePermanent {
		return s
	}
	return vehicle.CodePending
}

func worseSeverity(a, b *uint8) *uint8 {
	if a == nil || (b != nil && *b > *a) {
		return b
	}
	return a
}

// richerFrame prefers the frame with more readings, then the one that prints
// first, so that the choice does not depend on the order of arrival.
func richerFrame(a, b []vehicle.Reading) []vehicle.Reading {
	if len(a) != len(b) {
		if len(a) > len(b) {
			return a
		}
		return b
	}
	if frameText(b) < frameText(a) {
		return b
	}
	return a
}

func frameText(frame []vehicle.Reading) string {
	var text strings.Builder
	for _, r := range frame {
		text.WriteString(string(r.Signal) + "=" + r.Value.String() + ";")
	}
	return text.String()
}

// lamps fills in what the ECU said last of its lamp: devices ask for it (PID 01) and for
// codes one by one.
func lamps(reports []report) {
	told := new(false)
	for i := range reports {
		if r := &reports[i]; r.mil == nil {
			r.mil = told
		}
		told = reports[i].mil
	}
}

func codesIn(reports []report) []vehicle.Code {
	seen := make(map[vehicle.Code]bool)
	var codes []vehicle.Code
	for _, r := range reports {
		for c := range r.codes {
			if !seen[c] {
				seen[c] = true
				codes = append(codes, c)
			}
		}
	}
	return codes
}

func compareTraces(a, b Trace) int {
	return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ECU, b.ECU), cmp.Compare(a.Why.EN, b.Why.EN))
}

// life follows one code through the reports of its ECU.
type life struct {
	state   CodeState
	held    map[vehicle.CodeStatus]holding
	counted time.Time // last report of the cycle counted last
	traces  []Trace
}

// holding is a status that the code has: when it was seen last, and since when how many
// reports in a row miss it.
type holding struct {
	status        vehicle.CodeStatus
	seen, missing time.Time
	missed        int
}

func foldCode(ecu string, code vehicle.Code, reports []report, traces []Trace) CodeState {
	l := life{
		state: CodeState{Code: code, ECU: ecu}, held: make(map[vehicle.CodeStatus]holding),
		traces: slices.Concat(ownTraces(code, reports), traces),
	}
	for _, r := range reports {
		if e, listed := r.codes[code]; listed {
			l.hold(r, e)
		}
		if l.state.Active {
			l.miss(r)
		}
	}
	l.ending()
	return l.state
}

// ownTraces is what the reports of an ECU tell of erasing, beside the lists.
func ownTraces(code vehicle.Code, reports []report) []Trace {
	var out []Trace
	var before *report
	for i := range reports {
		r := &reports[i]
		if r.erased {
			out = append(out, erasedTrace(r.at))
		}
		now, told := r.uds[code]
		if !told {
			continue
		}
		if before != nil {
			if t, ok := udsTrace(before.uds[code], now, before.at, r.at); ok {
				out = append(out, t)
			}
		}
		before = r
	}
	return out
}

// hold takes a report that lists the code.
func (l *life) hold(r report, e entry) {
	s := &l.state
	if !s.Active {
		*s = CodeState{
			Code: s.Code, ECU: s.ECU, Active: true, FirstSeen: r.at,
			Occurrences: s.Occurrences + 1, Earlier: s.Earlier,
		}
		clear(l.held)
		l.counted = time.Time{}
	}
	l.erase()
	l.promote(r, e)
	if l.counted.IsZero() || r.at.Sub(l.counted) >= cycleGap {
		s.Cycles++
	}
	l.counted = r.at
	s.LastSeen, s.MissingSince, s.MIL = r.at, time.Time{}, *r.mil
	s.Severity = worseSeverity(s.Severity, e.severity)
	if len(s.FreezeFrame) == 0 {
		s.FreezeFrame = e.frame // the first one: closest to the cause
	}
	s.OdometerKm = cmp.Or(s.OdometerKm, frameKm(e.frame))
	for status := range e.status {
		l.held[status] = holding{seen: r.at}
	}
	if status := l.strongest(); status != s.Status || len(s.Steps) == 0 {
		s.Status = status
		s.Steps = append(s.Steps, Step{Status: status, At: r.at, OdometerKm: frameKm(e.frame)})
	}
}

// erase forgets what was missed and shows to have been erased, before the code comes back:
// it did not merely flicker.
func (l *life) erase() {
	var lost holding
	for _, status := range allStatuses() {
		if h := l.held[status]; h.missed > 0 && status != vehicle.CodePermanent && erasedIn(l.traces, h.seen, h.missing) {
			lost, lost.status = h, status
			delete(l.held, status)
		}
	}
	if lost.status == "" {
		return
	}
	before := l.state.Status
	if l.state.Status = CodeGone; len(l.held) > 0 {
		l.state.Status = l.strongest()
	}
	if l.state.Status != before || lost.status == vehicle.CodeConfirmed {
		l.step(l.state.Status, lost.missing, lost)
	}
}

// promote takes confirmed as part of permanent where a list that began with one status for
// a code goes on with the other: nothing was lost, unless codes were erased just then.
func (l *life) promote(r report, e entry) {
	_, was := l.held[vehicle.CodePermanent]
	confirmed, held := l.held[vehicle.CodeConfirmed]
	if held && !was && e.status[vehicle.CodePermanent] && !e.status[vehicle.CodeConfirmed] && !erasedIn(l.traces, confirmed.seen, r.at) {
		delete(l.held, vehicle.CodeConfirmed)
	}
}

// ending is how the code seems to have gone while it was not absent for long enough.
func (l *life) ending() {
	s := &l.state
	if !s.Active || s.Present() {
		return
	}
	var lost holding
	for _, status := range allStatuses() {
		if h, held := l.held[status]; held {
			lost, lost.status = h, status
		}
	}
	s.Ending = Step{Status: CodeGone, At: s.MissingSince, Lost: lost.status}
	s.Ending.By, s.Ending.Why = eraserOf(lost.status, l.traces, lost.seen, s.MissingSince)
}

// miss counts the held statuses that a report covers and does not list, and
// ends the occurrence when none is left.
func (l *life) miss(r report) {
	s := &l.state
	e := r.codes[s.Code]
	gone := true
	for status, h := range l.held {
		switch {
		case e.status[status]:
			continue
		case !r.covers[status]:
			gone = false
			continue
		case h.missed == 0:
			h.missing = r.at
		}
		h.missed++
		l.held[status] = h
	}
	before := s.Status
	lost := l.drop()
	if len(e.status) == 0 && gone && s.MissingSince.IsZero() {
		s.MissingSince = r.at
	}
	if len(l.held) == 0 {
		s.Active, s.ClearedAt, s.MIL = false, s.MissingSince, false
		s.MissingSince = time.Time{}
		l.step(CodeGone, s.ClearedAt, lost)
		s.Earlier = append(s.Earlier, Occurrence{From: s.FirstSeen, To: s.ClearedAt, Steps: s.Steps})
		return
	}
	if s.Status = l.strongest(); s.Status != before || lost.status == vehicle.CodeConfirmed {
		l.step(s.Status, lost.missing, lost)
	}
}

// drop forgets the statuses that were missed too often, and returns what was known of
// the strongest of them.
func (l *life) drop() (lost holding) {
	for _, status := range allStatuses() {
		if h, held := l.held[status]; held && h.missed >= clearAfter {
			lost, lost.status = h, status
			delete(l.held, status)
		}
	}
	return lost
}

// step writes down what the code became when a status was lost.
func (l *life) step(to vehicle.CodeStatus, at time.Time, lost holding) {
	if last := l.state.Steps[len(l.state.Steps)-1].At; at.Before(last) {
		at = last // it rose since the first report that missed what it lost
	}
	step := Step{Status: to, At: at, Lost: lost.status}
	step.By, step.Why = eraserOf(lost.status, l.traces, lost.seen, lost.missing)
	l.state.Steps = append(l.state.Steps, step)
}

// strongest returns the strongest status held; the last one known when none is.
func (l *life) strongest() vehicle.CodeStatus {
	for _, status := range slices.Backward(allStatuses()) {
		if _, held := l.held[status]; held {
			return status
		}
	}
	return l.state.Status
}

func frameKm(frame []vehicle.Reading) float64 {
	for _, r := range frame {
		if r.Signal == vehicle.TraveledDistance {
			if m, ok := r.Value.Float(); ok && m > 0 {
				return m / 1000
			}
		}
	}
	return 0
}
