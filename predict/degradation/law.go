package degradation

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// passage is the law of the clock still to run until one form's progress passes
// a mark: lognormal, and a chance that it is past already.
type passage struct {
	mean, sd float64 // of the log of the clock
	gone     float64
}

// passage of a filter, of a mark that is known to a variance. What remains is a
// normal level cut at zero; the part below zero is the chance that the limit is
// passed. Noise gathers on the way.
func (f *filter) passage(n *Noise, mark, doubt float64) passage {
	sd := math.Sqrt(f.vL + doubt)
	left := mark - f.level
	a := left / sd
	gone := normal(-a)
	if gone > 1-1e-9 {
		return passage{gone: 1, mean: elementary.Log(sd) - f.rate, sd: 1}
	}
	hazard := elementary.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / (1 - gone)
	mean := left + sd*hazard
	spread := sd * sd * max(1-a*hazard-hazard*hazard, 0)
	relative := elementary.Log1p((spread + n.Level*mean) / (mean * mean))
	v := max(f.vR+n.Rate*mean/3+relative+2*f.cLR/mean, 1e-4)
	return passage{mean: elementary.Log(mean) - relative/2 - f.rate, sd: math.Sqrt(v), gone: gone}
}

// Ways are the passages of a mark, one of each form that counts.
type Ways struct {
	forms  [MaxForms]passage
	weight [MaxForms]float64 // 0 of a form that is left out; they add up to 1
	n      int
}

// Ways is how wear passes a mark above 0 that is known to a standard deviation
// (0: exactly). It is the same law as Passing, without the lives, in a form to
// which the spread of a clock to come can be added.
func (m *Model) Ways(s *State, wear, sd float64) Ways {
	w := Ways{weight: m.weights(s), n: len(m.Forms)}
	kept := 0.0
	for i := range m.Forms {
		if w.weight[i] < noShare {
			w.weight[i] = 0
		}
		kept += w.weight[i]
	}
	for i := range m.Forms {
		if w.weight[i] /= kept; w.weight[i] == 0 {
			continue
		}
		mark, doubt := m.Forms[i].Curve.mark(wear, sd)
		w.forms[i] = s.forms[i].passage(&m.Forms[i].Noise, mark, doubt)
	}
	return w
}

// Gone is the chance that the mark is past already, 0..1.
func (w *Ways) Gone() float64 {
	gone := 0.0
	for i := range w.n {
		gone += w.weight[i] * w.forms[i].gone
	}
	return min(gone, 1)
}

// Passed is the chance that the mark is past when the clock has run on, 0..1:
// its run is given as the log of its median and the variance around it.
func (w *Ways) Passed(logRun, variance float64) float64 {
	sum := 0.0
	for i := range w.n {
		if f := &w.forms[i]; w.weight[i] > 0 {
			sum += w.weight[i] * (f.gone + (1-f.gone)*normal((logRun-f.mean)/math.Sqrt(f.sd*f.sd+variance)))
		}
	}
	return min(sum, 1)
}

// Deviate is the standard normal deviate of Passed, where it is known without it: a single
// form counts, and the mark is not past.
func (w *Ways) Deviate(logRun, variance float64) (z float64, known bool) {
	f := &w.forms[0]
	if w.n != 1 || f.gone > noChance {
		return 0, false
	}
	return (logRun - f.mean) / math.Sqrt(f.sd*f.sd+variance), true
}

// noChance of being past changes nothing that a float64 shows of another chance.
const noChance = 1e-17

// Middle is about the log of the median of the clock still to run.
func (w *Ways) Middle() float64 {
	sum := 0.0
	for i := range w.n {
		sum += w.weight[i] * w.forms[i].mean
	}
	return sum
}

// Deviation is about the standard deviation of the log of the clock still to run.
func (w *Ways) Deviation() float64 {
	sum := 0.0
	for i := range w.n {
		sum += w.weight[i] * w.forms[i].sd
	}
	return sum
}

func normal(z float64) float64 { return elementary.Normal(z) }

// cells of the grid that a law is kept on.
const cells = 64

