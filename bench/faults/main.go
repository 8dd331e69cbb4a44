// Command faults breaks a running pitcrew in the ways that happen to it, and
// counts what that cost: nothing that was acknowledged may be missing, and nothing
// may be stored twice. Every comparison is exact, and a difference makes the exit
// code 1.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

type cli struct {
	Kill      killCmd      `cmd:"" help:"kill -9 at random moments under load: while starting, working and stopping."`
	Outage    outageCmd    `cmd:"" help:"Take away InfluxDB, the broker, PostgreSQL, or the room on the disk, and give it back."`
	Anyorder  anyOrderCmd  `cmd:"" help:"A month of a fleet in order, and again shuffled, repeated and late: the same in the end."`
	Ingesters ingestersCmd `cmd:"" help:"Several pitcrews share a subscription and the stores: the same as one, also when some are killed."`

	Pitcrew string `help:"The pitcrew to break; without it, one is built of this source." type:"existingfile"`
}

// env is what every command gets.
type env struct {
	ctx    context.Context
	t      testserver.T
	binary string // the pitcrew to break
	out    io.Writer
}

const description = `Breaks a running pitcrew in the ways that happen to it and counts what that cost.
Needs mosquitto, influxd, influxd2 and postgres in PATH, or in the folder $PITCREW_TOOLS; see docs/faults.md.

  go run ./bench/faults kill --broker --influx 2.7 --postgres`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parsed := kong.Parse(&c, kong.Name("faults"), kong.Description(description))
	began := time.Now()
	err := testserver.Run(func(t testserver.T) {
		if c.Pitcrew == "" {
			c.Pitcrew = build(t)
		}
		if err := parsed.Run(&env{ctx, t, c.Pitcrew, os.Stdout}); err != nil {
			t.Fatal(err)
		}
	})
	fmt.Printf("took %s\n", time.Since(began).Round(time.Second))
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// errDiffers says that something is missing, or stored twice.
var errDiffers = errors.New("what is stored differs from what must be")

type killCmd struct {
	Kills  int           `help:"How often." default:"100"`
	Cars   int           `help:"Cars that publish." default:"20"`
	Pace   time.Duration `help:"Time between two messages of a car." default:"20ms"`
	Seed   uint64        `help:"Of the random moments." default:"1"`
	Broker bool          `help:"With Mosquitto outside, instead of the embedded broker."`
	Influx version       `help:"With influxd of this version outside, 1.8 or 2.7, instead of the embedded time series." enum:",1.8,2.7" default:""`

	Postgres bool `help:"With PostgreSQL outside, instead of SQLite."`
}

func (c *killCmd) Run(e *env) error {
	v, err := killing{
		binary: e.binary, on: external{broker: c.Broker, influx: c.Influx, postgres: c.Postgres},
		kills: c.Kills, cars: c.Cars, pace: c.Pace, seed: c.Seed, out: e.out,
	}.run(e.ctx, e.t)
	return verdictOf(v, err)
}

type outageCmd struct {
	What []away        `arg:"" optional:"" help:"influxd (1.8), influxd2 (2.7), broker, postgres or disk; without any, all of them in turn." enum:"influxd,influxd2,broker,postgres,disk"`
	Hold time.Duration `help:"How long it is away." default:"60s"`
	Cars int           `help:"Cars that publish." default:"20"`
	Pace time.Duration `help:"Time between two messages of a car." default:"10ms"`

	Samples int `help:"Samples of a message, at most 500: cars that are under way send two, and stored trips are long." default:"2"`
}

func (c *outageCmd) Run(e *env) error {
	if len(c.What) == 0 {
		c.What = []away{awayInflux, awayInflux2, awayBroker, awayPostgres, awayDisk}
	}
	for _, what := range c.What {
		v, err := outage{binary: e.binary, what: what, hold: c.Hold, cars: c.Cars, pace: c.Pace, samples: c.Samples, out: e.out}.run(e.ctx, e.t)
		if err := verdictOf(v, err); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

type anyOrderCmd struct {
	Cars int    `help:"Cars of the fleet." default:"1000"`
	Days int    `help:"Length of the month." default:"30"`
	Seed uint64 `help:"Of the fleet and of the disorder." default:"1"`
}

func (c *anyOrderCmd) Run(e *env) error {
	ok, err := anyOrder{cars: c.Cars, days: c.Days, seed: c.Seed, out: e.out}.run(e.ctx, e.t)
	if err == nil && !ok {
		err = errDiffers
	}
	return err
}

type ingestersCmd struct {
	N     int           `help:"How many share." default:"2"`
	Kills int           `help:"How often one of them is killed." default:"20"`
	Cars  int           `help:"Cars that publish." default:"20"`
	Pace  time.Duration `help:"Time between two messages of a car." default:"20ms"`
	Seed  uint64        `help:"Of the random moments." default:"1"`
}

func (c *ingestersCmd) Run(e *env) error {
	alone, shared, err := sharing{
		binary: e.binary, n: c.N, kills: c.Kills, cars: c.Cars, pace: c.Pace, seed: c.Seed, out: e.out,
	}.run(e.ctx, e.t)
	if err == nil && (!alone.ok() || !shared.ok()) {
		err = errDiffers
	}
	return err
}

func verdictOf(v *verdict, err error) error {
	if err == nil && !v.ok() {
		err = errDiffers
	}
	return err
}
