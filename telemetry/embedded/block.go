package embedded

import (
	"cmp"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// block is a stretch of one vehicle's samples in memory, by column. It is what
// hot rows and chunks are read into and written from.
type block struct {
	times   []int64 // ms since 1970, ascending, each once
	sources []vehicle.TimeSource
	columns []column // ascending by signal, none empty
}

// column is one signal's values, ascending by time, each time once.
type column struct {
	signal int
	cells  []cell
}

type cell struct {
	at      int64
	num     float64
	text    string
	kind    vehicle.Kind
	quality vehicle.Quality
}

func (c *cell) value() vehicle.Value {
	return vehicle.Value{Kind: c.kind, Num: c.num, Text: c.text}
}

// counts says whether aggregates, Series and Latest include the cell.
func (c *cell) counts() bool { return c.quality == vehicle.QualityOK }

// cells returns how many values the block holds.
func (b *block) cells() int {
	n := 0
	for i := range b.columns {
		n += len(b.columns[i].cells)
	}
	return n
}

// source returns whose clock a sample's time is from; the device's if there is none.
func (b *block) source(at int64) vehicle.TimeSource {
	i, ok := slices.BinarySearch(b.times, at)
	if !ok || i >= len(b.sources) {
		return vehicle.TimeFromDevice
	}
	return b.sources[i]
}

// column returns the cells of a signal, nil when there are none.
func (b *block) column(signal int) []cell {
	i, ok := slices.BinarySearchFunc(b.columns, signal, func(c column, s int) int { return cmp.Compare(c.signal, s) })
	if !ok {
		return nil
	}
	return b.columns[i].cells
}

// slice returns the part with from <= time < to. It shares memory with b.
func (b *block) slice(from, to int64) *block {
	i, _ := slices.BinarySearch(b.times, from)
	j, _ := slices.BinarySearch(b.times, to)
	if i == 0 && j == len(b.times) {
		return b
	}
	out := &block{times: b.times[i:max(i, j)], sources: b.sources[i:max(i, j)]}
	for _, c := range b.columns {
		if cells := between(c.cells, from, to); len(cells) > 0 {
			out.columns = append(out.columns, column{signal: c.signal, cells: cells})
		}
	}
	return out
}

func between(cells []cell, from, to int64) []cell {
	at := func(c cell, t int64) int { return cmp.Compare(c.at, t) }
	i, _ := slices.BinarySearchFunc(cells, from, at)
	j, _ := slices.BinarySearchFunc(cells, to, at)
	return cells[i:max(i, j)]
}

// merge returns both blocks in one. Where both have a value, the newer block's
// stays; of two time sources, the less certain one.
func merge(older, newer *block) *block {
	if len(older.times) == 0 {
		return newer
	}
	if len(newer.times) == 0 {
		return older
	}
	out := &block{
		times:   make([]int64, 0, len(older.times)+len(newer.times)),
		sources: make([]vehicle.TimeSource, 0, len(older.times)+len(newer.times)),
	}
	for i, j := 0, 0; i < len(older.times) || j < len(newer.times); {
		switch {
		case j == len(newer.times) || i < len(older.times) && older.times[i] < newer.times[j]:
			out.times, out.sources = append(out.times, older.times[i]), append(out.sources, older.sources[i])
			i++
		case i == len(older.times) || newer.times[j] < older.times[i]:
			out.times, out.sources = append(out.times, newer.times[j]), append(out.sources, newer.sources[j])
			j++
		default:
			out.times = append(out.times, newer.times[j])
			out.sources = append(out.sources, max(older.sources[i], newer.sources[j]))
			i, j = i+1, j+1
		}
	}
	for i, j := 0, 0; i < len(older.columns) || j < len(newer.columns); {
		switch {
		case j == len(newer.columns) || i < len(older.columns) && older.columns[i].signal < newer.columns[j].signal:
			out.columns = append(out.columns, older.columns[i])
			i++
		case i == len(older.columns) || newer.columns[j].signal < older.columns[i].signal:
			out.columns = append(out.columns, newer.columns[j])
			j++
		default:
			out.columns = append(out.columns, column{
				signal: newer.columns[j].signal,
				cells:  mergeCells(older.columns[i].cells, newer.columns[j].cells),
			})
			i, j = i+1, j+1
		}
	}
	return out
}

// append adds a block whose times are all later. It does not share its memory.
func (b *block) append(later *block) {
	b.times = append(b.times, later.times...)
	b.sources = append(b.sources, later.sources...)
	for _, c := range later.columns {
		i, ok := slices.BinarySearchFunc(b.columns, c.signal, func(c column, s int) int { return cmp.Compare(c.signal, s) })
		if !ok {
			b.columns = slices.Insert(b.columns, i, column{signal: c.signal})
		}
		b.columns[i].cells = append(b.columns[i].cells, c.cells...)
	}
}

func mergeCells(older, newer []cell) []cell {
	if len(older) == 0 {
		return newer
	}
	if len(newer) == 0 {
		return older
	}
	out := make([]cell, 0, len(older)+len(newer))
	for i, j := 0, 0; i < len(older) || j < len(newer); {
		switch {
		case j == len(newer) || i < len(older) && older[i].at < newer[j].at:
			out = append(out, older[i])
			i++
		case i == len(older) || newer[j].at < older[i].at:
			out = append(out, newer[j])
			j++
		default:
			out = append(out, newer[j])
			i, j = i+1, j+1
		}
	}
	return out
}

// split cuts the block into pieces of about size values, at least one time each.
func (b *block) split(size int) []*block {
	pieces := min((b.cells()+size-1)/size, len(b.times))
	var out []*block
	for i := range pieces {
		from, to := b.times[i*len(b.times)/pieces], b.times[len(b.times)-1]+1
		if i+1 < pieces {
			to = b.times[(i+1)*len(b.times)/pieces]
		}
		out = append(out, b.slice(from, to))
	}
	return out
}
