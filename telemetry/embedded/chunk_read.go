package embedded

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// allSignals asks readBody for every column.
const allSignals = -1

// readBody decodes the values of a chunk: those of one signal, with the times
// of that signal only, or of all.
func readBody(h *head, body []byte, signal int) (*block, error) {
	if checksum(body) != h.bodySum {
		return nil, errChecksum
	}
	f := fields{buf: body}
	times, err := readInts(make([]int64, 0, h.samples), f.bytes(h.timesLen), h.samples)
	if err != nil {
		return nil, err
	}
	sources, err := readSources(f.bytes(h.sourcesLen), h.samples)
	if err != nil {
		return nil, err
	}
	if !ascending(times) || times[0] != h.first || times[len(times)-1] != h.last {
		return nil, errTruncated
	}
	b := &block{times: times, sources: sources}
	bitmapLen := (h.samples + 7) / 8
	bitmaps := f.bytes(bitmapLen * h.bitmaps)
	if f.bad {
		return nil, errTruncated
	}
	for i := range h.columns {
		c := &h.columns[i]
		values, qualities := f.bytes(c.valuesLen), f.bytes(c.qualityLen)
		if f.bad {
			return nil, errTruncated
		}
		if signal != allSignals && c.signal != signal {
			continue
		}
		var bitmap []byte
		if c.bitmap > 0 {
			bitmap = bitmaps[(c.bitmap-1)*bitmapLen : c.bitmap*bitmapLen]
		}
		cells, err := readColumn(c, times, bitmap, values, qualities)
		if err != nil {
			return nil, err
		}
		b.addColumn(c.signal, cells)
	}
	if len(f.buf) > 0 {
		return nil, errTruncated
	}
	return b, nil
}

// addColumn takes the columns of one signal's kinds one after the other.
func (b *block) addColumn(signal int, cells []cell) {
	if n := len(b.columns); n > 0 && b.columns[n-1].signal == signal {
		b.columns[n-1].cells = mergeCells(b.columns[n-1].cells, cells)
		return
	}
	b.columns = append(b.columns, column{signal: signal, cells: cells})
}

func ascending(times []int64) bool {
	for i := 1; i < len(times); i++ {
		if times[i] <= times[i-1] {
			return false
		}
	}
	return true
}

func readSources(src []byte, n int) ([]vehicle.TimeSource, error) {
	out := make([]vehicle.TimeSource, n)
	if len(src) == 0 {
		return out, nil
	}
	ints, err := readInts(make([]int64, 0, n), src, n)
	if err != nil {
		return nil, err
	}
	for i, v := range ints {
		out[i] = vehicle.TimeSource(v)
	}
	return out, nil
}

func readColumn(c *headColumn, times []int64, bitmap, values, qualities []byte) ([]cell, error) {
	if c.cells == 0 {
		return nil, errTruncated
	}
	cells := make([]cell, 0, c.cells)
	for row, at := range times {
		if bitmap != nil && bitmap[row>>3]&(1<<(row&7)) == 0 {
			continue
		}
		cells = append(cells, cell{at: at, kind: c.kind})
	}
	if len(cells) != c.cells {
		return nil, errTruncated
	}
	if err := readValues(c, cells, values); err != nil {
		return nil, err
	}
	if !c.flagged {
		return cells, nil
	}
	ints, err := readInts(make([]int64, 0, len(cells)), qualities, len(cells))
	if err != nil {
		return nil, err
	}
	for i, v := range ints {
		cells[i].quality = vehicle.Quality(v)
	}
	return cells, nil
}

func readValues(c *headColumn, cells []cell, src []byte) error {
	switch {
	case c.kind == vehicle.KindText:
		texts, err := readTexts(src, len(cells))
		for i := range texts {
			cells[i].text = texts[i]
		}
		return err
	case c.encoding == scaleXOR:
		floats, err := readFloats(make([]float64, 0, len(cells)), src, len(cells))
		for i := range floats {
			cells[i].num = floats[i]
		}
		return err
	default:
		ints, err := readInts(make([]int64, 0, len(cells)), src, len(cells))
		power := powersOf10[c.encoding]
		for i := range ints {
			cells[i].num = fromDecimal(ints[i], power)
		}
		return err
	}
}

// samples turns the block into samples, in order of time.
func (b *block) samples(name func(int) vehicle.Signal, yield func(vehicle.Sample) error) error {
	all := make([]vehicle.Reading, 0, b.cells())
	next := make([]int, len(b.columns))
	for i, at := range b.times {
		start := len(all)
		for j := range b.columns {
			cells := b.columns[j].cells
			if next[j] == len(cells) || cells[next[j]].at != at {
				continue
			}
			c := &cells[next[j]]
			next[j]++
			all = append(all, vehicle.Reading{Signal: name(b.columns[j].signal), Value: c.value(), Quality: c.quality})
		}
		readings := slices.Clip(all[start:])
		if err := yield(vehicle.Sample{Time: milli(at), TimeSource: b.sources[i], Readings: readings}); err != nil {
			return err
		}
	}
	return nil
}
