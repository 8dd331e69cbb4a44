package gbt32960

import (
	"fmt"
	"math"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Number is a scaled value in the unit that its field names. Value is zero when
// Quality is abnormal or invalid.
type Number struct {
	Value   float64
	Quality vehicle.Quality
}

// Known reports whether there is a value, be it out of range.
func (n Number) Known() bool {
	return n.Quality == vehicle.QualityOK || n.Quality == vehicle.QualityOutOfRange
}

// field describes a scaled number on the wire and in the vocabulary:
//
//	value = (raw - offset) / per, in unit; reading = value * factor, in the signal's unit
//
// The two highest raw values are the marks for abnormal and invalid.
type field struct {
	name   string         // as printed in JSON
	size   uint8          // bytes on the wire: 1, 2 or 4
	per    float64        // steps of one unit; negative turns the sign
	offset float64        // in steps
	max    uint32         // highest raw value in range; 0: no limit is known
	unit   string         // VSS spelling; empty for a number of something
	signal vehicle.Signal // empty when no reading is made of it directly
	factor float64        // 0 stands for 1
}

// marks returns the raw values that stand for abnormal and invalid.
func (f *field) marks() (abnormal, invalid uint32) {
	invalid = math.MaxUint32 >> (32 - 8*uint(f.size))
	return invalid - 1, invalid
}

// decode reads a raw value.
func (f *field) decode(raw uint32) Number {
	abnormal, invalid := f.marks()
	switch raw {
	case abnormal:
		return Number{Quality: vehicle.QualityAbnormal}
	case invalid:
		return Number{Quality: vehicle.QualityInvalid}
	}
	n := Number{Value: (float64(raw)-f.offset)/f.per + 0} // + 0: no negative zero
	if f.max != 0 && raw > f.max {
		n.Quality = vehicle.QualityOutOfRange
	}
	return n
}

// average returns the mean of n raw values.
func (f *field) average(sum, n int) float64 { return (float64(sum)/float64(n) - f.offset) / f.per }

// encode is the inverse of decode.
func (f *field) encode(n Number) (uint32, error) {
	abnormal, invalid := f.marks()
	switch n.Quality {
	case vehicle.QualityAbnormal:
		return abnormal, nil
	case vehicle.QualityInvalid:
		return invalid, nil
	default:
	}
	raw := math.Round(n.Value*f.per + f.offset)
	if math.IsNaN(raw) || raw < 0 || raw >= float64(abnormal) {
		return 0, fmt.Errorf("%s: %v does not fit %d bytes", f.name, n.Value, f.size)
	}
	return uint32(raw), nil
}

// reading makes the reading of a number of this field for the signal.
func (f *field) reading(signal vehicle.Signal, n Number) vehicle.Reading {
	if !n.Known() {
		return vehicle.Reading{Signal: signal, Quality: n.Quality}
	}
	value := n.Value
	if f.factor != 0 {
		value = math.Round(value*f.per)*f.factor/f.per + 0 // by whole steps: 258.9 km are 258900 m
	}
	r := vehicle.Measure(signal, value)
	if n.Quality == vehicle.QualityOutOfRange {
		r.Quality = vehicle.QualityOutOfRange
	}
	return r
}
