package obd_test

import (
	"encoding/json"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/jtt808"
)

func checkJTT808(t *testing.T, v vector) string {
	t.Helper()
	in := unmarshal[struct{ Hex string }](t, v.Input)
	result := jtt808.Decode(unhex(t, in.Hex))
	if len(result.Frames) == 0 {
		// Nothing but the fault is left of a frame without a header.
		return diffPrinted(t, v.Expected, map[string]any{"refusals": result.Refusals})
	}
	frames := result.Frames
	return diffPrinted(t, v.Expected, json.RawMessage(mustMarshal(t, frames[len(frames)-1])))
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPublishedVectorsJTT808(t *testing.T) {
	t.Parallel()
	runPublished(t, "jt808.json", checkJTT808)
}
