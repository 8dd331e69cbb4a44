package ecu

import (
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// reports gathers codes: one report for each ECU and what it is complete for. Services
// of SAE J1979 and ISO 14229-1 can tell the same thing twice, and ECUs repeat.
type reports struct {
	at    time.Time
	all   []vehicle.CodeReport
	index map[reportKey]int
	seen  map[entryKey]bool
}

type reportKey struct{ ecu, covers string }

type entryKey struct {
	report int
	code   vehicle.Code
	status vehicle.CodeStatus
}

func newReports(at time.Time) *reports {
	return &reports{at: at, index: map[reportKey]int{}, seen: map[entryKey]bool{}}
}

// of returns the index of the report of an ECU that covers these states, in any order.
func (r *reports) of(ecu string, covers []vehicle.CodeStatus) int {
	sorted := make([]string, 0, len(covers))
	for _, s := range covers {
		sorted = append(sorted, string(s))
	}
	slices.Sort(sorted)
	key := reportKey{ecu, strings.Join(sorted, " ")}
	i, ok := r.index[key]
	if !ok {
		i = len(r.all)
		r.index[key] = i
		r.all = append(r.all, vehicle.CodeReport{Time: r.at, ECU: ecu, Covers: covers})
	}
	return i
}

// add puts a code to a report, once.
func (r *reports) add(report int, e vehicle.CodeEntry) {
	key := entryKey{report, e.Code, e.Status}
	if !r.seen[key] {
		r.seen[key] = true
		r.all[report].Codes = append(r.all[report].Codes, e)
	}
}

// merge takes a report. The lamp is on if any says so.
func (r *reports) merge(one vehicle.CodeReport) {
	i := r.of(one.ECU, one.Covers)
	r.all[i].Codes = slices.Grow(r.all[i].Codes, len(one.Codes))
	for _, e := range one.Codes {
		r.add(i, e)
	}
	r.all[i].Erased = r.all[i].Erased || one.Erased
	if one.Readiness != nil {
		r.all[i].Readiness = one.Readiness
	}
	if k := &r.all[i]; k.MIL == nil || one.MIL != nil && *one.MIL {
		k.MIL = one.MIL
	}
}

// codeReports makes reports of all codes that were told.
func (a *Answers) codeReports(at time.Time) []vehicle.CodeReport {
	r := newReports(at)
	a.listed(r)
	a.byStatus(r)
	a.alone(r)
	for _, ecu := range a.erased { // whether the lists are of before or after, nobody knows
		r.merge(vehicle.CodeReport{ECU: ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Erased: true})
	}
	a.ready(r)
	a.enrich(r.all)
	a.attachFrozen(r)
	return r.all
}

// listed makes one report per ECU of the lists of SAE J1979, covering the statuses it
// was asked for. A list that may miss codes is refused: an absent code would look
// repaired. Of one that is odd the codes are told, and nothing is covered.
func (a *Answers) listed(r *reports) {
	type key struct {
		ecu    string
		status vehicle.CodeStatus
	}
	bad, doubtful := map[key]bool{}, map[key]bool{}
	for _, l := range a.lists {
		k := key{l.ecu, l.status}
		if a.damaged && !l.whole && !bad[k] {
			a.refuse(l.at, "the list of codes may be incomplete: a line of the answer was lost")
		}
		bad[k] = bad[k] || l.unusable || a.damaged && !l.whole
		doubtful[k] = doubtful[k] || l.doubtful
	}
	covers := map[string][]vehicle.CodeStatus{}
	for _, l := range a.lists {
		if k := (key{l.ecu, l.status}); !bad[k] && !doubtful[k] && !slices.Contains(covers[l.ecu], l.status) {
			covers[l.ecu] = append(covers[l.ecu], l.status)
		}
	}
	for _, l := range a.lists {
		k := key{l.ecu, l.status}
		if bad[k] {
			continue
		}
		set := covers[l.ecu]
		if doubtful[k] {
			set = []vehicle.CodeStatus{vehicle.CoversNone}
		}
		i := r.of(l.ecu, set)
		for _, c := range l.codes {
			r.add(i, vehicle.CodeEntry{Code: c, Status: l.status})
		}
	}
}

// listsPresent are the sub-functions of service 19 whose codes are in the ECU now,
// also where the answer is not known to be all there are. The others tell counts,
// details of a code, or codes that were erased.
var listsPresent = []uds.Subfunction{0x02, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x13, 0x42}

// byStatus makes reports of the answers to service 19: of full sets, and of codes that
// are told without being a full set.
func (a *Answers) byStatus(r *reports) {
	for _, u := range a.uds {
		if one, ok := u.codes.Report(r.at, u.ecu); ok {
			r.merge(one)
			continue
		}
		if !slices.Contains(listsPresent, u.codes.Subfunction) {
			continue
		}
		if entries := u.codes.Entries(); len(entries) > 0 {
			r.merge(vehicle.CodeReport{ECU: u.ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: entries})
		}
	}
}

// alone makes reports of codes that a tester asked the snapshots of (sub-function 04)
// without a list: the answer tells that the code is there, and with which status.
func (a *Answers) alone(r *reports) {
	for _, u := range a.uds {
		if u.codes.Subfunction != snapshotsOfCode {
			continue
		}
		for _, e := range u.codes.Entries() {
			if !r.lists(u.ecu, e.Code) {
				r.merge(vehicle.CodeReport{ECU: u.ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: []vehicle.CodeEntry{e}})
			}
		}
	}
}

const snapshotsOfCode uds.Subfunction = 0x04

// lists reports whether a report of the ECU has the code.
func (r *reports) lists(ecu string, code vehicle.Code) bool {
	return slices.ContainsFunc(r.all, func(one vehicle.CodeReport) bool {
		return one.ECU == ecu && slices.ContainsFunc(one.Codes, func(e vehicle.CodeEntry) bool { return e.Code == code })
	})
}

// details are the sub-functions of service 19 that tell freeze frames or severities.
var details = []uds.Subfunction{snapshotsOfCode, 0x05, 0x08, 0x09, 0x42}

// enrich puts the freeze frames and severities that answers to service 19 tell to the
// codes of the same ECU that lack them. The first that is told counts.
func (a *Answers) enrich(all []vehicle.CodeReport) {
	told := map[codeOf]vehicle.CodeEntry{}
	for _, u := range a.uds {
		if !slices.Contains(details, u.codes.Subfunction) {
			continue
		}
		for _, e := range u.codes.Entries() {
			k := codeOf{u.ecu, e.Code}
			told[k] = told[k].FilledFrom(e)
		}
	}
	if len(told) == 0 {
		return
	}
	for i := range all {
		for j := range all[i].Codes {
			e := &all[i].Codes[j]
			*e = e.FilledFrom(told[codeOf{all[i].ECU, e.Code}])
		}
	}
}
