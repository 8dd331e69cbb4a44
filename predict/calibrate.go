package predict

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
)

// The bins of calibration are by how far ahead a forecast looks: spent, four days, two
// weeks, two months, four, nine, and beyond a year. Who says that a part is spent, and is wrong,
// is wrong by more than who says four days.
var calibration = conformal.Options{
	Centres: []float64{math.Log(nearest), math.Log(4), math.Log(14), math.Log(52), math.Log(127), math.Log(256), math.Log(600)},
	Width:   1.1, HalfLife: 365, ByForecast: true,
}

// trustInLives is how many vehicles the interval of a law of lives counts for beside those
// that were looked back at. It was fitted to all lives, also to those that go on; a forecast
// whose P90 has passed is rather of a part that does not last long.
const trustInLives = 200

const (
	askEvery   = 45             // days between two forecasts that are looked back at,
	askNear    = 15             // and of a part that is due within thrice as many
	askWarmUp  = 90             // days a vehicle must have been watched for
	enoughTime = 1.25           // of its P90 must have passed since a forecast, to judge it
	yearsAsked = 3 * 365.25     // how far back forecasts are looked at
	neverSeen  = 2 * z90 * 1.01 // score of a truth that is only known to be later than P90
)

// Calibrate measures forecasts of the fleet against what came, and puts the borders
// of the intervals where they would have held 80 % of the truth: by component and by
// how far ahead the forecast looks (conformal prediction). What is due soon is asked about more
// often, since it is soon over, and counts for less each time.
// The inputs are whole histories up to their Now, of which a forecast sees what was
// known when it was made. The truth is a service that found the part failed. A part
// that was renewed before, or still runs, says so much only when the forecast's P90
// has passed; a forecast that is too young for that is left out whatever came, so that
// early ends do not count twice.
func Calibrate(prior Prior, fleet iter.Seq[Input]) Prior {
	found := lookBacks{map[calibrated][]conformal.Outcome{}, map[calibrated]int{}}
	bare := Prior{Usage: prior.Usage, Seasons: prior.Seasons, Components: map[Component]LifePrior{}}
	for c, l := range prior.Components {
		l.Layer, l.SensedLayer = nil, nil
		bare.Components[c] = l
	}
	var histories []*timeline
	for in := range fleet {
		in.Prior, in.Now = bare, in.Now.UTC()
		t := newTimeline(&in)
		t.recognise()
		histories = append(histories, t)
	}
	delay := reactionTime(histories)
	for _, whole := range histories {
		next := make([]time.Time, len(whole.table.rows))
		for at := firstAsk(whole); at.Before(whole.in.Now); at = at.AddDate(0, 0, askNear) {
			whole.lookBack(at, next, delay, &found)
		}
	}
	for g, of := range found.outcomes {
		l, o := bare.Components[g.component], calibration
		if 2*found.byLife[g] > len(of) {
			o.Trust = trustInLives
		}
		if layer := conformal.Fit(of, o); g.sensed {
			l.SensedLayer = layer
		} else {
			l.Layer = layer
		}
		bare.Components[g.component] = l
	}
	return bare.named()
}

// calibrated is what is calibrated by itself: the parts of a kind that vehicles measure
// themselves, and the others, of which much less is known.
type calibrated struct {
	component Component
	sensed    bool
}

// lookBacks are what came of forecasts, and of how many a law of lives was the maker.
type lookBacks struct {
	outcomes map[calibrated][]conformal.Outcome
	byLife   map[calibrated]int
}

// firstAsk is when a vehicle is asked for the first time: each on a day of its own.
func firstAsk(t *timeline) time.Time {
	first := t.in.Now.Add(-daysAhead(yearsAsked))
	if len(t.days) > 0 {
		first = later(first, t.days[0].Day.Start())
	}
	own := 0
	for _, b := range []byte(t.in.VIN) {
		own = (31*own + int(b)) % askEvery
	}
	return first.AddDate(0, 0, askWarmUp+own)
}

