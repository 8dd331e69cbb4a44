package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/pitcrew-telematics/pitcrew/simulator"
)

type simulateCmd struct {
	Broker   string    `help:"Broker to publish to." default:"tcp://127.0.0.1:1883"`
	Username string    `help:"User name of all cars; left out, each uses its VIN."`
	Password string    `help:"Password of all cars."`
	Vehicles int       `help:"Size of the fleet." default:"50"`
	Seed     uint64    `help:"The same seed is the same fleet." default:"1"`
	Days     int       `help:"Days of stored history that are uploaded first." default:"548"`
	Epoch    time.Time `help:"Start of the history, RFC 3339. Left out: so that it ends now."`
	State    string    `help:"File that remembers what was acknowledged; with it a second start goes on." type:"path" placeholder:"FILE"`
	Truth    string    `help:"Write the hidden truth (true wear, failures to come, causes of faults) to this file." type:"path" placeholder:"FILE"`
	Once     bool      `help:"Stop when the history is acknowledged, instead of driving on live."`

	Loss    float64       `help:"Probability that the link breaks after a message." default:"0"`
	Repeat  float64       `help:"Probability that a message is sent twice." default:"0"`
	Reorder float64       `help:"Probability that a message is sent after later ones." default:"0"`
	Delay   float64       `help:"Probability that a message waits up to a second." default:"0"`
	Skew    time.Duration `help:"How far a car's clock may be off." default:"0s"`
}

func (c *simulateCmd) Help() string {
	return `Every car is its own MQTT client. Wear follows physics that the forecasts do not know, so the
truth file can be held against what pitcrew says:

  pitcrew simulate --broker tcp://broker:1883 --vehicles 500 --truth truth.json --loss 0.01 --repeat 0.05`
}

func (c *simulateCmd) Run(s *env) error {
	if err := checkBroker(c.Broker); err != nil {
		return err
	}
	fleet, err := c.fleet(s)
	if err != nil {
		return err
	}
	if err := writeTruth(fleet, c.Truth); err != nil {
		return err
	}
	then := "; the fleet drives on live"
	if c.Once {
		then = ""
	}
	err = fleet.Run(s.ctx, simulator.Options{
		Broker: c.Broker, Username: c.Username, Password: c.Password, StatePath: c.State,
		Link:        simulator.Link{Loss: c.Loss, Repeat: c.Repeat, Reorder: c.Reorder, Delay: c.Delay, MaxSkew: c.Skew},
		HistoryOnly: c.Once, Progress: uploaded(s, then), Logger: s.logger,
	})
	return ignoreStop(s.ctx, err)
}

func (c *simulateCmd) fleet(s *env) (*simulator.Fleet, error) {
	epoch := c.Epoch
	if epoch.IsZero() {
		epoch = time.Now().UTC().AddDate(0, 0, -c.Days)
	}
	return loadFleet(c.State, simulator.Config{Seed: c.Seed, Vehicles: c.Vehicles, Epoch: epoch, HistoryDays: c.Days}, s.logger)
}

// loadFleet returns the fleet that a state file remembers, with the repairs it has
// had, or a fresh one where there is no file.
func loadFleet(path string, fresh simulator.Config, logger *slog.Logger) (*simulator.Fleet, error) {
	if path == "" {
		return simulator.New(fresh)
	}
	state, err := simulator.LoadState(path)
	if errors.Is(err, fs.ErrNotExist) {
		return simulator.New(fresh)
	}
	if err != nil {
		return nil, err
	}
	if state.Seed != fresh.Seed || state.Vehicles != fresh.Vehicles {
		logger.Warn("another fleet is stored here and goes on; choose another place for a new one",
			"file", path, "vehicles", state.Vehicles, "seed", state.Seed)
	}
	fleet, err := simulator.New(state.Config())
	if err != nil {
		return nil, err
	}
	return fleet, fleet.Restore(state)
}

// writeTruth writes the hidden truth of a fleet, where a file is named.
func writeTruth(fleet *simulator.Fleet, path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the truth: %w", err)
	}
	return errors.Join(fleet.WriteTruth(f), f.Close())
}
