package gbt32960_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestScanner(t *testing.T) {
	t.Parallel()
	a := frame(t, "#", 0x04, "1A0B14081E0F 0007")                 // 33 bytes
	b := frame(t, "$", 0x02, "1A0B14081E0F 04 0320")              // 34 bytes
	inner := frame(t, "#", 0x02, "1A0B14081E0F 80 0004 23232424") // a start pair inside
	damaged := append([]byte(nil), a...)
	damaged[30] ^= 0xFF
	wrongLength := append([]byte(nil), a...)
	wrongLength[23]++
	glue := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	tests := map[string]struct {
		data []byte
		want [][]byte
		at   []int
		miss []vehicle.Refusal
	}{
		"nothing":            {nil, nil, nil, nil},
		"one":                {a, [][]byte{a}, []int{0}, nil},
		"three glued":        {glue(a, b, inner), [][]byte{a, b, inner}, []int{0, 33, 67}, nil},
		"garbage before":     {glue([]byte("hello"), a), [][]byte{a}, []int{5}, []vehicle.Refusal{{Offset: 0, Reason: "unknown start bytes 68 65"}}},
		"garbage between":    {glue(a, []byte("##x$$"), b), [][]byte{a, b}, []int{0, 38}, []vehicle.Refusal{{Offset: 33, Reason: "cut: needs 13354 more bytes"}}},
		"garbage at the end": {glue(a, []byte{0, 0, 0}), [][]byte{a}, []int{0}, []vehicle.Refusal{{Offset: 33, Reason: "unknown start bytes 00 00"}}},
		"cut at the end":     {glue(a, b[:30]), [][]byte{a}, []int{0}, []vehicle.Refusal{{Offset: 63, Reason: "cut: needs 4 more bytes"}}},
		"cut, then another":  {glue(b[:30], a), [][]byte{a}, []int{30}, []vehicle.Refusal{{Offset: 33, Place: "check"}}},
		"wrong checks":       {glue(damaged, damaged, b), [][]byte{b}, []int{66}, []vehicle.Refusal{{Offset: 32, Place: "check"}, {Offset: 65, Place: "check"}}},
		"wrong check alone":  {damaged, nil, nil, []vehicle.Refusal{{Offset: 32, Place: "check"}}},
		"wrong length":       {glue(wrongLength, b), [][]byte{b}, []int{33}, []vehicle.Refusal{{Offset: 33, Place: "check"}}},
		"one start byte":     {glue(a, []byte("#")), [][]byte{a}, []int{0}, []vehicle.Refusal{{Offset: 34, Reason: "cut: needs 24 more bytes"}}},
		"three start bytes":  {glue([]byte("#"), a), [][]byte{a}, []int{1}, []vehicle.Refusal{{}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got [][]byte
			var at []int
			s := gbt32960.NewScanner(tt.data)
			for s.Scan() {
				got, at = append(got, s.Bytes()), append(at, s.Offset())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.at, at); diff != "" {
				t.Errorf("offsets (-want +got):\n%s", diff)
			}
			var missed []vehicle.Refusal
			for i, r := range s.Refusals() {
				missed = append(missed, *r)
				if i < len(tt.miss) && tt.miss[i].Reason == "" {
					if !strings.HasPrefix(r.Reason, "wrong checksum: ") && tt.miss[i].Place == "check" {
						t.Errorf("reason %q", r.Reason)
					}
					missed[i].Reason = ""
					if tt.miss[i].Place == "" {
						missed[i] = vehicle.Refusal{}
					}
				}
			}
			if diff := cmp.Diff(tt.miss, missed); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScannerListsMaxRefusals(t *testing.T) {
	t.Parallel()
	a := frame(t, "#", 0x07, "")
	bad := append([]byte(nil), a...)
	bad[10] ^= 1
	s := gbt32960.NewScanner(bytes.Repeat(append(bad, a...), 100))
	n := 0
	for s.Scan() {
		n++
	}
	all := s.Refusals()
	if n != 100 || len(all) != gbt32960.MaxRefusals+1 || all[len(all)-1].Reason != "36 more parts refused" {
		t.Errorf("%d frames, %d refusals, last %v", n, len(all), all[len(all)-1])
	}
}
