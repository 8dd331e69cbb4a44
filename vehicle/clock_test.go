package vehicle_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestImpossibleTimes(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	gmt8 := time.FixedZone("GMT+8", 8*3600)
	for _, tt := range []struct {
		at       time.Time
		possible bool
	}{
		{received, true},
		{received.Add(vehicle.MaxClockLead - time.Millisecond), true},
		{received.Add(vehicle.MaxClockLead), false},
		{received.AddDate(-20, 0, 0), true},
		{time.Time{}, false},
		{time.Unix(0, 0), false},
		{time.Date(2000, 1, 1, 7, 59, 59, 0, gmt8), false},
		{time.Date(2000, 1, 1, 8, 0, 0, 0, gmt8), true},
		{time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), false},
	} {
		if reason := vehicle.Impossible(tt.at, received); (reason == "") != tt.possible {
			t.Errorf("%s: got %q", tt.at, reason)
		}
	}
	if reason := vehicle.Impossible(received.AddDate(50, 0, 0), time.Time{}); reason != "" {
		t.Errorf("without a receive time: got %q", reason)
	}
}
