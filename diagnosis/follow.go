package diagnosis

import (
	"cmp"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// life follows one code through the reports of its ECU.
type life struct {
	state   CodeState
	held    map[vehicle.CodeStatus]holding
	counted time.Time // last report of the cycle counted last
	traces  []Trace

	frame  []vehicle.Reading // that came without a status, when it did
	frozen time.Time
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
		if frame := r.frames[code]; len(frame) > 0 {
			l.frame, l.frozen = frame, r.at
		}
		if e, listed := r.codes[code]; listed {
			l.hold(r, e)
		}
		l.freeze(r.at)
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

// freeze gives an occurrence that has no freeze frame the one that was asked for apart from
// the lists, in it or in the drive before its first list.
func (l *life) freeze(now time.Time) {
	s := &l.state
	if s.Active && len(s.FreezeFrame) == 0 && now.Sub(l.frozen) < cycleGap {
		s.FreezeFrame = l.frame
		s.OdometerKm = cmp.Or(s.OdometerKm, frameKm(l.frame))
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
