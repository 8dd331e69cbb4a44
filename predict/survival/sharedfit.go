package survival

import (
	"math"
	"slices"
)

// sharedFit is the log-posterior of theta = (shape, log scale, between, effects), shape
// and between each on its span.
type sharedFit struct {
	form     Form
	families []Family
	sd       []float64

	theta, gradient []float64 // where it was asked last, and what it answered
	value           float64
}

// at is posterior, worked out once for value and gradient.
func (f *sharedFit) at(theta []float64) float64 {
	if !slices.Equal(f.theta, theta) {
		f.theta, f.gradient = slices.Clone(theta), make([]float64, len(theta))
		f.value = f.posterior(theta, f.gradient)
	}
	return f.value
}

const (
	sharedOwn    = 3    // parameters before the effects
	leastBetween = 0.01 // units that are more alike than 1 % are alike
	mostBetween  = 2.0  // a factor of seven
	leastShape   = 0.2  // of what is fitted
	mostShape    = 15.0 // and the most: parts of one unit that last alike within 9 %
	steps        = 33   // of the effect of a unit, evenly
	reach        = 3.2  // standard deviations that they span
	farthestZ    = 30.0 // from the middle that a life is put at
)

// span maps any number into a span of logs, smoothly, so that a search never leaves it;
// slope is that of the log.
type span struct{ lo, hi float64 }

var (
	shapes   = span{math.Log(leastShape), math.Log(mostShape)}
	betweens = span{math.Log(leastBetween), math.Log(mostBetween)}
)

func (s span) at(x float64) (value, slope float64) {
	share := 1 / (1 + math.Exp(-x))
	return math.Exp(s.lo + (s.hi-s.lo)*share), (s.hi - s.lo) * share * (1 - share)
}

// of turns at round; values outside of the span are put just within it.
func (s span) of(value float64) float64 {
	share := clamp((math.Log(max(value, math.SmallestNonzeroFloat64))-s.lo)/(s.hi-s.lo), 1e-6, 1-1e-6)
	return math.Log(share / (1 - share))
}

// start is where a search begins: well within the span, where there is a slope.
func (s span) start(value float64) float64 { return clamp(s.of(value), -3, 3) }

func clamp(v, lo, hi float64) float64 { return min(max(v, lo), hi) }

// failed is the log of the density of z, and survived that of lasting beyond it, each
// with its slope.
func (f Form) failed(z float64) (log, slope float64) {
	if f == LognormalForm {
		return -z*z/2 - 0.9189385332046727, -z // log of the root of 2 pi
	}
	e := math.Exp(z)
	return z - e, 1 - e
}

func (f Form) survived(z float64) (log, slope float64) {
	if f == LognormalForm {
		still := math.Erfc(z/math.Sqrt2) / 2
		return math.Log(still), -math.Exp(-z*z/2) / (math.Sqrt(2*math.Pi) * still)
	}
	e := math.Exp(z)
	return -e, -e
}

// posterior is the log-posterior and its gradient. The effects that a unit may have are
// summed over (Fisher's identity: the gradient is the mean of that of a unit whose
// effect is known).
func (f *sharedFit) posterior(theta, gradient []float64) float64 {
	clear(gradient)
	k, byShape := shapes.at(theta[0])
	between, byBetween := betweens.at(theta[2])
	value := 0.0
	for i := range f.families {
		value += f.family(&f.families[i], k, between, theta, gradient)
	}
	gradient[0] *= byShape
	gradient[2] *= byBetween
	for j, sd := range f.sd {
		e := theta[sharedOwn+j] / sd
		value -= e * e / 2
		gradient[sharedOwn+j] -= e / sd
	}
	return value
}

