package predict

import (
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// fillGaps puts on the dial what persons, readings and services tell of the odometer where telemetry was
// silent between two days: seldom has a vehicle gone evenly from the one to the other.
func (t *timeline) fillGaps() {
	var gaps []int // by the day after each
	for i := 1; i < len(t.dial.ends); i++ {
		if t.dial.isGap(i) {
			gaps = append(gaps, i)
		}
	}
	if len(gaps) == 0 {
		return
	}
	told := make([][]At, len(t.dial.ends)) // by gap
	tell := func(at time.Time, km float64) {
		day := dayNumber(at)
		n := sort.Search(len(gaps), func(n int) bool { return day < t.dial.ends[gaps[n]]-1 })
		if n == len(gaps) {
			return
		}
		if i := gaps[n]; day > t.dial.ends[i-1] && km >= t.dial.kms[i-1] && km <= t.dial.kms[i] {
			told[i] = append(told[i], At{at, km})
		}
	}
	for _, o := range t.in.Told {
		tell(o.Time, o.OdometerKm)
	}
	for i := range t.in.Readings {
		tell(t.in.Readings[i].Time, t.in.Readings[i].OdometerKm)
	}
	for i := range t.in.Services {
		tell(t.in.Services[i].Time, t.in.Services[i].OdometerKm)
	}
	t.dial.fill(told, t.in.Prior.Usage.law())
}

// isGap reports whether between a day, counted from 1, and the one before telemetry was silent for long enough that
// the odometer may lie far off the line between them.
func (o *dial) isGap(i int) bool {
	return o.ends[i]-1-o.ends[i-1] > longGap && o.kms[i]-o.kms[i-1] > odometerSlackKm
}

// fill adds what was told in each gap, as far as it may be so.
func (o *dial) fill(told [][]At, law UsageLaw) {
	ends, kms := o.ends[:0:0], o.kms[:0:0]
	for i := range o.ends {
		if len(told[i]) > 0 {
			for _, at := range agreeing(told[i]) {
				n := len(ends) - 1
				if day := dayNumber(at.Time); law.mayHaveGone(at.OdometerKm-kms[n], day-ends[n], o.kms[i]-at.OdometerKm, o.ends[i]-day) {
					ends, kms = append(ends, day), append(kms, at.OdometerKm)
				}
			}
		}
		ends, kms = append(ends, o.ends[i]), append(kms, o.kms[i])
	}
	o.ends, o.kms = ends, kms
}

// mayHaveGone reports whether a vehicle may have gone two distances in two spans of days that follow each
// other: at about one pace, or hardly at all in one of them. Else one of the odometers was typed wrongly, as one in
// ten is.
func (l *UsageLaw) mayHaveGone(km, days, nextKm, nextDays float64) bool {
	if min(km, nextKm) <= odometerSlackKm {
		return km <= maxKmPerDay*(days+1) && nextKm <= maxKmPerDay*(nextDays+1)
	}
	off := elementary.Log(km/days) - elementary.Log(nextKm/nextDays)
	return off*off < farthestPace*farthestPace*(l.within(days)+l.within(nextDays))
}

// within is the log-variance of a vehicle's pace over a span, about what is usual of it.
func (l *UsageLaw) within(span float64) float64 {
	_, drift := overSpan(span / l.WanderDays)
	return l.Wander*drift + l.Scatter/max(span, 1)
}

// farthestPace is how many standard deviations apart the pace of two spans is believed to be. Farther off, a typing error that
// happens to lie between both ends is likelier.
const farthestPace = 4
