package vehicle

import (
	"math"
	"strconv"
)

// Signal is a COVESA VSS 6.0 path, such as "Vehicle.Speed". Paths outside VSS
// are allowed: they are stored as they came and counted as unknown.
type Signal string

// Kind says what a Value holds.
type Kind uint8

// The kinds of value a signal can take.
const (
	KindNumber Kind = iota
	KindBool
	KindText
)

// Value is one measured value: a number in the signal's VSS unit, a boolean or
// a text. The zero Value is the number 0.
type Value struct {
	Kind Kind
	Num  float64 // KindNumber: the number; KindBool: 0 or 1
	Text string  // KindText only
}

// Number makes a numeric value.
func Number(f float64) Value { return Value{Kind: KindNumber, Num: f} }

// Bool makes a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{Kind: KindBool, Num: 1}
	}
	return Value{Kind: KindBool}
}

// Text makes a text value.
func Text(s string) Value { return Value{Kind: KindText, Text: s} }

// Float returns the value as a number: booleans are 0 or 1. It is false for
// text and for values that are not finite.
func (v Value) Float() (float64, bool) {
	if v.Kind == KindText || math.IsNaN(v.Num) || math.IsInf(v.Num, 0) {
		return 0, false
	}
	return v.Num, true
}

// Plain returns the value as encoding/json takes it: a bool, a string or a float64,
// and nil for a number that is not finite, which JSON does not have.
func (v Value) Plain() any {
	switch v.Kind {
	case KindBool:
		return v.Num != 0
	case KindText:
		return v.Text
	default:
		if f, finite := v.Float(); finite {
			return f
		}
		return nil
	}
}

// String prints the value as a person would write it.
func (v Value) String() string {
	switch v.Kind {
	case KindBool:
		return strconv.FormatBool(v.Num != 0)
	case KindText:
		return v.Text
	default:
		return strconv.FormatFloat(v.Num, 'g', -1, 64)
	}
}
