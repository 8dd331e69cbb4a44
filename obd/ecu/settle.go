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
// is any. The Offset of a refusal is a byte of the adapter's text; it is -1 for
// frames, which Place names.
func (a *Answers) Settle(vin vehicle.VIN, at time.Time) (Said, error) {
	if vin != "" {
		if reason := a.otherVehicle(vin); reason != "" {
			return Said{}, refusal(where{"vehicle", -1}, reason)
		}
	}
	said := Said{Readings: a.readings(), Codes: a.codeReports(at)}
	if said.Refusals = a.refusals; a.unlisted > 0 {
		said.Refusals = append(said.Refusals, refusal(where{"message", -1}, fmt.Sprintf("%d more parts refused", a.unlisted)))
	}
	return said, nil
}

func refusal(at where, reason string) *vehicle.Refusal {
	return &vehicle.Refusal{Offset: at.offset, Place: at.place, Reason: reason}
}

// refuse lists a part that is not used; beyond the limit they are only counted.
func (a *Answers) refuse(at where, reason string) {
	if len(a.refusals) >= MaxRefusals {
		a.unlisted++
		return
	}
	a.refusals = append(a.refusals, refusal(at, reason))
}

// readings settles what several ECUs said about one signal. The engine's ECU
// (7E8) is preferred, then the lowest id; another value is listed as refused,
// never averaged. The lamp is on if any ECU says so, and codes are counted
// together (SAE J1979).
func (a *Answers) readings() []vehicle.Reading {
	all := a.latest()
	slices.SortStableFunc(all, func(x, y answered) int {
		return cmp.Or(cmp.Compare(rank(x.ecu), rank(y.ecu)), cmp.Compare(x.ecu, y.ecu))
	})
	var settled []vehicle.Reading
	from := map[vehicle.Signal]int{}
	keeps := map[vehicle.Signal]string{}
	for _, v := range all {
		i, ok := from[v.reading.Signal]
		if !ok {
			from[v.reading.Signal], keeps[v.reading.Signal] = len(settled), v.ecu
			settled = append(settled, v.reading)
			continue
		}
		switch kept := &settled[i]; {
		case kept.Signal == "Vehicle.OBD.Status.IsMILOn":
			kept.Value = vehicle.Bool(kept.Value.Num != 0 || v.reading.Value.Num != 0)
		case kept.Signal == "Vehicle.OBD.Status.DTCCount":
			kept.Value.Num += v.reading.Value.Num
		case kept.Value != v.reading.Value:
			a.refuse(v.at, fmt.Sprintf("%s value of %s is kept", owner(keeps[kept.Signal]), kept.Signal))
		}
	}
	return settled
}

// latest is the last value of each signal that each ECU gave, in the order in which
// they came first: a log of some rounds repeats them.
func (a *Answers) latest() []answered {
	type key struct {
		ecu    string
		signal vehicle.Signal
	}
	var all []answered
	index := map[key]int{}
	for _, v := range a.values {
		k := key{v.ecu, v.reading.Signal}
		if i, again := index[k]; again {
			all[i] = v
			continue
		}
		index[k] = len(all)
		all = append(all, v)
	}
	return all
}

// owner says whose a value is.
func owner(ecu string) string {
	if ecu == "" {
		return "the ECU's"
	}
	return ecu + "'s"
}

// rank orders ECUs: the engine's first, those without a name next and the others by
// their ids, the adapter's own measurement last.
func rank(ecu string) int {
	switch ecu {
	case "7E8", "18DAF110":
		return 0
	case adapterItself:
		return 2
	default:
		return 1
	}
}
