// Package planner asks, for one vehicle at a time: what does it need now? It
// takes the vehicles that ingest has marked, rolls up their new days, and
// derives forecasts, findings, reminders and proposals from all facts, in one
// transaction. It also carries out what people do to orders, records and
// reminders, since those are facts too and change the answer.
package planner

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Options is what a Planner needs. The durations have defaults.
type Options struct {
	Store     Store
	Telemetry telemetry.Store
	Table     *predict.Table // what wears; nil: the standard table
	Shop      string         // written into the service records of closed orders
	Now       func() time.Time
	Logger    *slog.Logger
	Registry  prometheus.Registerer

	// Apart runs something about a vehicle while nothing of it is on its way into the
	// stores, see ingest.Pipeline.Apart. nil: nobody else writes.
	Apart func(ctx context.Context, vin vehicle.VIN, do func(context.Context) error) error

	// Keep is how long samples are kept, by class of signal: at least MinKeep, or not
	// at all; a class that is not in it is kept for ever. Roll-ups stay.
	Keep map[vehicle.Class]time.Duration

	NewID func() string // of receipts; nil: random

	Every  time.Duration // how often marks are looked for; 1 s
	Settle time.Duration // how long a mark must have been quiet; 3 s, and never less than ingest suppresses marks
	Wait   time.Duration // how long a busy vehicle waits at most; 30 s
	Renew  time.Duration // how old a plan may get without new data; 12 h
	Learn  time.Duration // how often the fleet's model is learned; 24 h

	// ManualModels keeps what the fleet teaches in the shadow until a person promotes it.
	ManualModels bool
}

// minSettle is the shortest Settle. Ingest passes over a mark that it set less
// than a second ago; a mark must outlive that by a wide margin, or data written
// in between would never be planned.
const minSettle = 2 * time.Second

// MinKeep is the shortest time to keep samples: a day must be over, whatever the time
// zone and the clock of the car, before its roll-up can be final.
const MinKeep = 48 * time.Hour

// One look takes at most batch vehicles with new data, and always has room for
// quietShare without: where some cars always report, parked ones still get older.
const (
	batch      = 200
	quietShare = 20
)

// Planner plans vehicles. Make one with New.
type Planner struct {
	o       Options
	quietAt time.Time // when vehicles without news were looked for and all were taken
	planned prometheus.Counter
	failed  prometheus.Counter
	expired prometheus.Counter
	seconds prometheus.Histogram
}

// New makes a planner.
func New(o Options) (*Planner, error) {
	setDefault(&o.Every, time.Second)
	setDefault(&o.Settle, 3*time.Second)
	setDefault(&o.Wait, 30*time.Second)
	setDefault(&o.Renew, 12*time.Hour)
	setDefault(&o.Learn, 24*time.Hour)
	if o.Apart == nil {
		o.Apart = func(ctx context.Context, _ vehicle.VIN, do func(context.Context) error) error { return do(ctx) }
	}
	if o.NewID == nil {
		o.NewID = rand.Text
	}
	if o.Settle < minSettle {
		return nil, fmt.Errorf("planner settle time %s is below %s: marks could be lost", o.Settle, minSettle)
	}
	for class, keep := range o.Keep {
		if keep < MinKeep && (keep != 0 || class != vehicle.ClassLocation) {
			return nil, fmt.Errorf("samples of class %s cannot be kept for %s: a day must be over first, so that at least %s are needed (only %s can be 0)",
				class, keep, MinKeep, vehicle.ClassLocation)
		}
	}
	p := &Planner{
		o:       o,
		planned: prometheus.NewCounter(prometheus.CounterOpts{Name: "pitcrew_planner_vehicles_total", Help: "Vehicles planned."}),
		failed:  prometheus.NewCounter(prometheus.CounterOpts{Name: "pitcrew_planner_failures_total", Help: "Planning rounds of a vehicle that failed; they are tried again."}),
		expired: prometheus.NewCounter(prometheus.CounterOpts{Name: "pitcrew_planner_expired_days_total", Help: "Days of vehicles that lost samples of a class because of their age."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "pitcrew_planner_seconds", Help: "Time to plan one vehicle.", Buckets: []float64{.002, .005, .02, .1, .5, 2},
		}),
	}
	for _, c := range []prometheus.Collector{p.planned, p.failed, p.expired, p.seconds} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("register planner metrics: %w", err)
		}
	}
	return p, nil
}

