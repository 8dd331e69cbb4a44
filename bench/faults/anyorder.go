package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// workshop is the product without its transports, with a clock of its own.
type workshop struct {
	dir       string
	clock     atomic.Pointer[time.Time]
	db        *store.DB
	telemetry *embedded.Store
	planner   *planner.Planner
}

func (w *workshop) now() time.Time { return *w.clock.Load() }

func (w *workshop) set(now time.Time) { w.clock.Store(&now) }

func openWorkshop(ctx context.Context, dir string, start time.Time) (*workshop, error) {
	w := &workshop{dir: dir}
	w.set(start)
	log := slog.New(slog.DiscardHandler)
	var err error
	if w.db, err = store.Open(ctx, filepath.Join(dir, "pitcrew.db"), store.Options{Logger: log, Now: w.now}); err != nil {
		return nil, err
	}
	if w.telemetry, err = embedded.Open(dir, embedded.Options{Logger: log}); err != nil {
		return nil, err
	}
	w.planner, err = planner.New(planner.Options{
		Store: w.db.Planner(), Telemetry: w.telemetry, Now: w.now, Logger: log, Registry: prometheus.NewRegistry(), Shop: "Test Garage",
	})
	return w, err
}

// take brings deliveries in as they come, day by day, and plans every evening if
// it is to.
func (w *workshop) take(ctx context.Context, m *month, list []delivery, everyDay bool) error {
	if err := w.register(ctx, m); err != nil {
		return err
	}
	for evening := m.start.AddDate(0, 0, 1); len(list) > 0; evening = evening.AddDate(0, 0, 1) {
		n := 0
		for n < len(list) && (list[n].received.Before(evening) || !evening.Before(m.end)) {
			n++
		}
		w.set(evening)
		if err := w.ingest(ctx, list[:n]); err != nil {
			return err
		}
		list = list[n:]
		w.set(evening.Add(time.Minute)) // the marks have been quiet
		if everyDay || len(list) == 0 {
			if err := w.plan(ctx); err != nil {
				return err
			}
		}
	}
	return w.finish(ctx, m)
}

// finish learns from the fleet and plans all cars at one time.
func (w *workshop) finish(ctx context.Context, m *month) error {
	if err := w.planner.Learn(ctx); err != nil {
		return err
	}
	w.set(m.end.Add(36 * time.Hour)) // all plans are to be renewed
	return w.plan(ctx)
}

// register enters the cars.
func (w *workshop) register(ctx context.Context, m *month) error {
	return w.db.Planner().Write(ctx, func(tx planner.Tx) error {
		for car := range m.fleet.Len() {
			if err := tx.PutVehicle(ctx, m.fleet.Profile(car).Vehicle); err != nil {
				return err
			}
		}
		return nil
	})
}

// ingest sends messages through the pipeline, and records into the database, and
// returns when all of it is durable.
func (w *workshop) ingest(ctx context.Context, list []delivery) error {
	pipeline, err := ingest.New(ingest.Options{Telemetry: w.telemetry, Facts: w.db, Now: w.now})
	if err != nil {
		return err
	}
	src := &player{workshop: w, list: list}
	running, end := context.WithCancel(ctx)
	defer end()
	src.end = end
	if err := pipeline.Run(running, src); err != nil {
		return err
	}
	if n := src.refused.Load(); n > 0 {
		return fmt.Errorf("%d messages were not stored", n)
	}
	return errors.Join(src.failed, w.db.Settle(ctx)) // what it puts off would come by the clock of the machine
}

// player is a source of deliveries.
type player struct {
	*workshop
	list    []delivery
	refused atomic.Int64
	failed  error
	end     context.CancelFunc
}

