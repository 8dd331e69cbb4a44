package predict

import "time"

// When work on a wearing part is raised. A workshop needs some days to find a date,
// and work that is done weeks early throws away what is left of the part: three to
// 28 days before the limit is right. So an order is raised when the limit is more
// likely than not to come within raiseAhead. What keeps people safe must not be late:
// there one chance in ten is enough that the part is spent within raiseSafely. Of a part whose
// date is known no better than to months the chance of each day stays small until the end, and
// they add up: there it is enough that it comes within hardlyKnown of the span from P10 to P90.
//
// Chosen on simulated fleets of seeds 11 to 13: docs/decisions/0022.
const (
	raiseAhead  = 15 * 24 * time.Hour
	raiseSafely = 10 * 24 * time.Hour
	hardlyKnown = 0.22
)

// Raises reports whether the time has come to raise work on a part that will be due
// by these dates. Without dates there is nothing to raise.
func Raises(now time.Time, due Dates, s Safety) bool {
	if due.P50.IsZero() {
		return false
	}
	early, middle, late := due.P10.Sub(now), due.P50.Sub(now), due.P90.Sub(now)
	if middle <= raiseAhead {
		return true
	}
	if s != SafetyCritical {
		return false
	}
	return early <= raiseSafely || float64(early) <= hardlyKnown*float64(late-early)
}
