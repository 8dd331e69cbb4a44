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
	Width:   1.1, HalfLife: 365, ByForecast: true, Fewest: 3,
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

// Calibrate measures forecasts of the fleet against what came, and puts the borders of the
// intervals where they would have held 80 % of the truth, and the middle, where it is clearly off,
// to where half of it was below: by component and by how far ahead the forecast looks (conformal
// prediction). What is due soon is asked about more often, since it is soon over, and counts for
// less each time.
// The inputs are whole histories up to their Now, of which a forecast sees what was known when it
// was made. The truth is a service that found the part failed; where nobody saw when, it may have
// come at any of several times before. Of a renewal of which nobody says why, the readings of the part may tell that
// it came at its end. A part that still runs, or was renewed otherwise without anybody
// saying that it had failed, says so much only when the forecast's P90 has passed; a forecast that
// is too young for that is left out whatever came, so that early ends do not count twice.
// Worn are more vehicles of which one component is looked at, as a sensor follows it (WornParts), or nil.
func Calibrate(prior Prior, fleet iter.Seq[Input], worn map[Component][]Input) Prior {
	found := lookBacks{outcomes: map[calibrated][]conformal.Outcome{}, byLife: map[calibrated]int{}}
	bare := Prior{Usage: prior.Usage, Seasons: prior.Seasons, ZoneSeasons: prior.ZoneSeasons, Components: map[Component]LifePrior{}}
	for c, l := range prior.Components {
		l.Layer, l.SensedLayer = nil, nil
		bare.Components[c] = l
	}
	histories := timelines(fleet, bare)
	found.delays = reactionTimes(histories)
	for _, whole := range histories {
		whole.lookBackAt(make([]time.Time, len(whole.table.rows)), &found)
	}
	found.sensed = true
	for c, vehicles := range worn {
		for _, whole := range timelines(slices.Values(vehicles), bare) {
			next := slices.Repeat([]time.Time{never}, len(whole.table.rows))
			if row, ok := whole.table.row[c]; ok {
				next[row] = time.Time{}
			}
			whole.lookBackAt(next, &found)
		}
	}
	for g, of := range found.outcomes {
		l, o := bare.Components[g.component], calibration
		if 2*found.byLife[g] > len(of) {
			o.Trust = trustInLives
		}
		layer := conformal.Fit(of, o)
		for i := range layer.Bins { // how far beyond P90 an end lies is not looked at
			layer.Bins[i].Middle = min(layer.Bins[i].Middle, 1)
		}
		layer.Bins[0].Middle = 0 // who says that a part is spent does not take it back
		if g.sensed {
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
	delays   []time.Duration // how long owners take
	sensed   bool            // only of parts that a sensor follows
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

// timelines are vehicles with all that is known of them.
func timelines(fleet iter.Seq[Input], prior Prior) (histories []*timeline) {
	for in := range fleet {
		in.Prior, in.Now = prior, in.Now.UTC()
		t := newTimeline(&in)
		t.recognise()
		histories = append(histories, t)
	}
	return histories
}

// never is when a component is asked about that is not looked at.
var never = time.Unix(1<<40, 0)

// lookBackAt looks back at all forecasts of a vehicle, from when next says of each row.
func (t *timeline) lookBackAt(next []time.Time, found *lookBacks) {
	for at := firstAsk(t); at.Before(t.in.Now); at = at.AddDate(0, 0, askNear) {
		t.lookBack(at, next, found)
	}
}

// lookBack makes the forecasts of a time that are to be made by then, says when the next ones
// are, and adds what came of them.
func (t *timeline) lookBack(at time.Time, next []time.Time, found *lookBacks) {
	if !slices.ContainsFunc(next, func(due time.Time) bool { return !due.After(at) }) {
		return
	}
	in := *t.in
	in.Now, in.Days = at, before(t.days, at)
	room := slabs.Get().(*slab)
	defer room.free()
	then := timelineIn(room, &in)
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
		if !ok || found.sensed && !p.sensed {
			continue
		}
		middle := law.middle(then.axis(&p))
		every := askNear * int(min(max(middle/askNear/3, 1), askEvery/askNear)) // a third of what is left
		next[row] = at.AddDate(0, 0, every)
		fate, told := t.fateOf(row, at, &p.prior)
		if !told {
			continue
		}
		if p.sensed {
			fate.shows = t.passingShows(row, &p.prior, t.in.Now)
		}
		if out, ok := then.outcome(&p, &law, middle, fate, found.delays, t.in.Now); ok {
			g := calibrated{s.Component, p.sensed}
			if p.byLife() {
				found.byLife[g]++
			}
			out.Unit, out.Position = string(in.VIN), horizon(middle)
			out.Age, out.Weight = t.in.Now.Sub(at).Hours()/24, float64(every)/askEvery
			found.outcomes[g] = append(found.outcomes[g], out)
		}
	}
}

// fate is what became of a part.
type fate struct {
	over   time.Time // when it was seen to fail, or was renewed, or was last seen on; zero: it is still on
	failed bool      // it failed by then; else nothing is known but that it was on
	seen   bool      // of one that failed: then, and not some time before
	late   bool      // of one that was not seen to: no longer before than its gauge takes to be sure

	shows time.Duration   // after it has failed, until readings show it
	give  []time.Duration // of one whose readings tell about when: by how much before it may have been, each as likely
}

// fateOf is what became of the part that was on at a time, as all that was known later tells. False
// where nobody says: of a renewal that has no record it is known if the part had failed only where
// an exact gauge looked at it, and to hear only of those that lasted would make forecasts late.
func (t *timeline) fateOf(row int, at time.Time, prior *lifePrior) (fate, bool) {
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
			return fate{over: seen, failed: true, seen: true}, true
		case s.inferred != nil:
			return fate{over: s.inferred.since}, t.seenExactly(row, prior, s.Time)
		case !s.Failed && !s.Early:
			if passed, give, ok := t.seenEnding(row, prior, s.Time); ok {
				return fate{over: passed, failed: true, give: give}, true
			}
		}
		return fate{over: s.Time, failed: s.Failed, late: t.wouldShow(row, prior, s.Time)}, true
	}
	seen, ok := t.seenFailing(row, prior, t.in.Now)
	if !ok {
		seen, ok = t.seenPassing(row, prior, t.in.Now)
	}
	return fate{over: seen, failed: ok, seen: ok}, true
}

