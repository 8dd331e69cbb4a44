package predict

import (
	"time"

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
	OverdueSince  time.Time // when the limit was passed, as far as known; zero before, and when TooEarly
	RatePer1000Km float64   // wear per 1,000 km, posterior median
	KmPerDay      float64   // usage the dates rest on
	Readings      int       // readings since the last service
	LastReading   time.Time // zero when there is none
	ServicedAt    time.Time // last renewal; zero when unknown
	ServicedKm    float64
	Cycle         string    // names the wear path: changes with every renewal
	Reason        lang.Text // in words and numbers: which readings, which prior, what moved the date
	Model         string    // version of code and prior that made it
	Now           time.Time // as of when
	DataUntil     time.Time // newest data it rests on
}
