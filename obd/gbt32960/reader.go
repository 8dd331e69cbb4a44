package gbt32960

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// zone is the one in which the standard counts: GMT+8.
var zone = time.FixedZone("GMT+8", 8*60*60)

// reader is the coder that fills fields from bytes. After a fault it reads
// nothing more.
type reader struct {
	data  []byte
	pos   int
	base  int // offset of data in the frame
	frame *Frame
	fault string // what is wrong, empty while nothing is
	late  string // what will be wrong behind the elements of a list that are there
}

// next returns the next n bytes, or nil after a fault.
func (r *reader) next(n int) []byte {
	if n > r.left() || r.fault != "" {
		r.short(n)
		return nil
	}
	b := r.data[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// short records that n bytes are not there.
func (r *reader) short(n int) {
	if missing := n - r.left(); r.fault == "" && missing > 0 {
		r.fault = needs(missing)
	}
}

func (r *reader) code(_ string, v *uint8) {
	if b := r.next(1); b != nil {
		*v = b[0]
	}
}

func (r *reader) code16(_ string, v *uint16) {
	if b := r.next(2); b != nil {
		*v = binary.BigEndian.Uint16(b)
	}
}

func (r *reader) code32(_ string, v *uint32) {
	if b := r.next(4); b != nil {
		*v = binary.BigEndian.Uint32(b)
	}
}

func (r *reader) number(f *field, v *Number) {
	b := r.next(int(f.size))
	switch len(b) {
	case 1:
		*v = f.decode(uint32(b[0]))
	case 2:
		*v = f.decode(uint32(binary.BigEndian.Uint16(b)))
	case 4:
		*v = f.decode(binary.BigEndian.Uint32(b))
	}
}

// time reads six bytes. A moment that does not exist is refused and leaves v
// zero; reading goes on.
func (r *reader) time(name string, v *time.Time) {
	at := r.base + r.pos
	b := r.next(6)
	if b == nil {
		return
	}
	t := time.Date(2000+int(b[0]), time.Month(b[1]), int(b[2]), int(b[3]), int(b[4]), int(b[5]), 0, zone)
	if b[0] > 99 || t.Month() != time.Month(b[1]) || t.Day() != int(b[2]) || b[3] > 23 || b[4] > 59 || b[5] > 59 {
		r.frame.refuse(at, name, fmt.Sprintf("no such time: %02d-%02d-%02d %02d:%02d:%02d", b[0], b[1], b[2], b[3], b[4], b[5]))
		return
	}
	*v = t
}

func (r *reader) gear(v *Gear, _ Edition) { r.code("", (*uint8)(v)) }

func (r *reader) raw(_ string, n int, v *[]byte)   { *v = r.next(n) }
func (r *reader) lower(_ string, n int, v *[]byte) { *v = r.next(n) }
func (r *reader) text(_ string, n int, v *[]byte)  { *v = r.next(n) }

func (r *reader) rest(_ string, v *[]byte) { *v = r.next(r.left()) }

// left is how many bytes are still to be read.
func (r *reader) left() int { return len(r.data) - r.pos }

func (r *reader) length(string, int) int {
	if b := r.next(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (r *reader) count(_ string, size, elem, _ int, q *vehicle.Quality) int {
	b := r.next(size)
	n, limit := 0, math.MaxUint8
	switch len(b) {
	case 1:
		n = int(b[0])
	case 2:
		n, limit = int(binary.BigEndian.Uint16(b)), math.MaxUint16
	}
	*q = vehicle.QualityOK
	switch n {
	case limit:
		*q = vehicle.QualityInvalid
		return 0
	case limit - 1:
		*q = vehicle.QualityAbnormal
		return 0
	}
	if left := r.left(); n*elem > left {
		r.late = needs(n*elem - left)
		return left / elem
	}
	return n
}

// settle is the end of a list.
func (r *reader) settle() {
	if r.late != "" && r.fault == "" {
		r.fault = r.late
	}
	r.late = ""
}

func (r *reader) open(string)  {}
func (r *reader) begin(string) {}
func (r *reader) item()        {}
func (r *reader) done()        {}
func (r *reader) end()         {}

func (r *reader) cells(_ string, v []CellVoltage) {
	b := r.next(2 * len(v))
	for i := 0; len(b) >= 2 && i < len(v); i++ {
		v[i] = CellVoltage(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	r.settle()
}

func (r *reader) probes(_ string, v []Temperature) {
	for i, b := range r.next(len(v)) {
		v[i] = Temperature(b)
	}
	r.settle()
}

func (r *reader) faults(_ string, v []uint32) {
	b := r.next(4 * len(v))
	for i := 0; len(b) >= 4 && i < len(v); i++ {
		v[i] = binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	r.settle()
}

func (r *reader) pool() *pool { return &r.frame.pool }
