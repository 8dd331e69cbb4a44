package jtt808

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Bits of Location.Status that are used here.
const (
	StatusACC   = 1 << 0
	StatusFix   = 1 << 1
	StatusSouth = 1 << 2
	StatusWest  = 1 << 3
)

const (
	locationBytes = 28
	stampBytes    = 6
	stampAt       = 22 // offset in a location
	microdegree   = 1e6
)

// Zone is the time zone of all times on the wire: GMT+8 without summer time.
var Zone = time.FixedZone("GMT+8", 8*60*60)

// Location is the body of 0200 and an entry of 0704.
type Location struct {
	Alarm     uint32
	Status    uint32
	Latitude  float64 // degrees, south negative; as sent, also without a fix
	Longitude float64 // degrees, west negative
	Altitude  uint16  // m
	Speed     float64 // km/h, by GNSS
	Heading   uint16  // degrees, 0 north, clockwise
	Stamp     [6]byte // the time as sent: YYMMDDhhmmss in BCD
	Time      time.Time
	Items     []Item
	Cut       []byte // the last item, which says it is longer than the rest; from its id on
}

// Item is one additional item of a location.
type Item struct {
	ID    byte
	Value []byte
}

// itemField is an item of the standard that is one number.
type itemField struct {
	id    byte
	name  string // the unit is part of it
	bytes int
	den   float64 // value = raw/den, in unit
	unit  string

	signal vehicle.Signal // empty: only shown
	scale  float64        // from unit to the signal's unit
}

// itemFields lists the items that are read as numbers (JT/T 808-2019, table 27).
func itemFields() [5]itemField {
	return [5]itemField{
		{id: 0x01, name: "odometer_km", bytes: 4, den: 10, unit: "km", signal: vehicle.TraveledDistance, scale: 1000},
		{id: 0x02, name: "fuel_l", bytes: 2, den: 10, unit: "l", signal: "Vehicle.Powertrain.FuelSystem.AbsoluteLevel", scale: 1},
		{id: 0x03, name: "recorder_speed_kmh", bytes: 2, den: 10, unit: "km/h", signal: vehicle.Speed, scale: 1},
		{id: 0x30, name: "signal_strength", bytes: 1, den: 1},
		{id: 0x31, name: "satellites", bytes: 1, den: 1},
	}
}

// raw returns the number of an item; false if the item is another one or has
// another length.
func (f *itemField) raw(i Item) (float64, bool) {
	if i.ID != f.id || len(i.Value) != f.bytes {
		return 0, false
	}
	var n uint32
	for _, b := range i.Value {
		n = n<<8 | uint32(b)
	}
	return float64(n), true
}

// find returns the number of an item of the location; of several the last.
func (f *itemField) find(items []Item) (raw float64, found bool) {
	for _, i := range items {
		if n, ok := f.raw(i); ok {
			raw, found = n, true
		}
	}
	return raw, found
}

// DecodeLocation reads a location. Offsets of refusals count from its first byte.
// Fewer than its 28 fixed bytes are no location. A time that cannot be leaves Time
// zero, an item of the standard with a wrong length is not read as a number, and
// one that is longer than the rest becomes Cut; all else is as it was sent.
func DecodeLocation(b []byte) (Location, []*vehicle.Refusal) {
	if len(b) < locationBytes {
		return Location{}, []*vehicle.Refusal{{Offset: len(b), Reason: fmt.Sprintf("location of %d bytes, want at least %d", len(b), locationBytes)}}
	}
	var refusals []*vehicle.Refusal
	l := Location{
		Alarm:     binary.BigEndian.Uint32(b),
		Status:    binary.BigEndian.Uint32(b[4:]),
		Latitude:  float64(binary.BigEndian.Uint32(b[8:])) / microdegree,
		Longitude: float64(binary.BigEndian.Uint32(b[12:])) / microdegree,
		Altitude:  binary.BigEndian.Uint16(b[16:]),
		Speed:     float64(binary.BigEndian.Uint16(b[18:])) / 10,
		Heading:   binary.BigEndian.Uint16(b[20:]),
		Stamp:     [stampBytes]byte(b[stampAt:]),
	}
	if l.Status&StatusSouth != 0 && l.Latitude != 0 {
		l.Latitude = -l.Latitude
	}
	if l.Status&StatusWest != 0 && l.Longitude != 0 {
		l.Longitude = -l.Longitude
	}
	var ok bool
	if l.Time, ok = parseStamp(l.Stamp); !ok {
		refusals = append(refusals, &vehicle.Refusal{Offset: stampAt, Reason: fmt.Sprintf("%X is no time", l.Stamp)})
	}
	refusals = append(refusals, l.items(b[locationBytes:], locationBytes)...)
	return l, refusals
}

// items reads the items, of which the first is at offset.
func (l *Location) items(rest []byte, offset int) []*vehicle.Refusal {
	var refusals []*vehicle.Refusal
	if n := countItems(rest); n > 0 {
		l.Items = make([]Item, 0, n)
	}
	fields := itemFields()
	for len(rest) > 0 {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			l.Cut = rest
			return append(refusals, &vehicle.Refusal{Offset: offset, Reason: fmt.Sprintf("item %02X is longer than the %d bytes that are left", rest[0], len(rest))})
		}
		n := 2 + int(rest[1])
		item := Item{rest[0], rest[2:n]}
		for i := range fields {
			if f := &fields[i]; f.id == item.ID && f.bytes != len(item.Value) {
				refusals = append(refusals, &vehicle.Refusal{Offset: offset, Reason: fmt.Sprintf("item %02X has %d bytes, want %d", f.id, len(item.Value), f.bytes)})
			}
		}
		l.Items = append(l.Items, item)
		rest, offset = rest[n:], offset+n
	}
	return refusals
}

