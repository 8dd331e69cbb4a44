package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A roll-up is kept in this form, numbers as varints of encoding/binary:
//
//	version            1 byte, 1, or 2 where classes have expired
//	classes            in version 2 only: uvarint, then of each the number of
//	                   bytes as a uvarint, and its name
//	signals            uvarint, then for each, in order of name:
//	  shared, rest     uvarints: bytes of the name that are the same as in the
//	                   name before, and the number of bytes that follow
//	  name             the rest
//	  count            uvarint
//	  min max sum first last
//	                   each a tag byte and a number, see appendNumber
//	  first at, span   varints: microseconds from the start of the day to the
//	                   first value, and from there to the last
//
// Two years of days are read on every round of planning: JSON takes ten times
// as long and three times the space.
const (
	rollupVersion        = 1
	rollupVersionExpired = 2
)

// Tags of a number. Sensors have a resolution, so most values are short decimals.
const (
	tagScaled0 = iota // zig-zag varint
	tagScaled1        // the same, in tenths
	tagScaled2        // in hundredths
	tagScaled3        // in thousandths
	tagFloat          // 8 bytes, IEEE 754, little endian
)

var tagScale = [...]float64{tagScaled0: 1, tagScaled1: 10, tagScaled2: 100, tagScaled3: 1000}

var errRollup = errors.New("malformed roll-up")

func encodeRollup(r telemetry.DayRollup) []byte {
	names := slices.Sorted(maps.Keys(r.Signals))
	b := make([]byte, 0, 64+len(names)*48)
	b = appendExpired(b, r.Expired)
	b = binary.AppendUvarint(b, uint64(len(names)))
	before := ""
	for _, signal := range names {
		name, a := string(signal), r.Signals[signal]
		shared := sharedPrefix(before, name)
		b = binary.AppendUvarint(b, uint64(shared))
		b = binary.AppendUvarint(b, uint64(len(name)-shared))
		b = append(b, name[shared:]...)
		b = binary.AppendUvarint(b, uint64(a.Count))
		for _, v := range [...]float64{a.Min, a.Max, a.Sum, a.First, a.Last} {
			b = appendNumber(b, v)
		}
		first := a.FirstAt.UnixMicro() - r.Day.Start().UnixMicro()
		b = binary.AppendVarint(b, first)
		b = binary.AppendVarint(b, a.LastAt.UnixMicro()-a.FirstAt.UnixMicro())
		before = name
	}
	return b
}

// appendExpired begins a roll-up.
func appendExpired(b []byte, classes []vehicle.Class) []byte {
	if len(classes) == 0 {
		return append(b, rollupVersion)
	}
	b = binary.AppendUvarint(append(b, rollupVersionExpired), uint64(len(classes)))
	for _, class := range classes {
		b = append(binary.AppendUvarint(b, uint64(len(class))), class...)
	}
	return b
}

func sharedPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// appendNumber writes a decimal of at most three places as an integer where
// that gives back the very same bits, and eight bytes otherwise.
func appendNumber(b []byte, v float64) []byte {
	for tag, scale := range tagScale {
		scaled := math.Round(v * scale)
		if math.Abs(scaled) < 1<<45 && math.Float64bits(float64(int64(scaled))/scale) == math.Float64bits(v) {
			return binary.AppendVarint(append(b, byte(tag)), int64(scaled))
		}
	}
	return binary.LittleEndian.AppendUint64(append(b, tagFloat), math.Float64bits(v))
}

// rollupDecoder reads many roll-ups. The same signals come in the same order on most
// days: each name is made once, and then found by the bytes that follow the name before.
type rollupDecoder struct {
	found  []foundSignal // every name, by place; the first stands before all names
	places map[vehicle.Signal]int
	place  int    // of the last name
	name   []byte // of a name that was not expected
	b      []byte // the roll-up
	at     int    // what of it is read: a slice that is cut would be written with a write barrier
	err    error
}

// foundSignal is a name, and the one that came after it last: how it was written, and
// its place.
type foundSignal struct {
	signal vehicle.Signal
	then   []byte
	next   int
}

func (d *rollupDecoder) decode(vin vehicle.VIN, day vehicle.Day, b []byte) (telemetry.DayRollup, error) {
	r := telemetry.DayRollup{VIN: vin, Day: day}
	var err error
	r.Expired, err = d.each(day, b, func(n int) { r.Signals = make(map[vehicle.Signal]telemetry.Aggregate, n) },
		func(place int, a *telemetry.OfDay) {
			r.Signals[d.found[place].signal] = telemetry.Aggregate{
				Count: a.Count, Min: a.Min, Max: a.Max, Sum: a.Sum,
				First: a.First, Last: a.Last, FirstAt: a.FirstAt.Time(), LastAt: a.LastAt.Time(),
			}
		})
	if err != nil {
		return telemetry.DayRollup{}, err
	}
	return r, nil
}

