// Package elementary has the functions that laws of wear and use are made of, for those who
// ask them thousands of times a vehicle: Exp, Log, Log1p, Turn and Normal, from tables and short
// series. They take a fraction of the time of package math's, and differ from what it gives by a
// few units in the last places: the first three by less than 5e-15 of the result, Turn by 2e-15,
// Normal by 1e-14 down to -3 and by 2e-11 in the far tail.
package elementary

import "math"

const (
	cutsBits = 7
	cuts     = 1 << cutsBits // pieces that the tables cut an octave into
)

// powers are 2^(i/cuts). pieces are of [1, 2): one over their middles, and the logarithms.
var (
	powers = func() (t [cuts]float64) {
		for i := range t {
			t[i] = math.Exp2(float64(i) / cuts)
		}
		return t
	}()
	pieces = func() (t [cuts]struct{ inverse, log float64 }) {
		for i := range t {
			middle := 1 + (float64(i)+0.5)/cuts
			t[i].inverse, t[i].log = 1/middle, math.Log(middle)
		}
		return t
	}()
)

// Exp is e to the power of x. With x = (n/cuts)·ln 2 + r it is 2^(n/cuts), of which the
// table has what is below an octave, times the series of a small r.
func Exp(x float64) float64 {
	if !(x > -700 && x < 700) {
		return math.Exp(x) // what over- or underflows, and what is not a number
	}
	const (
		high, low = 0x1.62e42fefp-8, 0x1.473de6af278edp-41 // ln 2/cuts; high·n is exact
		whole     = 1.5 * (1 << 52)                        // added and taken off, it leaves whole numbers
	)
	n := x*(cuts/math.Ln2) + whole - whole
	r := (x - n*high) - n*low
	r2 := r * r
	series := r + r2*(0.5+r*(1.0/6)) + r2*r2*(1.0/24+r*(1.0/120))
	k := int64(n)
	scale := math.Float64frombits(math.Float64bits(powers[k&(cuts-1)]) + uint64(k>>cutsBits)<<52)
	return scale + scale*series
}

// Log is the natural logarithm. x = 2^n·m(1+r), where m is the middle of its piece.
func Log(x float64) float64 {
	if !(x > 0x1p-1000 && x < math.MaxFloat64) {
		return math.Log(x) // zero and less, and what is not a number
	}
	if x > 1-near && x < 1+near {
		return beside(x - 1)
	}
	const high, low = 0x1.62e42fefap-1, 0x1.cf79abc9e3b3ap-40 // ln 2; high·n is exact
	bits := math.Float64bits(x)
	piece := &pieces[bits>>(52-cutsBits)&(cuts-1)]
	n := float64(int64(bits>>52) - 1023)
	r := math.Float64frombits(bits&(1<<52-1)|1023<<52)*piece.inverse - 1
	r2 := r * r
	series := r2*(-0.5+r*(1.0/3)) + r2*r2*(-0.25+r*0.2-r2*(1.0/6))
	return n*high + piece.log + (r + (series + n*low))
}

// Log1p is the logarithm of 1+x.
func Log1p(x float64) float64 {
	if x > -near && x < near {
		return beside(x)
	}
	return Log(1 + x)
}

// near 1 a logarithm is small, and must not be the sum of large parts.
const near = 1.0 / 16

// beside is the logarithm of 1+x, by the series of the area tangent.
func beside(x float64) float64 {
	s := x / (2 + x)
	s2 := s * s
	return 2*s + 2*s*s2*(1.0/3+s2*(1.0/5+s2*(1.0/7+s2*(1.0/9+s2*(1.0/11)))))
}

const (
	steps  = 16  // of the table of the normal law, a standard deviation
	spread = 8.5 // that it goes to; beyond, what is left is below 1e-16
)

// normals are the coefficients of the Taylor series of the normal law at each step, below the
// middle: the derivatives are the density times Hermite's polynomials.
var normals = func() (t [spread*steps + 1][9]float64) {
	for i := range t {
		c := -float64(i) / steps
		t[i][0] = math.Erfc(-c/math.Sqrt2) / 2
		before, hermite := 0.0, 1.0
		over := math.Exp(-c*c/2) / math.Sqrt(2*math.Pi) // density, by k! and with the sign of the k-th
		for k := 1; k < len(t[i]); k++ {
			over /= float64(k)
			t[i][k] = over * hermite
			before, hermite = hermite, c*hermite-float64(k-1)*before
			over = -over
		}
	}
	return t
}()

// Normal is the standard normal distribution function.
func Normal(z float64) float64 {
	if !(z > -spread && z < spread) {
		return math.Erfc(-z/math.Sqrt2) / 2
	}
	below := -math.Abs(z)
	i := int(0.5 - below*steps)
	a, d := &normals[i], below+float64(i)/steps
	tail := a[0] + d*(a[1]+d*(a[2]+d*(a[3]+d*(a[4]+d*(a[5]+d*(a[6]+d*(a[7]+d*a[8])))))))
	if z > 0 {
		return 1 - tail
	}
	return tail
}

const arcs = 128 // that the table cuts a turn into

// corners are the sine and cosine at the beginning of each arc.
var corners = func() (t [arcs]struct{ sin, cos float64 }) {
	for i := range t {
		t[i].sin, t[i].cos = math.Sincos(2 * math.Pi * float64(i) / arcs)
	}
	return t
}()

// Turn is the sine and cosine of so many turns: of the nearest corner, turned on by the series of
// what is left.
func Turn(turns float64) (sin, cos float64) {
	if !(turns > -1e9 && turns < 1e9) {
		return math.Sincos(2 * math.Pi * turns) // what has no place in the turn, and what is not a number
	}
	n := math.Floor(turns*arcs + 0.5)
	a := (turns - n/arcs) * (2 * math.Pi) // n/arcs is exact
	a2 := a * a
	s := a * (1 - a2*(1.0/6-a2*(1.0/120-a2*(1.0/5040))))
	c := 1 - a2*(0.5-a2*(1.0/24-a2*(1.0/720)))
	at := &corners[int64(n)&(arcs-1)]
	return at.sin*c + at.cos*s, at.cos*c - at.sin*s
}
