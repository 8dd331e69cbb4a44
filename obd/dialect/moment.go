package dialect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// moment is an event time. With refused set, the device gave one that cannot be:
// what belongs to it is shown, not stored.
type moment struct {
	at      time.Time
	source  vehicle.TimeSource
	refused bool
}

// clock reads a device's time: RFC 3339, the same with a zone of four digits or,
// meaning UTC, without one; or a number of ticks since 1970. A time that is none,
// or cannot be, is refused.
func (c *collector) clock(place string, v any, tick time.Duration, received time.Time) moment {
	at, reason := parseClock(v, tick)
	if reason == "" {
		reason = vehicle.Impossible(at, received)
	}
	if reason != "" {
		c.refuse(0, place, "%s", reason)
		return moment{refused: true}
	}
	return moment{at: at}
}

// begin opens a moment: the points that follow show its time, if it is the
// device's.
func (c *collector) begin(m moment) {
	c.at = time.Time{}
	if m.source == vehicle.TimeFromDevice && !m.refused {
		c.at = m.at
	}
}

// end closes a moment.
func (c *collector) end(m moment) {
	if m.refused {
		c.readings = nil
	}
	c.sample(m.at, m.source)
}

func parseClock(v any, tick time.Duration) (time.Time, string) {
	text, isText := plainText(v)
	if !isText {
		return time.Time{}, "not a time"
	}
	if _, isNumber := v.(json.Number); !isNumber {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC(), ""
			}
		}
	}
	f, reason := parseNumber(text)
	const year9999 = 253402300799 // seconds
	switch {
	case reason != "":
		return time.Time{}, fmt.Sprintf("want a time that exists, as 2026-11-22T10:00:00Z, got %q", cut(text, 32))
	case math.Abs(f)*tick.Seconds() > year9999:
		return time.Time{}, "time is after the year 9999"
	}
	perSecond := float64(time.Second / tick)
	whole := math.Floor(f / perSecond)
	return time.Unix(int64(whole), int64((f-whole*perSecond)*float64(tick))).UTC(), ""
}

// compare orders moments by time, then by whose clock it is. A refused one has no
// time and comes first.
func (m moment) compare(o moment) int {
	return cmp.Or(m.at.Compare(o.at), cmp.Compare(m.source, o.source))
}
