package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
	"github.com/pitcrew-telematics/pitcrew/internal/lifecycle"
	"github.com/pitcrew-telematics/pitcrew/simulator"
)

type demoCmd struct {
	settings `embed:""`

	Vehicles int    `help:"Size of the simulated fleet." default:"50"`
	Seed     uint64 `help:"Seed of the fleet: the same seed is the same fleet." default:"1"`
	Truth    string `help:"Write the hidden truth (true wear, failures to come, causes of faults) to this file." type:"path" placeholder:"FILE"`
}

func (c *demoCmd) Help() string {
	return `A simulated fleet connects over MQTT, uploads 18 months of driving that it had stored while
offline, and drives on live. Within a minute the console shows work orders and reminders.
The data stays in --data: the next start goes on where this one stopped.

  pitcrew demo --vehicles 200 --seed 7 --data /tmp/fleet7

Other cars can join: publish to the broker, or try 'pitcrew replay --help'.`
}

func (c *demoCmd) Run(s *env) error {
	if c.Vehicles < 1 || c.Vehicles > 5000 {
		return fmt.Errorf("--vehicles %d: want 1 to 5000", c.Vehicles)
	}
	p, err := open(s.ctx, c.settings, backends{
		telemetry: embeddedTelemetry(s, c.Data),
		source: func(p *product) (ingest.Source, error) {
			if !loopback(c.MQTT) {
				return nil, fmt.Errorf("--mqtt %s: the demo lets everybody in, so it listens on 127.0.0.1 only; 'pitcrew serve' can do more", c.MQTT)
			}
			return embeddedBroker(p, broker.Options{Address: c.MQTT, AllowAnonymous: true})
		},
	}, s.logger)
	if err != nil {
		return err
	}
	return errors.Join(c.runWith(s, p), p.close())
}

func (c *demoCmd) runWith(s *env, p *product) error {
	fleet, err := c.fleet(s)
	if err != nil {
		return err
	}
	if err := writeTruth(fleet, c.Truth); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "pitcrew is at %s (MQTT %s, data in %s); stop with Ctrl-C\n", p.url(), p.mqttOn, c.Data)
	d := &dealer{fleet: fleet, conn: p.conn(), logger: s.logger}
	return p.run(s.ctx, lifecycle.Part{Name: "fleet", Run: func(ctx context.Context) error {
		return c.drive(ctx, s, p, d)
	}})
}

// drive lets the dealer enter the cars and their papers, then puts the fleet on
// the road: first the stored history, then live.
func (c *demoCmd) drive(ctx context.Context, s *env, p *product, d *dealer) error {
	if err := d.enter(ctx); err != nil {
		return ignoreStop(ctx, fmt.Errorf("enter the fleet: %w", err))
	}
	repairs := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { repairs <- d.repair(ctx) }()

	err := d.fleet.Run(ctx, simulator.Options{
		Broker: "tcp://" + p.mqttOn.String(), StatePath: c.statePath(), Progress: uploaded(s, "; the fleet drives on live"), Logger: s.logger, Uploads: 12,
	})
	cancel()
	return errors.Join(ignoreStop(ctx, err), ignoreStop(ctx, <-repairs))
}

func (c *demoCmd) statePath() string { return filepath.Join(c.Data, "fleet.json") }

// fleet is the one of the data folder, or a new one whose history ends now.
func (c *demoCmd) fleet(s *env) (*simulator.Fleet, error) {
	epoch := time.Now().UTC().AddDate(0, 0, -simulator.DefaultHistoryDays)
	return loadFleet(c.statePath(), simulator.Config{Seed: c.Seed, Vehicles: c.Vehicles, Epoch: epoch}, s.logger)
}

// ignoreStop turns the error of a cancelled call into a clean stop.
func ignoreStop(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
