package predict

import "math"

const (
	leastTriples = 40  // of a source, before its noise is learned
	mostGap      = 0.2 // of wear between the outer readings of a triple: closer together, a path is straight
	trustTurns   = 30
)

// triple is three readings in a row: how far the middle one lies off the line between
// its neighbours, and what each of them contributes to that.
type triple struct {
	off    float64
	weight [3]float64 // share of each reading's error in off, times the noise it names
	source [3]int
}

// learnTrust compares the noise that readings name with how they scatter: three
// readings in a row lie on a line, but for their errors. Of triples of several sources
// each source takes the part that is likely (expectation and maximisation of the
// variances). Only sources with enough triples are answered.
func learnTrust(own []FleetPath) map[string]float64 {
	var names []string
	known := map[string]int{}
	var triples []triple
	for i := range own {
		triples = append(triples, own[i].triples(func(source string) int {
			k, ok := known[source]
			if !ok {
				k = len(names)
				known[source], names = k, append(names, source)
			}
			return k
		})...)
	}
	factors, counts := make([]float64, len(names)), make([]float64, len(names))
	for k := range factors {
		factors[k] = 1
	}
	for range trustTurns {
		turnTrust(triples, factors, counts)
	}
	trust := map[string]float64{}
	for k, name := range names {
		if counts[k] >= leastTriples {
			trust[name] = math.Sqrt(min(max(factors[k], 0.01), 9))
		}
	}
	return trust
}

// turnTrust is one turn: factors are of the variances, by source.
func turnTrust(triples []triple, factors, counts []float64) {
	sums := make([]float64, len(factors))
	for k := range counts {
		counts[k] = 0
	}
	for i := range triples {
		t := &triples[i]
		v := 1e-12
		for k := range 3 {
			v += t.weight[k] * t.weight[k] * factors[t.source[k]]
		}
		square := t.off * t.off
		if square > outlierAt*outlierAt*v && square > outlierAt*outlierAt*t.named() {
			continue // an outlier says nothing of the noise
		}
		for k := range 3 {
			f := factors[t.source[k]]
			part := f * t.weight[k] / v
			sums[t.source[k]] += f + part*part*(square-v)
			counts[t.source[k]]++
		}
	}
	for k := range factors {
		if counts[k] > 0 {
			factors[k] = max(sums[k]/counts[k], 1e-4)
		}
	}
}

// named is the variance of off by the noise that the readings name.
func (t *triple) named() float64 {
	return t.weight[0]*t.weight[0] + t.weight[1]*t.weight[1] + t.weight[2]*t.weight[2]
}

func (f *FleetPath) triples(sourceOf func(string) int) []triple {
	var out []triple
	for i := 2; i < len(f.Points); i++ {
		a, b, c := &f.Points[i-2], &f.Points[i-1], &f.Points[i]
		if !(c.Tau > a.Tau) || math.Abs(c.Wear-a.Wear) > mostGap || !(a.Noise > 0 && b.Noise > 0 && c.Noise > 0) {
			continue
		}
		share := (b.Tau - a.Tau) / (c.Tau - a.Tau)
		out = append(out, triple{
			off:    b.Wear - a.Wear - share*(c.Wear-a.Wear),
			weight: [3]float64{(1 - share) * a.Noise, b.Noise, share * c.Noise},
			source: [3]int{sourceOf(a.Source), sourceOf(b.Source), sourceOf(c.Source)},
		})
	}
	return out
}

// trusted is the factor of a source, 1 where it was not learned.
func trusted(trust map[string]float64, source string) float64 {
	if t, ok := trust[source]; ok {
		return t
	}
	return 1
}
