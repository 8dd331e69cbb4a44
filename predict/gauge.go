package predict

import (
	"iter"
	"math"
	"time"
)

// Shown is what a gauge showed by the end of a day, in percent of wear.
type Shown struct {
	At      At
	Percent float64
}

// What is made of a gauge.
const (
	fineStep   = 2.0                 // percent; a gauge with smaller steps is read as it stands
	coarsest   = 25.0                // percent; a larger rise is no step, but a fault or a gap
	stepWithin = 10 * 24 * time.Hour // between the looks before and after a step, for it to say when it was
	lookEvery  = 7                   // days between looks at a fine gauge: neighbours are not independent

	// edgeNoise is how exactly a step tells the wear: the day of wear in which it
	// came, and the place of the contacts in the lining, about 0.1 mm of 9.
	edgeNoise = 0.01
	// fineNoise is that of a gauge with fine steps: it repeats to about one percent.
	fineNoise = 0.012
	// unknownNoise is that of a value whose step is not known yet: anywhere within a
	// tenth.
	unknownNoise = 0.03
)

// PadGauge makes readings of an axle from what its wear gauge has shown, oldest first. A gauge
// that moves in steps tells the wear exactly when a step comes: its edge has been reached that
// day. In between, the same value again and again says nothing new, however often it is looked
// at; only where no step led to it, at the first look and after a fall, it is taken as lying
// anywhere within the step. That the next step has not come is a bound, once a week. A step is
// known of at the second look that shows it, and came before the first: between that and the
// look before it lies the middle of the reading's span. How wide the steps are is read off the
// gauge itself, and one with fine steps is read once a week. A value that the next look does
// not show again was a fault. What has been shown until a time decides the readings up to that
// time.
func PadGauge(c Component, shown iter.Seq[Shown]) iter.Seq[Reading] {
	return func(yield func(Reading) bool) {
		var g gaugeState
		for s := range shown {
			if g.same(s) {
				continue
			}
			if r, ok := g.reads(c, s); ok && !yield(r) {
				return
			}
		}
	}
}

// reads makes a reading of what a gauge shows, where it says something.
func (g *gaugeState) reads(c Component, s Shown) (r Reading, ok bool) {
	if !(s.Percent >= 0 && s.Percent <= 100) {
		return r, false
	}
	wear, noise, span, ok := g.look(s)
	bound, atLeast := false, false
	switch {
	case !ok:
		if wear, bound = g.bound(s); !bound { // as on most days
			return r, false
		}
		noise = edgeNoise
	case s.Percent == 100 && noise > edgeNoise: // no step has led to the end of the scale
		wear, atLeast = 1, true
	}
	return Reading{
		Component: c, Time: s.At.Time, OdometerKm: s.At.OdometerKm, Source: FromPadSensor,
		Wear: wear, Noise: noise, Span: span, Bound: bound, AtLeast: atLeast,
	}, true
}

// gaugeState is what is known of a gauge after a look.
type gaugeState struct {
	begun  bool
	level  float64   // percent that it stands at
	sure   bool      // it was shown more than once
	width  float64   // of its steps, percent; 0: none seen
	before time.Time // the last look
	week   int64     // of the last reading
	again  int       // looks still wanted at the level, which no step led to

	moved   bool      // the last look showed something else, once
	showed  float64   // what,
	movedAt time.Time // when,
	movedBy time.Time // and the look before it
}

// same takes a value that the gauge has shown all week, which most are: it says nothing.
func (g *gaugeState) same(s Shown) bool {
	if !g.begun || s.Percent != g.level || weekOf(s.At.Time) != g.week {
		return false
	}
	g.before, g.moved, g.sure = s.At.Time, false, true
	return true
}

// weekOf counts the weeks since 1970 in which a reading speaks for the others.
func weekOf(t time.Time) int64 {
	const week = lookEvery * 86400
	s := t.Unix()
	if s < 0 {
		return (s - week + 1) / week
	}
	return s / week
}

// look takes the next value, and makes a reading of it where it says something.
func (g *gaugeState) look(s Shown) (wear, noise float64, span time.Duration, ok bool) {
	first, from, to, sure := g.settle(s)
	if !sure {
		return 0, 0, 0, false
	}
	rise := s.Percent - g.level
	if !first && g.steps(rise) {
		g.width = rise
	}
	g.sure = !first
	week := weekOf(s.At.Time)
	newWeek := first || week != g.week
	switch {
	case !first && g.width > 0 && g.width < fineStep:
		if newWeek {
			g.level, g.week = s.Percent, week
		}
		return s.Percent / 100, fineNoise, 0, newWeek
	case first || rise < -1.5*g.width || rise > 1.5*g.width || rise > 0 && !g.stands(rise) && to.Sub(from) > stepWithin:
		g.again = 2
	case g.stands(rise) && g.again > 0 && newWeek:
	case g.stands(rise) || rise < 0: // back over the edge it has just passed
		return 0, 0, 0, false
	default:
		g.level, g.week, g.again = s.Percent, week, 0
		return s.Percent / 100, edgeNoise, to.Sub(from) + 2*s.At.Time.Sub(g.movedAt), true
	}
	g.level, g.week = s.Percent, week
	g.again--
	wear, noise = g.within()
	return wear, noise, 0, true
}

// steps reports whether a rise is how wide the steps are, as far as is known now: the least
// that was seen, or, of a coarse gauge, the last one, since a wrong value may have made it
// look narrower. From a level that was shown once it is none.
func (g *gaugeState) steps(rise float64) bool {
	if !g.sure || g.stands(rise) || !(rise > 0 && rise < coarsest) {
		return false
	}
	return g.width == 0 || rise < g.width || g.width >= 2*fineStep && rise < 1.5*g.width
}

// settle tells a gauge that has moved from one that was wrong once: what it shows for
// the first time counts when the next look shows it, too. It moved from one look to another.
func (g *gaugeState) settle(s Shown) (first bool, from, to time.Time, sure bool) {
	before := g.before
	g.before = s.At.Time
	switch {
	case !g.begun:
		g.begun = true
		return true, s.At.Time, s.At.Time, true
	case g.stands(s.Percent - g.level):
		g.moved = false
		return false, before, s.At.Time, true
	case g.moved && g.stands(s.Percent-g.showed):
		g.moved = false
		return false, g.movedBy, g.movedAt, true
	}
	g.moved, g.showed, g.movedAt, g.movedBy = true, s.Percent, s.At.Time, before
	return false, from, to, false
}

// stands reports whether a difference is less than a step.
func (g *gaugeState) stands(rise float64) bool { return math.Abs(rise) < max(0.8*g.width, 1) }

// bound is the step that has not come by the first look of a week, of a gauge that
// stands where its last step has brought it.
func (g *gaugeState) bound(s Shown) (wear float64, ok bool) {
	week := weekOf(s.At.Time)
	if week == g.week || g.width < fineStep || !g.stands(s.Percent-g.level) || g.again > 0 || g.level+g.width > 100 {
		return 0, false
	}
	g.week = week
	return (g.level + g.width) / 100, true
}

// within is the wear at a level that no step led to.
func (g *gaugeState) within() (wear, noise float64) {
	if g.width == 0 {
		return g.level / 100, unknownNoise
	}
	return (g.level + g.width/2) / 100, max(g.width/math.Sqrt(12)/100, edgeNoise)
}
