package j1939

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Quality is what the most significant byte of a value says about it (SAE
// J1939-71, 5.1.4).
type Quality string

// The qualities of a value.
const (
	OK           Quality = "ok"
	Reserved     Quality = "reserved"      // FB to FD: indicators, no measured value
	Error        Quality = "error"         // FE
	NotAvailable Quality = "not_available" // FF
)

// qualityOf reads the most significant byte of a value.
func qualityOf(top byte) Quality {
	switch {
	case top == 0xFF:
		return NotAvailable
	case top == 0xFE:
		return Error
	case top > 0xFA:
		return Reserved
	}
	return OK
}

// Value is one measured value.
type Value struct {
	SPN     *SPN
	Raw     uint32
	Number  float64 // in SPN.Unit; 0 unless Quality is OK
	Quality Quality
}

// Reading returns the value as its signal, in the signal's unit. An error is
// abnormal, and what is reserved or not available is invalid; both are zero.
func (v Value) Reading() vehicle.Reading {
	switch v.Quality {
	case OK:
	case Error:
		return vehicle.Reading{Signal: v.SPN.Signal, Quality: vehicle.QualityAbnormal}
	default:
		return vehicle.Reading{Signal: v.SPN.Signal, Quality: vehicle.QualityInvalid}
	}
	scale := v.SPN.Scale
	if scale == 0 {
		scale = 1
	}
	// From the raw value: whole numbers as long as possible keep decimals right.
	return vehicle.Measure(v.SPN.Signal, float64(v.Raw)*v.SPN.Num*scale/v.SPN.Den+v.SPN.Offset*scale)
}

// Values are the values of one parameter group.
type Values []Value

// AppendValues appends the values of a parameter group to dst. It is false for a
// group that is not in the table. A value that lies behind the end of the data is
// left out.
func AppendValues(dst Values, pgn PGN, data []byte) (Values, bool) {
	spns, known := groups()[pgn]
	for i := range spns {
		s := &spns[i]
		end := s.Byte - 1 + s.Bytes
		if end > len(data) {
			continue
		}
		v := Value{SPN: s, Quality: qualityOf(data[end-1])}
		for b := end - 1; b >= s.Byte-1; b-- {
			v.Raw = v.Raw<<8 | uint32(data[b])
		}
		if v.Quality == OK {
			v.Number = float64(v.Raw)*s.Num/s.Den + s.Offset
		}
		dst = append(dst, v)
	}
	return dst, known
}

// decodeValues reads a group of the table.
func decodeValues(pgn PGN, data []byte) (Values, *vehicle.Refusal) {
	values, _ := AppendValues(nil, pgn, data)
	if len(values) == 0 {
		return nil, tooShort(pgn, data)
	}
	return values, nil
}

// tooShort names the values of a group of the table that lie behind the end of the
// data; nil if all are there.
func tooShort(pgn PGN, data []byte) *vehicle.Refusal {
	var missing []string
	for _, s := range groups()[pgn] {
		if s.Byte-1+s.Bytes > len(data) {
			missing = append(missing, fmt.Sprintf("SPN %d", s.Number))
		}
	}
	if missing == nil {
		return nil
	}
	return &vehicle.Refusal{Offset: -1, Reason: fmt.Sprintf("PGN %d of %d bytes is too short for %s", pgn, len(data), strings.Join(missing, " and "))}
}

// MarshalJSON prints each value by its name, and "quality" of the first one; a
// value that is not OK is left out, and its quality is printed under its name
// with _quality behind it.
func (v Values) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, value := range v {
		if value.Quality == OK {
			b = appendMember(b, value.SPN.Name, value.Number)
		} else if i > 0 {
			b = appendMember(b, value.SPN.Name+"_quality", value.Quality)
		}
	}
	if len(v) > 0 {
		b = appendMember(b, "quality", v[0].Quality)
	}
	return append(b, '}'), nil
}

// appendMember appends a name and a value, which is a finite number or a text.
func appendMember(b []byte, name string, value any) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte("null") // neither a number of the table nor a Quality
	}
	b = fmt.Appendf(b, "%q:", name)
	return append(b, text...)
}
