package degradation

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// ErrNoPaths says that there is nothing to learn from: no complete path, and no
// wider fleet.
var ErrNoPaths = errors.New("degradation: no complete path to learn from, and no wider fleet")

// Standard are the forms that are tried on every kind of part, beside the
// fleet's master curve.
func Standard() []*Curve {
	return []*Curve{Linear(), RootLinear(0.7), Power(1.5), Power(2), Power(3), Power(5), Power(8), Exponential(3)}
}

// Trial is a forecast that was made of a training path by a model that had not
// seen it, as of a clock, with the truth beside it: when it would pass the limit,
// or, if it did not fail, the wear it was last seen with.
type Trial struct {
	Unit  string
	Tau   float64 // as of
	Truth float64 // clock that was still to run until the path's mark
	Law   Law     // of passing it
}

// shares of their lives at which complete paths are asked.
var (
	shares = []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95} // to tune noises
	dense  = []float64{
		0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
		0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95,
	} // to weigh and to calibrate
)

// folds of the cross-validation by unit within the training paths.
const folds = 5

// trainee is a form in training: the curve that each fold sees, and the rest.
type trainee struct {
	curve *Curve
	per   [folds]*Curve
	noise Noise
	score float64
}

// lesson is what the training paths are asked with.
type lesson struct {
	done  []Path // complete to their mark
	folds []int  // of done: all paths of one unit are in one
	rest  []Path // too short to ask anything of
	named bool   // readings name noises of their own
	rates [folds]*Rates
}

// Learn makes a model of a fleet's paths, complete and not. What it chooses, it
// chooses by how likely it made what became of paths that it had left out, a
// fifth of the units at a time, as of ten shares of their lives (a path that did
// not fail is asked when it would pass the wear it was last seen with): the noises of every
// form, which forms are followed and with what weights, and how much the law of
// lives counts. The trials are the forecasts of that cross-validation, for
// calibration. curves are the forms to try beside the fleet's master curve.
//
// With fewer than five paths to ask, the forms of the wider fleet stay, and
// the rates are drawn to it; wider may be nil. The order of the paths does not
// matter, and the same paths make the same model.
func Learn(paths []Path, curves []*Curve, wider *Model) (*Model, []Trial, error) {
	m, l, asked, err := learnForms(paths, curves, wider)
	if len(asked) == 0 {
		return m, nil, err
	}
	m.Life = l.lives()
	asked.weighLife(m)
	return m, asked.trials(m), nil
}

// LearnForms is Learn without the law of lives and without trials, which take half of its time: for
// those who know of lives otherwise. Paths that teach no form give ErrNoPaths.
func LearnForms(paths []Path, curves []*Curve) (*Model, error) {
	m, _, asked, err := learnForms(paths, curves, nil)
	if err == nil && len(asked) == 0 {
		err = ErrNoPaths
	}
	return m, err
}

// learnForms also returns what was learned from; no questions where the paths were too few.
func learnForms(paths []Path, curves []*Curve, wider *Model) (*Model, lesson, questions, error) {
	paths = slices.Clone(paths)
	slices.SortStableFunc(paths, func(a, b Path) int { return cmp.Compare(a.Unit, b.Unit) })
	var l lesson
	for _, p := range paths {
		l.named = l.named || slices.ContainsFunc(p.Readings, func(r Reading) bool { return r.Noise > 0 })
		if p.mark() > 0 {
			l.add(p)
		} else {
			l.rest = append(l.rest, p)
		}
	}
	if len(l.done) < minUnits {
		m, err := fewPaths(paths, curves, wider)
		return m, l, nil, err
	}
	trainees := l.prepare(curves)
	for _, t := range trainees {
		l.tune(t)
	}
	slices.SortStableFunc(trainees, func(a, b *trainee) int { return cmp.Compare(b.score, a.score) })
	trainees = trainees[:min(len(trainees), MaxForms)]
	m := &Model{}
	for _, t := range trainees {
		m.Forms = append(m.Forms, Form{Curve: t.curve, Noise: t.noise})
	}
	m.Rates = learnRates(estimates(paths, trainees[0].curve), nil)
	asked := l.ask(m, trainees)
	if len(asked) == 0 { // all was read when it was nearly over
		m, err := fewPaths(paths, curves, wider)
		return m, l, nil, err
	}
	asked.weigh(m)
	return m, l, asked, nil
}

