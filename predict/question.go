package predict

import (
	"math"
	"slices"
	"time"
)

// Question is what the readings of a part leave open and a person can tell: whether it was
// renewed, or its fill topped up, and nobody recorded it.
type Question struct {
	TopUp  bool      // the likelier of the two
	Since  time.Time // of the last reading before, or of the last work
	By     time.Time // of the first reading that shows too little wear: it was done by then
	Chance float64   // that either was done, 0 to 1, as far as the readings tell until now
}

// worthAsking is the chance from which a person is asked.
const worthAsking = 0.1

// Kept is the answer no: a person says that until Time a part was not renewed, nor topped up, but
// as records tell.
type Kept struct {
	Component Component
	Time      time.Time
}

// question is what the readings of the path leave open; nil where they do not.
func (p *wearPath) question() *Question {
	d := p.doubt
	if d == nil {
		return nil
	}
	likelier, _ := d.likelier()
	odds := math.Exp(d.renewed.odds)
	if d.topped.possible {
		odds += math.Exp(d.topped.odds)
	}
	if chance := 1 - 1/(1+odds); chance >= worthAsking {
		return &Question{TopUp: likelier == &d.topped, Since: d.since.UTC(), By: d.at.UTC(), Chance: chance}
	}
	return nil
}

// denied are readings that a person's no has made the sensor's mistake.
type denied struct {
	count int
	kept  time.Time // until when nothing was done, as was said last
}

// deny leaves out the readings of a component that a person's no makes the sensor's mistake.
func (t *timeline) deny(row int) {
	c := t.table.rows[row].Component
	said := denied{}
	for i := range t.in.Kept {
		if k := &t.in.Kept[i]; k.Component == c && !k.Time.After(t.in.Now) {
			said.kept = later(said.kept, k.Time)
		}
	}
	if said.kept.IsZero() {
		return
	}
	wrong := t.path(row, false).denied
	if said.count = len(wrong); said.count == 0 {
		return
	}
	all := t.readings[row]
	for _, i := range slices.Backward(wrong) {
		all = slices.Delete(all, i, i+1)
	}
	t.readings[row] = all
	if t.denied == nil {
		t.denied = map[Component]denied{}
	}
	t.denied[c] = said
}

// denies reports whether a reading that was so far off a path looks new by the sensor's mistake. A no
// holds for what was read before it and in its week, and until a reading lies on the path or records
// tell of work: a sensor that stays wrong is not right the next day.
func (p *wearPath) denies(t *timeline, before float64, r *Reading, off float64) bool {
	p.denying = p.looksNew(before, r.Wear/p.prior.failsAt, off) && (p.denying || t.kept(p.spec.Component, r.Time.Add(-r.Span)))
	return p.denying
}

// looksNew reports whether a reading shows far less wear than the path had before it.
func (p *wearPath) looksNew(before, wear, off float64) bool {
	return isFarBelow(off) && before-wear >= p.spec.suspicious()
}

// isFarBelow reports whether a reading that was so far off a path shows far less than was expected.
func isFarBelow(off float64) bool { return off <= -outlierAt }

// answerHolds is how long a no holds for what is read after it: a reading sums up the newest days of
// a week, and moves on with them until the week is over.
const answerHolds = 7 * 24 * time.Hour

// kept reports whether a person has said that what was on at a time was what the records tell: at
// that time or later, or within a week before it, and with no recorded work between.
func (t *timeline) kept(c Component, at time.Time) bool {
	return slices.ContainsFunc(t.in.Kept, func(k Kept) bool {
		return k.Component == c && !k.Time.After(t.in.Now) && at.Sub(k.Time) <= answerHolds &&
			!t.servedBetween(c, at, k.Time) && !t.servedBetween(c, k.Time, at)
	})
}

// servedBetween reports whether records tell of work after one time and by another.
func (t *timeline) servedBetween(c Component, from, to time.Time) bool {
	between := func(s Service) bool { return s.Time.After(from) && !s.Time.After(to) }
	row := t.table.row[c]
	return slices.ContainsFunc(t.services[row], between) || slices.ContainsFunc(t.topUps[row], between)
}
