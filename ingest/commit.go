package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Retries of a store start quickly and settle at retryMax: long enough not to
// keep a recovering database busy, short enough not to be noticed once it is back.
const (
	retryFirst = 100 * time.Millisecond
	retryMax   = 10 * time.Second
)

// committer makes batches durable and acknowledges them. It runs in one
// goroutine, so what it remembers of vehicles needs no lock.
type committer struct {
	*Pipeline
	marks   *markMemory
	urgency *urgency
	repeats *repeats
	clocks  *clocks
	batch   []*item
	held    *item // taken from the order, and not for this batch
	unacked int   // messages answered with an error
}

func newCommitter(p *Pipeline) (*committer, error) {
	marks, err := newMarkMemory()
	if err != nil {
		return nil, err
	}
	urgency, err := newUrgency()
	if err != nil {
		return nil, err
	}
	repeats, err := newRepeats()
	if err != nil {
		return nil, err
	}
	clocks, err := newClocks()
	if err != nil {
		return nil, err
	}
	return &committer{Pipeline: p, marks: marks, urgency: urgency, repeats: repeats, clocks: clocks}, nil
}

// run commits until the order channel is closed and empty.
func (c *committer) run(ctx context.Context) {
	for first := c.next(); first != nil; first = c.next() {
		if first.apart != nil {
			c.stepAside(ctx, first)
			continue
		}
		c.gather(first)
		c.metrics.oldest.Store(first.Received.UnixNano())
		started := time.Now()
		err := c.commit(ctx)
		if err == nil {
			c.metrics.commits.Inc()
			c.metrics.batchMessages.Observe(float64(len(c.batch)))
		} else {
			c.unacked += len(c.batch)
		}
		for _, it := range c.batch {
			c.finish(it, err)
		}
		c.metrics.commitSeconds.Observe(time.Since(started).Seconds())
		c.metrics.oldest.Store(0)
		clear(c.batch)
	}
}

// gather takes what is waiting, up to the limits of a batch, and waits until all
// of it is decoded.
func (c *committer) gather(first *item) {
	c.batch = append(c.batch[:0], first)
	bytes := first.came
	for len(c.batch) < c.o.MaxBatchMessages && bytes < c.o.MaxBatchBytes {
		it := c.waiting()
		if it == nil || it.apart != nil {
			c.held = it
			break
		}
		c.batch = append(c.batch, it)
		bytes += it.came
	}
	for _, it := range c.batch {
		<-it.ready
	}
}

// next waits for what comes first now; nil when the order is closed and empty.
func (c *committer) next() *item {
	if it := c.held; it != nil {
		c.held = nil
		return it
	}
	return <-c.order
}

// waiting returns the next message, nil when there is none yet or no more.
func (c *committer) waiting() *item {
	select {
	case it := <-c.order:
		return it
	default:
		return nil
	}
}

// commit writes samples first and facts second. After a crash between the two
// nothing was acknowledged, so the messages come again, and both writes are
// idempotent; facts and marks never speak of samples that are not there.
func (c *committer) commit(ctx context.Context) error {
	records, origins := recordsOf(c.batch)
	if err := c.write(ctx, records, origins); err != nil {
		return err
	}
	if err := c.record(ctx); err != nil {
		c.repeats.forget()
		c.clocks.forget()
		return err
	}
	c.metrics.samples.Add(float64(len(records)))
	for _, it := range c.batch {
		c.metrics.locationDropped.Add(float64(it.located))
		if it.settled != nil {
			continue // it was counted when it came
		}
		for _, r := range it.refused {
			c.metrics.quarantined.WithLabelValues(r.class).Inc()
		}
	}
	return nil
}

// record makes the facts of the batch durable, with the marks they need. Facts
// that were long on their way get marks of their own: the planner may have taken
// those that were to stand for them before the facts were there.
func (c *committer) record(ctx context.Context) error {
	facts, touched := c.factsOf(c.batch)
	decided := c.o.Now()
	facts.Marks = c.marks.needed(touched, decided)
	try := func() error { return c.o.Facts.Record(ctx, facts) }
	err := c.retry(ctx, storeFacts, try)
	if now := c.o.Now(); err == nil && len(facts.Marks) < len(touched) && now.Sub(decided) >= markWindow {
		facts = Batch{Marks: c.marks.all(touched, now)}
		err = c.retry(ctx, storeFacts, try)
	}
	return err
}

// write brings the records into the telemetry store. Records that it refuses for
// good become refusals of their messages.
func (c *committer) write(ctx context.Context, records []telemetry.Record, origins []origin) error {
	if len(records) == 0 {
		return nil
	}
	err := c.retry(ctx, storeTelemetry, func() error {
		err := c.o.Telemetry.Write(ctx, records)
		if partial := (*telemetry.PartialError)(nil); errors.As(err, &partial) {
			return backoff.Permanent(err)
		}
		return err
	})
	partial := (*telemetry.PartialError)(nil)
	if !errors.As(err, &partial) {
		return err
	}
	c.refuseRecords(partial, origins)
	return nil
}

func (c *committer) refuseRecords(partial *telemetry.PartialError, origins []origin) {
	parts := make([][]*vehicle.Refusal, len(c.batch))
	for _, r := range partial.Rejected {
		if r.Index < 0 || r.Index >= len(origins) {
			c.o.Logger.Error("telemetry store refused a record that was not in the batch", "index", r.Index, "reason", r.Reason)
			continue
		}
		o := origins[r.Index]
		parts[o.item] = append(parts[o.item], &vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("samples[%d]", o.sample), Reason: r.Reason})
	}
	for i, it := range c.batch {
		it.refuseParts(classStore, parts[i])
	}
}

// retry calls op until it succeeds, fails permanently or ctx ends. The messages
// keep their room in the budget, so sources feel the outage as backpressure.
func (c *committer) retry(ctx context.Context, store string, op func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval, waits.Multiplier = retryFirst, retryMax, 2
	away := c.metrics.storeAway.WithLabelValues(store)
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, op() },
		backoff.WithBackOff(waits),
		backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, next time.Duration) {
			away.Set(1)
			c.metrics.retries.WithLabelValues(store).Inc()
			c.health.failed(store, err, next)
		}))
	if ctx.Err() == nil {
		away.Set(0)
		c.health.recovered(store)
	}
	return err
}
