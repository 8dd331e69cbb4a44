package planner

import (
	"cmp"
	"context"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/models"
)

// force puts a version into force, nil for the expert's numbers, and notes who did it.
func (p *Planner) force(ctx context.Context, tx Tx, active, next *models.Version, e models.Event) (models.Event, error) {
	events, err := tx.ModelEvents(ctx)
	if err != nil {
		return e, err
	}
	now := p.o.Now()
	e.ID, e.At = models.NextEvent(events), now
	e.Version, e.Replaced = versionOf(next), versionOf(active)
	if active != nil {
		active.State, active.Since = models.Retired, now
		if err := tx.PutModel(ctx, *active); err != nil {
			return e, err
		}
	}
	if next != nil {
		next.State, next.Since, next.InForce = models.Active, now, now
		if err := tx.PutModel(ctx, *next); err != nil {
			return e, err
		}
	}
	return e, tx.AddModelEvent(ctx, e)
}

// announce logs a change of the model in force once it is stored.
func (p *Planner) announce(e models.Event, err error) {
	if err == nil && e.ID != "" {
		p.o.Logger.Info("another model is in force", "model", e.Version, "replaced", e.Replaced, "by", e.Actor, "why", e.Note)
	}
}

// HoldsModels reports whether nothing is promoted but by a person. events are all, newest
// first.
func (p *Planner) HoldsModels(events []models.Event) bool {
	return p.o.ManualModels || models.Held(events)
}

// PromoteModel puts a version into force because a person says so. After a roll back
// it also lets the planner promote by itself again.
func (p *Planner) PromoteModel(ctx context.Context, version, actor, note string) (change models.Event, err error) {
	err = p.o.Store.Write(ctx, func(tx Tx) error {
		active, _, err := atWork(ctx, tx)
		if err != nil {
			return err
		}
		v, err := tx.Model(ctx, version)
		if err != nil {
			return err
		}
		if v.State == models.Active {
			return fault.New(fault.FailedPrecondition, "%s is in force already", version)
		}
		change, err = p.force(ctx, tx, active, &v, models.Event{Action: models.Promoted, Actor: actor, Note: note})
		return err
	})
	p.announce(change, err)
	return change, err
}

// RollBackModel goes back to the version that was in force before, or to the one that
// is named, models.Expert for the numbers of the component table. From then on nothing
// is promoted but by a person, until one of them does.
func (p *Planner) RollBackModel(ctx context.Context, version, actor, note string) (change models.Event, err error) {
	err = p.o.Store.Write(ctx, func(tx Tx) error {
		active, _, err := atWork(ctx, tx)
		if err != nil {
			return err
		}
		if active == nil {
			return fault.New(fault.FailedPrecondition, "no model of the fleet is in force: there is nothing to go back from")
		}
		events, err := tx.ModelEvents(ctx)
		if err != nil {
			return err
		}
		to, err := p.backTo(ctx, tx, cmp.Or(version, models.Before(events)))
		if err != nil {
			return err
		}
		if to != nil && to.State == models.Active {
			return fault.New(fault.FailedPrecondition, "%s is in force already", versionOf(to))
		}
		change, err = p.force(ctx, tx, active, to, models.Event{Action: models.RolledBack, Actor: actor, Note: note})
		return err
	})
	p.announce(change, err)
	return change, err
}

// backTo reads the version to go back to; nil is the expert's.
func (p *Planner) backTo(ctx context.Context, tx Tx, version string) (*models.Version, error) {
	if version == models.Expert {
		return nil, nil
	}
	v, err := tx.Model(ctx, version)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, "there is no model %s any more; name another one, or %q for the numbers of the component table", version, models.Expert)
	}
	return &v, err
}

// CompareModels asks how a version does beside another one, models.Expert or, when
// against is empty, the one in force: on lives that ended since the younger of the two
// was learned.
func (p *Planner) CompareModels(ctx context.Context, version, against string) (models.Comparison, error) {
	var v, rival models.Version
	err := p.o.Store.Read(ctx, func(tx Tx) (err error) {
		if v, err = tx.Model(ctx, version); err != nil || against == models.Expert {
			return err
		}
		if against != "" {
			rival, err = tx.Model(ctx, against)
			return err
		}
		rival, err = tx.ModelIn(ctx, models.Active)
		if fault.CodeOf(err) == fault.NotFound {
			return nil // the expert's is in force
		}
		return err
	})
	if err != nil {
		return models.Comparison{}, err
	}
	since := v.Learned
	if rival.Learned.After(since) {
		since = rival.Learned
	}
	return p.compare(ctx, v, rival.Prior, since)
}
