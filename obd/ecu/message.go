package ecu

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Services of ISO 14229-1, as answered.
const (
	codesByStatus  = 0x59 // ReadDTCInformation
	dataByID       = 0x62 // ReadDataByIdentifier
	codesErased    = 0x54 // ClearDiagnosticInformation
	firstAnswer    = 0x40 // smaller ones are requests
	negativeAnswer = 0x7F
)

// Message takes one message of one ECU, joined and without headers. place says in
// refusals where it was. After MaxMessages the rest is refused, once for all.
func (a *Answers) Message(ecu, place string, payload []byte) {
	a.message(ecu, where{place, -1}, payload)
}

func (a *Answers) message(ecu string, at where, payload []byte) {
	switch {
	case len(payload) == 0:
		return
	case payload[0] < firstAnswer: // the tester's
		a.requests.message(ecu, payload)
		return
	case a.taken == MaxMessages:
		a.full(at)
		return
	}
	a.taken++
	switch payload[0] {
	case codesByStatus:
		a.statusCodes(ecu, at, payload)
	case dataByID:
		a.data(ecu, at, payload)
	case codesErased:
		a.clear(ecu, at, payload)
	default:
		a.emissions(ecu, at, payload)
	}
}

// full refuses a message that is one too many. A list of codes may go on in it.
func (a *Answers) full(at where) {
	if !a.overrun {
		a.overrun, a.damaged = true, true
		a.refusals = append(a.refusals, refusal(at, fmt.Sprintf("more than %d messages: the rest is not read", MaxMessages)))
	}
}

// decoded keeps a message for those who show them.
func (a *Answers) decoded(ecu string, at where, payload []byte, result any) {
	a.Messages = append(a.Messages, Message{ecu, at.String(), payload, result})
}

// emissions takes a message of SAE J1979.
func (a *Answers) emissions(ecu string, at where, payload []byte) {
	if j1979.ListsCodes(payload) {
		a.list(ecu, at, payload)
		return
	}
	result, err := j1979.Decode(payload)
	var refused *j1979.NegativeError
	switch {
	case errors.As(err, &refused) && refused.Pending():
		return // the answer itself follows
	case err != nil && payload[0] != negativeAnswer && errors.Is(err, j1979.ErrNotThisService):
		a.refuse(at, fmt.Sprintf("service %02X is not decoded", payload[0]))
		return
	case err != nil:
		a.refuse(at, err.Error())
		return
	}
	a.decoded(ecu, at, payload, result)
	switch r := result.(type) {
	case j1979.Current:
		a.left(at, r)
		for _, answer := range r {
			a.monitors(ecu, at, answer.PID.Number, answer.Data)
		}
	case j1979.Freeze:
		a.left(at, r.Answers)
		a.freeze(ecu, at, r)
	case j1979.Cleared:
		a.warn(at, r.Warning)
		a.erased = append(a.erased, ecu)
	case j1979.Tests:
		if r.Partial {
			a.refuse(at, "the last test result is cut short")
		}
	case j1979.Info:
		a.warn(at, r.Warning)
		if r.VIN != "" {
			a.vins = append(a.vins, namedVIN{ecu, at, r.VIN})
		}
	}
	for _, reading := range result.Readings() {
		a.values = append(a.values, answered{ecu, at, reading})
	}
}

// left tells which answers were cut, and what was not read behind them.
func (a *Answers) left(at where, all []j1979.Answer) {
	for _, answer := range all {
		if answer.Short {
			a.refuse(at, fmt.Sprintf("PID %02X is cut short: only whole values are used", answer.PID.Number))
		}
		a.warn(at, answer.Warning())
	}
}

func (a *Answers) warn(at where, warning string) {
	if warning != "" {
		a.refuse(at, warning)
	}
}

// list takes a list of codes. One that was odd does not tell that no other code is
// there.
func (a *Answers) list(ecu string, at where, payload []byte) {
	l := codeList{ecu: ecu, at: at, status: j1979.ListedStatus(payload)}
	c, err := j1979.DecodeCodes(payload)
	if err != nil {
		l.unusable = true
		a.refuse(at, err.Error())
	} else {
		a.warn(at, c.Warning)
		a.decoded(ecu, at, payload, c)
	}
	l.codes = c.Codes
	l.doubtful = c.Warning != ""
	l.whole = c.Counted && ecu != "" && !l.doubtful
	a.lists = append(a.lists, l)
}

// otherVehicle says why the message is not of this car: the ECUs name a VIN and none
// names this one. Where some do, the others come from another car, as spare parts
// can; they are listed as refused.
func (a *Answers) otherVehicle(vin vehicle.VIN) string {
	isThis := func(n namedVIN) bool { return n.vin == vin }
	if len(a.vins) == 0 {
		return ""
	}
	if !slices.ContainsFunc(a.vins, isThis) {
		return fmt.Sprintf("the car says it is another vehicle: %s", a.vins[0].vin)
	}
	for _, n := range a.vins {
		if !isThis(n) {
			a.refuse(n.at, fmt.Sprintf("ECU %s has the VIN of another vehicle: %s", n.ecu, n.vin))
		}
	}
	a.values = slices.DeleteFunc(a.values, func(v answered) bool {
		return v.reading.Signal == vinSignal && v.reading.Value.Text != string(vin)
	})
	return ""
}

const vinSignal vehicle.Signal = "Vehicle.VehicleIdentification.VIN"
