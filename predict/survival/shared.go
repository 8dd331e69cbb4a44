package survival

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Shared is the law of lives of which several belong to one unit (shared frailty, in
// accelerated time): the log of a life is LogScale + Effects·x + the unit's own effect +
// that of the part. The unit's is normal with the standard deviation Between, the part's
// that of a Weibull law.
type Shared struct {
	Weibull
	Between float64
}

// Unit is the law of one unit with covariates x.
func (s Shared) Unit(x []float64) Unit {
	return Unit{Shape: s.Shape, LogScale: math.Log(s.Scale(x)), Between: s.Between}
}

// Family is the lives of one unit, with the covariates that they share. A life with an
// Entry belongs to a unit of which no more is known than that it lasted to there: the
// unit is one of those that do (left truncation).
type Family struct {
	Lives []Life // X is not used
	X     []float64
	Count float64 // units with this very record; 0 counts 1
}

// SharedOptions of FitShared.
type SharedOptions struct {
	Prior    Shared    // the expert's law, for x = 0
	Units    float64   // how many units with two failures each the expert's law is worth
	EffectSD []float64 // of the normal prior of each effect around 0, above 0
}

// FitShared finds the law that is most probable after the lives of families and the
// prior, which is needed: Units has to be above 0. The answer is finite whatever the
// lives, and does not depend on their order beyond what the search is exact to.
func FitShared(families []Family, o SharedOptions) (Shared, error) {
	if !(o.Units > 0) || !(o.Prior.Shape > 0) || !(o.Prior.Between >= 0) {
		return Shared{}, fmt.Errorf("survival: a prior of %g units with shape %g and %g between units; want more than none", o.Units, o.Prior.Shape, o.Prior.Between)
	}
	for i := range families {
		if err := Check(families[i].Lives); err != nil {
			return Shared{}, fmt.Errorf("survival: family %d: %w", i, err)
		}
		if len(families[i].X) != len(o.EffectSD) {
			return Shared{}, fmt.Errorf("survival: family %d has %d covariates, want %d", i, len(families[i].X), len(o.EffectSD))
		}
		if slices.ContainsFunc(families[i].X, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			return Shared{}, fmt.Errorf("survival: family %d has a covariate that is not a number", i)
		}
	}
	f := sharedFit{families: slices.Concat(families, o.Prior.pseudo(o.Units, len(o.EffectSD))), sd: o.EffectSD}
	start := make([]float64, sharedOwn+len(o.EffectSD))
	start[0], start[1], start[2] = math.Log(o.Prior.Shape), o.Prior.LogScale, math.Log(math.Max(o.Prior.Between, leastBetween))
	last := make([]float64, len(start))
	problem := optimize.Problem{
		Func: func(theta []float64) float64 { return -f.posterior(theta, last) },
		Grad: func(grad, theta []float64) {
			f.posterior(theta, grad)
			for i := range grad {
				grad[i] = -grad[i]
			}
		},
	}
	found, err := optimize.Minimize(problem, start, &optimize.Settings{
		GradientThreshold: 1e-4, MajorIterations: 200, Converger: &optimize.FunctionConverge{Absolute: 1e-7, Relative: 1e-9, Iterations: 10},
	}, &optimize.BFGS{})
	if found == nil {
		return Shared{}, fmt.Errorf("survival: %w", err)
	}
	at := found.X // a search that stops early has climbed all the same
	return Shared{
		Weibull: Weibull{Shape: shapeOf(at[0]), LogScale: at[1], Effects: slices.Clone(at[sharedOwn:])},
		Between: betweenOf(at[2]),
	}, nil
}

// pseudo are families that an expert has in mind: units at even quantiles of how they
// differ, each with two failures whose quantiles are each other's opposite.
func (s Shared) pseudo(units float64, covariates int) []Family {
	const n, parts = 6, 4
	var out []Family
	for i := range n {
		b := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/n-1) * s.Between
		for j := range parts {
			f := Family{X: make([]float64, covariates), Count: units / (n * parts)}
			for _, below := range []float64{(float64(j) + 0.5) / parts, (parts - float64(j) - 0.5) / parts} {
				f.Lives = append(f.Lives, Life{Exit: math.Exp(s.LogScale+b) * math.Pow(-math.Log1p(-below), 1/s.Shape), Failed: true})
			}
			out = append(out, f)
		}
	}
	return out
}

// sharedFit is the log-posterior of theta = (log shape, log scale, log between,
// effects).
type sharedFit struct {
	families []Family
	sd       []float64
}

const (
	sharedOwn    = 3     // parameters before the effects
	leastBetween = 0.01  // units that are more alike than 1 % are alike
	mostBetween  = 2.0   // a factor of seven
	leastShape   = 0.2   // of what is fitted
	mostShape    = 15.0  // and the most: parts of one unit that last alike within 9 %
	steps        = 33    // of the effect of a unit, evenly
	reach        = 3.2   // standard deviations that they span
	farAway      = 690.0 // log of what is nearly the largest number
)

