package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"
)

// result is one measurement.
type result struct {
	Name     string  `json:"name"`
	Path     string  `json:"path"`
	Traffic  string  `json:"traffic"`
	Round    int     `json:"round"`
	Messages int     `json:"messages"`
	PerSec   float64 `json:"messagesPerSecond"` // until everything is queryable
	Costs    []cost  `json:"processes"`

	HalfRate float64 `json:"halfLoadPerSecond,omitempty"`
	P50      float64 `json:"p50Seconds,omitempty"` // from publish to stored, at half load
	P99      float64 `json:"p99Seconds,omitempty"`
}

// cost is what a process took.
type cost struct {
	Process string  `json:"process"`
	CPU     float64 `json:"cpuSecondsPer100000"`
	PeakMB  float64 `json:"peakMB"`
}

func (r result) String() string {
	s := fmt.Sprintf("%s %.0f messages/s", r.Name, r.PerSec)
	for _, c := range r.Costs {
		s += fmt.Sprintf(", %s %.2f CPU s", c.Process, c.CPU)
	}
	if r.HalfRate > 0 {
		s += fmt.Sprintf(", p99 %.0f ms", r.P99*1000)
	}
	return s
}

// measure starts a path anew and measures it.
func (b *bench) measure(ctx context.Context, p path, round int) (r result, err error) {
	b.runs++
	folder := filepath.Join(b.folder, fmt.Sprintf("%02d-%s", b.runs, p.name()))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return r, err
	}
	defer func() {
		p.stop()
		if b.Keep == "" {
			_ = os.RemoveAll(folder)
		}
	}()
	if err := p.start(ctx, folder); err != nil {
		return r, err
	}
	d, err := p.open(ctx)
	if err != nil {
		return r, err
	}
	defer d.close()
	r = result{Name: p.name(), Path: b.Path, Traffic: b.Traffic, Round: round, Messages: b.Messages}
	if _, err := b.pass(ctx, p, d, b.Vehicles, 0); err != nil { // so that every car is known
		return r, fmt.Errorf("first message of every car: %w", err)
	}
	if err := b.settle(ctx); err != nil {
		return r, err
	}
	total := b.Vehicles + b.Messages
	if err := b.full(ctx, p, d, &r); err != nil {
		return r, err
	}
	if b.HalfLoad > 0 {
		n, err := b.half(ctx, p, d, &r)
		if err != nil {
			return r, fmt.Errorf("half load: %w", err)
		}
		total += n
	}
	for i, process := range p.processes() {
		peak, err := process.peakMemory()
		if err != nil {
			return r, err
		}
		r.Costs[i].PeakMB = float64(peak) / (1 << 20)
	}
	return r, p.check(ctx, int64(total))
}

// full measures at the rate that the path can take.
func (b *bench) full(ctx context.Context, p path, d driver, r *result) error {
	before, err := cpuTimes(p)
	if err != nil {
		return err
	}
	profiled := make(chan error, 1)
	go func() { profiled <- b.profile(ctx, p) }()
	start := time.Now()
	if _, err := b.pass(ctx, p, d, b.Messages, 0); err != nil {
		return err
	}
	r.PerSec = float64(b.Messages) / time.Since(start).Seconds()
	after, err := cpuTimes(p)
	if err != nil {
		return err
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	settled, err := cpuTimes(p)
	if err != nil {
		return err
	}
	for i, process := range p.processes() {
		if process.name == "pitcrew" || process.name == "telegraf" {
			after[i] = settled[i]
		}
		used := (after[i] - before[i]).Seconds() / float64(b.Messages) * 100_000
		r.Costs = append(r.Costs, cost{Process: process.name, CPU: used})
	}
	return <-profiled
}

// settle waits until work that was put off is done.
func (b *bench) settle(ctx context.Context) error {
	select {
	case <-time.After(b.Settle):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// profile writes a CPU profile of pitcrew, if it is asked for.
func (b *bench) profile(ctx context.Context, p path) error {
	if b.Profile == "" || p.name() != "pitcrew" {
		return nil
	}
	f, err := os.Create(b.Profile)
	if err != nil {
		return err
	}
	return errors.Join(download(ctx, "http://"+b.profiler+"/debug/pprof/profile?seconds=20", f), f.Close())
}

func cpuTimes(p path) ([]time.Duration, error) {
	var all []time.Duration
	for _, process := range p.processes() {
		used, err := process.cpu()
		if err != nil {
			return nil, err
		}
		all = append(all, used)
	}
	return all, nil
}

// half measures the delay at half that rate. Messages are stored in about the
// order in which they are published, so the n-th that was stored is taken for the
// n-th that was published.
func (b *bench) half(ctx context.Context, p path, d driver, r *result) (int, error) {
	r.HalfRate = r.PerSec / 2
	n := int(r.HalfRate * b.HalfLoad.Seconds())
	run, err := b.pass(ctx, p, d, n, r.HalfRate)
	if err != nil {
		return n, err
	}
	delays := make([]float64, n)
	for i, published := range run.published {
		when := sort.Search(len(run.stored), func(k int) bool { return run.stored[k].n > i })
		delays[i] = run.stored[when].at.Sub(published).Seconds()
	}
	sort.Float64s(delays)
	r.P50, r.P99 = delays[n/2], delays[n*99/100]
	return n, nil
}

// passage is how messages went through a path.
type passage struct {
	published []time.Time // in order
	stored    []progress  // growing
}

type progress struct {
	at time.Time
	n  int // messages stored until then
}

// How often to look how much is stored. A look costs influxd about 1 ms of CPU time:
// often is for the delays, which are a few milliseconds, and seldom for the costs, to
// which it would add a tenth.
const (
	lookOften  = 10 * time.Millisecond
	lookSeldom = 100 * time.Millisecond
	giveUp     = 2 * time.Minute // without any progress
)

// pass publishes n messages and waits until all are stored.
func (b *bench) pass(ctx context.Context, p path, d driver, n int, rate float64) (passage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	before, err := p.stored(ctx)
	if err != nil {
		return passage{}, err
	}
	var run passage
	published := make(chan error, 1)
	go func() {
		var err error
		run.published, err = d.publish(ctx, n, rate)
		published <- err
	}()
	wait := func(err error) (passage, error) {
		cancel()
		return passage{}, errors.Join(err, <-published)
	}
	lookEvery := lookSeldom
	if rate > 0 {
		lookEvery = lookOften
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	last := progress{at: time.Now()}
	for last.n < n {
		select {
		case err := <-published:
			if err != nil {
				return passage{}, err
			}
			published <- nil
		default:
		}
		select {
		case <-ctx.Done():
			return wait(ctx.Err())
		case <-look.C:
		}
		now, err := p.stored(ctx)
		if err != nil {
			return wait(err)
		}
		if got := int(now - before); got > last.n {
			last = progress{time.Now(), got}
			run.stored = append(run.stored, last)
		} else if time.Since(last.at) > giveUp {
			return wait(fmt.Errorf("%d of %d messages are stored, and no more come; %s says:\n%s", last.n, n,
				p.processes()[len(p.processes())-1].name, p.processes()[len(p.processes())-1].lastWords()))
		}
	}
	return run, <-published
}
