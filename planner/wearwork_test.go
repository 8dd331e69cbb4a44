package planner_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What roll-ups add up from a car's messages is what its diary says of the same days:
// forecasts are scored on the one, and made of the other.
func TestRollupsAgreeWithTheDiary(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 8)
	burning, starting := 0, 0
	for i := range fleet.Len() {
		d := fleet.Diary(i)
		sum := map[vehicle.Signal]float64{}
		var starts, told telemetry.Aggregate
		for _, r := range w.rollups(d.Profile.VIN) {
			for s, a := range r.Signals {
				sum[s] += a.Sum
			}
			starts = starts.With(r.Signals[vehicle.DayCranking])
		}
		turns, stress := 0.0, 0.0
		for _, day := range d.Days {
			turns, stress = turns+day.Turns, stress+day.OilStress
			told = told.With(day.Cranking)
		}
		for _, c := range []struct {
			what      string
			got, want float64
		}{
			{"revolutions", sum[vehicle.DayRevolutions], turns},
			{"oil stress", sum[vehicle.DayOilStress], stress},
			{"starts", float64(starts.Count), float64(told.Count)},
			{"voltage of starts", starts.Mean(), told.Mean()},
		} {
			if math.Abs(c.got-c.want) > 0.02*c.want {
				t.Errorf("car %d, %s: %.5g in roll-ups, %.5g in the diary", i, c.what, c.got, c.want)
			}
		}
		if (turns > 0) != (d.Profile.Cylinders > 0) {
			t.Errorf("car %d with %d cylinders: %.0f revolutions", i, d.Profile.Cylinders, turns)
		}
		if turns > 0 {
			burning++
		}
		if told.Count > 100 {
			starting++
		}
	}
	if burning < 3 || starting < 3 {
		t.Errorf("%d cars of 8 turn an engine, %d start one", burning, starting)
	}
}
