package jtt808

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Content is what the body of a message says: at most one field is set.
type Content struct {
	Location       *Location    `json:"location,omitempty"`       // 0200
	Batch          *Batch       `json:"batch,omitempty"`          // 0704
	Transparent    *Passed      `json:"transparent,omitempty"`    // 0900
	Registration   *Terminal    `json:"registration,omitempty"`   // 0100
	Authentication *Credentials `json:"authentication,omitempty"` // 0102
	Answer         *Answer      `json:"answer,omitempty"`         // 0001, 8001, 8100
}

// Batch is the body of 0704.
type Batch struct {
	Count     int        `json:"count"` // as the message says
	Type      uint8      `json:"type"`  // 0 normal, 1 stored while there was no connection
	Locations []Location `json:"locations"`
}

// Passed is the body of 0900: what a device on the vehicle sends through the
// terminal. Types F0 to FF are the vendor's.
type Passed struct {
	Type uint8
	Data []byte
}

// MarshalJSON prints type and data as hexadecimal digits.
func (p Passed) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"type": fmt.Sprintf("%02X", p.Type), "data": fmt.Sprintf("%X", p.Data)})
}

// Terminal is the body of 0100. Texts that are not ASCII (GBK) are given as 0x
// and hexadecimal digits.
type Terminal struct {
	Province     uint16 `json:"province"` // GB/T 2260, first two digits
	City         uint16 `json:"city"`     // GB/T 2260, last four digits
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	ID           string `json:"terminal_id"`
	PlateColour  uint8  `json:"plate_colour"` // 0: no plate, Plate is the VIN
	Plate        string `json:"plate"`
}

// Credentials are the body of 0102.
type Credentials struct {
	Code     string `json:"code"`
	IMEI     string `json:"imei,omitempty"`     // edition 2019
	Software string `json:"software,omitempty"` // edition 2019
}

// Answer is the body of 0001, 8001 and 8100.
type Answer struct {
	Serial uint16    // of the message that is answered
	ID     MessageID // of that message; 0100 for 8100
	Result uint8     // 0 is success
	Code   string    // 8100: what the terminal is to authenticate with
}

// MarshalJSON prints the message id as four hexadecimal digits.
func (a Answer) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Serial uint16 `json:"serial"`
		ID     string `json:"msg_id"`
		Result uint8  `json:"result"`
		Code   string `json:"code,omitempty"`
	}{a.Serial, a.ID.String(), a.Result, a.Code})
}

// content reads the body of a message. Faults are refused at a place.
func (d *decoder) content(h Header, b body, at place) Content {
	switch h.ID {
	case LocationReport:
		if l := d.location(b, 0, len(b.data), at); l != nil {
			return Content{Location: l}
		}
	case LocationBatch:
		return Content{Batch: d.batch(b, at)}
	case Transparent:
		if d.atLeast(1, b, at) {
			return Content{Transparent: &Passed{b.data[0], b.data[1:]}}
		}
	case Registration:
		if t := d.terminal(h, b, at); t != nil {
			return Content{Registration: t}
		}
	case Authentication:
		if c := d.credentials(h, b, at); c != nil {
			return Content{Authentication: c}
		}
	case TerminalAnswer, PlatformAnswer:
		if d.atLeast(5, b, at) {
			d.atMost(5, b, at)
			return Content{Answer: &Answer{
				Serial: binary.BigEndian.Uint16(b.data), ID: MessageID(binary.BigEndian.Uint16(b.data[2:])), Result: b.data[4],
			}}
		}
	case RegistrationAnswer:
		if d.atLeast(3, b, at) {
			return Content{Answer: &Answer{
				Serial: binary.BigEndian.Uint16(b.data), ID: Registration, Result: b.data[2], Code: text(b.data[3:]),
			}}
		}
	case Heartbeat:
		d.atMost(0, b, at)
	default: // others are shown as they are
	}
	return Content{}
}

// atLeast refuses a body that is shorter.
func (d *decoder) atLeast(n int, b body, at place) bool {
	if len(b.data) < n {
		d.refuseIn(b, len(b.data), at, fmt.Sprintf("body of %d bytes, want at least %d", len(b.data), n))
		return false
	}
	return true
}

// atMost refuses what stands behind the end of a fixed body.
func (d *decoder) atMost(n int, b body, at place) {
	if extra := len(b.data) - n; extra > 0 {
		d.refuseIn(b, n, at, fmt.Sprintf("%d bytes behind the end of the body, want %d", extra, n))
	}
}

// location reads the location at b.data[from:to]; nil if there is none.
func (d *decoder) location(b body, from, to int, at place) *Location {
	l, refusals := DecodeLocation(b.data[from:to])
	for _, r := range refusals {
		d.refuseIn(b, from+r.Offset, at, r.Reason)
	}
	if to-from < locationBytes {
		return nil
	}
	if d.impossible != nil && !l.Time.IsZero() {
		if reason := d.impossible(l.Time); reason != "" {
			d.refuseIn(b, from+stampAt, at, reason)
			l.Time = time.Time{}
		}
	}
	return &l
}

