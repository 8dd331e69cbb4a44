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
	uds    map[vehicle.Code]uint8             // status bytes, also of codes that are history
	frames map[vehicle.Code][]vehicle.Reading // of codes whose status is not told, or history
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
				frames: make(map[vehicle.Code][]vehicle.Reading),
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
	keys := make([]vehicle.BroadcastKey, len(reports))
	for i := range reports {
		if r := &reports[i]; r.Repeats() {
			keys[i] = r.BroadcastKey()
			if at, known := earliest[keys[i]]; !known || r.Time.Before(at) {
				earliest[keys[i]] = r.Time
			}
		}
	}
	if len(earliest) == 0 {
		return reports
	}
	kept := make([]vehicle.CodeReport, 0, len(reports))
	for i := range reports {
		if r := &reports[i]; !r.Repeats() || r.Time.Equal(earliest[keys[i]]) {
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
		if c.Status == vehicle.CodeHistory || c.Status == vehicle.CodeStored {
			if len(c.FreezeFrame) > 0 {
				m.frames[c.Code] = richerFrame(m.frames[c.Code], c.FreezeFrame)
			}
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
