package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// version is a model of which every field is set.
func version(name string, state models.State) models.Version {
	v := filled[models.Version]()
	v.Prior.Version, v.State = name, state
	return v
}

func putModel(t *testing.T, db *store.DB, v models.Version) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutModel(ctx, v) })
}

func testModels(t *testing.T, db *store.DB) {
	inForce := func(ctx context.Context, tx *store.Tx) (predict.Prior, error) { return tx.Prior(ctx) }
	equal(t, "prior of an empty database", read(t, db, inForce), predict.Prior{})
	old, active, shadow := version("a", models.Retired), version("b", models.Active), version("c", models.Shadow)
	old.Learned, shadow.Learned = active.Learned.Add(-time.Hour), active.Learned.Add(time.Hour)
	for _, v := range []models.Version{active, shadow, old, active} {
		putModel(t, db, v)
	}
	equal(t, "prior in force", read(t, db, inForce), active.Prior)
	equal(t, "in the shadow", read(t, db, func(ctx context.Context, tx *store.Tx) (models.Version, error) {
		return tx.ModelIn(ctx, models.Shadow)
	}), shadow)
	list, err := db.Models(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "newest first", list, []models.Version{shadow, active, old})
	one, err := db.Model(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "one of them", one, old)
	_, err = db.Model(t.Context(), "nothing")
	wantFault(t, "a model that is not there", err, fault.NotFound)
	wantFault(t, "a second one in force", tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutModel(ctx, version("d", models.Active))
	}), fault.Conflict)
	wantFault(t, "none in a state", db.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.ModelIn(t.Context(), "unknown")
		return err
	}), fault.NotFound)
}

func testPruneModels(t *testing.T, db *store.DB) {
	long := now.Add(-100 * 24 * time.Hour)
	for name, v := range map[string]models.Version{
		"old":             {},
		"in force":        {State: models.Active},
		"in the shadow":   {State: models.Shadow},
		"young":           {Learned: now},
		"used lately":     {InForce: now},
		"in a forecast":   {},
		"in a snapshot":   {},
		"in a known case": {},
	} {
		v.Prior.Version = name
		if v.State == "" {
			v.State = models.Retired
		}
		if v.Learned.IsZero() {
			v.Learned = long
		}
		putModel(t, db, v)
	}
	vin := newVIN()
	open, known := filled[models.Snapshot](), filled[models.Snapshot]()
	open.VIN, open.Model, open.Outcome.Week = vin, "in a snapshot", time.Time{}
	known.VIN, known.Model, known.Cycle = vin, "in a known case", "another"
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			func() error {
				return tx.ReplaceForecasts(ctx, vin, []predict.Forecast{{Component: predict.Tyres, Model: "code/in a forecast"}})
			},
			func() error { return tx.PutSnapshots(ctx, []models.Snapshot{open, known}) },
			func() error { return tx.PruneModels(ctx, now.Add(-24*time.Hour), now.Add(-24*time.Hour)) },
		)
	})
	left := map[string]bool{}
	list, err := db.Models(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		left[v.Prior.Version] = true
	}
	equal(t, "left", left, map[string]bool{
		"in force": true, "in the shadow": true, "young": true, "used lately": true, "in a forecast": true, "in a snapshot": true,
	})
}

func testModelEvents(t *testing.T, db *store.DB) {
	first, second := filled[models.Event](), filled[models.Event]()
	first.ID, second.ID, second.At = "000000009", "000000010", first.At // the clock says nothing
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			func() error { return tx.AddModelEvent(ctx, first) },
			func() error { return tx.AddModelEvent(ctx, second) },
		)
	})
	got, err := db.ModelEvents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "events", got, []models.Event{second, first})
}

// Of two planners that promote at the same time one wins, and the other one sees it or
// is told so.
func testModelRace(t *testing.T, db *store.DB) {
	putModel(t, db, version("old", models.Active))
	putModel(t, db, version("next", models.Shadow))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			err := tryWrite(t, db, func(ctx context.Context, tx *store.Tx) error {
				shadow, err := tx.ModelIn(ctx, models.Shadow)
				if fault.CodeOf(err) == fault.NotFound {
					return nil // it has been promoted
				}
				if err != nil {
					return err
				}
				active, err := tx.ModelIn(ctx, models.Active)
				if err != nil {
					return err
				}
				active.State, shadow.State = models.Retired, models.Active
				return firstError(
					func() error { return tx.PutModel(ctx, active) },
					func() error { return tx.PutModel(ctx, shadow) },
					func() error { return tx.AddModelEvent(ctx, models.Event{ID: "000000001", At: now}) },
				)
			})
			if err != nil && fault.CodeOf(err) != fault.Conflict {
				t.Errorf("promote: %v", err)
			}
		})
	}
	both.Wait()
	events, err := db.ModelEvents(t.Context())
	if err != nil || len(events) != 1 {
		t.Errorf("%d promotions, %v, want 1", len(events), err)
	}
}

