package predict

import (
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

// fillGaps puts on the dial what persons, readings and services tell of the odometer where telemetry was
// silent between two days: seldom has a vehicle gone evenly from the one to the other.
func (t *timeline) fillGaps() {
	gaps := t.dial.gaps()
	if len(gaps) == 0 {
		return
	}
	told, least := make([][]At, len(gaps)), t.dial.kms[gaps[0]-1]
	filled := 0
	tell := func(at time.Time, km float64) {
		if !(km >= least) { // most looks are telemetry's, and have no odometer of their own
			return
		}
		day := dayNumber(at)
		n := sort.Search(len(gaps), func(n int) bool { return day < t.dial.ends[gaps[n]]-1 })
		if n == len(gaps) {
			return
		}
		if i := gaps[n]; day > t.dial.ends[i-1] && km >= t.dial.kms[i-1] && km <= t.dial.kms[i] {
			told[n] = append(told[n], At{at, km})
			filled++
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
	if filled > 0 {
		t.dial.fill(gaps, told, filled, t.in.Prior.Usage.law())
	}
}

// gaps are the days, counted from 1, before which telemetry was silent for long enough that the odometer may lie far
// off the line between them and the day before.
func (o *dial) gaps() (gaps []int) {
	for i := 1; i < len(o.ends); i++ {
		if o.ends[i]-1-o.ends[i-1] > longGap && o.kms[i]-o.kms[i-1] > odometerSlackKm {
			gaps = append(gaps, i)
		}
	}
	return gaps
}

// fill adds what was told in each gap, at most so many odometers, as far as it may be so.
func (o *dial) fill(gaps []int, told [][]At, most int, law UsageLaw) {
	ends, kms := make([]float64, 0, len(o.ends)+most), make([]float64, 0, len(o.ends)+most)
	done := 0
	for n, i := range gaps {
		ends, kms = append(ends, o.ends[done:i]...), append(kms, o.kms[done:i]...)
		done = i
		if len(told[n]) == 0 {
			continue
		}
		for _, at := range agreeing(told[n]) {
			last := len(ends) - 1
			if day := dayNumber(at.Time); law.mayHaveGone(at.OdometerKm-kms[last], day-ends[last], o.kms[i]-at.OdometerKm, o.ends[i]-day) {
				ends, kms = append(ends, day), append(kms, at.OdometerKm)
			}
		}
	}
	o.ends, o.kms = append(ends, o.ends[done:]...), append(kms, o.kms[done:]...)
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
