package obd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// lengths are given as one number, or by what they belong to.
type lengths struct {
	all  int
	each map[string]int
}

func (l *lengths) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &l.all) == nil {
		return nil
	}
	return json.Unmarshal(b, &l.each)
}

// checkUDSCodes reads an answer to service 19.
func checkUDSCodes(v vector) string {
	in := unmarshal[struct {
		Hex         string
		Subfunction string  `json:"request_subfunction"`
		DID         lengths `json:"did_length"`
		Record      lengths `json:"record_length"`
		Extended    lengths `json:"extended_length"`
		Size        lengths `json:"extended_data_size"` // what the implementation in the vectors' note calls it
	}](v.Input)
	o := uds.Options{Lengths: map[uint16]int{}, Records: map[uint8]int{}}
	if in.Subfunction != "" {
		o.Request.Subfunction = uds.Subfunction(unhex(in.Subfunction)[0])
	}
	for did, n := range in.DID.each {
		o.Lengths[unhexWord(did)] = n
	}
	for _, l := range []lengths{in.Record, in.Extended, in.Size} {
		addRecords(o.Records, l)
	}
	codes, refusals, err := uds.DecodeCodes(unhex(in.Hex), o)
	want := asked(v)
	if _, wholly := want["error"]; err == nil && wholly && len(refusals) > 0 {
		err = refusals[0] // vectors refuse a message whole where we refuse a record
	}
	if err != nil {
		return diffTrees(want, udsError(err))
	}
	if len(refusals) > 0 {
		return "refused: " + refusals[0].Error()
	}
	return diffTrees(want, printed(codes))
}

// addRecords gives records their lengths by number; one length for all, and one by the
// code that the answer is about, is that of number 0.
func addRecords(records map[uint8]int, l lengths) {
	if l.all > 0 {
		records[0] = l.all
	}
	for key, n := range l.each {
		number := uint8(0)
		if b := unhex(key); len(b) == 1 {
			number = b[0]
		}
		records[number] = n
	}
}

func udsError(err error) object {
	var unread *uds.Error
	var refused *j1979.NegativeError
	var cut *vehicle.Refusal
	switch {
	case errors.As(err, &unread):
		return object{"error": string(unread.Kind)}
	case errors.As(err, &refused):
		return negativeAnswer(refused)
	case errors.As(err, &cut):
		return object{"error": string(uds.TooShort)}
	}
	return object{"error": err.Error()}
}

// checkUDSData reads an answer to service 22 with the table of the vectors' car.
func checkUDSData(v vector) string {
	in := unmarshal[struct {
		DID   string
		Lines []string
	}](v.Input)
	r := elm327.Parse(strings.Join(in.Lines, "\r") + "\r>")
	if len(r.Messages) != 1 {
		return fmt.Sprintf("%d messages: %+v", len(r.Messages), r.Lines)
	}
	data, refusals, err := uds.DecodeData(r.Messages[0].Payload, uds.Options{ECU: r.Messages[0].ECU, Table: uds.Kona()})
	switch {
	case err != nil:
		return diffTrees(asked(v), udsError(err))
	case len(refusals) > 0:
		return "refused: " + refusals[0].Error()
	case len(data.Identifiers) != 1 || data.Identifiers[0].DID.String() != in.DID:
		return fmt.Sprintf("identifiers %v, want %s", data.Identifiers, in.DID)
	}
	return diffTrees(asked(v), printed(data))
}
