package lang

import (
	"math"
	"strconv"
	"strings"
)

// Thousands writes a number rounded to a whole one, with separators that both
// languages read: 48,213.
func Thousands(v float64) string {
	s := Whole(v)
	digits := len(strings.TrimPrefix(s, "-"))
	if digits <= 3 {
		return s
	}
	b := make([]byte, 0, len(s)+(digits-1)/3)
	for i := range len(s) {
		if left := len(s) - i; left < digits && left%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, s[i])
	}
	return string(b)
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
