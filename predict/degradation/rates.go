package degradation

import (
	"math"
	"slices"
)

// What a level of the hierarchy needs before it is believed.
const (
	minUnits    = 5      // complete paths before a level's own variance is trusted
	leastSpread = 0.0004 // variance of log-rates: no fleet is more alike than 2 %
)

// Rates is the fleet's law of log-rates, minus the log of a life: a mean and
// the spread of units around it, for the fleet and for the groups within it.
type Rates struct {
	Mean     float64
	Variance float64 // of a unit that is known to belong here and to no narrower group
	Units    float64 // complete paths behind it
	Part     float64 // share of the variance that belongs to the part, not the unit; 0: the expert's
	Groups   map[string]*Rates
}

// ExpertPart is the share of the variance between parts that is not that between their units.
const ExpertPart = 0.35

func (r *Rates) part() float64 {
	if r.Part > 0 {
		return min(r.Part, 1)
	}
	return ExpertPart
}

// Of is the prior of a unit: that of the narrowest of its groups that is known.
// It includes the uncertainty of the mean.
func (r *Rates) Of(groups []string) (mean, variance float64) {
	for _, g := range groups {
		sub, ok := r.Groups[g]
		if !ok {
			break
		}
		r = sub
	}
	return r.Mean, r.Variance
}

// rate is the stage-one estimate of one path.
type rate struct {
	groups []string
	value  float64
	noise  float64 // variance of the estimate
	whole  bool
}

// learnRates is the moment form of empirical Bayes: at each level the error of
// the single estimates is taken out of their spread, the means of groups are
// drawn to the mean of what contains them by as much as groups are alike, and a
// group with too few complete paths inherits its spread. The prior is of a wider
// fleet, or the expert's: it counts for one path where the fleet has too few of
// its own. It may be nil when there is at least one estimate.
func learnRates(rates []rate, prior *Rates) *Rates {
	mean, spread, n := moments(rates)
	out := &Rates{Mean: mean, Units: wholes(rates)}
	switch {
	case prior != nil && out.Units < minUnits:
		out.Mean = (n*mean + prior.Mean) / (n + 1)
		if n == 0 {
			out.Mean = prior.Mean
		}
		spread = prior.Variance
	case out.Units < minUnits:
		spread = (n*spread + expertSpread) / (n + 1)
	}
	out.Variance = spread
	out.split(rates, 0)
	out.Variance *= 1 + 1/max(n, 1)
	return out
}

// expertSpread is how much parts of one kind differ when nobody has seen them:
// a coefficient of variation of 0.4 (tyres, pads).
const expertSpread = 0.15

// split learns the groups at a depth of the hierarchy.
func (r *Rates) split(rates []rate, depth int) {
	by := map[string][]rate{}
	var names []string
	for _, e := range rates {
		if len(e.groups) > depth {
			g := e.groups[depth]
			if by[g] == nil {
				names = append(names, g)
			}
			by[g] = append(by[g], e)
		}
	}
	if len(names) < 2 {
		return
	}
	slices.Sort(names)
	within, between := components(names, by, r.Mean, r.Variance)
	r.Groups = map[string]*Rates{}
	for _, g := range names {
		mean, own, n := moments(by[g])
		trust := n * between / (n*between + within)
		sub := &Rates{Mean: r.Mean + trust*(mean-r.Mean), Units: wholes(by[g]), Variance: within}
		if sub.Units >= minUnits {
			sub.Variance = (n*own + minUnits*within) / (n + minUnits)
		}
		sub.split(by[g], depth+1)
		sub.Variance += (1 - trust) * between
		r.Groups[g] = sub
	}
}

// components divides the variance into that within groups and that between
// their means (one-way analysis of variance, unbalanced). The whole counts for
// one unit within: few groups of two say little.
func components(names []string, by map[string][]rate, mean, whole float64) (within, between float64) {
	var squares, free, means, total, sizes float64
	for _, g := range names {
		m, own, n := moments(by[g])
		squares += own * (n - 1)
		free += n - 1
		means += n * (m - mean) * (m - mean)
		total += n
		sizes += n * n
	}
	within = max((squares+whole)/(free+1), leastSpread)
	between = (means - float64(len(names)-1)*within) / (total - sizes/total)
	return within, max(between, 1e-9)
}

// moments are the mean and the variance of what the estimates estimate: their
// own error is subtracted.
func moments(rates []rate) (mean, spread, n float64) {
	n = float64(len(rates))
	if n == 0 {
		return 0, 0, 0
	}
	var weights, noise float64
	for _, e := range rates {
		w := 1 / (0.05 + e.noise)
		mean += w * e.value
		weights += w
	}
	mean /= weights
	for _, e := range rates {
		spread += (e.value - mean) * (e.value - mean) / max(n-1, 1)
		noise += e.noise / n
	}
	return mean, max(spread-noise, leastSpread), n
}

func wholes(rates []rate) float64 {
	n := 0.0
	for _, e := range rates {
		if e.whole {
			n++
		}
	}
	return n
}

// estimates are the stage-one rates of paths: exact of a complete one, and by
// how far it has come along a curve of one that is not.
func estimates(paths []Path, along *Curve) []rate {
	var out []rate
	for i := range paths {
		p := &paths[i]
		e := rate{groups: p.Groups, whole: p.Failed}
		switch {
		case !(p.Life > 0):
			continue
		case p.Failed:
			e.value = -math.Log(p.Life)
		case len(p.Readings) == 0:
			continue
		default:
			y := along.progress(p.Readings[len(p.Readings)-1].Wear)
			if y < leastProgress {
				continue
			}
			e.value = math.Log(y / p.Life)
			e.noise = scatter * scatter / (y * y)
		}
		out = append(out, e)
	}
	return out
}

const (
	leastProgress = 0.3 // before it, an unfinished path says too little of its rate
	scatter       = 0.1 // of the progress of a path around the common curve
)
