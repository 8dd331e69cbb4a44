package jsonmsg

import (
	"math"
	"strconv"
)

// number is a JSON number: an exact decimal when it is short enough, and its
// place in the payload otherwise.
type number struct {
	value  float64
	finite bool // false for NaN, Infinity and what is too large for a float64
	whole  bool // a non-negative whole number written without fraction or exponent
	start  int
	end    int
}

// pow10 are the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// number reads a JSON number. Short decimals, which is what cars send, are
// converted here: a mantissa below 2^53 and a power of ten up to 22 are both
// exact, so one division is correctly rounded. The rest goes to strconv.
func (s *scanner) number() number {
	if s.err != nil {
		return number{}
	}
	negative := s.peek() == '-'
	d, start := s.data, s.pos
	i := start
	if negative {
		i++
	}
	mantissa, end := digits(d, i, 0)
	if end == i || end > i+1 && d[i] == '0' {
		return s.noNumber(start, i)
	}
	n := number{start: start, finite: true, whole: !negative}
	significant, fraction := end-i, 0
	i = end
	if i < len(d) && d[i] == '.' {
		n.whole = false
		mantissa, end = digits(d, i+1, mantissa)
		if fraction = end - i - 1; fraction == 0 {
			s.pos = end
			s.unexpected("want a digit after '.'")
			return number{}
		}
		significant += fraction
		i = end
	}
	if i < len(d) && (d[i] == 'e' || d[i] == 'E') {
		n.whole = false
		if i = s.exponent(i + 1); s.err != nil {
			return number{}
		}
		significant = math.MaxInt // leave it to strconv
	}
	s.pos, n.end = i, i
	if significant <= 15 && fraction < len(pow10) {
		n.value = float64(mantissa) / pow10[fraction]
		if negative {
			n.value = -n.value
		}
		return n
	}
	v, err := strconv.ParseFloat(string(d[start:i]), 64)
	n.value, n.finite = v, err == nil
	return n
}

// digits reads decimal digits from i on and appends them to the mantissa, which
// means something for up to 19 of them. It returns where they end.
func digits(d []byte, i int, mantissa uint64) (uint64, int) {
	for ; i < len(d) && d[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(d[i]-'0')
	}
	return mantissa, i
}

// noNumber reads -Infinity, which some encoders write although JSON has it not,
// and fails for anything else.
func (s *scanner) noNumber(start, i int) number {
	s.pos = i
	if i > start && i < len(s.data) && s.data[i] == 'I' {
		s.word()
		return number{start: start, end: s.pos}
	}
	s.unexpected("want a value")
	return number{}
}

// exponent reads the digits after e and returns where they end.
func (s *scanner) exponent(i int) int {
	if i < len(s.data) && (s.data[i] == '+' || s.data[i] == '-') {
		i++
	}
	first := i
	for i < len(s.data) && s.data[i]-'0' <= 9 {
		i++
	}
	if i == first {
		s.pos = i
		s.unexpected("want a digit in the exponent")
	}
	return i
}

// unsigned returns a whole number as it was written, up to 2^64-1.
func (s *scanner) unsigned(n number) (uint64, bool) {
	if !n.whole {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.data[n.start:n.end]), 10, 64)
	return v, err == nil
}
