package gbt32960

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// AppendFrame appends the frame as it goes over the wire. Length and check are
// computed; DataLength, LengthValid, BCC and BCCComputed are not looked at. It
// writes whatever Decode reads, and only that: the error says which field does
// not fit its place.
func AppendFrame(dst []byte, f *Frame) ([]byte, error) {
	start := len(dst)
	w := writer{dst: dst}
	w.dst = append(w.dst, f.Edition.start(), f.Edition.start(), byte(f.Command), byte(f.Response))
	w.dst = append(w.dst, f.Identity[:]...)
	w.dst = append(w.dst, f.Encryption, 0, 0)
	f.walk(&w)
	if w.err != nil {
		return dst, fmt.Errorf("write %s: %w", f.Command, w.err)
	}
	length := len(w.dst) - start - headSize
	if length > MaxData {
		return dst, fmt.Errorf("write %s: data unit of %d bytes, want at most %d", f.Command, length, MaxData)
	}
	binary.BigEndian.PutUint16(w.dst[start+22:], uint16(length))
	return append(w.dst, xor(w.dst[start+2:])), nil
}

// writer is the coder that appends fields. After a fault it appends on, and err
// keeps the first.
type writer struct {
	dst []byte
	err error
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) unit(u Unit, e Edition) {
	t, ok := u.Type(e)
	if !ok {
		w.fail(fmt.Errorf("edition %s has no %s unit of type %02X", e, u.name(), t))
		return
	}
	w.dst = append(w.dst, t)
	u.walk(w, e)
}

func (w *writer) code(_ string, v *uint8)    { w.dst = append(w.dst, *v) }
func (w *writer) code16(_ string, v *uint16) { w.dst = binary.BigEndian.AppendUint16(w.dst, *v) }
func (w *writer) code32(_ string, v *uint32) { w.dst = binary.BigEndian.AppendUint32(w.dst, *v) }
func (w *writer) gear(v *Gear, _ Edition)    { w.dst = append(w.dst, byte(*v)) }

func (w *writer) number(f *field, v *Number) {
	raw, err := f.encode(*v)
	if err != nil {
		w.fail(err)
	}
	switch f.size {
	case 1:
		w.dst = append(w.dst, byte(raw))
	case 2:
		w.dst = binary.BigEndian.AppendUint16(w.dst, uint16(raw))
	case 4:
		w.dst = binary.BigEndian.AppendUint32(w.dst, raw)
	}
}

// time writes six zero bytes for the zero time.
func (w *writer) time(name string, v *time.Time) {
	if v.IsZero() {
		w.dst = append(w.dst, 0, 0, 0, 0, 0, 0)
		return
	}
	t := v.In(zone)
	if t.Year() < 2000 || t.Year() > 2099 {
		w.fail(fmt.Errorf("%s: year %d, want 2000 to 2099", name, t.Year()))
	}
	w.dst = append(w.dst, byte(t.Year()-2000), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()))
}

func (w *writer) raw(name string, n int, v *[]byte) {
	if len(*v) != n {
		w.fail(fmt.Errorf("%s: %d bytes, want %d", name, len(*v), n))
	}
	w.dst = append(w.dst, *v...)
}

func (w *writer) lower(name string, n int, v *[]byte) { w.raw(name, n, v) }
func (w *writer) rest(_ string, v *[]byte)            { w.dst = append(w.dst, *v...) }

// text fills up short text with NULs.
func (w *writer) text(name string, n int, v *[]byte) {
	if len(*v) > n {
		w.fail(fmt.Errorf("%s: %d bytes, want at most %d", name, len(*v), n))
		return
	}
	w.dst = append(w.dst, *v...)
	w.dst = append(w.dst, make([]byte, n-len(*v))...)
}

func (w *writer) length(name string, have int) int {
	if have > math.MaxUint16 {
		w.fail(fmt.Errorf("%s: %d bytes are too many", name, have))
	}
	w.dst = binary.BigEndian.AppendUint16(w.dst, uint16(have))
	return have
}

func (w *writer) count(name string, size, _, have int, q *vehicle.Quality) int {
	limit := math.MaxUint8
	if size == 2 {
		limit = math.MaxUint16
	}
	n := have
	switch *q {
	case vehicle.QualityInvalid:
		n = limit
	case vehicle.QualityAbnormal:
		n = limit - 1
	default:
		if have >= limit-1 {
			w.fail(fmt.Errorf("%s: list of %d is too long", name, have))
		}
	}
	if n != have && have != 0 {
		w.fail(fmt.Errorf("%s: marked as missing, with a list of %d", name, have))
	}
	if size == 2 {
		w.dst = binary.BigEndian.AppendUint16(w.dst, uint16(n))
	} else {
		w.dst = append(w.dst, byte(n))
	}
	return have
}

func (w *writer) open(string)  {}
func (w *writer) begin(string) {}
func (w *writer) item()        {}
func (w *writer) done()        {}
func (w *writer) end()         {}

func (w *writer) cells(_ string, v []CellVoltage) {
	for _, c := range v {
		w.dst = binary.BigEndian.AppendUint16(w.dst, uint16(c))
	}
}

func (w *writer) probes(_ string, v []Temperature) {
	for _, t := range v {
		w.dst = append(w.dst, byte(t))
	}
}

func (w *writer) faults(_ string, v []uint32) {
	for _, code := range v {
		w.dst = binary.BigEndian.AppendUint32(w.dst, code)
	}
}

func (w *writer) pool() *pool { return nil }
