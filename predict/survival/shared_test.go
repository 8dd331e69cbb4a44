package survival_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

var expert = survival.Shared{Shape: 3, LogScale: math.Log(80), Between: 0.2}

// watched are the lives of units that are first seen at some age and for a while: lives
// that ended before were never heard of, and the last goes on.
func watched(law survival.Shared, units int, seed uint64) []survival.Family {
	rng := rand.New(rand.NewPCG(seed, 7))
	var out []survival.Family
	for range units {
		f := survival.Family{X: []float64{rng.NormFloat64()}}
		scale := math.Exp(law.Unit(f.X).LogScale + law.Between*rng.NormFloat64())
		for at, from, until := 0.0, 60*rng.Float64(), 60+200*rng.Float64(); at < until; {
			life := scale * math.Pow(rng.ExpFloat64(), 1/law.Shape)
			if law.Form == survival.LognormalForm {
				life = scale * math.Exp(rng.NormFloat64()/law.Shape)
			}
			l := survival.Life{Entry: math.Max(from-at, 0), Exit: math.Min(life, until-at), Failed: life < until-at}
			if at += life; at > from && l.Exit > l.Entry {
				f.Lives = append(f.Lives, l)
			}
			if at < from {
				break // the part that is in then has an age that nobody knows
			}
		}
		out = append(out, f)
	}
	return out
}

// What is learned is the law that the lives were drawn from, though many were first seen
// when they were old, and others go on: shape, scale, what units differ by, and effects.
func TestSharedLawIsFound(t *testing.T) {
	t.Parallel()
	for name, law := range map[string]survival.Shared{
		"parts alike, units not": {Shape: 8, LogScale: math.Log(100), Effects: []float64{0.2}, Between: 0.35},
		"units alike":            {Shape: 2, LogScale: math.Log(60), Effects: []float64{-0.3}, Between: 0.02},
		"both":                   {Shape: 3, LogScale: math.Log(90), Effects: []float64{0.1}, Between: 0.3},
		"lognormal":              {Form: survival.LognormalForm, Shape: 5, LogScale: math.Log(90), Effects: []float64{0.1}, Between: 0.3},
	} {
		families := watched(law, 800, 3)
		fit := func(form survival.Form, from []survival.Family) survival.Shared {
			prior := expert
			prior.Form = form
			got, err := survival.FitShared(from, survival.SharedOptions{Prior: prior, Units: 3, EffectSD: []float64{0.5}})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		got := fit(law.Form, families)
		near(t, name+": log shape", math.Log(got.Shape), math.Log(law.Shape), 0.12)
		near(t, name+": log scale", got.LogScale, law.LogScale, 0.04)
		near(t, name+": between", got.Between, law.Between, 0.07)
		near(t, name+": effect", got.Effects[0], law.Effects[0], 0.04)
		other, others := fit(1-law.Form, families), watched(law, 800, 4)
		if gain := got.LogLikelihood(others) - other.LogLikelihood(others); gain < 1 {
			t.Errorf("%s: the other form tells lives that neither was learned from by %.1f better", name, -gain)
		}
	}
}

// Without lives the expert's law stands; the order of families says nothing.
func TestSharedPrior(t *testing.T) {
	t.Parallel()
	options := survival.SharedOptions{Prior: expert, Units: 3, EffectSD: []float64{0.5}}
	got, err := survival.FitShared(nil, options)
	if err != nil {
		t.Fatal(err)
	}
	learned, known := got.Unit([]float64{0}), expert.Unit(nil)
	near(t, "median", learned.Median(), known.Median(), 0.03)
	near(t, "spread", got.Form.Spread(got.Shape, got.Between*got.Between), expert.Form.Spread(expert.Shape, expert.Between*expert.Between), 0.04)
	families := watched(expert, 60, 1)
	one, _ := survival.FitShared(families, options)
	slices.Reverse(families)
	other, _ := survival.FitShared(families, options)
	near(t, "shape", one.Shape, other.Shape, 0.05)
	near(t, "scale", one.LogScale, other.LogScale, 5e-3)
	for name, wrong := range map[string]func() ([]survival.Family, survival.SharedOptions){
		"no prior":   func() ([]survival.Family, survival.SharedOptions) { return families, survival.SharedOptions{} },
		"covariates": func() ([]survival.Family, survival.SharedOptions) { return []survival.Family{{}}, options },
		"NaN": func() ([]survival.Family, survival.SharedOptions) {
			return []survival.Family{{X: []float64{math.NaN()}}}, options
		},
		"a life of nothing": func() ([]survival.Family, survival.SharedOptions) {
			return []survival.Family{{X: []float64{0}, Lives: []survival.Life{{}}}}, options
		},
	} {
		if _, err := survival.FitShared(wrong()); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// Whatever the lives, the law is finite; and a survival function falls from 1 to 0.
func TestSharedIsFinite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var families []survival.Family
		for range rapid.IntRange(0, 6).Draw(t, "families") {
			f := survival.Family{X: []float64{rapid.Float64Range(-1e3, 1e3).Draw(t, "x")}}
			for range rapid.IntRange(0, 3).Draw(t, "lives") {
				exit := math.Exp(rapid.Float64Range(-9, 14).Draw(t, "log exit"))
				f.Lives = append(f.Lives, survival.Life{Exit: exit, Entry: exit * rapid.SampledFrom([]float64{0, 0.5, 0.999}).Draw(t, "entry"), Failed: rapid.Bool().Draw(t, "failed")})
			}
			families = append(families, f)
		}
		prior := expert
		prior.Form = rapid.SampledFrom([]survival.Form{survival.WeibullForm, survival.LognormalForm}).Draw(t, "form")
		law, err := survival.FitShared(families, survival.SharedOptions{Prior: prior, Units: 1, EffectSD: []float64{0.5}})
		if err != nil {
			t.Fatal(err)
		}
		u := law.Unit([]float64{0.3})
		u.Lived(math.Exp(rapid.Float64Range(-9, 14).Draw(t, "own")), rapid.Bool().Draw(t, "its end"))
		mean, variance := u.Scale()
		if v := u.Median() + mean + variance; math.IsNaN(v) || math.IsInf(v, 0) || variance < 0 {
			t.Fatalf("%+v: mean %g, variance %g", u, mean, variance)
		}
		last := 1.0
		for above := -40.0; above < 40; above += 0.25 {
			s := u.Form.Survival(above, u.Shape, variance)
			if !(s >= 0 && s <= last+1e-9) {
				t.Fatalf("survival %g after %g at %g", s, last, above)
			}
			last = s
		}
	})
}

