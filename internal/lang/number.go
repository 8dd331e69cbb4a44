package lang

import (
	"math"
	"strconv"
)

// Thousands writes a number rounded to a whole one, with separators that both
// languages read: 48,213.
func Thousands(v float64) string { return string(AppendThousands(nil, v)) }

// AppendThousands is Thousands at the end of b.
func AppendThousands(b []byte, v float64) []byte {
	var room [32]byte
	s := AppendWhole(room[:0], math.Round(v)+0)
	if s[0] == '-' {
		b, s = append(b, '-'), s[1:]
	}
	for i, digit := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, digit)
	}
	return b
}

// AppendWhole writes a number to the nearest whole one, as strconv does, and faster where it is
// one of those that are mostly written.
func AppendWhole(b []byte, v float64) []byte {
	if v > 0 && v < 1e15 {
		return strconv.AppendInt(b, int64(math.RoundToEven(v)), 10)
	}
	return strconv.AppendFloat(b, v, 'f', 0, 64)
}

// Whole writes a number rounded to a whole one; a small negative one is 0, not -0.
func Whole(v float64) string {
	return strconv.FormatFloat(math.Round(v)+0, 'f', 0, 64)
}

// Signed is Whole with its sign, as changes are written: +27, -3, 0.
func Signed(v float64) string {
	if math.Round(v) > 0 {
		return "+" + Whole(v)
	}
	return Whole(v)
}
