package evaluate

import (
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
	"time"
)

// ownLesson is what units taught by a time.
type ownLesson struct {
	factor float64 // on odometers
	ids    []predict.Component
	gauges []ownGauge
	table  *predict.Table
	prior  predict.Prior
	lives  []survival.Curve // of parts since their renewal, in days; without steps where nothing is known
}

// learn is the lesson of some of the units, as of a time, given what law of use they taught. New is what their readings
// show of it, or, where that is too little, those of all: it is a matter of the unit
// in which values are written.
func (o *Own) learn(taught, all []*ownKnown, factor float64, at time.Time, use *predict.UsageLaw) *ownLesson {
	l := &ownLesson{factor: factor, gauges: slices.Clone(o.gauges)}
	var rows []predict.Spec
	for part := range o.parts {
		paths := pathsOf(taught, part)
		g := &l.gauges[part]
		g.learn(paths)
		if !g.usable {
			g.learn(pathsOf(all, part))
		}
		s := o.spec(part, g, paths, areRead(pathsOf(all, part)), factor)
		l.ids = append(l.ids, s.Component)
		l.lives = append(l.lives, livesOf(paths))
		rows = append(rows, s)
	}
	l.table = predict.TableOf(rows...)
	var paths []predict.FleetPath
	var back []predict.Input // whose forecasts are looked back at
	for i, k := range taught {
		in := k.input(l, at)
		paths = append(paths, predict.PathsOf(in)...)
		if i%(len(taught)/mostLookedBack+1) == 0 {
			back = append(back, in)
		}
	}
	prior := predict.LearnPrior(l.table, paths)
	prior.Usage.Law = use
	l.prior = predict.Calibrate(prior, slices.Values(back), nil)
	return l
}

// mostLookedBack units calibrate a lesson, about: each is asked many times.
const mostLookedBack = 100

func pathsOf(units []*ownKnown, part int) []ownPath {
	var out []ownPath
	for _, k := range units {
		out = append(out, k.paths[part]...)
	}
	return out
}

// areRead reports whether there are values of the paths.
func areRead(paths []ownPath) bool {
	return slices.ContainsFunc(paths, func(p ownPath) bool { return len(p.values) > 0 })
}

// livesOf is the share of renewed parts that had not reached their limit by an age
// in days. What was renewed before its limit, or still runs, is censored.
func livesOf(paths []ownPath) survival.Curve {
	var lives []survival.Life
	for _, p := range paths {
		if !p.renewed {
			continue
		}
		end, failed := p.until, p.failed
		if !p.limit.IsZero() {
			end, failed = p.limit, true
		}
		if age := dayOf(end) - dayOf(p.from); age > 0 {
			lives = append(lives, survival.Life{Exit: age, Failed: failed})
		}
	}
	return survival.KaplanMeier(lives)
}

// Paces between which odometers are taken as they are, km a day. Others count hours,
// cycles or thousands, and are brought to where predict knows how vehicles are used.
const slowest, fastest = 3, 1000

// factorOf is the power of ten by which the odometers of a fleet look like those of
// vehicles.
func factorOf(units []*ownKnown) float64 {
	var paces []float64
	for _, k := range units {
		if pace := k.pace(); pace > 0 {
			paces = append(paces, pace)
		}
	}
	if len(paces) == 0 {
		return 1
	}
	slices.Sort(paces)
	middle := paces[len(paces)/2]
	if middle >= slowest && middle <= fastest {
		return 1
	}
	return math.Pow(10, math.Round(math.Log10(refKmPerDay/middle)))
}
