package obd_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
)

// checkELM327 compares the reply, and what j1979 makes of its messages. Of faults of
// content these vectors know one only, an answer shorter than its PID.
func checkELM327(v vector) string {
	in := unmarshal[struct{ Text string }](v.Input)
	r := elm327.Parse(in.Text)
	got := printed(r)
	messages := []any{}
	for _, m := range r.Messages {
		message := printed(m)
		if _, err := j1979.Decode(m.Payload); err == nil || errors.Is(err, j1979.ErrShort) {
			for key, value := range answer(m.Payload) {
				message[key] = value
			}
		}
		messages = append(messages, message)
	}
	got["messages"] = messages
	return diffTrees(asked(v), got)
}

// checkISOTP gives a receiver the frames. "timeout" stands for a silence longer than
// N_Cr before the last frame and after it; "times_ms" are times of the frames.
func checkISOTP(v vector) string {
	in := unmarshal[struct {
		Frames  []string
		ID      string
		Max     int `json:"max_message"`
		Timeout bool
		Times   []float64 `json:"times_ms"`
	}](v.Input)
	if in.ID == "" {
		in.ID = "7E8"
	}
	id, err := can.ParseID(in.ID)
	if err != nil {
		return err.Error()
	}
	r := isotp.Receiver{MaxLength: in.Max}
	payloads, kinds := []any{}, []string{}
	start := time.Unix(1e9, 0)
	at := start
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
			at = start.Add(time.Duration(in.Times[i] * float64(time.Millisecond)))
		}
		m, ok, faults := r.Add(can.Frame{ID: id, Data: unhex(frame)}, at, i)
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
	want := asked(v)
	if errs, ok := want["errors"].([]any); ok {
		slices.SortFunc(errs, func(a, b any) int { return cmp.Compare(a.(string), b.(string)) }) // "in any order"
	}
	slices.Sort(kinds)
	return diffTrees(want, object{"payloads": payloads, "errors": anyList(kinds)})
}

func anyList(texts []string) []any {
	all := make([]any, 0, len(texts))
	for _, one := range texts {
		all = append(all, one)
	}
	return all
}
