// Package lifecycle starts the long-running parts of a process in order and
// stops them in the reverse order: sinks start first and stop last, so nothing
// is accepted that could no longer be stored.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Part is one long-running part. Run works until its context ends and returns
// nil then; any earlier return, with or without an error, stops the group.
type Part struct {
	Name string
	Run  func(ctx context.Context) error
}

// Group is an ordered list of parts.
type Group struct {
	Logger *slog.Logger
	// StopTimeout bounds how long one part may take to stop; 0 means 10 seconds.
	StopTimeout time.Duration
	parts       []Part
}

// Add appends a part: it starts after, and stops before, the parts added before it.
func (g *Group) Add(name string, run func(ctx context.Context) error) {
	g.parts = append(g.parts, Part{Name: name, Run: run})
}

// ErrEnded says that a part ended although nobody had asked it to.
var ErrEnded = errors.New("ended unexpectedly")

type exit struct {
	part int
	err  error
}

// Run starts every part and blocks until ctx ends or a part fails; then it stops
// all parts, last one first, each within StopTimeout. It returns nil after a
// clean stop asked for by ctx, else the errors joined.
func (g *Group) Run(ctx context.Context) error {
	exits := make(chan exit, len(g.parts))
	stop := make([]context.CancelFunc, len(g.parts))
	for i, p := range g.parts {
		partCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		stop[i] = cancel
		go func() { exits <- exit{i, p.Run(partCtx)} }()
	}
	done := make([]bool, len(g.parts))
	var errs []error
	select {
	case <-ctx.Done():
	case e := <-exits:
		done[e.part] = true
		errs = append(errs, g.failure(e))
	}
	for i := len(g.parts) - 1; i >= 0; i-- {
		stop[i]()
		errs = append(errs, g.await(i, exits, done)...)
	}
	return errors.Join(errs...)
}

// await waits until part i has ended, noting others that end meanwhile.
func (g *Group) await(i int, exits <-chan exit, done []bool) []error {
	limit := g.StopTimeout
	if limit == 0 {
		limit = 10 * time.Second
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var errs []error
	for !done[i] {
		select {
		case e := <-exits:
			done[e.part] = true
			if e.part != i {
				errs = append(errs, g.failure(e))
			} else if e.err != nil && !errors.Is(e.err, context.Canceled) {
				errs = append(errs, fmt.Errorf("stop %s: %w", g.parts[i].Name, e.err))
			}
		case <-timer.C:
			g.Logger.Error("part did not stop in time", "part", g.parts[i].Name, "limit", limit)
			return append(errs, fmt.Errorf("stop %s: did not end within %s", g.parts[i].Name, limit))
		}
	}
	g.Logger.Debug("stopped", "part", g.parts[i].Name)
	return errs
}

func (g *Group) failure(e exit) error {
	err := e.err
	if err == nil {
		err = ErrEnded
	}
	g.Logger.Error("part failed", "part", g.parts[e.part].Name, "error", err)
	return fmt.Errorf("%s: %w", g.parts[e.part].Name, err)
}
