package planner

import (
	"context"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Remade is what was forecast of a vehicle at a time.
type Remade struct {
	Forecasts []predict.Forecast
	Paths     map[predict.Component][]predict.PathPoint // none where no horizon is given
}

// AsOf makes the forecasts of a vehicle again as they were made at a time: of the days that were
// over, and of today, of the records and odometer decisions that had been entered, and by the model
// that was in force, or by the version that is named. What a vehicle sent later of those days is in
// them all the same: roll-ups do not keep when it came; nor do records keep when they were found to
// be in error. Paths go to horizonDays ahead.
func (p *Planner) AsOf(ctx context.Context, vin vehicle.VIN, at time.Time, model string, horizonDays int) (Remade, error) {
	now := p.o.Now()
	if at.After(now) {
		return Remade{}, fault.Invalidf("asOf", "must not lie in the future")
	}
	var f facts
	err := p.o.Store.Read(ctx, func(tx Tx) (err error) {
		if f, err = p.readFacts(ctx, tx, vin); err != nil {
			return err
		}
		f.prior, err = priorAsOf(ctx, tx, at, model)
		return err
	})
	if err != nil {
		return Remade{}, err
	}
	in := inputOf(f.knownBy(at, now), at)
	out := Remade{Forecasts: predict.Forecasts(in)}
	if horizonDays > 0 {
		out.Paths = pathsOf(in, f.table, horizonDays)
	}
	return out, nil
}

// priorAsOf is that of a version, or of the one that was in force at a time.
func priorAsOf(ctx context.Context, tx Tx, at time.Time, version string) (predict.Prior, error) {
	if version == "" {
		events, err := tx.ModelEvents(ctx)
		if err != nil {
			return predict.Prior{}, err
		}
		version = models.InForce(events, at)
	}
	if version == models.Expert {
		return predict.Prior{}, nil
	}
	v, err := tx.Model(ctx, version)
	if fault.CodeOf(err) == fault.NotFound {
		return predict.Prior{}, fault.New(fault.NotFound, "the model %q is not kept; name one that /v1/models lists, or %q", version, models.Expert)
	}
	return v.Prior, err
}

// knownBy are the facts that were known at a time, now or before. Of a day that was under way it is
// not kept how far it had come by then.
func (f facts) knownBy(at, now time.Time) facts {
	if day := vehicle.DayOf(at); day < vehicle.DayOf(now) {
		f.days = f.days.Before(day)
	}
	f.records = slices.DeleteFunc(slices.Clone(f.records), func(r history.Record) bool { return r.Visited.After(at) || r.Recorded.After(at) })
	f.decisions = slices.DeleteFunc(slices.Clone(f.decisions), func(d vehicle.OdometerDecision) bool { return d.At.After(at) })
	return f
}
