package obd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

func TestPublishedVectorsISOTP(t *testing.T) {
	t.Parallel()
	runPublished(t, "isotp.json", checkISOTP)
}

// checkISOTP gives a receiver the frames. "timeout" stands for a silence longer
// than N_Cr before the last frame and after it; "times_ms" are times of the frames.
func checkISOTP(t *testing.T, v vector) string {
	t.Helper()
	in := struct {
		Frames  []string
		ID      string
		Max     int `json:"max_message"`
		Timeout bool
		Times   []float64 `json:"times_ms"`
	}{ID: "7E8"}
	if diff := readBusVector(v.Input, &in); diff != "" {
		return diff
	}
	var want struct {
		Payloads []string
		Errors   []string
	}
	if diff := readBusVector(v.Expected, &want); diff != "" {
		return diff
	}
	id, err := can.ParseID(in.ID)
	if err != nil {
		return err.Error()
	}
	r := isotp.Receiver{MaxLength: in.Max}
	payloads, kinds := []string{}, []string{}
	at := time.Unix(1e9, 0)
	silence := func() { at = at.Add(2 * isotp.DefaultTimeout) }
	tell := func(faults []isotp.Fault) {
		for _, f := range faults {
			kinds = append(kinds, string(f.Kind))
		}
	}
	for i, frame := range in.Frames {
		if in.Timeout && i > 0 && i == len(in.Frames)-1 {
			silence()
		}
		if i < len(in.Times) {
			at = time.Unix(1e9, int64(in.Times[i]*1e6))
		}
		m, ok, faults := r.Add(can.Frame{ID: id, Data: unhex(t, frame)}, at, i)
		tell(faults)
		if ok {
			payloads = append(payloads, fmt.Sprintf("%X", m.Payload))
		}
	}
	if in.Timeout {
		silence()
		tell(r.Expire(at))
	}
	tell(r.Flush())
	slices.Sort(kinds)
	slices.Sort(want.Errors)
	return cmp.Diff(want.Payloads, payloads) + cmp.Diff(want.Errors, kinds)
}

// readBusVector reads a part of a vector and refuses keys it has no field for.
func readBusVector(b json.RawMessage, v any) string {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return "the checker cannot read this: " + err.Error()
	}
	return ""
}
