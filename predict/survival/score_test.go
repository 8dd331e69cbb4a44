package survival_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

func TestConcordanceByHand(t *testing.T) {
	t.Parallel()
	// Pairs that can be ordered: (1,2) (1,3) (1,4) (3,4); 2 is censored before 3 fails.
	all := []survival.Life{{Exit: 1, Failed: true}, {Exit: 2}, {Exit: 3, Failed: true}, {Exit: 4}}
	near(t, "three right of four", survival.Concordance(all, []float64{1, 2, 5, 4}), 0.75, 1e-12)
	near(t, "a tie", survival.Concordance(all, []float64{1, 1, 5, 6}), 3.5/4, 1e-12)
	all[3].Entry = 3.5 // not at risk when 1 and 3 failed
	near(t, "seen late", survival.Concordance(all, []float64{1, 2, 0, 9}), 0.5, 1e-12)
	if c := survival.Concordance(all[1:2], []float64{1}); !math.IsNaN(c) {
		t.Errorf("no pair: %g, want NaN", c)
	}
}

// Censoring must not move the scores: those of censored lives are about those of
// the same lives seen to the end, and the truth scores better than a wrong law.
func TestScoresUnderCensoring(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	truth := survival.Weibull{Shape: 2, LogScale: math.Log(100), Effects: []float64{0.6}}
	var full, cut []survival.Life
	var life []float64
	for range 1500 {
		x := []float64{rng.NormFloat64()}
		l := survival.Life{Exit: truth.Quantile(rng.Float64(), x), Failed: true, X: x}
		full = append(full, l)
		life = append(life, truth.Quantile(0.5, x))
		if end := 220 * rng.Float64(); end < l.Exit {
			l.Exit, l.Failed = end, false
		}
		cut = append(cut, l)
	}
	predict := func(w survival.Weibull) func(i int, at float64) float64 {
		return func(i int, at float64) float64 { return w.Survival(at, full[i].X) }
	}
	clocks := survival.Clocks(cut, 20, 0.8)
	near(t, "integrated Brier", survival.IntegratedBrier(cut, predict(truth), clocks), survival.IntegratedBrier(full, predict(truth), clocks), 0.012)
	wrong := survival.Weibull{Shape: 2, LogScale: math.Log(100), Effects: []float64{-0.6}}
	if good, bad := survival.IntegratedBrier(cut, predict(truth), clocks), survival.IntegratedBrier(cut, predict(wrong), clocks); good >= bad {
		t.Errorf("the truth scores %.3f, a wrong law %.3f", good, bad)
	}
	near(t, "Uno's C", survival.UnoConcordance(cut, life, 150), survival.UnoConcordance(full, life, 150), 0.02)
	near(t, "Harrell's C", survival.Concordance(cut, life), survival.Concordance(full, life), 0.04)
	half := make([]float64, len(cut))
	near(t, "C of no opinion", survival.Concordance(cut, half), 0.5, 1e-12)
	for i := range half {
		half[i] = 0.5
	}
	near(t, "Brier of a coin", survival.Brier(full, half, 80), 0.25, 1e-12)
}
