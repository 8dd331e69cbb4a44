package rul

import "math"

// Time constants of the smoothing, in cycles: short ones show where a unit is,
// long ones how it got there, and the first cycles what is its own from the start.
const (
	fastCycles  = 6.0
	slowCycles  = 25.0
	firstCycles = 15
)

// view turns rows into features: each indicator that varies at all, smoothed over
// two time scales, its level in the first cycles, and the age.
type view struct {
	mean, scale []float64 // of the indicators; scale 0: it does not vary
	centre      []float64 // of the features
	spread      []float64
}

// newView learns the scales of the indicators.
func newView(units []Unit) view {
	k := len(units[0][0])
	v := view{mean: make([]float64, k), scale: make([]float64, k)}
	n := 0.0
	for _, u := range units {
		for _, row := range u {
			n++
			for j, x := range row {
				d := x - v.mean[j]
				v.mean[j] += d / n
				v.scale[j] += d * (x - v.mean[j])
			}
		}
	}
	for j := range v.scale {
		v.scale[j] = math.Sqrt(v.scale[j] / n)
		if v.scale[j] < 1e-6*max(1, math.Abs(v.mean[j])) {
			v.scale[j] = 0
		}
	}
	return v
}

// of returns the features of every row of a unit.
func (v view) of(u Unit) [][]float64 {
	var used []int
	for j, s := range v.scale {
		if s > 0 {
			used = append(used, j)
		}
	}
	k := len(used)
	fast, slow, first := make([]float64, k), make([]float64, k), make([]float64, k)
	keepFast, keepSlow := 1-1/fastCycles, 1-1/slowCycles
	fastWeight, slowWeight := 0.0, 0.0
	out := make([][]float64, len(u))
	for t, row := range u {
		fastWeight, slowWeight = keepFast*fastWeight+1, keepSlow*slowWeight+1
		f := make([]float64, 0, 3*k+1)
		for i, j := range used {
			z := (row[j] - v.mean[j]) / v.scale[j]
			fast[i] = keepFast*fast[i] + z
			slow[i] = keepSlow*slow[i] + z
			if t < firstCycles {
				first[i] += (z - first[i]) / float64(t+1)
			}
			f = append(f, fast[i]/fastWeight, slow[i]/slowWeight, first[i])
		}
		out[t] = v.standard(append(f, float64(t+1)))
	}
	return out
}

// standard centres and scales features, once their scales are known.
func (v view) standard(f []float64) []float64 {
	for i := range v.centre {
		f[i] = (f[i] - v.centre[i]) / v.spread[i]
	}
	return f
}

// learnScales learns the scales of the features from rows.
func (v *view) learnScales(rows [][]float64) {
	k := len(rows[0])
	centre, spread := make([]float64, k), make([]float64, k)
	for n, f := range rows {
		for i, x := range f {
			d := x - centre[i]
			centre[i] += d / float64(n+1)
			spread[i] += d * (x - centre[i])
		}
	}
	for i := range spread {
		spread[i] = max(math.Sqrt(spread[i]/float64(len(rows))), 1e-9)
	}
	v.centre, v.spread = centre, spread
	for _, f := range rows {
		v.standard(f)
	}
}
