package predict

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
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
	spec       *Spec
	model      degradation.Model
	prior      lifePrior
	clock      clock
	from       opening
	assumed    bool      // that it is the part of delivery: the plan has not run out, but many do not last so long
	at         time.Time // when the path opened; zero when unknown
	km         float64   // the odometer then
	begun      float64   // the clock then: the state's runs from there
	watched    float64   // the clock of the first data, since delivery
	state      degradation.State
	pace       float64   // log-rate that was expected of the part when it was new
	lives      lives     // of parts that nobody looks at, after those the vehicle has had
	read       bool      // the vehicle has shown the wear of such a part
	doubt      *doubt    // a renewal or a top-up that may have no record; nil: none
	denying    bool      // the readings are the sensor's mistake, as a person has said,
	denied     []int     // and these were
	filled     topUp     // the newest top-up
	gained     float64   // clock by which top-ups have made a part younger that nobody looks at
	life       passage   // law of the part that nobody looks at, once it was asked for
	lasts      bool      // it was
	named      lang.Text // the law of such a part in words, once it was asked for
	outliers   int       // readings far off the path, since it opened
	bounded    bool      // a gauge has not made its next step by the bound, which was not heeded yet
	bound      degradation.Reading
	unrecorded []ending  // renewals of the component that its readings alone show
	sensed     bool      // the vehicle measures the component itself
	last       time.Time // newest reading on the path; zero when there is none
	source     string    // and where it came from
	trace      []tracePoint
	keep       bool      // collect the trace
	originAt   time.Time // clocks of the path are counted from here
	origin     hands
}

// tracePoint is the wear as seen right after a reading.
type tracePoint struct {
	at   time.Time
	km   float64
	wear Quantiles
}

// known reports whether it is known since when the part is on.
func (p *wearPath) known() bool { return p.from != openUnknown }

// measured reports whether the wear of the current part has been looked at.
func (p *wearPath) measured() bool { return p.state.Readings() > 0 }

// blank is a path of a component on which nothing has happened.
func (t *timeline) blank(row int) wearPath {
	s := &t.table.rows[row]
	return wearPath{spec: s, clock: t.clockOf(s)}
}

// path runs the whole history of a component, and again without what a sensor has shown for as often as that is found
// to be wrong.
func (t *timeline) path(row int, keep bool) (p wearPath) {
	for {
		wrong := t.follow(&p, row, keep)
		if wrong == nil {
			return p
		}
		t.leaveOut(row, wrong)
	}
}

// follow runs the history of a component until a sensor is not to be believed: every renewal opens a new path, every
// reading moves it.
func (t *timeline) follow(p *wearPath, row int, keep bool) *disbelief {
	*p = t.blank(row)
	t.watched = watched{}
	readings, services := t.believed(row), t.visits(row)
	p.keep, p.prior = keep, t.priorOf(row)
	p.sensed = slices.ContainsFunc(readings, func(r Reading) bool { return r.Sensed() })
	p.model = p.prior.model(t.table.experts[row], p.sensed)
	p.lives = p.prior.lives
	p.open(t, row)
	p.pace, _ = p.model.Rate(&p.state)
	for i := range readings {
		r := &readings[i]
		for len(services) > 0 && !services[0].Time.After(r.Time) {
			p.serve(t, services[0])
			services = services[1:]
		}
		if p.from == openRecorded && r.astride(p.at) || p.filled.number > 0 && r.astride(p.filled.at) && !p.filled.seen ||
			len(services) > 0 && r.astride(services[0].Time) {
			continue
		}
		off, ok := p.observe(t, r)
		if !ok {
			p.denied = append(p.denied, i)
			continue
		}
		if wrong := p.disbelieves(t, i, r, off); wrong != nil {
			return wrong
		}
		if p.keep && !r.Bound {
			p.trace = append(p.trace, tracePoint{r.Time, t.kmBy(r), p.wear()})
		}
	}
	for _, sv := range services {
		p.serve(t, sv)
	}
	p.heed()
	p.state = p.model.At(p.state, p.tau(t.until, t.usage.OdometerKm)-p.begun)
	// Half an interval over and never a record: done elsewhere, more likely than
	// not done at all.
	km := t.usage.OdometerKm
	if p.from == openDelivered && p.planned() && p.planShare(t.until, Quantiles{km, km, km}).P50 > surePlans {
		p.from = openUnknown
	}
	return nil
}

