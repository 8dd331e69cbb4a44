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
// history are left aside: their fault is not there any more.
func FoldCodes(reports []vehicle.CodeReport) []CodeState {
	perECU := make(map[string][]report)
	for _, r := range mergeSameTime(reports) {
		perECU[r.ecu] = append(perECU[r.ecu], r)
	}
	var states []CodeState
	for ecu, ordered := range perECU {
		for _, code := range codesIn(ordered) {
			states = append(states, foldCode(ecu, code, ordered))
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
	mil    bool
	covers map[vehicle.CodeStatus]bool
	codes  map[vehicle.Code]entry
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

// firstBroadcasts drops what repeats an earlier broadcast. Whoever recorded the
// reports may have left out some of the repetitions already.
func firstBroadcasts(reports []vehicle.CodeReport) []vehicle.CodeReport {
	earliest := make(map[vehicle.BroadcastKey]time.Time)
	for i := range reports {
		if r := &reports[i]; r.Broadcast {
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
		if r := &reports[i]; !r.Broadcast || r.Time.Equal(earliest[r.BroadcastKey()]) {
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
	m.mil = m.mil || (r.MIL != nil && *r.MIL)
	for _, c := range r.Codes {
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

// life follows one code through the reports of its ECU.
type life struct {
	state   CodeState
	missed  map[vehicle.CodeStatus]int // reports in a row without a status that is held
	counted time.Time                  // last report of the cycle counted last
}

func foldCode(ecu string, code vehicle.Code, reports []report) CodeState {
	l := life{state: CodeState{Code: code, ECU: ecu}, missed: make(map[vehicle.CodeStatus]int)}
	for _, r := range reports {
		if e, listed := r.codes[code]; listed {
			l.hold(r, e)
		}
		if l.state.Active {
			l.miss(r)
		}
	}
	return l.state
}

// hold takes a report that lists the code.
func (l *life) hold(r report, e entry) {
	s := &l.state
	if !s.Active {
		*s = CodeState{
			Code: s.Code, ECU: s.ECU, Active: true, FirstSeen: r.at,
			Occurrences: s.Occurrences + 1, Earlier: s.Earlier,
		}
		clear(l.missed)
		l.counted = time.Time{}
	}
	if l.counted.IsZero() || r.at.Sub(l.counted) >= cycleGap {
		s.Cycles++
	}
	l.counted = r.at
	s.LastSeen, s.MissingSince, s.MIL = r.at, time.Time{}, r.mil
	s.Severity = worseSeverity(s.Severity, e.severity)
	if len(s.FreezeFrame) == 0 {
		s.FreezeFrame = e.frame // the first one: closest to the cause
	}
	s.OdometerKm = cmp.Or(s.OdometerKm, frameKm(e.frame))
	for status := range e.status {
		l.missed[status] = 0
	}
	s.Status = l.strongest()
}

// miss counts the held statuses that a report covers and does not list, and
// ends the occurrence when none is left.
func (l *life) miss(r report) {
	s := &l.state
	e := r.codes[s.Code]
	gone := true
	for status, n := range l.missed {
		switch {
		case e.status[status]:
		case !r.covers[status]:
			gone = false
		case n+1 >= clearAfter:
			delete(l.missed, status)
		default:
			l.missed[status] = n + 1
		}
	}
	if len(e.status) > 0 || !gone {
		s.Status = l.strongest()
		return
	}
	if s.MissingSince.IsZero() {
		s.MissingSince = r.at
	}
	if len(l.missed) > 0 {
		s.Status = l.strongest()
		return
	}
	s.Active, s.ClearedAt, s.MIL = false, s.MissingSince, false
	s.MissingSince = time.Time{}
	s.Earlier = append(s.Earlier, Occurrence{From: s.FirstSeen, To: s.ClearedAt})
}

// strongest returns the strongest status held; the last one known when none is.
func (l *life) strongest() vehicle.CodeStatus {
	for _, status := range slices.Backward(allStatuses()) {
		if _, held := l.missed[status]; held {
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
