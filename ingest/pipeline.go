package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// ErrStopping is returned by Emit when the pipeline takes nothing more.
var ErrStopping = errors.New("ingest is stopping")

// ErrEnded says that a source ended although nobody had asked it to.
var ErrEnded = errors.New("ended unexpectedly")

// Pipeline brings messages from sources into the stores.
//
//	source ─▶ budget ─┬─▶ order ───────────────▶ committer ─▶ telemetry ─▶ facts ─▶ Done
//	                  └─▶ work ─▶ decoders ──ready──┘
//
// Decoding is pure, so any worker may decode any message; the committer takes
// messages in the order they were received and waits for each to be decoded.
// That keeps the order of every vehicle without binding it to a worker, and
// acknowledges in the order of receipt. While one commit runs, the next batch
// gathers in the order channel: a group commit without a timer.
type Pipeline struct {
	o       Options
	metrics *metrics
	budget  *budget
	health  health

	order chan *item // both hold whatever the budget admits, so sending never blocks
	work  chan *item
	items sync.Pool

	gate    sync.RWMutex // closed is set under it, so that nobody sends on a closed channel
	closed  bool
	running atomic.Bool
	sources atomic.Pointer[[]Source]
}

// New makes a pipeline. It fails on missing stores and when its metrics are
// already registered.
func New(o Options) (*Pipeline, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pipeline{
		o:      o,
		budget: newBudget(o.MaxUnackedMessages, o.MaxUnackedBytes),
		health: health{log: o.Logger, now: o.Now},
		order:  make(chan *item, o.MaxUnackedMessages),
		work:   make(chan *item, o.MaxUnackedMessages),
		items:  sync.Pool{New: func() any { return &item{ready: make(chan struct{}, 1)} }},
	}
	p.metrics, err = newMetrics(o.Registerer, p.budget, o.Now)
	if err != nil {
		return nil, fmt.Errorf("register ingest metrics: %w", err)
	}
	return p, nil
}

// Run takes messages from the sources until ctx ends or a source fails, then
// stops the sources and commits what they had handed over. What the stores do
// not take within StopTimeout stays unacknowledged and comes again later. A
// pipeline runs once.
func (p *Pipeline) Run(ctx context.Context, sources ...Source) error {
	if !p.running.CompareAndSwap(false, true) {
		return errors.New("run ingest pipeline: it was started before")
	}
	c, err := newCommitter(p)
	if err != nil {
		return fmt.Errorf("run ingest pipeline: %w", err)
	}
	p.sources.Store(&sources)

	// The stores must not see the end of ctx: what is on its way is still written.
	commitCtx, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	var sinks sync.WaitGroup
	for range p.o.Workers {
		sinks.Go(p.decodeAll)
	}
	sinks.Go(func() { c.run(commitCtx) })

	err = p.runSources(ctx, sources)
	p.close()
	hardStop := time.AfterFunc(p.o.StopTimeout, abandon)
	sinks.Wait()
	hardStop.Stop()
	if c.unacked > 0 {
		p.o.Logger.Warn("ingest stopped with messages not acknowledged; they will come again", "messages", c.unacked)
	}
	return err
}

// runSources returns nil when ctx ended and every source stopped cleanly.
func (p *Pipeline) runSources(ctx context.Context, sources []Source) error {
	group, sourceCtx := errgroup.WithContext(ctx)
	for i, s := range sources {
		group.Go(func() error {
			err := s.Run(sourceCtx, p.emit)
			if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())) {
				return nil
			}
			if err == nil && sourceCtx.Err() == nil {
				err = ErrEnded
			}
			if err != nil {
				return fmt.Errorf("ingest source %d: %w", i, err)
			}
			return nil
		})
	}
	if len(sources) == 0 {
		<-ctx.Done()
	}
	return group.Wait()
}

// emit is the Emit that sources get.
func (p *Pipeline) emit(ctx context.Context, m Message) error {
	size, err := p.budget.acquire(ctx, m, p.o.MaxMessageBytes)
	if err != nil {
		return fmt.Errorf("wait for room in ingest: %w", err)
	}
	if m.Received.IsZero() {
		m.Received = p.o.Now()
	}
	p.gate.RLock()
	defer p.gate.RUnlock()
	if p.closed {
		p.budget.release(size)
		return ErrStopping
	}
	it := p.items.Get().(*item)
	it.Message, it.came, it.size = m, int64(len(m.Payload)), size
	if m.apart == nil {
		p.metrics.received.Inc()
	}
	p.order <- it
	p.work <- it
	return nil
}

// close lets nothing more in. What is inside is still worked off.
func (p *Pipeline) close() {
	p.gate.Lock()
	defer p.gate.Unlock()
	p.closed = true
	close(p.order)
	close(p.work)
}

func (p *Pipeline) decodeAll() {
	var located places
	for it := range p.work {
		p.decode(it, &located)
		it.size = p.budget.settle(it.size, it)
		it.ready <- struct{}{}
	}
}

// finish answers a message and gives its room in the budget back.
func (p *Pipeline) finish(it *item, err error) {
	if it.settled != nil {
		it.settled(err, len(it.refused) > 0)
	}
	if it.Done != nil {
		it.Done(err)
	}
	p.budget.release(it.size)
	it.reset()
	p.items.Put(it)
}

// Ready reports whether messages can come in and be stored now, and if not, why.
func (p *Pipeline) Ready(ctx context.Context) error {
	sources := p.sources.Load()
	if sources == nil {
		return errors.New("ingest has not started")
	}
	errs := []error{p.health.err()}
	for _, s := range *sources {
		errs = append(errs, s.Ready(ctx))
	}
	return errors.Join(errs...)
}
