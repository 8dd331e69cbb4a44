package vehicle

import (
	"fmt"
	"time"
)

// MaxClockLead ahead of the receive time, or more, is a wrong clock: no message
// comes before it was sent.
const MaxClockLead = 24 * time.Hour

// earliest is the first time that a car can tell: none spoke MQTT before, and clocks
// that were never set say 1970 or 1980.
var earliest = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// Impossible says why a car cannot have measured at a time; empty if it can. Before
// 2000 (UTC) the clock was never set, and MaxClockLead ahead of the receive time it
// is wrong. A zero received switches the second test off.
func Impossible(at, received time.Time) string {
	switch {
	case at.Before(earliest):
		return "time is before the year 2000: the clock was not set"
	case !received.IsZero() && at.Sub(received) >= MaxClockLead:
		return fmt.Sprintf("time is %s or more ahead of the receive time", MaxClockLead)
	default:
		return ""
	}
}

// ClockTolerance is how far a clock may be off before it is called wrong.
const ClockTolerance = 30 * time.Second

// ClockState says what messages tell of a device's clock.
type ClockState string

// The states of a clock.
const (
	ClockUnknown ClockState = "unknown" // no message told enough
	ClockRight   ClockState = "right"   // within ClockTolerance
	ClockAhead   ClockState = "ahead"   // certain: messages came before they were sent
	ClockBehind  ClockState = "behind"  // no message of two hours came sooner
)

// ClockHour is the most that a clock was ahead of the receive time, in one hour of
// receipt: the time of a message by its own clock, minus the time it came. A message
// that is under way comes later, never sooner, so that each tells a lower bound of how
// far the clock is ahead, and the greatest of them is nearest: that of the
// message that was delayed the least. What was stored and sent later only tells less.
type ClockHour struct {
	Hour time.Time // its beginning
	Lead time.Duration
}

// Clock is how a device's clock stands.
type Clock struct {
	State  ClockState
	Offset time.Duration // how far it is ahead, in whole seconds; below zero, behind
	AsOf   time.Time     // beginning of the last hour in which messages told; zero when none did
}

// ClockHours is how many hours with messages JudgeClock looks at.
const ClockHours = 2

// JudgeClock judges a clock by the latest hours in which messages told of it, the
// latest first. Ahead is certain. Behind looks the same as messages that are
// delayed, as after an outage; it is said when the hour before was no better.
func JudgeClock(hours []ClockHour) Clock {
	if len(hours) == 0 {
		return Clock{State: ClockUnknown}
	}
	c := Clock{State: ClockRight, Offset: hours[0].Lead, AsOf: hours[0].Hour}
	for _, h := range hours[:min(len(hours), ClockHours)] {
		c.Offset = max(c.Offset, h.Lead)
	}
	switch {
	case c.Offset >= ClockTolerance:
		c.State = ClockAhead
	case c.Offset > -ClockTolerance:
	case len(hours) >= ClockHours:
		c.State = ClockBehind
	default:
		return Clock{State: ClockUnknown, AsOf: c.AsOf}
	}
	return c
}
