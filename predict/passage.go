package predict

import "math"

// z90 is the standard normal quantile of 0.9.
const z90 = 1.2815515655446004

// passage is the law of when wear passes a level. In both of its forms the
// question "by x?" has a closed normal answer:
//
//	path: the log of the wear still to come, rate x clock, against the log of
//	      what remains. What remains is a normal level cut at zero; the part
//	      below zero is the chance that the level is passed already.
//	life: nothing was measured. The life of the part is lognormal, and it has
//	      survived the clock run so far.
type passage struct {
	measured bool
	rate     float64 // median log-rate
	variance float64 // of the rate and of what remains, in logs, with their covariance
	remains  float64 // path: log of what remains
	start    float64 // life: clock run so far
	gone     float64 // path: chance of being past; life: chance of not living until now
}

// passLevel is the law of the path passing a level of its own scale.
func passLevel(t *track, level float64) passage {
	sd := math.Sqrt(t.vL + t.floor)
	mean := level - t.level
	a := mean / sd
	p := passage{measured: true, rate: t.rate, gone: normal(-a)}
	if p.gone > 1-1e-9 {
		p.gone = 1
		return p
	}
	hazard := math.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / (1 - p.gone)
	left := mean + sd*hazard
	spread := sd * sd * math.Max(1-a*hazard-hazard*hazard, 0)
	relative := math.Log1p((spread + levelNoise*left) / (left * left))
	p.remains = math.Log(left) - relative/2
	p.variance = math.Max(t.vR+rateNoise*left/3+relative+2*t.cLR/left, 1e-4)
	return p
}

// passLife is the law of a life that has lasted a clock already.
func passLife(logRate, variance, start float64) passage {
	p := passage{rate: logRate, variance: math.Max(variance, 1e-4), start: start}
	if start > 0 {
		p.gone = normal((math.Log(start) + logRate) / math.Sqrt(p.variance))
	}
	return p
}

// quantile is the x ahead by which the level is passed with a probability,
// sought from a guess.
func (p *passage) quantile(a axis, probability, guess float64) float64 {
	var z float64
	if p.measured {
		if probability <= p.gone {
			return 0
		}
		z = quantileOf((probability-p.gone)/(1-p.gone), (1-probability)/(1-p.gone))
	} else {
		still := (1 - probability) * (1 - p.gone)
		z = quantileOf(1-still, still)
	}
	return a.solve(guess, func(x float64) float64 {
		logTau, v := a.spread(x, p.start)
		return p.rate + logTau - p.remains - z*math.Sqrt(p.variance+v)
	})
}

func (p *passage) quantiles(a axis) Quantiles {
	total := math.Exp(p.remains - p.rate)
	guess := 1000 * math.Max(total-p.start, total/5) // km, by the median alone
	if !a.km {
		guess /= a.use.KmPerDay.P50
	}
	middle := p.quantile(a, 0.5, guess)
	return Quantiles{p.quantile(a, 0.1, middle*0.7), middle, p.quantile(a, 0.9, middle*1.4)}.ordered()
}

// reached is the chance that a measured path passes the level while the clock
// runs on, given as the log of its median and its log-variance.
func (p *passage) reached(logTau, variance float64) float64 {
	if p.gone >= 1 {
		return 1
	}
	return p.gone + (1-p.gone)*normal((p.rate+logTau-p.remains)/math.Sqrt(p.variance+variance))
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
