package predict

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/thin"
)

const (
	maxLearned = 400  // paths that forms are learned from; more cost time and teach little
	leastForm  = 0.05 // weight below which a form is not worth following
)

// pathForms are what wear paths look like; empty: as the expert has them.
type pathForms struct {
	forms    []degradation.Form
	evidence float64
}

// learnForms learns which forms the paths of a component take, and draws the rate of
// every path anew along the leading one. Paths that this leaves without a rate are
// left out. Those that a sensor follows are learned from by themselves where there are
// enough: a look a year says little of how evenly a part wears. A fleet with too few
// whole paths keeps the expert's form.
func learnForms(l *LifePrior, s *Spec, own []FleetPath) []FleetPath {
	sensed, others := own[:0:0], own[:0:0]
	for i := range own {
		own[i].Run = own[i].failedBy(l)
		if f := own[i]; f.sensed() {
			sensed = append(sensed, f)
		} else {
			others = append(others, f)
		}
	}
	learned, seen := l.learnPaths(s, others), l.learnPaths(s, sensed)
	if len(learned.forms) == 0 || len(seen.forms) == 0 {
		if learned = l.learnPaths(s, own); len(learned.forms) == 0 {
			return own
		}
		seen = learned
	} else {
		l.SensedForms, l.SensedEvidence = seen.forms, seen.evidence
	}
	l.Forms, l.Evidence = learned.forms, learned.evidence
	kept := own[:0]
	for _, f := range own {
		along := learned.forms[0].Curve
		if f.sensed() {
			along = seen.forms[0].Curve
		}
		if len(f.Points) == 0 || f.draw(along, l.scale()) {
			kept = append(kept, f)
		}
	}
	return kept
}

// learnPaths are the forms of some paths; empty when too few are whole.
func (l *LifePrior) learnPaths(s *Spec, own []FleetPath) pathForms {
	var paths []degradation.Path
	for i := range own {
		if f := &own[i]; f.Run > 0 && len(f.Points) >= minPathReadings {
			paths = append(paths, f.path(l.scale(), l))
		}
	}
	paths = thin.Evenly(paths, maxLearned)
	failed := slices.DeleteFunc(slices.Clone(paths), func(p degradation.Path) bool { return !p.Failed })
	if len(failed) < minComplete {
		return pathForms{}
	}
	m, err := degradation.LearnForms(paths, curvesFor(s))
	if err != nil {
		return pathForms{}
	}
	return pathForms{leading(m.Forms), m.Evidence}
}

// scale is the wear at which parts fail, as readings show it.
func (l *LifePrior) scale() float64 {
	if l.FailsAt > 0 {
		return l.FailsAt
	}
	return 1
}

// sensed reports whether a sensor of the vehicle has followed the path.
func (f *FleetPath) sensed() bool {
	return slices.ContainsFunc(f.Points, func(p Point) bool { return followsWear(p.Source) })
}

// curvesFor are the forms that are tried for a component beside what its paths have
// in common.
func curvesFor(s *Spec) []*degradation.Curve {
	curves := []*degradation.Curve{degradation.Linear(), degradation.RootLinear(0.7), degradation.Power(2), degradation.Exponential(3)}
	for _, own := range s.curves() {
		if !slices.ContainsFunc(curves, func(c *degradation.Curve) bool { return c.Name == own.Name }) {
			curves = append(curves, own)
		}
	}
	return curves
}

// leading are the forms that count, the first first, with their weights made up to 1.
func leading(forms []degradation.Form) []degradation.Form {
	forms = slices.Clone(forms)
	slices.SortStableFunc(forms, func(a, b degradation.Form) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return 0
	})
	forms = slices.DeleteFunc(forms, func(f degradation.Form) bool { return f.Weight < leastForm })
	sum := 0.0
	for _, f := range forms {
		sum += f.Weight
	}
	for i := range forms {
		forms[i].Weight /= sum
	}
	return forms
}

// path is what degradation learns from, with wear in fractions of where parts fail.
func (f *FleetPath) path(scale float64, l *LifePrior) degradation.Path {
	p := degradation.Path{Unit: string(f.VIN), Life: f.Run, Failed: f.Failed, Doubt: l.FailsAtSD / scale}
	for _, q := range f.Points {
		p.Readings = append(p.Readings, degradation.Reading{Tau: q.Tau, Wear: q.Wear / scale, Noise: trusted(l.Trust, q.Source) * q.Noise / scale})
	}
	return p
}

// failedBy is the clock at which the part failed: where its readings saw that to the
// mark, or when somebody came with it. Owners take their time.
func (f *FleetPath) failedBy(l *LifePrior) float64 {
	for i := range f.Points {
		if q := &f.Points[i]; f.Failed && q.Wear >= l.scale() && q.Noise*trusted(l.Trust, q.Source) <= exactly {
			return min(q.Tau, f.Run)
		}
	}
	return f.Run
}
