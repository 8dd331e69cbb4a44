package evaluate

import (
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// What is written in coarse steps: a value that is the same again says nothing new however often it is
// looked at, and is not off by chance each time. Taken as readings like others, ten looks at one step would show
// that wear has come to an end.
const (
	coarseStep  = 0.15 // of the way from new to the limit; finer steps are no more than what readings scatter
	coarseLooks = 5    // at one level, on average, to tell steps from values that happen to be alike
)

// stepOf is the step, in wear, that values come in; 0 where they do not.
func (g *ownGauge) stepOf(paths []ownPath) float64 {
	var levels []float64
	for _, p := range paths {
		for _, v := range p.values {
			levels = append(levels, g.wear(v))
		}
	}
	n := len(levels)
	slices.Sort(levels)
	levels = slices.CompactFunc(levels, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if len(levels) < 3 || n < coarseLooks*len(levels) {
		return 0
	}
	var steps []float64
	for i := 1; i < len(levels); i++ {
		steps = append(steps, levels[i]-levels[i-1])
	}
	slices.Sort(steps)
	if step := steps[len(steps)/2]; step >= coarseStep {
		return step
	}
	return 0
}

// coarse makes of the readings of a part, oldest first, those that say something: the first of it, and the steps, which
// come half way between two levels and some time between two looks. That no step has come by a look is a bound.
func (g *ownGauge) coarse(rs []predict.Reading) {
	var before predict.Reading
	for i := range rs {
		r, now := &rs[i], rs[i]
		switch rise := r.Wear - before.Wear; {
		case i == 0 || rise < 0:
			r.Noise = math.Max(r.Noise, g.step/math.Sqrt(12))
		case rise == 0:
			r.Wear, r.Noise, r.Bound = r.Wear+g.step/2, g.step/6, true
		default:
			r.Wear, r.Noise, r.Span = (before.Wear+r.Wear)/2, math.Max(rise, g.step)/6, r.Time.Sub(before.Time)
		}
		before = now
	}
}

// told is what was read of the parts of the unit, between renewals each by itself where it came in steps.
func (k *ownKnown) told(l *ownLesson) []predict.Reading {
	var out []predict.Reading
	for part := range l.gauges {
		g := &l.gauges[part]
		if !g.usable {
			continue
		}
		from, services := len(out), k.services
		cut := func() {
			if g.step > 0 {
				g.coarse(out[from:])
			}
			from = len(out)
		}
		for i := range k.readings {
			r := &k.readings[i]
			if r.part != part {
				continue
			}
			for len(services) > 0 && !services[0].at.After(r.at) {
				if services[0].part == part {
					cut()
				}
				services = services[1:]
			}
			out = append(out, predict.Reading{
				Component: l.ids[part], Time: r.at, OdometerKm: r.km * l.factor,
				Wear: g.wear(r.value), Noise: g.noise, Source: predict.FromWorkshop,
			})
		}
		cut()
	}
	return out
}
