package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A look at all parts is taken lookEvery, also when nobody asks, and may take
// lookLimit. It writes a row to the time series, so it is not taken all the time.
const (
	lookEvery = 10 * time.Second
	lookLimit = 3 * time.Second
)

// watch knows which parts do not work, and since when.
type watch struct {
	parts func(context.Context) map[string]error // asks each, nil for one that works
	now   func() time.Time
	away  *prometheus.GaugeVec

	mu    sync.Mutex
	since map[string]time.Time
}

func newWatch(parts func(context.Context) map[string]error, now func() time.Time, r prometheus.Registerer) (*watch, error) {
	w := &watch{parts: parts, now: now, since: map[string]time.Time{}, away: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "pitcrew_away_since_timestamp_seconds",
		Help: "Since when a part does not work, in seconds since 1970; 0 while it works.",
	}, []string{"part"})}
	if err := r.Register(w.away); err != nil {
		return nil, fmt.Errorf("register the metrics of readiness: %w", err)
	}
	return w, nil
}

// Run looks until ctx ends.
func (w *watch) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		look, cancel := context.WithTimeout(ctx, lookLimit)
		w.ready(look)
		cancel()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// ready asks every part whether it can work now. The error of one that cannot says
// since when, as far as somebody looked.
func (w *watch) ready(ctx context.Context) map[string]error {
	began := w.now()
	state := w.parts(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		return state // the asker has gone, which says nothing about the parts
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for part, err := range state {
		if err == nil {
			delete(w.since, part)
			w.away.WithLabelValues(part).Set(0)
			continue
		}
		since, known := w.since[part]
		if !known {
			since = began
			w.since[part] = since
		}
		w.away.WithLabelValues(part).Set(float64(since.Unix()))
		state[part] = fmt.Errorf("does not work since %s: %w", since.UTC().Format(time.RFC3339), err)
	}
	return state
}
