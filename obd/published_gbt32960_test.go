package obd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestPublishedVectorsGBT32960(t *testing.T) {
	t.Parallel()
	for file, edition := range map[string]gbt32960.Edition{
		"gb32960_2016.json": gbt32960.Edition2016, "gb32960_2025.json": gbt32960.Edition2025,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			runPublished(t, file, func(t *testing.T, v vector) string { return checkGBT32960(t, v, edition) })
		})
	}
	t.Run("gb32960_malformed.json", func(t *testing.T) {
		t.Parallel()
		runPublished(t, "gb32960_malformed.json", checkGBT32960Malformed)
	})
}

// checkGBT32960 compares the JSON of the frame, and of the frame that is written
// from it. The edition is that of units without a frame.
func checkGBT32960(t *testing.T, v vector, edition gbt32960.Edition) string {
	in := unmarshal[struct{ Kind, Hex string }](t, v.Input)
	b := unhex(t, in.Hex)
	var f gbt32960.Frame
	switch in.Kind {
	case "frame":
		if err := f.Decode(b); err != nil {
			return err.Error()
		}
	case "infos":
		f.DecodeUnits(edition, b)
	default:
		return "unknown kind of input " + in.Kind
	}
	encrypted := unmarshal[struct {
		Encrypted bool `json:"payload_encrypted"`
	}](t, v.Expected).Encrypted
	if len(f.Refusals) > 0 && !encrypted {
		return f.Refusals[0].Error()
	}
	if diff := diffFrame(t, v.Expected, &f); diff != "" || in.Kind == "infos" {
		return diff
	}
	again, err := gbt32960.AppendFrame(nil, &f)
	if err != nil {
		return err.Error()
	}
	if string(again) != string(b) {
		return fmt.Sprintf("written again: %X", again)
	}
	return ""
}

func checkGBT32960Malformed(t *testing.T, v vector) string {
	in := unmarshal[struct{ Kind, Hex string }](t, v.Input)
	keys := unmarshal[map[string]json.RawMessage](t, v.Expected)
	want := unmarshal[struct {
		Must   string
		Reason string
		Frames []string
		Decode json.RawMessage
	}](t, v.Expected)
	for key := range keys {
		if !slices.Contains([]string{"must", "reason", "frames", "decode"}, key) {
			return "unknown key " + key
		}
	}
	b := unhex(t, in.Hex)

	var frames []string
	s := gbt32960.NewScanner(b)
	for s.Scan() {
		frames = append(frames, fmt.Sprintf("%X", s.Bytes()))
	}
	if want.Frames != nil && !reflect.DeepEqual(want.Frames, frames) {
		return fmt.Sprintf("scanned %q", frames)
	}

	var f gbt32960.Frame
	var refusal *vehicle.Refusal
	if in.Kind == "frame" {
		errors.As(f.Decode(b), &refusal)
		if want.Must == "accept_partial" && len(f.Refusals) == 0 {
			return "nothing of the frame was refused"
		}
	}
	switch want.Must {
	case "reject", "wait_or_reject":
		if refusal == nil || len(frames) > 0 {
			return fmt.Sprintf("not rejected, frames %q", frames)
		}
		if !sameReason(want.Reason, refusal.Reason) {
			return fmt.Sprintf("want %q, got %q", want.Reason, refusal.Reason)
		}
	case "accept", "accept_partial":
		if refusal != nil || len(frames) == 0 {
			return fmt.Sprintf("not accepted: %v, frames %q", refusal, frames)
		}
	default:
		return "unknown must " + want.Must
	}
	if want.Decode != nil {
		return diffFrame(t, want.Decode, &f)
	}
	return ""
}

// sameReason compares a vector's reason with ours by the words that tell which
// fault was found.
func sameReason(want, got string) bool {
	for _, word := range []string{"checksum", "start bytes", "more byte"} {
		if strings.Contains(want, word) {
			return strings.Contains(got, word)
		}
	}
	return true
}

// diffFrame compares the frame's JSON with what a vector expects. Members that
// only we have are allowed at the top, where the vectors leave bodies out.
func diffFrame(t *testing.T, want json.RawMessage, f *gbt32960.Frame) string {
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	expected, got := unmarshal[map[string]any](t, want), unmarshal[map[string]any](t, b)
	for key := range got {
		if _, asked := expected[key]; !asked {
			delete(got, key)
		}
	}
	return diffJSON("", expected, got)
}

// diffJSON returns where two JSON values differ; numbers may by a millionth.
func diffJSON(at string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(want) != len(got) {
			return fmt.Sprintf("%s: want %v, got %v", at, want, got)
		}
		for key := range want {
			if _, found := got[key]; !found {
				return fmt.Sprintf("%s.%s: missing", at, key)
			}
			if diff := diffJSON(at+"."+key, want[key], got[key]); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		got, ok := got.([]any)
		if !ok || len(want) != len(got) {
			return fmt.Sprintf("%s: want %v, got %v", at, want, got)
		}
		for i := range want {
			if diff := diffJSON(fmt.Sprintf("%s[%d]", at, i), want[i], got[i]); diff != "" {
				return diff
			}
		}
		return ""
	case float64:
		if got, ok := got.(float64); ok && math.Abs(want-got) <= 1e-6*math.Max(1, math.Abs(want)) {
			return ""
		}
	default:
		if reflect.DeepEqual(want, got) {
			return ""
		}
	}
	return fmt.Sprintf("%s: want %v, got %v", at, want, got)
}
