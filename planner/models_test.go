package planner_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// atWork is the version in a state, Expert when there is none.
func (w *workshop) atWork(state models.State) string {
	w.t.Helper()
	all, err := w.db.Models(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(v models.Version) bool { return v.State == state })
	if i < 0 {
		return models.Expert
	}
	return all[i].Prior.Version
}

func (w *workshop) modelEvents() []models.Event {
	w.t.Helper()
	events, err := w.db.ModelEvents(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// fails records that parts of every car failed at a time.
func (w *workshop) fails(fleet *simulator.Fleet, at time.Time, parts ...predict.Component) {
	w.t.Helper()
	for i := range fleet.Len() {
		vin := fleet.Profile(i).VIN
		r := history.Record{VIN: vin, Visited: at, Source: history.FromWorkshop, SourceID: fmt.Sprintf("%s-%d", vin, at.Unix())}
		for _, c := range parts {
			r.Items = append(r.Items, history.Item{Component: string(c), Outcome: history.OutcomeFailed})
		}
		if _, err := w.planner.AddRecord(w.t.Context(), r); err != nil {
			w.t.Fatal(err)
		}
	}
}

// later moves the clock on.
func (w *workshop) later(d time.Duration) time.Time {
	t := w.now.Load().Add(d)
	w.now.Store(&t)
	return t
}

// From the first model of a fleet to the next one that was compared on what happened
// since, and back again by hand.
func TestTheLifeOfAModel(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 12)
	var both sync.WaitGroup
	for range 2 { // two planners at the same time
		both.Go(func() {
			if err := w.planner.Learn(t.Context()); err != nil {
				t.Errorf("Learn: %v", err)
			}
		})
	}
	both.Wait()
	first := w.atWork(models.Active)
	if events := w.modelEvents(); len(events) != 1 || events[0].Version != first || events[0].Replaced != models.Expert || events[0].Actor != models.Itself {
		t.Fatalf("events after the first model: %+v", events)
	}

	parts := []predict.Component{predict.BrakeFluid, predict.Coolant, predict.CabinFilter}
	w.fails(fleet, w.later(time.Hour), parts...)
	w.learn()
	second := w.atWork(models.Shadow)
	if w.atWork(models.Active) != first || second == models.Expert {
		t.Fatalf("%s is in force and %s in the shadow, want %s and another", w.atWork(models.Active), second, first)
	}
	w.later(time.Hour)
	w.learn()
	if got := w.atWork(models.Shadow); got != second {
		t.Errorf("%s has taken the place of %s, which nothing has happened to judge by", got, second)
	}

	w.fails(fleet, w.later(40*24*time.Hour), parts...)
	w.later(time.Hour)
	w.learn()
	v, err := w.db.Model(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if c := v.Report.Comparison; c.Against != first || c.Lives != 36 || c.Vehicles != 12 || c.Questions <= c.Lives || v.Report.Why.ZH == "" {
		t.Errorf("compared on %+v", v.Report)
	}
	promoted := v.Report.Step == models.Promote
	if inForce := w.atWork(models.Active); promoted != (inForce == second) || promoted == (inForce == first) {
		t.Errorf("%s is in force after %s", inForce, v.Report.Step)
	}

	if !promoted {
		if _, err := w.planner.PromoteModel(t.Context(), second, "Li", "tried on the bench"); err != nil {
			t.Fatal(err)
		}
	}
	back, err := w.planner.RollBackModel(t.Context(), "", "Li", "looks wrong")
	if err != nil || back.Version != first || back.Replaced != second || w.atWork(models.Active) != first {
		t.Fatalf("rolled back to %+v, %v; want %s", back, err, first)
	}
	w.later(60 * 24 * time.Hour) // nothing is promoted by itself now
	w.learn()
	w.learn()
	if got := w.atWork(models.Active); got != first {
		t.Errorf("%s came into force though a person had rolled back to %s", got, first)
	}
	if events := w.modelEvents(); events[0].Actor != "Li" || events[0].Note != "looks wrong" {
		t.Errorf("who rolled back: %+v", events[0])
	}
}

// What the planner must refuse when a person asks for it.
func TestModelsThatCannotComeIntoForce(t *testing.T) {
	t.Parallel()
	w := open(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	ctx := t.Context()
	if _, err := w.planner.RollBackModel(ctx, "", "Li", ""); !errors.Is(err, fault.FailedPrecondition) {
		t.Errorf("roll back from nothing: %v", err)
	}
	if _, err := w.planner.PromoteModel(ctx, "fleet-0", "Li", ""); !errors.Is(err, fault.NotFound) {
		t.Errorf("promote what is not there: %v", err)
	}
	if err := w.db.Planner().Write(ctx, func(tx planner.Tx) error {
		return tx.PutModel(ctx, models.Version{Prior: predict.Prior{Version: "fleet-1"}, State: models.Active})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.planner.PromoteModel(ctx, "fleet-1", "Li", ""); !errors.Is(err, fault.FailedPrecondition) {
		t.Errorf("promote what is in force: %v", err)
	}
	if _, err := w.planner.RollBackModel(ctx, "fleet-0", "Li", ""); !errors.Is(err, fault.NotFound) {
		t.Errorf("roll back to what is not there: %v", err)
	}
	if got, err := w.planner.RollBackModel(ctx, "", "Li", ""); err != nil || got.Version != models.Expert || w.atWork(models.Active) != models.Expert {
		t.Errorf("roll back of the first: %+v, %v", got, err)
	}
}

// What was forecast is kept when a part comes within a horizon, and counted when the
// part comes to its end; another round changes nothing.
func TestForecastsAreFollowed(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 6)
	if known := w.outcomes(); known != 0 {
		t.Fatalf("%d outcomes are known before anything has ended", known)
	}
	w.fails(fleet, w.later(time.Hour), predict.BrakeFluid)
	w.settle()
	open := w.snapshots(fleet)
	if len(open) == 0 {
		t.Fatal("no forecast was kept")
	}
	for _, s := range open {
		if s.Outcome.State == models.Void || s.Model == "" || !s.Limit.P50.After(s.AsOf) {
			t.Errorf("snapshot %+v", s)
		}
	}
	var parts []predict.Component
	for _, s := range open {
		parts = append(parts, s.Component)
	}
	slices.Sort(parts)
	w.fails(fleet, w.later(24*time.Hour), slices.Compact(parts)...)
	w.settle()
	known := w.outcomes()
	if known == 0 {
		t.Error("parts failed, and no outcome is known")
	}
	first := w.snapshots(fleet)
	w.later(13 * time.Hour) // all are planned again
	w.settle()
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, s := range w.snapshots(fleet)[:len(first)] {
		if s != first[i] && first[i].Outcome.State != models.Open {
			t.Errorf("%+v after another round, was %+v", s, first[i])
		}
	}
}

func (w *workshop) outcomes() (n int) {
	w.t.Helper()
	tallies, err := w.db.Tallies(w.t.Context(), "", time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, tally := range tallies {
		n += tally.Known()
	}
	return n
}

// snapshots of the whole fleet, in a fixed order.
func (w *workshop) snapshots(fleet *simulator.Fleet) (out []models.Snapshot) {
	w.t.Helper()
	err := w.db.Planner().Read(w.t.Context(), func(tx planner.Tx) error {
		for i := range fleet.Len() {
			its, err := tx.Snapshots(w.t.Context(), fleet.Profile(i).VIN)
			if err != nil {
				return err
			}
			out = append(out, its...)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.SortStableFunc(out, func(a, b models.Snapshot) int { return a.AsOf.Compare(b.AsOf) })
	return out
}
