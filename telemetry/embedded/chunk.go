package embedded

import (
	"bytes"
	"errors"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// encoder makes chunks. It keeps its memory from one to the next.
type encoder struct {
	head    head
	headBuf []byte
	body    []byte
	columns []byte // values and qualities, until the bitmaps before them are known
	bitmaps [][]byte
	rows    []int
	bits    []byte
	ints    []int64
	floats  []float64
	texts   []string
	cells   []*cell
}

// encode makes a chunk of a block. The results are valid until the next call.
func (e *encoder) encode(b *block) (headData, body []byte, err error) {
	if n := len(b.times); n == 0 || n > hardCells || b.cells() > hardCells {
		return nil, nil, errors.New("encode chunk: too many or no values for one chunk")
	}
	e.head = head{first: b.times[0], last: b.times[len(b.times)-1], samples: len(b.times), columns: e.head.columns[:0]}
	e.columns, e.bitmaps = e.columns[:0], e.bitmaps[:0]
	for i := range b.columns {
		c := &b.columns[i]
		var kinds [vehicle.KindText + 1]bool
		for j := range c.cells {
			kinds[c.cells[j].kind] = true
		}
		for kind, present := range kinds {
			if present {
				e.column(b, c, vehicle.Kind(kind))
			}
		}
	}
	e.body = appendInts(e.body[:0], b.times)
	e.head.timesLen = len(e.body)
	e.body = e.appendSources(e.body, b.sources)
	e.head.sourcesLen = len(e.body) - e.head.timesLen
	for _, bm := range e.bitmaps {
		e.body = append(e.body, bm...)
	}
	e.head.bitmaps = len(e.bitmaps)
	e.body = append(e.body, e.columns...)
	e.head.bodySum = checksum(e.body)
	e.headBuf = e.head.append(e.headBuf[:0])
	return e.headBuf, e.body, nil
}

// appendSources leaves the column out where the device stamped every sample.
func (e *encoder) appendSources(dst []byte, sources []vehicle.TimeSource) []byte {
	e.ints = e.ints[:0]
	var all vehicle.TimeSource
	for _, s := range sources {
		e.ints = append(e.ints, int64(s))
		all |= s
	}
	if all == vehicle.TimeFromDevice {
		return dst
	}
	return appendInts(dst, e.ints)
}

// column encodes the cells of one kind, of which there are some.
func (e *encoder) column(b *block, c *column, kind vehicle.Kind) {
	e.rows, e.cells = e.rows[:0], e.cells[:0]
	row := 0
	h := headColumn{signal: c.signal, kind: kind}
	for i := range c.cells {
		cell := &c.cells[i]
		if cell.kind != kind {
			continue
		}
		for b.times[row] != cell.at {
			row++
		}
		e.rows, e.cells = append(e.rows, row), append(e.cells, cell)
		h.flagged = h.flagged || !cell.counts()
	}
	if h.cells = len(e.cells); h.cells < len(b.times) {
		h.bitmap = 1 + e.bitmap(len(b.times))
	}
	start := len(e.columns)
	e.values(&h)
	h.valuesLen = len(e.columns) - start
	if h.flagged {
		e.ints = e.ints[:0]
		for _, cell := range e.cells {
			e.ints = append(e.ints, int64(cell.quality))
		}
		e.columns = appendInts(e.columns, e.ints)
		h.qualityLen = len(e.columns) - start - h.valuesLen
	}
	e.summarise(&h)
	e.head.columns = append(e.head.columns, h)
}

// bitmap returns the index of the bitmap with a bit for every row in e.rows.
// Signals that were measured together share theirs.
func (e *encoder) bitmap(samples int) int {
	e.bits = append(e.bits[:0], make([]byte, (samples+7)/8)...)
	for _, row := range e.rows {
		e.bits[row>>3] |= 1 << (row & 7)
	}
	for i, known := range e.bitmaps {
		if bytes.Equal(known, e.bits) {
			return i
		}
	}
	e.bitmaps = append(e.bitmaps, bytes.Clone(e.bits))
	return len(e.bitmaps) - 1
}

func (e *encoder) values(h *headColumn) {
	switch h.kind {
	case vehicle.KindText:
		e.texts = e.texts[:0]
		for _, c := range e.cells {
			e.texts = append(e.texts, c.text)
		}
		e.columns = appendTexts(e.columns, e.texts)
	default: // booleans are decimals without places
		e.floats = e.floats[:0]
		for _, c := range e.cells {
			e.floats = append(e.floats, c.num)
		}
		var ok bool
		if e.ints, h.encoding, ok = decimals(e.ints[:0], e.floats); ok {
			e.columns = appendInts(e.columns, e.ints)
			return
		}
		h.encoding = scaleXOR
		e.columns = appendFloats(e.columns, e.floats)
	}
}

// summarise fills in the aggregate of a column whose numbers are still in
// e.cells. The sum of decimals is exact.
func (e *encoder) summarise(h *headColumn) {
	var a telemetry.Aggregate
	var last *cell
	for _, c := range e.cells {
		if !c.counts() {
			continue
		}
		h.counted++
		if h.kind == vehicle.KindText {
			continue
		}
		if a.Count == 0 {
			a = telemetry.Aggregate{Min: c.num, Max: c.num, First: c.num, FirstAt: milli(c.at)}
		}
		a.Count++
		a.Sum += c.num
		a.Min, a.Max = min(a.Min, c.num), max(a.Max, c.num)
		last = c
		if h.encoding != scaleXOR {
			h.decimalSum += toDecimal(c.num, powersOf10[h.encoding])
		}
	}
	if a.Count > 0 {
		a.Last, a.LastAt = last.num, milli(last.at)
	}
	h.sum = a
}
