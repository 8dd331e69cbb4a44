package embedded

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A write that fails half way leaves nothing, neither in the file nor in what
// the writer remembers: new vehicles and signals get their numbers again.
func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx := context.Background()
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	first := speedAt(start, 1)
	write(t, s, first)

	exec := func(statement string) {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TRIGGER full BEFORE INSERT ON hot WHEN (SELECT count(*) FROM hot) > 1 BEGIN SELECT RAISE(ABORT, 'no space'); END`)
	failed := speedAt(start.Add(time.Second), 2)
	failed.VIN = "WPCZZZ00000000002"
	failed.Sample.Readings[0].Signal = "Vehicle.Failed"
	if err := s.Write(ctx, []telemetry.Record{failed, speedAt(start.Add(time.Second), 2)}); err == nil {
		t.Fatal("no error")
	}
	exec(`DROP TRIGGER full`)

	other := speedAt(start.Add(2*time.Second), 3)
	other.VIN = "WPCZZZ00000000003"
	other.Sample.Readings[0].Signal = "Vehicle.Other"
	write(t, s, other)
	for vin, want := range map[vehicle.VIN][]telemetry.Latest{
		first.VIN:  {{Signal: vehicle.Speed, Time: start, Value: vehicle.Number(1)}},
		failed.VIN: nil,
		other.VIN:  {{Signal: "Vehicle.Other", Time: start.Add(2 * time.Second), Value: vehicle.Number(3)}},
	} {
		got, err := s.Latest(ctx, vin)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("latest of %s: %v (-want +got):\n%s", vin, err, d)
		}
	}
}
