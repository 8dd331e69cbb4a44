package embedded

import "encoding/binary"

// appendTexts appends v as the distinct texts in order of first use, each with
// its length, and a column of indexes into them.
func appendTexts(dst []byte, v []string) []byte {
	index := map[string]int64{}
	var distinct []string
	ints := make([]int64, 0, len(v))
	for _, s := range v {
		i, ok := index[s]
		if !ok {
			i = int64(len(distinct))
			index[s] = i
			distinct = append(distinct, s)
		}
		ints = append(ints, i)
	}
	dst = binary.AppendUvarint(dst, uint64(len(distinct)))
	for _, s := range distinct {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	return appendInts(dst, ints)
}

// readTexts reads n texts from the whole of src.
func readTexts(src []byte, n int) ([]string, error) {
	f := fields{buf: src}
	var distinct []string
	for range f.count(len(src)) {
		distinct = append(distinct, string(f.bytes(f.count(len(src)))))
	}
	if f.bad {
		return nil, errTruncated
	}
	ints, err := readInts(nil, f.buf, n)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, n)
	for _, i := range ints {
		if i < 0 || i >= int64(len(distinct)) {
			return nil, errTruncated
		}
		out = append(out, distinct[i])
	}
	return out, nil
}

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
