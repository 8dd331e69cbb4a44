package predict

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// daysEnd is when the newest day ended, or Now within it; zero without days.
func (t *timeline) daysEnd() time.Time {
	if len(t.days) == 0 {
		return time.Time{}
	}
	return earlier(t.days[len(t.days)-1].Day.End(), t.in.Now)
}

// sortTold puts in order what persons, readings and services tell of the odometer after the days: where
// telemetry has fallen silent, it says how far the vehicle has gone on. An odometer does not run
// backwards: of two that contradict each other the newer one is believed, as of two within a day.
func (t *timeline) sortTold() {
	end, driven := t.daysEnd(), 0.0
	if n := len(t.days); n > 0 {
		driven = t.days[n-1].OdometerKm
	}
	tell := func(at time.Time, km float64) {
		if km > 0 && km >= driven && at.After(end) {
			t.told = append(t.told, At{at, km})
		}
	}
	for _, o := range t.in.Told {
		if !o.Time.After(t.in.Now) {
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
	slices.SortFunc(t.told, func(a, b At) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.OdometerKm, a.OdometerKm))
	})
	kept := t.told[:1]
	for _, o := range t.told[1:] {
		if newer := kept[len(kept)-1]; newer.Time.Sub(o.Time) >= 24*time.Hour && o.OdometerKm <= newer.OdometerKm {
			kept = append(kept, o)
		}
	}
	slices.Reverse(kept)
	t.told = kept
	t.disbelieve(end, kept[len(kept)-1].OdometerKm)
}

// disbelieve takes away the odometers after a time that are beyond the newest.
func (t *timeline) disbelieve(end time.Time, newest float64) {
	for row := range t.readings {
		for i := range t.readings[row] {
			if r := &t.readings[row][i]; r.OdometerKm > newest && r.Time.After(end) {
				r.OdometerKm = 0
			}
		}
		for _, services := range [2][]Service{t.services[row], t.topUps[row]} {
			for i := range services {
				if s := &services[i]; s.OdometerKm > newest && s.Time.After(end) {
					s.OdometerKm = 0
				}
			}
		}
	}
}

// after is the odometer at a past time after the days, which end with one that is known; without
// days that is the delivery, if anybody knows when that was.
func (t *timeline) after(known At, at time.Time) float64 {
	for i := range len(t.told) + 1 {
		next := At{t.until, t.usage.OdometerKm}
		if i < len(t.told) {
			next = t.told[i]
		}
		if !at.Before(next.Time) {
			known = next
			continue
		}
		if known.Time.IsZero() || at.Before(known.Time) {
			return t.before(at, next.Time, next.OdometerKm)
		}
		share := at.Sub(known.Time).Hours() / next.Time.Sub(known.Time).Hours()
		return known.OdometerKm + share*(next.OdometerKm-known.OdometerKm)
	}
	return known.OdometerKm
}

// neverReported learns from what was told alone: from the delivery on, or the first that is known.
func (u *Usage) neverReported(inService time.Time, told []At) {
	if len(told) == 0 {
		return
	}
	from := At{Time: inService}
	if inService.IsZero() || !inService.Before(told[0].Time) {
		from = told[0]
	}
	u.OdometerKm = from.OdometerKm
	u.moveTo(from.Time)
	u.goOn(told)
}

// goOn takes in what persons read off the odometer since, oldest first.
func (u *Usage) goOn(told []At) {
	for _, o := range told {
		u.law.told(&u.state, dayNumber(o.Time), o.OdometerKm-u.OdometerKm)
		u.OdometerKm = o.OdometerKm
		u.moveTo(o.Time)
	}
}

// Told is Drove where persons read the odometer, after months and now and then wrongly. The pace at the
// end of months may be another one than their mean, and one look is no change of habits. Within a day
// it says nothing.
func (l *UsageLaw) Told(s *UsageState, until time.Time, km float64) {
	l.told(s, dayNumber(until), km)
}

func (l *UsageLaw) told(s *UsageState, until, km float64) {
	span := until - s.at
	if !(span >= 1) || !(km >= 0) || math.IsInf(km, 0) {
		return
	}
	l.forget(&s.ownPace, span)
	usual := elementary.Exp(l.trend(s, s.at+span/2)+s.stay+s.come) * l.work(s, span)
	noise := s.scatter/span + l.Wander*fromMean(span/l.WanderDays)
	s.park(span, km < layoffFactor*usual)
	s.row, s.doubt = row{}, 0
	s.blend(s.surprise(km/usual, noise, noise), noise)
	s.at = until
	l.startWeek(s)
}

// fromMean is the variance of how far what comes and goes lies, at the end of a span, from its mean
// over it, in shares of its own.
func fromMean(span float64) float64 {
	if span < 0.01 {
		return span * 2 / 3
	}
	mean := faded(span)
	return 2*(1-mean)/span + 1 - 2*mean
}
