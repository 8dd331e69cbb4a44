package telemetry_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What is left of a day's samples never takes the place of what all of them said.
func TestRollupOver(t *testing.T) {
	t.Parallel()
	sum := func(count int) telemetry.Aggregate { return telemetry.Aggregate{Count: count} }
	old := telemetry.DayRollup{Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.Speed: sum(100), vehicle.LowVoltage: sum(100)}}
	left := telemetry.DayRollup{Signals: map[vehicle.Signal]telemetry.Aggregate{
		vehicle.Speed: sum(1), vehicle.EngineSpeed: sum(1), vehicle.LowVoltage: sum(101), vehicle.TraveledDistance: sum(1),
	}}
	if diff := cmp.Diff(left, left.Over(old)); diff != "" {
		t.Errorf("before anything has expired (-want +got):\n%s", diff)
	}
	final := old.Without([]vehicle.Class{vehicle.ClassDriving})
	want := telemetry.DayRollup{
		Expired: []vehicle.Class{vehicle.ClassDriving},
		Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.Speed: sum(100), vehicle.LowVoltage: sum(101), vehicle.TraveledDistance: sum(1)},
	}
	got := left.Over(final)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after driving has expired (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, left.Over(got)); diff != "" {
		t.Errorf("once more (-want +got):\n%s", diff)
	}
	if len(old.Expired) > 0 || len(left.Signals) != 4 {
		t.Error("the roll-ups it was made from have changed")
	}
	all := got.Without([]vehicle.Class{vehicle.ClassHealth, vehicle.ClassDriving})
	if diff := cmp.Diff([]vehicle.Class{vehicle.ClassDriving, vehicle.ClassHealth}, all.Expired); diff != "" {
		t.Errorf("expired (-want +got):\n%s", diff)
	}
}

func TestRollupNowhere(t *testing.T) {
	t.Parallel()
	r := telemetry.DayRollup{Signals: map[vehicle.Signal]telemetry.Aggregate{
		"Vehicle.CurrentLocation.Latitude": {Count: 1}, "wican.GPS_LAT": {Count: 1}, vehicle.Speed: {Count: 1},
	}}
	if got := r.Nowhere().Signals; len(got) != 1 || got[vehicle.Speed].Count != 1 {
		t.Errorf("left are %v", got)
	}
}
