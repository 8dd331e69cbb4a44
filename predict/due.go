package predict

import (
	"math"
	"time"
)

// law is one reason for a component to be due: wear, the plan's distance or the
// plan's date. Laws compete; the first to come decides.
type law struct {
	basis Basis
	days  Quantiles // ahead of the newest data; negative when past
	km    Quantiles // odometer
	past  time.Time // when it was passed; zero when it lies ahead
}

// laws adds to all, which is empty, what can make the component due, given the law of its
// failure.
func (t *timeline) laws(all []law, p *wearPath, limit law) []law {
	switch {
	case p.measured() && !p.prior.atLimit():
		all = append(all, t.byWear(p, p.passLevel(1/p.prior.failsAt, 0)))
	case p.measured(), p.known() && !p.planned():
		all = append(all, limit) // parts fail at the limit of practice; nobody looks at a life
	}
	if p.known() && p.spec.PlanKm > 0 {
		all = append(all, t.byDistance(p.km+p.spec.PlanKm))
	}
	if p.known() && p.spec.PlanMonths > 0 {
		all = append(all, t.byDate(p.at.AddDate(0, p.spec.PlanMonths, 0)))
	}
	return all
}

// limitLaw is the law of failure: when the wear is where parts have failed in fact,
// whatever plan and workshop practice say.
func (t *timeline) limitLaw(p *wearPath) (passage, bool) {
	switch {
	case p.measured():
		return p.passLevel(1+p.told(), p.prior.failsWithin()/p.prior.failsAt), true
	case p.known():
		return *p.lifeLaw(t), true
	}
	return passage{}, false
}

// calibratedLimit is limitLaw as forecasts of it have turned out.
func (t *timeline) calibratedLimit(p *wearPath) (passage, bool) {
	pass, ok := t.limitLaw(p)
	if ok {
		p.prior.calibrate(&pass, pass.middle(t.axis(p)), p.sensed)
	}
	return pass, ok
}

// chanceBy is the chance of a calibrated law to have passed its level by a time.
func (t *timeline) chanceBy(p *wearPath, pass *passage, at time.Time) float64 {
	ahead := at.Sub(t.until).Hours() / 24
	then := t.axis(p).place(max(ahead, soonest), pass.start)
	return pass.chance(pass.score(&then))
}

// limit is limitLaw in days and km.
func (t *timeline) limit(p *wearPath) (law, bool) {
	pass, ok := t.limitLaw(p)
	if !ok {
		return law{}, false
	}
	return t.byWear(p, pass), true
}

// lifeLaw is the law of a part that nobody has looked at, from how long it is on.
func (p *wearPath) lifeLaw(t *timeline) *passage {
	if !p.lasts {
		p.life, p.lasts = p.lasting(p.run(t)), true
	}
	return &p.life
}

func (t *timeline) byWear(p *wearPath, pass passage) law {
	l := law{basis: ByWear}
	var asked goals
	l.days, asked = t.inDays(p, &pass)
	byKm := &axis{clock: &p.clock, use: &t.usage, km: true}
	km, beside := pass.median(byKm)
	l.km = pass.around(byKm, km, beside, asked)
	l.km = Quantiles{t.reads.P10 + l.km.P10, t.reads.P50 + l.km.P50, t.reads.P90 + l.km.P90} // who has driven more goes on to
	if l.days.P50 == 0 {
		l.past = t.crossed(p)
	}
	return l
}

// inDays are the days of a law, which is calibrated by it, and the chances that they were asked for.
func (t *timeline) inDays(p *wearPath, pass *passage) (Quantiles, goals) {
	ax := t.axis(p)
	days, beside := pass.median(ax)
	p.prior.calibrate(pass, days, p.sensed)
	asked := pass.goals()
	return pass.around(ax, days, beside, asked), asked
}

// crossed is when a path that is past its limit passed it, at the rate it has.
func (t *timeline) crossed(p *wearPath) time.Time {
	rate, _ := p.rate()
	back := (p.model.Progress(&p.state) - 1) / math.Exp(rate) // clock units
	perDay := p.clock.inADay(t.usage.KmPerDay.P50)
	at := t.until.Add(-daysAhead(max(back, 0) / perDay))
	opened := p.originAt // first data
	if p.known() {
		opened = p.at
	}
	if at.Before(opened) {
		return opened
	}
	return at
}

// byDistance is exact in km; its date is that of the odometer.
func (t *timeline) byDistance(km float64) law {
	l := law{basis: ByDistance, km: Quantiles{km, km, km}}
	ahead := km - t.usage.OdometerKm
	if ahead <= 0 {
		l.past = t.passed(km)
		d := l.past.Sub(t.until).Hours() / 24
		l.days = Quantiles{d, d, d}
		return l
	}
	l.days = t.usage.DaysTo(ahead)
	if t.reads.P10 < t.reads.P90 {
		l.days.P10 = t.usage.DaysTo(km - t.reads.P90).P10
		l.days.P90 = t.usage.DaysTo(km - t.reads.P10).P90
	}
	return l
}

// byDate is exact in time; its odometer is that of the date.
func (t *timeline) byDate(at time.Time) law {
	d := at.Sub(t.until).Hours() / 24
	l := law{basis: ByDate, days: Quantiles{d, d, d}, km: t.odometerBy(at)}
	if d <= 0 {
		km := t.odometer(at)
		l.km = Quantiles{km, km, km}
	}
	if !at.After(t.in.Now) {
		l.past = at
	}
	return l
}

// first is the competition: quantile by quantile the earliest. The laws of one
// vehicle hang on the same use, so they come early or late together. It rests on the law that
// was passed first, or, while none is, on the one whose median comes first.
func first(all []law) law {
	due := all[0]
	for _, l := range all[1:] {
		switch {
		case !l.past.IsZero() && (due.past.IsZero() || l.past.Before(due.past)):
			due.basis, due.past = l.basis, l.past
		case due.past.IsZero() && l.days.P50 < due.days.P50:
			due.basis = l.basis
		}
		due.days, due.km = due.days.min(l.days), due.km.min(l.km)
	}
	return due
}

func (q Quantiles) min(o Quantiles) Quantiles {
	return Quantiles{min(q.P10, o.P10), min(q.P50, o.P50), min(q.P90, o.P90)}
}

// daysAhead makes a duration of days.
func daysAhead(days float64) time.Duration {
	return time.Duration(days * 24 * float64(time.Hour)).Round(time.Second)
}
