package survival_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

func near(t *testing.T, what string, got, want, off float64) {
	t.Helper()
	if !(math.Abs(got-want) <= off) {
		t.Errorf("%s: %.6g, want %.6g within %g", what, got, want, off)
	}
}

// lives are failures, and after them units still working.
func lives(failed, working []float64) []survival.Life {
	var out []survival.Life
	for _, t := range failed {
		out = append(out, survival.Life{Exit: t, Failed: true})
	}
	for _, t := range working {
		out = append(out, survival.Life{Exit: t})
	}
	return out
}

// Shock absorbers of vehicles, km (Meeker & Escobar 1998, table C.2).
var shockAbsorbers = lives(
	[]float64{6700, 9120, 12200, 13150, 14300, 17520, 20100, 20900, 22700, 26510, 27490},
	[]float64{6950, 7820, 8790, 9660, 9820, 11310, 11690, 11850, 11880, 12140, 12870, 13330, 13470, 14040, 17540, 17890,
		18450, 18960, 18980, 19410, 20100, 20150, 20320, 23490, 27410, 27890, 28100},
)

// Bearing cages, hours: 6 failures of 1,703 (Abernethy, Breneman, Medlin, Reinman
// 1983; Meeker & Escobar 1998, example 8.16).
func bearingCages() []survival.Life {
	all := lives([]float64{230, 334, 423, 990, 1009, 1510}, nil)
	for i, n := range []float64{288, 148, 124, 111, 106, 99, 110, 114, 119, 127, 123, 93, 47, 41, 27, 11, 6, 0, 1, 0, 2} {
		if n > 0 {
			all = append(all, survival.Life{Exit: 50 + 100*float64(i), Count: n})
		}
	}
	return all
}

// Remission of leukaemia in weeks under 6-MP and under placebo (Freireich et al.
// 1963; the first half of R's MASS::gehan).
func remission() []survival.Life {
	all := lives([]float64{6, 6, 6, 7, 10, 13, 16, 22, 23}, []float64{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35})
	drug := len(all)
	all = append(all, lives([]float64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23}, nil)...)
	for i := range all {
		all[i].X = []float64{0}
		if i >= drug {
			all[i].X[0] = 1
		}
	}
	return all
}

func TestPublishedWeibulls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lives             []survival.Life
		shape, scale, off float64
	}{
		"shock absorbers": {shockAbsorbers, 1 / 0.3164, math.Exp(10.23), 150},
		"bearing cages":   {bearingCages(), 2.035, 11792, 5},
		"without censoring": { // R: survreg, as printed in github.com/jolson7168/weibull
			lives([]float64{149971, 70808, 133518, 145658, 175701, 50960, 126606, 82329}, nil), 3.31363, 130895.04, 0.1},
	} {
		w, err := survival.Fit(c.lives, survival.Options{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+", shape", w.Shape, c.shape, 0.001)
		near(t, name+", scale", w.Scale(nil), c.scale, c.off)
	}
	// R: survreg(Surv(time, cens) ~ treat, gehan): 3.516, -1.267, scale 0.732.
	w, err := survival.Fit(remission(), survival.Options{EffectSD: 1e4})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "6-MP, log scale", w.LogScale, 3.516, 0.001)
	near(t, "placebo", w.Effects[0], -1.267, 0.001)
	near(t, "1/shape", 1/w.Shape, 0.732, 0.001)
}

func TestPublishedKaplanMeier(t *testing.T) {
	t.Parallel()
	km := survival.KaplanMeier(remission()[:21])
	for _, c := range [][2]float64{{0, 1}, {5.9, 1}, {6, 0.857}, {7, 0.807}, {10, 0.753}, {13, 0.690}, {16, 0.627}, {22, 0.538}, {23, 0.448}, {40, 0.448}} {
		near(t, "6-MP", km.At(c[0]), c[1], 0.0005)
	}
	near(t, "just before a step", km.Before(6), 1, 0)
}

// Lives seen only from an age on: the fit that knows it finds the law, the one
// that does not finds longer lives.
func TestLeftTruncation(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	truth := survival.Weibull{Shape: 2.5, LogScale: math.Log(200), Effects: []float64{-0.4}}
	var seen, naive []survival.Life
	for len(seen) < 3000 {
		x := []float64{float64(rng.IntN(2))}
		life := truth.Quantile(rng.Float64(), x)
		entry, end := 150*rng.Float64(), 100+250*rng.Float64()
		if life <= entry || end <= entry {
			continue
		}
		l := survival.Life{Entry: entry, Exit: math.Min(life, end), Failed: life <= end, X: x}
		seen = append(seen, l)
		l.Entry = 0
		naive = append(naive, l)
	}
	w, err := survival.Fit(seen, survival.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "shape", w.Shape, 2.5, 0.12)
	near(t, "scale", w.Scale([]float64{0}), 200, 6)
	near(t, "effect", w.Effects[0], -0.4, 0.04)
	wrong, err := survival.Fit(naive, survival.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if wrong.Scale([]float64{0}) < 205 {
		t.Errorf("ignoring truncation gave scale %.0f, want it too long: the test shows nothing", wrong.Scale([]float64{0}))
	}
	for _, at := range []float64{120, 180, 240} {
		km := survival.KaplanMeier(seen)
		mix := (truth.Survival(at, []float64{0}) + truth.Survival(at, []float64{1})) / 2
		near(t, "Kaplan-Meier", km.At(at), mix, 0.05)
	}
}

// An expert's law alone comes back, and gives way to data as they come.
func TestExpertPrior(t *testing.T) {
	t.Parallel()
	expert := survival.Options{Prior: survival.Expert{Shape: 2.2, Scale: 200000, Units: 5}}
	w, err := survival.Fit(nil, expert)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "shape", w.Shape, 2.2, 0.15) // the tails beyond the outermost pseudo-lives are cut
	near(t, "scale", w.Scale(nil), 200000, 3000)

	old := lives(nil, []float64{250000, 250000, 250000, 250000, 250000})
	longer, err := survival.Fit(old, expert)
	if err != nil {
		t.Fatal(err)
	}
	if longer.Scale(nil) < 1.2*w.Scale(nil) {
		t.Errorf("five units that work at 250,000 km move the scale from %.0f to %.0f only", w.Scale(nil), longer.Scale(nil))
	}
	many := survival.Life{Exit: 100000, Failed: true, Count: 500}
	data, err := survival.Fit([]survival.Life{many}, expert)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "scale after 500 failures at 100,000", data.Scale(nil), 105000, 5000)
}

