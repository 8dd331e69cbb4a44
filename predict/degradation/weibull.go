package degradation

import "math"

// Weibull is a law of lives with a shape and a scale, the 63 % life.
type Weibull struct{ Shape, Scale float64 }

// LogDensity is the log of the density at x > 0.
func (w Weibull) LogDensity(x float64) float64 {
	u := w.Shape * math.Log(x/w.Scale)
	return math.Log(w.Shape/x) + u - math.Exp(u)
}

// fitWeibull is the maximum likelihood of lives, some of them censored. It
// needs a failure.
func fitWeibull(lives []float64, failed []bool) Weibull {
	// The shape solves sum(x^k ln x)/sum(x^k) - 1/k = mean of ln x over failures,
	// whose left side rises with k.
	excess := func(k float64) float64 {
		var power, weighed, logs, n float64
		for i, x := range lives {
			p := math.Pow(x, k)
			power += p
			weighed += p * math.Log(x)
			if failed[i] {
				logs += math.Log(x)
				n++
			}
		}
		return weighed/power - 1/k - logs/n
	}
	lo, hi := math.Log(leastShape), math.Log(mostShape)
	for range 40 {
		if mid := (lo + hi) / 2; excess(math.Exp(mid)) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	w := Weibull{Shape: math.Exp((lo + hi) / 2)}
	var power, n float64
	for i, x := range lives {
		power += math.Pow(x, w.Shape)
		if failed[i] {
			n++
		}
	}
	w.Scale = math.Pow(power/n, 1/w.Shape)
	return w
}

// Shapes that are sought: below, most fail when new; above, all fail at once.
const leastShape, mostShape = 0.5, 40
