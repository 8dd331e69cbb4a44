package survival

import (
	"math"
	"slices"
)

// Brier is the squared error of predicted survival at a clock, weighted for
// censoring by its own Kaplan-Meier curve (IPCW; Graf, Schmoor, Sauerbrei,
// Schumacher 1999). survival[i] is the prediction of S(at) for lives[i]. 0 is
// perfect, 0.25 is a coin. NaN when no life has weight.
func Brier(lives []Life, survival []float64, at float64) float64 {
	return brier(lives, survival, at, censoring(lives))
}

func brier(lives []Life, survival []float64, at float64, still Curve) float64 {
	sum, n := 0.0, 0.0
	for i := range lives {
		l := &lives[i]
		c, weight, truth := l.count(), 0.0, 0.0
		switch {
		case l.Exit > at:
			weight, truth = 1/still.At(at), 1
		case l.Failed:
			weight = 1 / still.Before(l.Exit)
		}
		n += c
		if weight > 0 && !math.IsInf(weight, 0) {
			sum += c * weight * (truth - survival[i]) * (truth - survival[i])
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / n
}

// IntegratedBrier is the mean of Brier over clocks, which should be even steps of
// a span in which units are still watched. predict gives S(at) of lives[i].
func IntegratedBrier(lives []Life, predict func(i int, at float64) float64, clocks []float64) float64 {
	still := censoring(lives)
	survival := make([]float64, len(lives))
	sum := 0.0
	for _, at := range clocks {
		for i := range lives {
			survival[i] = predict(i, at)
		}
		sum += brier(lives, survival, at, still)
	}
	return sum / float64(len(clocks))
}

// Concordance is Harrell's C (1982): of the pairs of which one is known to have
// failed first, the share in which it was predicted to live shorter; ties of the
// prediction count half. life[i] is any prediction that rises with life. 0.5 is
// chance. NaN without such a pair. Of two that were first seen at different
// clocks only those count that were both at risk when the first failed.
func Concordance(lives []Life, life []float64) float64 {
	return concordance(lives, life, func(float64) float64 { return 1 }, math.Inf(1))
}

// UnoConcordance is C weighted for censoring (Uno, Cai, Pencina, D'Agostino, Wei
// 2011) up to a clock tau: it does not depend on how the units were censored.
func UnoConcordance(lives []Life, life []float64, tau float64) float64 {
	still := censoring(lives)
	return concordance(lives, life, func(at float64) float64 {
		g := still.Before(at)
		if !(g > 0) {
			return 0
		}
		return 1 / (g * g)
	}, tau)
}

func concordance(lives []Life, life []float64, weight func(at float64) float64, tau float64) float64 {
	right, all := 0.0, 0.0
	for i := range lives {
		a := &lives[i]
		if !a.Failed || !(a.Exit < tau) {
			continue
		}
		w := weight(a.Exit) * a.count()
		for j := range lives {
			b := &lives[j]
			later := b.Exit > a.Exit || b.Exit == a.Exit && !b.Failed
			if j == i || !later || b.Entry >= a.Exit {
				continue
			}
			all += w * b.count()
			switch {
			case life[j] > life[i]:
				right += w * b.count()
			case life[j] == life[i]:
				right += w * b.count() / 2
			}
		}
	}
	if all == 0 {
		return math.NaN()
	}
	return right / all
}

// Clocks are n even steps up to the clock by which a share of the failures has
// come: where predictions can be judged.
func Clocks(lives []Life, n int, share float64) []float64 {
	var failures []float64
	for i := range lives {
		if lives[i].Failed {
			failures = append(failures, lives[i].Exit)
		}
	}
	if len(failures) == 0 || n < 1 {
		return nil
	}
	slices.Sort(failures)
	end := failures[int(share*float64(len(failures)-1))]
	clocks := make([]float64, n)
	for i := range clocks {
		clocks[i] = end * float64(i+1) / float64(n)
	}
	return clocks
}
