package j1979_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
)

// TestFurther reads what may follow the first answer, and makes sure that nothing else
// is taken for a value or lost without a word.
func TestFurther(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]struct {
		pids   string
		unread int
	}{
		"41 0C 1A F8 0D 3C":          {"0C 0D", 0},
		"41 0C 1A F8 0D 3C 05 5A":    {"0C 0D 05", 0},
		"41 0D 3C 55":                {"0D", 0}, // padding
		"41 0D 3C 55 55":             {"0D", 0},
		"41 0D 3C 00 00 00 00 00":    {"0D", 0},
		"41 0D 3C AA AA":             {"0D", 0},
		"41 0D 3C CC":                {"0D", 0},
		"41 0D 3C FF FF FF":          {"0D", 0},
		"41 0D 3C 11 11":             {"0D 11", 0}, // no padding byte
		"41 0D 3C 55 80":             {"0D 55", 0},
		"41 0D 3C 55 AA":             {"0D 55", 0},
		"41 0C 1A F8 41 0D":          {"0C", 2},
		"41 0C 1A F8 0D":             {"0C", 1},
		"41 0C 1A F8 41 0D 3C":       {"0C", 3}, // two answers run together
		"41 0C 1A F8 0D 3C AA":       {"0C", 3},
		"41 0C 1A F8 0D 3C 0D 3D":    {"0C", 4}, // twice
		"41 0D 3C 65 01":             {"0D", 2}, // no such PID
		"41 06 80 90":                {"06", 0}, // bank 3
		"41 06 80 00":                {"06", 0},
		"41 06 80 90 55 55":          {"06", 0},
		"41 06 80 90 07 81 91":       {"06 07", 0},
		"41 06 80 07 81":             {"06 07", 0},
		"41 0D 3C 06 80 90":          {"0D 06", 0},
		"41 58 80 90 0D 3C":          {"58 0D", 0},
		"41 06 80 90 0D":             {"06", 2},
		"41 0D 3C 90":                {"0D", 1}, // only trims have a second byte
		"42 0C 00 1A F8 05 00 5A":    {"0C 05", 0},
		"42 06 00 80 90 0D 00 3C":    {"06 0D", 0},
		"42 06 00 80 90":             {"06", 0},
		"42 0C 00 1A F8 05 01 5A":    {"0C", 3}, // of another frame
		"42 0C 00 1A F8 05 00":       {"0C", 2},
		"42 02 00 03 00 0C 00 1A F8": {"02", 4},
	} {
		result, err := j1979.Decode(unhex(t, message))
		if err != nil {
			t.Errorf("%s: %v", message, err)
			continue
		}
		var answers []j1979.Answer
		switch r := result.(type) {
		case j1979.Current:
			answers = r
		case j1979.Freeze:
			answers = r.Answers
		}
		var pids []string
		for _, a := range answers {
			pids = append(pids, fmt.Sprintf("%02X", a.PID.Number))
		}
		warned := ""
		if want.unread > 1 {
			warned = fmt.Sprintf("%d bytes after PID %s are not read", want.unread, want.pids)
		} else if want.unread == 1 {
			warned = fmt.Sprintf("1 byte after PID %s is not read", want.pids)
		}
		if diff := cmp.Diff(want.pids, strings.Join(pids, " ")) + cmp.Diff(warned, answers[0].Warning()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", message, diff)
		}
	}
}

// TestShortTells has no PID to speak of.
func TestShortTells(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"7F": "answer is too short", "7F 01": "answer is too short", "43": "read codes: answer is too short", "41": "answer is too short",
		"41 0C 1A": "PID 0C with 1 of 2 bytes: answer is too short",
	} {
		if _, err := j1979.Decode(unhex(t, message)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", message, err)
		}
	}
}
