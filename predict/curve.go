package predict

import (
	"math"
	"time"
)

// PathPoint is the wear of a component at one time, as the model sees it: in
// the past after the readings until then, in the future as the forecast says.
type PathPoint struct {
	Time   time.Time
	Km     float64   // odometer, P50 in the future
	Wear   Quantiles // fraction of the limit, or of the plan's interval
	Chance float64   // 0..1, in the future: that the part has reached its limit by then
	Future bool
}

// pathSteps is how many points each side of now is drawn with, at most.
const pathSteps = 50

// Path draws the current wear path of a component and its future up to the
// horizon. Where the future band of a measured part crosses 1 are the dates of Forecasts. Nil when
// the vehicle does not have the component, or nothing is known of the part.
func Path(in Input, c Component, horizonDays int) []PathPoint {
	in.Now = in.Now.UTC()
	t := newTimeline(&in)
	row, ok := t.rowOf(c)
	if !ok {
		return nil
	}
	p := t.path(row, true)
	if !p.known() && !p.measured() {
		return nil
	}
	points := t.past(&p)
	limit, _ := t.calibratedLimit(&p) // something is known of the part
	horizon := min(max(horizonDays, 0), 30*365)
	steps := min(horizon, pathSteps)
	chance := 0.0
	for i := 0; i <= steps; i++ {
		ahead := 0.0
		if steps > 0 {
			ahead = float64(horizon) * float64(i) / float64(steps)
		}
		at := t.in.Now.Add(daysAhead(ahead))
		chance = max(chance, t.chanceBy(&p, &limit, at)) // laws of lives are exact to 0.002
		points = append(points, PathPoint{at, t.usage.Odometer(at).P50, t.wearAt(&p, at), chance, i > 0})
	}
	return points
}

// past is the path behind: the filtered state after readings, or the share of
// the plan that was used.
func (t *timeline) past(p *wearPath) []PathPoint {
	var points []PathPoint
	if p.measured() {
		step := max(1, (len(p.trace)+pathSteps-1)/pathSteps)
		for i, tp := range p.trace {
			if i%step == 0 || i == len(p.trace)-1 {
				points = append(points, PathPoint{Time: tp.at.UTC(), Km: tp.km, Wear: tp.wear})
			}
		}
		return points
	}
	for i := range pathSteps {
		at := p.at.Add(time.Duration(float64(t.until.Sub(p.at)) * float64(i) / pathSteps))
		km := t.odometer(at)
		w := p.planShare(at, Quantiles{km, km, km})
		if !p.planned() {
			pass := p.lasting(max(p.tau(at, km)-p.tau(p.at, p.km), 0))
			w = lifeWear(p, &pass)
		}
		points = append(points, PathPoint{Time: at.UTC(), Km: km, Wear: w})
	}
	return points
}

// planned reports whether the plan decides: it has an interval, and nothing
// shows the wear itself.
func (p *wearPath) planned() bool {
	return (p.spec.PlanKm > 0 || p.spec.PlanMonths > 0) && !p.measured()
}

// planShare is how much of the plan's interval is used at a time and odometer:
// of the distance or of the time, whichever is more.
func (p *wearPath) planShare(at time.Time, km Quantiles) Quantiles {
	aged := 0.0
	if p.spec.PlanMonths > 0 {
		aged = at.Sub(p.at).Hours() / p.at.AddDate(0, p.spec.PlanMonths, 0).Sub(p.at).Hours()
	}
	share := func(km float64) float64 {
		if p.spec.PlanKm > 0 {
			return max(max(aged, (km-p.km)/p.spec.PlanKm), 0)
		}
		return max(aged, 0)
	}
	return Quantiles{share(km.P10), share(km.P50), share(km.P90)}
}

// lifeWear is the wear of a part that nobody has measured, from the law of its life
// alone, given that it still works.
func lifeWear(p *wearPath, pass *passage) Quantiles {
	if pass.start <= 0 {
		return Quantiles{}
	}
	at := func(q float64) float64 { return p.bend(pass.start / pass.life(q)) }
	return Quantiles{at(0.1), at(0.5), at(0.9)}.ordered()
}

// wearAt is the wear at a time at or after the newest data.
func (t *timeline) wearAt(p *wearPath, at time.Time) Quantiles {
	ahead := max(at.Sub(t.until).Hours()/24, 0)
	ax := t.axis(p)
	switch {
	case !p.known() && !p.measured():
		return Quantiles{0.1, 0.5, 0.9} // anywhere
	case p.planned():
		return p.planShare(at, t.odometerBy(at))
	case !p.measured():
		return t.lifeAhead(p, ax, ahead)
	case ahead <= 1: // within a day the state speaks for itself
		return p.wear()
	}
	// The band starts from what the state says now and reaches the limit on the dates of the
	// forecast, calibration included.
	limit := p.passLevel(1/p.prior.failsAt, 0)
	median := limit.middle(ax)
	p.prior.calibrate(&limit, median, p.sensed)
	level := func(now, due float64) float64 {
		if due != now {
			due = now + (due-now)*min(ahead/max(limit.quantile(ax, due, median), soonest), 1)
		}
		return t.levelAt(p, ax, ahead, due)
	}
	return Quantiles{level(z90, limit.high), level(0, limit.mid), level(-z90, limit.low)}.ordered()
}

// lifeAhead carries lifeWear into the future.
func (t *timeline) lifeAhead(p *wearPath, ax *axis, ahead float64) Quantiles {
	if ahead <= 1 {
		return lifeWear(p, p.lifeLaw(t))
	}
	pass := *p.lifeLaw(t)
	then := ax.place(ahead, pass.start)
	for i := range pass.lasts {
		pass.lasts[i].variance += then.widest() // of the use to come
	}
	at := func(q float64) float64 { return p.bend(math.Exp(then.logTau) / pass.life(q)) }
	return Quantiles{at(0.1), at(0.5), at(0.9)}.ordered()
}

// levelAt is the wear that the path has not passed by then with a chance: the
// same law as the forecast's, asked for another level. The chance is a standard
// normal deviate.
func (t *timeline) levelAt(p *wearPath, ax *axis, ahead, z float64) float64 {
	then := ax.place(ahead, 0)
	lo, hi := 0.0, 2.0
	for range 22 {
		mid := (lo + hi) / 2
		pass := p.passLevel(mid, 0)
		if pass.score(&then) > z {
			lo = mid
		} else {
			hi = mid
		}
	}
	return p.prior.failsAt * (lo + hi) / 2
}

// bend is the wear of a part that nobody measures, at a progress.
func (p *wearPath) bend(y float64) float64 { return p.prior.failsAt * p.model.Forms[0].Curve.At(y) }
