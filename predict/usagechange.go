package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// Habits change for good now and then, and a few weeks that are all above or all below what was
// expected are most often none of that. So such a row first is a suspicion: nothing is learned faster
// for it, but what lies ahead is less sure, on the side of the row. Only a longer or a clearer row is a
// change, and what it says counts from where it began; the doubt stays until it fades, because a row
// that is believed has not told all.
const (
	rowAllowance = 0.75 // of each surprise, in standard deviations: rows of chance end
	rowSuspected = 1.6  // of what is above that in a row
	rowSure      = 4.5
	rowDoubt     = 12.0 // a row is picked for lying far off: its scatter counts so many times
	doubtDays    = 14.0 // in which a suspicion fades (1/e)
	leastDoubt   = 1e-3
)

// row is a row of surprises on one side.
type row struct {
	sum    float64 // in standard deviations, less the allowance; 0: there is none
	before ownPace // what would be known of the pace without it; of a vehicle that stands, what was known before it did
	over   float64 // days' worth of that pace that were driven in it
	days   float64
	back   bool // it began after the vehicle had stood for long
	asked  bool // the first span after that told for what standing teaches: the next one tells again
}

// noticeChange adds up surprises on one side. Less than usual is taken on the log scale: a half is as
// far off as the double. It reports whether habits have changed and the span is learned, with the others
// of its row. Who stands for long, or is back from that and hardly driven, drives otherwise, but nobody knows how much:
// then the pace is unknown again, and what comes is learned as ever.
func (l *UsageLaw) noticeChange(s *UsageState, ratio, noise, span float64, back bool) bool {
	surprise := ratio - 1
	if ratio < 1 {
		surprise = elementary.Log(max(ratio, layoffFactor))
	}
	z := surprise / math.Sqrt(s.variance()+noise)
	if s.parked == 0 { // a week alone is no row
		limit := clipInnovation * max(span/weekDays, 1)
		z = min(max(z, -limit), limit)
	}
	l.addToRow(s, z*min(span/weekDays, 1), ratio, span, back)
	if math.Abs(s.row.sum) > rowSuspected && s.parked == 0 {
		s.doubt = math.Copysign(l.Change, s.row.sum)
	}
	if math.Abs(s.row.sum) <= rowSure {
		return false
	}
	r := s.row
	s.row = row{before: r.before, asked: r.asked}
	told := s.parked == 0 && !r.back
	if told {
		s.ownPace = r.before
	}
	s.vStay += l.Lasting * l.Change
	s.vCome += (1 - l.Lasting) * l.Change
	if told {
		scatter := noise * span / r.days
		s.blend(s.surprise(r.over/r.days, rowDoubt*scatter, scatter), rowDoubt*scatter)
	}
	return told
}

// addToRow goes on with a row, or begins another one where the side has changed.
func (l *UsageLaw) addToRow(s *UsageState, z, ratio, span float64, back bool) {
	r := &s.row
	switch {
	case s.parked > 0 || r.asked && (r.sum == 0 || z*r.sum < 0):
		*r = row{before: r.before, back: back, asked: r.asked}
	case r.sum == 0 || z*r.sum < 0:
		*r = row{before: s.ownPace, back: back}
	}
	r.over += span * ratio * s.times(&r.before)
	r.days += span
	r.sum += z
	r.sum -= math.Copysign(min(rowAllowance*min(span/weekDays, 1), math.Abs(r.sum)), r.sum)
}
