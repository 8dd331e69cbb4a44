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
	firstAnswer    = 0x40 // smaller ones are requests
	negativeAnswer = 0x7F
)

// Message takes one message of one ECU, joined and without headers. place says in
// refusals where it was.
func (a *Answers) Message(ecu, place string, payload []byte) {
	if len(payload) == 0 {
		return
	}
	if payload[0] < firstAnswer { // the tester's
		a.requests.message(ecu, payload)
		return
	}
	switch payload[0] {
	case codesByStatus:
		a.statusCodes(ecu, place, payload)
	case dataByID:
		a.data(ecu, place, payload)
	default:
		a.emissions(ecu, place, payload)
	}
}

// emissions takes a message of SAE J1979.
func (a *Answers) emissions(ecu, place string, payload []byte) {
	if j1979.ListsCodes(payload) {
		a.list(ecu, place, payload)
		return
	}
	result, err := j1979.Decode(payload)
	var refused *j1979.NegativeError
	switch {
	case errors.As(err, &refused) && refused.Pending():
		return // the answer itself follows
	case err != nil && payload[0] != negativeAnswer && errors.Is(err, j1979.ErrNotThisService):
		a.refuse(place, fmt.Sprintf("service %02X is not decoded", payload[0]))
		return
	case err != nil:
		a.refuse(place, err.Error())
		return
	}
	a.Messages = append(a.Messages, Message{ecu, place, payload, result})
	switch r := result.(type) {
	case j1979.Current:
		a.short(place, r)
	case j1979.Freeze:
		a.short(place, r.Answers)
		a.freeze(ecu, place, r)
	case j1979.Tests:
		if r.Partial {
			a.refuse(place, "the last test result is cut short")
		}
	case j1979.Info:
		if r.Warning != "" {
			a.refuse(place, r.Warning)
		}
		if r.VIN != "" {
			a.vins = append(a.vins, namedVIN{ecu, place, r.VIN})
		}
	}
	for _, reading := range result.Readings() {
		a.values = append(a.values, answered{ecu, place, reading})
	}
}

// short tells which answers were cut.
func (a *Answers) short(place string, all []j1979.Answer) {
	for _, answer := range all {
		if answer.Short {
			a.refuse(place, fmt.Sprintf("PID %02X is cut short: only whole values are used", answer.PID.Number))
		}
	}
}

func (a *Answers) list(ecu, place string, payload []byte) {
	l := codeList{ecu: ecu, place: place, status: j1979.ListedStatus(payload)}
	c, err := j1979.DecodeCodes(payload)
	switch {
	case err != nil:
		l.unusable = true
		a.refuse(place, err.Error())
	case c.Warning != "":
		a.refuse(place, c.Warning)
	}
	if err == nil {
		a.Messages = append(a.Messages, Message{ecu, place, payload, c})
	}
	l.codes = c.Codes
	l.whole = c.Counted && ecu != ""
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
			a.refuse(n.place, fmt.Sprintf("ECU %s has the VIN of another vehicle: %s", n.ecu, n.vin))
		}
	}
	a.values = slices.DeleteFunc(a.values, func(v answered) bool {
		return v.reading.Signal == vinSignal && v.reading.Value.Text != string(vin)
	})
	return ""
}

const vinSignal vehicle.Signal = "Vehicle.VehicleIdentification.VIN"

// frozen is one freeze frame of one ECU.
type frozen struct {
	ecu      string
	number   byte
	place    string
	named    bool         // the ECU told the code, or that there is no frame
	code     vehicle.Code // empty when there is none
	readings []vehicle.Reading
}

// freeze puts an answer to service 02 to the frame it is part of.
func (a *Answers) freeze(ecu, place string, f j1979.Freeze) {
	i := slices.IndexFunc(a.frozen, func(x frozen) bool { return x.ecu == ecu && x.number == f.Frame })
	if i < 0 {
		i = len(a.frozen)
		a.frozen = append(a.frozen, frozen{ecu: ecu, number: f.Frame, place: place})
	}
	frame := &a.frozen[i]
	if f.Names() {
		frame.named, frame.code = true, f.Code
	}
	for _, r := range f.Frozen() {
		if !slices.ContainsFunc(frame.readings, func(have vehicle.Reading) bool { return have.Signal == r.Signal }) {
			frame.readings = append(frame.readings, r)
		}
	}
}

// attachFrozen puts each freeze frame to its code, where the reports list that code
// for the same ECU. Otherwise it is refused: frozen values must not pass for current
// ones.
func (a *Answers) attachFrozen(reports []vehicle.CodeReport) {
	for _, f := range a.frozen {
		switch {
		case f.named && f.code == "", f.named && len(f.readings) == 0:
		case !f.named:
			a.refuse(f.place, fmt.Sprintf("freeze frame %d is not used: its code (PID 02) was not asked", f.number))
		case !f.attach(reports):
			a.refuse(f.place, fmt.Sprintf("freeze frame %d is not used: no list of codes has %s", f.number, f.code))
		}
	}
}

// attach puts the frame to the code, and tells whether the code is listed.
func (f frozen) attach(reports []vehicle.CodeReport) bool {
	found := false
	for i := range reports {
		if reports[i].ECU != f.ecu {
			continue
		}
		for j := range reports[i].Codes {
			if e := &reports[i].Codes[j]; e.Code == f.code {
				e.FreezeFrame, found = append(e.FreezeFrame, f.readings...), true
			}
		}
	}
	return found
}
