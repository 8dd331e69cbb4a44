package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// Explanation is what a forecast rests on, in numbers. It is made with the forecast
// and kept with it, so that it stays true when another model is in force.
type Explanation struct {
	Prior    PriorUsed
	Rate     Quantiles // wear per 1,000 km of this part
	OwnRate  float64   // share of what is known of the rate that this vehicle has shown, 0 (all from the prior) to 1
	OwnUse   float64   // the same of how far it drives
	Readings ReadingsUsed

	// By how many days, about, the median would lie elsewhere if the vehicle wore the
	// part, or drove, as the prior expects: below zero its own is sooner.
	RateMoves float64
	UseMoves  float64

	Terms []Term // what could make it due: the earliest decides, quantile by quantile
}

// PriorUsed is what was known before the vehicle had shown anything, for a vehicle of
// its use and climate.
type PriorUsed struct {
	Version       string
	Units         int       // parts of the fleet behind it; 0: the expert's
	RatePer1000Km float64   // median; of a part that nobody looks at, one over the median life
	Spread        float64   // standard deviation of the log of the rate between vehicles
	Law           lang.Text // of the life of a part that nobody looks at; empty: it was looked at, or nothing is known
	FailsAt       float64   // wear at which parts fail in fact
	KmPerDay      float64   // median use
}

// ReadingsUsed are the readings of the part that is on.
type ReadingsUsed struct {
	Count    int
	Outliers int // that counted for little
	From, To time.Time
	First    float64 // wear, fraction of the limit
	Last     float64
	Source   string // of the newest
}

// Term is when the part would be due by one reason alone.
type Term struct {
	Basis Basis
	Due   Dates
}

// explain says what the forecast of a path rests on, given its laws, what they make due, and the
// log of the rate with its variance.
func (t *timeline) explain(p *wearPath, laws []law, due law, rate, variance float64) Explanation {
	usual, spread := p.usual()
	sd := z90 * math.Sqrt(variance)
	e := Explanation{
		Prior: PriorUsed{
			Version: t.priorVersion(p), Units: p.prior.units, RatePer1000Km: elementary.Exp(usual),
			Spread: math.Sqrt(spread), FailsAt: p.prior.failsAt, KmPerDay: elementary.Exp(t.usage.law.LogKmPerDay),
		},
		Rate:     Quantiles{elementary.Exp(rate - sd), elementary.Exp(rate), elementary.Exp(rate + sd)},
		OwnRate:  shareLearned(variance, spread),
		OwnUse:   shareLearned(t.usage.state.variance(), t.usage.law.Between+t.usage.law.Wander),
		Readings: t.readingsOf(p),
	}
	if len(laws) > 0 {
		e.RateMoves, e.UseMoves = t.moves(p, due, elementary.Exp(rate-usual))
	}
	if p.known() && !p.measured() {
		e.Prior.Law = p.law()
	}
	if p.byLife() {
		e.Prior.Units = p.lives.law.Failures
	}
	e.Terms = t.termsOf(laws)
	return e
}

// termsOf are what could make a part due. Those of several parts share their memory.
func (t *timeline) termsOf(laws []law) []Term {
	if len(laws) == 0 {
		return nil
	}
	if cap(t.terms) < len(laws) {
		t.terms = make([]Term, 0, len(laws)+fewTerms)
	}
	terms := t.terms[:0:len(laws)]
	t.terms = t.terms[len(laws):len(laws):cap(t.terms)]
	for _, l := range laws {
		terms = append(terms, Term{l.basis, t.dates(l.days)})
	}
	return terms
}

// fewTerms is how many more terms than are asked for memory is taken for.
const fewTerms = 9

// moves is by how many days the vehicle's own rate, given as a multiple of the prior's,
// and its own use move the law that decides. What lies ahead is taken as straight: at
// half the pace it takes twice the days.
func (t *timeline) moves(p *wearPath, due law, faster float64) (rate, use float64) {
	days := max(due.days.P50, 0)
	own, usual := t.usage.KmPerDay.P50, elementary.Exp(t.usage.law.LogKmPerDay)
	switch due.basis {
	case ByWear:
		return days * (1 - faster), days * (1 - p.clock.inADay(own)/p.clock.inADay(usual))
	case ByDistance:
		return 0, days * (1 - own/usual)
	case ByDate: // comes whatever the vehicle does
	}
	return 0, 0
}

// shareLearned is how much of a prior variance is gone.
func shareLearned(left, prior float64) float64 {
	return min(max(1-left/prior, 0), 1)
}

// readingsOf sums up the readings since the path opened.
func (t *timeline) readingsOf(p *wearPath) ReadingsUsed {
	r := ReadingsUsed{Count: p.state.Readings(), Outliers: p.outliers, Source: p.source}
	if !p.measured() {
		return r
	}
	row, _ := t.rowOf(p.spec.Component)
	all := t.believed(row)
	for i := range all {
		reading := &all[i]
		if reading.Bound || p.known() && reading.Time.Before(p.at) || p.from == openRecorded && reading.astride(p.at) {
			continue
		}
		if r.From.IsZero() {
			r.From, r.First = reading.Time, reading.Wear
		}
		r.To, r.Last = reading.Time, reading.Wear
	}
	return r
}
