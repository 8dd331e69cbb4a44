package predict

import (
	"math"
	"slices"
	"time"
)

// opening says how the current wear path of a component began.
type opening uint8

const (
	openUnknown   opening = iota // somewhere between delivery and the first data
	openDelivered                // the part the vehicle was delivered with
	openRecorded                 // a service record
	openSeen                     // the readings show a renewal that has no record
)

// wearPath is the current path of one component of one vehicle, with the state
// its readings lead to.
type wearPath struct {
	spec     *Spec
	clock    clock
	from     opening
	at       time.Time // when the path opened; zero when unknown
	km       float64   // the odometer then
	track    track     // as of t.until
	prior    lifePrior
	last     time.Time // newest reading on the path; zero when there is none
	source   string    // and where it came from
	trace    []tracePoint
	keep     bool // collect the trace
	originAt time.Time
	originKm float64
}

// tracePoint is the state right after a reading.
type tracePoint struct {
	at    time.Time
	km    float64
	track track
}

// lifePrior is the prior that a path starts from, for this vehicle.
type lifePrior struct {
	logRate, variance float64
	units             int // complete paths of the fleet behind it; 0: expert

	failsAt, failsAtSD float64 // wear at which parts fail in fact
}

// known reports whether it is known since when the part is on.
func (p *wearPath) known() bool { return p.from != openUnknown }

// measured reports whether the wear of the current part has been looked at.
func (p *wearPath) measured() bool { return p.track.readings > 0 }

// blank is a path of a component on which nothing has happened.
func (t *timeline) blank(row int) wearPath {
	s := &t.table.rows[row]
	return wearPath{spec: s, clock: clock{s.CalendarShare}}
}

// path runs the whole history of a component: every renewal opens a new path,
// every reading moves it.
func (t *timeline) path(row int, keep bool) wearPath {
	p := t.blank(row)
	p.keep, p.prior = keep, t.priorOf(p.spec)
	readings, services := t.readings[row], t.services[row]
	p.open(t, row)
	var strayAt time.Time
	var strayKm float64
	for _, r := range readings {
		for len(services) > 0 && !services[0].Time.After(r.Time) {
			p.renew(t, services[0])
			services = services[1:]
		}
		// Readings on the day of the work may be of either part.
		if p.from == openRecorded && sameDay(p.at, r.Time) || len(services) > 0 && sameDay(services[0].Time, r.Time) {
			continue
		}
		km := r.OdometerKm
		if km == 0 {
			km = t.odometer(r.Time)
		}
		renewals := p.track.renewals
		p.track.observe(p.tau(r.Time, km), r.Wear, r.Noise)
		switch {
		case p.track.renewals > renewals:
			p.from, p.at, p.km, p.trace = openSeen, strayAt, strayKm, nil
		case p.track.strays == 1:
			strayAt, strayKm = r.Time, km
		}
		p.last, p.source = r.Time, r.Source
		if p.keep {
			p.trace = append(p.trace, tracePoint{r.Time, km, p.track})
		}
	}
	for _, sv := range services {
		p.renew(t, sv)
	}
	p.track = p.track.now(p.tau(t.until, t.usage.OdometerKm))
	// Half an interval over and never a record: done elsewhere, more likely than
	// not done at all.
	km := t.usage.OdometerKm
	if p.from == openDelivered && p.planned() && p.planShare(t.until, Quantiles{km, km, km}).P50 > 1.5 {
		p.from = openUnknown
	}
	return p
}

// tau is the component's clock at a time and odometer.
func (p *wearPath) tau(at time.Time, km float64) float64 {
	return p.clock.tau(km-p.originKm, at.Sub(p.originAt).Hours()/24)
}

// run is the clock since the path opened.
func (p *wearPath) run(t *timeline) float64 {
	return math.Max(p.tau(t.until, t.usage.OdometerKm)-p.tau(p.at, p.km), 0)
}

