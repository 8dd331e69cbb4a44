package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// rival is the other story of a path: that the part was renewed without a record
// just before a reading that is far too good. It is followed beside the path
// until the readings tell which of the two is true.
type rival struct {
	alive    bool
	state    degradation.State
	begun    float64   // clock at the renewal
	at       time.Time // of the reading that gave rise to it
	km       float64
	readings int
	odds     float64 // log-odds for it
	was      float64 // log-likelihood of both stories until now
	is       float64
}

const (
	// unrecorded are the log-odds, before any reading, that a renewal without a
	// record came just before this one: one service in fifty readings, one in ten
	// of them not written down.
	unrecorded = -6.2
	// mostSaid is how much one reading may say for either story: any sensor can be
	// wrong once.
	mostSaid = 8.0
	// decided are log-odds that end the doubt, 20 to 1, and longest is how many
	// readings may be waited for them.
	decided = 3.0
	longest = 4
	// renewedBy is the fall of wear that a renewal is suspected from.
	renewedBy = 0.1
)

// weigh follows the rival story through a reading that the path has taken: before
// is the path's state without it, off how far off it was.
func (p *wearPath) weigh(before *degradation.State, r Reading, tau, off float64) {
	v := &p.rival
	wear := r.Wear / p.prior.failsAt
	if !v.alive {
		if off > -outlierAt || p.model.Wear(before)-wear < renewedBy {
			return
		}
		p.suspect(before, r, tau)
	}
	noise := p.prior.noise(&r) / p.prior.failsAt
	p.model.Observe(&v.state, degradation.Reading{Tau: tau - v.begun, Wear: wear, Noise: noise})
	was, is := p.model.Likelihood(&p.state), p.model.Likelihood(&v.state)
	v.odds += math.Min(math.Max((is-v.is)-(was-v.was), -mostSaid), mostSaid)
	v.was, v.is = was, is
	v.readings++
	switch {
	case v.readings < 2:
	case v.odds > decided, v.readings >= longest && v.odds > 0:
		p.from, p.at, p.km = openSeen, v.at, v.km
		p.state, p.begun = v.state, v.begun
		p.outliers, p.trace, p.rival = 0, nil, rival{}
	case v.odds < -decided, v.readings >= longest:
		p.rival = rival{}
	}
}

// suspect opens the rival story: a new part, put in at some time since the last
// reading.
func (p *wearPath) suspect(before *degradation.State, r Reading, tau float64) {
	since := p.begun
	if !p.last.IsZero() {
		since += before.Tau()
	}
	run := math.Max(tau-since, 0)
	fresh := p.model.Renew(*before)
	p.rival = rival{
		alive: true, state: fresh, begun: tau - run/2, at: r.Time, km: r.OdometerKm,
		odds: unrecorded, was: p.model.Likelihood(before), is: p.model.Likelihood(&fresh),
	}
}

// asks reports whether the readings leave open if the part has been renewed.
func (p *wearPath) asks() bool { return p.rival.alive }
