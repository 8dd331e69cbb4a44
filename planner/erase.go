package planner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Erasure is an order to forget a vehicle, and, once it is done, the receipt of it.
type Erasure struct {
	ID        string
	VIN       vehicle.VIN // until the rows of the vehicle are gone
	Digest    string      // see DigestOf
	Actor     string      // who asked for it
	KeepWork  bool        // closed work orders and service records stayed
	Requested time.Time
	Done      time.Time // zero while it is under way

	Days    int            // days that had samples in the time-series store
	Removed map[string]int // rows removed from the database, by table
}

// DigestOf is what a receipt has instead of a VIN: SHA-256 of its id and the VIN.
// Whoever holds a VIN can find its receipts; who holds a receipt has to guess.
func DigestOf(id string, vin vehicle.VIN) string {
	sum := sha256.Sum256([]byte(id + " " + string(vin)))
	return hex.EncodeToString(sum[:])
}

// Of reports whether the erasure is, or was, of this vehicle.
func (e Erasure) Of(vin vehicle.VIN) bool { return e.Digest == DigestOf(e.ID, vin) }

// eraseEvery is how often an erasure that failed is tried again.
const eraseEvery = time.Minute

// Erase forgets a vehicle: its samples, and then everything else. The order is
// written down first, so that an erasure that breaks off is finished later, in this
// process or the next; what is returned then is not done yet. Erasing again a vehicle
// whose erasure is under way goes on with it. What the vehicle reports afterwards is
// stored as that of a new one.
func (p *Planner) Erase(ctx context.Context, vin vehicle.VIN, actor string, keepWork bool) (Erasure, error) {
	var e Erasure
	err := p.o.Store.Write(ctx, func(tx Tx) error {
		pending, err := tx.PendingErasures(ctx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(pending, func(e Erasure) bool { return e.Of(vin) }); i >= 0 {
			e = pending[i]
			e.KeepWork = e.KeepWork && keepWork
		} else {
			id := p.o.NewID()
			e = Erasure{
				ID: id, VIN: vin, Digest: DigestOf(id, vin), Actor: actor, KeepWork: keepWork,
				Requested: p.o.Now(), Removed: map[string]int{},
			}
		}
		return tx.PutErasure(ctx, e)
	})
	if err != nil {
		return Erasure{}, err
	}
	done, err := p.finish(ctx, e)
	if err != nil {
		p.o.Logger.Warn("erasing a vehicle was broken off, will go on", "erasure", e.ID, "error", err)
		return e, nil
	}
	return done, nil
}

// finish carries out an erasure. It may have been carried out before, in part or
// altogether: every step can be done again.
func (p *Planner) finish(ctx context.Context, e Erasure) (Erasure, error) {
	done := make(chan Erasure, 1)
	err := p.o.Apart(ctx, e.VIN, func(ctx context.Context) error {
		receipt, err := p.erase(ctx, e.ID)
		done <- receipt
		return err
	})
	if err != nil {
		return e, err
	}
	e = <-done
	p.o.Logger.Info("a vehicle was erased", "erasure", e.ID, "days", e.Days, "rows", e.Removed)
	return e, nil
}

// erase removes the samples, then the rows and with them the name of the vehicle in
// the order, then what is left of all that in files.
func (p *Planner) erase(ctx context.Context, id string) (e Erasure, err error) {
	err = p.o.Store.Read(ctx, func(tx Tx) (err error) {
		e, err = tx.Erasure(ctx, id)
		return err
	})
	if err != nil || !e.Done.IsZero() {
		return e, err // another call has done it, and what came since is of a new vehicle
	}
	if e.VIN != "" {
		if e, err = p.eraseSamples(ctx, e); err != nil {
			return e, fmt.Errorf("erase samples: %w", err)
		}
		if e, err = p.eraseRows(ctx, e); err != nil {
			return e, fmt.Errorf("erase rows: %w", err)
		}
	}
	if err := p.o.Store.Purge(ctx); err != nil {
		return e, err
	}
	done := e
	done.Done = p.o.Now()
	if err := p.o.Store.Write(ctx, func(tx Tx) error { return tx.PutErasure(ctx, done) }); err != nil {
		return e, fmt.Errorf("write the receipt: %w", err)
	}
	return done, nil
}

func (p *Planner) eraseRows(ctx context.Context, e Erasure) (Erasure, error) {
	nameless := e
	nameless.VIN = ""
	err := p.o.Store.Write(ctx, func(tx Tx) (err error) {
		if nameless.Removed, err = tx.EraseVehicle(ctx, e.VIN, e.KeepWork); err != nil {
			return err
		}
		return tx.PutErasure(ctx, nameless)
	})
	if err != nil {
		return e, err
	}
	return nameless, nil
}

// eraseSamples notes how many days there are before it removes them: afterwards nobody
// can count them any more.
func (p *Planner) eraseSamples(ctx context.Context, e Erasure) (Erasure, error) {
	days, err := p.o.Telemetry.Days(ctx, e.VIN)
	if err != nil {
		return e, err
	}
	if len(days) > e.Days {
		e.Days = len(days)
		if err := p.o.Store.Write(ctx, func(tx Tx) error { return tx.PutErasure(ctx, e) }); err != nil {
			return e, err
		}
	}
	return e, p.o.Telemetry.Erase(ctx, e.VIN)
}

// FinishErasures goes on with the erasures that were broken off.
func (p *Planner) FinishErasures(ctx context.Context) error {
	var pending []Erasure
	err := p.o.Store.Read(ctx, func(tx Tx) (err error) {
		pending, err = tx.PendingErasures(ctx)
		return err
	})
	errs := []error{err}
	for _, e := range pending {
		if _, err := p.finish(ctx, e); err != nil {
			errs = append(errs, fmt.Errorf("erasure %s: %w", e.ID, err))
		}
	}
	return errors.Join(errs...)
}

// keepErasing finishes what was broken off, at the start and then now and then.
func (p *Planner) keepErasing(ctx context.Context) {
	again := time.NewTicker(eraseEvery)
	defer again.Stop()
	for {
		if err := p.FinishErasures(ctx); err != nil && ctx.Err() == nil {
			p.o.Logger.Warn("an erasure could not be finished, will try again", "error", err, "in", eraseEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
