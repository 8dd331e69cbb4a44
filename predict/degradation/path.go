// Package degradation follows wear along its path to a limit, and says when it
// will get there.
//
// A general path model (Lu & Meeker 1993): wear is a curve of the progress y,
// and y runs in proportion to the part's own clock, at a rate that differs from
// unit to unit and drifts. Several curves are followed side by side, each by a
// filter of level and log-rate; how much each counts was learned from the fleet,
// and moves with the unit's own readings. State is constant in size, an update
// allocates nothing.
//
// The package is pure and knows nothing of vehicles: the clock may be km,
// cycles or hours, and wear is a fraction of the limit, 0 new, 1 at the limit.
package degradation

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Reading is wear at a clock.
type Reading struct {
	Tau, Wear float64
	Noise     float64 // standard deviation beyond what the model has learned, in wear; 0 as a rule
}

// Path is what is known of one part from new until it failed or was last seen.
type Path struct {
	Unit     string
	Groups   []string  // that the unit belongs to, the widest first: model, class
	Readings []Reading // in the order of the clock
	Life     float64   // clock at which wear passed 1, or when the part was last seen
	Failed   bool      // Life is the failure; else the life is censored there
	Doubt    float64   // standard deviation of the wear at which parts fail, around 1
}

// mark is the wear that a path is complete to: the limit if it failed, else the
// one it was last seen with; 0 when that says too little.
func (p *Path) mark() float64 {
	switch n := len(p.Readings); {
	case !(p.Life > 0):
		return 0
	case p.Failed:
		return 1
	case n < minReadings || p.Readings[n-1].Wear < leastMark:
		return 0
	default:
		return min(p.Readings[n-1].Wear, 1)
	}
}

const (
	minReadings = 3
	leastMark   = 0.3
)

// MaxForms is how many curves a model may follow at once.
const MaxForms = 6

// Noise is what a filter believes of readings and of wear itself, for one form.
type Noise struct {
	Reading float64 // standard deviation of a reading, in wear
	Level   float64 // variance that the progress gathers over one whole life
	Rate    float64 // variance that the log-rate gathers over one whole life
}

// Form is a curve with what the fleet has taught of it.
type Form struct {
	Curve  *Curve
	Noise  Noise
	Weight float64 // share before any reading, 0..1
}

// filter is level and log-rate of one form with their covariance.
type filter struct {
	level, rate float64 // progress; log of progress per unit of clock
	vL, cLR, vR float64
	evidence    float64 // log-likelihood of the readings
	stray       stray   // the last reading, if it was an outlier

	// How far off new the readings show the part to have been when it was: the level at
	// clock 0, looked back at (fixed-point smoothing), with its covariances.
	shown, cSL, cSR float64
}

// State is one part's: constant in size whatever its history. Its zero value is
// not usable: Model.New opens one.
type State struct {
	forms    [MaxForms]filter
	fleet    float64 // log-rate of its prior
	tau      float64
	readings int32
	opened   opened
}

// opened is what a part was expected to wear at when it came in: the log-rate, with its variance, and how much of
// that is of the unit, and stays with it when the part goes.
type opened struct{ rate, variance, ofUnit float32 }

// Readings is how many readings the state rests on.
func (s *State) Readings() int { return int(s.readings) }

// Tau is the clock of the state.
func (s *State) Tau() float64 { return s.tau }

// runOn makes of a filter the one that it was, run forward over a clock, linearised at a log-rate. What does not
// run stays as it is. It may be the same filter: so each number is set after those that are made of it.
func (f *filter) runOn(was *filter, n *Noise, run, at float64) {
	g := elementary.Exp(at) * run
	f.level = was.level + g*(1+was.rate-at)
	f.vL = was.spread(n, g)
	f.cLR = was.cLR + g*was.vR
	f.cSL = was.cSL + g*was.cSR
	f.vR = was.vR + n.Rate*g
}

// spread is the variance of the level when the progress has run on by so much.
func (f *filter) spread(n *Noise, g float64) float64 { return f.vL + 2*g*f.cLR + g*g*f.vR + n.Level*g }

const (
	freedom    = 4.0   // of the Student-t law of a reading, in the evidence
	leastNoise = 1e-10 // variance of any reading
	outlier    = 9.0   // squared innovation per variance from which a reading is one
	mostDoubt  = 2.0   // variance of a log-rate that was found wrong
	flattest   = 0.1   // slope of a curve that far readings are taken by, at least
	passes     = 4     // of the iterated update, at most
	rateReach  = 4.0   // log-rates stay within this of the fleet's
)

