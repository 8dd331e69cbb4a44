package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// z90 is the standard normal quantile of 0.9.
const z90 = 1.2815515655446004

// passage is the law of when wear passes a level, on the part's own clock. How
// far the clock runs by a date or an odometer is uncertain, too: lognormal, given
// as the log of its median and the variance around it.
//
//	path: the wear has been read, and passes the level by the forms of its path.
//	life: nothing was measured. The life of the part follows the law of such lives, or,
//	      where the vehicle has shown its pace on a part before, is one over a
//	      lognormal rate; and it has survived the clock run so far.
type passage struct {
	measured bool
	ways     degradation.Ways // path
	sd       float64          // path: about the standard deviation of the log of the clock to run

	lasts [2 + 2*successors]lasting // life: of the part in each form, and of one that may have taken its place
	start float64                   // clock run so far; 0 of a path, whose law starts now
	gone  float64                   // path: chance of being past; life: chance of not living until now

	// Where P10, P50 and P90 lie in the law, in standard deviations of a normal law: -z90, 0
	// and z90, or what calibration has found the truth to be below as often.
	low, mid, high float64
}

// passLevel is the law of the path passing a wear, which is known to a standard
// deviation. Both are in fractions of the wear at which parts fail.
func (p *wearPath) passLevel(wear, sd float64) passage {
	ways := p.model.Ways(&p.state, wear, sd)
	return passage{measured: true, ways: ways, sd: ways.Deviation(), gone: ways.Gone(), low: -z90, high: z90}
}

// lasting is the law of how long a part lasts, in one form: its scale is known as the log of
// one over it, with a variance.
type lasting struct {
	form     survival.Form
	share    float64 // that the form has, 0..1
	shape    float64
	rate     float64
	variance float64
	begun    float64 // clock at which the part was new
}

// lasting is the law of the part on a path that has lasted a clock, and nobody has looked at.
func (p *wearPath) lasting(start float64) passage {
	var pass passage
	switch {
	case !p.byLife():
		rate, variance := p.model.Rate(&p.state)
		pass = passage{low: -z90, high: z90}
		pass.lasts[0] = lasting{survival.LognormalForm, 1, math.Inf(1), rate, max(variance, 1e-4), 0}
	case p.assumed && p.from == openDelivered:
		pass = p.lives.fromNew()
		pass.orAnother(p.watched, 1)
	default:
		pass = p.lives.fromNew()
		pass.orAnother(start, p.lives.law.Unrecorded)
	}
	pass.start = start
	if start > 0 {
		pass.gone = min(1-pass.still(elementary.Log(start), 0), 1-1e-12) // whoever is here is not gone
	}
	return pass
}

// orAnother takes it that the part may have failed by a clock, and the one that is on has
// taken its place without a record, as a share of renewals do; at one of the clocks at which
// parts fail that fail so early.
func (p *passage) orAnother(by, share float64) {
	if !(by > 0) {
		return
	}
	lasted := p.still(elementary.Log(by), 0)
	if share*(1-lasted) < worthFollowing {
		return
	}
	first := *p
	first.start = 0
	for n := range successors {
		early := (2*float64(n) + 1) / (2 * successors)
		begun := min(first.life(1-early*(1-lasted)), by)
		for i := range 2 {
			another := first.lasts[i]
			another.share *= share * (1 - lasted) / successors
			another.begun = begun
			p.lasts[2+2*n+i] = another
		}
	}
}

// another is the chance that the part that is on has taken the place of the one that is known
// of, without a record.
func (p *passage) another() float64 {
	if !(p.start > 0) {
		return 0
	}
	first := *p
	clear(first.lasts[2:])
	return 1 - first.still(elementary.Log(p.start), 0)/(1-p.gone)
}

// successors are the clocks at which a part may have been followed by another.
const successors = 3

// still is the chance of a part that is new at clock 0, or of the one that may have taken
// its place, to be on beyond a clock.
func (p *passage) still(logTau, variance float64) float64 {
	still, tau := 0.0, 0.0
	for i := range p.lasts {
		l := &p.lasts[i]
		if l.share == 0 {
			continue
		}
		log := logTau
		if l.begun > 0 {
			if tau == 0 {
				tau = elementary.Exp(logTau)
			}
			log = elementary.Log(max(tau-l.begun, leastLife))
		}
		still += l.share * l.form.Survival(l.rate+log, l.shape, l.variance+variance)
	}
	return still
}