// countItems counts the whole items.
func countItems(rest []byte) int {
	n := 0
	for len(rest) >= 2 && len(rest) >= 2+int(rest[1]) {
		rest = rest[2+int(rest[1]):]
		n++
	}
	return n
}

// parseStamp reads YYMMDDhhmmss in BCD, GMT+8, of the years 2000 to 2099. It is
// false for what no calendar has.
func parseStamp(b [stampBytes]byte) (time.Time, bool) {
	var n [stampBytes]int
	for i, x := range b {
		if x>>4 > 9 || x&15 > 9 {
			return time.Time{}, false
		}
		n[i] = int(x>>4)*10 + int(x&15)
	}
	t := time.Date(2000+n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, Zone)
	if stamp(t) != b {
		return time.Time{}, false // time.Date takes February 30 for March 2
	}
	return t, true
}

// stamp is the opposite of parseStamp, for the years 2000 to 2099.
func stamp(t time.Time) [stampBytes]byte {
	t = t.In(Zone)
	bcd := func(n int) byte { return byte(n/10<<4 | n%10) }
	return [stampBytes]byte{
		bcd(t.Year() - 2000), bcd(int(t.Month())), bcd(t.Day()), bcd(t.Hour()), bcd(t.Minute()), bcd(t.Second()),
	}
}

// Fix reports whether the location is one: the terminal says so, and it is not
// 0, 0, where terminals are that have not seen the sky.
func (l *Location) Fix() bool {
	return l.Status&StatusFix != 0 && (l.Latitude != 0 || l.Longitude != 0)
}

// MarshalJSON prints fix_valid as the terminal says it, and time as null if it is
// none.
func (l Location) MarshalJSON() ([]byte, error) {
	items := make([]string, 0, len(l.Items))
	for _, i := range l.Items {
		items = append(items, fmt.Sprintf("%02X:%X", i.ID, i.Value))
	}
	extras := map[string]any{}
	for _, f := range itemFields() {
		if raw, found := f.find(l.Items); found {
			extras[f.name] = raw / f.den
		}
	}
	if len(l.Cut) > 0 {
		extras["truncated_item"] = fmt.Sprintf("%02X", l.Cut[0])
	}
	var at *string
	if !l.Time.IsZero() {
		text := l.Time.Format(time.RFC3339)
		at = &text
	}
	return json.Marshal(struct {
		Alarm     uint32         `json:"alarm_raw"`
		Status    uint32         `json:"status_raw"`
		ACC       bool           `json:"acc_on"`
		Fix       bool           `json:"fix_valid"`
		Latitude  float64        `json:"latitude_deg"`
		Longitude float64        `json:"longitude_deg"`
		Altitude  uint16         `json:"altitude_m"`
		Speed     float64        `json:"speed_kmh"`
		Heading   uint16         `json:"heading_deg"`
		Time      *string        `json:"time"`
		Extras    map[string]any `json:"extras"`
		Items     []string       `json:"items"`
	}{
		l.Alarm, l.Status, l.Status&StatusACC != 0, l.Status&StatusFix != 0,
		l.Latitude, l.Longitude, l.Altitude, l.Speed, l.Heading, at, extras, items,
	})
}

// AppendLocation appends a location; DecodeLocation gives the same back. The signs
// of latitude and longitude set the status bits for south and west, Stamp counts
// only if Time is zero. The error says what does not fit its field.
func AppendLocation(dst []byte, l Location) ([]byte, error) {
	lat, lon := math.Round(math.Abs(l.Latitude)*microdegree), math.Round(math.Abs(l.Longitude)*microdegree)
	speed := math.Round(l.Speed * 10)
	if !(lat <= math.MaxUint32 && lon <= math.MaxUint32 && speed >= 0 && speed <= math.MaxUint16) {
		return dst, fmt.Errorf("encode location: latitude %v, longitude %v or speed %v does not fit", l.Latitude, l.Longitude, l.Speed)
	}
	status := sign(l.Status, l.Latitude, StatusSouth)
	status = sign(status, l.Longitude, StatusWest)
	at := l.Stamp
	if !l.Time.IsZero() {
		if year := l.Time.In(Zone).Year(); year < 2000 || year > 2099 {
			return dst, fmt.Errorf("encode location: year %d, want 2000 to 2099", year)
		}
		at = stamp(l.Time)
	}
	dst = binary.BigEndian.AppendUint32(dst, l.Alarm)
	dst = binary.BigEndian.AppendUint32(dst, status)
	dst = binary.BigEndian.AppendUint32(dst, uint32(lat))
	dst = binary.BigEndian.AppendUint32(dst, uint32(lon))
	dst = binary.BigEndian.AppendUint16(dst, l.Altitude)
	dst = binary.BigEndian.AppendUint16(dst, uint16(speed))
	dst = binary.BigEndian.AppendUint16(dst, l.Heading)
	dst = append(dst, at[:]...)
	for _, i := range l.Items {
		if len(i.Value) > math.MaxUint8 {
			return dst, fmt.Errorf("encode location: item %02X of %d bytes, want at most %d", i.ID, len(i.Value), math.MaxUint8)
		}
		dst = append(dst, i.ID, byte(len(i.Value)))
		dst = append(dst, i.Value...)
	}
	return append(dst, l.Cut...), nil
}

// sign sets a status bit for a negative number and clears it for a positive one.
func sign(status uint32, degrees float64, bit uint32) uint32 {
	switch {
	case degrees < 0:
		return status | bit
	case degrees > 0:
		return status &^ bit
	}
	return status
}
