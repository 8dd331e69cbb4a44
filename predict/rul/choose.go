package rul

import (
	"fmt"
	"math"
)

// shapes are tried by cross-validation; the best by squared error is taken.
var shapes = []shape{
	{0.7, 0.1}, {0.7, 0.3}, {1, 0.03}, {1, 0.1}, {1, 0.3}, {1.5, 0.03}, {1.5, 0.1}, {2, 0.03}, {2, 0.1},
}

// maxRows bounds the rows of a fit: its cost is the third power of them.
const (
	maxRows   = 1_200
	triedRows = 400         // while shapes are compared
	settled   = firstCycles // rows from which a unit is asked
	askEvery  = 7           // cycles between two questions about one unit
)

// heldOut is an estimate for a unit that the model had not seen. Those of one unit
// have weights that add up to one: units are what repeats, not rows.
type heldOut struct {
	unit                    int
	estimate, truth, weight float64
}

func choose(units []Unit, o Options) (shape, error) {
	best, least := shape{}, math.Inf(1)
	for _, s := range shapes {
		errs, err := crossValidateRows(units, s, o, triedRows)
		if err != nil {
			continue // another shape may do
		}
		sum := 0.0
		for _, e := range errs {
			sum += e.weight * (e.estimate - e.truth) * (e.estimate - e.truth)
		}
		if sum < least {
			best, least = s, sum
		}
	}
	if math.IsInf(least, 1) {
		return shape{}, fmt.Errorf("no shape of the model could be fitted: %w", errSingular)
	}
	return best, nil
}

func crossValidate(units []Unit, s shape, o Options) ([]heldOut, error) {
	return crossValidateRows(units, s, o, maxRows)
}

// crossValidateRows estimates each unit by a model of the units in other folds.
func crossValidateRows(units []Unit, s shape, o Options, rows int) ([]heldOut, error) {
	var out []heldOut
	for fold := range folds {
		var learn []Unit
		for i, u := range units {
			if i%folds != fold {
				learn = append(learn, u)
			}
		}
		v, r, err := fitRows(learn, s, o, rows)
		if err != nil {
			return nil, err
		}
		for i := fold; i < len(units); i += folds {
			out = append(out, ask(i, v.of(units[i]), &r, o)...)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no unit has more than %d rows: %w", settled, ErrTooFew)
	}
	return out, nil
}

// ask estimates a unit at several ages.
func ask(unit int, features [][]float64, r *ridge, o Options) []heldOut {
	var out []heldOut
	for t := len(features) - askEvery; t >= settled; t -= askEvery {
		truth := min(float64(len(features)-1-t), o.Cap)
		out = append(out, heldOut{unit: unit, estimate: o.clamp(r.at(features[t])), truth: truth})
	}
	for i := range out {
		out[i].weight = 1 / float64(len(out))
	}
	return out
}

func fit(units []Unit, s shape, o Options) (view, ridge, error) {
	return fitRows(units, s, o, maxRows)
}

// fitRows learns from evenly spaced rows, begun at another place in each unit.
func fitRows(units []Unit, s shape, o Options, most int) (view, ridge, error) {
	total := 0
	for _, u := range units {
		total += len(u)
	}
	step := max(1, (total+most-1)/most)
	v := newView(units)
	var rows [][]float64
	var y []float64
	for i, u := range units {
		features := v.of(u)
		for t := len(u) - 1 - i%step; t >= 0; t -= step {
			rows = append(rows, features[t])
			y = append(y, min(float64(len(u)-1-t), o.Cap))
		}
	}
	if len(rows) == 0 {
		return view{}, ridge{}, ErrTooFew
	}
	v.learnScales(rows)
	r, err := newRidge(rows, y, s)
	return v, r, err
}
