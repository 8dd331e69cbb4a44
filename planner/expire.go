package planner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// expireEvery is how often it is looked whether another day has become too old.
const expireEvery = time.Hour

// horizon is, by class, the first day whose samples are kept.
type horizon map[vehicle.Class]vehicle.Day

// horizonAt applies Options.Keep to a time. Nothing is kept of a class that is kept
// for no time at all.
func (p *Planner) horizonAt(now time.Time) horizon {
	h := horizon{}
	for class, keep := range p.o.Keep {
		h[class] = vehicle.DayOf(now.Add(-keep))
		if keep == 0 {
			h[class] = vehicle.DayOf(now.Add(vehicle.MaxClockLead)) + 1
		}
	}
	return h
}

// due returns the classes that a day is to lose, ascending.
func (h horizon) due(day vehicle.Day) (classes []vehicle.Class) {
	for _, class := range slices.Sorted(maps.Keys(h)) {
		if day < h[class] {
			classes = append(classes, class)
		}
	}
	return classes
}

// Expiring is what one look at the ages of samples came to, in days of vehicles.
type Expiring struct {
	Due     int // whose samples go now
	Waiting int // that have to be rolled up first
}

// Expire makes the roll-ups of days final whose samples are older than Options.Keep
// wants them, and marks the days: the planner removes the samples when it comes to
// them, see rollUp. So a process that dies in between has lost nothing and forgotten
// nothing. Final roll-ups say so, and are never made from samples again: see
// telemetry.DayRollup.Over.
func (p *Planner) Expire(ctx context.Context) (sum Expiring, err error) {
	now := p.o.Now()
	h := p.horizonAt(now)
	if len(h) == 0 {
		return sum, nil
	}
	var vins []vehicle.VIN
	err = p.o.Store.Read(ctx, func(tx Tx) (err error) {
		vins, err = tx.VINs(ctx)
		return err
	})
	if err != nil {
		return sum, fmt.Errorf("list the fleet: %w", err)
	}
	var errs []error
	for _, vin := range vins { // a transaction each: the first time takes a while
		e, err := p.expireVehicle(ctx, vin, h, now)
		sum.Due, sum.Waiting = sum.Due+e.Due, sum.Waiting+e.Waiting
		if err != nil {
			errs = append(errs, fmt.Errorf("expire samples of %s: %w", vin, err))
			if ctx.Err() != nil || fault.CodeOf(err) == fault.Unavailable {
				break
			}
		}
	}
	return sum, errors.Join(errs...)
}

func (p *Planner) expireVehicle(ctx context.Context, vin vehicle.VIN, h horizon, now time.Time) (sum Expiring, err error) {
	stored, err := p.o.Telemetry.Days(ctx, vin)
	if err != nil {
		return sum, err
	}
	stored = slices.DeleteFunc(stored, func(d vehicle.Day) bool { return len(h.due(d)) == 0 })
	if len(stored) == 0 {
		return sum, nil
	}
	err = p.o.Store.Write(ctx, func(tx Tx) error {
		sum = Expiring{}
		marked, err := tx.MarkedDays(ctx, vin)
		if err != nil {
			return err
		}
		for _, day := range stored {
			if slices.Contains(marked, day) {
				sum.Waiting++
				continue
			}
			old, err := tx.Rollup(ctx, vin, day)
			due := slices.DeleteFunc(h.due(day), func(c vehicle.Class) bool { return slices.Contains(old.Expired, c) })
			switch {
			case fault.CodeOf(err) == fault.NotFound:
				sum.Waiting++
			case err != nil:
				return err
			case len(due) == 0:
				continue
			default:
				sum.Due++
				if err := tx.PutRollups(ctx, []telemetry.DayRollup{old.Nowhere().Without(due)}); err != nil {
					return err
				}
			}
			if err := tx.Mark(ctx, vin, day, false, now); err != nil {
				return err
			}
		}
		return nil
	})
	return sum, err
}

// rollUp reads the roll-ups of marked days. Of classes that have expired on a day, the
// samples go first, and those that came later with them: they are counted nowhere.
func (p *Planner) rollUp(ctx context.Context, m Marked) ([]telemetry.DayRollup, error) {
	var late []telemetry.Expiry
	err := p.o.Store.Read(ctx, func(tx Tx) error {
		late = nil
		for _, day := range m.Days {
			old, err := tx.Rollup(ctx, m.VIN, day)
			if err != nil && fault.CodeOf(err) != fault.NotFound {
				return err
			}
			if len(old.Expired) > 0 {
				late = append(late, telemetry.Expiry{Day: day, Classes: old.Expired})
			}
		}
		return nil
	})
	if err == nil && len(late) > 0 {
		err = p.o.Telemetry.Expire(ctx, m.VIN, late)
	}
	if err != nil {
		return nil, fmt.Errorf("look for expired days: %w", err)
	}
	days := make([]telemetry.DayRollup, 0, len(m.Days))
	for _, d := range m.Days {
		day, err := p.o.Telemetry.Day(ctx, m.VIN, d)
		if err != nil {
			return nil, fmt.Errorf("roll up %s: %w", d, err)
		}
		if err := p.addWearWork(ctx, &day); err != nil {
			return nil, fmt.Errorf("roll up %s: %w", d, err)
		}
		days = append(days, day.Nowhere().Rounded())
	}
	return days, nil
}

// addWearWork adds what wears the vehicle to the roll-up of a day, from its samples.
func (p *Planner) addWearWork(ctx context.Context, day *telemetry.DayRollup) error {
	var work telemetry.WearWork
	err := p.o.Telemetry.Samples(ctx, day.VIN, day.Day.Start(), day.Day.End(), func(s vehicle.Sample) error {
		work.Add(s)
		return nil
	})
	if err == nil && len(day.Signals) > 0 {
		work.Put(day)
	}
	return err
}

// putRollups writes roll-ups of days over those that are there.
func putRollups(ctx context.Context, tx Tx, days []telemetry.DayRollup) error {
	for i, day := range days {
		old, err := tx.Rollup(ctx, day.VIN, day.Day)
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return err
		}
		days[i] = day.Over(old)
	}
	return tx.PutRollups(ctx, days)
}

// keepExpiring expires at the start and when a day has passed, until ctx ends.
func (p *Planner) keepExpiring(ctx context.Context) {
	if len(p.o.Keep) == 0 {
		return
	}
	again := time.NewTicker(expireEvery)
	defer again.Stop()
	var done horizon
	for {
		if h := p.horizonAt(p.o.Now()); !maps.Equal(h, done) {
			days, err := p.Expire(ctx)
			p.expired.Add(float64(days.Due))
			if err != nil && ctx.Err() == nil {
				p.o.Logger.Warn("expiring samples failed, will try again", "error", err, "in", expireEvery)
			}
			if err == nil && days.Waiting == 0 {
				done = h
			}
			if days.Due > 0 {
				p.o.Logger.Info("samples expire; their roll-ups stay", "vehicle_days", days.Due, "not_rolled_up_yet", days.Waiting)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
