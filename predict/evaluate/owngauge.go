package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// ownGauge turns the values of a part into wear, 0 new and 1 at the limit.
type ownGauge struct {
	raw    bool    // values are not wear
	limit  float64 // value at the limit
	fresh  float64 // value of a new part
	told   bool    // fresh was given by the user; else it is learned
	noise  float64 // standard deviation of one reading, in wear
	step   float64 // that values come in, in wear; 0: they are as fine as they scatter
	usable bool
}

// Wear that a reading may show: what predict takes.
const leastWear, mostWear = -2, 5

func (g *ownGauge) wear(value float64) float64 {
	if !g.raw {
		return value
	}
	return (g.fresh - value) / (g.fresh - g.limit)
}

// gauge is what the user tells of a component, by its own name or for all.
func (s *OwnScale) gauge(o *Own, id string) ownGauge {
	g := ownGauge{usable: true}
	g.limit, g.raw = level(o, s.Thresholds, id)
	g.fresh, g.told = level(o, s.New, id)
	if g.raw && !g.told {
		g.usable = false
	}
	return g
}

func level(o *Own, levels map[string]float64, id string) (float64, bool) {
	for name, v := range levels {
		if own, _ := o.idOf(name); name != "" && own == id {
			return v, true
		}
	}
	v, ok := levels[""]
	return v, ok
}

// check refuses levels of components that there are none of, and scales without length.
func (s *OwnScale) check(o *Own) error {
	var names []string
	for _, p := range o.parts {
		names = append(names, p.name)
	}
	for flag, levels := range map[string]map[string]float64{"--threshold": s.Thresholds, "--new": s.New} {
		for name := range levels {
			id, _ := o.idOf(name)
			if name != "" && !slices.ContainsFunc(o.parts, func(p ownPart) bool { return string(p.id) == id }) {
				return fmt.Errorf("%s %s: there is no such component; there are %s", flag, name, strings.Join(names, ", "))
			}
		}
	}
	for i, g := range o.gauges {
		switch {
		case g.told && !g.raw:
			return fmt.Errorf("--new %s=%g: without --threshold values are wear already, 0 new and 1 at the limit", o.parts[i].name, g.fresh)
		case g.told && g.fresh == g.limit:
			return fmt.Errorf("--new and --threshold of %s are both %g: they must differ", o.parts[i].name, g.limit)
		}
	}
	return nil
}

// fewestFresh readings of new parts say what new is.
const fewestFresh = 3

// learn completes a gauge by the readings of units: what a new part shows, and how
// much a reading scatters.
func (g *ownGauge) learn(paths []ownPath) {
	if g.raw && !g.told {
		g.fresh, g.usable = freshValue(paths, g.limit)
	}
	if g.usable {
		g.noise, g.step = g.scatter(paths), g.stepOf(paths)
	}
}

// freshValue is the median of the first readings after a renewal. Where there are too
// few of them it is nearly the farthest from the limit that any unit began with.
func freshValue(paths []ownPath, limit float64) (float64, bool) {
	var renewed, first []float64
	rising := 0
	for _, p := range paths {
		if len(p.values) == 0 {
			continue
		}
		first = append(first, p.values[0])
		if p.renewed {
			renewed = append(renewed, p.values[0])
		}
		for _, v := range p.values {
			if v < limit {
				rising++
			} else if v > limit {
				rising--
			}
		}
	}
	slices.Sort(renewed)
	slices.Sort(first)
	fresh := math.NaN()
	switch {
	case len(renewed) >= fewestFresh:
		fresh = renewed[len(renewed)/2]
	case len(first) == 0:
	case rising > 0: // most readings are below the limit: values rise to it
		fresh = first[len(first)/10]
	default:
		fresh = first[len(first)-1-len(first)/10]
	}
	return fresh, !math.IsNaN(fresh) && math.Abs(fresh-limit) > 1e-9*math.Max(math.Abs(limit), 1)
}

const (
	usualScatter = 0.02  // of a reading, until enough were seen
	leastScatter = 0.002 // rounding
	fewestTriple = 10
)

// scatter is the standard deviation of a reading around the straight line between its
// neighbours, without the wildest twentieth.
func (g *ownGauge) scatter(paths []ownPath) float64 {
	var squares []float64
	for _, p := range paths {
		for i := 1; i+1 < len(p.values); i++ {
			span := p.days[i+1] - p.days[i-1]
			if !(span > 0) {
				continue
			}
			share := (p.days[i] - p.days[i-1]) / span
			off := g.wear(p.values[i]) - (1-share)*g.wear(p.values[i-1]) - share*g.wear(p.values[i+1])
			squares = append(squares, off*off/(1+share*share+(1-share)*(1-share)))
		}
	}
	if len(squares) < fewestTriple {
		return usualScatter
	}
	slices.Sort(squares)
	squares = squares[:len(squares)-len(squares)/20]
	// Of a normal variable the inner 95 % have 0.759 of its variance.
	return math.Max(math.Sqrt(mean(squares)/0.759), leastScatter)
}