// Both rules of Survival against the sum over the law of units.
func TestSurvivalOverUnits(t *testing.T) {
	t.Parallel()
	for _, sd := range []float64{0, 0.01, 0.1, 0.25, 0.3, 0.35, 0.5, 1.2} {
		for above := -3.0; above < 2; above += 0.05 {
			sum, all := 0.0, 0.0
			for z := -8.0; z <= 8; z += 0.01 {
				p := math.Exp(-z * z / 2)
				sum, all = sum+p*math.Exp(-math.Exp(3*(above+sd*z))), all+p
			}
			near(t, "survival", survival.WeibullForm.Survival(above, 3, sd*sd), sum/all, 0.002)
		}
	}
}

// A unit's own lives move its law to its own pace: failures as exactly as lives scatter,
// parts that were taken out only when they had outlived others.
func TestUnitLearnsFromItsLives(t *testing.T) {
	t.Parallel()
	for _, form := range []survival.Form{survival.WeibullForm, survival.LognormalForm} {
		law := survival.Shared{Form: form, Shape: 6, LogScale: math.Log(100), Between: 0.4}
		own := func(lives ...survival.Life) float64 {
			u := law.Unit(nil)
			for _, l := range lives {
				u.Lived(l.Exit, l.Failed)
			}
			return math.Exp(u.Median())
		}
		none := own()
		short := own(survival.Life{Exit: 50, Failed: true}, survival.Life{Exit: 55, Failed: true})
		if short < 48 || short > 62 {
			t.Errorf("form %d: after failures at 50 and 55 the next is put at %.0f", form, short)
		}
		if got := own(survival.Life{Exit: 50}); math.Abs(got/none-1) > 0.06 {
			t.Errorf("form %d: a part taken out at 50 moves the median from %.0f to %.0f", form, none, got)
		}
		if got := own(survival.Life{Exit: 200}); got < 1.4*none {
			t.Errorf("form %d: a part still good at 200 moves the median from %.0f to %.0f only", form, none, got)
		}
		if got := own(survival.Life{Exit: math.NaN(), Failed: true}, survival.Life{}); got != none {
			t.Errorf("form %d: what is no life moves the median from %.0f to %.0f", form, none, got)
		}
		u := law.Unit(nil)
		_, before := u.Scale()
		u.Lived(80, true)
		if _, after := u.Scale(); after >= before {
			t.Errorf("form %d: a failure left the variance at %g of %g", form, after, before)
		}
	}
}

