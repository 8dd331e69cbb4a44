package reminders

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
)

// retryGaps are the waits after each failed attempt: about three days in all.
var retryGaps = [...]time.Duration{
	5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// ErrOutdated is the reason of a message that was not sent because it was no
// longer news.
var ErrOutdated = errors.New("no longer news")

// DispatcherOptions are what a Dispatcher can be told. Zero values are good,
// but for the clock.
type DispatcherOptions struct {
	Now     func() time.Time
	Logger  *slog.Logger  // nil discards
	Poll    time.Duration // how long to rest when nothing is due; 0 is 2 s
	Timeout time.Duration // for one attempt; 0 is 20 s
	Grace   time.Duration // for the attempts under way at the end; 0 is 3 s
	Lease   time.Duration // 0 is 2 min; it must exceed twice the Timeout
	Batch   int           // messages claimed at once; 0 is 32
	Workers int           // attempts at once; 0 is 4

	// StillNews is asked before a message is sent; nil sends all. An error puts
	// the message off.
	StillNews func(ctx context.Context, m Message) (bool, error)
	// Registerer gets pitcrew_messages_total by outcome; nil registers nothing.
	Registerer prometheus.Registerer
}

// Dispatcher takes messages from an outbox to a channel: at least once each,
// with the same Message.ID whenever it has to repeat one.
type Dispatcher struct {
	outbox  Outbox
	channel Channel
	o       DispatcherOptions
	total   *prometheus.CounterVec
}

// NewDispatcher returns a dispatcher that works once Run is called.
func NewDispatcher(outbox Outbox, channel Channel, o DispatcherOptions) (*Dispatcher, error) {
	setDefault(&o.Poll, 2*time.Second)
	setDefault(&o.Timeout, 20*time.Second)
	setDefault(&o.Grace, 3*time.Second)
	setDefault(&o.Lease, 2*time.Minute)
	setDefault(&o.Batch, 32)
	setDefault(&o.Workers, 4)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		return nil, errors.New("the dispatcher needs a clock")
	}
	if o.Lease <= 2*o.Timeout {
		return nil, fmt.Errorf("the lease of %v must exceed twice the timeout of %v", o.Lease, o.Timeout)
	}
	d := &Dispatcher{outbox: outbox, channel: channel, o: o, total: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pitcrew_messages_total", Help: "Attempts to reach an owner, by outcome: delivered, failed, dead, outdated.",
	}, []string{"outcome"})}
	if o.Registerer != nil {
		if err := o.Registerer.Register(d.total); err != nil {
			return nil, fmt.Errorf("register message metrics: %w", err)
		}
	}
	return d, nil
}

func setDefault[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Run delivers until the context ends; then it gives the attempts under way the
// Grace to finish, marks them, and returns nil. One that was cut off may have
// reached its owner; it is repeated under the same id. Trouble with the outbox is
// logged and tried again.
func (d *Dispatcher) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		claimedAt := d.o.Now()
		claimed, err := d.outbox.Claim(ctx, d.o.Batch, d.o.Lease)
		if err != nil && ctx.Err() == nil {
			d.o.Logger.ErrorContext(ctx, "claim messages", "error", err)
		}
		d.deliver(ctx, claimed, claimedAt.Add(d.o.Lease-d.o.Timeout))
		if err != nil || len(claimed) == 0 {
			rest(ctx, d.o.Poll)
		}
	}
	return nil
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// deliver tries a batch. What cannot be begun before the lease runs short stays
// leased, and is claimed again afterwards.
func (d *Dispatcher) deliver(ctx context.Context, claimed []Claimed, beginUntil time.Time) {
	var workers errgroup.Group
	workers.SetLimit(d.o.Workers)
	for _, c := range claimed {
		if ctx.Err() != nil {
			break
		}
		workers.Go(func() error {
			if ctx.Err() == nil && d.o.Now().Before(beginUntil) { // it may have waited for a worker
				d.attempt(ctx, c)
			}
			return nil
		})
	}
	_ = workers.Wait() // the workers report to the outbox
}

// attempt sends one message and marks it. When marking fails the lease ends by
// itself and the message is sent again, under the same id.
func (d *Dispatcher) attempt(ctx context.Context, c Claimed) {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.o.Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(d.o.Grace, cancel) })()
	err := d.send(sending, c.Message)

	mark, cancelMark := context.WithTimeout(context.WithoutCancel(ctx), d.o.Timeout)
	defer cancelMark()
	outcome := "delivered"
	var marked error
	switch {
	case err == nil:
		marked = d.outbox.Delivered(mark, c.ID)
	case errors.Is(err, ErrOutdated):
		outcome, marked = "outdated", d.outbox.Dead(mark, c.ID, err)
	case errors.Is(err, ErrDisabled) || c.Attempt > len(retryGaps):
		outcome, marked = "dead", d.outbox.Dead(mark, c.ID, err)
	default:
		outcome, marked = "failed", d.outbox.Failed(mark, c.ID, d.o.Now().Add(gap(c)), err)
	}
	d.total.WithLabelValues(outcome).Inc()
	if err != nil {
		d.o.Logger.WarnContext(mark, "message not sent", "id", c.ID, "vin", c.VIN, "attempt", c.Attempt, "outcome", outcome, "error", err)
	}
	if marked != nil {
		d.o.Logger.ErrorContext(mark, "mark message", "id", c.ID, "outcome", outcome, "error", marked)
	}
}

func (d *Dispatcher) send(ctx context.Context, m Message) error {
	if d.o.StillNews != nil {
		ok, err := d.o.StillNews(ctx, m)
		if err != nil {
			return fmt.Errorf("look whether it is still news: %w", err)
		}
		if !ok {
			return ErrOutdated
		}
	}
	return d.channel.Send(ctx, m)
}

// gap is the wait after a failed attempt, stretched by up to a tenth so that
// messages which failed together do not come back together.
func gap(c Claimed) time.Duration {
	base := retryGaps[max(c.Attempt, 1)-1]
	h := fnv.New32a()
	h.Write([]byte(c.ID))
	return base + time.Duration(float64(base)*0.1*float64(h.Sum32())/(1<<32))
}
