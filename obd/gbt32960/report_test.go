package gbt32960_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestDecodeReport(t *testing.T) {
	t.Parallel()
	const now = "1A0B14081E0F"
	const engine = "04 01 0320 0064"
	live := frame(t, "#", 2, now+engine)
	stored := frame(t, "#", 3, "1A0B13081E0F"+engine)
	alarm := frame(t, "#", 2, now+"07 01 00000001 00 00 00 00")
	login := frame(t, "#", 1, now+"0003"+"3132333435363738393031323334353637383930"+"01 00")
	other := append([]byte(nil), live...)
	other[20] = 'X'
	other = check(other[:len(other)-1])
	encrypted := append([]byte(nil), live...)
	encrypted[21] = 3
	encrypted = check(encrypted[:len(encrypted)-1])
	answer := append([]byte(nil), live...)
	answer[3] = 1
	answer = check(answer[:len(answer)-1])
	damaged := append([]byte(nil), live...)
	damaged[31]++
	lower := append([]byte(nil), live...)
	copy(lower[4:], strings.ToLower(testVIN))
	lower = check(lower[:len(lower)-1])

	type outcome struct {
		samples, codes int
		refusals       []string
		err            string
	}
	tests := map[string]struct {
		frames   [][]byte
		received time.Time
		want     outcome
	}{
		"live and stored":     {[][]byte{live, stored}, at, outcome{samples: 2}},
		"alarms alone":        {[][]byte{alarm}, at, outcome{codes: 1}},
		"login":               {[][]byte{login}, at, outcome{}},
		"logout, heartbeat":   {[][]byte{frame(t, "#", 4, now+"0001"), frame(t, "#", 7, "")}, at, outcome{}},
		"answer":              {[][]byte{answer}, at, outcome{}},
		"no units":            {[][]byte{frame(t, "#", 2, now)}, at, outcome{}},
		"VIN in small":        {[][]byte{lower}, at, outcome{samples: 1}},
		"another vehicle":     {[][]byte{other}, at, outcome{err: `frames[0].vin, byte 4: frame of "LSVAA4182E218484X" in a message of another vehicle`}},
		"another between":     {[][]byte{live, other, alarm}, at, outcome{samples: 1, codes: 1, refusals: []string{`frames[1].vin, byte 41: frame of "LSVAA4182E218484X" in a message of another vehicle`}}},
		"encrypted":           {[][]byte{encrypted}, at, outcome{err: "frames[0], byte 24: data unit is encrypted with AES-128 (03)"}},
		"encrypted, and live": {[][]byte{encrypted, live}, at, outcome{samples: 1, refusals: []string{"frames[0], byte 24: data unit is encrypted with AES-128 (03)"}}},
		"damaged, and live":   {[][]byte{live, damaged, live}, at, outcome{samples: 2, refusals: []string{"check, byte 73: wrong checksum: the frame says " + hex2(damaged[36]) + ", its bytes give " + hex2(damaged[36]^live[31]^damaged[31])}}},
		"garbage":             {[][]byte{[]byte("online")}, at, outcome{err: "byte 0: unknown start bytes 6F 6E"}},
		"nothing":             {nil, at, outcome{err: "byte 0: payload is empty: want one frame or more"}},
		"too long":            {[][]byte{make([]byte, gbt32960.MaxPayload+1)}, at, outcome{err: "byte 2097152: payload of 2097153 bytes is larger than 2097152"}},
		"no time":             {[][]byte{frame(t, "#", 2, "000000000000"+engine)}, at, outcome{err: "frames[0].time, byte 24: no such time: 00-00-00 00:00:00"}},
		"almost a day ahead":  {[][]byte{live}, at.Add(-24*time.Hour + time.Second), outcome{samples: 1}},
		"a day ahead":         {[][]byte{live}, at.Add(-24 * time.Hour), outcome{err: "frames[0].time, byte 24: time is 24h0m0s or more ahead of the receive time"}},
		"1999 in UTC":         {[][]byte{frame(t, "#", 2, "000101073B3B"+engine)}, at, outcome{err: "frames[0].time, byte 24: time is before the year 2000: the clock was not set"}},
		"2000 in UTC":         {[][]byte{frame(t, "#", 2, "000101080000"+engine)}, at, outcome{samples: 1}},
		"cut":                 {[][]byte{live[:30]}, at, outcome{err: "byte 30: cut: needs 7 more bytes"}},
		"cut behind another":  {[][]byte{live, live[:30]}, at, outcome{samples: 1, refusals: []string{"byte 67: cut: needs 7 more bytes"}}},
		"received unknown":    {[][]byte{live}, time.Time{}, outcome{samples: 1}},
		"unknown unit":        {[][]byte{frame(t, "#", 2, now+engine+"0B")}, at, outcome{samples: 1, refusals: []string{"frames[0].units[1], byte 36: unit of unknown type 0B: its length is not known, the 0 bytes behind it cannot be read"}}},
		"unknown unit alone":  {[][]byte{frame(t, "#", 2, now+"0B")}, at, outcome{err: "frames[0].units[0], byte 30: unit of unknown type 0B: its length is not known, the 0 bytes behind it cannot be read"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, refusals, err := gbt32960.DecodeReport(testVIN, bytes.Join(tt.frames, nil), tt.received)
			got := outcome{samples: len(report.Samples), codes: len(report.Codes)}
			for _, r := range refusals {
				got.refusals = append(got.refusals, r.Error())
			}
			if err != nil {
				var refusal *vehicle.Refusal
				if !errors.As(err, &refusal) {
					t.Errorf("error is a %T", err)
				}
				if len(refusals) == 0 || refusals[0] != refusal {
					t.Errorf("the error is not the first of the refusals: %q", got.refusals)
				}
				got.err, got.refusals = err.Error(), got.refusals[1:]
				if len(got.refusals) == 0 {
					got.refusals = nil
				}
			} else if report.VIN != testVIN {
				t.Errorf("VIN %q", report.VIN)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, s := range report.Samples {
				if s.Time.Location() != time.UTC || s.TimeSource != vehicle.TimeFromDevice || len(s.Readings) != 3 {
					t.Errorf("%+v", s)
				}
			}
		})
	}
}

func hex2(b byte) string { return string([]byte{"0123456789ABCDEF"[b>>4], "0123456789ABCDEF"[b&15]}) }

// TestSamplesDoNotShareReadings decodes frames one after the other into one Frame:
// each sample keeps its own values.
func TestSamplesDoNotShareReadings(t *testing.T) {
	t.Parallel()
	var payload []byte
	for i := range 50 {
		f := realTime(gbt32960.Edition2025, &gbt32960.Engine{Speed: num(float64(i))})
		f.Time = at.Add(time.Duration(i) * time.Second)
		payload = append(payload, write(t, f)...)
	}
	report, _, err := gbt32960.DecodeReport(testVIN, payload, at)
	if err != nil || len(report.Samples) != 50 {
		t.Fatal(err, len(report.Samples))
	}
	for i, s := range report.Samples {
		if s.Readings[0].Value.Num != float64(i) || !s.Time.Equal(at.Add(time.Duration(i)*time.Second)) {
			t.Errorf("sample %d: %+v", i, s)
		}
	}
}
