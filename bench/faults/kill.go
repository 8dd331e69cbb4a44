package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// killing is kill -9 of pitcrew at random moments under load.
type killing struct {
	binary string
	on     external
	kills  int
	cars   int
	pace   time.Duration // between two messages of a car
	seed   uint64
	out    io.Writer
}

// run kills pitcrew again and again while cars publish, lets it recover, and
// compares what is stored with what was acknowledged.
func (k killing) run(ctx context.Context, t testserver.T) (*verdict, error) {
	s := set(t, k.binary, t.TempDir(), k.on)
	if err := s.start(); err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil { // the session at an external broker exists from now on
		return nil, err
	}
	load := drive(ctx, k.cars, live, s.broker, k.pace)
	began := time.Now()
	moments, err := k.killAll(ctx, s)
	if err != nil {
		return nil, err
	}
	published, err := load.end()
	if err != nil {
		return nil, fmt.Errorf("%w; the end of pitcrew's log:\n%s", err, s.lastLines())
	}
	took := time.Since(began)
	if err := settle(ctx, s); err != nil {
		return nil, err
	}
	fmt.Fprintf(k.out, "%s, seed %d\n  killed %d times: %d while starting, %d under load, %d while stopping\n",
		k.on, k.seed, k.kills, moments[starting], moments[loaded], moments[stopping])
	load.print(ctx, k.out, took, s, 1)
	v, err := s.stopAndJudge(ctx, load.cars, published)
	if err != nil {
		return nil, err
	}
	v.print(k.out)
	return v, nil
}

// moment is when a kill comes.
type moment int

const (
	starting moment = iota
	loaded
	stopping
	moments
)

// killAll kills a running pitcrew and starts it again, k.kills times.
func (k killing) killAll(ctx context.Context, s *stage) (count [moments]int, err error) {
	rng := rand.New(rand.NewPCG(k.seed, 4))
	upTo := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	done := 0
	for turn := 0; done < k.kills; turn++ {
		m := [...]moment{loaded, starting, loaded, stopping, loaded}[turn%5]
		if m != starting {
			if err := s.ready(ctx); err != nil {
				return count, err
			}
		}
		switch m {
		case starting:
			pause(ctx, upTo(300*time.Millisecond))
		case loaded:
			pause(ctx, upTo(1500*time.Millisecond))
		default:
			pause(ctx, upTo(500*time.Millisecond))
			s.terminate()
			pause(ctx, upTo(30*time.Millisecond)) // it takes a little longer
		}
		if ctx.Err() != nil {
			return count, ctx.Err()
		}
		if s.kill() { // else it had stopped already
			count[m]++
			done++
		}
		if err := s.start(); err != nil {
			return count, err
		}
	}
	return count, s.ready(ctx)
}

// stopAndJudge stops pitcrew, and compares what it has stored.
func (s *stage) stopAndJudge(ctx context.Context, c cars, published []int) (*verdict, error) {
	if err := s.stop(ctx); err != nil {
		return nil, err
	}
	samples, db, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	v, err := judge(ctx, c, published, samples, db)
	return v, errors.Join(err, samples.Close(), db.Close())
}
