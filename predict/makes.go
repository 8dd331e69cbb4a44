package predict

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// What a sensor shows of a part depends on what was put in: the permittivity of one oil
// rises faster than that of another. Where service records name the part, the fleet learns
// by how much each one looks more worn than it is.

const (
	leastFailed = 3   // parts of a make that failed, before it is judged
	mostGain    = 0.3 // of the log; a make that looks more different is something else
)

// learnMakes learns what the sensed wear of each named part is multiplied with, by the wear
// at which those failed (one-way analysis of variance of its log, each make drawn to the
// mean by as much as makes are alike).
func (l *LifePrior) learnMakes(own []FleetPath) {
	by := map[string][]float64{}
	var names []string
	for i := range own {
		f := &own[i]
		if f.Part == "" || !(f.FailedAt > 0) || !followsWear(f.lastSource()) {
			continue
		}
		if by[f.Part] == nil {
			names = append(names, f.Part)
		}
		by[f.Part] = append(by[f.Part], math.Log(f.FailedAt))
	}
	names = slices.DeleteFunc(names, func(name string) bool { return len(by[name]) < leastFailed })
	if len(names) < 2 {
		return
	}
	slices.Sort(names)
	var means, counts []float64
	within, free := 0.0, 0.0
	for _, name := range names {
		n := float64(len(by[name]))
		mean, variance := stat.MeanVariance(by[name], nil)
		means, counts = append(means, mean), append(counts, n)
		within, free = within+variance*(n-1), free+n-1
	}
	within /= free
	centre := stat.Mean(means, counts)
	between := -within * stat.Mean(inverse(counts), nil)
	for i := range means {
		between += (means[i] - centre) * (means[i] - centre) / float64(len(means)-1)
	}
	if between <= 0 {
		return
	}
	l.Makes = map[string]float64{}
	for i, name := range names {
		shown := between / (between + within/counts[i]) * (means[i] - centre)
		l.Makes[name] = math.Exp(math.Min(math.Max(shown, -mostGain), mostGain))
	}
}

func inverse(of []float64) []float64 {
	out := make([]float64, len(of))
	for i, v := range of {
		out[i] = 1 / v
	}
	return out
}

// ofMakes are the paths with the sensed wear of each make brought to that of all; what is
// given is not changed.
func ofMakes(own []FleetPath, makes map[string]float64) []FleetPath {
	if len(makes) == 0 {
		return own
	}
	own = slices.Clone(own)
	for i := range own {
		f := &own[i]
		gain, ok := makes[f.Part]
		if !ok {
			continue
		}
		f.Points = slices.Clone(f.Points)
		for j := range f.Points {
			if q := &f.Points[j]; followsWear(q.Source) {
				q.Wear, q.Noise = q.Wear/gain, q.Noise/gain
			}
		}
		if followsWear(f.lastSource()) {
			f.FailedAt, f.FailedAtSE, f.FailedPerDay = f.FailedAt/gain, f.FailedAtSE/gain, f.FailedPerDay/gain
		}
	}
	return own
}

// byMake brings what sensors show of each part to what they show of parts of all makes.
func (t *timeline) byMake(row int, makes map[string]float64) {
	services := t.services[row]
	gain := 1.0
	for i := range t.readings[row] {
		r := &t.readings[row][i]
		for len(services) > 0 && !services[0].Time.After(r.Time) {
			if gain = makes[services[0].Part]; gain == 0 {
				gain = 1
			}
			services = services[1:]
		}
		if r.Sensed() {
			r.Wear, r.Noise = r.Wear/gain, r.Noise/gain
		}
	}
}
