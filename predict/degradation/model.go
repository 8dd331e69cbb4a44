package degradation

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// Model is what a fleet has taught of one kind of part. It is not changed after
// it was learned, and may be used by many at once.
type Model struct {
	Forms    []Form // at most MaxForms
	Rates    *Rates
	Evidence float64 // how far a unit's own readings move the weights of the forms: 0 not, 1 as Bayes would

	Start float64 // standard deviation of the progress of a new part; 0: 0.02

	// Life is the law that the path is multiplied with: of lives as multiples of the
	// one that the unit's prior has as its median; nil: none.
	Life       *survival.Weibull
	LifeWeight float64 // its exponent, 0..1: the prior of the rates says much of it already
}

// usualStart is the standard deviation of the progress of a new part.
const usualStart = 0.02

func (m *Model) start() float64 {
	if m.Start > 0 {
		return m.Start * m.Start
	}
	return usualStart * usualStart
}

// New opens the path of a new part at clock 0, with the prior of the narrowest
// of its groups that the fleet knows.
func (m *Model) New(groups ...string) State {
	mean, variance := m.Rates.Of(groups)
	return m.Begin(mean, variance, 0, 0)
}

// Begin opens a path at clock 0 with a prior of its own: log-rate and its
// variance, and how far along the part is believed to be, 0 new and 1 at the
// limit, with the standard deviation of that.
func (m *Model) Begin(logRate, variance, level, sd float64) State {
	s := State{fleet: logRate, opened: opened{float32(logRate), float32(variance), float32((1 - m.Rates.part()) * variance)}}
	for i := range m.Forms {
		s.forms[i] = filter{rate: logRate, vR: variance, level: level, vL: m.start() + sd*sd, cSL: m.start()}
	}
	return s
}

// Observe takes a reading and says how far off it was, in standard deviations of
// what was expected: positive is more wear. One from before the newest is taken
// as made together with it: the caller brings readings in order. What is not a
// number is left out.
func (m *Model) Observe(s *State, r Reading) (surprise float64) {
	if v := r.Wear + r.Tau + r.Noise; math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	w := m.weights(s)
	run := max(r.Tau-s.tau, 0)
	for i := range m.Forms {
		surprise += w[i] * s.forms[i].observe(&m.Forms[i], s.fleet, run, r)
	}
	s.tau = max(s.tau, r.Tau)
	s.readings++
	return surprise
}

// Below takes it that wear had not passed a reading's: a gauge that moves in steps has
// not made its next one. Of what was expected, the part beyond the mark is
// cut off; what stays is taken as normal again.
func (m *Model) Below(s *State, r Reading) { m.cut(s, r, under) }

// Above takes it that wear has passed a reading's by now, which a sensor shows that has come to the
// end of its scale. It counts as a reading. One that is an outlier is taken by Observe as any other.
func (m *Model) Above(s *State, r Reading) (surprise float64) {
	wear := m.WearAhead(s, r.Tau, 0)
	sd := math.Hypot(m.WearAhead(s, r.Tau, 1)-wear, r.Noise)
	if off := (r.Wear - wear) / sd; off*off > outlier && off > 0 || math.IsNaN(off) {
		return m.Observe(s, r)
	}
	m.cut(s, r, over)
	for i := range m.Forms {
		s.forms[i].stray = stray{}
	}
	s.readings++
	return 0
}

func (m *Model) cut(s *State, r Reading, side float64) {
	if v := r.Wear + r.Tau + r.Noise; math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	m.runOn(s, r.Tau)
	for i := range m.Forms {
		mark, doubt := m.Forms[i].Curve.mark(r.Wear, r.Noise)
		f := &s.forms[i]
		f.cut(mark, doubt, side)
		f.level, f.rate = within(f.level), bound(f.rate, s.fleet)
	}
}

// Renew opens the path of the part that follows at the same place: its wear is new. How fast the last one wore tells of
// the unit as far as the unit makes what was unknown of it, and not the part, or what came of its pace as it wore; the next
// part is one of the unit's.
func (m *Model) Renew(s State) State {
	o := s.opened
	v, unit := float64(o.variance), float64(o.ofUnit)
	part := max(v-unit, leastOpen*m.Rates.Variance)
	rate, variance := m.Rate(&s)
	share, told := 0.0, 0.0 // of what was unknown of the rate: that is the unit's, and that is known now
	if unknown := v + m.drift(&s); unknown > 0 {
		share, told = unit/unknown, max(1-variance/unknown, 0)
	}
	unit *= 1 - share*told
	next := m.Begin(float64(o.rate)+share*(rate-float64(o.rate)), min(unit+part, max(m.Rates.Variance, v)), 0, 0)
	next.fleet, next.opened.ofUnit = s.fleet, float32(unit)
	return next
}

