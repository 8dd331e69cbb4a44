package predict

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Where telemetry has fallen silent, or never began, what persons read off the odometer says how far the
// vehicle has gone on. Such readings come after months, and now and then they are typed wrongly.

// daysEnd is when the newest day ended, or Now within it; zero without days.
func (t *timeline) daysEnd() time.Time {
	if len(t.days) == 0 {
		return time.Time{}
	}
	return earlier(t.days[len(t.days)-1].Day.End(), t.in.Now)
}

// sortTold puts in order what persons, readings and services tell of the odometer after the days, or
// after the delivery, and takes away the odometers that it contradicts.
func (t *timeline) sortTold() {
	end, driven := t.daysEnd(), 0.0
	if n := len(t.days); n > 0 {
		driven = t.days[n-1].OdometerKm
	}
	tell := func(at time.Time, km float64) {
		if km > 0 && at.After(end) {
			t.told = append(t.told, At{at, max(km, driven)}) // a little behind the days, it was rounded or mistyped
		}
	}
	for _, o := range t.in.Told {
		if o.Time.After(end) && !o.Time.After(t.in.Now) {
			tell(o.Time, t.trusted(o.Time, o.OdometerKm))
		}
	}
	for row, readings := range t.readings {
		for i := len(readings) - 1; i >= 0 && readings[i].Time.After(end); i-- {
			tell(readings[i].Time, readings[i].OdometerKm)
		}
		for _, s := range t.services[row] {
			tell(s.Time, s.OdometerKm)
		}
		for _, s := range t.topUps[row] {
			tell(s.Time, s.OdometerKm)
		}
	}
	if len(t.told) == 0 {
		return
	}
	t.told = agreeing(t.told)
	if born := t.in.InService; len(t.days) == 0 && !born.IsZero() && t.drivenSince(born, t.told[0]) {
		t.told = slices.Insert(t.told, 0, At{Time: born})
	}
	t.disbelieve(end, driven)
}

// agreeing is the longest row of odometers a day or more apart that does not run backwards, oldest first;
// of two as long the one that ends later, and of those of a day the lower.
func agreeing(told []At) []At {
	slices.SortFunc(told, func(a, b At) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(b.OdometerKm, a.OdometerKm))
	})
	type link struct{ length, before int }
	links := make([]link, len(told))
	last := 0
	for i, o := range told {
		links[i] = link{1, -1}
		for j := i - 1; j >= 0; j-- {
			if told[j].OdometerKm <= o.OdometerKm && o.Time.Sub(told[j].Time) >= 24*time.Hour && links[j].length >= links[i].length {
				links[i] = link{links[j].length + 1, j}
			}
		}
		best := &told[last]
		if n, most := links[i].length, links[last].length; n > most ||
			n == most && (o.OdometerKm <= best.OdometerKm || o.Time.Sub(best.Time) >= 24*time.Hour) {
			last = i
		}
	}
	var row []At
	for i := last; i >= 0; i = links[i].before {
		row = append(row, told[i])
	}
	slices.Reverse(row)
	return row
}

// drivenSince reports whether a vehicle may have gone so far since its delivery. It has not if it was
// imported with a distance behind it, or if the delivery is that to its present owner.
func (t *timeline) drivenSince(born time.Time, o At) bool {
	days := o.Time.Sub(born).Hours() / 24
	if !(days >= 1) {
		return false
	}
	law := t.in.Prior.Usage.law()
	state := law.Start(born, born)
	return elementary.Log(o.OdometerKm/days) < law.trend(&state, state.at)+farthestUse*math.Sqrt(state.variance())
}

// farthestUse is how many standard deviations a vehicle's use is believed to lie off that of others.
const farthestUse = 2

// disbelieve takes away the odometers after the days that contradict those that agree.
func (t *timeline) disbelieve(end time.Time, driven float64) {
	believe := func(at time.Time, km *float64) {
		if !at.After(end) {
			return
		}
		low, n := driven, len(t.told)
		i := sort.Search(n, func(i int) bool { return !t.told[i].Time.Before(at) })
		if i > 0 {
			low = t.told[i-1].OdometerKm
		}
		if *km < low || *km > t.told[min(i, n-1)].OdometerKm {
			*km = 0
		}
	}
	for row := range t.readings {
		for i := range t.readings[row] {
			believe(t.readings[row][i].Time, &t.readings[row][i].OdometerKm)
		}
		for _, services := range [2][]Service{t.services[row], t.topUps[row]} {
			for i := range services {
				believe(services[i].Time, &services[i].OdometerKm)
			}
		}
	}
}

