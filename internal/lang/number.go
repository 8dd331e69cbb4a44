package lang

import (
	"math"
	"strconv"
)

// Thousands writes a number rounded to a whole one, with separators that both
// languages read: 48,213.
func Thousands(v float64) string {
	s := Whole(v)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
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
