package gbt32960_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// seeds are frames of every kind, sound and damaged.
func seeds(f *testing.F) [][]byte {
	const now = "1A0B14081E0F"
	signature := "FF 02 0010 000102030405060708090A0B0C0D0E0F 0000"
	all := [][]byte{
		frame(f, "#", 1, now+"0003"+"3132333435363738393031323334353637383930"+"02 01 4142"),
		frame(f, "$", 1, now+"0003"+"3132333435363738393031323334353637383930"+"01 00"),
		frame(f, "#", 2, now+"07 01 00000003 01 000003E8 00 FF FE"),
		frame(f, "$", 3, now+"06 03 00000003 00 00 00 01 00080002 01 0003"+"30 0102"+signature),
		frame(f, "#", 2, now+"03 2710 2EE0 AFC8 0002 7879 30D4 0A 88B8 0B 01F4 0C 01"),
		frame(f, "#", 2, now+"80 0004 23232424 0A 00"),
		frame(f, "#", 4, now+"0001"),
		frame(f, "#", 7, ""),
		frame(f, "$", 9, now+"30303030303030303030303030303030 0001 AA 3030303030303030303030303030303030 01 0000 0000"),
		frame(f, "$", 10, "0101"),
		frame(f, "$", 11, "01 0001 AA"+now+now),
		write(f, realTime(gbt32960.Edition2016, car(gbt32960.Edition2016, 8, 3)...)),
		write(f, realTime(gbt32960.Edition2025, car(gbt32960.Edition2025, 8, 3)...)),
	}
	joined := []byte("##")
	for _, b := range all {
		joined = append(joined, b...)
	}
	cut := all[11][:len(all[11])-7]
	return append(all, joined, cut)
}

// mend gives bytes of a fuzzer the head, length and check of a frame, so that it
// gets to the body.
func mend(b []byte) []byte {
	if len(b) < gbt32960.Overhead {
		return b
	}
	m := append([]byte(nil), b...)
	if m[0]&1 == 0 {
		m[0], m[1] = '$', '$'
	} else {
		m[0], m[1] = '#', '#'
	}
	n := len(m) - gbt32960.Overhead
	m[22], m[23] = byte(n>>8), byte(n)
	return check(m[:len(m)-1])
}

func FuzzDecode(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	before := write(f, realTime(gbt32960.Edition2016, car(gbt32960.Edition2016, 8, 3)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var reused gbt32960.Frame // fresh, so that equal input takes equal ways
		if err := reused.Decode(before); err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{b, mend(b)} {
			err := reused.Decode(b)
			printed, jsonErr := json.Marshal(&reused)
			if jsonErr != nil {
				t.Fatal(jsonErr)
			}
			if len(printed) > 2000+60*len(b) || len(reused.Units) > gbt32960.MaxUnits || len(reused.Refusals) > gbt32960.MaxUnits {
				t.Fatalf("%d bytes give %d of JSON, %d units, %d refusals", len(b), len(printed), len(reused.Units), len(reused.Refusals))
			}
			readings := reused.AppendReadings(nil)
			codes, ok := reused.Codes()
			if len(readings) > 20*gbt32960.MaxUnits || len(codes.Codes) > 32+len(b)/4 || !ok && len(codes.Codes) > 0 {
				t.Fatalf("%d readings, %d codes", len(readings), len(codes.Codes))
			}
			if err != nil {
				if len(readings) > 0 || ok {
					t.Fatal("a refused frame says something")
				}
				continue
			}
			for _, r := range reused.Refusals {
				if r.Reason == "" || r.Offset < 0 || r.Offset > len(b) {
					t.Fatalf("%+v", r)
				}
			}
			if len(reused.Refusals) > 0 {
				continue
			}
			if again, err := gbt32960.AppendFrame(nil, &reused); err != nil || string(again) != string(b) {
				t.Fatalf("%v\nread    %X\nwritten %X", err, b, again)
			}
		}
	})
}

func FuzzScanner(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var frame gbt32960.Frame
		s := gbt32960.NewScanner(b)
		end, covered := 0, 0
		for s.Scan() {
			if s.Offset() < end {
				t.Fatalf("frame at %d overlaps the one before, which ends at %d", s.Offset(), end)
			}
			if err := frame.Decode(s.Bytes()); err != nil {
				t.Fatal(err)
			}
			end = s.Offset() + len(s.Bytes())
			covered += len(s.Bytes())
		}
		refusals := s.Refusals()
		if covered < len(b) && len(refusals) == 0 || covered == len(b) && len(refusals) > 0 {
			t.Fatalf("%d of %d bytes are frames, refusals %v", covered, len(b), refusals)
		}
		if len(refusals) > gbt32960.MaxRefusals+1 {
			t.Fatalf("%d refusals", len(refusals))
		}
	})
}

func FuzzDecodeReport(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		report, refusals, err := gbt32960.DecodeReport(testVIN, b, at)
		if err != nil {
			var refusal *vehicle.Refusal
			if !errors.As(err, &refusal) || len(report.Samples)+len(report.Codes) > 0 {
				t.Fatalf("%T %v with %+v", err, err, report)
			}
			return
		}
		if report.VIN != testVIN || len(refusals) > gbt32960.MaxRefusals+1 {
			t.Fatalf("%+v, %d refusals", report, len(refusals))
		}
		for _, s := range report.Samples {
			if s.Time.Year() < 2000 || s.Time.Sub(at) >= vehicle.MaxClockLead || len(s.Readings) == 0 {
				t.Fatalf("%+v", s)
			}
		}
		for i, r := range refusals {
			if r.Offset < 0 || r.Offset > len(b) || i > 0 && r.Offset < refusals[i-1].Offset {
				t.Fatalf("refusal %d: %+v", i, r)
			}
		}
	})
}
