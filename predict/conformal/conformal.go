// Package conformal makes the intervals of any forecast hold what they promise.
//
// A model's 10 % and 90 % quantiles are what it believes. Against outcomes that
// it did not know, they hold too few or too many. The layer measures by how much
// in forecasts that have been resolved, and stretches the next ones to fit:
// split conformal prediction with a normalised score (Lei et al. 2018), each
// tail by itself, by unit (the rows of one unit are not independent) and by how
// far ahead the forecast looks.
package conformal

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Forecast is the 10 %, 50 % and 90 % quantile of what is left: clock, km or
// days, 0 or more, Low <= Middle <= High.
type Forecast struct{ Low, Middle, High float64 }

// Outcome is what came of a forecast.
type Outcome struct {
	Unit     string
	Position float64 // how far along it was made: on any axis that has the bins of Options
	Score    float64 // where in the interval the truth lay: 0 in the middle, -1 and 1 on its borders
	Age      float64 // of the outcome, for recency; 0 is newest
	Weight   float64 // that it counts for among the forecasts; 0: 1

	// Maybe are places, as likely as each other but for what the forecasts tell, where the truth
	// may have lain that is not known exactly; Score then says nothing. It counts in each place
	// for as much as all outcomes together make likely.
	Maybe []Maybe
}

// Maybe is a place where a truth may have lain.
type Maybe struct {
	Score float64
	Steep float64 // how much score there is to one unit of what the places are spread over
	Gone  bool    // the truth was there before the forecast was made, which then says nothing
}

// Options of a layer. The zero value is one bin and no recency.
type Options struct {
	Centres  []float64 // of the bins on the axis of positions, rising
	Width    float64   // of each bin; bins may overlap
	HalfLife float64   // by which an outcome that is so much older counts half; 0: all count alike

	// ByForecast counts every forecast by its weight, so that it is of all forecasts that
	// the interval holds its share; else every unit alike, for a share of any unit's.
	ByForecast bool

	// Trust is how many units the model's own interval counts for beside those that were
	// measured: where few are, it is stretched by little.
	Trust float64

	// Fewest units, of all bins together, are enough where minUnits are not. The border is then the farthest of
	// their outcomes, drawn to the model's own by as many units as are missing; nothing narrows, and the middle
	// stays. It holds the next unit the less often the fewer they are, but the interval of a model that nobody has
	// measured may be too narrow by any factor. 0: none are.
	Fewest int
}

// minUnits is how many units a bin needs to speak for itself: with fewer, a
// tenth of them is no unit, and all bins together speak.
const minUnits = 9

// Layer stretches forecasts. It is not changed after Fit.
type Layer struct {
	Centres []float64
	Bins    []Stretch // one a centre, or one without centres
}

// Stretch is what the two sides of an interval are multiplied with. A negative
// one moves the border to the other side of the middle.
type Stretch struct {
	Down, Up float64
	Middle   float64 // the score that half of the outcomes stay below, as far as it stands out of its error
}

// Fit measures outcomes, in any order but for those of one unit at one position. One that says
// nothing, without a finite score or with all its places gone, is left out. Without any, the layer
// leaves forecasts as they are.
func Fit(outcomes []Outcome, o Options) *Layer {
	outcomes = slices.DeleteFunc(slices.Clone(outcomes), func(o Outcome) bool { return !o.says() })
	slices.SortStableFunc(outcomes, func(a, b Outcome) int { // sums depend on their order, in the last digit
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Score, b.Score), cmp.Compare(a.Age, b.Age), cmp.Compare(a.Weight, b.Weight))
	})
	every, ok := o.measure(outcomes, minUnits)
	if !ok && o.Fewest > 0 {
		every, ok = o.measure(outcomes, o.Fewest)
	}
	if !ok {
		every = Stretch{Down: 1, Up: 1}
	}
	l := &Layer{Centres: o.Centres, Bins: make([]Stretch, max(len(o.Centres), 1))}
	l.Bins[0] = every
	for b, centre := range o.Centres {
		var near []Outcome
		for _, out := range outcomes {
			if math.Abs(out.Position-centre) <= o.Width/2 {
				near = append(near, out)
			}
		}
		if l.Bins[b], ok = o.measure(near, minUnits); !ok {
			l.Bins[b] = every
		}
	}
	return l
}

