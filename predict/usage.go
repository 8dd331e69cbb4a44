package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Usage is how far a vehicle drives, and how far it will.
type Usage struct {
	KmPerDay   Quantiles // mean over the coming months, days without driving included
	Weeks      int       // weeks of driving behind it
	OdometerKm float64   // newest
	At         time.Time // when that was; zero when the vehicle has never reported

	law   UsageLaw
	state UsageState
	now   time.Time
}

const (
	weekDays      = 7.0
	priorKmPerD   = 35.0  // 12,800 km a year
	priorUseCV    = 0.55  // between vehicles
	lifetimeVar   = 0.2   // how far today's log-rate may lie from the lifetime mean
	usageDays     = 91    // days that KmPerDay is the mean of
	weekdayWindow = 182.0 // days that weekdays are learned from
)

// UsageOf learns the use of a vehicle from its days, its age and the prior, as
// of in.Now.
func UsageOf(in Input) Usage {
	days := cleanDays(in.Days, in.Now)
	odometer := dialOf(nil, days)
	return usageOf(&in, days, &odometer, nil)
}

// usageOf expects clean days, the odometer over them, and what was told of it after them. It looks at
// whole weeks counted back from the newest day, so that days off and gaps in reporting do not matter: only
// odometers and dates do.
func usageOf(in *Input, days []Day, odometer *dial, told []At) Usage {
	u := Usage{law: in.Prior.Usage.law(), now: in.Now}
	if len(days) == 0 {
		u.state = u.law.Start(in.InService, in.Now)
		u.goOn(told)
		u.finish()
		return u
	}
	first, last := days[0], days[len(days)-1]
	u.OdometerKm, u.At = last.OdometerKm, earlier(last.Day.End(), in.Now)
	u.state = u.law.Start(in.InService, first.Day.Start())
	if age := first.Day.Start().Sub(in.InService).Hours() / 24; !in.InService.IsZero() && age > 90 {
		if start := first.OdometerKm - first.DistanceKm; start > 0 {
			usual := u.law.trend(&u.state, u.state.at-age/2)
			u.state.blend(math.Log(clampRate(start/age))-usual, lifetimeVar)
		}
	}
	u.learn(days, odometer)
	u.goOn(told)
	u.finish()
	return u
}

// law is the one that the fleet has taught, or the expert's with its pace.
func (p UsagePrior) law() UsageLaw {
	if p.Law != nil && p.Law.usable() {
		return *p.Law
	}
	if !(p.KmPerDay > minKmPerDay && p.KmPerDay < maxKmPerDay) || !(p.CV > 0 && p.CV < 5) {
		p = UsagePrior{KmPerDay: priorKmPerD, CV: priorUseCV}
	}
	return ExpertUsageLaw(p.KmPerDay, p.CV)
}

// learn runs the state over the weeks, oldest first.
func (u *Usage) learn(days []Day, odometer *dial) {
	first, end := float64(days[0].Day), float64(days[len(days)-1].Day)+1
	weeks := int((end - first) / weekDays)
	head := end - first - float64(weeks)*weekDays // days of a first, partial week
	at, km := first, days[0].OdometerKm-days[0].DistanceKm
	step := func(span float64) {
		at += span
		next := odometer.at(at)
		u.law.drove(&u.state, at, next-km)
		km = next
		if u.state.parked == 0 {
			u.Weeks++
		}
	}
	if head >= 1 {
		step(head)
	}
	for range weeks {
		step(weekDays)
	}
	u.state.weekdays = kmByWeekday(days, end-weekdayWindow)
	u.moveTo(u.At)
}

// kmByWeekday adds up what was driven on each day of the week, Monday first.
func kmByWeekday(days []Day, since float64) (km [7]float32) {
	for i := len(days) - 1; i >= 0 && float64(days[i].Day) >= since; i-- {
		km[weekday(float64(days[i].Day))] += float32(days[i].DistanceKm)
	}
	return km
}

// moveTo starts what lies ahead at another time.
func (u *Usage) moveTo(at time.Time) {
	u.At, u.state.at = at, dayNumber(at)
	u.law.startWeek(&u.state)
}

func (u *Usage) finish() {
	u.KmPerDay = quantilesOf(u.law.paceOf(&u.state, usageDays))
}

// distance is the law of the distance of the coming h days: the log of its
// median and its log-variance, and what a suspected change of habits adds to that.
func (u *Usage) distance(h float64) (logKm, variance, doubt float64) {
	return u.law.Distance(&u.state, h)
}

// daysFor is the number of days until the median of the distance is km, and the
// log-variance of the distance then. The median is so nearly straight in the days
// that one step from the mean pace is enough.
func (u *Usage) daysFor(km float64) (days, variance float64) {
	days = km / u.KmPerDay.P50
	logKm, variance, _ := u.distance(days)
	return min(days*km/elementary.Exp(logKm), maxDays), variance
}

// Odometer is the odometer expected at a time after the newest report; before
// it, the newest report.
func (u Usage) Odometer(at time.Time) Quantiles {
	from := u.At
	if from.IsZero() {
		from = u.now
	}
	q := u.law.KmIn(&u.state, at.Sub(from).Hours()/24)
	return Quantiles{u.OdometerKm + q.P10, u.OdometerKm + q.P50, u.OdometerKm + q.P90}
}

// DaysTo is the number of days after the newest report until the vehicle has
// driven so many km more.
func (u Usage) DaysTo(km float64) Quantiles { return u.law.DaysTo(&u.state, km) }

// dayNumber is a time as days since 1970-01-01.
func dayNumber(t time.Time) float64 { return float64(t.Unix()) / 86400 }

func clampRate(kmPerDay float64) float64 {
	return min(max(kmPerDay, minKmPerDay), maxKmPerDay)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
