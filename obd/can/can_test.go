package can_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

func TestParseReadsEveryFormOfCandump(t *testing.T) {
	t.Parallel()
	want := can.Frame{ID: can.Standard(0x7E8), Data: []byte{4, 0x41, 0x0C, 0x1A, 0xF8}}
	for _, line := range []string{
		"7E8#04410C1AF8", "7e8#04.41.0C.1A.F8", "can0 7E8#04410C1AF8",
		"(1700000000.123456) can0 7E8#04410C1AF8", "  can0  7E8   [5]  04 41 0C 1A F8", "7E8 [5] 04 41 0C 1A F8",
		"7E8##104410C1AF8",
	} {
		got, err := can.Parse(line)
		if err != nil || !cmp.Equal(want, got) {
			t.Errorf("%q: got %v, %v", line, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "7E8", "7E#00", "FFF#00", "3FFFFFFF#00", "7E8#0", "7E8#R", "7E8#zz", "(1.0)", "((((#"} {
		if f, err := can.Parse(line); err == nil {
			t.Errorf("%q: got %v, want an error", line, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("(1.0) can0 18DAF110#1014490201")
	f.Add("7E8##1")
	f.Add("can0 7E8 [8] 00")
	f.Fuzz(func(t *testing.T, line string) {
		frame, err := can.Parse(line)
		if err != nil {
			return
		}
		again, err := can.Parse(frame.String())
		if err != nil || again.String() != frame.String() {
			t.Fatalf("%q: %v is read as %v, %v", line, frame, again, err)
		}
	})
}
