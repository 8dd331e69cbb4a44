package diagnosis_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A car that repeats its alarms every second is not cleared faster, and does not
// count more cycles, for being heard more often.
func TestBroadcastsCountOnceAnHour(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all, heard []vehicle.CodeReport
		for minute := range rapid.IntRange(1, 300).Draw(t, "minutes") {
			r := vehicle.CodeReport{Time: start.Add(time.Duration(minute) * time.Minute), ECU: "GBT", Broadcast: true}
			if rapid.IntRange(0, 3).Draw(t, "alarm") == 0 {
				r.Codes = []vehicle.CodeEntry{code(vehicle.CodeFromAlarm(13), confirmed)}
			}
			all = append(all, r)
		}
		// The recorder may leave out any that repeats an earlier one.
		seen := map[vehicle.BroadcastKey]bool{}
		for _, r := range all {
			k := r.BroadcastKey()
			if !seen[k] || rapid.Bool().Draw(t, "kept") {
				heard = append(heard, r)
			}
			seen[k] = true
		}
		if diff := cmp.Diff(diagnosis.FoldCodes(all), diagnosis.FoldCodes(rapid.Permutation(heard).Draw(t, "order"))); diff != "" {
			t.Errorf("heard all and heard some (-all +some):\n%s", diff)
		}
	})
}

func TestHistoryIsNoActiveCode(t *testing.T) {
	t.Parallel()
	states := diagnosis.FoldCodes([]vehicle.CodeReport{full(hour(0), code("P0171", vehicle.CodeHistory))})
	if len(states) != 0 {
		t.Errorf("got %+v, want nothing of a code that is only remembered", states)
	}
}
