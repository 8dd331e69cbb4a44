package planner_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// In the course of a day, its data count: another model is asked about the same facts.
func TestForecastsAsOfTheCourseOfADay(t *testing.T) {
	t.Parallel()
	fleet, err := simulator.New(simulator.Config{Seed: 5, Vehicles: 3, Epoch: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), HistoryDays: 60})
	if err != nil {
		t.Fatal(err)
	}
	evening := fleet.End().Add(-2 * time.Hour)
	w := open(t, evening)
	for i := range fleet.Len() {
		w.take(slices.Collect(fleet.History(i, fleet.Epoch(), evening)))
	}
	w.settle()
	today := false
	for i := range fleet.Len() {
		vin := fleet.Profile(i).VIN
		stored := w.forecasts(vin)
		got, err := w.planner.AsOf(t.Context(), vin, evening, models.Expert, 0)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stored, got.Forecasts); diff != "" {
			t.Errorf("%s (-made +made again):\n%s", vin, diff)
		}
		today = today || stored[0].DataUntil.After(evening.Truncate(24*time.Hour))
	}
	if !today {
		t.Error("no car has driven today: nothing was shown")
	}
}

// What was forecast can be made again, word for word, after another model has come into force and
// after somebody has entered a record of before.
func TestForecastsAsOf(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 12)
	vin, then := fleet.Profile(0).VIN, *w.now.Load()
	made := w.forecasts(vin)
	replay := func(at time.Time, model string) []predict.Forecast {
		t.Helper()
		got, err := w.planner.AsOf(t.Context(), vin, at, model, 0)
		if err != nil {
			t.Fatal(err)
		}
		return got.Forecasts
	}
	same := func(what string, want, got []predict.Forecast) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-made +made again):\n%s", what, diff)
		}
	}
	same("at once", made, replay(then, ""))

	w.later(time.Hour)
	w.learn()
	w.fails(fleet, then.Add(-48*time.Hour), predict.BrakePadsFront) // entered now
	now := w.later(13 * time.Hour)
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	later := w.forecasts(vin)
	if cmp.Equal(made, later) {
		t.Fatal("neither a record nor a model has changed anything")
	}
	same("of before the record and the model", made, replay(then, ""))
	same("of now", later, replay(now, ""))
	learned := w.atWork(models.Active)
	for _, f := range replay(then, learned) {
		if predict.PriorVersion(f.Model) != learned {
			t.Errorf("%s is by %s, want %s", f.Component, f.Model, learned)
		}
		if f.Component == predict.BrakePadsFront && f.ServicedAt.After(then.Add(-72*time.Hour)) {
			t.Errorf("it knows of a record that was entered later: %v", f.ServicedAt)
		}
	}
	same("by the expert", made, replay(then, models.Expert))

	if _, err := w.planner.AsOf(t.Context(), vin, then, "fleet-unheard-of", 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("a model that is not kept: %v", err)
	}
	if _, err := w.planner.AsOf(t.Context(), vin, now.Add(time.Hour), "", 0); !errors.Is(err, fault.Invalid) {
		t.Errorf("of the future: %v", err)
	}
	if _, err := w.planner.AsOf(t.Context(), "WVWZZZ1JZXW000001", then, "", 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("of a vehicle that is not known: %v", err)
	}
	ago, err := w.planner.AsOf(t.Context(), vin, then.AddDate(0, 0, -60), "", 30)
	if err != nil || len(ago.Paths) == 0 {
		t.Fatalf("two months ago: %d paths, %v", len(ago.Paths), err)
	}
	for _, f := range ago.Forecasts {
		if f.DataUntil.After(then.AddDate(0, 0, -60)) || f.ServicedAt.After(then.AddDate(0, 0, -60)) {
			t.Errorf("%s: data until %v, serviced %v", f.Component, f.DataUntil, f.ServicedAt)
		}
	}
}