// drift is the variance that the log-rate has gathered since the part came in.
func (m *Model) drift(s *State) float64 {
	w, sum := m.weights(s), 0.0
	for i := range m.Forms {
		sum += w[i] * m.Forms[i].Noise.Rate * max(s.forms[i].level, 0)
	}
	return sum
}

// leastOpen is the least share of the variance that a part opens with where its unit is known: pace drifts within a life.
const leastOpen = 0.2

// At is the state run on to a clock without a reading.
func (m *Model) At(s State, tau float64) State {
	m.runOn(&s, tau)
	return s
}

func (m *Model) runOn(s *State, tau float64) {
	run := max(tau-s.tau, 0)
	for i := range m.Forms {
		f := &s.forms[i]
		f.runOn(f, &m.Forms[i].Noise, run, f.rate)
	}
	s.tau = max(s.tau, tau)
}

// weights of the forms for a state: they add up to 1.
func (m *Model) weights(s *State) [MaxForms]float64 {
	if len(m.Forms) == 1 {
		return [MaxForms]float64{1}
	}
	w, sum := s.moved(len(m.Forms), m.Evidence), 0.0
	for i := range m.Forms {
		w[i] *= m.Forms[i].Weight
		sum += w[i]
	}
	for i := range m.Forms {
		w[i] /= sum
	}
	return w
}

// moved is what the readings of a state, as far as evidence counts, multiply the weight of each form
// with.
func (s *State) moved(forms int, evidence float64) (by [MaxForms]float64) {
	top := math.Inf(-1)
	for i := range forms {
		top = max(top, s.forms[i].evidence)
	}
	for i := range forms {
		by[i] = elementary.Exp(evidence * (s.forms[i].evidence - top))
	}
	return by
}

// Wear is the expected wear at the state's clock.
func (m *Model) Wear(s *State) float64 { return m.WearBand(s, 0) }

// WearBand is the wear at the state's clock, so many standard deviations of the
// progress above what is expected.
func (m *Model) WearBand(s *State, z float64) float64 {
	w, wear := m.weights(s), 0.0
	for i := range m.Forms {
		f := &s.forms[i]
		wear += w[i] * m.Forms[i].Curve.At(f.level+z*math.Sqrt(f.vL))
	}
	return wear
}

// WearAhead is WearBand at a clock to come: that of At, without the whole state run on.
func (m *Model) WearAhead(s *State, tau, z float64) float64 {
	w, wear, run := m.weights(s), 0.0, max(tau-s.tau, 0)
	for i := range m.Forms {
		f := &s.forms[i]
		g := elementary.Exp(f.rate) * run
		level := f.level + g
		if z != 0 {
			level += z * math.Sqrt(f.spread(&m.Forms[i].Noise, g))
		}
		wear += w[i] * m.Forms[i].Curve.At(level)
	}
	return wear
}

// Progress is how far along its life the part is, in its clock: 0 new, 1 at the
// limit.
func (m *Model) Progress(s *State) float64 {
	w, y := m.weights(s), 0.0
	for i := range m.Forms {
		y += w[i] * s.forms[i].level
	}
	return y
}

// Shown is how worn the readings show the part to have been when it was new: 0 but for
// what its sensor is off, and for how parts differ.
func (m *Model) Shown(s *State) float64 {
	w, wear := m.weights(s), 0.0
	for i := range m.Forms {
		wear += w[i] * m.Forms[i].Curve.At(s.forms[i].shown)
	}
	return wear
}

// Rate is the log of the progress per unit of clock, with its variance.
func (m *Model) Rate(s *State) (logRate, variance float64) {
	w, square := m.weights(s), 0.0
	for i := range m.Forms {
		f := &s.forms[i]
		logRate += w[i] * f.rate
		square += w[i] * (f.rate*f.rate + f.vR)
	}
	return logRate, max(square-logRate*logRate, 0)
}

// Likelihood is the log of how likely the readings were that the path has seen.
func (m *Model) Likelihood(s *State) float64 {
	top, sum := math.Inf(-1), 0.0
	for i := range m.Forms {
		top = max(top, s.forms[i].evidence)
	}
	for i := range m.Forms {
		sum += m.Forms[i].Weight * elementary.Exp(s.forms[i].evidence-top)
	}
	return top + elementary.Log(sum)
}
