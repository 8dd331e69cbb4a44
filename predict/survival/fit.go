package survival

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Options of Fit; the zero value has no prior.
type Options struct {
	Prior    Expert
	EffectSD float64 // of the normal prior of each effect; 0: 0.5
}

// Expert is what is known before any data: lives of units that nobody has seen.
type Expert struct {
	Shape, Scale float64 // of their Weibull law, for x = 0
	Units        float64 // how many failures that knowledge is worth; 0: no prior
}

// pseudo are the lives that an expert has in mind: failures at even quantiles.
func (e Expert) pseudo(covariates int) []Life {
	if !(e.Units > 0) {
		return nil
	}
	const n = 20
	lives := make([]Life, n)
	for i := range lives {
		below := (float64(i) + 0.5) / n
		lives[i] = Life{
			Exit: e.Scale * math.Pow(-math.Log1p(-below), 1/e.Shape), Failed: true,
			X: make([]float64, covariates), Count: e.Units / n,
		}
	}
	return lives
}

const (
	defaultEffectSD = 0.5
	minLogShape     = -2.0 // shapes from 0.14 to 20
	maxLogShape     = 3.0
	fitTurns        = 200
)

// Fit finds the Weibull law that is most probable after the lives and the prior
// (MAP; the maximum of the likelihood without a prior and covariates). Lives that
// fail Check are an error, and so are no failures without a prior. The answer is
// finite, however few lives there are.
func Fit(lives []Life, options Options) (Weibull, error) {
	if err := Check(lives); err != nil {
		return Weibull{}, err
	}
	f := newFit(lives, options)
	failures := 0.0
	for i := range f.lives {
		if f.lives[i].Failed {
			failures += f.lives[i].count()
		}
	}
	if failures == 0 {
		return Weibull{}, ErrNoFailures
	}
	return f.solve(), nil
}

// fit is the log-posterior of theta = (log shape, log scale, effects). Times are
// divided by a typical one, and covariates centred and scaled, so that steps are
// of one size; the law is put back together at the end.
type fit struct {
	lives        []Life
	unit         float64
	mean, spread []float64
	effectSD     float64
	fixed        []bool // covariates that do not vary say nothing
}

func newFit(lives []Life, options Options) *fit {
	covariates := 0
	if len(lives) > 0 {
		covariates = len(lives[0].X)
	}
	f := &fit{mean: make([]float64, covariates), spread: make([]float64, covariates), fixed: make([]bool, covariates), effectSD: options.EffectSD}
	if !(f.effectSD > 0) {
		f.effectSD = defaultEffectSD
	}
	n, sum := 0.0, 0.0
	for i := range lives {
		c := lives[i].count()
		n, sum = n+c, sum+c*math.Log(lives[i].Exit)
		for j, x := range lives[i].X {
			f.mean[j] += c * x
		}
	}
	for j := range f.mean {
		f.mean[j] /= max(n, 1)
	}
	for i := range lives {
		for j, x := range lives[i].X {
			f.spread[j] += lives[i].count() * (x - f.mean[j]) * (x - f.mean[j])
		}
	}
	for j := range f.spread {
		f.spread[j] = math.Sqrt(f.spread[j] / max(n, 1))
		if f.fixed[j] = !(f.spread[j] > 1e-12*(1+math.Abs(f.mean[j]))); f.fixed[j] {
			f.spread[j] = 1
		}
	}
	expert := options.Prior.pseudo(covariates)
	for i := range expert {
		c := expert[i].count()
		n, sum = n+c, sum+c*math.Log(expert[i].Exit)
	}
	f.unit = math.Exp(sum / max(n, 1e-9))
	for _, l := range append(append([]Life(nil), lives...), expert...) {
		x := make([]float64, covariates)
		for j := range x {
			if !f.fixed[j] {
				x[j] = (l.X[j] - f.mean[j]) / f.spread[j]
			}
		}
		f.lives = append(f.lives, Life{Entry: l.Entry / f.unit, Exit: l.Exit / f.unit, Failed: l.Failed, X: x, Count: l.count()})
	}
	return f
}

// solve finds the most probable law.
func (f *fit) solve() Weibull {
	theta := make([]float64, 2+len(f.mean))
	theta[1] = f.firstScale()
	theta = climb(theta, func(theta []float64) (float64, []float64, *mat.SymDense) {
		value, gradient, curve := f.posterior(theta)
		curve.ScaleSym(-1, curve)
		return value, gradient, curve
	}, fitTurns, 1e-12, func(theta []float64) { theta[0] = max(min(theta[0], maxLogShape), minLogShape) })
	w := Weibull{Shape: math.Exp(theta[0]), LogScale: theta[1] + math.Log(f.unit)}
	for j, e := range theta[2:] {
		effect := e / f.spread[j]
		w.Effects = append(w.Effects, effect)
		w.LogScale -= effect * f.mean[j]
	}
	return w
}

// firstScale is the scale of an exponential law: time at risk over failures.
func (f *fit) firstScale() float64 {
	time, failures := 0.0, 0.0
	for i := range f.lives {
		l := &f.lives[i]
		time += l.Count * (l.Exit - l.Entry)
		if l.Failed {
			failures += l.Count
		}
	}
	return math.Log(time / failures)
}

// posterior is the log-posterior, its gradient and its second derivatives. With
// z = shape (log t - log scale) a life adds failed (log shape + z) - exp(z) +
// exp(z at entry) (Meeker & Escobar 1998, ch. 8 and 11).
func (f *fit) posterior(theta []float64) (float64, []float64, *mat.SymDense) {
	p := len(theta)
	gradient, curve := make([]float64, p), mat.NewSymDense(p, nil)
	value, k := 0.0, math.Exp(theta[0])
	d := make([]float64, p-1) // of log scale by theta[1:]
	for i := range f.lives {
		l := &f.lives[i]
		scale := theta[1]
		d[0] = 1
		for j, x := range l.X {
			scale += theta[2+j] * x
			d[1+j] = x
		}
		failed := 0.0
		if l.Failed {
			failed = 1
		}
		z := k * (math.Log(l.Exit) - scale)
		e := math.Exp(z)
		z0, e0 := 0.0, 0.0
		if l.Entry > 0 {
			z0 = k * (math.Log(l.Entry) - scale)
			e0 = math.Exp(z0)
		}
		n := l.Count
		value += n * (failed*(theta[0]+z) - e + e0)
		gradient[0] += n * (failed + z*(failed-e) + z0*e0)
		byScale := -k * (failed - e + e0)
		curve.SetSym(0, 0, curve.At(0, 0)+n*(z*(failed-e)-z*z*e+z0*e0+z0*z0*e0))
		cross := byScale + k*(e*z-e0*z0)
		for a, da := range d {
			gradient[1+a] += n * byScale * da
			curve.SetSym(0, 1+a, curve.At(0, 1+a)+n*cross*da)
			for b := a; b < len(d); b++ {
				curve.SetSym(1+a, 1+b, curve.At(1+a, 1+b)-n*k*k*(e-e0)*da*d[b])
			}
		}
	}
	for j := 2; j < p; j++ {
		tight := 1 / (f.effectSD * f.effectSD)
		value -= theta[j] * theta[j] * tight / 2
		gradient[j] -= theta[j] * tight
		curve.SetSym(j, j, curve.At(j, j)-tight)
	}
	return value, gradient, curve
}