// family adds the lives of one unit to the gradient, and returns their log-likelihood.
func (f *sharedFit) family(u *Family, k, between float64, theta, gradient []float64) float64 {
	n, scale := u.Count, theta[1]
	if n == 0 {
		n = 1
	}
	for j, x := range u.X {
		scale += theta[sharedOwn+j] * x
	}
	var over mixed
	seen := over.lives(f.form, u.Lives, k, scale, between)
	slopes, value := over.slopes, seen
	if late := entries(u.Lives); len(late) > 0 {
		value -= over.lives(f.form, late, k, scale, between)
		for i := range slopes {
			slopes[i] -= over.slopes[i]
		}
	}
	for i, s := range slopes {
		gradient[i] += n * s
	}
	for j, x := range u.X {
		gradient[sharedOwn+j] += n * slopes[1] * x
	}
	return n * value
}

// entries are what was known of the lives of a unit before it was watched: each had lasted
// to there.
func entries(lives []Life) []Life {
	var out []Life
	for i := range lives {
		if lives[i].Entry > 0 {
			out = append(out, Life{Exit: lives[i].Entry})
		}
	}
	return out
}

// mixed is the likelihood of lives, summed over the effects that their unit may have. These
// span the normal law evenly, so that the law of a unit which is known well is met by
// several of them.
type mixed struct {
	log    [steps]float64 // of the likelihood at an effect, with its share,
	chance [steps]float64 // and a factor of it
	bySum  [steps]float64 // slope by z of all lives, and that times z
	byZ    [steps]float64
	slopes [sharedOwn]float64 // of the answer
}

// lives returns the log of the likelihood, and leaves its gradient in slopes.
func (m *mixed) lives(form Form, lives []Life, k, scale, between float64) float64 {
	const step = 2 * reach / (steps - 1)
	top, failures := math.Inf(-1), 0.0
	for i := range steps {
		z := -reach + step*float64(i)
		m.log[i], m.chance[i], m.bySum[i], m.byZ[i] = -z*z/2, 1, 0, 0
	}
	for j := range lives {
		l := &lives[j]
		of := form.survived
		if l.Failed {
			of, failures = form.failed, failures+1
		}
		above := math.Log(l.Exit) - scale
		for i := range steps {
			z := clamp(k*(above-between*(-reach+step*float64(i))), -farthestZ, form.farthest())
			log, slope := of(z)
			right := math.Exp(log)
			said := right + strange // the record may be wrong
			slope *= right / said
			if m.chance[i] *= said; m.chance[i] < nearlyNone {
				m.log[i] += math.Log(m.chance[i])
				m.chance[i] = 1
			}
			m.bySum[i] += slope
			m.byZ[i] += slope * z
		}
	}
	for i := range steps {
		m.log[i] += math.Log(m.chance[i])
		top = max(top, m.log[i])
	}
	var sum, byScale, byShape, byBetween float64
	for i := range steps {
		w := math.Exp(m.log[i] - top)
		sum += w
		byScale += w * m.bySum[i]
		byShape += w * m.byZ[i]
		byBetween += w * m.bySum[i] * (-reach + step*float64(i))
	}
	m.slopes = [sharedOwn]float64{failures + byShape/sum, -k * byScale / sum, -k * between * byBetween / sum}
	return failures*math.Log(k) + top + math.Log(sum) - logShares
}

// strange is the likelihood of any life whose record is wrong: of fifty lives one is two,
// because a renewal between them has no record, and lies anywhere within twenty standard
// deviations.
const strange = 0.001

// nearlyNone is a chance from which on its log is taken.
const nearlyNone = 1e-200

// farthest is how far above the middle a life is put at the most: the hazard of a Weibull
// law rises fast.
func (f Form) farthest() float64 {
	if f == LognormalForm {
		return farthestZ
	}
	return 6
}

// logShares is the log of the sum of the shares of the effects.
var logShares = func() float64 {
	sum := 0.0
	for i := range steps {
		z := -reach + 2*reach/(steps-1)*float64(i)
		sum += math.Exp(-z * z / 2)
	}
	return math.Log(sum)
}()