// Run implements ingest.Source.
func (p *player) Run(ctx context.Context, emit ingest.Emit) error {
	left := atomic.Int64{}
	left.Store(int64(len(p.list)) + 1)
	done := func(err error) {
		if err != nil {
			p.refused.Add(1)
		}
		if left.Add(-1) == 0 {
			p.end()
		}
	}
	for _, d := range p.list {
		if d.record != nil {
			p.failed = p.add(ctx, d)
			done(p.failed)
			continue
		}
		if err := emit(ctx, ingest.Message{Topic: d.topic, Payload: d.payload, Received: d.received, Done: done}); err != nil {
			return err
		}
	}
	done(nil)
	<-ctx.Done()
	return nil
}

// add keeps the record of a visit, as the dealer's system sends it.
func (w *workshop) add(ctx context.Context, d delivery) error {
	rec := *d.record
	rec.Recorded = d.at // not when it came
	return w.db.Planner().Write(ctx, func(tx planner.Tx) error {
		if err := tx.AddRecord(ctx, rec); err != nil {
			return err
		}
		return tx.Mark(ctx, rec.VIN, vehicle.DayOf(rec.Visited), false, w.now())
	})
}

// Ready implements ingest.Source.
func (p *player) Ready(context.Context) error { return nil }

// plan plans until no car has marks and no plan is old.
func (w *workshop) plan(ctx context.Context) error {
	for {
		if err := w.planner.Round(ctx); err != nil {
			return err
		}
		counts, err := w.db.Counts(ctx)
		if err != nil {
			return err
		}
		if old, err := w.old(ctx); err != nil || counts.Unplanned+old == 0 {
			return err
		}
	}
}

// old is 1 when there are plans to be renewed.
func (w *workshop) old(ctx context.Context) (n int, err error) {
	err = w.db.Planner().Read(ctx, func(tx planner.Tx) error {
		quiet, err := tx.Quiet(ctx, w.now().Add(-12*time.Hour), 1)
		n = len(quiet)
		return err
	})
	return n, err
}

func (w *workshop) close() error {
	err := w.telemetry.Close()
	if e := w.db.Close(); err == nil {
		err = e
	}
	return err
}

// anyOrder delivers a month in order, and again in other ways, and compares
// everything that is stored.
type anyOrder struct {
	cars, days int
	seed       uint64
	out        io.Writer
}

func (a anyOrder) run(ctx context.Context, t testserver.T) (ok bool, err error) {
	m, err := newMonth(a.seed, a.cars, a.days)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(a.out, "%d cars, %d days, seed %d: %d events\n", a.cars, a.days, a.seed, len(m.events))
	inOrder, disturbed := m.inOrder(), m.disturbed(a.seed)
	var once, daily *picture // in order
	ok = true
	for _, r := range []struct {
		name  string
		list  []delivery
		daily bool
		like  **picture
	}{
		{"in order, planned at the end", inOrder, false, &once},
		{"disturbed, planned at the end", disturbed, false, &once},
		{"all of it at the end, shuffled, planned at the end", m.atTheEnd(a.seed), false, &once},
		{"in order, planned every day", inOrder, true, &daily},
		{"disturbed, planned every day", disturbed, true, &daily},
	} {
		began := time.Now()
		got, err := pictureAfter(ctx, t.TempDir(), m, r.list, r.daily)
		if err != nil {
			return false, fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Fprintf(a.out, "%s (%s)\n  %s\n", r.name, time.Since(began).Round(time.Second), disorderOf(r.list))
		switch {
		case *r.like != nil:
			ok = (*r.like).compare(a.out, got, r.daily) && ok
			continue
		case once != nil:
			fmt.Fprintln(a.out, "  beside planning at the end:")
			once.compare(a.out, got, r.daily)
		default:
			got.print(a.out)
		}
		*r.like = got
	}
	return ok, nil
}

func pictureAfter(ctx context.Context, dir string, m *month, list []delivery, everyDay bool) (*picture, error) {
	w, err := openWorkshop(ctx, dir, m.start)
	if err != nil {
		return nil, err
	}
	if err := w.take(ctx, m, list, everyDay); err != nil {
		return nil, err
	}
	p, err := w.picture(ctx, m)
	if e := w.close(); err == nil {
		err = e
	}
	return p, err
}
