package embedded

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A column of integers is one of
//
//	constant   11000000            varint value
//	order 0    00kkkkkk            varint minimum         Rice codes of v[i]-minimum
//	order 1    01kkkkkk            varint v[0]            Rice codes of zig-zag deltas
//	order 2    10kkkkkk            varint v[0], v[1]-v[0] Rice codes of zig-zag delta-of-deltas
//
// whichever is shortest. A Rice code of u with parameter k is u>>k in ones, a
// zero, and the k low bits of u; where that would be riceLimit ones or more it
// is riceLimit ones, 6 bits for the length of u less one, and u itself. Times,
// scaled decimals, booleans, qualities and text indexes are all such columns.
// (R. F. Rice, JPL 79-22, 1979; the choice of the order is FLAC's.)
const (
	orderConstant = 3
	riceLimit     = 16
)

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// appendInts appends the column v, which the reader must know the length of.
func appendInts(dst []byte, v []int64) []byte {
	if len(v) == 0 {
		return dst
	}
	lowest, highest := v[0], v[0]
	for _, x := range v {
		lowest, highest = min(lowest, x), max(highest, x)
	}
	if lowest == highest {
		return binary.AppendVarint(append(dst, orderConstant<<6), lowest)
	}
	order, k := chooseRice(v, lowest)
	dst = append(dst, byte(order<<6)|byte(k))
	var w bitWriter
	switch order {
	case 0:
		w.buf = binary.AppendVarint(dst, lowest)
		for _, x := range v {
			w.rice(uint64(x-lowest), k)
		}
	case 1:
		w.buf = binary.AppendVarint(dst, v[0])
		for i := 1; i < len(v); i++ {
			w.rice(zigzag(v[i]-v[i-1]), k)
		}
	default:
		delta := v[1] - v[0]
		w.buf = binary.AppendVarint(binary.AppendVarint(dst, v[0]), delta)
		for i := 2; i < len(v); i++ {
			next := v[i] - v[i-1]
			w.rice(zigzag(next-delta), k)
			delta = next
		}
	}
	return w.finish()
}

func (w *bitWriter) rice(u uint64, k uint) {
	if q := u >> k; q < riceLimit {
		w.write(1<<q-1|(u&(1<<k-1))<<(q+1), uint(q)+1+k)
		return
	}
	length := uint(bits.Len64(u))
	w.write(1<<riceLimit-1|uint64(length-1)<<riceLimit, riceLimit+6)
	w.write(u, length)
}

// lengths counts numbers by their length in bits.
type lengths struct {
	count   [65]int32
	longest int
}

func (l *lengths) add(u uint64) {
	n := bits.Len64(u)
	l.count[n]++
	l.longest = max(l.longest, n)
}

// chooseRice estimates which order and parameter give the shortest column.
func chooseRice(v []int64, lowest int64) (order int, k uint) {
	var all [3]lengths
	all[0].add(uint64(v[0] - lowest))
	var before int64
	for i := 1; i < len(v); i++ {
		delta := v[i] - v[i-1]
		all[0].add(uint64(v[i] - lowest))
		all[1].add(zigzag(delta))
		if i > 1 {
			all[2].add(zigzag(delta - before))
		}
		before = delta
	}
	best := math.MaxInt
	for o := range all {
		for p := range max(all[o].longest, 1) {
			if c := all[o].cost(p); c < best {
				best, order, k = c, o, uint(p)
			}
		}
	}
	return order, k
}

// cost estimates the bits that Rice codes with parameter k take.
func (l *lengths) cost(k int) int {
	total := 0
	for n := 0; n <= l.longest; n++ {
		c := int(l.count[n])
		switch over := n - k; {
		case c == 0:
		case over <= 0:
			total += c * (1 + k)
		case over > 4: // 16 and more ones
			total += c * (riceLimit + 6 + n)
		default:
			total += c * (1 + k + 3<<over>>2)
		}
	}
	return total
}

// readInts reads n integers from the whole of src into dst.
func readInts(dst []int64, src []byte, n int) ([]int64, error) {
	if n == 0 {
		return dst, nil
	}
	if len(src) == 0 {
		return nil, errTruncated
	}
	order, k := src[0]>>6, uint(src[0]&63)
	first, size := binary.Varint(src[1:])
	if size <= 0 {
		return nil, errTruncated
	}
	src = src[1+size:]
	switch order {
	case orderConstant:
		for range n {
			dst = append(dst, first)
		}
		return dst, nil
	case 2:
		return readSecondOrder(dst, src, first, k, n)
	}
	r := bitReader{buf: src}
	if order == 0 {
		for range n {
			dst = append(dst, first+int64(r.rice(k)))
		}
	} else {
		dst = append(dst, first)
		for i := 1; i < n; i++ {
			first += unzigzag(r.rice(k))
			dst = append(dst, first)
		}
	}
	if r.over() {
		return nil, errTruncated
	}
	return dst, nil
}

func readSecondOrder(dst []int64, src []byte, value int64, k uint, n int) ([]int64, error) {
	delta, size := binary.Varint(src)
	if size <= 0 {
		return nil, errTruncated
	}
	r := bitReader{buf: src[size:]}
	dst = append(dst, value)
	for i := 1; i < n; i++ {
		if i > 1 {
			delta += unzigzag(r.rice(k))
		}
		value += delta
		dst = append(dst, value)
	}
	if r.over() {
		return nil, errTruncated
	}
	return dst, nil
}

func (r *bitReader) rice(k uint) uint64 {
	q := r.ones(riceLimit)
	if q < riceLimit {
		return uint64(q)<<k | r.read(k)
	}
	return r.read(uint(r.read(6)) + 1)
}
