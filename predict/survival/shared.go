package survival

import (
	"fmt"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict/thin"
)

// Shared is the law of lives of which several belong to one unit (shared frailty, in
// accelerated time): the log of a life is LogScale + Effects·x + the unit's own effect +
// that of the part. The unit's is normal with the standard deviation Between, the part's
// is of a form. Effects of 0.1 are a life 10 % longer a unit of x.
type Shared struct {
	Form     Form
	Shape    float64 // of the parts of one unit: the higher, the more alike they last
	LogScale float64
	Effects  []float64
	Between  float64
}

// Unit is the law of one unit with covariates x; those that are left out are 0.
func (s *Shared) Unit(x []float64) Unit {
	log := s.LogScale
	for i := range min(len(x), len(s.Effects)) {
		log += s.Effects[i] * x[i]
	}
	return Unit{Form: s.Form, Shape: s.Shape, LogScale: log, Between: s.Between}
}

// Alike reports whether parts of one unit last as alike as a fit lets them, so that how units
// differ is nearly all there is to the law.
func (s *Shared) Alike() bool { return s.Shape > 0.98*mostShape }

// Family is the lives of one unit, with the covariates that they share. A life with an
// Entry belongs to a unit of which no more is known than that it lasted to there: the
// unit is one of those that do (left truncation).
type Family struct {
	Lives []Life    // X is not used, Count is that of the family
	X     []float64 // finite
	Count float64   // units with this very record; 0 counts 1
}

// SharedOptions of FitShared.
type SharedOptions struct {
	Prior    Shared    // the expert's law, for x = 0; its form is the one that is fitted
	Units    float64   // how many units with two failures each the expert's law is worth
	EffectSD []float64 // of the normal prior of each effect around 0, above 0
}

func (o *SharedOptions) check(families []Family) error {
	if !(o.Units > 0) || !(o.Prior.Shape > 0) || !(o.Prior.Between >= 0) {
		return fmt.Errorf("survival: a prior of %g units with shape %g and %g between units; want more than none", o.Units, o.Prior.Shape, o.Prior.Between)
	}
	for i := range families {
		if err := Check(families[i].Lives); err != nil {
			return fmt.Errorf("survival: family %d: %w", i, err)
		}
		if len(families[i].X) != len(o.EffectSD) {
			return fmt.Errorf("survival: family %d has %d covariates, want %d", i, len(families[i].X), len(o.EffectSD))
		}
		if slices.ContainsFunc(families[i].X, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			return fmt.Errorf("survival: family %d has a covariate that is not a number", i)
		}
	}
	return nil
}

// FitShared finds the law that is most probable after the lives of families and the
// prior, which is needed: Units has to be above 0. The answer is finite whatever the
// lives, and does not depend on their order beyond what the search is exact to.
func FitShared(families []Family, o SharedOptions) (Shared, error) {
	if err := o.check(families); err != nil {
		return Shared{}, err
	}
	known := o.Prior.pseudo(o.Units, len(o.EffectSD))
	among := func(families []Family) *sharedFit {
		return &sharedFit{form: o.Prior.Form, families: watch(slices.Concat(families, known)), sd: o.EffectSD}
	}
	at := append([]float64{shapes.start(o.Prior.Shape), o.Prior.LogScale, betweens.start(o.Prior.Between)}, make([]float64, len(o.EffectSD))...)
	if len(families) > 2*fewFamilies {
		at, _ = among(thin.Evenly(families, fewFamilies)).highest(at)
		at[0], at[2] = clamp(at[0], -inner, inner), clamp(at[2], -inner, inner)
	}
	_, law := among(families).highest(at)
	return law, nil
}

// fewFamilies are those among which a search begins: what they make most probable is near to what all do.
const fewFamilies = 500

// highest is where the posterior is highest, uphill from a point.
func (f *sharedFit) highest(from []float64) (at []float64, law Shared) {
	at = from
	best := math.Inf(-1)
	for range searches {
		at = climb(at, secant(f.posterior), sharedTurns, 1e-6, func([]float64) {})
		value, _, _ := f.posterior(at)
		before := best
		if value > best {
			best, law = value, f.law(at)
		}
		// The next begins from there, but away from the ends of what is fitted: there is no slope that
		// leads back from them.
		shape, between := clamp(at[0], -inner, inner), clamp(at[2], -inner, inner)
		if best-before < 0.01 || shape == at[0] && between == at[2] {
			break
		}
		at[0], at[2] = shape, between
	}
	return at, law
}

// A search takes so many steps, and is begun so often, at the most.
const sharedTurns, searches = 200, 5

// law is the law at theta.
func (f *sharedFit) law(theta []float64) Shared {
	s := Shared{Form: f.form, LogScale: theta[1], Effects: slices.Clone(theta[sharedOwn:])}
	s.Shape, _ = shapes.at(theta[0])
	s.Between, _ = betweens.at(theta[2])
	return s
}

// LogLikelihood is how well a law tells families that it was not learned from. They have
// to be ones that FitShared takes, with as many covariates as it has effects.
func (s *Shared) LogLikelihood(families []Family) float64 {
	f := sharedFit{form: s.Form, families: watch(families)}
	theta := append([]float64{shapes.of(s.Shape), s.LogScale, betweens.of(s.Between)}, s.Effects...)
	value, _, _ := f.posterior(theta)
	return value
}

// pseudo are families that an expert has in mind: units at even quantiles of how they
// differ, each with two failures whose quantiles are each other's opposite.
func (s *Shared) pseudo(units float64, covariates int) []Family {
	const n, parts = 6, 4
	var out []Family
	for i := range n {
		b := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/n-1) * s.Between
		for j := range parts {
			f := Family{X: make([]float64, covariates), Count: units / (n * parts)}
			for _, below := range []float64{(float64(j) + 0.5) / parts, (parts - float64(j) - 0.5) / parts} {
				z := math.Log(-math.Log1p(-below))
				if s.Form == LognormalForm {
					z = math.Sqrt2 * math.Erfinv(2*below-1)
				}
				f.Lives = append(f.Lives, Life{Exit: math.Exp(s.LogScale + b + z/s.Shape), Failed: true})
			}
			out = append(out, f)
		}
	}
	return out
}
