package ecu

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Said is what the answers come to.
type Said struct {
	Readings []vehicle.Reading
	Codes    []vehicle.CodeReport
	Refusals []*vehicle.Refusal // what was not used, and why
}

// Settle makes readings and reports of all that was taken. The error, a
// *vehicle.Refusal, says that the ECUs name another vehicle than vin; an empty vin
// is any.
func (a *Answers) Settle(vin vehicle.VIN, at time.Time) (Said, error) {
	if vin != "" {
		if reason := a.otherVehicle(vin); reason != "" {
			return Said{}, &vehicle.Refusal{Offset: -1, Place: "vehicle", Reason: reason}
		}
	}
	said := Said{Readings: a.readings(), Codes: oneOfAKind(append(a.codeReports(at), a.udsReports(at)...))}
	a.attachFrozen(said.Codes)
	if said.Refusals = a.refusals; a.unlisted > 0 {
		said.Refusals = append(said.Refusals, &vehicle.Refusal{Offset: -1, Place: "message", Reason: fmt.Sprintf("%d more parts refused", a.unlisted)})
	}
	return said, nil
}

// refuse lists a part that is not used; beyond the limit they are only counted.
func (a *Answers) refuse(place, reason string) {
	if len(a.refusals) == MaxRefusals {
		a.unlisted++
		return
	}
	a.refusals = append(a.refusals, &vehicle.Refusal{Offset: -1, Place: place, Reason: reason})
}

// readings settles what several ECUs said about one signal. The engine's ECU
// (7E8) is preferred, then the lowest id; another value is listed as refused,
// never averaged. The lamp is on if any ECU says so, and codes are counted
// together (SAE J1979).
func (a *Answers) readings() []vehicle.Reading {
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

// oneOfAKind joins reports of one ECU that cover the same: services of SAE J1979 and
// ISO 14229-1 can tell the same thing twice.
func oneOfAKind(reports []vehicle.CodeReport) []vehicle.CodeReport {
	var kinds []vehicle.CodeReport
	for _, r := range reports {
		i := slices.IndexFunc(kinds, func(k vehicle.CodeReport) bool { return k.ECU == r.ECU && slices.Equal(k.Covers, r.Covers) })
		if i < 0 {
			kinds = append(kinds, r)
			continue
		}
		k := &kinds[i]
		for _, e := range r.Codes {
			if !slices.ContainsFunc(k.Codes, func(have vehicle.CodeEntry) bool { return have.Code == e.Code && have.Status == e.Status }) {
				k.Codes = append(k.Codes, e)
			}
		}
		if k.MIL == nil || r.MIL != nil && *r.MIL {
			k.MIL = r.MIL
		}
	}
	return kinds
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
func (a *Answers) codeReports(at time.Time) []vehicle.CodeReport {
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