// observe is an iterated extended Kalman update: progress between two readings
// is an exponential of the rate, wear a curve of the progress, so that it is
// repeated at the state it arrives at. It returns how far off the reading was, in
// standard deviations.
func (f *filter) observe(form *Form, fleet, run float64, reading Reading) float64 {
	n := &form.Noise
	r := n.Reading*n.Reading + reading.Noise*reading.Noise + leastNoise
	wear := form.Curve.clamp(reading.Wear)
	rate, level := f.rate, math.NaN()
	was := *f
	var nu, h, s, weighed float64
	var off stray
	for range passes {
		f.runOn(&was, n, run, rate)
		if math.IsNaN(level) {
			level = f.level
		}
		var at float64
		at, h = form.Curve.at(level)
		nu = wear - at - h*(f.level-level)
		s = h*h*f.vL + r
		if nu*nu > outlier*s && h < flattest {
			// Where the curve is flat no reading moves the level, however far off it is.
			h = flattest
			nu = wear - at - h*(f.level-level)
			s = h*h*f.vL + r
		}
		off = stray{}
		if nu*nu > outlier*s {
			off = stray{int8(math.Copysign(1, nu)), float32(wear)}
		}
		weighed = f.trust(off, nu, h, r, s)
		nextRate := bound(f.rate+h*f.cLR/weighed*nu, fleet)
		nextLevel := within(f.level + h*f.vL/weighed*nu)
		if math.Abs(nextRate-rate) < 0.02 && math.Abs(nextLevel-level) < 0.01 {
			break
		}
		rate, level = nextRate, nextLevel
	}
	f.stray = off
	far := 1 + nu*nu/(freedom*s)
	f.evidence -= elementary.Log(s*far*far*far*far*far) / 2 // to the power freedom+1
	kL, kR := h*f.vL/weighed, h*f.cLR/weighed
	f.level = within(f.level + kL*nu)
	f.rate = bound(f.rate+kR*nu, fleet)
	f.shown += h * f.cSL / weighed * nu
	f.cSR -= kR * h * f.cSL
	f.cSL -= kL * h * f.cSL
	f.vR -= kR * h * f.cLR
	f.cLR -= kL * h * f.cLR
	f.vL -= kL * h * f.vL
	return nu / math.Sqrt(s)
}

// The sides of a mark.
const (
	under = 1.0
	over  = -1.0
)

// cut takes it that the level is on one side of a mark that is known to a variance, and moves the
// rate by as much as it goes along.
func (f *filter) cut(mark, doubt, side float64) {
	whole := f.vL + doubt
	sd := math.Sqrt(whole)
	a := max(side*(mark-f.level)/sd, -farthest)
	share := normal(a)
	if share > 1-1e-6 {
		return
	}
	hazard := elementary.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / share
	move, kept := -side*sd*hazard, max(1-a*hazard-hazard*hazard, 0.01)
	kL, kR := f.vL/whole, f.cLR/whole
	f.level += kL * move
	f.rate += kR * move
	f.shown += f.cSL / whole * move
	f.cSR -= kR * f.cSL * (1 - kept)
	f.cSL -= kL * f.cSL * (1 - kept)
	f.vR -= kR * f.cLR * (1 - kept)
	f.cLR -= kR * f.vL * (1 - kept)
	f.vL -= kL * f.vL * (1 - kept)
	f.evidence += elementary.Log(share)
}

// farthest is how many standard deviations beyond its mark a level is believed to be.
const farthest = 5.0

// stray is the last reading if it was an outlier.
type stray struct {
	side int8    // -1 below what was expected, 1 above; 0: it was none
	wear float32 // that it showed
}

// again reports whether a reading is off as the stray was. A lower one is not: it wears no
// more slowly for that, nothing wears backwards, and the part may be another.
func (was stray) again(now stray, noise float64) bool {
	fall := float64(was.wear - now.wear)
	return was.side == now.side && !(now.side < 0 && fall > 0 && fall*fall > 2*outlier*noise)
}

// trust is the variance that a reading is weighed with. An outlier counts for
// little. A second one that is off alike is none: wear has left the path that was
// expected, and the state knows less than it believed.
func (f *filter) trust(now stray, nu, h, r, s float64) float64 {
	if now.side == 0 {
		return s
	}
	off := nu * nu / s
	if f.stray.again(now, r) {
		wider := max(min(off, mostDoubt/f.vR), 1)
		f.vL, f.cLR, f.vR = f.vL*wider, f.cLR*wider, f.vR*wider
		return h*h*f.vL + r
	}
	return s + r*(off/outlier-1)
}

// within keeps a progress where curves say something: a step along a curve that bends
// can be far too long.
func within(level float64) float64 { return min(max(level, -0.25), 2) }

func bound(rate, fleet float64) float64 {
	return min(max(rate, fleet-rateReach), fleet+rateReach)
}
