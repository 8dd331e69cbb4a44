package survival

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// sharedFit is the log-posterior of theta = (shape, log scale, between, effects), shape
// and between each on its span.
type sharedFit struct {
	form     Form
	families []watched
	sd       []float64
}

// watched is a family as it is asked for again and again.
type watched struct {
	lives   []lasting
	entries []lasting // what was known of them before anybody watched: each had lasted to there
	x       []float64
	count   float64
}

// lasting is how long a part lasted, or that it had lasted so long.
type lasting struct {
	log    float64 // of the clock
	failed bool
}

func watch(families []Family) []watched {
	out := make([]watched, len(families))
	for i := range families {
		f := &families[i]
		w := watched{x: f.X, count: f.Count}
		if w.count == 0 {
			w.count = 1
		}
		for _, l := range f.Lives {
			w.lives = append(w.lives, lasting{math.Log(l.Exit), l.Failed})
			if l.Entry > 0 {
				w.entries = append(w.entries, lasting{math.Log(l.Entry), false})
			}
		}
		out[i] = w
	}
	return out
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
func (s span) start(value float64) float64 { return clamp(s.of(value), -inner, inner) }

// inner is how far a search begins from the middle of a span, at the most.
const inner = 3.0

func clamp(v, lo, hi float64) float64 { return min(max(v, lo), hi) }

// posterior is the log-posterior, with its gradient and the information. The effects that a unit
// may have are summed over (Fisher's identity: the gradient is the mean of that of a unit whose
// effect is known). The information is the sum of the squares of the slopes of each family (Berndt, Hall,
// Hall and Hausman 1974): how the posterior bends where the law is that of the lives, and in any case
// steps that climb.
func (f *sharedFit) posterior(theta []float64) (value float64, gradient []float64, information *mat.SymDense) {
	k, byShape := shapes.at(theta[0])
	between, byBetween := betweens.at(theta[2])
	gradient, information = make([]float64, len(theta)), mat.NewSymDense(len(theta), nil)
	slopes := make([]float64, len(theta))
	for i := range f.families {
		u := &f.families[i]
		told, own := f.family(u, k, between, theta)
		value += u.count * told
		slopes[0], slopes[1], slopes[2] = own[0]*byShape, own[1], own[2]*byBetween
		for j, x := range u.x {
			slopes[sharedOwn+j] = own[1] * x
		}
		floats.AddScaled(gradient, u.count, slopes)
		addSquares(information, u.count, slopes)
	}
	for j, sd := range f.sd {
		at, e := sharedOwn+j, theta[sharedOwn+j]/sd
		value -= e * e / 2
		gradient[at] -= e / sd
		information.SetSym(at, at, information.At(at, at)+1/(sd*sd))
	}
	return value, gradient, information
}

// addSquares adds what one family tells: most of its slopes are none, since it belongs to few groups.
func addSquares(to *mat.SymDense, count float64, slopes []float64) {
	raw := to.RawSymmetric()
	for i, s := range slopes {
		if s == 0 {
			continue
		}
		row := raw.Data[i*raw.Stride:]
		for j := i; j < len(slopes); j++ {
			if slopes[j] != 0 {
				row[j] += count * s * slopes[j]
			}
		}
	}
}

// family is the log-likelihood of the lives of one unit, and its slopes by the logs of shape, scale and
// between.
func (f *sharedFit) family(u *watched, k, between float64, theta []float64) (value float64, slopes [sharedOwn]float64) {
	scale := theta[1]
	for j, x := range u.x {
		scale += theta[sharedOwn+j] * x
	}
	var over mixed
	value = over.of(f.form, u.lives, k, scale, between)
	slopes = over.slopes
	if len(u.entries) > 0 {
		value -= over.of(f.form, u.entries, k, scale, between)
		for i := range slopes {
			slopes[i] -= over.slopes[i]
		}
	}
	return value, slopes
}

// mixed is the likelihood of lives, summed over the effects that their unit may have. These
// span the normal law evenly, so that the law of a unit which is known well is met by
// several of them.
type mixed struct {
	chance [steps]float64 // the likelihood at an effect,
	log    [steps]float64 // times the exponential of this, where it would be too small,
	small  bool

	byZ, byShape [steps]float64     // slopes of the log of all lives, by z and by the log of the shape
	slopes       [sharedOwn]float64 // of the answer
}

// step is that between effects.
const step = 2 * reach / (steps - 1)

// of returns the log of the likelihood, and leaves its gradient in slopes.
func (m *mixed) of(form Form, lives []lasting, k, scale, between float64) float64 {
	*m = mixed{}
	for i := range m.chance {
		m.chance[i] = 1
	}
	failures := 0.0
	for j := range lives {
		l := &lives[j]
		if l.failed {
			failures++
		}
		if lowest := k * (l.log - scale - between*reach); form == LognormalForm {
			m.addNormal(lowest, k*between*step, strange/k, l.failed)
		} else {
			m.addWeibull(lowest, k*between*step, strange/k, l.failed)
		}
	}
	top := math.Inf(-1)
	for _, log := range m.log {
		top = max(top, log)
	}
	var sum, byScale, byShape, byBetween float64
	for i := range steps {
		w := shares[i] * m.chance[i]
		if m.small {
			w *= math.Exp(m.log[i] - top)
		}
		sum += w
		byScale += w * m.byZ[i]
		byShape += w * m.byShape[i]
		byBetween += w * m.byZ[i] * (reach - step*float64(i))
	}
	m.slopes = [sharedOwn]float64{failures + byShape/sum, -k * byScale / sum, -k * between * byBetween / sum}
	return failures*math.Log(k) + top + math.Log(sum)
}

// addWeibull adds a life of which z, with the unit's highest effect, is lowest, and grows by
// rise from each effect to the next lower one. The hazard grows by the same factor. wrong is the density
// by z of a life whose record is wrong.
func (m *mixed) addWeibull(lowest, rise, wrong float64, failed bool) {
	hazard, factor := elementary.Exp(lowest), elementary.Exp(rise)
	for i := range steps {
		z, e := lowest+rise*float64(i), hazard
		switch {
		case z < -farthestZ:
			z, e = -farthestZ, leastHazard
		case z > latestZ:
			z, e = latestZ, mostHazard
		}
		hazard *= factor
		if still := elementary.Exp(-e); failed {
			m.ended(i, z, still*e, 1-e, wrong)
		} else {
			m.goesOn(i, z, still, -still*e)
		}
	}
}

// addNormal is addWeibull of the lognormal form.
func (m *mixed) addNormal(lowest, rise, wrong float64, failed bool) {
	for i := range steps {
		z := clamp(lowest+rise*float64(i), -farthestZ, farthestZ)
		if density := elementary.Exp(-z*z/2) / rootTwoPi; failed {
			m.ended(i, z, density, -z, wrong)
		} else {
			m.goesOn(i, z, elementary.Normal(-z), -density)
		}
	}
}

// ended takes a life that ended at z, which has a density there at an effect, and the slope of its log.
func (m *mixed) ended(i int, z, density, slope, wrong float64) {
	said := density + wrong
	byZ := slope * density / said
	m.add(i, said, byZ, byZ*z-wrong/said)
}

// goesOn takes a life that lasted to z, which has a chance at an effect, and the slope of that.
func (m *mixed) goesOn(i int, z, chance, slope float64) {
	said := chance + outlived
	byZ := slope / said
	m.add(i, said, byZ, byZ*z)
}

// add takes what one life has said at an effect, and the slopes of its log by z and by the log of
// the shape.
func (m *mixed) add(i int, said, byZ, byShape float64) {
	if m.chance[i] *= said; m.chance[i] < nearlyNone {
		m.log[i] += math.Log(m.chance[i])
		m.chance[i], m.small = 1, true
	}
	m.byZ[i] += byZ
	m.byShape[i] += byShape
}

const (
	// strange is how likely a life of any length is whose record is wrong, to a unit of its log: of
	// fifty one is two, because a renewal between them has no record, or a part of one, and they spread over
	// a factor of 400. That does not hang on the law: if it did, a narrow law would have more for
	// what it does not explain, and the fit be narrower than the lives.
	strange = 0.02 / 6
	// outlived is the chance that a life goes on, however long it has: less, because what goes on too long
	// is looked at again, as perhaps two.
	outlived = 0.001
)

// nearlyNone is a chance from which on its log is taken.
const nearlyNone = 1e-200

// latestZ is how far above the middle a life is put at the most under a Weibull law, whose hazard
// rises fast.
const latestZ = 6.0

var (
	leastHazard, mostHazard = math.Exp(-farthestZ), math.Exp(latestZ)
	rootTwoPi               = math.Sqrt(2 * math.Pi)
)

// shares of the effects, from the highest; they add up to 1.
var shares = func() (of [steps]float64) {
	sum := 0.0
	for i := range of {
		z := reach - step*float64(i)
		of[i] = math.Exp(-z * z / 2)
		sum += of[i]
	}
	for i := range of {
		of[i] /= sum
	}
	return of
}()