// The likelihood is the sum over what the unit may differ by of that of its lives, each of which may
// be wrong in the record: whatever the law, and of more lives than a number can hold the product of.
func TestLikelihoodIsTheSumOverUnits(t *testing.T) {
	t.Parallel()
	const nodes, farthest, wrong, outlived = 33, 3.2, 0.02 / 6, 0.001
	told := func(law survival.Shared, lives []survival.Life) float64 {
		var logs [nodes]float64
		shares := 0.0
		for i := range logs {
			b := -farthest + 2*farthest/(nodes-1)*float64(i)
			logs[i] = -b * b / 2
			shares += math.Exp(-b * b / 2)
			for _, l := range lives {
				z := math.Max(law.Shape*(math.Log(l.Exit)-law.LogScale-law.Between*b), -30)
				density, still := 0.0, 0.0
				if law.Form == survival.LognormalForm {
					z = math.Min(z, 30)
					density, still = math.Exp(-z*z/2)/math.Sqrt(2*math.Pi), math.Erfc(z/math.Sqrt2)/2
				} else {
					z = math.Min(z, 6)
					density, still = math.Exp(z-math.Exp(z)), math.Exp(-math.Exp(z))
				}
				if l.Failed {
					logs[i] += math.Log(density + wrong/law.Shape)
				} else {
					logs[i] += math.Log(still + outlived)
				}
			}
		}
		top, sum, failed := slices.Max(logs[:]), 0.0, 0.0
		for _, l := range logs {
			sum += math.Exp(l - top)
		}
		for _, l := range lives {
			if l.Failed {
				failed++
			}
		}
		return failed*math.Log(law.Shape) + top + math.Log(sum/shares)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	for _, form := range []survival.Form{survival.WeibullForm, survival.LognormalForm} {
		for range 300 {
			law := survival.Shared{Form: form, Shape: 0.3 + 13*rng.Float64(), LogScale: 4 * rng.NormFloat64(), Between: 0.02 + 1.8*rng.Float64()}
			var lives []survival.Life
			for range 1 + rng.IntN(150) {
				lives = append(lives, survival.Life{Exit: math.Exp(law.LogScale + 3*rng.NormFloat64()), Failed: rng.IntN(2) == 0})
			}
			want := told(law, lives)
			if got := law.LogLikelihood([]survival.Family{{Lives: lives}}); math.Abs(got-want) > 1e-9*math.Abs(want) {
				t.Fatalf("%+v of %d lives: %.12g, want %.12g", law, len(lives), got, want)
			}
		}
	}
}

// Where a form fits best without any scatter within units it is not that of the lives: a Weibull law of
// units that differ by a lognormal one is, at its end, the lognormal law of all.
func TestAFormWithoutScatterOfItsOwn(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	var families []survival.Family
	for range 1500 {
		b := 0.28 * rng.NormFloat64()
		f := survival.Family{X: []float64{0}}
		for range 1 + rng.IntN(2) {
			f.Lives = append(f.Lives, survival.Life{Exit: 70 * math.Exp(b+0.08*rng.NormFloat64()), Failed: true})
		}
		families = append(families, f)
	}
	for form, want := range map[survival.Form]bool{survival.WeibullForm: true, survival.LognormalForm: false} {
		prior := expert
		prior.Form = form
		law, err := survival.FitShared(families, survival.SharedOptions{Prior: prior, Units: 3, EffectSD: []float64{0.5}})
		if err != nil || law.Alike() != want {
			t.Errorf("form %d of lognormal lives: %+v, parts of a unit alike %v; error %v", form, law, law.Alike(), err)
		}
	}
}

// The fit is as wide as the lives: what allows for wrong records does not make a law narrower, and
// lognormal lives are told for what they are. Each unit is watched for a while, from some time on.
func TestTheFitIsAsWideAsTheLives(t *testing.T) {
	t.Parallel()
	const fleets, units, watched, within, between = 6, 2000, 45.0, 0.1, 0.2
	rng := rand.New(rand.NewPCG(8, 8))
	var mean [2]float64
	for range fleets {
		var families []survival.Family
		for range units {
			middle := 3.6 + between*rng.NormFloat64()
			next := func() float64 { return math.Exp(middle + within*rng.NormFloat64()) }
			life, old := next(), 60*rng.Float64()
			for ; old > life; life = next() {
				old -= life
			}
			f := survival.Family{X: []float64{}}
			for left, entry := watched, old; left > 0; left, entry, life = left-life+entry, 0, next() {
				f.Lives = append(f.Lives, survival.Life{Entry: entry, Exit: min(life, entry+left), Failed: life <= entry+left})
			}
			families = append(families, f)
		}
		var told [2]float64
		for form := range mean {
			prior := survival.Shared{Form: survival.Form(form), Shape: 8, LogScale: 3.5, Between: 0.26}
			law, err := survival.FitShared(families, survival.SharedOptions{Prior: prior, Units: 5})
			if err != nil {
				t.Fatal(err)
			}
			mean[form] += 1 / law.Shape / fleets
			told[form] = law.LogLikelihood(families)
		}
		if told[survival.LognormalForm] < told[survival.WeibullForm] {
			t.Errorf("lognormal lives are told by a Weibull law at %.1f, by a lognormal one at %.1f", told[survival.WeibullForm], told[survival.LognormalForm])
		}
	}
	if got := mean[survival.LognormalForm]; math.Abs(got-within) > 0.03*within {
		t.Errorf("lives in a unit that differ by %g come out at %.4f", within, got)
	}
}

// Where a search begins does not decide what it finds, also of units that hardly differ: there a step may
// end where nothing says the way back.
func TestASearchFindsTheTopFromAnywhere(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	for fleet := range 40 {
		within, between := 0.04+0.3*rng.Float64(), 0.02+0.08*rng.Float64()
		var families []survival.Family
		for range 100 + rng.IntN(300) {
			middle := 3.6 + between*rng.NormFloat64()
			f := survival.Family{X: []float64{}}
			for range 1 + rng.IntN(2) {
				life := math.Exp(middle + within*rng.NormFloat64())
				f.Lives = append(f.Lives, survival.Life{Exit: min(life, 45), Failed: life <= 45})
			}
			families = append(families, f)
		}
		for _, form := range []survival.Form{survival.WeibullForm, survival.LognormalForm} {
			var told []float64
			for _, prior := range []survival.Shared{{Form: form, Shape: 8, LogScale: 3.3, Between: 0.26}, {Form: form, Shape: 3, LogScale: 3.9, Between: 0.1}} {
				law, err := survival.FitShared(families, survival.SharedOptions{Prior: prior, Units: 0.1})
				if err != nil {
					t.Fatal(err)
				}
				told = append(told, law.LogLikelihood(families))
			}
			if math.Abs(told[0]-told[1]) > 0.6 { // the priors are worth a tenth of a vehicle each
				t.Errorf("fleet %d, form %d, within %.3f, between %.3f: log-likelihoods %.2f", fleet, form, within, between, told)
			}
		}
	}
}
