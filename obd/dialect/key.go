package dialect

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// key is one value of a dialect's vocabulary: a row of its table.
type key struct {
	key    string         // as the device calls it: "v.b.soc"
	name   string         // short name common to all dialects: "hv_soc"
	unit   string         // the device's unit; see Point.Unit
	signal vehicle.Signal // VSS 6.0 signal or extension; empty: shown, not stored
	scale  float64        // VSS value = device value*scale + offset; 0 stands for 1. Negative where the device counts discharge as positive
	offset float64
}

// number makes the point of a number, and the reading of it.
func (k key) number(v float64) (Point, vehicle.Reading) {
	p := Point{Key: k.key, Name: k.name, Unit: k.unit, Value: vehicle.Number(v)}
	if k.signal == "" {
		return p, vehicle.Reading{}
	}
	scale := k.scale
	if scale == 0 {
		scale = 1
	}
	return p, vehicle.Measure(k.signal, v*scale+k.offset)
}

// impossible says why a device cannot have measured at this time: before 2000 the
// clock was never set, and far ahead of the receive time it is wrong. A zero
// received switches the second test off.
func impossible(at, received time.Time) string {
	switch {
	case at.UTC().Year() < 2000:
		return "time is before the year 2000: the clock was not set"
	case !received.IsZero() && at.Sub(received) > MaxClockLead:
		return "time is more than " + MaxClockLead.String() + " ahead of the receive time"
	default:
		return ""
	}
}
