// Package evaluate scores pitcrew's predictions on data whose outcome is known.
// It reads the public sets by the names of their files, splits them by unit,
// lets the models of predict see only what had been known at each time, and
// puts baselines beside every figure.
package evaluate

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// Row is one figure of the table.
type Row struct {
	Set    string // folder of the data
	Task   string // what is predicted, from what
	Metric string // "MAE", "coverage of 80 %"
	Unit   string // of the figure: "cycles", "%"; empty for shares
	Units  int    // how many units it is measured on

	Ours      float64
	Sure      score.Interval // 90 %, bootstrap over units; NaN where it has no meaning
	Baselines []Baseline

	Must, Aim Bound // zero: none is set
}

// Baseline is the same figure by a simpler method.
type Baseline struct {
	Name  string // "life table", "per-unit line"
	Value float64
}

// Verdict says how a figure stands to its bounds.
type Verdict string

// Verdicts of a row.
const (
	Unbounded Verdict = ""     // no bound is set
	Missed    Verdict = "miss" // outside must
	Met       Verdict = "must" // within must
	Reached   Verdict = "aim"  // within the aim, too
)

// Verdict compares ours with must and aim. A figure that is not a number misses.
func (r Row) Verdict() Verdict {
	switch {
	case r.Must.IsZero() && r.Aim.IsZero():
		return Unbounded
	case !r.Must.IsZero() && !r.Must.Holds(r.Ours):
		return Missed
	case !r.Aim.IsZero() && r.Aim.Holds(r.Ours):
		return Reached
	case r.Must.IsZero():
		return Unbounded
	}
	return Met
}

// Bound is a closed range that a figure should lie in; the zero Bound is none.
type Bound struct {
	Low, High float64
	set       bool
}

// AtMost bounds from above, AtLeast from below, Between on both sides.
func AtMost(high float64) Bound       { return Bound{math.Inf(-1), high, true} }
func AtLeast(low float64) Bound       { return Bound{low, math.Inf(1), true} }
func Between(low, high float64) Bound { return Bound{low, high, true} }

// IsZero reports whether there is no bound.
func (b Bound) IsZero() bool { return !b.set }

// Holds reports whether the figure is within the bound.
func (b Bound) Holds(v float64) bool { return b.set && v >= b.Low && v <= b.High }
