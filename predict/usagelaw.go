package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// UsageLaw is how the vehicles of one kind are used. The log of what a vehicle
// drives a day is the trend of its kind, plus a part of its own that stays, plus
// a part that comes and goes. The distance of a span of days is that pace times
// the days, weighted by weekday and season, with a scatter that averages out.
// Logs are natural, of km per day; variances are of logs.
type UsageLaw struct {
	LogKmPerDay float64 // of a new vehicle, standing days included
	PerYear     float64 // change of the log with each year of age
	FromYears   float64 // ages between which the trend is known; outside it is level
	UntilYears  float64

	Between    float64 // variance between vehicles, of what stays
	Wander     float64 // variance of what comes and goes within a vehicle
	WanderDays float64 // time in which it is forgotten (correlation 1/e)
	Scatter    float64 // relative variance of a distance: Scatter/n of n days
	Change     float64 // variance that a change of habits adds
	Lasting    float64 // share of it that stays, 0..1; the rest comes and goes
	Lean       float64 // log of median over mean of the distance of a long span

	Season Season
}

// UsageState is what is known of one vehicle's use, in constant memory. It is a
// value: a copy is a checkpoint. Make it with Start, feed it with Drove.
type UsageState struct {
	ownPace
	row            row        // of surprises on one side
	doubt          float64    // log-variance that a suspected change of habits adds ahead: above 0 on the side of more, below 0 on that of less
	scatter, spans float64    // of this vehicle, and the spans behind it
	parked         float64    // days stood without a break until at
	stood, watched float64    // days of layoffs that are over, and days in all
	standing       float64    // log of the share of its days that are not of layoffs
	at, born       float64    // days since 1970; born is NaN when unknown
	weekdays       [7]float32 // km of the last half year by weekday, Monday first
	week           [8]float32 // what the first days from at on are worth, 0 to 7 of them
}

// ownPace is how far the log of a vehicle's pace lies off the trend: what stays of that, and what
// comes and goes.
type ownPace struct {
	stay, come          float64
	vStay, vBoth, vCome float64 // their covariance
}

// The law of use, where no fleet has taught another. Weeks of one car scatter by
// about half; half of its habits are forgotten in half a year.
const (
	expertWander     = 0.12
	expertWanderDays = 270.0
	expertScatter    = 0.25 * weekDays
	minKmPerDay      = 0.5 // a parked car still ages, and may be driven again
	maxKmPerDay      = 1500.0
	layoffFactor     = 0.08 // below this share of the usual a span is a layoff
	longestLayoff    = 28.0 // days; who stands longer may hardly be used any more
	layoffScatter    = 4.0  // what a layoff has touched says less about the pace: its scatter counts so many times
	layoffDays       = 70.0 // without any layoff, that their share is drawn to none by
	clipInnovation   = 2.5  // a span farther off counts as that many standard deviations
	expertChange     = 0.4
	scatterSpans     = 20.0 // spans that the law's scatter counts for
	scatterMemory    = 60.0 // spans after which a vehicle's own is forgotten
)

var logMinKmPerDay, logMaxKmPerDay = elementary.Log(minKmPerDay), elementary.Log(maxKmPerDay)

// ExpertUsageLaw is the law of a fleet of which only the median pace and its
// vehicle-to-vehicle coefficient of variation are known.
func ExpertUsageLaw(kmPerDay, cv float64) UsageLaw {
	return UsageLaw{
		LogKmPerDay: elementary.Log(clampRate(kmPerDay)), Between: elementary.Log1p(cv * cv),
		Wander: expertWander, WanderDays: expertWanderDays, Scatter: expertScatter, Change: expertChange,
	}
}

// usable reports whether a law can be run: a stored one may come from anywhere.
func (l *UsageLaw) usable() bool {
	for _, v := range []float64{l.PerYear, l.FromYears, l.UntilYears, l.Change, l.Lean, l.Season[0], l.Season[1], l.Season[2], l.Season[3]} {
		if !finite(v) {
			return false
		}
	}
	return l.Change >= 0 && l.Lasting >= 0 && l.Lasting <= 1 && l.LogKmPerDay > logMinKmPerDay && l.LogKmPerDay < logMaxKmPerDay && l.Between > 0 && l.Between < 25 &&
		l.Wander > 0 && l.Wander < 25 && l.WanderDays >= 1 && l.WanderDays < 1e5 && l.Scatter > 0 && l.Scatter < 1e4
}

// Start is a vehicle of which nothing is known but its age; inService is zero
// when that is unknown too. The first distance counts from at.
func (l *UsageLaw) Start(inService, at time.Time) UsageState {
	born := math.NaN()
	if !inService.IsZero() {
		born = dayNumber(inService)
	}
	return l.startAt(born, dayNumber(at))
}

