package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Prior implements planner.Tx.
func (tx *Tx) Prior(ctx context.Context) (p predict.Prior, err error) {
	body, err := tx.q.ActivePrior(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, tx.d.fail("read the model in force", err)
	}
	return p, decode(body, &p)
}

// Models implements planner.Tx: newest first.
func (tx *Tx) Models(ctx context.Context) ([]models.Version, error) {
	rows, err := tx.q.Models(ctx)
	if err != nil {
		return nil, tx.d.fail("list models", err)
	}
	return mapRows(rows, modelOf)
}

// Model implements planner.Tx.
func (tx *Tx) Model(ctx context.Context, version string) (models.Version, error) {
	row, err := tx.q.Model(ctx, version)
	if err != nil {
		return models.Version{}, tx.missing(err, "model", version)
	}
	return modelOf(row)
}

// ModelIn implements planner.Tx.
func (tx *Tx) ModelIn(ctx context.Context, state models.State) (models.Version, error) {
	row, err := tx.q.ModelInState(ctx, string(state))
	if err != nil {
		return models.Version{}, tx.missing(err, "model that is", string(state))
	}
	return modelOf(row)
}

// PutModel implements planner.Tx.
func (tx *Tx) PutModel(ctx context.Context, v models.Version) error {
	row := sqlcgen.PutModelParams{
		Version: v.Prior.Version, Learned: micros(v.Learned), State: string(v.State),
		Vehicles: int64(v.Vehicles), Paths: int64(v.Paths), Since: micros(v.Since), InForce: micros(v.InForce),
	}
	if err := encodeAll(nested{&row.Body, v.Prior}, nested{&row.Report, v.Report}); err != nil {
		return err
	}
	return tx.d.fail("write a model", tx.q.PutModel(ctx, row))
}

func modelOf(row sqlcgen.Model) (models.Version, error) {
	v := models.Version{
		State: models.State(row.State), Learned: instant(row.Learned), Vehicles: int(row.Vehicles), Paths: int(row.Paths),
		Since: instant(row.Since), InForce: instant(row.InForce),
	}
	return v, decodeAll(nested{&row.Body, &v.Prior}, nested{&row.Report, &v.Report})
}

// PruneModels implements planner.Tx.
func (tx *Tx) PruneModels(ctx context.Context, inForceBefore, learnedBefore time.Time) error {
	_, err := tx.q.PruneModels(ctx, sqlcgen.PruneModelsParams{ForcedBefore: micros(inForceBefore), LearnedBefore: micros(learnedBefore)})
	return tx.d.fail("remove old models", err)
}

// AddModelEvent implements planner.Tx.
func (tx *Tx) AddModelEvent(ctx context.Context, e models.Event) error {
	return tx.d.fail("note what happened to a model", tx.q.AddModelEvent(ctx, sqlcgen.AddModelEventParams{
		ID: e.ID, At: micros(e.At), Action: string(e.Action), Version: e.Version, Replaced: e.Replaced,
		Actor: text(e.Actor), Note: text(e.Note),
	}))
}

// ModelEvents implements planner.Tx: newest first.
func (tx *Tx) ModelEvents(ctx context.Context) ([]models.Event, error) {
	rows, err := tx.q.ModelEvents(ctx)
	if err != nil {
		return nil, tx.d.fail("list what happened to models", err)
	}
	return mapRows(rows, func(r sqlcgen.ModelEvent) (models.Event, error) {
		return models.Event{
			ID: r.ID, At: instant(r.At), Action: models.Action(r.Action), Version: r.Version, Replaced: r.Replaced, Actor: r.Actor, Note: r.Note,
		}, nil
	})
}

