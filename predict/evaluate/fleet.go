package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Histories tells the histories of a fleet whose truth is known. A large fleet does
// not fit into memory, so each is told when it is asked for, more than once, and is
// the same each time.
type Histories interface {
	VINs() []vehicle.VIN // each once
	History(i int) (Vehicle, error)
}

// Vehicle is the history of one vehicle, and the truth that forecasts must not see.
type Vehicle struct {
	Input  predict.Input // whole; Now and Prior are set anew for each forecast
	Faulty predict.Input // the same history with faults planted in it; without VIN: none
	Until  time.Time     // end of the history
	Lives  []Life        // oldest first, by component

	// Damage is the true share of its life that the part in the vehicle had used up
	// by the end of a day, for the oracle.
	Damage map[predict.Component][]Damage
}

// Life is one part's time in a vehicle.
type Life struct {
	Component predict.Component
	From      time.Time
	Limit     time.Time // when it reached its limit; zero: not within a year after Until
}

// Damage is what was used up at the end of a day, 1 at the limit.
type Damage struct {
	Day  vehicle.Day
	Used float64
}

// Turned is a fleet whose use was made to change: from a time on every vehicle
// drives Factor times as far as it would have.
type Turned struct {
	Histories
	At     time.Time
	Factor float64
}

// FewestVehicles that a fleet can be scored on: half of them teach.
const FewestVehicles = 2 * fewest

// Fleet scores the forecasts of the product on vehicles whose truth is known.
// Every second vehicle, in order of VIN, teaches the fleet's prior and the baselines;
// the forecasts of the others are scored, each with what was known by then. In the
// turned fleets every vehicle is scored. Whatever the order in which the fleet
// lists its vehicles, the rows are the same.
func Fleet(ctx context.Context, fleet Histories, turned ...Turned) ([]Row, error) {
	order := byVIN(fleet)
	if len(order) < FewestVehicles {
		return nil, fmt.Errorf("evaluate the fleet: %d vehicles, want at least %d: half of them teach", len(order), FewestVehicles)
	}
	var taught, scored []int
	for n, i := range order {
		if n%2 == 0 {
			taught = append(taught, i)
		} else {
			scored = append(scored, i)
		}
	}
	known, err := teach(ctx, fleet, taught)
	if err != nil {
		return nil, fmt.Errorf("evaluate the fleet: %w", err)
	}
	table := newTally(fleetFigures())
	if err := each(ctx, fleet, scored, func(n int, v Vehicle) { table.add(known.ask(n, &v)) }); err != nil {
		return nil, fmt.Errorf("evaluate the fleet: %w", err)
	}
	rows := table.rows()
	for _, t := range turned {
		table := newTally(turnFigures(t.Factor))
		if err := each(ctx, t, byVIN(t), func(_ int, v Vehicle) { table.add(known.askTurned(&v, t.At)) }); err != nil {
			return nil, fmt.Errorf("evaluate the fleet whose use changes: %w", err)
		}
		rows = append(rows, table.rows()...)
	}
	for i := range rows {
		rows[i].Set = "simulated fleet"
	}
	return rows, nil
}

// byVIN is the numbers of the vehicles in order of VIN.
func byVIN(fleet Histories) []int {
	vins := fleet.VINs()
	order := make([]int, len(vins))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(vins[a], vins[b]) })
	return order
}

// each hands on the histories with these numbers, one at a time.
func each(ctx context.Context, fleet Histories, numbers []int, do func(n int, v Vehicle)) error {
	for n, i := range numbers {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := fleet.History(i)
		if err != nil {
			return err
		}
		do(n, v)
	}
	return nil
}

func days(d time.Duration) float64 { return d.Hours() / 24 }