func (l *UsageLaw) startAt(born, at float64) UsageState {
	return UsageState{ownPace: ownPace{vStay: l.Between, vCome: l.Wander}, scatter: l.Scatter, at: at, born: born}
}

// Drove takes in the distance driven since the last call, or since the start. A
// time that is not later, and a distance below zero or not a number, change
// nothing. Spans may be of a day, a month, or of any other length.
func (l *UsageLaw) Drove(s *UsageState, until time.Time, km float64) {
	l.drove(s, dayNumber(until), km)
}

func (l *UsageLaw) drove(s *UsageState, until, km float64) {
	span := until - s.at
	if !(span > 0) || !(km >= 0) || math.IsInf(km, 0) {
		return
	}
	keep := elementary.Exp(-span / l.WanderDays)
	l.forget(&s.ownPace, keep)
	if s.row.sum != 0 || s.row.asked || s.parked > 0 {
		l.forget(&s.row.before, keep)
	}
	usual := elementary.Exp(l.trend(s, s.at+span/2)+s.stay+s.come) * l.work(s, span)
	usual, noise, back := l.standOrGo(s, span, km, usual)
	s.fadeDoubt(span)
	if s.parked >= weekDays && s.parked < longestLayoff {
		s.row = row{before: s.row.before} // a layoff says nothing of how it is driven
	} else if !l.noticeChange(s, km/usual, noise, span, back) {
		l.learn(s, km/usual, noise)
	}
	s.onWeekday(span, km)
	s.at = until
	l.startWeek(s)
}

// fadeDoubt lets a suspicion fade over a span; mostly there is none.
func (s *UsageState) fadeDoubt(span float64) {
	if s.doubt == 0 {
		return
	}
	if s.doubt *= elementary.Exp(-span / doubtDays); math.Abs(s.doubt) < leastDoubt {
		s.doubt = 0
	}
}

// forget lets what comes and goes return to the trend, but for a share of it that is kept.
func (l *UsageLaw) forget(p *ownPace, keep float64) {
	p.come *= keep
	p.vBoth *= keep
	p.vCome = p.vCome*keep*keep + l.Wander*(1-keep*keep)
}

// learn takes a surprise in, and what it says of the vehicle's own scatter.
func (l *UsageLaw) learn(s *UsageState, ratio, noise float64) {
	total := s.variance() + noise
	surprise := s.surprise(ratio, noise, noise)
	s.spans = min(s.spans+1, scatterMemory)
	s.scatter *= 1 + (surprise*surprise/total-1)/(s.spans+scatterSpans)
	s.blend(surprise, noise)
}

// surprise is how far a distance of so many times the expected one lies off it, in the log. One that
// mostly says something of the pace is taken on the log scale; one that is mostly scatter as it is, so
// that the mean stays true: by half of its scatter, which may be less than the noise that it counts
// with. One farther off than is believed counts as the farthest that is.
func (p *ownPace) surprise(ratio, noise, scatter float64) float64 {
	return surpriseOf(ratio, p.variance()+noise, noise, scatter)
}

func surpriseOf(ratio, total, noise, scatter float64) float64 {
	sure := noise / total
	limit := clipInnovation * math.Sqrt(total)
	return min(max(sure*(ratio-1)+(1-sure)*(elementary.Log(max(ratio, 0.02))+scatter/2), -limit), limit)
}

// blend is the Kalman update of both parts by an observation of their sum.
func (p *ownPace) blend(surprise, noise float64) {
	p.correct(p.vStay+p.vBoth, p.vBoth+p.vCome, p.variance()+noise, surprise)
}

// correct is the update by an observation of that variance in all, and of these covariances with both.
func (p *ownPace) correct(stay, come, total, surprise float64) {
	p.stay += stay / total * surprise
	p.come += come / total * surprise
	p.vStay -= stay * stay / total
	p.vBoth -= stay * come / total
	p.vCome -= come * come / total
}

// times is how many times the pace of another it is.
func (p *ownPace) times(other *ownPace) float64 {
	return elementary.Exp(p.stay + p.come - other.stay - other.come)
}

func (p *ownPace) variance() float64 { return p.vStay + 2*p.vBoth + p.vCome }

// trend is the log of the pace that is usual at a time.
func (l *UsageLaw) trend(s *UsageState, at float64) float64 {
	if l.PerYear == 0 {
		return l.LogKmPerDay
	}
	age := (l.FromYears + l.UntilYears) / 2
	if !math.IsNaN(s.born) {
		age = min(max((at-s.born)/yearDays, l.FromYears), l.UntilYears)
	}
	return l.LogKmPerDay + l.PerYear*age
}

