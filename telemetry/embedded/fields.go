package embedded

import "encoding/binary"

// fields reads varints and byte strings one after the other. After the first
// one that is not there, bad is set and everything reads as zero.
type fields struct {
	buf []byte
	bad bool
}

func (f *fields) uvarint() uint64 {
	v, n := binary.Uvarint(f.buf)
	if f.bad || n <= 0 {
		f.bad = true
		return 0
	}
	f.buf = f.buf[n:]
	return v
}

func (f *fields) varint() int64 { return unzigzag(f.uvarint()) }

// count reads a number of things, of which more than limit cannot be.
func (f *fields) count(limit int) int {
	v := f.uvarint()
	if v > uint64(limit) {
		f.bad = true
		return 0
	}
	return int(v)
}

func (f *fields) bytes(n int) []byte {
	if f.bad || n < 0 || n > len(f.buf) {
		f.bad = true
		return nil
	}
	out := f.buf[:n]
	f.buf = f.buf[n:]
	return out
}

func (f *fields) byte() byte {
	if b := f.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) uint32() uint32 {
	if b := f.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (f *fields) uint64() uint64 {
	if b := f.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}
