package planner

import (
	"context"
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// learnFirst is how long after the start the fleet's prior is learned for the
// first time: what waited for planning at the start is planned by then.
const learnFirst = time.Minute

// keepLearning learns the fleet's prior soon after the start, and then every
// Learn, until ctx ends.
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
			p.o.Logger.Warn("the fleet's prior could not be learned, will try again", "error", err, "in", p.o.Learn)
		}
		next.Reset(p.o.Learn)
	}
}

// Learn turns the wear paths of the whole fleet into its prior: what is known of a
// vehicle before it has shown its own pace. The prior follows from the facts alone,
// not from the one before. Forecasts take it in at the next round of their
// vehicle, so after Renew at the latest. A fleet that is too small teaches
// nothing, and the expert's prior stays.
func (p *Planner) Learn(ctx context.Context) error {
	now := p.o.Now()
	var vins []vehicle.VIN
	err := p.o.Store.Read(ctx, func(tx Tx) (err error) {
		vins, err = tx.VINs(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("list the fleet: %w", err)
	}
	var paths []predict.FleetPath
	for _, vin := range vins { // a transaction each: a large fleet takes a while
		f, err := p.facts(ctx, vin)
		if fault.CodeOf(err) == fault.NotFound {
			continue // it was erased meanwhile
		}
		if err != nil {
			return fmt.Errorf("read the facts of %s: %w", vin, err)
		}
		f.prior = predict.Prior{}
		paths = append(paths, predict.PathsOf(inputOf(f, odometerOf(f), now))...)
	}
	learned := predict.LearnPrior(p.o.Table, paths)
	if learned.Version == "" {
		return nil
	}
	err = p.o.Store.Write(ctx, func(tx Tx) error {
		old, err := tx.Prior(ctx)
		if err != nil || old.Version == learned.Version {
			return err
		}
		return tx.PutPrior(ctx, learned, now)
	})
	if err != nil {
		return fmt.Errorf("keep the prior: %w", err)
	}
	p.o.Logger.Info("learned from the fleet", "prior", learned.Version, "components", len(learned.Components), "paths", len(paths))
	return nil
}