// reactionTimes are how long owners take from the failure of a part to the workshop, where
// readings tell it: quantiles that lie as far apart in chance. None where too few are told.
func reactionTimes(fleet []*timeline) []time.Duration {
	var all []time.Duration
	for _, t := range fleet {
		for row, services := range t.ends {
			prior := t.priorOf(row)
			for _, s := range services {
				if delay, ok := t.reaction(row, &prior, s.Service); ok {
					all = append(all, delay)
				}
			}
		}
	}
	if len(all) < minComplete {
		return nil
	}
	slices.Sort(all)
	delays := make([]time.Duration, reactions)
	for i := range delays {
		delays[i] = all[(2*i+1)*len(all)/(2*reactions)]
	}
	return delays
}

const (
	reactions  = 9 // quantiles of how long owners take
	nearestEnd = 1 // days ahead, below which the tail of a law says little of an end that is not known exactly
)

// axis is that of the days ahead of a part.
func (t *timeline) axis(p *wearPath) *axis { return &axis{clock: &p.clock, use: &t.usage} }

// outcome is where the truth lay, or may have lain, in a law with a median in days: as normal
// deviates, by that of P90.
func (t *timeline) outcome(p *wearPath, law *passage, middle float64, f fate, delays []time.Duration, now time.Time) (out conformal.Outcome, ok bool) {
	ax := t.axis(p)
	watched := now.Sub(t.until).Hours() / 24
	last := law.quantile(ax, law.high, 1.4*middle)
	if watched < max(enoughTime*last, last+f.shows.Hours()/24) {
		return out, false
	}
	score := func(days float64) float64 {
		at := ax.place(max(days, soonest), law.start)
		return law.score(&at) / z90
	}
	days := f.over.Sub(t.until).Hours() / 24
	switch {
	case f.over.IsZero() || days > last && !f.failed:
		return conformal.Outcome{Score: neverSeen / z90}, true
	case !f.failed: // renewed early: it would have failed later, nobody knows when
		return out, false
	case f.give != nil:
		delays = f.give
	case f.seen || len(delays) == 0:
		return conformal.Outcome{Score: score(days)}, f.over.After(t.in.Now)
	}
	if f.late {
		n, _ := slices.BinarySearch(delays, sureWithin+1)
		if delays = delays[:n]; n == 0 {
			delays = []time.Duration{sureWithin / 2}
		}
	}
	for _, delay := range delays {
		at := days - delay.Hours()/24
		m := conformal.Maybe{Gone: at <= 0}
		at = max(at, nearestEnd)
		m.Score, m.Steep = score(at), (score(1.5*at)-score(at/2))/at
		out.Maybe = append(out.Maybe, m)
	}
	return out, slices.ContainsFunc(out.Maybe, func(m conformal.Maybe) bool { return !m.Gone })
}

// before are the days that lie before a time.
func before(days []Day, at time.Time) []Day {
	n := len(days)
	for n > 0 && days[n-1].Day.End().After(at) {
		n--
	}
	return days[:n]
}
