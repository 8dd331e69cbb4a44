package telemetry_test

import (
	"testing"
	"time"

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

// A window of whole days is the same whether its samples are there or have expired.
func TestWithExpired(t *testing.T) {
	t.Parallel()
	rolled := func(d vehicle.Day, count int, least, most, sum, last float64) telemetry.DayRollup {
		return telemetry.DayRollup{Day: d, Signals: map[vehicle.Signal]telemetry.Aggregate{
			vehicle.Speed: {Count: count, Min: least, Max: most, Sum: sum, Last: last},
		}}
	}
	point := func(d vehicle.Day, count int, least, most, mean, last float64) telemetry.Point {
		return telemetry.Point{Time: d.Start(), Count: count, Min: least, Max: most, Mean: mean, Last: last}
	}
	expired := []telemetry.DayRollup{
		rolled(-1, 1, 7, 7, 7, 7), rolled(20, 2, 10, 30, 40, 30), {Day: 21}, rolled(22, 2, 0, 50, 50, 50), rolled(30, 1, 1, 1, 1, 1),
	}
	stored := []telemetry.Point{
		point(21, 1, 99, 99, 99, 99), // what is left of days that are being removed
		point(22, 1, 99, 99, 99, 99),
		point(23, 4, 5, 9, 8, 6),
	}
	for width, want := range map[time.Duration][]telemetry.Point{
		1: {point(-1, 1, 7, 7, 7, 7), point(20, 2, 10, 30, 20, 30), point(22, 2, 0, 50, 25, 50), stored[2]},
		// The windows of four days that begin 4 before, and 20 after, 1970.
		4: {point(-4, 1, 7, 7, 7, 7), point(20, 8, 0, 50, 15.25, 6)},
	} {
		q := telemetry.Query{
			Signal: vehicle.Speed, Every: width * 24 * time.Hour,
			From: vehicle.Day(-1).Start(), To: vehicle.Day(30).Start().Add(time.Hour), // a part of the last day
		}
		if diff := cmp.Diff(want, telemetry.WithExpired(stored, expired, q)); diff != "" {
			t.Errorf("windows of %d days (-want +got):\n%s", width, diff)
		}
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
