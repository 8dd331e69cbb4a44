package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// refKmPerDay is the use at which a component's own clock runs at one unit per
// 1,000 km whatever its calendar share: 15,000 km a year.
const refKmPerDay = 15000 / 365.25

// clock is the time that wears a component: a share of it is the calendar's, the rest
// is driven. Its unit is 1,000 km at 15,000 km a year.
type clock struct {
	calendar float64 // share
	work     *pace   // over the odometer, km; nil: by distance
	age      *pace   // over the days; nil: by date
	now, run float64 // the day that axes start from, and how far age has run by then
}

// hands are where the clock stands: how far its work and its age have run.
type hands struct{ work, age float64 }

// at is where it stands on a day and at an odometer.
func (c *clock) at(day, km float64) hands { return hands{c.work.at(km), c.age.at(day)} }

// tau is how far it runs from one stand to another.
func (c *clock) tau(from, to hands) float64 { return c.of(to.work-from.work, to.age-from.age) }

func (c *clock) of(km, days float64) float64 {
	return ((1-c.calendar)*km + c.calendar*days*refKmPerDay) / 1000
}

// inADay is how far it will run in a day of so many km.
func (c *clock) inADay(km float64) float64 {
	if c.work != nil {
		km *= c.work.ahead
	}
	return c.of(km, c.age.at(c.now+1)-c.run)
}

// driven is how far it will run by a distance alone.
func (c *clock) driven(km float64) float64 {
	if c.work != nil {
		km *= c.work.ahead
	}
	return (1 - c.calendar) * km / 1000
}

// aged is how far it will run by days alone. Most parts do not age, and need not be asked for it.
func (c *clock) aged(days float64) float64 {
	if c.calendar == 0 {
		return 0
	}
	return c.calendar * (c.age.at(c.now+days) - c.run) * refKmPerDay / 1000
}

// axis asks a law a question in days or in km ahead: how far the clock has run
// by then, as the log of its median and its log-variance.
type axis struct {
	clock *clock
	use   *Usage
	km    bool // x is km; else days
}

// place is where the clock is at x, started at a value already reached.
func (a *axis) place(x, start float64) place {
	if a.km {
		// The days that x km take: the distance law turned round.
		days, v := a.use.daysFor(x)
		aged := a.clock.aged(days)
		total := start + a.clock.driven(x) + aged
		share := aged / total
		return place{x: x, logTau: elementary.Log(total), variance: share * share * v, rise: 1 - start/total}
	}
	logKm, v, doubt := a.use.distance(x)
	driven := a.clock.driven(elementary.Exp(logKm))
	total := start + driven + a.clock.aged(x)
	share := driven / total
	return place{
		x: x, logTau: elementary.Log(total), rise: 1 - start/total,
		variance: share * share * v, doubt: share * share * doubt,
	}
}

// limit is how far ahead questions are asked: 30 years, or a million km. What
// comes later is answered with the limit.
func (a *axis) limit() float64 {
	if a.km {
		return maxKm
	}
	return maxDays
}

func (a *axis) logLimit() float64 {
	if a.km {
		return logMaxKm
	}
	return logMaxDays
}

var logMaxDays, logMaxKm, logSoonest = math.Log(maxDays), math.Log(maxKm), math.Log(soonest)

// maxKm is the longest distance that anything is said of.
const maxKm = 1e6

// maxDays is the longest span of days that anything is said of.
const maxDays = 30 * 365.25

// soonest is the nearest that questions are asked, in days or km.
const soonest = 0.01

// solve finds the x at which a rising function of log x passes zero: 0 when that
// is before soonest, the limit when it never gets there. The function also says about
// how steep it is. Those asked are nearly straight in log x, so that a step by that, and
// secants after it, settle in two or three; a bracket keeps the odd one from running away.
// Where value and step are nearly zero, the last step is taken unseen.
func (a *axis) solve(guess, nearly float64, g func(x float64) (value, slope float64)) float64 {
	lo, hi := logSoonest, a.logLimit()
	loTried, hiTried := false, false
	at := elementary.Log(guess)
	if !(at > lo && at < hi) {
		at = (lo + hi) / 2
	}
	value, slope := g(elementary.Exp(at))
	for try := range 60 {
		if math.Abs(value) < settled || hi-lo < 1e-9 {
			break
		}
		if value < 0 {
			lo, loTried = at, true
		} else {
			hi, hiTried = at, true
		}
		if !(slope > 1e-6) {
			slope = 1
		}
		next := at - value/slope
		switch {
		case try >= usualTries && try%2 == 0 && loTried && hiTried: // at a corner steps creep along its sides
			next = (lo + hi) / 2
		case next > lo && next < hi:
			if try > 0 && math.Abs(value) < nearly && math.Abs(next-at) < nearly {
				return elementary.Exp(next)
			}
		case value < 0 && !hiTried:
			hiTried = true
			if v, _ := g(elementary.Exp(hi)); v <= 0 {
				return a.limit()
			}
			next = (lo + hi) / 2
		case value > 0 && !loTried:
			loTried = true
			if v, _ := g(elementary.Exp(lo)); v >= 0 {
				return 0
			}
			next = (lo + hi) / 2
		default:
			next = (lo + hi) / 2
		}
		before, last := value, at
		at = next
		value, slope = g(elementary.Exp(at))
		if secant := (value - before) / (at - last); secant > 1e-6 {
			slope = secant
		}
	}
	return elementary.Exp(at)
}

// usualTries are as many as nearly all questions take.
const usualTries = 8

// Near enough to zero to stop, and to take the last step unseen: closely, or roughly, which
// finds a date within two thousandths and nearly always ten times as well.
const settled, closely, roughly = 1e-6, 3e-4, 1e-2
