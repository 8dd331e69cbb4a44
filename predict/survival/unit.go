package survival

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Form is the law of the lives that parts have in one unit.
type Form uint8

// The forms. With z = Shape·(log life - log scale), z is the log of an exponential life
// of mean 1 for Weibull, and standard normal for Lognormal.
const (
	WeibullForm Form = iota
	LognormalForm
)

// Unit is the law of the lives that parts have, one after another, in one unit: of a
// form whose scale is the unit's own. How the unit differs from others is not known, but
// every part that it has had says something of it. The zero value is not usable:
// Shared.Unit makes one.
type Unit struct {
	Form     Form
	Shape    float64 // of the lives of one unit
	LogScale float64 // log of the scale of the middle unit
	Between  float64 // standard deviation of the log of the scale between units

	failed, hazard float64 // Weibull: of the parts it has had, as if it were the middle unit
	effect, known  float64 // Lognormal: mean of the unit's effect, and by how much its variance has gone
}

// Lived takes it that a part of the unit has lasted to a clock, and failed there or
// was taken out (right-censored). Clocks that are not above 0 say nothing, nor does a life
// that hardly any part could have: a renewal in between has no record.
func (u *Unit) Lived(clock float64, failed bool) {
	if !(clock > 0) || math.IsInf(clock, 0) {
		return
	}
	above := elementary.Log(clock) - u.LogScale
	scale, variance := u.Scale()
	if u.Form.Survival(elementary.Log(clock)-scale, u.Shape, variance) < hardlyAny {
		return
	}
	if u.Form == LognormalForm {
		u.livedNormal(above, failed)
		return
	}
	u.hazard += min(elementary.Exp(u.Shape*above), 1e9)
	if failed {
		u.failed++
	}
}

// hardlyAny is the chance of a life below which it is taken for two.
const hardlyAny = 0.002

// livedNormal keeps the effect of the unit normal: exact of failures, by the moments of what
// is left of it where a part was taken out.
func (u *Unit) livedNormal(above float64, failed bool) {
	variance := u.Between*u.Between - u.known
	whole := variance + 1/(u.Shape*u.Shape)
	gain := variance / whole
	if failed {
		u.effect += gain * (above - u.effect)
		u.known += gain * variance
		return
	}
	z := min((above-u.effect)/math.Sqrt(whole), 8)
	hazard := elementary.Exp(-z*z/2) / math.Sqrt(2*math.Pi) / (math.Erfc(z/math.Sqrt2) / 2)
	u.effect += gain * math.Sqrt(whole) * hazard
	u.known += gain * variance * hazard * (hazard - z)
}

// Scale is the log of the unit's own scale, after the parts it has had, with its
// variance. Of a Weibull law they are the mode and the curvature there of the posterior,
// which has one peak.
func (u *Unit) Scale() (mean, variance float64) {
	prior := u.Between * u.Between
	if u.Form == LognormalForm {
		return u.LogScale + u.effect, max(prior-u.known, 0)
	}
	if prior == 0 || u.hazard == 0 {
		return u.LogScale, prior
	}
	// The log-posterior of the effect b is -failed k b - hazard exp(-k b) - b²/2 prior.
	k, b := u.Shape, 0.0
	for range 50 {
		e := u.hazard * elementary.Exp(-k*b)
		slope, curve := k*(e-u.failed)-b/prior, k*k*e+1/prior
		step := max(min(slope/curve, 2/k), -2/k) // Newton overshoots where the hazard falls off
		if b += step; math.Abs(step) < 1e-9 {
			break
		}
	}
	return u.LogScale + b, 1 / (k*k*u.hazard*elementary.Exp(-k*b) + 1/prior)
}

// Median of the unit's next life, as the log of the clock.
func (u *Unit) Median() float64 {
	mean, _ := u.Scale()
	if u.Form == LognormalForm {
		return mean
	}
	return mean + elementary.Log(math.Ln2)/u.Shape
}

// Spread is the variance of the log of a life whose scale is known to a variance.
func (f Form) Spread(shape, variance float64) float64 {
	if f == LognormalForm {
		return variance + 1/(shape*shape)
	}
	return variance + math.Pi*math.Pi/6/(shape*shape)
}

// Survival is the probability that a life lasts beyond a clock, of a law whose log-scale is
// normal with a variance. above is the log of the clock less the mean of the log-scale.
// The error is below 0.002.
func (f Form) Survival(above, shape, variance float64) float64 {
	sd := math.Sqrt(variance)
	if f == LognormalForm {
		return elementary.Normal(-above / math.Sqrt(variance+1/(shape*shape)))
	}
	still := 0.0
	switch blur := shape * sd; {
	case blur < 1e-3:
		return elementary.Exp(-elementary.Exp(shape * above))
	case blur < 0.9: // the law of one unit is the wider: it is averaged over units
		for _, n := range normal7 {
			still += n.share * elementary.Exp(-elementary.Exp(shape*(above+sd*n.at)))
		}
	default: // units are: the share of them whose parts last is averaged over the parts
		for _, n := range life5 {
			still += n.share * elementary.Normal((n.at/shape-above)/sd)
		}
	}
	return still
}

// node is one of a rule that takes the mean of a function under a law: exact for
// polynomials up to the 13th degree (Gauss).
type node struct{ at, share float64 }

// normal7 is the rule of the standard normal law, life5 that of the log of a life that is
// exponential with mean 1: a Weibull life has it divided by its shape. It is one of seven
// nodes, whose two farthest have less than one in 10,000 and are added to the next.
var (
	normal7 = [7]node{
		{-3.7504397177, 0.0005482689},
		{-2.3667594107, 0.0307571240},
		{-1.1544053947, 0.2401231786},
		{0, 0.4571428571},
		{1.1544053947, 0.2401231786},
		{2.3667594107, 0.0307571240},
		{3.7504397177, 0.0005482689},
	}
	life5 = [5]node{
		{-6.9417306744, 0.0037432440},
		{-3.6948461831, 0.0660115343},
		{-1.4134138615, 0.3590549159},
		{0.1642829879, 0.4796856238},
		{1.3290454180, 0.0915046819},
	}
)
