package models

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Horizons are the numbers of days ahead for which forecasts are scored: each one
// stands for medians from there down to the next.
var Horizons = []int{180, 90, 60, 30, 14}

// Snapshot is what was forecast of one part when its median first came within a
// horizon, and what became of it. What was said is a fact; the rest follows from the
// facts of the vehicle, and is found again at every round.
type Snapshot struct {
	VIN       vehicle.VIN
	Component predict.Component
	Cycle     string // of the forecast
	Horizon   int    // one of Horizons
	AsOf      time.Time
	Limit     predict.Dates // as forecast
	Model     string        // version of the prior it rested on
	ByLevel   bool          // the limit is a level of wear: readings beyond it end the life, as a failure does
	Outcome   Outcome
}

// Outcome is what became of a forecast.
type Outcome struct {
	State Ending
	At    time.Time // Ended: when; the others: until when the part is known to have lasted
	Cell  Cell      // where At lies; of Ended and Outlived that is where the truth lies
	Week  time.Time // Monday of the UTC week in which it was known; zero while it is not
}

// Ending is how far the truth about a forecast is known.
type Ending string

// The endings.
const (
	Open     Ending = "open"     // the part is on and within what was forecast
	Ended    Ending = "ended"    // it failed, or its readings passed the limit
	Outlived Ending = "outlived" // it lasted beyond P90; how much, is not known
	Censored Ending = "censored" // it was renewed before it had to be: it would have lasted no less
	Void     Ending = "void"     // it was about a part that was not there: a record came late
)

// Cell is a part of the forecast distribution.
type Cell int

// The cells: true forecasts put 10, 40, 40 and 10 % of the truths into them.
const (
	BelowP10 Cell = iota
	BelowP50
	BelowP90
	AboveP90
	cells
)

func cellOf(d predict.Dates, at time.Time) Cell {
	switch {
	case at.Before(d.P10):
		return BelowP10
	case at.Before(d.P50):
		return BelowP50
	case !at.After(d.P90):
		return BelowP90
	}
	return AboveP90
}

// Take adds snapshots of forecasts whose median has come within a horizon for the
// first time. Only what may be acted upon is scored, and not what was due already.
func Take(have []Snapshot, vin vehicle.VIN, forecasts []predict.Forecast) []Snapshot {
	out := slices.Clone(have)
	for i := range forecasts {
		f := &forecasts[i]
		if f.State != predict.Known || !f.Limit.P50.After(f.Now) {
			continue
		}
		horizon := horizonOf(f.Limit.P50.Sub(f.Now))
		if horizon == 0 || slices.ContainsFunc(have, func(s Snapshot) bool {
			return s.Component == f.Component && s.Cycle == f.Cycle && s.Horizon == horizon
		}) {
			continue
		}
		out = append(out, Snapshot{
			VIN: vin, Component: f.Component, Cycle: f.Cycle, Horizon: horizon, AsOf: f.Now, Limit: f.Limit,
			Model: predict.PriorVersion(f.Model), ByLevel: f.ByLevel, Outcome: Outcome{State: Open, At: f.Now},
		})
	}
	return out
}

// horizonOf is the least horizon that holds the time left; 0 when none does.
func horizonOf(left time.Duration) int {
	days := left.Hours() / 24
	for _, h := range slices.Backward(Horizons) {
		if days <= float64(h) {
			return h
		}
	}
	return 0
}

// Resolve says what became of each snapshot, given the lives of the vehicle's parts
// and the time of its newest data. It looks at nothing that was resolved before: the
// same facts give the same outcomes, in whatever order they came.
func Resolve(snapshots []Snapshot, lives []Life, heard time.Time) []Snapshot {
	out := slices.Clone(snapshots)
	for i := range out {
		out[i].Outcome = out[i].outcome(lives, heard)
	}
	return out
}

func (s *Snapshot) outcome(lives []Life, heard time.Time) Outcome {
	i := slices.IndexFunc(lives, func(l Life) bool {
		return l.Component == s.Component && !l.From.After(s.AsOf) && (l.End.IsZero() || l.End.After(s.AsOf))
	})
	if i < 0 || !lives[i].began(s.Cycle) {
		return Outcome{State: Void, At: s.AsOf}
	}
	l := &lives[i]
	truth := time.Time{}
	if l.Failed {
		truth = l.End
	}
	if s.ByLevel && !l.Passed.IsZero() {
		truth = l.Passed
	}
	switch {
	case !truth.IsZero() && !truth.After(s.AsOf):
		return Outcome{State: Void, At: s.AsOf} // it had ended when it was asked
	case !truth.IsZero():
		return Outcome{Ended, truth, cellOf(s.Limit, truth), weekOf(truth)}
	}
	return s.lasting(l, heard)
}

// lasting is the outcome of a part that has not ended as far as is known. Where wear
// is looked at, only a look says that it goes on.
func (s *Snapshot) lasting(l *Life, heard time.Time) Outcome {
	until := l.End
	if until.IsZero() {
		until = heard
	}
	if s.ByLevel && !l.Looked.IsZero() {
		until = l.Looked
	}
	if until.Before(s.AsOf) {
		until = s.AsOf
	}
	cell := cellOf(s.Limit, until)
	switch {
	case cell == AboveP90:
		return Outcome{Outlived, until, cell, weekOf(s.Limit.P90)}
	case !l.End.IsZero():
		return Outcome{Censored, until, cell, weekOf(l.End)}
	}
	return Outcome{State: Open, At: until}
}

// weekOf is the Monday, 00:00 UTC, of the week of a time.
func weekOf(t time.Time) time.Time {
	day := math.Floor(float64(t.Unix()) / 86400)
	monday := day - math.Mod(day+3, 7) // 1970-01-01 was a Thursday
	return time.Unix(int64(monday)*86400, 0).UTC()
}
