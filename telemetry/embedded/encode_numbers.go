package embedded

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A column of numbers is scaled decimals where every value has at most
// maxScale decimal places, as sensors give them: the integers value*10^scale.
// Otherwise it is the XOR of each value's IEEE 754 bits with the one before
// (T. Pelkonen et al., Gorilla, VLDB 2015). Both give back exactly the same
// value, but that decimals have one zero only: -0 is read as 0.
const (
	maxScale = 9
	scaleXOR = 15
)

// maxDecimal keeps the sum of a whole chunk of scaled decimals within an int64.
const maxDecimal = 1 << 43

var powersOf10 = [maxScale + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// decimals returns the values as integers of 10^-scale, appended to dst, or
// false when some value is not exactly such a decimal. The quotient of two
// exact integers is rounded correctly, so equality here is equality on reading.
func decimals(dst []int64, v []float64) (out []int64, scale int, ok bool) {
	for _, x := range v {
		for !isDecimal(x, powersOf10[scale]) {
			if scale++; scale > maxScale {
				return dst, 0, false
			}
		}
	}
	for _, x := range v {
		if !isDecimal(x, powersOf10[scale]) { // grew beyond maxDecimal
			return dst, 0, false
		}
		dst = append(dst, toDecimal(x, powersOf10[scale]))
	}
	return dst, scale, true
}

func isDecimal(x, power float64) bool {
	scaled := x * power
	if !(scaled > -maxDecimal && scaled < maxDecimal) {
		return false
	}
	return fromDecimal(toDecimal(x, power), power) == x
}

func toDecimal(x, power float64) int64 {
	scaled := x * power
	if scaled < 0 {
		return int64(scaled - 0.5)
	}
	return int64(scaled + 0.5)
}

func fromDecimal(m int64, power float64) float64 { return float64(m) / power }

// appendFloats appends v as XORs. After the first value, each is
//
//	0                                       the same value again
//	10 bits                                 the window of the one before
//	11 leading(5) length-1(6) bits          a window of its own
//
// where the window is the part of the XOR between its leading zeros (at most
// 31 are counted) and its trailing zeros.
func appendFloats(dst []byte, v []float64) []byte {
	if len(v) == 0 {
		return dst
	}
	before := math.Float64bits(v[0])
	w := bitWriter{buf: binary.LittleEndian.AppendUint64(dst, before)}
	leading, trailing := uint(64), uint(0) // no window yet
	for _, x := range v[1:] {
		xor := before ^ math.Float64bits(x)
		before ^= xor
		if xor == 0 {
			w.write(0, 1)
			continue
		}
		lead, trail := uint(min(bits.LeadingZeros64(xor), 31)), uint(bits.TrailingZeros64(xor))
		if lead >= leading && trail >= trailing {
			w.write(1, 2)
			w.write(xor>>trailing, 64-leading-trailing)
			continue
		}
		leading, trailing = lead, trail
		length := 64 - leading - trailing
		w.write(3|uint64(leading)<<2|uint64(length-1)<<7, 13)
		w.write(xor>>trailing, length)
	}
	return w.finish()
}

// readFloats reads n numbers from the whole of src into dst.
func readFloats(dst []float64, src []byte, n int) ([]float64, error) {
	if n == 0 {
		return dst, nil
	}
	if len(src) < 8 {
		return nil, errTruncated
	}
	value := binary.LittleEndian.Uint64(src)
	r := bitReader{buf: src[8:]}
	var length, trailing uint
	for i := range n {
		if i > 0 && r.read(1) == 1 {
			if r.read(1) == 1 {
				leading := uint(r.read(5))
				length = uint(r.read(6)) + 1
				if leading+length > 64 {
					return nil, errTruncated
				}
				trailing = 64 - leading - length
			}
			value ^= r.read(length) << trailing
		}
		dst = append(dst, math.Float64frombits(value))
	}
	if r.over() {
		return nil, errTruncated
	}
	return dst, nil
}
