package embedded

import (
	"cmp"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// builder makes a block from samples in the order they were written, which need
// not be the order of time. It can be used again after reset, and then keeps
// its memory: the block before must not be in use any more.
type builder struct {
	times   []int64
	sources []vehicle.TimeSource
	columns []building
	slots   []int // by signal: 1 + index into columns, 0 for none
	mixed   bool  // times are not ascending
	out     block // what finish returned last
}

type building struct {
	column
	mixed bool // cells are not ascending
}

func (b *builder) reset() {
	for _, c := range b.columns {
		b.slots[c.signal] = 0
	}
	b.times, b.sources, b.columns, b.mixed = b.times[:0], b.sources[:0], b.columns[:0], false
}

// sample starts a sample; its values follow with add.
func (b *builder) sample(at int64, source vehicle.TimeSource) {
	n := len(b.times)
	switch {
	case n == 0 || at > b.times[n-1]:
	case at == b.times[n-1]:
		b.sources[n-1] = max(b.sources[n-1], source)
		return
	default:
		b.mixed = true
	}
	b.times, b.sources = append(b.times, at), append(b.sources, source)
}

// add takes one value. A later value for the same signal and time replaces it.
func (b *builder) add(signal int, c cell) {
	col := b.building(signal)
	if n := len(col.cells); n > 0 && c.at <= col.cells[n-1].at {
		if c.at == col.cells[n-1].at {
			col.cells[n-1] = c
			return
		}
		col.mixed = true
	}
	col.cells = append(col.cells, c)
}

func (b *builder) building(signal int) *building {
	if signal >= len(b.slots) {
		b.slots = append(b.slots, make([]int, signal+1-len(b.slots))...)
	}
	if slot := b.slots[signal]; slot > 0 {
		return &b.columns[slot-1]
	}
	n := len(b.columns)
	b.slots[signal] = n + 1
	if n < cap(b.columns) {
		b.columns = b.columns[:n+1]
		b.columns[n].signal, b.columns[n].cells, b.columns[n].mixed = signal, b.columns[n].cells[:0], false
	} else {
		b.columns = append(b.columns, building{column: column{signal: signal}})
	}
	return &b.columns[n]
}

// finish returns what was added since the last reset. It shares memory with b.
func (b *builder) finish() *block {
	if b.mixed {
		b.sortTimes()
	}
	b.out = block{times: b.times, sources: b.sources, columns: b.out.columns[:0]}
	out := &b.out
	for i := range b.columns {
		c := &b.columns[i]
		if c.mixed {
			c.sort()
		}
		out.columns = append(out.columns, c.column)
	}
	slices.SortFunc(out.columns, func(a, b column) int { return cmp.Compare(a.signal, b.signal) })
	return out
}

func (b *builder) sortTimes() {
	order := make([]int, len(b.times))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(b.times[i], b.times[j]) })
	times, sources := make([]int64, 0, len(order)), make([]vehicle.TimeSource, 0, len(order))
	for _, i := range order {
		if n := len(times); n > 0 && times[n-1] == b.times[i] {
			sources[n-1] = max(sources[n-1], b.sources[i])
			continue
		}
		times, sources = append(times, b.times[i]), append(sources, b.sources[i])
	}
	b.times, b.sources, b.mixed = times, sources, false
}

// sort orders the cells by time and keeps the last one written at each time.
func (c *building) sort() {
	slices.SortStableFunc(c.cells, func(a, b cell) int { return cmp.Compare(a.at, b.at) })
	n := 0
	for i := range c.cells {
		if i+1 < len(c.cells) && c.cells[i+1].at == c.cells[i].at {
			continue
		}
		c.cells[n] = c.cells[i]
		n++
	}
	c.cells, c.mixed = c.cells[:n], false
}
