package embedded

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// chunkVersion is the format of a chunk; docs/formats/telemetry-chunk.md
// describes it byte by byte.
const chunkVersion = 1

// Limits of what a chunk may claim to hold, so that a damaged one cannot ask for
// much more memory than a real one.
const (
	hardCells  = 1 << 20
	maxSignals = 1 << 24
)

// head is the part of a chunk that is read without its values.
type head struct {
	first, last int64 // ms since 1970
	samples     int
	cells       int // not stored, counted on reading
	bodySum     uint32
	timesLen    int
	sourcesLen  int
	bitmaps     int
	columns     []headColumn // ascending by signal, then kind
}

// headColumn is one signal's values of one kind.
type headColumn struct {
	signal     int
	kind       vehicle.Kind
	flagged    bool // some quality is not OK: a column of qualities follows the values
	encoding   int  // of numbers: decimal places, or scaleXOR
	bitmap     int  // 0: every sample has a value, else 1 + index of its bitmap
	cells      int
	valuesLen  int
	qualityLen int
	sum        telemetry.Aggregate // of numbers and booleans whose quality is OK
	decimalSum int64               // of sum, in 10^-encoding
	counted    int                 // values of any kind whose quality is OK
}

// append encodes the head.
func (h *head) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, chunkVersion, 0, 0, 0, 0)
	dst = binary.AppendUvarint(dst, uint64(h.first))
	dst = binary.AppendUvarint(dst, uint64(h.last-h.first))
	dst = binary.AppendUvarint(dst, uint64(h.samples))
	dst = binary.LittleEndian.AppendUint32(dst, h.bodySum)
	dst = binary.AppendUvarint(dst, uint64(h.timesLen))
	dst = binary.AppendUvarint(dst, uint64(h.sourcesLen))
	dst = binary.AppendUvarint(dst, uint64(h.bitmaps))
	dst = binary.AppendUvarint(dst, uint64(len(h.columns)))
	before := 0
	for i := range h.columns {
		c := &h.columns[i]
		dst = binary.AppendUvarint(dst, uint64(c.signal-before))
		before = c.signal
		dst = h.appendColumn(dst, c)
	}
	binary.LittleEndian.PutUint32(dst[start+1:], checksum(dst[start+5:]))
	return dst
}

func (h *head) appendColumn(dst []byte, c *headColumn) []byte {
	flags := byte(c.kind) | byte(c.encoding)<<4
	if c.flagged {
		flags |= 1 << 2
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, uint64(c.bitmap))
	dst = binary.AppendUvarint(dst, uint64(c.valuesLen))
	if c.flagged {
		dst = binary.AppendUvarint(dst, uint64(c.qualityLen))
		dst = binary.AppendUvarint(dst, uint64(c.counted))
	}
	if c.bitmap > 0 {
		dst = binary.AppendUvarint(dst, uint64(c.cells))
	}
	if c.kind == vehicle.KindText || c.counted == 0 {
		return dst
	}
	a := &c.sum
	dst = binary.AppendUvarint(dst, uint64(a.FirstAt.UnixMilli()-h.first))
	dst = binary.AppendUvarint(dst, uint64(h.last-a.LastAt.UnixMilli()))
	if c.encoding == scaleXOR {
		for _, v := range [...]float64{a.Min, a.Max, a.Sum, a.First, a.Last} {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
		return dst
	}
	// Decimals are small numbers once the minimum is taken off.
	power := powersOf10[c.encoding]
	lowest := toDecimal(a.Min, power)
	dst = binary.AppendVarint(dst, lowest)
	dst = binary.AppendUvarint(dst, uint64(toDecimal(a.Max, power)-lowest))
	dst = binary.AppendUvarint(dst, uint64(toDecimal(a.First, power)-lowest))
	dst = binary.AppendUvarint(dst, uint64(toDecimal(a.Last, power)-lowest))
	return binary.AppendVarint(dst, c.decimalSum-lowest*int64(c.counted))
}

// readHead decodes a head and checks that it fits together.
func readHead(data []byte) (*head, error) {
	f := fields{buf: data}
	if v := f.byte(); v != chunkVersion && !f.bad {
		return nil, &formatError{what: "chunk", version: v, known: chunkVersion}
	}
	if sum := f.uint32(); f.bad || sum != checksum(f.buf) {
		return nil, errChecksum
	}
	h := &head{}
	h.first = int64(f.uvarint())
	h.last = h.first + int64(f.uvarint())
	h.samples = f.count(hardCells)
	h.bodySum = f.uint32()
	h.timesLen = f.count(math.MaxInt32)
	h.sourcesLen = f.count(math.MaxInt32)
	h.bitmaps = f.count(len(data))
	columns := f.count(len(data))
	h.columns = make([]headColumn, 0, columns)
	signal := 0
	for range columns {
		signal += f.count(maxSignals)
		c := headColumn{signal: signal}
		f.headColumn(h, &c)
		h.cells += c.cells
		if f.bad || h.cells > hardCells {
			return nil, errTruncated
		}
		h.columns = append(h.columns, c)
	}
	if f.bad || len(f.buf) > 0 || h.samples == 0 || h.last < h.first {
		return nil, errTruncated
	}
	return h, nil
}

func (f *fields) headColumn(h *head, c *headColumn) {
	flags := f.byte()
	c.kind, c.flagged, c.encoding = vehicle.Kind(flags&3), flags&(1<<2) != 0, int(flags>>4)
	if c.kind > vehicle.KindText || c.encoding > maxScale && c.encoding != scaleXOR {
		f.bad = true
		return
	}
	c.bitmap = f.count(h.bitmaps)
	c.valuesLen = f.count(math.MaxInt32)
	c.cells = h.samples
	if c.flagged {
		c.qualityLen = f.count(math.MaxInt32)
		c.counted = f.count(h.samples)
	}
	if c.bitmap > 0 {
		c.cells = f.count(h.samples)
	}
	if !c.flagged {
		c.counted = c.cells
	}
	if c.kind == vehicle.KindText || c.counted == 0 || f.bad {
		return
	}
	a := &c.sum
	a.Count = c.counted
	a.FirstAt = milli(h.first + int64(f.uvarint()))
	a.LastAt = milli(h.last - int64(f.uvarint()))
	if c.encoding == scaleXOR {
		for _, v := range [...]*float64{&a.Min, &a.Max, &a.Sum, &a.First, &a.Last} {
			*v = math.Float64frombits(f.uint64())
		}
		return
	}
	power := powersOf10[c.encoding]
	lowest := f.varint()
	a.Min = fromDecimal(lowest, power)
	a.Max = fromDecimal(lowest+int64(f.uvarint()), power)
	a.First = fromDecimal(lowest+int64(f.uvarint()), power)
	a.Last = fromDecimal(lowest+int64(f.uvarint()), power)
	c.decimalSum = lowest*int64(c.counted) + f.varint()
	a.Sum = fromDecimal(c.decimalSum, power)
}

// aggregate returns the aggregate of a signal over all its kinds.
func (h *head) aggregate(signal int) telemetry.Aggregate {
	var out telemetry.Aggregate
	for i := range h.columns {
		if h.columns[i].signal == signal {
			addAggregate(&out, h.columns[i].sum)
		}
	}
	return out
}

// addAggregate includes b in a. Their times may overlap.
func addAggregate(a *telemetry.Aggregate, b telemetry.Aggregate) {
	switch {
	case b.Count == 0:
		return
	case a.Count == 0:
		*a = b
		return
	}
	a.Count += b.Count
	a.Sum += b.Sum
	a.Min, a.Max = min(a.Min, b.Min), max(a.Max, b.Max)
	if b.FirstAt.Before(a.FirstAt) {
		a.First, a.FirstAt = b.First, b.FirstAt
	}
	if b.LastAt.After(a.LastAt) {
		a.Last, a.LastAt = b.Last, b.LastAt
	}
}

func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
