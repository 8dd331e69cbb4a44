package embedded

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// hotVersion is the format of a hot row:
//
//	version byte
//	CRC-32C of the rest, 4 bytes
//	samples: count; for each: varint ms since the one before (the first: since
//	  1970), time source byte
//	columns: count; for each: signal, count of values; for each: sample index,
//	  kind|quality<<4 byte, then 8 bytes of a number, 1 of a boolean, or length
//	  and bytes of a text
//
// Counts, signals, indexes and lengths are unsigned varints, fixed numbers
// little-endian.
const hotVersion = 1

// appendHot encodes a block as a hot row.
func appendHot(dst []byte, b *block) []byte {
	start := len(dst)
	dst = append(dst, hotVersion, 0, 0, 0, 0)
	dst = binary.AppendUvarint(dst, uint64(len(b.times)))
	var before int64
	for i, at := range b.times {
		dst = append(binary.AppendVarint(dst, at-before), byte(b.sources[i]))
		before = at
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.columns)))
	for i := range b.columns {
		dst = binary.AppendUvarint(dst, uint64(b.columns[i].signal))
		dst = binary.AppendUvarint(dst, uint64(len(b.columns[i].cells)))
		sample := 0
		for j := range b.columns[i].cells {
			c := &b.columns[i].cells[j]
			for b.times[sample] != c.at {
				sample++
			}
			dst = binary.AppendUvarint(dst, uint64(sample))
			dst = appendCell(dst, c)
		}
	}
	binary.LittleEndian.PutUint32(dst[start+1:], checksum(dst[start+5:]))
	return dst
}

func appendCell(dst []byte, c *cell) []byte {
	dst = append(dst, byte(c.kind)|byte(c.quality)<<4)
	switch c.kind {
	case vehicle.KindNumber:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(c.num))
	case vehicle.KindBool:
		return append(dst, byte(c.num))
	default:
		return append(binary.AppendUvarint(dst, uint64(len(c.text))), c.text...)
	}
}

// readHot adds the values of a hot row to b.
func readHot(data []byte, b *builder) error {
	f := fields{buf: data}
	if v := f.byte(); v != hotVersion && !f.bad {
		return &formatError{what: "hot row", version: v, known: hotVersion}
	}
	if sum := f.uint32(); f.bad || sum != checksum(f.buf) {
		return errChecksum
	}
	samples := f.count(len(data))
	times := make([]int64, 0, samples)
	var at int64
	for range samples {
		at += f.varint()
		source := vehicle.TimeSource(f.byte())
		if f.bad {
			return errTruncated
		}
		b.sample(at, source)
		times = append(times, at)
	}
	for range f.count(len(data)) {
		signal := f.count(maxSignals)
		for range f.count(len(data)) {
			sample := f.count(len(data))
			c := f.cell()
			if f.bad || sample >= len(times) {
				return errTruncated
			}
			c.at = times[sample]
			b.add(signal, c)
		}
	}
	if f.bad || len(f.buf) > 0 {
		return errTruncated
	}
	return nil
}

func (f *fields) cell() cell {
	head := f.byte()
	c := cell{kind: vehicle.Kind(head & 15), quality: vehicle.Quality(head >> 4)}
	switch c.kind {
	case vehicle.KindNumber:
		c.num = math.Float64frombits(f.uint64())
	case vehicle.KindBool:
		c.num = float64(f.byte() & 1)
	case vehicle.KindText:
		c.text = string(f.bytes(f.count(len(f.buf))))
	default:
		f.bad = true
	}
	return c
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }
