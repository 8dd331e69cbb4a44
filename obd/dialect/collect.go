package dialect

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The limits of one message: what is beyond them is refused, and the rest kept.
const (
	maxValues = 2048 // values of one message
	maxName   = 128  // bytes of a key that no table knows
	maxText   = 1024 // bytes of a text value

	maxRefusals = 256 // parts that are listed as refused
)

// collector gathers what one message says. A decoder hands it values by the rows
// of its table, and closes each moment with sample.
type collector struct {
	Result

	dialect    string
	namesUnits bool      // messages name the units of values that no table knows: text has none
	at         time.Time // event time of the points that follow; zero when the message gives none
	readings   []vehicle.Reading
	values     int
}

// refuse notes a part that was not used. offset is its byte in the payload, 0
// where the reader of the format keeps none. Of a message that is nothing but faults
// the first ones are listed.
func (c *collector) refuse(offset int, place, format string, args ...any) {
	switch {
	case len(c.Refusals) > maxRefusals:
		return
	case len(c.Refusals) == maxRefusals:
		c.Refusals = append(c.Refusals, &vehicle.Refusal{Offset: offset, Place: place, Reason: "more parts are wrong from here on: not listed"})
		return
	}
	c.Refusals = append(c.Refusals, &vehicle.Refusal{Offset: offset, Place: place, Reason: fmt.Sprintf(format, args...)})
}

// refuseError notes a part whose reader gave an error.
func (c *collector) refuseError(place string, err error) {
	var refusal *vehicle.Refusal
	if errors.As(err, &refusal) {
		c.refuse(refusal.Offset, place, "%s", refusal.Reason)
		return
	}
	c.refuse(0, place, "%s", err.Error())
}

// detail notes what else the message said.
func (c *collector) detail(name string, value any) {
	if c.Details == nil {
		c.Details = make(map[string]any)
	}
	c.Details[name] = value
}

// point adds a value as the device gave it. It is false when the message holds
// more of them than is read.
func (c *collector) point(p Point) bool {
	if c.values++; c.values > maxValues {
		if c.values == maxValues+1 {
			c.refuse(0, p.Key, "message holds more than %d values: the rest is not read", maxValues)
		}
		return false
	}
	if p.Name == "" {
		p.Name = p.Key
	}
	p.Time = c.at
	c.Points = append(c.Points, p)
	return true
}

// reading stores a value, unless its signal was given before for the same moment:
// the first one counts.
func (c *collector) reading(place string, r vehicle.Reading) {
	for i := range c.readings {
		if c.readings[i].Signal == r.Signal {
			c.refuse(0, place, "%s is given twice for one moment: the first value counts", r.Signal)
			return
		}
	}
	c.readings = append(c.readings, r)
}

// has reports whether the moment has a reading of the signal.
func (c *collector) has(s vehicle.Signal) bool {
	return slices.ContainsFunc(c.readings, func(r vehicle.Reading) bool { return r.Signal == s })
}

// sample closes a moment: the readings since the last call become one sample.
func (c *collector) sample(at time.Time, source vehicle.TimeSource) {
	if len(c.readings) > 0 {
		c.Samples = append(c.Samples, vehicle.Sample{Time: at.UTC(), TimeSource: source, Readings: c.readings})
		c.readings = nil
	}
}

// free is the short name of a key, or nothing where another key has it already:
// of several sources of one quantity the first in the table counts.
func (c *collector) free(k key) string {
	for i := range c.Points {
		if p := &c.Points[i]; p.Name == k.name && p.Key != k.key && !p.None {
			return ""
		}
	}
	return k.name
}
