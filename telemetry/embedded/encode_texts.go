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
