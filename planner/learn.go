package planner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// learnFirst is how long after the start the fleet teaches for the first time:
	// what waited for planning at the start is planned by then.
	learnFirst = time.Minute
	// keepUsed is how long a version that was in force is there to go back to, and
	// keepUnused one that was not.
	keepUsed   = 90 * 24 * time.Hour
	keepUnused = 7 * 24 * time.Hour
	// keepOutcomes is how long outcomes of forecasts are counted.
	keepOutcomes = 2 * 365 * 24 * time.Hour
	// staleShadow is how old a version gets that waits for a person to promote it,
	// before what the fleet has taught since takes its place.
	staleShadow = 28 * 24 * time.Hour
)

// keepLearning learns from the fleet soon after the start, and then every Learn,
// until ctx ends.
func (p *Planner) keepLearning(ctx context.Context) {
	next := time.NewTimer(learnFirst)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		if err := p.Learn(ctx); err != nil && ctx.Err() == nil {
			p.o.Logger.Warn("the fleet's model could not be learned, will try again", "error", err, "in", p.o.Learn)
		}
		next.Reset(p.o.Learn)
	}
}

// Learn judges the version in the shadow on what has happened since it was learned,
// and, unless it has to wait, puts what the fleet teaches now in its place. What is
// learned follows from the facts alone, not from what was learned before. Forecasts
// take a model that comes into force in at the next round of their vehicle, so after
// Renew at the latest. A fleet that is too small teaches nothing, and the expert's
// numbers stay in force.
//
// Each step is one transaction on versions read in it: a crash in between, or another
// planner at the same time, leaves a step undone, and nothing half done.
func (p *Planner) Learn(ctx context.Context) error {
	wait, err := p.judge(ctx)
	if err != nil {
		return fmt.Errorf("judge the model in the shadow: %w", err)
	}
	if !wait {
		learned, err := p.learn(ctx)
		if err != nil {
			return err
		}
		if err := p.enter(ctx, learned); err != nil {
			return fmt.Errorf("keep what was learned: %w", err)
		}
	}
	return p.o.Store.Write(ctx, func(tx Tx) error {
		now := p.o.Now()
		if err := tx.PruneModels(ctx, now.Add(-keepUsed), now.Add(-keepUnused)); err != nil {
			return err
		}
		return tx.PruneSnapshots(ctx, now.Add(-keepOutcomes))
	})
}

// learn turns what is known of the whole fleet into a version.
func (p *Planner) learn(ctx context.Context) (models.Version, error) {
	now := p.o.Now()
	vins, err := p.fleet(ctx)
	if err != nil {
		return models.Version{}, err
	}
	v := models.Version{State: models.Shadow, Learned: now, Since: now}
	var paths []predict.FleetPath
	var lookedBack []predict.Input
	sample := map[vehicle.VIN]bool{}
	for n, vin := range vins { // a transaction each: a large fleet takes a while
		in, ok, err := p.history(ctx, vin, now)
		if err != nil {
			return v, err
		}
		if !ok {
			continue
		}
		if n%max(len(vins)/maxLookedBack, 1) == 0 {
			lookedBack, sample[vin] = append(lookedBack, in), true
		}
		its := predict.PathsOf(in)
		shown := v.Paths
		for i := range its {
			if its[i].Shows() {
				v.Paths++
			}
		}
		if v.Paths > shown {
			v.Vehicles++
		}
		paths = append(paths, its...)
	}
	if v.Prior = predict.LearnPrior(p.o.Table, paths); v.Prior.Version == "" {
		return v, nil
	}
	worn, err := p.wornHistories(ctx, predict.WornParts(paths, sample), now)
	if err != nil {
		return v, err
	}
	v.Prior = predict.Calibrate(predict.LearnUse(v.Prior, slices.Values(lookedBack)), slices.Values(lookedBack), worn)
	return v, nil
}

// history is what forecasts of a vehicle rest on, without a prior. False of one that was
// erased meanwhile.
func (p *Planner) history(ctx context.Context, vin vehicle.VIN, now time.Time) (predict.Input, bool, error) {
	f, err := p.facts(ctx, vin)
	if fault.CodeOf(err) == fault.NotFound {
		return predict.Input{}, false, nil
	}
	if err != nil {
		return predict.Input{}, false, fmt.Errorf("read the facts of %s: %w", vin, err)
	}
	f.prior = predict.Prior{}
	return inputOf(f, now), true, nil
}

// wornHistories are those of the vehicles that are looked back at for one component.
func (p *Planner) wornHistories(ctx context.Context, worn map[predict.Component][]vehicle.VIN, now time.Time) (map[predict.Component][]predict.Input, error) {
	histories := map[predict.Component][]predict.Input{}
	for c, vins := range worn {
		for _, vin := range vins {
			in, ok, err := p.history(ctx, vin, now)
			if err != nil {
				return nil, err
			}
			if ok {
				histories[c] = append(histories[c], in)
			}
		}
	}
	return histories, nil
}