func setDefault(d *time.Duration, otherwise time.Duration) {
	if *d == 0 {
		*d = otherwise
	}
}

// Run plans marked vehicles until ctx ends; beside it, it learns from the fleet,
// finishes erasures and expires samples. A vehicle whose round fails keeps its marks and is tried again at the next look.
func (p *Planner) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	beside.Go(func() { p.keepLearning(ctx) })
	beside.Go(func() { p.keepErasing(ctx) })
	beside.Go(func() { p.keepExpiring(ctx) })
	defer beside.Wait()
	tick := time.NewTicker(p.o.Every)
	defer tick.Stop()
	for {
		if err := p.Round(ctx); err != nil && ctx.Err() == nil {
			p.o.Logger.Warn("planning round failed, will try again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Round plans the vehicles whose turn it is, once. It returns the errors of the
// vehicles that failed, joined. When the database is away it leaves the rest for
// the next round: they would all fail alike.
func (p *Planner) Round(ctx context.Context) error {
	now := p.o.Now()
	var marked []Marked
	err := p.o.Store.Read(ctx, func(tx Tx) error {
		var err error
		if marked, err = tx.Marked(ctx, now.Add(-p.o.Settle), now.Add(-p.o.Wait), batch); err != nil {
			return err
		}
		quiet, err := p.quiet(ctx, tx, now, max(batch-len(marked), quietShare))
		marked = append(marked, quiet...)
		return err
	})
	if err != nil {
		return fmt.Errorf("list marked vehicles: %w", err)
	}
	var errs []error
	for _, m := range marked {
		if ctx.Err() != nil {
			return errors.Join(errs...)
		}
		start := time.Now()
		err := p.planSafely(ctx, m, now)
		if err != nil && fault.CodeOf(err) == fault.NotFound {
			continue // it was erased meanwhile
		}
		if err != nil {
			p.failed.Inc()
			errs = append(errs, fmt.Errorf("plan %s: %w", m.VIN, err))
			if fault.CodeOf(err) == fault.Unavailable {
				break
			}
			continue
		}
		p.planned.Inc()
		p.seconds.Observe(time.Since(start).Seconds())
	}
	return errors.Join(errs...)
}

// quietEvery is how often vehicles without news are looked for when there are none
// left: the search goes through all vehicles, and they wait for hours.
const quietEvery = 10 * time.Second

// quiet lists vehicles without news whose plan is old.
func (p *Planner) quiet(ctx context.Context, tx Tx, now time.Time, most int) ([]Marked, error) {
	if since := now.Sub(p.quietAt); since >= 0 && since < quietEvery {
		return nil, nil
	}
	vins, err := tx.Quiet(ctx, now.Add(-p.o.Renew), most)
	if err == nil && len(vins) == 0 {
		p.quietAt = now
	}
	var list []Marked
	for _, vin := range vins {
		list = append(list, Marked{VIN: vin})
	}
	return list, err
}

// planSafely turns a panic into an error. The facts that led to it are stored, so
// they would crash the process again after every start, and with it all vehicles.
func (p *Planner) planSafely(ctx context.Context, m Marked, listed time.Time) (err error) {
	defer func() {
		if v := recover(); v != nil {
			p.o.Logger.Error("planning a vehicle failed, its marks stay", "vin", m.VIN, "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("planning panicked: %v", v)
		}
	}()
	return p.plan(ctx, m, listed)
}

// plan rolls up a vehicle's marked days and derives everything again. The marks
// were listed at the time listed: what was written since has a later mark, which
// stays and comes again.
//
// The roll-ups are read before the transaction, so another planner may have rolled
// up newer data of a day meanwhile. It has removed the day's mark then: roll-ups of
// days without one are out of date.
func (p *Planner) plan(ctx context.Context, m Marked, listed time.Time) error {
	days, err := p.rollUp(ctx, m)
	if err != nil {
		return err
	}
	return p.o.Store.Write(ctx, func(tx Tx) error {
		marked, err := tx.MarkedDays(ctx, m.VIN)
		if err != nil {
			return err
		}
		current := slices.DeleteFunc(slices.Clone(days), func(r telemetry.DayRollup) bool {
			return !slices.Contains(marked, r.Day)
		})
		if err := putRollups(ctx, tx, current); err != nil {
			return err
		}
		if err := p.derive(ctx, tx, m.VIN, p.o.Now()); err != nil {
			return err
		}
		return tx.Planned(ctx, m.VIN, listed.Add(-p.o.Settle), listed)
	})
}
