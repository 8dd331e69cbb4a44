package obd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/elm327"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
)

func TestPublishedVectorsELM327(t *testing.T) {
	t.Parallel()
	runPublished(t, "elm327.json", checkELM327)
}

// checkELM327 compares the reply, and what j1979 makes of its messages. Keys of
// transport that a vector leaves away are not asked for.
func checkELM327(t *testing.T, v vector) string {
	t.Helper()
	var in struct{ Text string }
	if diff := readBusVector(v.Input, &in); diff != "" {
		return diff
	}
	r := elm327.Parse(in.Text)
	got := elmTree(t, r)
	messages := []any{}
	for _, m := range r.Messages {
		messages = append(messages, elmMerge(elmTree(t, m), elmDecoded(t, m.Payload)))
	}
	got["messages"] = messages
	want := unmarshal[map[string]any](t, v.Expected)
	if diff := elmUnasked(want, got, "ack", "voltage_mv"); diff != "" {
		return diff
	}
	if list, ok := want["messages"].([]any); ok && len(list) == len(messages) {
		for i := range list {
			w, _ := list[i].(map[string]any)
			g, _ := messages[i].(map[string]any)
			if diff := elmUnasked(w, g, "ecu"); diff != "" {
				return diff
			}
		}
	}
	return elmLacks("", any(want), got)
}

func TestPublishedVectorsService09(t *testing.T) {
	t.Parallel()
	runPublished(t, "obd_mode09.json", checkService09)
}

func checkService09(t *testing.T, v vector) string {
	t.Helper()
	in := struct {
		Service byte
		PID     string
		Text    string
		Frames  []string `json:"frames_iso9141"`
	}{}
	if diff := readBusVector(v.Input, &in); diff != "" {
		return diff
	}
	if in.Frames != nil {
		in.Text = strings.Join(in.Frames, "\r")
	}
	want := unmarshal[map[string]any](t, v.Expected)
	delete(want, "note") // words for people
	got := elmAnswer(t, in.Text)
	if _, failed := got["error"]; !failed && (got["service"] != float64(in.Service) || got["pid"] != in.PID) {
		return fmt.Sprintf("answer to another request: %v", got)
	}
	return elmLacks("", any(want), got)
}

func TestPublishedVectorsServices(t *testing.T) {
	t.Parallel()
	runPublished(t, "obd_services.json", checkServices)
}

func checkServices(t *testing.T, v vector) string {
	t.Helper()
	var in struct{ Text string }
	if diff := readBusVector(v.Input, &in); diff != "" {
		return diff
	}
	want := unmarshal[map[string]any](t, v.Expected)
	got := elmAnswer(t, in.Text)
	if diff := elmUnasked(want, got, "frame", "error"); diff != "" {
		return diff
	}
	return elmLacks("", any(want), got)
}

// elmAnswer reads the one message of a text, by the names that the vectors use.
func elmAnswer(t *testing.T, text string) map[string]any {
	t.Helper()
	r := elm327.Parse(text)
	got := map[string]any{}
	switch {
	case len(r.Messages) == 1:
		m := r.Messages[0]
		got = elmDecoded(t, m.Payload)
		got["ecu"], got["payload_hex"] = m.ECU, fmt.Sprintf("%X", m.Payload)
	case len(r.Messages) > 1:
		got["error"] = fmt.Sprintf("%d messages", len(r.Messages))
	case len(r.Faults) > 0:
		got["error"], got["ecu"] = string(r.Faults[0].Kind), r.Faults[0].ECU
	default:
		got["error"] = string(r.Status)
	}
	rules := map[elm327.Check]string{elm327.CheckSum: "sum of all bytes before it, modulo 256", elm327.CheckCRC: "CRC-8 of SAE J1850"}
	valid := []any{}
	for _, l := range r.Lines {
		if l.Check != elm327.Unchecked {
			valid = append(valid, l.Check != elm327.CheckWrong)
			got["checksum_rule"], got["checksums_valid"] = rules[l.Check], valid
		}
	}
	return got
}

// elmDecoded reads a message of SAE J1979 as a tree of JSON.
func elmDecoded(t *testing.T, payload []byte) map[string]any {
	t.Helper()
	result, err := j1979.Decode(payload)
	switch {
	case errors.Is(err, j1979.ErrShort):
		return map[string]any{"error": "short_for_pid"}
	case err != nil:
		return map[string]any{"error": err.Error()}
	}
	return elmTree(t, result)
}

// elmTree gives a value as the tree of its JSON.
func elmTree(t *testing.T, v any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return unmarshal[map[string]any](t, b)
}

// elmUnasked tells which of the keys we say and the vector does not.
func elmUnasked(want, got map[string]any, keys ...string) string {
	for _, k := range keys {
		_, asked := want[k]
		if told, ok := got[k]; ok && !asked {
			return fmt.Sprintf("%s: want none, got %v", k, told)
		}
	}
	return ""
}

func elmMerge(a, b map[string]any) map[string]any {
	for k, v := range b {
		a[k] = v
	}
	return a
}

// elmLacks tells where got differs from want. Objects may have more keys than are
// wanted, lists may not be longer. Numbers agree to a millionth.
func elmLacks(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s: want an object, got %v", path, got)
		}
		diffs := []string{}
		for k, v := range w {
			if _, ok := g[k]; !ok {
				diffs = append(diffs, fmt.Sprintf("%s.%s: want %v, got no such key", path, k, v))
			} else if d := elmLacks(path+"."+k, v, g[k]); d != "" {
				diffs = append(diffs, d)
			}
		}
		slices.Sort(diffs)
		return strings.Join(diffs, "\n")
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: want %v, got %v", path, w, got)
		}
		for i := range w {
			if d := elmLacks(fmt.Sprintf("%s[%d]", path, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	case float64:
		if g, ok := got.(float64); ok && math.Abs(g-w) <= 1e-6*math.Max(1, math.Abs(w)) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: want %v, got %v", path, want, got)
}