// observe takes a reading, and says how far off it was, in standard deviations; false of one that a person's no makes
// the sensor's mistake.
func (p *wearPath) observe(t *timeline, r *Reading) (off float64, ok bool) {
	at := r.of()
	tau := p.tau(at, t.kmAt(r, at))
	seen := degradation.Reading{Tau: tau - p.begun, Wear: r.Wear / p.prior.failsAt, Noise: p.prior.noise(r) / p.prior.failsAt}
	if r.Bound {
		p.bound, p.bounded = seen, true
		return 0, true
	}
	if r.Sensed() {
		p.bounded = false // the step has come
	}
	p.heed()
	before := p.state
	off = p.take(&p.state, seen, r.AtLeast)
	if len(t.in.Kept) > 0 && p.denies(t, p.model.Wear(&before), r, off) {
		p.state = before
		return off, false
	}
	p.read = true
	if math.Abs(off) > outlierAt {
		p.outliers++
	}
	p.weigh(t, &before, r, tau, off)
	p.last, p.source = r.Time, r.Source
	return off, true
}

// take brings a reading, or what one at the end of a scale says, into a state.
func (p *wearPath) take(s *degradation.State, seen degradation.Reading, atLeast bool) (off float64) {
	if atLeast {
		return p.model.Above(s, seen)
	}
	return p.model.Observe(s, seen)
}

// heed takes the bound that still holds: of the weeks in which a gauge has stood still the newest
// says all.
func (p *wearPath) heed() {
	if p.bounded {
		p.model.Below(&p.state, p.bound)
		p.bounded = false
	}
}

// outlierAt is how many standard deviations off a reading is an outlier.
const outlierAt = 3.0

// byLife reports whether the part is forecast by how long such parts last: neither it
// nor one before it has shown its wear.
func (p *wearPath) byLife() bool { return !p.read && !p.sensed && p.lives.known() }

// rate is the log of the wear per unit of clock, with its variance; of parts that nobody
// looks at, that of the median life.
func (p *wearPath) rate() (log, variance float64) {
	if !p.byLife() {
		return p.model.Rate(&p.state)
	}
	return p.lives.rate()
}

// usual is rate before the vehicle had shown anything.
func (p *wearPath) usual() (log, variance float64) {
	if !p.byLife() {
		return p.prior.logRate, p.prior.variance
	}
	return p.prior.lives.rate()
}

// wear of the part by its readings, as a fraction of the limit.
func (p *wearPath) wear() Quantiles {
	at := func(z float64) float64 {
		return max(p.prior.failsAt*p.model.WearBand(&p.state, z), 0)
	}
	return Quantiles{at(-z90), at(0), at(z90)}.ordered()
}

// tau is the component's clock at a time and odometer.
func (p *wearPath) tau(at time.Time, km float64) float64 {
	return p.clock.tau(p.origin, p.clock.at(dayNumber(at), km))
}

// countFrom counts the clocks of the path from a time and odometer on.
func (p *wearPath) countFrom(at time.Time, km float64) {
	p.originAt, p.origin = at, p.clock.at(dayNumber(at), km)
}

// run is the clock since the path opened, less what top-ups have taken off.
func (p *wearPath) run(t *timeline) float64 {
	return max(p.tau(t.until, t.usage.OdometerKm)-p.tau(p.at, p.km)-p.gained, 0)
}

