package obd

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// refuse lists a part that is not used; beyond the limit they are only counted
// in the last entry.
func (a *answers) refuse(place, reason string) {
	switch n := len(a.refusals); {
	case n < jsonmsg.MaxRefusals:
		a.refusals = append(a.refusals, &vehicle.Refusal{Offset: -1, Place: place, Reason: reason})
	case n == jsonmsg.MaxRefusals:
		a.refusals = append(a.refusals, &vehicle.Refusal{Offset: -1, Place: "message", Reason: "more parts refused than are listed"})
	}
}

// readings settles what several ECUs said about one signal. The engine's ECU
// (7E8) is preferred, then the lowest id; another value is listed as refused,
// never averaged. The lamp is on if any ECU says so, and codes are counted
// together (SAE J1979).
func (a *answers) readings() []vehicle.Reading {
	slices.SortStableFunc(a.values, func(x, y answered) int { return cmp.Compare(rank(x.ecu), rank(y.ecu)) })
	var settled []vehicle.Reading
	from := map[vehicle.Signal]int{}
	asked := map[string]bool{}
	for _, v := range a.values {
		key := v.ecu + " " + string(v.reading.Signal)
		i, ok := from[v.reading.Signal]
		if !ok {
			from[v.reading.Signal], asked[key] = len(settled), true
			settled = append(settled, v.reading)
			continue
		}
		switch kept := &settled[i]; {
		case kept.Signal == "Vehicle.OBD.Status.IsMILOn":
			kept.Value = vehicle.Bool(kept.Value.Num != 0 || v.reading.Value.Num != 0)
		case kept.Signal == "Vehicle.OBD.Status.DTCCount" && !asked[key]:
			kept.Value.Num += v.reading.Value.Num
		case kept.Value != v.reading.Value:
			a.refuse(v.place, fmt.Sprintf("another value of %s is used", v.reading.Signal))
		}
		asked[key] = true
	}
	return settled
}

// rank orders ECUs: the engine's first, those without a name next, the adapter's
// own measurement last.
func rank(ecu string) string {
	switch ecu {
	case "7E8", "18DAF110":
		return "0"
	case adapterItself:
		return "~"
	default:
		return "1" + ecu
	}
}

// codeReports makes one report per ECU, covering the statuses it was asked for.
// A list that may miss codes is refused: an absent code would look repaired.
func (a *answers) codeReports(at time.Time) []vehicle.CodeReport {
	type key struct {
		ecu    string
		status vehicle.CodeStatus
	}
	bad := map[key]bool{}
	for _, l := range a.lists {
		k := key{l.ecu, l.status}
		if a.damaged && !l.whole && !bad[k] {
			a.refuse(l.place, "the list of codes may be incomplete: a line of the answer was lost")
		}
		bad[k] = bad[k] || l.unusable || a.damaged && !l.whole
	}
	var reports []vehicle.CodeReport
	for _, l := range a.lists {
		if bad[key{l.ecu, l.status}] {
			continue
		}
		i := slices.IndexFunc(reports, func(r vehicle.CodeReport) bool { return r.ECU == l.ecu })
		if i < 0 {
			i = len(reports)
			reports = append(reports, vehicle.CodeReport{Time: at, ECU: l.ecu})
		}
		r := &reports[i]
		if !slices.Contains(r.Covers, l.status) {
			r.Covers = append(r.Covers, l.status)
		}
		for _, c := range l.codes {
			if !slices.ContainsFunc(r.Codes, func(e vehicle.CodeEntry) bool { return e.Code == c && e.Status == l.status }) {
				r.Codes = append(r.Codes, vehicle.CodeEntry{Code: c, Status: l.status})
			}
		}
	}
	return reports
}
