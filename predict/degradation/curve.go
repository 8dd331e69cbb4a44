package degradation

import (
	"fmt"
	"math"
	"slices"
)

// knots of a curve between new and the limit.
const knots = 64

// Curve is the form of a wear path: wear as a function of the progress y, which
// grows in proportion to the clock. At y = 0 the part is new, at y = 1 its wear
// is 1, the limit. It is a table, so that every form costs the same to follow;
// between its knots and beyond its ends it is straight. A Curve is not changed
// after it was made.
type Curve struct {
	Name string
	wear [knots + 1]float64
	best float64 // least wear on the way
}

// NewCurve tables a form. The function gives the wear at y in 0..1; it must be
// finite, and is scaled and shifted so that it goes from 0 to 1. It need not
// rise everywhere: capacity may grow a little in the first cycles.
func NewCurve(name string, wear func(y float64) float64) (*Curve, error) {
	c := &Curve{Name: name}
	for i := range c.wear {
		c.wear[i] = wear(float64(i) / knots)
	}
	from, to := c.wear[0], c.wear[knots]
	for i := range c.wear {
		c.wear[i] = (c.wear[i] - from) / (to - from)
		if math.IsNaN(c.wear[i]) || math.IsInf(c.wear[i], 0) {
			return nil, fmt.Errorf("degradation: curve %s has no finite wear at %d/%d of the way", name, i, knots)
		}
		c.best = min(c.best, c.wear[i])
	}
	return c, nil
}

// At is the wear at a progress.
func (c *Curve) At(y float64) float64 {
	wear, _ := c.at(y)
	return wear
}

// at is the wear and its slope. Far beyond the limit the last piece goes on, as
// far as twice the way, so that a wild state stays finite.
func (c *Curve) at(y float64) (wear, slope float64) {
	x := min(max(y, -1), 2) * knots
	i := min(max(int(x), 0), knots-1)
	rise := c.wear[i+1] - c.wear[i]
	return c.wear[i] + rise*(x-float64(i)), rise * knots
}

// clamp keeps a wear within what the curve can mean. Better than the path ever is
// can only be noise, or a level that differs; beyond twice the way no curve says
// anything.
func (c *Curve) clamp(wear float64) float64 {
	return min(max(wear, c.best), c.At(2))
}

// Linear wears evenly.
func Linear() *Curve { return Power(1) }

// Power is wear = y^p: above 1 it accelerates, below it slows down. p > 0.
func Power(p float64) *Curve {
	return must(NewCurve(fmt.Sprintf("power %g", p), func(y float64) float64 { return math.Pow(y, p) }))
}

// RootLinear is a share that grows with the root of the clock beside a linear
// rest: the calendar and the throughput of a traction battery. 0 <= share <= 1.
func RootLinear(share float64) *Curve {
	return must(NewCurve(fmt.Sprintf("root+linear %g", share), func(y float64) float64 {
		return share*math.Sqrt(y) + (1-share)*y
	}))
}

// Exponential is wear that speeds up by e^k over the life: dust on a filter. k > 0.
func Exponential(k float64) *Curve {
	return must(NewCurve(fmt.Sprintf("exponential %g", k), func(y float64) float64 { return math.Expm1(k * y) }))
}

// Paris is crack growth da/dn = C a^m (Paris & Erdogan 1963, with the stress
// intensity in proportion to the root of the length folded into m): a^(1-m) is
// linear in the clock. start is the length of a new part as a share of the
// length at the limit, 0 < start < 1; m > 0, not 1.
func Paris(m, start float64) *Curve {
	from := math.Pow(start, 1-m)
	return must(NewCurve(fmt.Sprintf("paris %g", m), func(y float64) float64 {
		return math.Pow(from+y*(1-from), 1/(1-m))
	}))
}

func must(c *Curve, err error) *Curve {
	if err != nil {
		panic(err) // a constant of this package or of the caller's code is wrong
	}
	return c
}