// after is the odometer at a past time after the days.
func (t *timeline) after(at time.Time) float64 {
	from, to := t.around(func(o At) bool { return at.Before(o.Time) })
	if from.Time.IsZero() || at.Before(from.Time) {
		return t.before(at, to.Time, to.OdometerKm)
	}
	if span := to.Time.Sub(from.Time); span > 0 {
		return from.OdometerKm + at.Sub(from.Time).Hours()/span.Hours()*(to.OdometerKm-from.OdometerKm)
	}
	return to.OdometerKm
}

// passedAfter is when the odometer went past a value after the days, at until at the latest.
func (t *timeline) passedAfter(km float64) time.Time {
	from, to := t.around(func(o At) bool { return km <= o.OdometerKm })
	if ahead := to.OdometerKm - from.OdometerKm; !from.Time.IsZero() && ahead > 0 {
		share := min(max((km-from.OdometerKm)/ahead, 0), 1)
		return earlier(from.Time.Add(time.Duration(share*float64(to.Time.Sub(from.Time)))), t.until)
	}
	return to.Time
}

// around are the odometers between which something becomes true, of those that are known after the days: at
// their end, what was told, and at until. From one to the next the vehicle has gone on evenly. The first is zero
// where it was true before.
func (t *timeline) around(is func(At) bool) (from, to At) {
	if n := len(t.days); n > 0 {
		from = At{t.daysEnd(), t.days[n-1].OdometerKm}
	}
	for _, o := range t.told {
		if is(o) {
			return from, o
		}
		from = o
	}
	return from, At{t.until, t.usage.OdometerKm}
}

// goOn takes in what was told, oldest first. Without days the first of it is where the vehicle began.
func (u *Usage) goOn(told []At) {
	since := u.OdometerKm
	for _, o := range told {
		if u.At.IsZero() {
			since, u.state.at = o.OdometerKm, dayNumber(o.Time)
		} else if u.law.told(&u.state, dayNumber(o.Time), o.OdometerKm-since) {
			since = o.OdometerKm
		}
		u.OdometerKm, u.At = o.OdometerKm, o.Time
	}
	if len(told) > 0 {
		u.moveTo(u.At)
	}
}

// Told is Drove where persons read the odometer, after months and now and then wrongly: one such look is
// no change of habits. It reports whether the distance was taken in. One of less than a day is not, nor that of a
// vehicle that has stood for less than four weeks: the next counts from the same look.
func (l *UsageLaw) Told(s *UsageState, until time.Time, km float64) bool {
	return l.told(s, dayNumber(until), km)
}

// told is the Kalman update by the mean pace over a span, in which what comes and goes has gone on
// since the last look, and has faded.
func (l *UsageLaw) told(s *UsageState, until, km float64) bool {
	span := until - s.at
	if !(span >= 1) || !(km >= 0) || math.IsInf(km, 0) {
		return false
	}
	far := span / l.WanderDays
	keep, drift := overSpan(far)
	usual := elementary.Exp(l.trend(s, s.at+span/2)+s.stay+keep*s.come+s.standing) * l.work(s, span)
	if span < longestLayoff && km < layoffFactor*usual {
		return false
	}
	s.fadeDoubt(span)
	scatter := s.scatter / span
	if s.parked >= weekDays {
		scatter = layoffScatter * max(s.scatter, l.Scatter) / span
	}
	p, faded := s.ownPace, elementary.Exp(-far)
	total := p.vStay + 2*keep*p.vBoth + keep*keep*p.vCome + l.Wander*drift + scatter
	stay := p.vStay + keep*p.vBoth
	come := faded*(p.vBoth+keep*p.vCome) + l.Wander*keep*(1-faded)
	l.forget(&s.ownPace, faded)
	s.correct(stay, come, total, surpriseOf(km/usual, total, scatter, scatter))
	s.park(0, false) // whatever it stood for is over, and in the distance
	s.at = until
	l.startWeek(s)
	return true
}