// open begins before the first service that is known. The part is the one of
// delivery if it is likely to have lasted until the first data; otherwise its
// age lies anywhere between, and so does its level.
func (p *wearPath) open(t *timeline, row int) {
	seen, km := t.firstData(row)
	p.countFrom(seen, km)
	begin := func(level, variance float64) {
		p.state = p.model.Begin(p.prior.logRate, p.prior.variance, level, math.Sqrt(variance))
	}
	delivered := t.in.InService
	if delivered.IsZero() || delivered.After(seen) {
		begin(0.5, 1.0/12) // anywhere from new to the limit
		return
	}
	run := max(-p.tau(delivered, 0), 0)
	original := 1.0
	if run > 0 {
		original = normal(-(math.Log(run) + p.prior.logRate) / math.Sqrt(p.prior.variance))
	}
	p.assumed = original < surely
	if p.byLife() && len(t.readings[row]) == 0 {
		original = 1 // or another that took its place, which its law reckons with
	}
	if months := p.spec.PlanMonths; months > 0 || p.spec.PlanKm > 0 {
		inPlan := (p.spec.PlanKm == 0 || km <= p.spec.PlanKm) && (months == 0 || !delivered.AddDate(0, months, 0).Before(seen))
		if !inPlan {
			original = 0 // the first change was due before we looked: nobody knows
		} else {
			original = 1
		}
	}
	if original > surely {
		p.from, p.at, p.km = openDelivered, delivered, 0
		p.countFrom(delivered, 0)
		p.watched = p.tau(seen, km)
		begin(0, 0)
		return
	}
	worn := min(math.Exp(p.prior.logRate)*run, 0.8)
	mean := original*worn + (1-original)*0.5
	square := original*worn*worn*(1+p.prior.variance) + (1-original)/3
	begin(mean, max(square-mean*mean, 0))
}

// surely is the chance from which it is believed that a part is the one of delivery.
const surely = 0.9

// failureNoise is how exactly a workshop's "failed" says that the limit was reached.
const failureNoise = 0.1

// serve takes a renewal or a top-up.
func (p *wearPath) serve(t *timeline, s Service) {
	p.heed()
	p.denying, t.watched = false, watched{}
	if s.TopUp {
		p.topUp(t, s)
		return
	}
	p.renew(t, s)
}

// renew opens a new path at a service record.
func (p *wearPath) renew(t *timeline, s Service) {
	km := s.OdometerKm
	if km == 0 {
		km = t.odometer(s.Time)
	}
	tau, late := p.tau(s.Time, km), 0.0
	if p.lives.known() { // it failed before somebody came to the workshop with it
		late = p.lives.law.Late * p.clock.inADay(t.usage.KmPerDay.P50)
	}
	if p.lives.known() && p.known() && !p.assumed {
		clock, failed := p.lived(s.Time, km, s.Failed)
		if failed {
			clock -= late
		}
		p.lives.lived(clock, failed)
	}
	switch {
	case !s.Failed:
	case p.measured():
		p.failed(tau, late)
	case p.known():
		// It tells how fast this vehicle wears the part.
		p.model.Observe(&p.state, degradation.Reading{Tau: tau - p.begun, Wear: 1, Noise: failureNoise})
	}
	p.state, p.begun = p.model.Renew(p.state), tau
	p.pace, _ = p.model.Rate(&p.state)
	p.from, p.at, p.km = openRecorded, s.Time, km
	p.doubt, p.outliers, p.last, p.source, p.trace = nil, 0, time.Time{}, "", nil
	p.filled, p.gained, p.assumed = topUp{}, 0, false
}

// failed takes it that a part of this vehicle failed so long before a clock: at the wear
// that its readings say, sensors differ.
func (p *wearPath) failed(tau, late float64) {
	end := p.model.At(p.state, tau-p.begun)
	rate, _ := p.model.Rate(&end)
	wear := p.model.Wear(&end) - math.Exp(rate)*late
	sd := p.model.WearBand(&end, 1) - wear
	p.prior.failed(p.prior.failsAt*(wear-p.told()), p.prior.failsAt*sd)
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
