package dialect

import (
	"math"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Signals of the place.
const (
	latitude  = location + "Latitude"
	longitude = location + "Longitude"
	altitude  = location + "Altitude"
	heading   = location + "Heading"
	accuracy  = location + "HorizontalAccuracy"
)

// checkPosition takes the position back from the readings of a moment if it
// cannot be one; 0/0 is what a receiver without a fix says. Half of a position is
// none either. It is true unless a position was taken back. place is the key that
// the refusal names.
func (c *collector) checkPosition(place string) bool {
	find := func(s vehicle.Signal) (float64, bool) {
		i := slices.IndexFunc(c.readings, func(r vehicle.Reading) bool { return r.Signal == s })
		if i < 0 {
			return 0, false
		}
		return c.readings[i].Value.Num, true
	}
	lat, hasLat := find(latitude)
	lon, hasLon := find(longitude)
	reason := ""
	switch {
	case !hasLat && !hasLon:
		return true
	case !hasLat || !hasLon:
		reason = "latitude and longitude are worth nothing alone"
	case lat == 0 && lon == 0:
		reason = "latitude and longitude are 0: the receiver has no fix"
	case math.Abs(lat) > 90 || math.Abs(lon) > 180:
		reason = "latitude or longitude is out of range"
	default:
		return true
	}
	c.refuse(0, place, "%s", reason)
	c.readings = slices.DeleteFunc(c.readings, func(r vehicle.Reading) bool {
		return strings.HasPrefix(string(r.Signal), string(location))
	})
	return false
}

// checkCoordinate is checkPosition for products that send latitude and longitude in
// messages of their own.
func (c *collector) checkCoordinate(place string) {
	c.readings = slices.DeleteFunc(c.readings, func(r vehicle.Reading) bool {
		limit := 180.0
		switch r.Signal {
		case latitude:
			limit = 90
		case longitude:
		default:
			return false
		}
		switch v := r.Value.Num; {
		case v == 0:
			c.refuse(0, place, "exactly 0 degrees: the receiver has no fix")
		case math.Abs(v) > limit:
			c.refuse(0, place, "want at most %v degrees", limit)
		default:
			return false
		}
		return true
	})
}

// receiverSpeed adds the speed of a position receiver: the vehicle's own where no
// wheel has told it. It comes after the other values of its moment, and after
// checkPosition.
func (c *collector) receiverSpeed(r key, value any, fix bool) {
	if !fix || c.has(vehicle.Speed) {
		r.signal = ""
	}
	c.given(r, value, "")
}