func testSnapshots(t *testing.T, db *store.DB) {
	vin := newVIN()
	snapshots := func() []models.Snapshot {
		return read(t, db, func(ctx context.Context, tx *store.Tx) ([]models.Snapshot, error) { return tx.Snapshots(ctx, vin) })
	}
	put := func(s ...models.Snapshot) {
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutSnapshots(ctx, s) })
	}
	first, second := filled[models.Snapshot](), filled[models.Snapshot]()
	first.VIN, second.VIN, second.Horizon, second.AsOf = vin, vin, 14, first.AsOf.Add(time.Hour)
	put(first, second)
	equal(t, "snapshots", snapshots(), []models.Snapshot{first, second})
	again := first
	again.Limit, again.AsOf, again.Model = second.Limit, now, "another"
	again.Outcome.State, again.Outcome.Cell = models.Ended, models.AboveP90
	put(again)
	first.Outcome = again.Outcome
	equal(t, "snapshots after one was resolved", snapshots(), []models.Snapshot{first, second})

	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.PruneSnapshots(ctx, first.Outcome.Week.Add(time.Second))
	})
	equal(t, "left", snapshots(), []models.Snapshot{})
}

func testTallies(t *testing.T, db *store.DB) {
	week := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	mid := week.Add(36 * time.Hour)
	cycle := 0
	said := func(c predict.Component, horizon int, o models.Outcome) models.Snapshot {
		cycle++
		return models.Snapshot{
			VIN: vehicle.VIN("TALLY"), Component: c, Cycle: time.Duration(cycle).String(), Horizon: horizon,
			Limit: predict.Dates{P50: mid}, Outcome: o,
		}
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutSnapshots(ctx, []models.Snapshot{
			said("oil", 90, models.Outcome{State: models.Ended, At: mid.Add(-48 * time.Hour), Cell: models.BelowP50, Week: week}),
			said("oil", 90, models.Outcome{State: models.Ended, At: mid.Add(12 * time.Hour), Cell: models.BelowP50, Week: week}),
			said("oil", 90, models.Outcome{State: models.Outlived, At: mid, Cell: models.AboveP90, Week: week}),
			said("oil", 90, models.Outcome{State: models.Censored, At: mid, Cell: models.BelowP10, Week: week}),
			said("oil", 90, models.Outcome{State: models.Open, At: mid}),
			said("oil", 14, models.Outcome{State: models.Censored, At: mid, Cell: models.BelowP90, Week: week}),
			said("oil", 90, models.Outcome{State: models.Outlived, At: mid, Cell: models.AboveP90, Week: week.AddDate(0, 0, -7)}),
			said("pads", 30, models.Outcome{State: models.Ended, At: mid, Cell: models.BelowP10, Week: week}),
		})
	})
	tallies := func(only predict.Component, since time.Time) []models.Tally {
		got, err := db.Tallies(t.Context(), only, since)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	older := models.Tally{Component: "oil", Horizon: 90, Week: week.AddDate(0, 0, -7), Truths: [4]int{0, 0, 0, 1}}
	oil := models.Tally{Component: "oil", Horizon: 90, Week: week, Truths: [4]int{0, 2, 0, 1}, Censored: [4]int{1, 0, 0, 0}, Ended: 2, AbsDays: 2.5}
	near := models.Tally{Component: "oil", Horizon: 14, Week: week, Censored: [4]int{0, 0, 1, 0}}
	pads := models.Tally{Component: "pads", Horizon: 30, Week: week, Truths: [4]int{1, 0, 0, 0}, Ended: 1}
	equal(t, "all", tallies("", time.Time{}), []models.Tally{older, oil, near, pads})
	equal(t, "of oil, lately", tallies("oil", week), []models.Tally{oil, near})
	equal(t, "of nothing", tallies("none", week), []models.Tally(nil))
}
