package jsonmsg

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Eight bytes at once are judged as one by one.
func TestArePlainAgreesWithIsPlain(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		for at := range 8 {
			b := []byte("Vehicle.")
			b[at] = byte(c)
			if got := arePlain(binary.LittleEndian.Uint64(b)); got != isPlain[c] {
				t.Errorf("byte %#02x at %d: %v, alone %v", c, at, got, isPlain[c])
			}
		}
	}
}

// What is allocated for the readings of a documented message is what they take.
func TestReadingsAreCounted(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	for _, samples := range []int{1, 2, 7} {
		report := vehicle.Report{Boot: "b7", Seq: 1841, Sent: at}
		for range samples {
			s := vehicle.Sample{Time: at}
			for i := range 20 {
				s.Readings = append(s.Readings, vehicle.Reading{Signal: vehicle.Signal(fmt.Sprint("Vehicle.Test", i)), Value: vehicle.Number(1.5)})
			}
			report.Samples = append(report.Samples, s)
		}
		payload := AppendTelemetry(nil, report)
		if got := readingsIn(payload); got != 20*samples {
			t.Errorf("%d readings are expected in %d samples, there are %d", got, samples, 20*samples)
		}
	}
	for _, odd := range []string{"", "{", "{{{{{{{{", "}::::", "[]"} {
		if got := readingsIn([]byte(odd)); got != 4 {
			t.Errorf("%q: %d readings are expected, want the least", odd, got)
		}
	}
}
