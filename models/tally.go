package models

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Tally counts what became of the forecasts of one component at one horizon in one
// week.
type Tally struct {
	Component predict.Component
	Horizon   int       // days
	Week      time.Time // Monday, UTC; zero: of all weeks together

	Truths   [cells]int // forecasts whose outcome is known, by where it lies
	Censored [cells]int // parts that were renewed before, by when
	Ended    int        // those of Truths whose date is known
	AbsDays  float64    // sum of their distances from P50, days
}

// Known is the number of forecasts whose outcome is known.
func (t *Tally) Known() int { return t.Truths[0] + t.Truths[1] + t.Truths[2] + t.Truths[3] }

// Renewed is the number of parts that were renewed before they had to be.
func (t *Tally) Renewed() int { return t.Censored[0] + t.Censored[1] + t.Censored[2] + t.Censored[3] }

// MAE is the mean absolute error of P50, days, over those whose date is known; NaN
// when there is none.
func (t *Tally) MAE() float64 { return t.AbsDays / float64(t.Ended) }

// PIT is the share of truths in each cell, by the actuarial estimator: a part that
// was renewed counts as one at risk until then, half in the cell in which it was
// renewed. It assumes that parts are not renewed because they are about to fail,
// which is more nearly true of plans than of workshops that follow the forecast.
// Everything is NaN when nothing is known.
func (t *Tally) PIT() [cells]float64 {
	var out [cells]float64
	atRisk, alive := float64(t.Known()+t.Renewed()), 1.0
	if t.Known() == 0 {
		return [cells]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	}
	for c := range cells - 1 {
		exposed := atRisk - float64(t.Censored[c])/2
		ends := 0.0
		if exposed > 0 {
			ends = alive * float64(t.Truths[c]) / exposed
		}
		out[c] = ends
		alive -= ends
		atRisk -= float64(t.Truths[c] + t.Censored[c])
	}
	out[AboveP90] = alive
	return out
}

// Coverage is the estimated share of truths between P10 and P90: 0.8 is true.
func (t *Tally) Coverage() float64 {
	pit := t.PIT()
	return pit[BelowP50] + pit[BelowP90]
}

// When a coverage is worth a warning.
const (
	enoughKnown       = 30
	coverLow, coverHi = 0.7, 0.9
)

// Off reports whether the coverage is outside 0.7 to 0.9 with at least 30 outcomes.
func (t *Tally) Off() bool {
	c := t.Coverage()
	return t.Known() >= enoughKnown && (c < coverLow || c > coverHi)
}

// Sum adds tallies up by component, and by horizon where byHorizon is set; a Horizon
// of 0 is all of them. The result is in order of component, the far horizon first.
func Sum(tallies []Tally, byHorizon bool) []Tally {
	type key struct {
		c predict.Component
		h int
	}
	sums := map[key]*Tally{}
	for _, t := range tallies {
		k := key{c: t.Component}
		if byHorizon {
			k.h = t.Horizon
		}
		s := sums[k]
		if s == nil {
			s = &Tally{Component: k.c, Horizon: k.h}
			sums[k] = s
		}
		s.add(t)
	}
	out := make([]Tally, 0, len(sums))
	for _, s := range sums {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(b.Horizon, a.Horizon))
	})
	return out
}

func (t *Tally) add(o Tally) {
	for c := range cells {
		t.Truths[c] += o.Truths[c]
		t.Censored[c] += o.Censored[c]
	}
	t.Ended += o.Ended
	t.AbsDays += o.AbsDays
}