// goal is a chance that is asked for, on the scales on which the laws are straight.
type goal struct {
	deviate float64 // of a standard normal law: path, to be past; life that is one lognormal, not to last from new
	bent    float64 // other lives: of lasting from new
	reached bool    // path: it is past with that chance already
}

// goal is the chance of a standard normal deviate to be past.
func (p *passage) goal(z float64) goal {
	if p.measured {
		return goal{deviate: z, reached: normal(z) <= p.gone}
	}
	return p.outlasting(normal(-z))
}

// outlasting is the chance of a part, given that it has lasted until now.
func (p *passage) outlasting(chance float64) goal {
	chance *= 1 - p.gone
	if p.straight() {
		return goal{deviate: quantileOf(1-chance, chance)}
	}
	return goal{bent: bent(chance)}
}

// beyond is 0 where a part lasts beyond a clock with the chance of a goal, and above where
// it does with less; nearly straight in the log of the clock.
func (p *passage) beyond(at *place, g goal) float64 {
	if p.straight() {
		return at.level - g.deviate*at.unit
	}
	return (at.level - g.bent) * at.unit
}

// straight reports whether the law of a life is one lognormal.
func (p *passage) straight() bool {
	l := &p.lasts[0]
	return l.share == 1 && p.lasts[2].share == 0 && l.form == survival.LognormalForm
}

// look is what the law says at a place, whatever the goal.
func (p *passage) look(at *place) {
	switch {
	case p.measured:
		at.level = p.score(at)
	case p.straight():
		l := &p.lasts[0]
		at.level, at.unit = l.rate+at.logTau, math.Sqrt(l.form.Spread(l.shape, l.variance+at.widest()))
	default:
		at.level, at.unit = bent(p.still(at.logTau, at.widest())), 0
		for i := range p.lasts[:2] {
			if l := &p.lasts[i]; l.share > 0 {
				at.unit += l.share * math.Sqrt(l.form.Spread(l.shape, l.variance+at.widest())*6) / math.Pi
			}
		}
	}
}

// bent is a chance of lasting on the scale on which a Weibull law is straight.
func bent(still float64) float64 {
	return elementary.Log(-elementary.Log(min(max(still, 1e-300), 1-1e-16)))
}

// life is the clock that a part, given that it has lasted until now, outlasts with a chance.
func (p *passage) life(chance float64) float64 {
	reach := axis{km: true} // any that is wide enough
	clock := 1000 * max(p.usual(), p.start)
	g := p.outlasting(chance)
	return max(reach.solve(clock, closely, func(x float64) (value, slope float64) {
		at := place{logTau: elementary.Log(x / 1000)}
		p.look(&at)
		return p.beyond(&at, g), 1
	})/1000, p.start)
}

// usual is the clock that a new part lasts, about.
func (p *passage) usual() float64 {
	rate := 0.0
	for i := range p.lasts[:2] {
		rate += p.lasts[i].share * p.lasts[i].rate
	}
	return elementary.Exp(-rate)
}

// score is where in the law a place lies, as a standard normal deviate: the chance
// that the level is passed by then. A suspicion that more is driven makes early days likelier, and not
// late ones; of lives, whose law is wide, it is reckoned with on both sides.
func (p *passage) score(at *place) float64 {
	if !p.measured {
		return p.deviate(at.logTau, at.widest())
	}
	z := p.deviate(at.logTau, at.variance)
	if z*at.doubt >= 0 {
		return z
	}
	// The median stays where it is, also where that of the wider law lies elsewhere.
	wide := p.deviate(at.logTau, at.widest())
	if z < 0 {
		return min(wide, z/100)
	}
	return max(wide, z/100)
}

func (p *passage) deviate(logTau, variance float64) float64 {
	var passed, still float64
	if p.measured {
		if z, known := p.ways.Deviate(logTau, variance); known {
			return min(max(z, -farthest), farthest)
		}
		passed = p.ways.Passed(logTau, variance)
		still = 1 - passed
	} else {
		still = min(p.still(logTau, variance)/(1-p.gone), 1)
		passed = 1 - still
	}
	return quantileOf(passed, still)
}

