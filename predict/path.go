package predict

import "math"

// track is the state of one wear path, updated reading by reading: a level and
// a log-rate with their covariance. It is constant in size whatever the history.
//
// Levels are on the straightened scale y = wear^(1/Shape), so that a new part
// is 0, the limit is 1 and wear is linear in the clock.
type track struct {
	level, rate   float64 // y; log of y per unit of clock
	vL, cLR, vR   float64 // covariance
	tau           float64 // clock at the state
	shape         float64
	floor         float64 // variance of the newest reading's noise that does not average out
	lowR, highR   float64 // bounds of the log-rate
	strays        int     // outliers in a row, on the side of straySign
	straySign     float64
	renewals      int     // renewals seen in readings without a record, since the last recorded one
	readings      int     // since the path opened
	outliers      int     // readings taken at less than their weight, since then
	priorVariance float64 // of the log-rate when the path opened
}

// Process noise, as fractions that add up over one whole life of the part: the
// log-rate drifts by 0.2, the wear itself scatters by 0.08: roads and seasons change.
const (
	rateNoise  = 0.04
	levelNoise = 0.007
	newLevel   = 0.02 * 0.02 // variance of the level of a new part
	systematic = 0.25        // share of a reading's noise variance that repeats: sensor step, calibration
	partShare  = 0.35        // share of the rate's variance that belongs to the part, not to the driver
	outlierAt  = 9.0         // squared innovations per variance from which a reading counts less
	renewedBy  = 0.3         // a drop by more, seen twice, is a renewal that nobody recorded
)

// newTrack opens a path at a clock with a lognormal prior of its rate.
func newTrack(s *Spec, logRate, variance float64) track {
	return track{
		rate: logRate, vL: newLevel, vR: variance, priorVariance: variance, shape: s.Shape,
		lowR: logRate - 4, highR: logRate + 4,
	}
}

// renew puts a new part in: the level is that of a new part, the driver's share
// of what was learned of the rate stays.
func (t *track) renew(tau, fleetVariance float64) {
	t.reset(tau, 0, newLevel)
	t.vR = math.Min(t.vR+partShare*fleetVariance, fleetVariance)
	t.priorVariance, t.renewals = t.vR, 0
}

func (t *track) reset(tau, level, variance float64) {
	t.level, t.vL, t.cLR, t.tau = level, variance, 0, tau
	t.strays, t.readings, t.outliers = 0, 0, 0
}

// bend brings a level of the track back to a wear.
func (t *track) bend(y float64) float64 {
	if t.shape == 1 {
		return y
	}
	return power(y, t.shape)
}

// power is the odd power: defined for readings a little below "new" too.
func power(x, p float64) float64 { return math.Copysign(math.Pow(math.Abs(x), p), x) }

// predicted is the state run forward to a clock, linearised at a log-rate.
func (t *track) predicted(dTau, at float64) track {
	g := math.Exp(at) * dTau
	p := *t
	p.level = t.level + g*(1+t.rate-at)
	p.vL = t.vL + 2*g*t.cLR + g*g*t.vR + levelNoise*g
	p.cLR = t.cLR + g*t.vR
	p.vR = t.vR + rateNoise*g
	p.tau = t.tau + dTau
	return p
}

// slope is how much wear changes with the level. A curved path is flat near
// its start or steep there: the slope is taken a little away from it.
func (t *track) slope(y float64) float64 {
	if t.shape == 1 {
		return 1
	}
	return t.shape * math.Pow(math.Max(math.Abs(y), 0.05), t.shape-1)
}

// observe takes a reading at a clock. The wear between two readings is an
// exponential of the rate, and wear is a power of the level, so the update is
// repeated at the state it arrives at (iterated extended Kalman filter); with
// readings close together the first pass is the last.
func (t *track) observe(tau, wear, noise float64) {
	r := noise*noise + 1e-8
	dTau := math.Max(tau-t.tau, 0)
	rate, level := t.rate, math.NaN() // where it is linearised
	var p track
	var nu, h, s, weighed float64
	for range 5 {
		p = t.predicted(dTau, rate)
		if math.IsNaN(level) {
			level = p.level
		}
		h = t.slope(level)
		nu = wear - t.bend(level) - h*(p.level-level)
		s = h*h*p.vL + r
		weighed = s
		if excess := nu * nu / (outlierAt * s); excess > 1 {
			weighed += r * (excess - 1)
		}
		nextRate := t.bound(p.rate + h*p.cLR/weighed*nu)
		nextLevel := p.level + h*p.vL/weighed*nu
		if math.Abs(nextRate-rate) < 0.02 && (t.shape == 1 || math.Abs(nextLevel-level) < 0.02) {
			break
		}
		rate, level = nextRate, nextLevel
	}
	p.floor = systematic * r / math.Max(h*h, 0.25)
	if nu*nu <= outlierAt*s {
		p.strays = 0
	} else if t.stray(&p, wear, r, nu) {
		return
	}
	kL, kR := h*p.vL/weighed, h*p.cLR/weighed
	p.level += kL * nu
	p.rate = t.bound(p.rate + kR*nu)
	p.vR -= kR * h * p.cLR
	p.cLR -= kL * h * p.cLR
	p.vL -= kL * h * p.vL
	p.readings++
	*t = p
}

// stray judges an outlier. The first on a side counts for little; the second in
// a row means that the level has moved: downwards by a renewal that nobody
// recorded, upwards by damage or a wrong start. It reports whether it has
// settled the reading.
func (t *track) stray(p *track, wear, r, nu float64) bool {
	sign := math.Copysign(1, nu)
	if t.strays == 0 || t.straySign != sign {
		p.strays, p.straySign = 1, sign
		p.outliers++
		return false
	}
	drop, outliers := t.bend(p.level)-wear, p.outliers
	y := power(wear, 1/t.shape)
	h := t.slope(y)
	p.reset(p.tau, y, r/(h*h))
	if drop > renewedBy {
		p.renewals++
		p.vR = math.Min(p.vR+partShare*p.priorVariance, p.priorVariance)
		p.readings = 2
	} else {
		p.readings, p.outliers = t.readings+1, outliers
	}
	*t = *p
	return true
}

// bound keeps the log-rate within what its prior can mean.
func (t *track) bound(rate float64) float64 { return math.Min(math.Max(rate, t.lowR), t.highR) }

// now is the state carried to a clock without a reading.
func (t *track) now(tau float64) track { return t.predicted(math.Max(tau-t.tau, 0), t.rate) }
