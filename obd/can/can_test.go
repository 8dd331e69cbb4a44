package can_test

import (
	"strings"
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
	for line, want := range map[string]string{
		"": "empty", "7E8": "want ID#DATA", "7E#00": "3 hexadecimal digits", "FFF#00": "up to 7FF", "3FFFFFFF#00": "up to 1FFFFFFF", "7E8#0": "odd length",
		"7E8#zz": "invalid byte", "(1.0)": "empty", "((((#": "3 hexadecimal digits", "7E8##1" + strings.Repeat("00", 65): "65 data bytes",
		"7E8#R": "remote frames hold no data", "7E8#R8": "remote frames hold no data", "can0 7E8 [8] remote request": "remote frames hold no data",
		"7E8#04410C1AF8 00": `text after the data: "00"`, "7E8#0441 7E8#00": "text after the data",
		"7E8 [5] 04 41 0C 1A": "[5] bytes announced and 4 there", "7E8 [1] 04 41": "[1] bytes announced and 2 there", "7E8 [1] 04 '.'": "invalid byte",
		"7E8 [x] 04": `number of bytes "[x]"`, "7E8 [1 04": `number of bytes "[1"`,
	} {
		if f, err := can.Parse(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %s", line, f, err, want)
		}
	}
}

// TestParseKeepsErrorsShort gives lines that no error may repeat.
func TestParseKeepsErrorsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Z", 10<<20)
	for _, line := range []string{long, "7E8#" + long, long + "#00", long[:maxField] + "#00", "7E8#00 " + long[:maxField], "7E8 [" + long[:maxField] + "] 00", "7E8#" + long[:maxField]} {
		if _, err := can.Parse(line); err == nil || len(err.Error()) > 240 {
			t.Errorf("%.20s: got %.300v", line, err)
		}
	}
	if _, err := can.ParseID(long); err == nil || len(err.Error()) > 240 {
		t.Errorf("got %.300v", err)
	}
}

const maxField = 400

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
