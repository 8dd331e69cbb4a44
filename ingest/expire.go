package ingest

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Shelf is quarantine as an Expirer sees it.
type Shelf interface {
	// QuarantineSize returns how many entries there are, and the bytes of their
	// topics, payloads, places and reasons together.
	QuarantineSize(ctx context.Context) (entries int, bytes int64, err error)

	// ExpireOldest removes at most limit entries, those first that came last the
	// longest time ago: those that came last before a time, and further ones
	// until excess bytes are gone.
	ExpireOldest(ctx context.Context, before time.Time, excess int64, limit int) (Expired, error)
}

// Expired is what was removed in one go.
type Expired struct {
	Aged    int // because they were too old
	Crowded int // because there was too much
	Bytes   int64
}

// ExpirerOptions are what an Expirer works with. A limit of zero is none.
type ExpirerOptions struct {
	Shelf      Shelf
	Keep       time.Duration // how long an entry stays after its message came last
	MaxBytes   int64         // what all entries may have together
	Every      time.Duration // pause between two rounds; 5 minutes
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	Now        func() time.Time // nil: time.Now
}

// Expirer keeps quarantine within its limits. A device that sends what nobody
// can read would otherwise fill the disk that the readable messages need.
type Expirer struct {
	o       ExpirerOptions
	expired *prometheus.CounterVec
}

// expireAtOnce bounds one transaction: messages that come in wait for it.
const expireAtOnce = 500

// NewExpirer makes an expirer; Run runs it. It fails when its metrics are
// already registered.
func NewExpirer(o ExpirerOptions) (*Expirer, error) {
	orDefault(&o.Every, 5*time.Minute)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	e := &Expirer{
		o: o,
		expired: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "pitcrew", Subsystem: "quarantine", Name: "expired_total",
			Help: "Entries removed from quarantine because they were too old or there was too much."}, []string{"why"}),
	}
	e.expired.WithLabelValues("age")
	e.expired.WithLabelValues("size")
	if o.Registerer == nil {
		return e, nil
	}
	return e, register(o.Registerer, e.expired, fill(o.Shelf, o.Logger))
}

// Run holds a round now and then until ctx ends. A round that fails is logged,
// and the next one does its work.
func (e *Expirer) Run(ctx context.Context) error {
	pause := time.NewTicker(e.o.Every)
	defer pause.Stop()
	for {
		if err := e.Round(ctx); err != nil && !errors.Is(err, ctx.Err()) {
			e.o.Logger.Warn("expiring quarantine failed, will try again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
	}
}

// Round removes what is too old and what is too much, in small transactions.
func (e *Expirer) Round(ctx context.Context) error {
	_, bytes, err := e.o.Shelf.QuarantineSize(ctx)
	if err != nil {
		return err
	}
	var before time.Time
	if e.o.Keep > 0 {
		before = e.o.Now().Add(-e.o.Keep)
	}
	var sum Expired
	for {
		excess := int64(0)
		if e.o.MaxBytes > 0 {
			excess = max(0, bytes-sum.Bytes-e.o.MaxBytes)
		}
		var step Expired
		if step, err = e.o.Shelf.ExpireOldest(ctx, before, excess, expireAtOnce); err != nil {
			break
		}
		sum = Expired{sum.Aged + step.Aged, sum.Crowded + step.Crowded, sum.Bytes + step.Bytes}
		if step.Aged+step.Crowded < expireAtOnce {
			break
		}
	}
	e.expired.WithLabelValues("age").Add(float64(sum.Aged))
	e.expired.WithLabelValues("size").Add(float64(sum.Crowded))
	if sum.Aged+sum.Crowded > 0 {
		e.o.Logger.Warn("quarantine expired; what is gone cannot be replayed any more",
			"too_old", sum.Aged, "too_much", sum.Crowded, "bytes", sum.Bytes)
	}
	return err
}
