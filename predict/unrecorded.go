package predict

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// doubt is what a reading that is far too good gives rise to: beside the path, which
// takes it for an outlier, two other stories are followed until the readings tell which is
// true. Just before it the part was renewed, or a fill topped up, without a record.
type doubt struct {
	since    time.Time // of the reading before
	at       time.Time // of the reading that gave rise to it
	km       float64
	source   string
	wear     float64
	readings int
	was      float64 // log-likelihood of the path until now
	renewed  story
	topped   story // possible of fills alone
}

// ending is a renewal that ended a part.
type ending struct {
	Service
	inferred *inferred // nil: a record tells it
}

// inferred says of a renewal that no record tells: it came after the last reading of the old
// part and by the first of the new one, which is its Time, and was doubted until a later one.
type inferred struct {
	since, told time.Time
	source      string  // of the first reading of the new part
	wear        float64 // that it showed
}

// story is one explanation of the readings.
type story struct {
	possible bool
	state    degradation.State
	pace     float64 // log-rate that was expected of the part
	begun    float64 // clock at which the part was new
	odds     float64 // log-odds for it, against the path
	is       float64 // log-likelihood until now
}

const (
	// unrecorded are the log-odds, before any reading, that a renewal without a
	// record came just before this one: one service in fifty readings, one in ten
	// of them not written down. Owners top up themselves as often.
	unrecorded = -6.2
	// mostSaid is how much one reading may say for either story: any sensor can be
	// wrong once.
	mostSaid = 8.0
	// decided are log-odds that end the doubt, 20 to 1, and longest is how many
	// readings may be waited for them. A top-up explains any fall, so that it takes
	// three of them.
	decided = 3.0
	longest = 4
	// renewedBy is the fall of wear that a renewal is suspected from, and toppedBy that
	// of a fill.
	renewedBy = 0.1
	toppedBy  = 0.05
	// leastKept is the share of the wear that a top-up leaves at least: who has to fill up
	// more changes all of it.
	leastKept = 0.5
)

// suspicious is the fall of wear that something without a record is suspected from.
func (s *Spec) suspicious() float64 {
	if s.FillLitres > 0 {
		return toppedBy
	}
	return renewedBy
}

// weigh follows the other stories through a reading that the path has taken: before
// is the path's state without it, off how far off it was.
func (p *wearPath) weigh(t *timeline, before *degradation.State, r *Reading, tau, off float64) {
	wear := r.Wear / p.prior.failsAt
	if p.doubt == nil {
		if !isFarBelow(off) || !p.looksNew(p.model.Wear(before), wear, off) {
			return
		}
		p.suspect(t, before, r, tau)
	}
	d := p.doubt
	noise := p.prior.noise(r) / p.prior.failsAt
	was := p.model.Likelihood(&p.state)
	for _, s := range []*story{&d.renewed, &d.topped} {
		if s.possible {
			p.take(&s.state, degradation.Reading{Tau: tau - s.begun, Wear: wear, Noise: noise}, r.AtLeast)
			is := p.model.Likelihood(&s.state)
			s.odds += min(max((is-s.is)-(was-d.was), -mostSaid), mostSaid)
			s.is = is
		}
	}
	d.was = was
	d.readings++
	likelier, ahead := d.likelier()
	switch {
	case d.readings < 2, likelier == &d.topped && d.readings < 3:
	case ahead > decided, d.readings >= longest && ahead > 0:
		p.believe(t, likelier, r.Time)
	case likelier.odds < -decided, d.readings >= longest:
		p.doubt = nil
	}
}

// likelier is the likelier of the two other stories, and its log-odds against all else.
func (d *doubt) likelier() (s *story, ahead float64) {
	s, other := &d.renewed, &d.topped
	if d.topped.possible && d.topped.odds > d.renewed.odds {
		s, other = other, s
	}
	ahead = s.odds
	if other.possible {
		ahead -= math.Log1p(math.Exp(other.odds))
	}
	return s, ahead
}