// At is the stretch at a position: between two centres, between theirs. A layer that is not
// whole leaves forecasts as they are.
func (l *Layer) At(position float64) Stretch {
	if len(l.Bins) != max(len(l.Centres), 1) {
		return Stretch{Down: 1, Up: 1}
	}
	b := 0
	for b < len(l.Centres) && position >= l.Centres[b] {
		b++
	}
	if b == 0 || b == len(l.Centres) {
		return l.Bins[max(b-1, 0)]
	}
	before, after := l.Bins[b-1], l.Bins[b]
	share := (position - l.Centres[b-1]) / (l.Centres[b] - l.Centres[b-1])
	return Stretch{
		Down:   before.Down + share*(after.Down-before.Down),
		Up:     before.Up + share*(after.Up-before.Up),
		Middle: before.Middle + share*(after.Middle-before.Middle),
	}
}

// Adjust stretches a forecast made at a position. The order holds, nothing is below 0, and the
// middle stays: who moves it by Stretch.Middle knows the law in which it lies.
func (l *Layer) Adjust(f Forecast, position float64) Forecast {
	s := l.At(position)
	down, up := f.sides()
	low := max(f.Middle-s.Down*down, 0)
	high := max(f.Middle+s.Up*up, 0)
	return Forecast{Low: min(low, f.Middle), Middle: f.Middle, High: max(high, f.Middle)}
}

// sides are the widths of the interval below and above the middle; never 0, so
// that a model that is sure of itself can be stretched too.
func (f Forecast) sides() (down, up float64) {
	least := max(thinnest*f.Middle, math.SmallestNonzeroFloat32)
	return max(f.Middle-f.Low, least), max(f.High-f.Middle, least)
}

const thinnest = 0.01

// Score is where in the interval a truth lies: -1 and 1 are its borders.
func (f Forecast) Score(truth float64) float64 {
	down, up := f.sides()
	if d := truth - f.Middle; d < 0 {
		return d / down
	} else {
		return d / up
	}
}

// says reports whether the outcome tells where the truth lay.
func (o *Outcome) says() bool {
	if len(o.Maybe) == 0 {
		return finite(o.Score)
	}
	there := false
	for _, m := range o.Maybe {
		if !m.Gone && !finite(m.Score) {
			return false
		}
		there = there || !m.Gone
	}
	return there
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (o *Outcome) weight() float64 {
	if o.Weight > 0 {
		return o.Weight
	}
	return 1
}

// scored is a score and its weight.
type scored struct{ score, weight float64 }

// alike is how many units that all count alike would tell as much as those of such weights (Kish).
func alike(weights map[string]float64) float64 {
	all := slices.Sorted(maps.Values(weights)) // sums depend on their order, in the last digit
	sum, squares := 0.0, 0.0
	for _, w := range all {
		sum, squares = sum+w, squares+w*w
	}
	if squares == 0 { // too old to be told from nothing
		return 0
	}
	return sum * sum / squares
}

// measure finds the stretch of outcomes; false of fewer units than are wanted.
func (o Options) measure(outcomes []Outcome, least int) (Stretch, bool) {
	rows, all := map[string]float64{}, 0.0
	for i := range outcomes {
		w := outcomes[i].weight()
		rows[outcomes[i].Unit] += w
		all += w
	}
	if len(rows) < least {
		return Stretch{}, false
	}
	weights, heard := make([]float64, len(outcomes)), map[string]float64{}
	for i := range outcomes {
		w := outcomes[i].weight()
		if o.ByForecast {
			w *= float64(len(rows)) / all
		} else {
			w /= rows[outcomes[i].Unit]
		}
		if o.HalfLife > 0 {
			w *= math.Exp2(-outcomes[i].Age / o.HalfLife)
		}
		weights[i] = w
		heard[outcomes[i].Unit] += w
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	units := alike(heard)
	if units == 0 {
		return Stretch{}, false
	}
	found := bordersOf(outcomes, weights, total/units) // the next unit is one of so many that count alike
	if len(rows) < minUnits {
		return found.widened(units, o.Trust), true
	}
	n := float64(len(rows))
	drawn := func(stretch float64) float64 { return (n*stretch + o.Trust) / (n + o.Trust) }
	return Stretch{Down: drawn(-found.low), Up: drawn(found.high), Middle: found.clearMiddle(units) * n / (n + o.Trust)}, true
}

// widened is what fewer units than minUnits, that count alike, say: the more the more of them there are, and only that an interval
// is too narrow. That all were on one side, or near the middle, happens by chance.
func (b borders) widened(units, trust float64) Stretch {
	share := min(units/minUnits, 1) * units / (units + trust)
	drawn := func(stretch float64) float64 { return 1 + share*max(stretch-1, 0) }
	return Stretch{Down: drawn(-b.low), Up: drawn(b.high)}
}
