package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// z90 is the standard normal quantile of 0.9.
const z90 = 1.2815515655446004

// passage is the law of when wear passes a level, on the part's own clock. How
// far the clock runs by a date or an odometer is uncertain, too: lognormal, given
// as the log of its median and the variance around it.
//
//	path: the wear has been read, and passes the level by the forms of its path.
//	life: nothing was measured. The life of the part is lognormal, and it has
//	      survived the clock run so far.
type passage struct {
	measured bool
	ways     degradation.Ways // path

	rate     float64 // life: median log-rate
	variance float64 // of the rate
	start    float64 // clock run so far; 0 of a path, whose law starts now
	gone     float64 // path: chance of being past; life: chance of not living until now

	// Where P10 and P90 lie in the law, in standard deviations of a normal law: -z90
	// and z90, or what calibration has found to hold 80 % of the truth.
	low, high float64
}

// passLevel is the law of the path passing a wear, which is known to a standard
// deviation. Both are in fractions of the wear at which parts fail.
func (p *wearPath) passLevel(wear, sd float64) passage {
	ways := p.model.Ways(&p.state, wear, sd)
	return passage{measured: true, ways: ways, gone: ways.Gone(), low: -z90, high: z90}
}

// passLife is the law of a life that has lasted a clock already.
func passLife(logRate, variance, start float64) passage {
	p := passage{rate: logRate, variance: math.Max(variance, 1e-4), start: start, low: -z90, high: z90}
	if start > 0 {
		p.gone = normal((math.Log(start) + logRate) / math.Sqrt(p.variance))
	}
	return p
}

// score is where in the law a clock lies, as a standard normal deviate: the chance
// that the level is passed by then.
func (p *passage) score(logTau, variance float64) float64 {
	var passed, still float64
	if p.measured {
		passed = p.ways.Passed(logTau, variance)
		still = 1 - passed
	} else {
		still = normal(-(p.rate+logTau)/math.Sqrt(p.variance+variance)) / (1 - p.gone)
		passed = 1 - still
	}
	return quantileOf(passed, still)
}

// quantile is the x ahead by which the level is passed with the chance of a
// standard normal deviate, sought from a guess.
func (p *passage) quantile(a axis, z, guess float64) float64 {
	if p.measured {
		if normal(z) <= p.gone {
			return 0
		}
		return a.solve(guess, func(x float64) float64 {
			return p.score(a.spread(x, 0)) - z
		})
	}
	// The same for a life, with the score solved for the clock: nearly straight.
	still := normal(-z) * (1 - p.gone)
	end := quantileOf(1-still, still)
	return a.solve(guess, func(x float64) float64 {
		logTau, v := a.spread(x, p.start)
		return p.rate + logTau - end*math.Sqrt(p.variance+v)
	})
}

// middle is the median, in days or km.
func (p *passage) middle(a axis) float64 {
	var guess float64 // km, by the median clock alone
	if p.measured {
		guess = 1000 * math.Exp(p.ways.Middle())
	} else {
		total := math.Exp(-p.rate)
		guess = 1000 * math.Max(total-p.start, total/5)
	}
	if !a.km {
		guess /= a.use.KmPerDay.P50
	}
	return p.quantile(a, 0, guess)
}

// around are the quantiles around a median.
func (p *passage) around(a axis, middle float64) Quantiles {
	return Quantiles{p.quantile(a, p.low, middle*0.7), middle, p.quantile(a, p.high, middle*1.4)}.ordered()
}

// ordered puts right what rounding may have turned round.
func (q Quantiles) ordered() Quantiles {
	q.P50 = math.Max(q.P50, q.P10)
	q.P90 = math.Max(q.P90, q.P50)
	return q
}

// normal is the standard normal distribution function.
func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// quantileOf is its inverse, given both tails so that neither loses digits.
func quantileOf(below, above float64) float64 {
	if below < above {
		return -math.Sqrt2 * math.Erfcinv(2*math.Max(below, 1e-300))
	}
	return math.Sqrt2 * math.Erfcinv(2*math.Max(above, 1e-300))
}