// believe goes on with another story, from the reading that told it on.
func (p *wearPath) believe(t *timeline, s *story, told time.Time) {
	d := p.doubt
	p.state, p.begun = s.state, s.begun
	p.outliers, p.doubt = 0, nil
	t.watched = watched{}
	if s == &d.topped {
		p.filled = topUp{at: d.at, number: p.filled.number + 1, seen: true}
		return
	}
	p.from, p.at, p.km = openSeen, d.at, d.km
	p.unrecorded = append(p.unrecorded, ending{Service{Component: p.spec.Component, Time: d.at, OdometerKm: d.km}, &inferred{d.since, told, d.source, d.wear}})
	p.pace = s.pace
	p.trace, p.filled, p.gained = nil, topUp{}, 0
}

// suspect opens the other stories: a new part, put in at some time since the last
// reading, or some new of a fill.
func (p *wearPath) suspect(t *timeline, before *degradation.State, r *Reading, tau float64) {
	since := p.begun
	if !p.last.IsZero() {
		since += before.Tau()
	}
	run := max(tau-since, 0)
	fresh := p.model.Renew(*before)
	pace, _ := p.model.Rate(&fresh)
	p.doubt = &doubt{since: later(p.last, p.at), at: r.Time, km: t.kmBy(r), source: r.Source, wear: r.Wear, was: p.model.Likelihood(before)}
	p.doubt.renewed = story{possible: true, state: fresh, pace: pace, begun: tau - run/2, odds: unrecorded, is: p.model.Likelihood(&fresh)}
	kept := r.Wear / p.prior.failsAt / p.model.Wear(before)
	if share, sd := p.spec.share(0); share > 0 && kept > leastKept {
		filled := p.model.TopUp(*before, share, sd)
		p.doubt.topped = story{possible: true, state: filled, begun: p.begun, odds: unrecorded, is: p.model.Likelihood(&filled)}
	}
}

// lateRecord is by how much a record may be dated after the renewal that it is of.
const lateRecord = 14 * 24 * time.Hour

// recognise finds the renewals that readings alone show, now that all of them are known: a
// history that teaches is not to be told that a part went on when it did not. A record that is
// dated a little later is of the same renewal.
func (t *timeline) recognise() {
	t.ends = make([][]ending, len(t.services))
	for row := range t.readings {
		readings := t.believed(row)
		var ends []ending
		for _, s := range t.services[row] {
			ends = append(ends, ending{Service: s})
		}
		if t.ends[row] = ends; len(readings) == 0 || !t.has(row) {
			continue
		}
		p := t.path(row, false)
		for _, s := range p.unrecorded {
			if !s.fell(readings, lastBy(t.services[row], s.Time)) {
				continue
			}
			late := slices.IndexFunc(ends, func(r ending) bool { return !r.Time.Before(s.Time) && r.Time.Sub(s.Time) < lateRecord })
			if late < 0 {
				ends = append(ends, s)
				continue
			}
			ends[late].Time, ends[late].OdometerKm = s.Time, s.OdometerKm
		}
		slices.SortStableFunc(ends, func(a, b ending) int { return a.Time.Compare(b.Time) })
		t.ends[row] = ends
	}
}

// lastBy is the time of the last service by a time; zero where there is none.
func lastBy(services []Service, at time.Time) (last time.Time) {
	for _, s := range services {
		if !s.Time.After(at) {
			last = s.Time
		}
	}
	return last
}

// fell reports whether, at a renewal that is inferred, the wear that was read first of the new
// part is below what the same source read last of the one before, which came in at a time:
// another source may show a part to be less worn for what it is off.
func (e *ending) fell(readings []Reading, from time.Time) bool {
	for k := len(readings) - 1; k >= 0; k-- {
		before := &readings[k]
		if !before.Time.Before(e.Time) || before.Bound || before.Source != e.inferred.source {
			continue
		}
		return before.Time.After(from) && before.Wear-e.inferred.wear > renewedBy
	}
	return false
}