// Distance is the law of the distance of the coming days, 0 < days: lognormal,
// given as the log of its median and its log-variance; and what a suspected change of habits adds to that,
// above 0 on the side of more, below 0 on that of less.
func (l *UsageLaw) Distance(s *UsageState, days float64) (logKm, variance, doubt float64) {
	pace, variance, doubt := l.paceOf(s, days)
	scatter := elementary.Log1p(s.scatter / max(days, 1))
	return pace - scatter/2 + elementary.Log(l.work(s, days)), variance + scatter, doubt
}

// paceOf is the log of the mean pace of the coming days, and its variance. What
// comes and goes fades with the days, and so does its uncertainty, and a doubt of it.
func (l *UsageLaw) paceOf(s *UsageState, days float64) (log, variance, doubt float64) {
	far := days / l.WanderDays
	keep, drift := overSpan(far)
	log = l.trend(s, s.at+days/2) + s.stay + keep*s.come + l.Lean + s.standing
	log = min(max(log, logMinKmPerDay), logMaxKmPerDay)
	return log, s.vStay + 2*keep*s.vBoth + keep*keep*s.vCome + l.Wander*drift, s.doubt * (l.Lasting + (1-l.Lasting)*keep*keep)
}

// overSpan are the means over a span of exp(-t), and of the variance of a walk that starts known.
func overSpan(far float64) (keep, drift float64) {
	if far <= 1e-3 {
		return 1, far / 1.5
	}
	keep = faded(far)
	return keep, 2*(1-keep)/far - keep*keep
}

// faded is the mean of exp(-t) over a span.
func faded(span float64) float64 {
	if span < 0.1 {
		return -math.Expm1(-span) / span
	}
	return (1 - elementary.Exp(-span)) / span
}

// deviation is the standard deviation of a log-distance on the side of more (above 0) or less.
func deviation(variance, doubt, side float64) float64 {
	if side*doubt > 0 {
		variance += math.Abs(doubt)
	}
	return math.Sqrt(variance)
}

// quantilesOf are those of a distance, or of a pace, given the log of its median.
func quantilesOf(log, variance, doubt float64) Quantiles {
	less, more := deviation(variance, doubt, -1), deviation(variance, doubt, 1)
	return Quantiles{elementary.Exp(log - z90*less), elementary.Exp(log), elementary.Exp(log + z90*more)}
}

// KmIn is the distance of the coming days.
func (l *UsageLaw) KmIn(s *UsageState, days float64) Quantiles {
	if !(days > 0) {
		return Quantiles{}
	}
	return quantilesOf(l.Distance(s, days))
}

// KmBy is the distance of the coming days that is not exceeded with a
// probability, 0 < probability < 1.
func (l *UsageLaw) KmBy(s *UsageState, days, probability float64) float64 {
	if !(days > 0) {
		return 0
	}
	m, v, doubt := l.Distance(s, days)
	z := quantileOf(probability, 1-probability)
	return elementary.Exp(m + z*deviation(v, doubt, z))
}

// Within is the probability that the vehicle drives so many km within so many days.
func (l *UsageLaw) Within(s *UsageState, km, days float64) float64 {
	switch {
	case !(km > 0):
		return 1
	case !(days > 0):
		return 0
	}
	m, v, doubt := l.Distance(s, days)
	over := elementary.Log(km) - m
	return normal(-over / deviation(v, doubt, over))
}

// DaysBy is the number of days within which the vehicle drives so many km with a
// probability, 0 < probability < 1: the law of the distance turned round, not the
// distance over a mean. It ends at 30 years.
func (l *UsageLaw) DaysBy(s *UsageState, km, probability float64) float64 {
	if !(km > 0) {
		return 0
	}
	pace, _, _ := l.paceOf(s, 30)
	return l.daysBy(s, km, probability, km/elementary.Exp(pace))
}

func (l *UsageLaw) daysBy(s *UsageState, km, probability, guess float64) float64 {
	goal, z := elementary.Log(km), quantileOf(probability, 1-probability)
	return (&axis{}).solve(guess, closely, func(days float64) (value, slope float64) {
		m, v, doubt := l.Distance(s, days)
		return m - goal - z*deviation(v, doubt, -z), 1
	})
}

// DaysTo is DaysBy with a probability of 0.1, 0.5 and 0.9.
func (l *UsageLaw) DaysTo(s *UsageState, km float64) Quantiles {
	if !(km > 0) {
		return Quantiles{}
	}
	middle := l.DaysBy(s, km, 0.5)
	return Quantiles{l.daysBy(s, km, 0.1, middle*0.8), middle, l.daysBy(s, km, 0.9, middle*1.2)}.ordered()
}