// Quantiles given an age are what the survival function says.
func TestConditionalLife(t *testing.T) {
	t.Parallel()
	w := survival.Weibull{Shape: 2, LogScale: math.Log(100)}
	near(t, "median of a new part", w.Quantile(0.5, nil), 100*math.Sqrt(math.Ln2), 1e-9)
	ahead := w.Ahead(0.5, 80, nil)
	near(t, "half of the parts of 80 are gone then", w.Survival(80+ahead, nil)/w.Survival(80, nil), 0.5, 1e-12)
	near(t, "the same", w.Given(80, ahead, nil), 0.5, 1e-12)
	if a, b := w.Ahead(0.5, 10, nil), w.Ahead(0.5, 300, nil); a <= b || b <= 0 {
		t.Errorf("what wears out has less ahead when old: %g at 10, %g at 300", a, b)
	}
	near(t, "far beyond any life", w.Given(1e6, 0, nil), 1, 0)
}

func TestNoFailures(t *testing.T) {
	t.Parallel()
	if _, err := survival.Fit(lives(nil, []float64{3, 4}), survival.Options{}); !errors.Is(err, survival.ErrNoFailures) {
		t.Errorf("error %v, want ErrNoFailures", err)
	}
	for name, l := range map[string]survival.Life{
		"no life": {Exit: 0}, "not a number": {Exit: math.NaN()}, "entry after exit": {Entry: 5, Exit: 4, Failed: true},
		"covariate": {Exit: 3, X: []float64{math.Inf(1)}}, "count": {Exit: 3, Count: -1},
	} {
		if _, err := survival.Fit([]survival.Life{l}, survival.Options{}); err == nil || errors.Is(err, survival.ErrNoFailures) {
			t.Errorf("%s: error %v, want one that says what is wrong", name, err)
		}
	}
}

// Any lives give a law of finite numbers whose answers are probabilities and do
// not turn round.
func TestFitProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(low, high float64, name string) float64 { return rapid.Float64Range(low, high).Draw(t, name) }
		n, covariates := rapid.IntRange(1, 12).Draw(t, "lives"), rapid.IntRange(0, 3).Draw(t, "covariates")
		var all []survival.Life
		for range n {
			l := survival.Life{Exit: math.Exp(draw(-5, 14, "exit")), Failed: rapid.Bool().Draw(t, "failed"), Count: draw(0, 50, "count")}
			if rapid.Bool().Draw(t, "seen late") {
				l.Entry = l.Exit * draw(0, 0.999, "entry")
			}
			for range covariates {
				l.X = append(l.X, rapid.SampledFrom([]float64{0, 1, -3, 1e6}).Draw(t, "x"))
			}
			all = append(all, l)
		}
		options := survival.Options{}
		if rapid.Bool().Draw(t, "expert") {
			options.Prior = survival.Expert{Shape: draw(0.5, 6, "shape"), Scale: math.Exp(draw(-3, 13, "scale")), Units: draw(0.1, 20, "units")}
		}
		w, err := survival.Fit(all, options)
		if errors.Is(err, survival.ErrNoFailures) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		x := all[0].X
		if s := w.Scale(x); !(w.Shape > 0.1 && w.Shape < 21) || !(s > 0) || math.IsInf(s, 0) {
			t.Fatalf("%+v, scale %g", w, s)
		}
		now := math.Exp(draw(-6, 15, "now"))
		last := 0.0
		for _, p := range []float64{0, 0.1, 0.5, 0.9} {
			ahead := w.Ahead(p, now, x)
			if !(ahead >= last) || math.IsInf(ahead, 0) {
				t.Fatalf("%+v: ahead of %g at %g: %g after %g", w, now, p, ahead, last)
			}
			last = ahead
			if g := w.Given(now, ahead, x); !(g >= 0 && g <= 1) {
				t.Fatalf("%+v: given %g, %g ahead: %g", w, now, ahead, g)
			}
		}
	})
}

func TestMeanCumulative(t *testing.T) {
	t.Parallel()
	c := survival.MeanCumulative([]survival.Repairs{
		{End: 10, Events: []float64{2, 5}}, {End: 6, Events: []float64{5}}, {Start: 4, End: 20, Events: []float64{1, 8, 30}},
	})
	near(t, "two units watched at 2", c.At(2), 0.5, 1e-12)
	near(t, "three at 5, two of them repaired", c.At(5), 0.5+2./3, 1e-12)
	near(t, "two at 8", c.At(9), 0.5+2./3+0.5, 1e-12)
	near(t, "nothing was seen before", c.At(1.5), 0, 0)
}
