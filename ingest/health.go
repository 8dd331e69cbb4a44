package ingest

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// health remembers which store is refusing writes, since when and why.
type health struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	away map[string]outage
}

type outage struct {
	since time.Time
	cause error
}

func (h *health) failed(store string, cause error, next time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o, known := h.away[store]
	if !known {
		o.since = h.now()
	}
	o.cause = cause
	if h.away == nil {
		h.away = make(map[string]outage)
	}
	h.away[store] = o
	h.log.Warn("store refuses writes; messages wait unacknowledged",
		"store", store, "error", cause, "since", o.since, "next_try_in", next)
}

func (h *health) recovered(store string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o, known := h.away[store]; known {
		delete(h.away, store)
		h.log.Info("store takes writes again", "store", store, "away_for", h.now().Sub(o.since))
	}
}

func (h *health) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, store := range []string{storeTelemetry, storeFacts} {
		if o, away := h.away[store]; away {
			errs = append(errs, fmt.Errorf("%s store refuses writes, messages wait: %w", store, o.cause))
		}
	}
	return errors.Join(errs...)
}
