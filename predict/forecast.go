package predict

import (
	"math"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// State says whether a forecast may be acted on.
type State string

// The states of a forecast.
const (
	// Known: the interval is narrow enough to act on.
	Known State = "known"
	// TooEarly: too little is known; no date is given.
	TooEarly State = "too_early"
	// Stale: the vehicle has been silent too long; the forecast runs on
	// projected use and must not open anything new.
	Stale State = "stale"
)

// Quantiles of a distribution, P10 <= P50 <= P90.
type Quantiles struct{ P10, P50, P90 float64 }

// Dates are quantiles of a date, P10 earliest. A date is never before the
// forecast's Now.
type Dates struct{ P10, P50, P90 time.Time }

// Basis says which law makes the component due first.
type Basis string

// What a due date can rest on.
const (
	ByWear     Basis = "wear"     // the wear path reaches its limit
	ByDistance Basis = "distance" // the plan's interval in km
	ByDate     Basis = "date"     // the plan's interval in time
)

// Forecast is when a component of a vehicle will reach its limit.
type Forecast struct {
	Component     Component
	State         State
	Basis         Basis
	Wear          Quantiles // now, fraction of the limit or of the plan's interval
	DueKm         Quantiles // odometer, km; zero when TooEarly. A plan's distance stays where it is once passed
	Due           Dates     // zero when TooEarly
	LimitKm       Quantiles // odometer at which the part itself is spent, whatever plan and practice say; zero where nothing is known of it
	Limit         Dates     // and when; given also when TooEarly
	ByLevel       bool      // Limit is when measured wear passes its limit; otherwise it is when parts fail
	OverdueSince  time.Time // when the limit was passed, as far as known; zero before, and when TooEarly
	RatePer1000Km float64   // wear per 1,000 km, posterior median
	KmPerDay      float64   // usage the dates rest on
	Readings      int       // readings since the last service
	LastReading   time.Time // zero when there is none
	ServicedAt    time.Time // last renewal; zero when unknown
	ServicedKm    float64
	Cycle         string    // names the wear path: changes with every renewal
	Question      *Question `json:",omitempty"` // what readings leave open, and a person can tell; nil: nothing
	Reason        lang.Text // in words and numbers: which readings, which prior, what moved the date
	Model         string    // version of code and prior that made it
	Explanation   Explanation
	Now           time.Time // as of when
	DataUntil     time.Time // newest day or reading it rests on; zero when there is none
}

// version of the code and of the expert prior; the fleet's prior has its own.
const (
	codeVersion   = "paths-15"
	expertVersion = "expert-3"
)

// When a forecast is not worth acting on.
const (
	staleAfter  = 7 * 24 * time.Hour // without data
	wideFactor  = 1.75               // 80 % interval against the median time left
	wideDays    = 270.0              // narrower than this is never too wide: it is near enough to plan
	vagueRate   = 0.7                // standard deviation of the log-rate
	beyondYears = 29.9               // the law says "not within the horizon"
	daysPerYear = 365.25
)

// Forecasts answers for every component that the vehicle is known to have, in
// the order of the table.
func Forecasts(in Input) []Forecast {
	in.Now = in.Now.UTC()
	room := slabs.Get().(*slab)
	t := timelineIn(room, &in)
	out := make([]Forecast, 0, len(t.table.rows))
	for row := range t.table.rows {
		if t.has(row) {
			p := t.path(row, false)
			out = append(out, t.forecast(&p))
		}
	}
	room.free()
	return out
}

// ForecastOf answers for one component, as Forecasts does; false when the vehicle
// is not known to have it.
func ForecastOf(in Input, c Component) (Forecast, bool) {
	o := OutlookOf(in)
	defer o.Done()
	return o.Forecast(c)
}

// forecast says when the part on a path is due.
func (t *timeline) forecast(p *wearPath) Forecast {
	rate, variance := p.rate()
	f := Forecast{
		Component: p.spec.Component, State: Known, Basis: ByWear, Wear: t.wearAt(p, t.in.Now),
		RatePer1000Km: elementary.Exp(rate), KmPerDay: t.usage.KmPerDay.P50,
		Readings: p.state.Readings(), LastReading: p.last, Cycle: p.cycle(), Question: p.question(),
		Model: t.modelOf(t.priorVersion(p)), Now: t.in.Now, DataUntil: t.heard.UTC(),
	}
	if p.from == openRecorded || p.from == openSeen {
		f.ServicedAt, f.ServicedKm = p.at, p.km
	}
	limit, known := t.limit(p)
	if known {
		f.LimitKm, f.Limit = limit.km, t.dates(limit.days)
		f.ByLevel = p.measured() && p.prior.atLimit()
	}
	var room [3]law
	laws := t.laws(room[:0], p, limit)
	var due law
	early := vagueUnknown
	if len(laws) > 0 {
		due = first(laws)
		f.Basis = due.basis
		early = t.vague(due, variance)
		if early == vagueWide && t.usage.state.doubt != 0 {
			early = t.vague(t.undoubted(p), variance)
		}
	}
	switch {
	case early != vagueNot:
		f.State = TooEarly
	case t.in.Now.Sub(t.heard) > staleAfter:
		f.State = Stale
	}
	if f.State != TooEarly {
		f.DueKm = Quantiles{max(due.km.P10, 0), max(due.km.P50, 0), max(due.km.P90, 0)}.ordered()
		f.Due = t.dates(due.days)
		f.OverdueSince = due.past
	}
	f.Reason = t.reason(p, &f, due, early)
	f.Explanation = t.explain(p, laws, due, rate, variance)
	return f
}

func (t *timeline) dates(days Quantiles) Dates {
	return Dates{t.date(days.P10), t.date(days.P50), t.date(days.P90)}
}

// date is a time ahead of the newest data, but never before Now: what was due
// before is due now.
func (t *timeline) date(days float64) time.Time {
	if at := t.until.Add(daysAhead(days)).UTC(); at.After(t.in.Now) {
		return at
	}
	return t.in.Now
}

// vagueness says why a forecast must not be acted on.
type vagueness uint8

const (
	vagueNot     vagueness = iota
	vagueUnknown           // no record of the last renewal, and no reading
	vagueWide              // the interval is too wide against the time left
	vaguePace              // nothing says how fast it wears
)

// undoubted is the limit of a part without a suspected change of use: that is over within weeks, and no
// reason to say nothing.
func (t *timeline) undoubted(p *wearPath) law {
	doubt := t.usage.state.doubt
	t.usage.state.doubt = 0
	limit, _ := t.limit(p)
	t.usage.state.doubt = doubt
	return limit
}

// vague is how vague the law that decides is, given the variance of the log-rate.
func (t *timeline) vague(due law, variance float64) vagueness {
	if due.basis != ByWear {
		return vagueNot
	}
	left := due.days.P50 - t.in.Now.Sub(t.until).Hours()/24
	switch {
	case due.days.P50 <= 0 && due.days.P90 < wideDays:
		return vagueNot // due, beyond reasonable doubt
	case math.Sqrt(variance) > vagueRate:
		return vaguePace
	case due.days.P90 > beyondYears*daysPerYear:
		return vagueWide
	case due.days.P90-due.days.P10 > max(wideFactor*left, wideDays):
		return vagueWide
	}
	return vagueNot
}

// cycle names the path by what opened it, so that data that comes late does not
// rename it.
func (p *wearPath) cycle() string {
	switch p.from {
	case openRecorded:
		return on("serviced-", p.at)
	case openSeen:
		return on("seen-", p.at)
	default:
		return "first"
	}
}

// on names what happened on a day.
func on(what string, day time.Time) string {
	var room [32]byte
	return string(day.UTC().AppendFormat(append(room[:0], what...), time.DateOnly))
}

// PriorVersion is the prior that a forecast's Model names.
func PriorVersion(model string) string {
	_, prior, _ := strings.Cut(model, "/")
	prior, _, _ = strings.Cut(prior, "+") // of the component table
	return prior
}

// modelOf names the model with a prior, which is the same for most components.
func (t *timeline) modelOf(prior string) string {
	if t.model == "" || t.modelPrior != prior {
		t.model, t.modelPrior = codeVersion+"/"+prior+t.table.version, prior
	}
	return t.model
}

func (t *timeline) priorVersion(p *wearPath) string {
	if p.prior.units > 0 || t.in.Prior.Version != "" {
		return t.in.Prior.Version
	}
	return expertVersion
}
