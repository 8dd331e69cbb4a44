package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Usage is how far a vehicle drives, and how far it will.
type Usage struct {
	KmPerDay    Quantiles // mean over the coming months, days without driving included
	LayoffShare float64   // share of weeks in which it stood, 0..1
	Weeks       int       // weeks of driving behind it
	OdometerKm  float64   // newest
	At          time.Time // when that was; zero when the vehicle has never reported

	level float64 // log of km per day, layoffs included
	pp    float64 // variance of level
	noise float64 // variance of the log of one driving week
	week  float64 // relative variance of one driving week
	now   time.Time
}

// The law of use. Weeks of one car scatter by about half; its habits drift by
// about a fifth a year and do not wander without bound.
const (
	weekDays     = 7.0
	priorKmPerD  = 35.0  // 12,800 km a year
	priorUseCV   = 0.55  // between vehicles
	priorNoise   = 0.25  // variance of the log of one week's distance
	noiseUnits   = 6.0   // weeks that priorNoise counts for
	driftPerWeek = 0.002 // variance of the log-rate gained in a week
	driftBound   = 0.15  // and where that ends
	layoffFactor = 0.04  // a week below this share of the usual is a layoff
	lifetimeVar  = 0.2   // how far today's log-rate may lie from the lifetime mean
	minKmPerDay  = 0.5   // a parked car still ages, and may be driven again
	maxKmPerDay  = 1500.0
)

// UsageOf learns the use of a vehicle from its days, its age and the prior, as
// of in.Now.
func UsageOf(in Input) Usage { return usageOf(&in, cleanDays(in.Days, in.Now)) }

// usageOf expects clean days. It looks at whole weeks counted back from the
// newest day, so that weekdays, days off and gaps in reporting do not matter:
// only odometers and dates do.
func usageOf(in *Input, days []Day) Usage {
	prior := in.Prior.Usage
	if !(prior.KmPerDay > minKmPerDay && prior.KmPerDay < maxKmPerDay) || !(prior.CV > 0 && prior.CV < 5) {
		prior = UsagePrior{KmPerDay: priorKmPerD, CV: priorUseCV}
	}
	u := Usage{level: math.Log(prior.KmPerDay), pp: math.Log1p(prior.CV * prior.CV), noise: priorNoise, now: in.Now}
	if len(days) == 0 {
		u.finish()
		return u
	}
	last := days[len(days)-1]
	u.OdometerKm, u.At = last.OdometerKm, earlier(last.Day.End(), in.Now)
	if age := days[0].Day.Start().Sub(in.InService).Hours() / 24; !in.InService.IsZero() && age > 90 {
		if start := days[0].OdometerKm - days[0].DistanceKm; start > 0 {
			u.blend(math.Log(clampRate(start/age)), lifetimeVar)
		}
	}
	u.learn(days)
	u.finish()
	return u
}

// learn runs the local level over the weeks, oldest first.
func (u *Usage) learn(days []Day) {
	first, end := float64(days[0].Day), float64(days[len(days)-1].Day)+1
	weeks := int((end - first) / weekDays)
	head := end - first - float64(weeks)*weekDays // days of a first, partial week
	u.noise = weekNoise(days, end, weeks)
	at, km, layoffs, seen := first, days[0].OdometerKm-days[0].DistanceKm, 0, 0
	step := func(span float64) {
		next := odometerAt(days, at+span)
		rate := (next - km) / span
		at, km = at+span, next
		seen++
		u.pp += driftPerWeek * span / weekDays
		if rate < layoffFactor*math.Exp(u.level) {
			layoffs++
			return
		}
		u.observe(math.Log(clampRate(rate)), u.noise*weekDays/span)
		u.Weeks++
	}
	if head >= 1 {
		step(head)
	}
	for range weeks {
		step(weekDays)
	}
	u.LayoffShare = (float64(layoffs) + 0.2) / (float64(seen) + 10)
	u.level += math.Log1p(-u.LayoffShare) + u.noise/2 // mean of a lognormal week
}