// bySignal reads the roll-ups of a vehicle, in order of day, into memory that may have held
// another.
func (d *rollupDecoder) bySignal(rows []sqlcgen.RollupsRow, into *telemetry.BySignal) error {
	into.Clear()
	var columns []*telemetry.Column // by place
	for i, row := range rows {
		day := vehicle.Day(row.Day)
		into.Days = append(into.Days, day)
		_, err := d.each(day, row.Body, func(int) {}, func(place int, a *telemetry.OfDay) {
			if place >= len(columns) {
				columns = append(columns, make([]*telemetry.Column, len(d.found)-len(columns))...)
			}
			if columns[place] == nil {
				columns[place] = into.Column(d.found[place].signal, len(rows)-i) // most signals come every day
			}
			if a.Count > 0 {
				columns[place].Add(a)
			}
		})
		if err != nil {
			into.Clear()
			return err
		}
	}
	return nil
}

// each reads one roll-up: how many signals it has, if any, and of each the place and the
// aggregate, which is used again.
func (d *rollupDecoder) each(day vehicle.Day, b []byte, begin func(signals int), put func(place int, a *telemetry.OfDay)) (expired []vehicle.Class, err error) {
	if len(b) == 0 || b[0] != rollupVersion && b[0] != rollupVersionExpired {
		return nil, fmt.Errorf("read roll-up of %s: %w: unknown version", day, errRollup)
	}
	d.b, d.at, d.place, d.err = b, 1, 0, nil
	if b[0] == rollupVersionExpired {
		expired = d.classes()
	}
	n := d.uvarint()
	if n > d.left() { // every signal takes more than a byte
		d.fail()
	}
	if n > 0 && d.err == nil {
		begin(int(n))
	}
	start := day.Start().UnixMicro()
	a := telemetry.OfDay{Day: day}
	for ; n > 0 && d.err == nil; n-- {
		d.signal()
		a.Count = int(d.uvarint())
		a.Min, a.Max, a.Sum, a.First, a.Last = d.number(), d.number(), d.number(), d.number(), d.number()
		first := start + d.varint()
		a.FirstAt, a.LastAt = telemetry.Micros(first), telemetry.Micros(first+d.varint())
		if d.err == nil {
			put(d.place, &a)
		}
	}
	if d.err == nil && d.left() > 0 {
		d.err = errRollup
	}
	if d.err != nil {
		return nil, fmt.Errorf("read roll-up of %s: %w", day, d.err)
	}
	return expired, nil
}

func (d *rollupDecoder) classes() (all []vehicle.Class) {
	for n := d.uvarint(); n > 0 && d.err == nil; n-- {
		size := d.uvarint()
		if size > d.left() {
			d.fail()
			return nil
		}
		all = append(all, vehicle.Class(d.b[d.at:d.at+int(size)]))
		d.at += int(size)
	}
	return all
}

// signal moves to the place of the next name.
func (d *rollupDecoder) signal() {
	if len(d.found) == 0 {
		d.found, d.places = []foundSignal{{}}, map[vehicle.Signal]int{"": 0}
	}
	last := &d.found[d.place]
	if len(last.then) > 0 && bytes.HasPrefix(d.b[d.at:], last.then) {
		d.at, d.place = d.at+len(last.then), last.next
		return
	}
	from := d.at
	shared, rest := d.uvarint(), d.uvarint()
	if shared > uint64(len(last.signal)) || rest > d.left() {
		d.fail()
		return
	}
	d.name = append(append(d.name[:0], last.signal[:shared]...), d.b[d.at:d.at+int(rest)]...)
	d.at += int(rest)
	place, ok := d.places[vehicle.Signal(d.name)]
	if !ok {
		place = len(d.found)
		signal := vehicle.Signal(d.name)
		d.places[signal], d.found = place, append(d.found, foundSignal{signal: signal})
		last = &d.found[d.place] // it may have moved
	}
	last.then, last.next = d.b[from:d.at], place
	d.place = place
}

// uvarint is that of encoding/binary, and reads up to eight bytes at once: their number changes
// from value to value, and a processor would guess wrong where a loop ends.
func (d *rollupDecoder) uvarint() uint64 {
	if len(d.b)-d.at >= 8 {
		v := binary.LittleEndian.Uint64(d.b[d.at:])
		if last := ^v & 0x8080808080808080; last != 0 { // the bytes that nothing follows
			d.at += bits.TrailingZeros64(last)/8 + 1
			v &= last ^ (last - 1)
			v = v&0x007f007f007f007f | v&0x7f007f007f007f00>>1
			v = v&0x00003fff00003fff | v&0x3fff00003fff0000>>2
			return v&0x0fffffff | v&0x0fffffff00000000>>4
		}
	}
	v, n := binary.Uvarint(d.b[d.at:])
	if n <= 0 {
		d.fail()
		return 0
	}
	d.at += n
	return v
}

func (d *rollupDecoder) varint() int64 {
	v := d.uvarint() // zig-zag: the sign is the last bit
	return int64(v>>1) ^ -int64(v&1)
}

func (d *rollupDecoder) left() uint64 { return uint64(len(d.b) - d.at) }

func (d *rollupDecoder) fail() { d.err, d.at = errRollup, len(d.b) }

func (d *rollupDecoder) number() float64 {
	if d.left() == 0 || d.b[d.at] > tagFloat {
		d.fail()
		return 0
	}
	tag := d.b[d.at]
	d.at++
	if tag < tagFloat {
		return float64(d.varint()) / tagScale[tag]
	}
	if d.left() < 8 {
		d.fail()
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(d.b[d.at:]))
	d.at += 8
	return v
}
