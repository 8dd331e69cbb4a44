package gbt32960_test

import (
	"bytes"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// benchFrames are real-time frames: vehicle, motor, position, extremes (2016) and
// alarms; the long ones with 100 cells and 34 probes too.
func benchFrames(b *testing.B) map[string][]byte {
	const e16, e25 = gbt32960.Edition2016, gbt32960.Edition2025
	return map[string][]byte{
		"short2016": write(b, realTime(e16, car(e16, 0, 0)...)),
		"short2025": write(b, realTime(e25, car(e25, 0, 0)...)),
		"long2016":  write(b, realTime(e16, car(e16, 100, 34)...)),
		"long2025":  write(b, realTime(e25, car(e25, 100, 34)...)),
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, data := range benchFrames(b) {
		b.Run(name, func(b *testing.B) {
			var f gbt32960.Frame
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := f.Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendReadings(b *testing.B) {
	for name, data := range benchFrames(b) {
		b.Run(name, func(b *testing.B) {
			f := decode(b, data)
			var readings []vehicle.Reading
			b.ReportAllocs()
			for b.Loop() {
				readings = f.AppendReadings(readings[:0])
			}
		})
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	for name, data := range benchFrames(b) {
		b.Run(name, func(b *testing.B) {
			f := decode(b, data)
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = gbt32960.AppendFrame(dst[:0], f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeReport(b *testing.B) {
	data := benchFrames(b)["long2016"]
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := gbt32960.DecodeReport(testVIN, data, at); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScanWorst is two megabytes of heads of the longest frames, none sound.
func BenchmarkScanWorst(b *testing.B) {
	head := append([]byte("##\x02\xFELSVAA4182E2184847\x01\xFF\xF0"), 1)
	data := bytes.Repeat(head, gbt32960.MaxPayload/len(head))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		s := gbt32960.NewScanner(data)
		for s.Scan() {
			b.Fatal("a frame")
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	const e = gbt32960.Edition2016
	data := write(t, realTime(e, car(e, 100, 34)...))
	var f gbt32960.Frame
	if n := testing.AllocsPerRun(100, func() {
		if err := f.Decode(data); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
