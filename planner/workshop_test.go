package planner_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// workshop is the embedded product without its transports, with a clock that
// stands where the test puts it.
type workshop struct {
	t         testing.TB
	dir       string
	now       atomic.Pointer[time.Time]
	db        *store.DB
	telemetry *embedded.Store
	planner   *planner.Planner
}

func open(t testing.TB, now time.Time) *workshop {
	t.Helper()
	w := &workshop{t: t}
	w.now.Store(&now)
	clock := func() time.Time { return *w.now.Load() }
	log := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	w.dir = dir
	var err error
	if w.db, err = store.Open(t.Context(), filepath.Join(dir, "pitcrew.db"), store.Options{Logger: log, Now: clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	if w.telemetry, err = embedded.Open(dir, embedded.Options{Logger: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.telemetry.Close() })
	if w.planner, err = planner.New(planner.Options{
		Store: w.db.Planner(), Telemetry: w.telemetry, Now: clock, Logger: log, Registry: prometheus.NewRegistry(), Shop: "Test Garage",
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

// enter registers the cars with their papers, as the dealer does.
func (w *workshop) enter(fleet *simulator.Fleet) {
	w.t.Helper()
	for i := range fleet.Len() {
		v := fleet.Profile(i).Vehicle
		if err := w.planner.Register(w.t.Context(), v.VIN, func(to *vehicle.Vehicle) { *to = v }); err != nil {
			w.t.Fatal(err)
		}
		for n, visit := range fleet.Visits(i) {
			rec := history.Record{
				VIN: v.VIN, Visited: visit.Time, OdometerKm: visit.OdometerKm, Source: history.FromDealer,
				SourceID: fmt.Sprintf("%s-%d", v.VIN, n), Shop: visit.Shop,
				Items: []history.Item{{Text: "inspection"}},
			}
			for _, item := range visit.Items {
				rec.Items = append(rec.Items, history.Item{Component: item})
			}
			for _, m := range visit.Measurements {
				rec.Measurements = append(rec.Measurements, history.Measurement{Component: m.Component, Value: m.Value, Unit: m.Unit})
			}
			if _, err := w.planner.AddRecord(w.t.Context(), rec); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// take sends messages through the pipeline and waits until all are acknowledged.
func (w *workshop) take(messages []simulator.Message) {
	w.t.Helper()
	// Messages came a minute ago: their marks have been quiet long enough.
	received := w.now.Load().Add(-time.Minute)
	pipeline, err := ingest.New(ingest.Options{
		Telemetry: w.telemetry, Facts: w.db, Now: func() time.Time { return received },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	src := &played{messages: messages, received: received, done: make(chan struct{})}
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	go func() {
		<-src.done
		cancel()
	}()
	if err := pipeline.Run(ctx, src); err != nil {
		w.t.Fatal(err)
	}
	if n := src.refused.Load(); n > 0 {
		w.t.Fatalf("%d messages were not stored", n)
	}
}

// settle plans until nothing is marked any more.
func (w *workshop) settle() {
	w.t.Helper()
	for range 100 {
		if err := w.planner.Round(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		counts, err := w.db.Counts(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if counts.Unplanned == 0 {
			return
		}
	}
	w.t.Fatal("marks do not come to rest")
}

// played is a source that emits a list and ends the run when all is stored.
type played struct {
	messages []simulator.Message
	received time.Time
	refused  atomic.Int64
	done     chan struct{}
}

func (s *played) Run(ctx context.Context, emit ingest.Emit) error {
	left := atomic.Int64{}
	left.Store(int64(len(s.messages)))
	for _, m := range s.messages {
		err := emit(ctx, ingest.Message{
			Topic: m.Topic, Payload: m.Payload, Received: s.received,
			Done: func(err error) {
				if err != nil {
					s.refused.Add(1)
				}
				if left.Add(-1) == 0 {
					close(s.done)
				}
			},
		})
		if err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (s *played) Ready(context.Context) error { return nil }
