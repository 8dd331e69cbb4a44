// Package rul estimates the remaining useful life of a unit from many indicators
// at once, none of which has a limit of its own, by what units did that ran to
// failure. Learning is kernel ridge regression (the mean of a Gaussian process)
// on smoothed indicators, and inference is one product of a vector and a matrix.
// What it is not told it chooses by cross-validation by unit, on the units it
// learns from; the interval comes from the errors on units held out.
//
// Where one indicator has a limit, a wear path says more, and says why.
package rul

import (
	"errors"
	"fmt"
	"math"
)

// Unit is what was measured of one unit: rows of the same indicators, one a
// cycle, oldest first.
type Unit [][]float64

// Estimate is a remaining life in cycles, 0 to Options.Cap, with the central
// interval of Options.Coverage.
type Estimate struct{ RUL, Low, High float64 }

// Options say how life counts. Zero values take the default named beside them.
type Options struct {
	// Cap is the remaining life, cycles, beyond which a unit shows nothing yet:
	// longer ones are learned and estimated as this. 125
	Cap float64
	// Coverage of the interval, 0..1. 0.8
	Coverage float64
}

func (o Options) withDefaults() Options {
	if o.Cap <= 0 {
		o.Cap = 125
	}
	if o.Coverage <= 0 {
		o.Coverage = 0.8
	}
	return o
}

// What is needed to learn.
const (
	minUnits = 20 // two in each fold
	folds    = 10
)

// ErrTooFew says that the units are too few, or too short, to learn from.
var ErrTooFew = errors.New("too few units to learn from")

// Model is what units that failed have taught.
type Model struct {
	o      Options
	view   view
	ridge  ridge
	errors []heldOut // of units that were held out
	window float64   // of errors that count for an estimate, see calibrate
}

// Learn makes a model of units that ran to failure: the last row of each is its
// last cycle. Rows must have the same number of finite values.
func Learn(units []Unit, o Options) (*Model, error) {
	if err := check(units); err != nil {
		return nil, fmt.Errorf("learn remaining life: %w", err)
	}
	m := &Model{o: o.withDefaults()}
	shape, err := choose(units, m.o)
	if err != nil {
		return nil, fmt.Errorf("learn remaining life: %w", err)
	}
	if m.errors, err = crossValidate(units, shape, m.o); err != nil {
		return nil, fmt.Errorf("learn remaining life: %w", err)
	}
	m.calibrate()
	m.view, m.ridge, err = fit(units, shape, m.o)
	if err != nil {
		return nil, fmt.Errorf("learn remaining life: %w", err)
	}
	return m, nil
}

func check(units []Unit) error {
	if len(units) < minUnits {
		return fmt.Errorf("%d of at least %d units: %w", len(units), minUnits, ErrTooFew)
	}
	for i, u := range units {
		if len(u) == 0 {
			return fmt.Errorf("unit %d has no rows: %w", i, ErrTooFew)
		}
		if err := u.check(len(units[0][0])); err != nil {
			return fmt.Errorf("unit %d: %w", i, err)
		}
	}
	return nil
}

func (u Unit) check(columns int) error {
	for j, row := range u {
		if len(row) != columns {
			return fmt.Errorf("row %d has %d indicators, want %d", j, len(row), columns)
		}
		for k, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, indicator %d is not a finite number", j, k)
			}
		}
	}
	return nil
}

// Estimate says how long a unit will last after its last row.
func (m *Model) Estimate(u Unit) (Estimate, error) {
	if len(u) == 0 {
		return Estimate{}, fmt.Errorf("estimate remaining life: no rows: %w", ErrTooFew)
	}
	if err := u.check(len(m.view.mean)); err != nil {
		return Estimate{}, fmt.Errorf("estimate remaining life: %w", err)
	}
	features := m.view.of(u)
	at := m.o.clamp(m.ridge.at(features[len(features)-1]))
	low, high := m.interval(at)
	return Estimate{RUL: at, Low: low, High: high}, nil
}

func (o Options) clamp(rul float64) float64 { return max(0, min(o.Cap, rul)) }