// batch reads count, type, and locations with their lengths before them.
func (d *decoder) batch(b body, at place) *Batch {
	const head, lengthBytes = 3, 2
	if !d.atLeast(head, b, at) {
		return nil
	}
	batch := &Batch{Count: int(binary.BigEndian.Uint16(b.data)), Type: b.data[2], Locations: []Location{}}
	pos := head
	for i := range batch.Count {
		entry := place{at.frame, i}
		rest := len(b.data) - pos
		if rest < lengthBytes {
			d.refuseIn(b, pos, at, fmt.Sprintf("%d locations are announced, %d are there", batch.Count, i))
			return batch
		}
		n := int(binary.BigEndian.Uint16(b.data[pos:]))
		if rest -= lengthBytes; n > rest {
			d.refuseIn(b, pos, entry, fmt.Sprintf("location of %d bytes, %d are left", n, rest))
			return batch
		}
		pos += lengthBytes
		if l := d.location(b, pos, pos+n, entry); l != nil {
			batch.Locations = append(batch.Locations, *l)
		}
		pos += n
	}
	if pos < len(b.data) {
		d.refuseIn(b, pos, at, fmt.Sprintf("%d bytes behind the last location", len(b.data)-pos))
	}
	return batch
}

// terminal reads 0100. Editions differ in the widths of three texts; 2011 and 2013
// have the same header, and the length tells them apart.
func (d *decoder) terminal(h Header, b body, at place) *Terminal {
	const fixed = 2 + 2 + 1 // province, city, colour
	widths := [3]int{5, 20, 7}
	if h.Edition2019 {
		widths = [3]int{11, 30, 30}
	} else if len(b.data) < fixed+widths[0]+widths[1]+widths[2] {
		widths[1] = 8 // 2011
	}
	if !d.atLeast(fixed+widths[0]+widths[1]+widths[2], b, at) {
		return nil
	}
	t := &Terminal{Province: binary.BigEndian.Uint16(b.data), City: binary.BigEndian.Uint16(b.data[2:])}
	rest := b.data[4:]
	for i, field := range []*string{&t.Manufacturer, &t.Model, &t.ID} {
		*field = text(rest[:widths[i]])
		rest = rest[widths[i]:]
	}
	t.PlateColour, t.Plate = rest[0], text(rest[1:])
	return t
}

// credentials reads 0102: the code alone, or by the edition of 2019 with its
// length before it, IMEI and software behind it.
func (d *decoder) credentials(h Header, b body, at place) *Credentials {
	if !h.Edition2019 {
		return &Credentials{Code: text(b.data)}
	}
	const imei, software = 15, 20
	if !d.atLeast(1, b, at) || !d.atLeast(1+int(b.data[0])+imei+software, b, at) {
		return nil
	}
	rest := b.data[1:]
	code, rest := rest[:b.data[0]], rest[b.data[0]:]
	return &Credentials{Code: text(code), IMEI: text(rest[:imei]), Software: text(rest[imei : imei+software])}
}

// text reads a text padded with 00 or blanks. What is not printable ASCII is given
// as 0x and hexadecimal digits: GBK is not read.
func text(b []byte) string {
	s := strings.Trim(string(b), "\x00 ")
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return "0x" + strings.ToUpper(hex.EncodeToString([]byte(s)))
		}
	}
	return s
}

// readings are the values of a location, in VSS units.
func (l *Location) readings() []vehicle.Reading {
	readings := make([]vehicle.Reading, 0, 8)
	add := func(s vehicle.Signal, value float64) { readings = append(readings, vehicle.Measure(s, value)) }
	hasSpeed := false
	for _, f := range itemFields() {
		if raw, found := f.find(l.Items); found && f.signal != "" {
			add(f.signal, raw*f.scale/f.den)
			hasSpeed = hasSpeed || f.signal == vehicle.Speed
		}
	}
	if l.Fix() {
		if !hasSpeed {
			add(vehicle.Speed, l.Speed)
		}
		add("Vehicle.CurrentLocation.Latitude", l.Latitude)
		add("Vehicle.CurrentLocation.Longitude", l.Longitude)
		add("Vehicle.CurrentLocation.Altitude", float64(l.Altitude))
		add("Vehicle.CurrentLocation.Heading", float64(l.Heading))
	}
	state := "OFF"
	if l.Status&StatusACC != 0 {
		state = "ACC"
	}
	return append(readings, vehicle.Reading{Signal: "Vehicle.LowVoltageSystemState", Value: vehicle.Text(state)})
}
