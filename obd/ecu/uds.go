package ecu

import (
	"errors"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// udsCodes is one answer to service 19 of one ECU.
type udsCodes struct {
	ecu   string
	codes uds.Codes
}

func (a *Answers) udsOptions(ecu string) uds.Options {
	return uds.Options{Request: a.requests.of(ecu), Naming: a.Options.Naming, ECU: ecu, Table: a.Options.Table}
}

// statusCodes takes an answer to service 19.
func (a *Answers) statusCodes(ecu string, at where, payload []byte) {
	codes, refused, err := uds.DecodeCodes(payload, a.udsOptions(ecu))
	a.refuseAll(at, refused)
	if err != nil {
		a.refuse(at, err.Error())
		return
	}
	a.decoded(ecu, at, payload, codes)
	a.uds = append(a.uds, udsCodes{ecu, codes})
}

// clear takes an answer to service 14.
func (a *Answers) clear(ecu string, at where, payload []byte) {
	cleared, refused, err := uds.DecodeCleared(payload)
	a.refuseAll(at, refused)
	if err != nil {
		a.refuse(at, err.Error())
		return
	}
	a.decoded(ecu, at, payload, cleared)
	a.erased = append(a.erased, ecu)
}

// data takes an answer to service 22.
func (a *Answers) data(ecu string, at where, payload []byte) {
	data, refused, err := uds.DecodeData(payload, a.udsOptions(ecu))
	a.refuseAll(at, refused)
	if err != nil {
		if pending := (*j1979.NegativeError)(nil); !errors.As(err, &pending) || !pending.Pending() {
			a.refuse(at, err.Error())
		}
		return
	}
	a.decoded(ecu, at, payload, data)
	for _, i := range data.Identifiers {
		if pid, mirror := i.DID.PID(); mirror {
			a.monitors(ecu, at, pid, i.Data)
		}
	}
	for _, r := range data.Readings() {
		if r.Signal == vinSignal {
			a.vins = append(a.vins, namedVIN{ecu, at, vehicle.VIN(r.Value.Text)})
		}
		a.values = append(a.values, answered{ecu, at, r})
	}
}

// refuseAll lists what a message left out, behind the message's own place. Its bytes
// are told in words: Offset is one of the text that the message came in.
func (a *Answers) refuseAll(at where, refused []*vehicle.Refusal) {
	for _, r := range refused {
		part := r.Where()
		if r.Offset >= 0 {
			part += " of the message"
		}
		a.refuse(where{fmt.Sprintf("%s, %s", at.place, part), at.offset}, r.Reason)
	}
}