func shapeOf(log float64) float64 {
	return math.Exp(clamp(log, math.Log(leastShape), math.Log(mostShape)))
}
func betweenOf(log float64) float64 {
	return math.Exp(clamp(log, math.Log(leastBetween), math.Log(mostBetween)))
}
func clamp(v, lo, hi float64) float64 { return math.Min(math.Max(v, lo), hi) }

// grid are the values that the effect of a unit may have, with exp(-shape b) and the
// log of their share. They span the normal law evenly, so that the law of a unit
// which is known well is met by several of them.
type grid struct {
	b, pace, share [steps]float64
	k, between     float64
}

func gridOf(k, between float64) *grid {
	g := &grid{k: k, between: between}
	sum := 0.0
	for i := range steps {
		z := reach * (2*float64(i)/(steps-1) - 1)
		g.b[i], g.share[i] = between*z, -z*z/2
		g.pace[i] = math.Exp(clamp(-k*g.b[i], -farAway, farAway))
		sum += math.Exp(g.share[i])
	}
	for i := range steps {
		g.share[i] -= math.Log(sum)
	}
	return g
}

// mean is the log of the mean of exp(-failed k b - hazard exp(-k b)) over units, and
// under the law that this leaves the means of exp(-k b), of b, and of both together.
func (g *grid) mean(failed, hazard float64) (log, pace, b, both float64) {
	var at [steps]float64
	top := math.Inf(-1)
	for i := range steps {
		at[i] = g.share[i] - failed*g.k*g.b[i] - hazard*g.pace[i]
		top = math.Max(top, at[i])
	}
	sum := 0.0
	for i := range steps {
		w := math.Exp(at[i] - top)
		sum += w
		pace += w * g.pace[i]
		b += w * g.b[i]
		both += w * g.b[i] * g.pace[i]
	}
	return top + math.Log(sum), pace / sum, b / sum, both / sum
}

// posterior is the log-posterior and its gradient. The effects that a unit may have are
// summed over (Fisher's identity: the gradient is the mean of that of a unit whose
// effect is known).
func (f *sharedFit) posterior(theta, gradient []float64) float64 {
	clear(gradient)
	k := shapeOf(theta[0])
	g := gridOf(k, betweenOf(theta[2]))
	value := 0.0
	for i := range f.families {
		value += f.family(&f.families[i], g, theta, gradient)
	}
	for j, sd := range f.sd {
		e := theta[sharedOwn+j] / sd
		value -= e * e / 2
		gradient[sharedOwn+j] -= e / sd
	}
	// Outside of their bounds shape and between change nothing but this pull back.
	for j, within := range [...]float64{math.Log(k), theta[1], math.Log(g.between)} {
		if off := theta[j] - within; off != 0 {
			value -= off * off
			gradient[j] = -2 * off
		}
	}
	return value
}

// family adds the lives of one unit to the gradient, and returns their log-likelihood.
func (f *sharedFit) family(u *Family, g *grid, theta, gradient []float64) float64 {
	n, scale := u.Count, theta[1]
	if n == 0 {
		n = 1
	}
	for j, x := range u.X {
		scale += theta[sharedOwn+j] * x
	}
	var failed, logs, hazard, turned, entry, entryTurned float64
	add := func(clock float64, hazard, turned *float64) float64 {
		z := math.Min(g.k*(math.Log(clock)-scale), farAway)
		h := math.Exp(z)
		*hazard, *turned = *hazard+h, *turned+h*z
		return z
	}
	for i := range u.Lives {
		l := &u.Lives[i]
		z := add(l.Exit, &hazard, &turned)
		if l.Failed {
			failed, logs = failed+1, logs+z
		}
		if l.Entry > 0 {
			add(l.Entry, &entry, &entryTurned)
		}
	}
	log, pace, b, both := g.mean(failed, hazard)
	value := failed*math.Log(g.k) + logs + log
	byShape := failed + logs - turned*pace + g.k*(hazard*both-failed*b)
	byScale := g.k * (hazard*pace - failed)
	byBetween := g.k * (hazard*both - failed*b)
	if entry > 0 {
		log, pace, _, both := g.mean(0, entry)
		value -= log
		byShape -= g.k*entry*both - entryTurned*pace
		byScale -= g.k * entry * pace
		byBetween -= g.k * entry * both
	}
	gradient[0] += n * byShape
	gradient[1] += n * byScale
	gradient[2] += n * byBetween
	for j, x := range u.X {
		gradient[sharedOwn+j] += n * byScale * x
	}
	return n * value
}
