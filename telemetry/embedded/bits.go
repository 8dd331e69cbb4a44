package embedded

import (
	"encoding/binary"
	"math/bits"
)

// bitWriter appends bits to buf, the first bit in the lowest place of a byte.
type bitWriter struct {
	buf []byte
	acc uint64
	n   uint // bits in acc, below 64
}

// write appends the width lowest bits of v; the others must be zero.
func (w *bitWriter) write(v uint64, width uint) {
	w.acc |= v << w.n
	if w.n+width < 64 {
		w.n += width
		return
	}
	w.buf = binary.LittleEndian.AppendUint64(w.buf, w.acc)
	w.acc = v >> (64 - w.n)
	w.n = w.n + width - 64
}

// finish pads the last byte with zeros and returns the buffer.
func (w *bitWriter) finish() []byte {
	for ; w.n > 0; w.n -= min(w.n, 8) {
		w.buf = append(w.buf, byte(w.acc))
		w.acc >>= 8
	}
	return w.buf
}

// bitReader reads what bitWriter wrote. Past the end it reads zeros; over says
// that this has happened.
type bitReader struct {
	buf []byte
	pos int // in bits
}

// peek returns the next 57 bits or more.
func (r *bitReader) peek() uint64 {
	at := r.pos >> 3
	if at+8 <= len(r.buf) {
		return binary.LittleEndian.Uint64(r.buf[at:]) >> (r.pos & 7)
	}
	var tail [8]byte
	if at < len(r.buf) {
		copy(tail[:], r.buf[at:])
	}
	return binary.LittleEndian.Uint64(tail[:]) >> (r.pos & 7)
}

// read returns the next width bits, at most 64.
func (r *bitReader) read(width uint) uint64 {
	if width <= 56 {
		v := r.peek() & (1<<width - 1)
		r.pos += int(width)
		return v
	}
	low := r.read(32)
	return low | r.read(width-32)<<32
}

// ones skips at most limit one bits and, when there are fewer, the zero that
// ends them. It returns how many ones there were.
func (r *bitReader) ones(limit int) int {
	n := min(bits.TrailingZeros64(^r.peek()), limit)
	r.pos += n
	if n < limit {
		r.pos++
	}
	return n
}

func (r *bitReader) over() bool { return r.pos > 8*len(r.buf) }
