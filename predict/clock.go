package predict

import "math"

// refKmPerDay is the use at which a component's own clock runs at one unit per
// 1,000 km whatever its calendar share: 15,000 km a year.
const refKmPerDay = 15000 / 365.25

// clock is the time that wears a component: a share c of it is the calendar's,
// the rest is driven. Its unit is 1,000 km at 15,000 km a year.
type clock struct{ calendar float64 }

func (c clock) tau(km, days float64) float64 {
	return ((1-c.calendar)*km + c.calendar*days*refKmPerDay) / 1000
}

// axis asks a law a question in days or in km ahead: how far the clock has run
// by then, as the log of its median and its log-variance.
type axis struct {
	clock clock
	use   *Usage
	km    bool // x is km; else days
}

// spread is the clock run over x, started at a value already reached.
func (a axis) spread(x, start float64) (logTau, variance float64) {
	c := a.clock.calendar
	if a.km {
		// The days that x km take: the distance law turned round.
		days := x / a.use.KmPerDay.P50
		_, v := a.use.distance(days)
		aged := c * days * refKmPerDay / 1000
		total := start + (1-c)*x/1000 + aged
		share := aged / total
		return math.Log(total), share * share * v
	}
	logKm, v := a.use.distance(x)
	driven := (1 - c) * math.Exp(logKm) / 1000
	total := start + driven + c*x*refKmPerDay/1000
	share := driven / total
	return math.Log(total), share * share * v
}

// limit is how far ahead questions are asked: 30 years, or a million km. What
// comes later is answered with the limit.
func (a axis) limit() float64 {
	if a.km {
		return 1e6
	}
	return 30 * 365.25
}

// solve finds the x at which a rising function of log x passes zero, within
// (0, limit]: 0 when it is past already, the limit when it never gets there.
// Regula falsi with the Illinois rule: five to eight steps.
func (a axis) solve(g func(x float64) float64) float64 {
	lo, hi := math.Log(0.01), math.Log(a.limit())
	glo, ghi := g(math.Exp(lo)), g(math.Exp(hi))
	if glo >= 0 {
		return 0
	}
	if ghi <= 0 {
		return a.limit()
	}
	for range 60 {
		mid := (lo*ghi - hi*glo) / (ghi - glo)
		gm := g(math.Exp(mid))
		if math.Abs(gm) < 1e-6 {
			return math.Exp(mid)
		}
		if gm < 0 {
			lo, glo, ghi = mid, gm, ghi/2
		} else {
			hi, ghi, glo = mid, gm, glo/2
		}
	}
	return math.Exp((lo + hi) / 2)
}