// maxLookedBack is how many vehicles' forecasts are looked back at to calibrate, evenly
// chosen: more say little more.
const maxLookedBack = 1200

func (p *Planner) fleet(ctx context.Context) (vins []vehicle.VIN, err error) {
	err = p.o.Store.Read(ctx, func(tx Tx) (err error) {
		vins, err = tx.VINs(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the fleet: %w", err)
	}
	return vins, nil
}

// atWork are the versions in force and in the shadow; nil where there is none.
func atWork(ctx context.Context, tx Tx) (active, shadow *models.Version, err error) {
	for state, to := range map[models.State]**models.Version{models.Active: &active, models.Shadow: &shadow} {
		v, err := tx.ModelIn(ctx, state)
		if fault.CodeOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		*to = &v
	}
	return active, shadow, nil
}

// judge compares the version in the shadow with the one in force and promotes it when
// it may. It reports whether the shadow has to wait for more evidence.
func (p *Planner) judge(ctx context.Context) (wait bool, err error) {
	var active, shadow *models.Version
	err = p.o.Store.Read(ctx, func(tx Tx) (err error) {
		active, shadow, err = atWork(ctx, tx)
		return err
	})
	if err != nil || shadow == nil {
		return false, err
	}
	found := models.Comparison{Against: models.Expert}
	if active != nil {
		if found, err = p.compare(ctx, *shadow, active.Prior, shadow.Learned); err != nil {
			return false, err
		}
	}
	var change models.Event
	err = p.o.Store.Write(ctx, func(tx Tx) error {
		wait, change = true, models.Event{}
		nowActive, nowShadow, err := atWork(ctx, tx)
		if err != nil || versionOf(nowActive) != versionOf(active) || versionOf(nowShadow) != versionOf(shadow) {
			return err // somebody else was faster: what was compared is not at work any more
		}
		wait, change, err = p.settle(ctx, tx, nowActive, nowShadow, found)
		return err
	})
	if fault.CodeOf(err) == fault.Conflict {
		return true, nil // another planner was faster
	}
	p.announce(change, err)
	return wait, err
}

// versionOf names a version; Expert for nil.
func versionOf(v *models.Version) string {
	if v == nil {
		return models.Expert
	}
	return v.Prior.Version
}

// settle decides about the shadow and carries it out. change is zero when the model in
// force stays.
func (p *Planner) settle(ctx context.Context, tx Tx, active, shadow *models.Version, found models.Comparison) (wait bool, change models.Event, err error) {
	now := p.o.Now()
	r := models.Report{At: now, Comparison: found}
	r.Step, r.Why = models.Decide(*shadow, active, found, now)
	shadow.Report = r
	if r.Step != models.Promote {
		return r.Step == models.Wait, change, tx.PutModel(ctx, *shadow)
	}
	events, err := tx.ModelEvents(ctx)
	if err != nil {
		return false, change, err
	}
	if p.HoldsModels(events) {
		return now.Sub(shadow.Learned) < staleShadow, change, tx.PutModel(ctx, *shadow)
	}
	change, err = p.force(ctx, tx, active, shadow, models.Event{Action: models.Promoted, Actor: models.Itself, Note: r.Why.EN})
	return false, change, err
}

// enter puts what was learned into the shadow, and into force at once when it is the
// first. The same as before changes nothing.
func (p *Planner) enter(ctx context.Context, learned models.Version) error {
	if learned.Prior.Version == "" {
		return nil // a fleet that shows nothing teaches nothing
	}
	var change models.Event
	err := p.o.Store.Write(ctx, func(tx Tx) error {
		next := learned
		change = models.Event{}
		active, shadow, err := atWork(ctx, tx)
		if err != nil || next.Prior.Version == versionOf(active) || next.Prior.Version == versionOf(shadow) {
			return err
		}
		if shadow != nil {
			shadow.State, shadow.Since = models.Retired, next.Learned
			if err := tx.PutModel(ctx, *shadow); err != nil {
				return err
			}
		}
		switch before, err := tx.Model(ctx, next.Prior.Version); {
		case err == nil:
			next.InForce = before.InForce // it comes back
		case fault.CodeOf(err) != fault.NotFound:
			return err
		}
		if active != nil {
			return tx.PutModel(ctx, next)
		}
		_, change, err = p.settle(ctx, tx, nil, &next, models.Comparison{Against: models.Expert})
		return err
	})
	if fault.CodeOf(err) == fault.Conflict {
		return nil // another planner was faster
	}
	if err == nil {
		p.o.Logger.Info("learned from the fleet", "model", learned.Prior.Version, "components", len(learned.Prior.Components), "paths", learned.Paths)
	}
	p.announce(change, err)
	return err
}
