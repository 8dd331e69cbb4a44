package planner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func (w *workshop) prior() (prior predict.Prior) {
	w.t.Helper()
	err := w.db.Planner().Read(w.t.Context(), func(tx planner.Tx) (err error) {
		prior, err = tx.Prior(w.t.Context())
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return prior
}

func (w *workshop) learn() predict.Prior {
	w.t.Helper()
	if err := w.planner.Learn(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w.prior()
}

// What a fleet teaches is in the forecasts of the next round, does not depend on
// what it taught before, and is the same again.
func TestForecastsRestOnWhatTheFleetTaught(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 12)
	learned := w.learn()
	if learned.Version == "" || learned.Usage.KmPerDay == 0 {
		t.Fatalf("twelve cars with a history taught nothing: %+v", learned)
	}
	vin := fleet.Profile(0).VIN
	for _, f := range w.forecasts(vin) {
		if strings.Contains(f.Model, learned.Version) {
			t.Errorf("%s already rests on %s: nothing left to show", f.Component, learned.Version)
		}
	}
	later := w.now.Load().Add(13 * time.Hour)
	w.now.Store(&later)
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range w.forecasts(vin) {
		if !strings.HasSuffix(f.Model, learned.Version) {
			t.Errorf("%s rests on %s after a round, want %s", f.Component, f.Model, learned.Version)
		}
	}
	earlier := later.Add(-13 * time.Hour)
	w.now.Store(&earlier)
	if diff := cmp.Diff(learned, w.learn()); diff != "" {
		t.Errorf("learned again (-first +second):\n%s", diff)
	}
}

func TestAFleetThatShowsNothingTeachesNothing(t *testing.T) {
	t.Parallel()
	fleet, err := simulator.New(simulator.Config{Seed: 5, Vehicles: 2, Epoch: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, fleet.End())
	w.enter(fleet)
	if got := w.learn(); got.Version != "" {
		t.Errorf("two cars without data taught %+v", got)
	}
}

// A vehicle may be erased between the two times that it is read to learn from it.
func TestWornPartsOfVehiclesThatAreGone(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 2)
	one, other := fleet.Profile(0).VIN, fleet.Profile(1).VIN
	got, err := w.planner.WornHistories(t.Context(), map[predict.Component][]vehicle.VIN{
		predict.Tyres: {one, "WAUZZZ8V0KA000000", other}, predict.TractionBattery: {other},
	}, fleet.End())
	if err != nil {
		t.Fatal(err)
	}
	if tyres, packs := got[predict.Tyres], got[predict.TractionBattery]; len(tyres) != 2 || tyres[1].VIN != other || len(packs) != 1 || len(packs[0].Days) < 100 {
		t.Errorf("%d vehicles are read for tyres and %d for the battery, want 2 and 1, with their days", len(tyres), len(packs))
	}
}
