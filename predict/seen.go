package predict

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/thin"
)

// partUntil are the readings from before a time of the part that was on then, without those that
// may be of the part before it.
func (t *timeline) partUntil(row int, end time.Time) []Reading {
	since := time.Time{}
	for _, s := range t.ends[row] {
		if s.Time.Before(end) {
			since = s.Time
		}
	}
	all := t.believed(row)
	first := func(at time.Time) int {
		n, _ := slices.BinarySearchFunc(all, at, func(r Reading, at time.Time) int { return r.Time.Compare(at) })
		return n
	}
	own := all[first(since):max(first(since), first(end))]
	if astride := func(r Reading) bool { return r.astride(since) }; slices.ContainsFunc(own, astride) {
		own = slices.DeleteFunc(slices.Clone(own), astride)
	}
	return own
}

// seenFailing is when exact readings saw the part that was on before a time pass the
// wear at which parts fail.
func (t *timeline) seenFailing(row int, prior *lifePrior, end time.Time) (time.Time, bool) {
	for _, r := range t.partUntil(row, end) {
		if !r.Bound && r.Wear >= prior.failsAt && prior.noise(&r) <= exactly {
			return r.of(), true
		}
	}
	return time.Time{}, false
}

// seenExactly reports whether the newest look at the part that was on before a time was that of an
// exact gauge.
func (t *timeline) seenExactly(row int, prior *lifePrior, end time.Time) bool {
	of := t.partUntil(row, end)
	n := len(of)
	return n > 0 && followsWear(of[n-1].Source) && prior.noise(&of[n-1]) <= exactly
}

// sureWithin is how long a gauge may take from its last step to be sure of it: two looks.
const sureWithin = 48 * time.Hour

// stillLooked is how old the newest bound of a gauge may be that was looked at to the end: bounds
// are told once a week.
const stillLooked = lookEvery*24*time.Hour + sureWithin

// wouldShow reports whether the next that a gauge was to show of the part that was on before a
// time was its failure: where it did not, and was looked at, the part failed so shortly before
// that the gauge was not sure of it.
func (t *timeline) wouldShow(row int, prior *lifePrior, end time.Time) bool {
	of := t.partUntil(row, end)
	for i := len(of) - 1; i >= 0; i-- {
		if r := &of[i]; followsWear(r.Source) {
			return r.Bound && r.Wear >= prior.failsAt && prior.noise(r) <= exactly && end.Sub(r.Time) <= stillLooked
		}
	}
	return false
}

// reaction is how long the owner took from the failure of a part to a service, where readings
// tell it.
func (t *timeline) reaction(row int, prior *lifePrior, s Service) (time.Duration, bool) {
	if !s.Failed {
		return 0, false
	}
	if seen, ok := t.seenFailing(row, prior, s.Time); ok {
		return s.Time.Sub(seen), true
	}
	return sureWithin / 2, t.wouldShow(row, prior, s.Time)
}

// seenPassing is when a sensor that is not exact saw that part pass its limit, where that is
// a level of wear as far as the fleet has taught, and no failure: the health of a traction
// battery. That it has passed is seen as soon as as many readings as make their median exact have
// it above; when it did, by the line through the readings of half a year before and after: what is
// shown is off by as much for weeks at a time.
func (t *timeline) seenPassing(row int, prior *lifePrior, end time.Time) (time.Time, bool) {
	l := t.levelUntil(row, prior, end)
	if l.together == 0 || slices.Max(l.wear) < prior.failsAt {
		return time.Time{}, false
	}
	window := make([]float64, l.together)
	for i := 0; i+l.together <= len(l.wear); i++ {
		copy(window, l.wear[i:])
		slices.Sort(window)
		if window[l.together/2] >= prior.failsAt {
			return l.rises(l.at[i+l.together/2], prior.failsAt)
		}
	}
	return time.Time{}, false
}

// passingShows is how long it takes until readings that are not exact show that the part that was on
// before a time has passed its limit: as long as it took until so many of them had come. 0 where nothing
// but a service tells it, or exact readings do.
func (t *timeline) passingShows(row int, prior *lifePrior, end time.Time) time.Duration {
	l := t.levelUntil(row, prior, end)
	if l.together == 0 {
		return 0
	}
	n := len(l.at)
	return l.at[n-1].Sub(l.at[n-l.together])
}

// level is the wear that readings which are not exact have shown of a part.
type level struct {
	at       []time.Time
	wear     []float64
	together int // of how many the median is exact; 0 where there are not so many
}

func (t *timeline) levelUntil(row int, prior *lifePrior, end time.Time) (l level) {
	if !prior.atLimit() {
		return l
	}
	var noises []float64
	for _, r := range t.partUntil(row, end) {
		if n := prior.noise(&r); !r.Bound && r.Sensed() && n > exactly {
			l.wear, l.at, noises = append(l.wear, r.Wear), append(l.at, r.of()), append(noises, n)
		}
	}
	if len(noises) == 0 {
		return l
	}
	slices.Sort(noises)
	noise := noises[len(noises)/2] / exactly
	if n := int(math.Ceil(math.Pi / 2 * noise * noise)); n <= len(l.wear) { // a median scatters by more than a mean
		l.together = n
	}
	return l
}

// besidePassing is how far from where a part may have passed its limit readings say when it did.
const besidePassing = 183 * 24 * time.Hour

// rises is when the line through the readings around a time rises to a wear; the time itself where
// they make no such line. False where that is after all of them.
func (l *level) rises(around time.Time, to float64) (time.Time, bool) {
	var x [][]float64
	var y []float64
	for i, a := range l.at {
		if d := a.Sub(around); d.Abs() <= besidePassing {
			x, y = append(x, []float64{d.Hours() / 24}), append(y, l.wear[i])
		}
	}
	line, _, err := lineThrough(thin.Evenly(x, maxFitRows), thin.Evenly(y, maxFitRows))
	if err != nil || !(line.Slopes[0] > 0) {
		return around, true
	}
	ahead := daysAhead((to - line.Intercept) / line.Slopes[0])
	switch passed := around.Add(ahead); {
	case ahead.Abs() > besidePassing:
		return around, true
	case passed.After(l.at[len(l.at)-1]):
		return time.Time{}, false
	default:
		return passed, true
	}
}
