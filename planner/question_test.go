package planner_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// treads are the days of a car whose tyres are worn from 8 mm by 0.01 mm a day, until its sensors
// show new ones on a day.
func treads(from time.Time, days, newOn int) telemetry.BySignal {
	var all []telemetry.DayRollup
	for n := range days {
		at := from.AddDate(0, 0, n).Add(18 * time.Hour)
		day := telemetry.DayRollup{Day: vehicle.DayOf(at), Signals: map[vehicle.Signal]telemetry.Aggregate{}}
		put := func(s vehicle.Signal, v float64) {
			var a telemetry.Aggregate
			a.Add(at, v)
			day.Signals[s] = a
		}
		put(vehicle.TraveledDistance, float64(20_000_000+50_000*n))
		for _, s := range []vehicle.Signal{vehicle.TreadFrontLeft, vehicle.TreadFrontRight, vehicle.TreadRearLeft, vehicle.TreadRearRight} {
			if put(s, 8-0.01*float64(n)); n >= newOn {
				put(s, 8)
			}
		}
		all = append(all, day)
	}
	return telemetry.BySignalOf(all)
}

// A sensor that starts to show new tyres makes a question, and the answer in the history decides it, for
// good: readings of a week move on with the days, and the sensor may stay wrong.
func TestAnAnswerInTheHistoryHolds(t *testing.T) {
	t.Parallel()
	from, newOn := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC), 330
	car := vehicle.Vehicle{VIN: "LSVAA4182E2123456", Powertrain: vehicle.Petrol}
	fitted, err := history.NewRecord(history.Record{VIN: car.VIN, Visited: from, Source: history.FromDealer, Items: []history.Item{{Component: "tyres"}}}, from)
	if err != nil {
		t.Fatal(err)
	}
	tyres := func(day int, records ...history.Record) predict.Forecast {
		t.Helper()
		in := planner.InputOf(predict.Standard(), car, treads(from, day, newOn), append(records, fitted), from.AddDate(0, 0, day-1).Add(20*time.Hour))
		f, ok := predict.ForecastOf(in, predict.Tyres)
		if !ok {
			t.Fatal("no forecast of tyres")
		}
		return f
	}
	asked := 0 // the first day on which it is
	for day := newOn + 1; day < newOn+15 && asked == 0; day++ {
		if tyres(day).Question != nil {
			asked = day
		}
	}
	if asked == 0 {
		t.Fatal("new tyres without a record are not asked about")
	}
	no, err := history.NewRecord(history.Record{
		VIN: car.VIN, Visited: from.AddDate(0, 0, asked).Add(9 * time.Hour), Source: history.FromOwner,
		Items: []history.Item{{Component: "tyres", Outcome: history.OutcomeKept}},
	}, from.AddDate(0, 0, asked).Add(9*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	before := tyres(newOn)
	for _, later := range []int{1, 2, 3, 5, 8, 15, 30} {
		if f := tyres(asked+later, no); f.Question != nil || f.Cycle != before.Cycle || f.Wear.P50 < before.Wear.P50 {
			t.Errorf("%d days after the answer: asks %+v, cycle %s, wear %.2f", later, f.Question, f.Cycle, f.Wear.P50)
		}
	}
	if f := tyres(asked + 30); f.Wear.P50 > before.Wear.P50/2 {
		t.Errorf("nobody answered, and the readings have not decided: wear %.2f", f.Wear.P50)
	}
}
