package predict

import "time"

// When work on a wearing part is raised. A workshop needs some days to find a date,
// and work that is done weeks early throws away what is left of the part: three to
// 28 days before the limit is right. So an order is raised when the limit is more
// likely than not to come within raiseAhead. What keeps people safe must not be late:
// there one chance in ten within raiseSafely is enough.
//
// Chosen on a simulated fleet of seed 12, where 18 of 14 to 24 days ahead put the most
// orders in time, and 14 of 0 to 20 days made two fifths (pads) and three fifths (tyres)
// fewer late than 10; longer spans call in more parts early than they save.
const (
	raiseAhead  = 18 * 24 * time.Hour
	raiseSafely = 14 * 24 * time.Hour
)

// Raises reports whether the time has come to raise work on a part that will be due
// by these dates. Without dates there is nothing to raise.
func Raises(now time.Time, due Dates, s Safety) bool {
	if due.P50.IsZero() {
		return false
	}
	within := func(at time.Time, ahead time.Duration) bool { return !at.After(now.Add(ahead)) }
	return within(due.P50, raiseAhead) || s == SafetyCritical && within(due.P10, raiseSafely)
}
