package vehicle

import (
	"fmt"
	"time"
)

// MaxClockLead ahead of the receive time, or more, is a wrong clock: no message
// comes before it was sent.
const MaxClockLead = 24 * time.Hour

// Impossible says why a car cannot have measured at a time; empty if it can. Before
// 2000 (UTC) the clock was never set, and MaxClockLead ahead of the receive time it
// is wrong. A zero received switches the second test off.
func Impossible(at, received time.Time) string {
	switch {
	case at.UTC().Year() < 2000:
		return "time is before the year 2000: the clock was not set"
	case !received.IsZero() && at.Sub(received) >= MaxClockLead:
		return fmt.Sprintf("time is %s or more ahead of the receive time", MaxClockLead)
	default:
		return ""
	}
}