// add puts a complete path into its fold; the paths come by unit.
func (l *lesson) add(p Path) {
	fold := 0
	if n := len(l.done); n > 0 {
		if fold = l.folds[n-1]; l.done[n-1].Unit != p.Unit {
			fold = (fold + 1) % folds
		}
	}
	l.done, l.folds = append(l.done, p), append(l.folds, fold)
}

// fewPaths is the model of a fleet that has not taught enough.
func fewPaths(paths []Path, curves []*Curve, wider *Model) (*Model, error) {
	m := &Model{}
	var prior *Rates
	switch {
	case wider != nil:
		*m = *wider
		prior = wider.Rates
	default:
		for _, c := range curves[:min(len(curves), MaxForms)] {
			m.Forms = append(m.Forms, Form{Curve: c, Noise: usual, Weight: 1 / float64(min(len(curves), MaxForms))})
		}
		m.Evidence = 0.1
	}
	if len(m.Forms) == 0 {
		return nil, ErrNoPaths
	}
	rates := estimates(paths, m.Forms[0].Curve)
	if len(rates) == 0 && prior == nil {
		return nil, ErrNoPaths
	}
	m.Rates = learnRates(rates, prior)
	return m, nil
}

// prepare makes for every fold what it may know: the rates and the master curve
// of the other folds' units.
func (l *lesson) prepare(curves []*Curve) []*trainee {
	var out []*trainee
	whole, ok := Master(l.done)
	if ok {
		master := &trainee{curve: whole}
		for k := range folds {
			master.per[k], ok = Master(l.without(k))
			if !ok {
				master.per[k] = whole // of so few that it will hardly be followed
			}
		}
		out = append(out, master)
	}
	for _, c := range curves {
		t := &trainee{curve: c}
		for k := range folds {
			t.per[k] = c
		}
		out = append(out, t)
	}
	for k := range folds {
		l.rates[k] = learnRates(estimates(append(l.without(k), l.rest...), out[0].per[k]), nil)
	}
	return out
}

// lives is the law of the lives of paths, complete or not, as multiples of what
// was expected of them by the folds that had left them out; nil without a failure.
func (l *lesson) lives() *survival.Weibull {
	var lives []survival.Life
	for i := range l.done {
		p := &l.done[i]
		mean, _ := l.rates[l.folds[i]].Of(p.Groups)
		lives = append(lives, survival.Life{Exit: p.Life * math.Exp(mean), Failed: p.Failed})
	}
	law, err := survival.Fit(lives, survival.Options{})
	if err != nil {
		return nil
	}
	return &law
}

// without are the paths outside a fold.
func (l *lesson) without(fold int) []Path {
	var rest []Path
	for i := range l.done {
		if l.folds[i] != fold {
			rest = append(rest, l.done[i])
		}
	}
	return rest
}

// fold is the model as the fold of a path sees it.
func (l *lesson) fold(m *Model, trainees []*trainee, i int) *Model {
	k := l.folds[i]
	f := *m
	f.Rates = l.rates[k]
	f.Forms = slices.Clone(m.Forms)
	for x, t := range trainees {
		f.Forms[x].Curve = t.per[k]
	}
	return &f
}

// walk follows a path with a model that has not seen it, and stops at each share.
func walk(m *Model, p *Path, shares []float64, stop func(s State)) {
	s := m.New(p.Groups...)
	j := 0
	for _, share := range shares {
		at := share * p.Life
		for j < len(p.Readings) && p.Readings[j].Tau <= at {
			m.Observe(&s, p.Readings[j])
			j++
		}
		if j > 0 {
			stop(m.At(s, at))
		}
	}
}

// density of the clock that was still to run, in its log. What lies far outside
// is not as good as impossible: laws have thicker tails than they say.
func (p *passage) density(logRun float64) float64 {
	z := (logRun - p.mean) / p.sd
	return (1-p.gone)*math.Exp(-z*z/2)/(p.sd*math.Sqrt(2*math.Pi)) + outside
}

const outside = 1e-5
