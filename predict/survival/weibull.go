package survival

import "math"

// Weibull is the law of a life: S(t) = exp(-(t/scale)^Shape), where the log of
// scale is LogScale + Effects·x. An effect of 0.1 is a life 10 % longer a unit of x.
type Weibull struct {
	Shape    float64   // above 1: wears out; below 1: early failures
	LogScale float64   // log of the clock at which 63.2 % have failed, for x = 0
	Effects  []float64 // of the covariates on the log of the clock
}

// Scale is the clock at which 63.2 % of the units with covariates x have failed.
func (w Weibull) Scale(x []float64) float64 {
	s := w.LogScale
	for i, e := range w.Effects {
		if i < len(x) {
			s += e * x[i]
		}
	}
	return math.Exp(min(max(s, -600), 600)) // finite for covariates far from any that were seen
}

// Survival is the probability that a unit still works at clock t.
func (w Weibull) Survival(t float64, x []float64) float64 {
	return math.Exp(-w.hazard(t, x))
}

// hazard is the cumulative hazard up to t.
func (w Weibull) hazard(t float64, x []float64) float64 {
	if !(t > 0) {
		return 0
	}
	return min(math.Pow(t/w.Scale(x), w.Shape), 1e300) // differences stay numbers
}

// Given is the probability that a unit which works at a clock still works ahead
// later: S(now+ahead)/S(now). It is the prior of a component's forecast.
func (w Weibull) Given(now, ahead float64, x []float64) float64 {
	return math.Exp(min(w.hazard(now, x)-w.hazard(now+max(ahead, 0), x), 0))
}

// Quantile is the clock by which a share p of the units has failed, 0 <= p < 1.
func (w Weibull) Quantile(p float64, x []float64) float64 { return w.Ahead(p, 0, x) }

// Ahead is how far beyond a clock that a unit has survived it fails with
// probability p, 0 <= p < 1: the residual life, never below 0.
func (w Weibull) Ahead(p, now float64, x []float64) float64 {
	scale := w.Scale(x)
	now = max(now, 0)
	end := scale * math.Pow(w.hazard(now, x)-math.Log1p(-p), 1/w.Shape)
	return max(end-now, 0)
}
