package predict

import (
	"math"
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
	return &Question{TopUp: likelier == &d.topped, Since: d.since.UTC(), By: d.at.UTC(), Chance: 1 - 1/(1+odds)}
}

// kept reports whether a person has said that what was on at a time was what the records tell: at
// that time or later, and before the next recorded work.
func (t *timeline) kept(c Component, at time.Time) bool {
	for i := range t.in.Kept {
		k := &t.in.Kept[i]
		if k.Component == c && !k.Time.Before(at) && !k.Time.After(t.in.Now) && !t.servedBetween(c, at, k.Time) {
			return true
		}
	}
	return false
}

// servedBetween reports whether records tell of a renewal after one time and by another.
func (t *timeline) servedBetween(c Component, from, to time.Time) bool {
	for i := range t.services[t.table.row[c]] {
		if at := t.services[t.table.row[c]][i].Time; at.After(from) && !at.After(to) {
			return true
		}
	}
	return false
}
