package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

// sharing is several pitcrews that share one subscription and the stores, and one
// that takes the same messages alone, into stores of its own.
type sharing struct {
	binary string
	n      int // pitcrews that share
	kills  int // of one of them
	cars   int
	pace   time.Duration
	seed   uint64
	out    io.Writer
}

// run lets cars publish to all of them, kills some on the way, and compares what
// each side has stored with what was published.
func (g sharing) run(ctx context.Context, t testserver.T) (alone, shared *verdict, err error) {
	single := set(t, g.binary, t.TempDir(), external{broker: true, influx: influx2, postgres: true}, "--broker-client-id", "alone")
	on := single.newStores(t, t.TempDir(), "shared")
	all := []*stage{single}
	for i := range g.n {
		own := on
		own.data = t.TempDir()
		all = append(all, single.another(t, g.binary, own, "--broker-group", "crew", "--broker-client-id", fmt.Sprintf("crew-%d", i)))
	}
	for _, s := range all { // every session exists from now on
		if err := s.start(); err != nil {
			return nil, nil, err
		}
		if err := s.ready(ctx); err != nil {
			return nil, nil, err
		}
	}
	load := drive(ctx, g.cars, live, single.broker, g.pace)
	began := time.Now()
	if err := load.until(ctx, flow); err != nil {
		return nil, nil, err
	}
	if err := g.killSome(ctx, all[1:]); err != nil {
		return nil, nil, err
	}
	published, err := load.end()
	if err != nil {
		return nil, nil, err
	}
	took := time.Since(began)
	if err := settle(ctx, all...); err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(g.out, "%d pitcrews share what one more takes alone; %d kills of one that shares, seed %d\n", g.n, g.kills, g.seed)
	load.print(ctx, g.out, took, single, 2)
	for _, s := range all {
		count, err := s.metric(ctx, "pitcrew_ingest_messages_received_total")
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(g.out, "  %.0f messages taken by %s since its last start\n", count, s.pitcrew.args[len(s.pitcrew.args)-1])
	}
	return g.judge(ctx, all, load.cars, published)
}

// killSome kills members at random moments; the others go on.
func (g sharing) killSome(ctx context.Context, members []*stage) error {
	rng := rand.New(rand.NewPCG(g.seed, 6))
	upTo := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	for range g.kills {
		victim := members[rng.IntN(len(members))]
		pause(ctx, upTo(time.Second))
		victim.kill()
		pause(ctx, upTo(time.Second))
		if err := victim.start(); err != nil {
			return err
		}
		if err := victim.ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// judge stops all and compares the stores of the first and of the others.
func (g sharing) judge(ctx context.Context, all []*stage, c cars, published []int) (alone, shared *verdict, err error) {
	for _, s := range all[2:] {
		if err := s.stop(ctx); err != nil {
			return nil, nil, err
		}
	}
	if alone, err = all[0].stopAndJudge(ctx, c, published); err != nil {
		return nil, nil, err
	}
	if shared, err = all[1].stopAndJudge(ctx, c, published); err != nil {
		return nil, nil, err
	}
	fmt.Fprintln(g.out, "  alone:")
	alone.print(g.out)
	fmt.Fprintln(g.out, "  shared:")
	shared.print(g.out)
	return alone, shared, nil
}