// lookBack makes the forecasts of a time that are to be made by then, says when the next ones
// are, and adds what came of them.
func (t *timeline) lookBack(at time.Time, next []time.Time, delay time.Duration, found *lookBacks) {
	if !slices.ContainsFunc(next, func(due time.Time) bool { return !due.After(at) }) {
		return
	}
	in := *t.in
	in.Now, in.Days = at, before(t.days, at)
	then := newTimeline(&in)
	for row := range then.table.rows {
		if next[row].After(at) {
			continue
		}
		next[row] = at.AddDate(0, 0, askEvery)
		s := &then.table.rows[row]
		if _, learned := in.Prior.Components[s.Component]; !learned || !then.has(row) {
			continue
		}
		p := then.path(row, false)
		law, ok := then.limitLaw(&p)
		if !ok {
			continue
		}
		middle := law.middle(then.axis(&p))
		every := askNear * int(min(max(middle/askNear/3, 1), askEvery/askNear)) // a third of what is left
		next[row] = at.AddDate(0, 0, every)
		end, ok := t.endOf(row, at, &p.prior, delay)
		if !ok {
			continue
		}
		if score, ok := then.outcome(&p, &law, middle, end, t.in.Now); ok {
			g := calibrated{s.Component, p.sensed}
			if p.byLife() {
				found.byLife[g]++
			}
			found.outcomes[g] = append(found.outcomes[g], conformal.Outcome{
				Unit: string(in.VIN), Position: horizon(middle), Score: score / z90, Age: t.in.Now.Sub(at).Hours() / 24, Weight: float64(every) / askEvery,
			})
		}
	}
}

// endOf is the service that ended the part which was on at a time, dated by when the
// part failed; false failed and zero time: it is still on. False when it had failed
// before that time, or a renewal was not yet seen then that no record tells.
func (t *timeline) endOf(row int, at time.Time, prior *lifePrior, delay time.Duration) (Service, bool) {
	for _, s := range t.ends[row] {
		gone := s.Time
		if s.inferred != nil {
			gone = s.inferred.told
		}
		if !gone.After(at) {
			continue
		}
		seen, ok := t.seenFailing(row, prior, s.Time)
		if ok = ok && (s.Failed || s.inferred != nil); !ok {
			seen, ok = t.seenPassing(row, prior, s.Time)
		}
		switch {
		case ok:
			return Service{Time: seen, Failed: true}, seen.After(at)
		case s.inferred != nil: // it was on until its last reading, failed by then or not: nobody says
			s.Time = s.inferred.since.Add(-delay)
		case s.Failed:
			s.Time = s.Time.Add(-delay)
		}
		return s.Service, s.Time.After(at)
	}
	seen, ok := t.seenFailing(row, prior, t.in.Now)
	if !ok {
		seen, ok = t.seenPassing(row, prior, t.in.Now)
	}
	if ok {
		return Service{Time: seen, Failed: true}, seen.After(at)
	}
	return Service{}, true
}

// reactionTime is how long owners take from the failure of a part to the workshop: the
// median of where the failure was seen. Where it was not, as much is taken off.
func reactionTime(fleet []*timeline) time.Duration {
	var delays []time.Duration
	for _, t := range fleet {
		for row, services := range t.services {
			prior := t.priorOf(row)
			for _, s := range services {
				if seen, ok := t.seenFailing(row, &prior, s.Time); ok && s.Failed {
					delays = append(delays, s.Time.Sub(seen))
				}
			}
		}
	}
	if len(delays) < minComplete {
		return 0
	}
	slices.Sort(delays)
	return delays[len(delays)/2]
}

// axis is that of the days ahead of a part.
func (t *timeline) axis(p *wearPath) axis { return axis{clock: p.clock, use: &t.usage} }

// outcome is where the truth lay in a law with a median in days, as a normal deviate.
func (t *timeline) outcome(p *wearPath, law *passage, middle float64, end Service, now time.Time) (score float64, ok bool) {
	ax := t.axis(p)
	watched := now.Sub(t.until).Hours() / 24
	last := law.quantile(ax, law.high, 1.4*middle)
	if watched < enoughTime*last {
		return 0, false
	}
	switch {
	case end.Failed:
		days := max(end.Time.Sub(t.until).Hours()/24, soonest)
		return law.score(ax.spread(days, law.start)), true
	case end.Time.IsZero() || end.Time.Sub(t.until).Hours()/24 > last:
		return neverSeen, true
	}
	return 0, false // renewed early: it would have failed later, nobody knows when
}

// before are the days that lie before a time.
func before(days []Day, at time.Time) []Day {
	n := len(days)
	for n > 0 && days[n-1].Day.End().After(at) {
		n--
	}
	return days[:n]
}
