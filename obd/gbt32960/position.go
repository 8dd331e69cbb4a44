package gbt32960

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Position is the unit of the position, type 05.
type Position struct {
	Status    uint8            // bit 0 no fix, bit 1 south, bit 2 west
	System    CoordinateSystem // 2025 only
	Longitude Number           // degrees, negative west
	Latitude  Number           // degrees, negative south
}

// CoordinateSystem is what longitude and latitude mean. GCJ02 is up to some
// hundred metres away from WGS84.
type CoordinateSystem uint8

// The coordinate systems of the edition of 2025. That of 2016 does not say which
// one is used.
const (
	CoordinatesUnspecified CoordinateSystem = 0
	CoordinatesWGS84       CoordinateSystem = 1
	CoordinatesGCJ02       CoordinateSystem = 2
	CoordinatesOther       CoordinateSystem = 3
)

// String returns "WGS84", "GCJ02", "other" or "unspecified".
func (s CoordinateSystem) String() string {
	switch s {
	case CoordinatesWGS84:
		return "WGS84"
	case CoordinatesGCJ02:
		return "GCJ02"
	case CoordinatesOther:
		return "other"
	default:
		return "unspecified"
	}
}

// Valid reports whether the receiver says that it has a fix.
func (u *Position) Valid() bool { return u.Status&1 == 0 }

// Type implements Unit.
func (u *Position) Type(Edition) (uint8, bool) { return 0x05, true }

func (u *Position) name() string { return "position" }

func (u *Position) walk(c coder, e Edition) {
	c.code("status_raw", &u.Status)
	if e == Edition2025 {
		c.code("coordinate_system", (*uint8)(&u.System))
	}
	if p, ok := c.(*printer); ok {
		p.flag("fix_valid", u.Valid())
	}
	lon, lat := &east, &north
	if u.Status&4 != 0 {
		lon = &west
	}
	if u.Status&2 != 0 {
		lat = &south
	}
	c.number(lon, &u.Longitude)
	c.number(lat, &u.Latitude)
}

// appendReadings leaves out positions without a fix, and 0/0, which receivers
// send as one.
func (u *Position) appendReadings(dst []vehicle.Reading) []vehicle.Reading {
	if !u.Valid() || !u.Longitude.Known() || !u.Latitude.Known() || u.Longitude.Value == 0 && u.Latitude.Value == 0 {
		return dst
	}
	return append(dst,
		east.reading(east.signal, u.Longitude),
		north.reading(north.signal, u.Latitude),
		vehicle.Reading{Signal: signalCoordinates, Value: vehicle.Text(u.System.String())},
	)
}
