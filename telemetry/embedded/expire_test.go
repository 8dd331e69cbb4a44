package embedded_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What expires is given back to the file system.
func TestExpireGivesSpaceBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const vin, days = vehicle.VIN("WPCZZZ00000000001"), 60
	first := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	var expiries []telemetry.Expiry
	x := uint32(1) // numbers that do not compress
	for d := range days {
		day := first.AddDate(0, 0, d)
		var batch []telemetry.Record
		for i := range 8_000 {
			x = x*1664525 + 1013904223
			batch = append(batch, telemetry.Record{VIN: vin, Sample: vehicle.Sample{Time: day.Add(time.Duration(i) * 10 * time.Second), Readings: []vehicle.Reading{
				{Signal: vehicle.Speed, Value: vehicle.Number(math.Sqrt(float64(x)))}, {Signal: vehicle.EngineSpeed, Value: vehicle.Number(math.Cbrt(float64(x)))},
				{Signal: vehicle.TraveledDistance, Value: vehicle.Number(float64(d*8_000 + i))},
			}}})
		}
		if err := s.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		expiries = append(expiries, telemetry.Expiry{Day: vehicle.DayOf(day), Classes: []vehicle.Class{vehicle.ClassDriving}})
	}
	size := func() int64 {
		t.Helper()
		if err := s.Seal(t.Context()); err != nil { // gives back what is free
			t.Fatal(err)
		}
		if err := s.Erase(t.Context(), "WPCZZZ00000000002"); err != nil { // writes the log back
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, "telemetry.db"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	if err := s.Expire(t.Context(), vin, expiries); err != nil {
		t.Fatal(err)
	}
	if after := size(); after > before/2 {
		t.Errorf("the file has %d bytes, before it had %d", after, before)
	} else {
		t.Logf("%d bytes before, %d after", before, after)
	}
}
