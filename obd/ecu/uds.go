package ecu

import (
	"errors"
	"fmt"
	"slices"
	"time"

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
func (a *Answers) statusCodes(ecu, place string, payload []byte) {
	codes, refused, err := uds.DecodeCodes(payload, a.udsOptions(ecu))
	a.refuseAll(place, refused)
	if err != nil {
		a.refuse(place, err.Error())
		return
	}
	a.Messages = append(a.Messages, Message{ecu, place, payload, codes})
	a.uds = append(a.uds, udsCodes{ecu, codes})
}

// data takes an answer to service 22.
func (a *Answers) data(ecu, place string, payload []byte) {
	data, refused, err := uds.DecodeData(payload, a.udsOptions(ecu))
	a.refuseAll(place, refused)
	if err != nil {
		if pending := (*j1979.NegativeError)(nil); !errors.As(err, &pending) || !pending.Pending() {
			a.refuse(place, err.Error())
		}
		return
	}
	a.Messages = append(a.Messages, Message{ecu, place, payload, data})
	for _, r := range data.Readings() {
		if r.Signal == vinSignal {
			a.vins = append(a.vins, namedVIN{ecu, place, vehicle.VIN(r.Value.Text)})
		}
		a.values = append(a.values, answered{ecu, place, r})
	}
}

// refuseAll lists what a message left out, under the message's own place.
func (a *Answers) refuseAll(place string, refused []*vehicle.Refusal) {
	for _, r := range refused {
		a.refuse(fmt.Sprintf("%s, %s", place, r.Where()), r.Reason)
	}
}

// listsPresent are the sub-functions of service 19 whose codes are in the ECU now,
// also where the answer is not known to be all there are. The others tell counts,
// details of a code, or codes that were erased.
var listsPresent = []uds.Subfunction{0x02, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x13, 0x42}

// udsReports makes reports of the answers to service 19: of full sets, and of codes
// that are told without being a full set. Details of codes go to their codes.
func (a *Answers) udsReports(at time.Time) []vehicle.CodeReport {
	var reports []vehicle.CodeReport
	for _, u := range a.uds {
		if r, ok := u.codes.Report(at, u.ecu); ok {
			reports = append(reports, r)
			continue
		}
		entries := u.codes.Entries()
		if len(entries) == 0 || !slices.Contains(listsPresent, u.codes.Subfunction) {
			continue
		}
		reports = append(reports, vehicle.CodeReport{
			Time: at, ECU: u.ecu, Covers: []vehicle.CodeStatus{vehicle.CoversNone}, Codes: entries,
		})
	}
	for _, u := range a.uds {
		for i := range reports {
			if reports[i].ECU == u.ecu {
				u.codes.Enrich(&reports[i])
			}
		}
	}
	return reports
}
