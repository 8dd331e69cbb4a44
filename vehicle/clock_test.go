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

func TestClocksAreJudged(t *testing.T) {
	t.Parallel()
	hour := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		leads []time.Duration // latest hour first
		want  vehicle.Clock
	}{
		"nothing told":                     {nil, vehicle.Clock{State: vehicle.ClockUnknown}},
		"right":                            {[]time.Duration{-1}, vehicle.Clock{State: vehicle.ClockRight, Offset: -1, AsOf: hour}},
		"as far ahead as a right one":      {[]time.Duration{29}, vehicle.Clock{State: vehicle.ClockRight, Offset: 29, AsOf: hour}},
		"ahead":                            {[]time.Duration{30}, vehicle.Clock{State: vehicle.ClockAhead, Offset: 30, AsOf: hour}},
		"as far behind as a right one":     {[]time.Duration{-29, -40}, vehicle.Clock{State: vehicle.ClockRight, Offset: -29, AsOf: hour}},
		"behind, or delayed":               {[]time.Duration{-7200}, vehicle.Clock{State: vehicle.ClockUnknown, AsOf: hour}},
		"behind":                           {[]time.Duration{-7200, -30}, vehicle.Clock{State: vehicle.ClockBehind, Offset: -30, AsOf: hour}},
		"delayed":                          {[]time.Duration{-7200, -2}, vehicle.Clock{State: vehicle.ClockRight, Offset: -2, AsOf: hour}},
		"set right within the hour before": {[]time.Duration{-2, 3600}, vehicle.Clock{State: vehicle.ClockAhead, Offset: 3600, AsOf: hour}},
		"set right":                        {[]time.Duration{-2, -2, 3600}, vehicle.Clock{State: vehicle.ClockRight, Offset: -2, AsOf: hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var hours []vehicle.ClockHour
			for i, lead := range test.leads {
				hours = append(hours, vehicle.ClockHour{Hour: hour.Add(-time.Duration(i) * time.Hour), Lead: lead * time.Second})
			}
			test.want.Offset *= time.Second
			if got := vehicle.JudgeClock(hours); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
