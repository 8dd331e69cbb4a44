package planner_test

import (
	"math"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What roll-ups add up from a car's messages is what its diary says of the same days:
// forecasts are scored on the one, and made of the other.
func TestRollupsAgreeWithTheDiary(t *testing.T) {
	t.Parallel()
	diaries := make([]simulator.Diary, 8)
	w, _ := drivenUntil(t, len(diaries), func(f *simulator.Fleet, i int) time.Time {
		diaries[i] = f.Diary(i)
		return endOfDiary(t, f, &diaries[i])
	})
	burning, starting := 0, 0
	for i, d := range diaries {
		rolled, diary := map[vehicle.Signal]telemetry.Aggregate{}, simulator.DiaryDay{}
		for _, r := range w.rollups(d.Profile.VIN) {
			for s, a := range r.Signals {
				rolled[s] = rolled[s].With(a)
			}
		}
		for _, day := range d.Days {
			diary.Turns, diary.OilStress = diary.Turns+day.Turns, diary.OilStress+day.OilStress
			diary.Cranking = diary.Cranking.With(day.Cranking)
			diary.Starts += day.Starts
			diary.Runs, diary.Short = diary.Runs+day.Runs, diary.Short+day.Short
			diary.SlipAlong, diary.SlipAcross = diary.SlipAlong+day.SlipAlong, diary.SlipAcross+day.SlipAcross
			diary.Pack.DischargeKWh += day.Pack.DischargeKWh
			diary.Pack.FastKWh += day.Pack.FastKWh
			diary.Pack.HotHours += day.Pack.HotHours
		}
		turns, starts, runs := diary.Turns, rolled[vehicle.DayCranking], rolled[vehicle.DayShortTrips]
		for _, c := range []struct {
			what              string
			got, want, within float64
		}{
			{"revolutions", rolled[vehicle.DayRevolutions].Sum, turns, 0.02},
			{"oil stress", rolled[vehicle.DayOilStress].Sum, diary.OilStress, 0.02},
			{"starts", float64(starts.Count), float64(diary.Cranking.Count), 0.02},
			{"voltage of starts", starts.Mean(), diary.Cranking.Mean(), 0.02},
			{"set-offs", rolled[vehicle.DayStarts].Sum, float64(diary.Starts), 0.04},
			{"runs", float64(runs.Count), float64(diary.Runs), 0.04},
			{"cold runs", runs.Sum, float64(diary.Short), 0.1 + 1/float64(max(diary.Short, 1))},
			{"slip along", rolled[vehicle.DaySlipAlong].Sum, diary.SlipAlong, 0.05},
			{"slip across", rolled[vehicle.DaySlipAcross].Sum, diary.SlipAcross, 0.05},
			{"discharge", rolled[vehicle.DayDischarge].Sum, diary.Pack.DischargeKWh, 0.05},
			{"fast charge", rolled[vehicle.DayFastCharge].Sum, diary.Pack.FastKWh, 0.1},
			{"hours hot and full", rolled[vehicle.DayHotParking].Sum, diary.Pack.HotHours, 0.1},
		} {
			if math.Abs(c.got-c.want) > c.within*c.want {
				t.Errorf("car %d, %s: %.5g in roll-ups, %.5g in the diary", i, c.what, c.got, c.want)
			}
		}
		if (turns > 0) != (d.Profile.Cylinders > 0) {
			t.Errorf("car %d with %d cylinders: %.0f revolutions", i, d.Profile.Cylinders, turns)
		}
		if turns > 0 {
			burning++
		}
		if starts.Count > 100 {
			starting++
		}
	}
	if burning < 3 || starting < 3 {
		t.Errorf("%d cars of 8 turn an engine, %d start one", burning, starting)
	}
}

// endOfDiary is the end of the last day of a diary, whose days are those of the car's time zone:
// east of Greenwich the car goes on for hours before the history ends.
func endOfDiary(t *testing.T, fleet *simulator.Fleet, d *simulator.Diary) time.Time {
	t.Helper()
	zone, err := time.LoadLocation(d.Profile.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	y, m, day := d.Days[len(d.Days)-1].Day.Start().Date()
	end := time.Date(y, m, day+1, 0, 0, 0, 0, zone)
	if end.After(fleet.End()) {
		return fleet.End()
	}
	return end
}
