package jtt808

import (
	"cmp"
	"fmt"
	"slices"
)

// partedFrame is a sound frame whose body is one of several parts.
type partedFrame struct {
	at     place
	header Header
	begin  int
	body   body
}

// group is what the parts of one message have in common: their serial numbers
// follow one another.
type group struct {
	id     MessageID
	phone  string
	total  uint16
	serial uint16 // of part 1
}

// join puts the parts of long messages together. What lacks a part is refused.
func (d *decoder) join() {
	var order []group
	parts := map[group][]partedFrame{}
	for _, p := range d.parted {
		h := p.header
		if h.Number == 0 || h.Number > h.Total {
			d.refuse(p.begin, p.at, fmt.Sprintf("part %d of %d", h.Number, h.Total))
			continue
		}
		g := group{h.ID, h.Phone, h.Total, h.Serial - (h.Number - 1)}
		if parts[g] == nil {
			order = append(order, g)
		}
		parts[g] = append(parts[g], p)
	}
	for _, g := range order {
		found := parts[g]
		slices.SortStableFunc(found, func(a, b partedFrame) int { return cmp.Compare(a.header.Number, b.header.Number) })
		found = slices.CompactFunc(found, func(a, b partedFrame) bool { return a.header.Number == b.header.Number })
		if len(found) < int(g.total) {
			d.refuse(found[0].begin, found[0].at,
				fmt.Sprintf("message %s comes in %d parts, %d of them in this payload: not read", g.id, g.total, len(found)))
			continue
		}
		d.whole(found)
	}
}

// whole takes all parts of a message, in order.
func (d *decoder) whole(parts []partedFrame) {
	first := parts[0]
	f := Frame{Offset: first.begin, Header: first.header, Parts: len(parts)}
	var b body
	for _, p := range parts {
		b.data = append(b.data, p.body.data...)
		b.stretches = append(b.stretches, p.body.stretches...)
	}
	f.Header.Length, f.Header.LengthValid, f.Header.ChecksumValid = len(b.data), true, true
	f.Body = b.data
	f.Content = d.content(f.Header, b, first.at)
	d.result.Frames = append(d.result.Frames, f)
}