// open begins before the first service that is known. The part is the one of
// delivery if it is likely to have lasted until the first data; otherwise its
// age lies anywhere between, and so does its level.
func (p *wearPath) open(t *timeline, row int) {
	seen, km := t.firstData(row)
	p.originAt, p.originKm = seen, km
	p.track = newTrack(p.spec, p.prior.logRate, p.prior.variance)
	delivered := t.in.InService
	if delivered.IsZero() || delivered.After(seen) {
		p.track.level, p.track.vL = 0.5, 1.0/12 // anywhere from new to the limit
		return
	}
	run := math.Max(-p.tau(delivered, 0), 0)
	original := 1.0
	if run > 0 {
		original = normal(-(math.Log(run) + p.prior.logRate) / math.Sqrt(p.prior.variance))
	}
	if months := p.spec.PlanMonths; months > 0 || p.spec.PlanKm > 0 {
		inPlan := (p.spec.PlanKm == 0 || km <= p.spec.PlanKm) && (months == 0 || !delivered.AddDate(0, months, 0).Before(seen))
		if !inPlan {
			original = 0 // the first change was due before we looked: nobody knows
		} else {
			original = 1
		}
	}
	if original > 0.9 {
		p.from, p.at, p.km = openDelivered, delivered, 0
		p.originAt, p.originKm = delivered, 0
		return
	}
	worn := math.Min(math.Exp(p.prior.logRate)*run, 0.8)
	mean := original*worn + (1-original)*0.5
	square := original*worn*worn*(1+p.prior.variance) + (1-original)/3
	p.track.level, p.track.vL = mean, square-mean*mean
}

// failureNoise is how exactly a workshop's "failed" says that the limit was reached.
const failureNoise = 0.1

// renew opens a new path at a service record.
func (p *wearPath) renew(t *timeline, s Service) {
	km := s.OdometerKm
	if km == 0 {
		km = t.odometer(s.Time)
	}
	tau := p.tau(s.Time, km)
	if s.Failed && p.known() && !p.measured() {
		p.track.observe(tau, 1, failureNoise) // it tells how fast this vehicle wears the part
	}
	p.track.renew(tau, p.prior.variance)
	p.from, p.at, p.km = openRecorded, s.Time, km
	p.last, p.source, p.trace = time.Time{}, "", nil
}

// firstData is the time and odometer from which the vehicle was watched, for
// one component: the first day, or an earlier reading.
func (t *timeline) firstData(row int) (time.Time, float64) {
	at := t.until
	if len(t.days) > 0 {
		at = t.days[0].Day.Start()
	}
	if rs := t.readings[row]; len(rs) > 0 && rs[0].Time.Before(at) {
		at = rs[0].Time
		if rs[0].OdometerKm > 0 {
			return at, rs[0].OdometerKm
		}
	}
	return at, t.odometer(at)
}

// priorOf is the fleet's prior of a component, or the expert's, for a vehicle
// of this use and climate.
func (t *timeline) priorOf(s *Spec) lifePrior {
	if f, ok := t.in.Prior.Components[s.Component]; ok && usablePrior(f) {
		p := lifePrior{logRate: math.Log(f.RatePer1000Km), variance: math.Log1p(f.CV * f.CV), units: f.Units, failsAt: 1}
		if f.FailsAt > 0 {
			p.failsAt, p.failsAtSD = f.FailsAt, f.FailsAtSD
		}
		p.logRate += f.effect(t.usage.KmPerDay.P50, t.airTempC)
		return p
	}
	rate := s.RatePer1000Km
	if s.Regen > 0 && slices.Contains(driven, t.in.Powertrain) {
		rate *= s.Regen
	}
	return lifePrior{logRate: math.Log(rate), variance: math.Log1p(s.RateCV * s.RateCV), failsAt: 1}
}

func usablePrior(f LifePrior) bool {
	for _, v := range []float64{f.FailsAt, f.FailsAtSD, f.PerLogKm, f.LogKmCentre, f.PerDegree, f.DegreesCentre} {
		if !finite(v) {
			return false
		}
	}
	return f.RatePer1000Km > 1e-6 && f.RatePer1000Km < 10 && f.CV > 0 && f.CV < 10
}