// chance is that of being past where the law says a standard normal deviate, as the law is
// calibrated: low, mid and high are P10, P50 and P90, and the deviates between and beyond are
// stretched alike.
func (p *passage) chance(z float64) float64 {
	side, sign := p.high-p.mid, 1.0
	if z < p.mid {
		side, sign = p.mid-p.low, -1
	}
	off := math.Abs(z - p.mid)
	if off == 0 {
		return 0.5
	}
	return normal(sign * z90 * off / max(side, leastTail))
}

// place is an x ahead, and how far the clock will have run by then.
type place struct {
	x                float64
	logTau, variance float64
	doubt            float64 // variance that a change of use, suspected and not sure, adds: above 0 on the side of more, below on that of less
	rise             float64 // about how steeply logTau rises over the log of x
	level, unit      float64 // what the law says there, and the unit that goals are in
}

// widest is the variance of the clock with all that adds to it.
func (at *place) widest() float64 { return at.variance + math.Abs(at.doubt) }

// off is 0 where the level is passed with the chance of a goal, and above where it is with
// more; also about how steep that is over the log of x.
func (p *passage) off(at *place, g goal) (value, slope float64) {
	if p.measured {
		return at.level - g.deviate, at.rise / math.Sqrt(p.sd*p.sd+at.variance)
	}
	return p.beyond(at, g), at.rise
}

// quantile is the x ahead by which the level is passed with the chance of a
// standard normal deviate, sought from a guess.
func (p *passage) quantile(a *axis, z, guess float64) float64 {
	x, _ := p.seek(a, p.goal(z), guess)
	return x
}

// seek is quantile for a goal, and the place beside it that was looked at last.
func (p *passage) seek(a *axis, g goal, guess float64) (x float64, last place) {
	if g.reached {
		return 0, last
	}
	x = a.solve(guess, roughly, func(x float64) (value, slope float64) {
		last = a.place(x, p.start)
		p.look(&last)
		return p.off(&last, g)
	})
	return x, last
}

// middle is the median, in days or km.
func (p *passage) middle(a *axis) float64 {
	x, _ := p.median(a)
	return x
}

func (p *passage) median(a *axis) (middle float64, beside place) {
	var guess float64 // by the median clock alone
	if p.measured {
		guess = elementary.Exp(p.ways.Middle())
	} else {
		total := p.usual()
		guess = max(total-p.start, total/5)
	}
	guess /= a.clock.inADay(a.use.KmPerDay.P50)
	if a.km {
		guess *= a.use.KmPerDay.P50
	}
	return p.seek(a, p.goal(0), guess)
}

// around are the quantiles about the median of the law, sought from how far off they are beside
// it.
func (p *passage) around(a *axis, median float64, beside place, at goals) Quantiles {
	border := func(g goal) float64 {
		value, slope := p.off(&beside, g)
		x, _ := p.seek(a, g, beside.x*elementary.Exp(-value/slope))
		return x
	}
	if p.mid != 0 {
		median = border(at.middle)
	}
	return Quantiles{border(at.early), median, border(at.late)}.ordered()
}

// goals are the chances of P10, P50 and P90.
type goals struct{ early, middle, late goal }

func (p *passage) goals() goals { return goals{p.goal(p.low), p.goal(p.mid), p.goal(p.high)} }

// ordered puts right what rounding may have turned round.
func (q Quantiles) ordered() Quantiles {
	q.P50 = max(q.P50, q.P10)
	q.P90 = max(q.P90, q.P50)
	return q
}

// normal is the standard normal distribution function.
func normal(z float64) float64 { return elementary.Normal(z) }

// quantileOf is its inverse, given both tails so that neither loses digits. It is finite:
// beyond 8 it does not tell tails apart, as math.Erfcinv does not.
func quantileOf(below, above float64) float64 {
	if below < above {
		return -math.Sqrt2 * math.Erfcinv(2*max(below, leastTail))
	}
	return math.Sqrt2 * math.Erfcinv(2*max(above, leastTail))
}

const leastTail = 1e-16

// farthest is the deviate of such a tail.
var farthest = quantileOf(1, leastTail)