// Snapshots implements planner.Tx.
func (tx *Tx) Snapshots(ctx context.Context, vin vehicle.VIN) ([]models.Snapshot, error) {
	rows, err := tx.q.Snapshots(ctx, string(vin))
	if err != nil {
		return nil, tx.d.fail("read snapshots of forecasts", err)
	}
	return mapRows(rows, func(r sqlcgen.Snapshot) (models.Snapshot, error) {
		return models.Snapshot{
			VIN: vin, Component: predict.Component(r.Component), Cycle: r.Cycle, Horizon: int(r.Horizon), AsOf: instant(r.AsOf),
			Limit: predict.Dates{P10: instant(r.P10), P50: instant(r.P50), P90: instant(r.P90)}, Model: r.Model, ByLevel: r.ByLevel,
			Outcome: models.Outcome{State: models.Ending(r.State), At: instant(r.At), Cell: models.Cell(r.Cell), Week: instant(r.Week)},
		}, nil
	})
}

// PutSnapshots implements planner.Tx. What was said stays as it was first put.
func (tx *Tx) PutSnapshots(ctx context.Context, snapshots []models.Snapshot) error {
	return each(ctx, snapshots, func(ctx context.Context, _ int64, s models.Snapshot) error {
		row := sqlcgen.PutSnapshotParams{
			Vin: string(s.VIN), Component: string(s.Component), Cycle: s.Cycle, Horizon: int64(s.Horizon), AsOf: micros(s.AsOf),
			P10: micros(s.Limit.P10), P50: micros(s.Limit.P50), P90: micros(s.Limit.P90), Model: s.Model, ByLevel: s.ByLevel,
			State: string(s.Outcome.State), At: micros(s.Outcome.At), Cell: int64(s.Outcome.Cell), Week: micros(s.Outcome.Week),
		}
		if s.Outcome.State == models.Ended {
			row.OffDays = math.Abs(s.Outcome.At.Sub(s.Limit.P50).Hours() / 24)
		}
		return tx.d.fail("write snapshots of forecasts", tx.q.PutSnapshot(ctx, row))
	})
}

// PruneSnapshots implements planner.Tx.
func (tx *Tx) PruneSnapshots(ctx context.Context, before time.Time) error {
	_, err := tx.q.PruneSnapshots(ctx, micros(before))
	return tx.d.fail("remove old snapshots of forecasts", err)
}

// Tallies implements planner.Queries.
func (db *DB) Tallies(ctx context.Context, only predict.Component, since time.Time) ([]models.Tally, error) {
	rows, err := db.reads.Tallies(ctx, sqlcgen.TalliesParams{Since: micros(since), Component: string(only)})
	if err != nil {
		return nil, db.dialect.fail("count outcomes of forecasts", err)
	}
	var out []models.Tally
	for _, r := range rows {
		t := models.Tally{Component: predict.Component(r.Component), Horizon: int(r.Horizon), Week: instant(r.Week)}
		if n := len(out); n == 0 || out[n-1].Component != t.Component || out[n-1].Horizon != t.Horizon || !out[n-1].Week.Equal(t.Week) {
			out = append(out, t)
		}
		count(&out[len(out)-1], r)
	}
	return out, nil
}

// count adds a group of outcomes to its tally. A cell that this version does not
// know is left out.
func count(t *models.Tally, r sqlcgen.TalliesRow) {
	if r.Cell < 0 || r.Cell >= int64(len(t.Truths)) {
		return
	}
	switch models.Ending(r.State) {
	case models.Ended:
		t.Truths[r.Cell] += int(r.N)
		t.Ended += int(r.N)
		t.AbsDays += r.OffDays
	case models.Outlived:
		t.Truths[r.Cell] += int(r.N)
	case models.Censored:
		t.Censored[r.Cell] += int(r.N)
	case models.Open, models.Void: // these have no week
	}
}

// Models implements planner.Queries.
func (db *DB) Models(ctx context.Context) ([]models.Version, error) { return db.view().Models(ctx) }

// Model implements planner.Queries.
func (db *DB) Model(ctx context.Context, version string) (models.Version, error) {
	return db.view().Model(ctx, version)
}

// ModelEvents implements planner.Queries.
func (db *DB) ModelEvents(ctx context.Context) ([]models.Event, error) {
	return db.view().ModelEvents(ctx)
}