// observe takes one week. A week far from the level counts for less; two in a
// row on the same side are a change of habits, which the level follows.
func (u *Usage) observe(y, r float64) {
	nu := y - u.level
	s := u.pp + r
	if excess := nu * nu / (6.25 * s); excess > 1 { // 2.5 standard deviations
		u.pp += driftPerWeek * 10 * excess
		r *= excess
	}
	u.blend(y, r)
}

// blend is the scalar Kalman update of the level.
func (u *Usage) blend(y, r float64) {
	k := u.pp / (u.pp + r)
	u.level += k * (y - u.level)
	u.pp *= 1 - k
}

func (u *Usage) finish() {
	u.level = math.Log(clampRate(math.Exp(u.level)))
	u.week = math.Expm1(u.noise)
	spread := z90 * math.Sqrt(u.pp+driftBound/3)
	u.KmPerDay = Quantiles{
		P10: math.Exp(u.level - spread), P50: math.Exp(u.level), P90: math.Exp(u.level + spread),
	}
}

// distance is the law of the distance of the coming h days: the log of its
// median and its log-variance. Uncertainty and drift of the level stay, the
// scatter of weeks averages out.
func (u *Usage) distance(h float64) (logKm, variance float64) {
	drift := driftBound * -math.Expm1(-driftPerWeek*h/weekDays/3/driftBound)
	scatter := math.Log1p(u.week * weekDays / math.Max(h, 1))
	return u.level + math.Log(h), u.pp + drift + scatter
}

// Odometer is the odometer expected at a time after the newest report; before
// it, the newest report.
func (u Usage) Odometer(at time.Time) Quantiles {
	from := u.At
	if from.IsZero() {
		from = u.now
	}
	h := at.Sub(from).Hours() / 24
	if h <= 0 {
		return Quantiles{u.OdometerKm, u.OdometerKm, u.OdometerKm}
	}
	m, v := u.distance(h)
	return Quantiles{
		P10: u.OdometerKm + math.Exp(m-z90*math.Sqrt(v)),
		P50: u.OdometerKm + math.Exp(m),
		P90: u.OdometerKm + math.Exp(m+z90*math.Sqrt(v)),
	}
}

// weekNoise is the variance of the log of one week, from differences of
// neighbouring driving weeks, shrunk towards the prior.
func weekNoise(days []Day, end float64, weeks int) float64 {
	sum, n, before := priorNoise*noiseUnits, noiseUnits, math.NaN()
	km := odometerAt(days, end)
	for i := 1; i <= weeks; i++ {
		from := odometerAt(days, end-float64(i)*weekDays)
		rate := (km - from) / weekDays
		km = from
		if rate < minKmPerDay {
			before = math.NaN()
			continue
		}
		y := math.Log(rate)
		if !math.IsNaN(before) {
			sum += math.Min((y-before)*(y-before)/2, 2)
			n++
		}
		before = y
	}
	return sum / n
}

// odometerAt interpolates the odometer at a time counted in days since
// 1970-01-01, within the days; outside it is the nearest known.
func odometerAt(days []Day, at float64) float64 {
	lo, hi := 0, len(days) // first day whose end is at or after the time
	for lo < hi {
		if mid := (lo + hi) / 2; float64(days[mid].Day)+1 >= at {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if lo == len(days) {
		return days[lo-1].OdometerKm
	}
	d := days[lo]
	fromKm, from := d.OdometerKm-d.DistanceKm, float64(d.Day)
	if lo > 0 {
		fromKm, from = days[lo-1].OdometerKm, float64(days[lo-1].Day)+1
	}
	share := (at - from) / (float64(d.Day) + 1 - from)
	return fromKm + math.Max(share, 0)*(d.OdometerKm-fromKm)
}

// dayNumber is a time as days since 1970-01-01.
func dayNumber(t time.Time) float64 { return float64(t.Unix()) / 86400 }

func clampRate(kmPerDay float64) float64 {
	return math.Min(math.Max(kmPerDay, minKmPerDay), maxKmPerDay)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// dayStarted reports whether a day had begun at a time.
func dayStarted(d vehicle.Day, now time.Time) bool { return !d.Start().After(now) }