// Master is the curve that a fleet's complete paths have in common: the median
// over the paths of their wear at each share of their lives, of those that were
// read by then; where they are fewer than three it is straight. It needs three
// complete paths with readings; false without.
func Master(paths []Path) (*Curve, bool) {
	var shapes [][]float64
	for i := range paths {
		if shape := paths[i].shape(); shape != nil {
			shapes = append(shapes, shape)
		}
	}
	if len(shapes) < minMaster {
		return nil, false
	}
	at := make([]float64, 0, len(shapes))
	c := &Curve{Name: "master"}
	known := 0 // the last knot that is
	for k := 1; k <= knots; k++ {
		at = at[:0]
		for _, s := range shapes {
			if !math.IsNaN(s[k]) {
				at = append(at, s[k])
			}
		}
		if len(at) < minMaster {
			continue
		}
		c.wear[k] = median(at)
		for j := known + 1; j < k; j++ {
			c.wear[j] = c.wear[known] + (c.wear[k]-c.wear[known])*float64(j-known)/float64(k-known)
		}
		known = k
	}
	c.smooth()
	return c, true
}

const minMaster = 3

// smooth takes out the steps that a median of few paths has, and fixes the ends. Four
// digits are kept, so that a curve that is written down is the same curve.
func (c *Curve) smooth() {
	for range 3 {
		before := c.wear
		for k := 1; k < knots; k++ {
			c.wear[k] = (before[k-1] + 2*before[k] + before[k+1]) / 4
		}
	}
	c.wear[0], c.wear[knots] = 0, 1
	for k := range c.wear {
		c.wear[k] = math.Round(c.wear[k]*1e4) / 1e4
	}
	c.best = slices.Min(c.wear[:])
}

// Progress is where along the curve a wear is first reached: 0 new, 1 at the limit.
// Beyond the limit the last piece of the curve goes on.
func (c *Curve) Progress(wear float64) float64 {
	if wear <= 1 {
		return c.progress(wear)
	}
	return min(1+(wear-1)/max(knots*(c.wear[knots]-c.wear[knots-1]), 0.01), 2)
}

// mark is the progress at a wear that is known to a standard deviation, and its
// variance.
func (c *Curve) mark(wear, sd float64) (progress, variance float64) {
	progress = c.Progress(wear)
	if sd > 0 {
		_, slope := c.at(progress)
		variance = sd * sd / max(slope*slope, 0.01)
	}
	return progress, variance
}

// progress is Progress up to the limit.
func (c *Curve) progress(wear float64) float64 {
	if wear >= 1 {
		return 1
	}
	for k := range knots {
		if c.wear[k+1] >= wear {
			if rise := c.wear[k+1] - c.wear[k]; rise > 0 {
				return (float64(k) + max(wear-c.wear[k], 0)/rise) / knots
			}
			return float64(k) / knots
		}
	}
	return 1
}

// shape is the wear of a complete path at the knots of its life, straight
// between its readings and not a number before the first of them, unless that is
// of its first days; nil of a path that is not complete or has too few.
func (p *Path) shape() []float64 {
	if !p.Failed || len(p.Readings) < 2 || !(p.Life > 0) {
		return nil
	}
	out := make([]float64, knots+1)
	j := 0
	for k := range out {
		tau := p.Life * float64(k) / knots
		for j+1 < len(p.Readings) && p.Readings[j+1].Tau < tau {
			j++
		}
		a := p.Readings[j]
		switch {
		case a.Tau-tau > p.Life/knots:
			out[k] = math.NaN()
			continue
		case tau <= a.Tau || j+1 == len(p.Readings):
			out[k] = a.Wear
			continue
		}
		b := p.Readings[j+1]
		out[k] = a.Wear + (b.Wear-a.Wear)*(tau-a.Tau)/(b.Tau-a.Tau)
	}
	return out
}

func median(values []float64) float64 {
	v := slices.Clone(values)
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