const (
	reach   = 3.5   // standard deviations of each form that the grid spans
	noShare = 0.005 // a form with less weight is left out
)

// Law is the distribution of the clock still to run until wear passes the
// limit, on a grid of its logarithm.
type Law struct {
	Gone       float64            // chance that it is past already, 0..1
	from, step float64            // of the log of the clock
	below      [cells + 1]float64 // chance up to each grid line, Gone included
}

// Forecast is the law of passing the limit: the passages of the forms by their
// weights, multiplied with the law of lives.
func (m *Model) Forecast(s *State) Law { return m.Passing(s, 1) }

// Passing is the law of passing a wear, above 0 and at most 1. The law of lives
// speaks of the limit only.
func (m *Model) Passing(s *State, wear float64) Law {
	var l Law
	ways := m.Ways(s, wear, 0)
	w := ways.weight
	from, to := math.Inf(1), math.Inf(-1)
	for i, way := range ways.forms[:ways.n] {
		l.Gone += w[i] * way.gone
		w[i] *= 1 - way.gone
		if w[i] > 0 {
			from = min(from, way.mean-reach*way.sd)
			to = max(to, way.mean+reach*way.sd)
		}
	}
	if !(from < to) {
		return Law{Gone: 1}
	}
	l.from, l.step = from, (to-from)/cells
	before := 0.0
	for k := range l.below {
		x, sum := from+float64(k)*l.step, 0.0
		for i := range m.Forms {
			if w[i] > 0 {
				sum += w[i] * normal((x-ways.forms[i].mean)/ways.forms[i].sd)
			}
		}
		if k > 0 {
			mass := sum - before
			if wear == 1 {
				mass *= m.living(s, x-l.step/2)
			}
			l.below[k] = l.below[k-1] + mass
		}
		before = sum
	}
	l.normalise()
	return l
}

// living is what the law of lives multiplies a cell with: its density in the
// measure of the log of life, up to a constant.
func (m *Model) living(s *State, logRun float64) float64 {
	if m.Life == nil || m.LifeWeight == 0 {
		return 1
	}
	multiple := elementary.Log(s.tau+elementary.Exp(logRun)) + s.fleet
	u := m.Life.Shape * (multiple - m.Life.LogScale)
	return elementary.Exp(m.LifeWeight * (u - elementary.Exp(u)))
}

func (l *Law) normalise() {
	total := l.below[cells]
	if !(total > 0) { // the two laws exclude each other: the grid is all that is left
		for k := range l.below {
			l.below[k] = float64(k) / cells
		}
		total = 1
	}
	for k := range l.below {
		l.below[k] = l.Gone + (1-l.Gone)*l.below[k]/total
	}
}

// Unfailed is the law given that the limit is not passed: for parts whose
// failure would have been seen.
func (l Law) Unfailed() Law {
	if l.Gone >= 1 {
		return l
	}
	for k := range l.below {
		l.below[k] = (l.below[k] - l.Gone) / (1 - l.Gone)
	}
	l.Gone = 0
	return l
}

// Quantile is the clock still to run that is enough with a probability, 0..1:
// 0 when the limit is passed already with that probability. It rises with p.
func (l *Law) Quantile(p float64) float64 {
	if p <= l.Gone {
		return 0
	}
	lo, hi := 0, cells // below[lo] < p <= below[hi]
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; l.below[mid] < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	share := 1.0
	if rise := l.below[hi] - l.below[lo]; rise > 0 {
		share = min((p-l.below[lo])/rise, 1)
	}
	return elementary.Exp(l.from + l.step*(float64(lo)+share))
}

// Chance is the probability that the limit is passed within a clock to come.
func (l *Law) Chance(run float64) float64 {
	if l.Gone >= 1 || !(run > 0) {
		return l.Gone
	}
	x := (elementary.Log(run) - l.from) / l.step
	k := min(max(int(math.Floor(x)), -1), cells)
	switch {
	case k < 0:
		return l.Gone
	case k == cells:
		return 1
	}
	return l.below[k] + (x-float64(k))*(l.below[k+1]-l.below[k])
}
