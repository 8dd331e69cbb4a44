package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict/evaluate"
	"github.com/pitcrew-telematics/pitcrew/simulator"
)

type evaluateCmd struct {
	Data  string `type:"existingdir" help:"Folder with public data sets, each in a folder of its own name." placeholder:"DIR" xor:"what" required:""`
	Fleet int    `help:"Simulate so many vehicles with hidden wear, and score the forecasts of half of them." placeholder:"VEHICLES" xor:"what" required:""`
	Seed  uint64 `help:"Seed of the simulated fleet." default:"1"`
	JSON  bool   `name:"json" help:"Print one JSON object a figure, and a forecast."`
	ownFlags
}

func (c *evaluateCmd) Help() string {
	var b strings.Builder
	b.WriteString(`Scores the predictions on data whose outcome is known: split by unit, with only what was known
at each time, beside baselines, and with a 90 % interval from resampled units. Figures outside
what they must reach are marked MISS. The same data prints the same bytes.

  pitcrew evaluate --data shared/data
  pitcrew evaluate --fleet 10000 --seed 7

The simulated fleet runs three years with every part run to its limit; half of the vehicles
teach, the others are scored. The oracle beside the figures knows the wear and the pace of each
part, and only its future use is hidden from it. "Measured" are parts that a sensor of
the car measures; of the others little more is known than since when they are in, and what a
workshop measured once or twice a year. Ten thousand vehicles take
eight or nine minutes of one core, more or less by the machine, and four gigabytes.
` + ownHelp + `
Data sets, known by the names of their folders and files:
`)
	for _, s := range evaluate.Sets() {
		fmt.Fprintf(&b, "  %-24s %s (%s)\n", s.Name, s.About, strings.Join(s.Files, ", "))
	}
	return b.String()
}

func (c *evaluateCmd) Run(s *env) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.CSV != "" {
		return c.own(s, c.JSON)
	}
	rows, err := c.rows(s)
	if err != nil {
		return err
	}
	if c.JSON {
		return evaluate.PrintJSON(s.out, rows)
	}
	return evaluate.Print(s.out, rows)
}

func (c *evaluateCmd) rows(s *env) ([]evaluate.Row, error) {
	if c.Data == "" {
		return c.fleetRows(s)
	}
	data := os.DirFS(c.Data)
	found, missing := evaluate.Found(data)
	for _, err := range missing {
		fmt.Fprintf(s.err, "pitcrew: left out: %v\n", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds none of the data sets; see 'pitcrew evaluate --help' for their names", c.Data)
	}
	bar := progress(s, len(found), "evaluating")
	var rows []evaluate.Row
	for _, set := range found {
		bar.Describe(set.Name)
		r, err := set.Evaluate(s.ctx, data)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r...)
		_ = bar.Add(1) // only a terminal can fail here
	}
	_ = bar.Finish()
	return rows, nil
}

func (c *evaluateCmd) fleetRows(s *env) ([]evaluate.Row, error) {
	if c.Fleet < evaluate.FewestVehicles {
		return nil, &usageError{fmt.Sprintf("--fleet %d: want at least %d vehicles: half of them teach", c.Fleet, evaluate.FewestVehicles)}
	}
	if os.Getenv("GOGC") == "" {
		// Nearly every vehicle is made, asked and dropped: with fewer collections a tenth of the
		// time is spared, for one or two gigabytes.
		defer debug.SetGCPercent(debug.SetGCPercent(300))
	}
	// Every vehicle is told, and those of the fleets whose use changes.
	bar := progress(s, c.Fleet+len(turnFactors)*turnedVehicles(c.Fleet), "simulating and forecasting")
	told := func() { _ = bar.Add(1) } // only a terminal can fail here
	fleet, err := newSimulatedFleet(c.Fleet, c.Seed, simulator.Turn{}, told)
	if err != nil {
		return nil, err
	}
	turned, err := turnedFleets(c.Fleet, c.Seed, told)
	if err != nil {
		return nil, err
	}
	rows, err := evaluate.Fleet(s.ctx, fleet, turned...)
	_ = bar.Finish()
	return rows, err
}
