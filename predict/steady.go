package predict

import (
	"math"
	"slices"
)

// A sensor may be off by as much for the life of a part: an accelerometer in a tyre, by how
// it sits. Its own readings tell it only of a new part. What a workshop measures of the same
// part tells it too: by how far the sensor's readings around lie off.

// sighting is a reading on a path: wear at a clock.
type sighting struct {
	x, wear, noise float64
	sensed         bool
}

const (
	fewBeside   = 4     // readings of the sensor on each side, that a workshop's is compared with
	leastBeside = 40    // paths with such comparisons, before a fleet is judged by them
	leastSteady = 0.005 // wear that a sensor is off, below which it is not
	steadyTurns = 4     // of leaving out what lies far off
)

// beside are by how much the sensor shows more wear than each workshop measured, with the
// variance of the errors of both. A workshop's reading counts where the sensor was read
// before and after.
func beside(path []sighting, each func(off, variance float64)) {
	var sensed []sighting // on a path, in order
	for i := range path {
		if path[i].sensed {
			sensed = append(sensed, path[i])
		}
	}
	for i := range path {
		p := &path[i]
		if p.sensed || !(p.noise > 0) {
			continue
		}
		n, _ := slices.BinarySearchFunc(sensed, p.x, func(s sighting, x float64) int {
			if s.x < x {
				return -1
			}
			return 1
		})
		a, b := sensed[max(n-fewBeside, 0):n], sensed[n:min(n+fewBeside, len(sensed))]
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		before, after := meanOf(a), meanOf(b)
		if run := after.x - before.x; run > 0 && math.Abs(after.wear-before.wear) < mostGap {
			share := (p.x - before.x) / run
			at := before.wear + share*(after.wear-before.wear)
			each(at-p.wear, p.noise*p.noise+(1-share)*(1-share)*before.noise*before.noise+share*share*after.noise*after.noise)
		}
	}
}

// meanOf is the mean of sightings, its noise without what they have in common.
func meanOf(of []sighting) sighting {
	m, n := sighting{}, float64(len(of))
	for i := range of {
		m.x, m.wear, m.noise = m.x+of[i].x/n, m.wear+of[i].wear/n, m.noise+of[i].noise*of[i].noise/(n*n)
	}
	m.noise = math.Sqrt(m.noise)
	return m
}

// steadyOff is by how much the sensor shows more wear on a path than there is, where sensors
// are off by a standard deviation; 0 where no workshop tells.
func steadyOff(path []sighting, sd float64) float64 {
	off, weight := 0.0, 1/(sd*sd)
	beside(path, func(d, v float64) {
		if d*d <= strayPair*strayPair*(v+sd*sd) {
			off, weight = off+d/v, weight+1/v
		}
	})
	return off / weight
}

// learnSteady learns by how much sensors are off for the life of a part, as a standard
// deviation: by how far the means of paths lie apart beyond their errors. 0 where they do
// not, or too few workshops measured. A mean that lies far from the others is of something
// else.
func (l *LifePrior) learnSteady(own []FleetPath) {
	var means []failing
	for i := range own {
		sum, weight := 0.0, 0.0
		beside(own[i].sightings(l), func(d, v float64) {
			if d*d <= strayPair*strayPair*(v+usualShowSD*usualShowSD) {
				sum, weight = sum+d/v, weight+1/v
			}
		})
		if weight > 0 {
			means = append(means, failing{sum / weight, 1 / weight})
		}
	}
	variance := 0.0
	for range steadyTurns {
		if len(means) < leastBeside {
			return
		}
		var mean float64
		mean, variance = failures(means)
		means = slices.DeleteFunc(means, func(m failing) bool {
			off := m.wear - mean
			return off*off > strayPair*strayPair*(max(variance, 0)+m.noise)
		})
	}
	if variance > leastSteady*leastSteady {
		l.SteadySD = math.Sqrt(variance)
	}
}

// sightings are the points of a path as they are trusted.
func (f *FleetPath) sightings(l *LifePrior) []sighting {
	if !f.sensed() {
		return nil
	}
	out := make([]sighting, len(f.Points))
	for i := range f.Points {
		q := &f.Points[i]
		out[i] = sighting{q.Tau, q.Wear, trusted(l.Trust, q.Source) * q.Noise, followsWear(q.Source)}
	}
	return out
}

// steadied are the paths less what their sensors are off; what is given is not changed.
func steadied(own []FleetPath, l *LifePrior) []FleetPath {
	if l.SteadySD == 0 {
		return own
	}
	own = slices.Clone(own)
	for i := range own {
		f := &own[i]
		off := steadyOff(f.sightings(l), l.SteadySD)
		if off == 0 {
			continue
		}
		f.Points = slices.Clone(f.Points)
		for j := range f.Points {
			if q := &f.Points[j]; followsWear(q.Source) {
				q.Wear -= off
			}
		}
		if f.FailedAt > 0 && followsWear(f.lastSource()) {
			f.FailedAt -= off
		}
	}
	return own
}

// steady takes off the readings of sensors what they are off for the life of each part.
func (t *timeline) steady(row int, prior *LifePrior) {
	rest := t.readings[row]
	off := 0.0
	part := func(n int) {
		off = t.steadyPart(rest[:n], prior)
		rest = rest[n:]
	}
	for _, s := range t.services[row] {
		n, _ := slices.BinarySearchFunc(rest, s, func(r Reading, s Service) int { return r.Time.Compare(s.Time) })
		part(n)
	}
	part(len(rest))
	if off != 0 {
		if t.off == nil {
			t.off = map[Component]float64{}
		}
		t.off[t.table.rows[row].Component] = off
	}
}

// steadyPart does so for the readings of one part, and returns what it has taken off.
func (t *timeline) steadyPart(readings []Reading, prior *LifePrior) float64 {
	looks := func(r Reading) bool { return !r.Bound && !r.Sensed() }
	if !slices.ContainsFunc(readings, looks) {
		return 0
	}
	path := make([]sighting, 0, len(readings))
	for i := range readings {
		r := &readings[i]
		if r.Bound || r.AtLeast {
			continue
		}
		path = append(path, sighting{t.kmOf(r), r.Wear, trusted(prior.Trust, r.Source) * r.Noise, r.Sensed()})
	}
	off := steadyOff(path, prior.SteadySD)
	for i := range readings {
		if readings[i].Sensed() {
			readings[i].Wear -= off
		}
	}
	return off
}
