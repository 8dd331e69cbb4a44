package embedded

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A page is what a vehicle's closed days come to, signal by signal, for 32 days
// that begin at a multiple of 32. A fleet's days are read from pages: chunks, one
// for each vehicle and day, would be fifty times as many rows.
type page struct {
	key     int64
	signals map[int]*[pageDays]dayTotal
	changed bool
}

// dayTotal is one signal on one day; nothing when count is zero.
type dayTotal struct {
	count               int
	min, max, sum, last float64
}

const (
	pageDays    = 32
	pageBits    = 24 // of a page's number, in its key
	pageVersion = 1
)

func pageKey(vehicle int64, day vehicle.Day) int64 { return vehicle<<pageBits | int64(day)/pageDays }

// append encodes a page; docs/formats/telemetry-chunk.md describes it.
func (p *page) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, pageVersion, 0, 0, 0, 0)
	dst = binary.AppendUvarint(dst, uint64(len(p.signals)))
	var sections []byte
	before := 0
	for _, signal := range slices.Sorted(maps.Keys(p.signals)) {
		from := len(sections)
		sections = appendTotals(sections, p.signals[signal])
		dst = binary.AppendUvarint(dst, uint64(signal-before))
		dst = binary.AppendUvarint(dst, uint64(len(sections)-from))
		before = signal
	}
	dst = append(dst, sections...)
	binary.LittleEndian.PutUint32(dst[start+1:], checksum(dst[start+5:]))
	return dst
}

func appendTotals(dst []byte, days *[pageDays]dayTotal) []byte {
	var present uint32
	for i := range days {
		if days[i].count > 0 {
			present |= 1 << i
		}
	}
	dst = binary.LittleEndian.AppendUint32(dst, present)
	for i := range days {
		if days[i].count > 0 {
			dst = days[i].append(dst)
		}
	}
	return dst
}

// append encodes a total: as decimals when all of it is, as sensors give them.
func (t *dayTotal) append(dst []byte) []byte {
	values := [...]float64{t.min, t.max, t.last, t.sum}
	var ints [len(values)]int64
	_, scale, ok := decimals(ints[:0], values[:])
	if !ok {
		dst = binary.AppendUvarint(append(dst, scaleXOR), uint64(t.count))
		for _, v := range values {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
		return dst
	}
	dst = binary.AppendUvarint(append(dst, byte(scale)), uint64(t.count))
	dst = binary.AppendVarint(dst, ints[0])
	dst = binary.AppendUvarint(dst, uint64(ints[1]-ints[0]))
	dst = binary.AppendUvarint(dst, uint64(ints[2]-ints[0]))
	return binary.AppendVarint(dst, ints[3]-ints[0]*int64(t.count))
}

// readPage calls each for the totals of a page: of one signal, or of all.
func readPage(data []byte, only int, each func(signal, day int, t dayTotal)) error {
	f := fields{buf: data}
	if v := f.byte(); v != pageVersion && !f.bad {
		return &formatError{what: "page of days", version: v, known: pageVersion}
	}
	if sum := f.uint32(); f.bad || sum != checksum(f.buf) {
		return errChecksum
	}
	n := f.count(len(data))
	directory := f
	for range n { // past the directory
		f.uvarint()
		f.uvarint()
	}
	signal := 0
	for range n {
		signal += directory.count(maxSignals)
		section := fields{buf: f.bytes(directory.count(len(data)))}
		if f.bad || directory.bad {
			return errTruncated
		}
		if only != allSignals && signal != only {
			continue
		}
		present := section.uint32()
		for day := range pageDays {
			if present&(1<<day) != 0 {
				each(signal, day, section.dayTotal())
			}
		}
		if section.bad || len(section.buf) > 0 {
			return errTruncated
		}
	}
	return nil
}

func (f *fields) dayTotal() (t dayTotal) {
	scale := f.byte()
	t.count = f.count(math.MaxInt32)
	if scale == scaleXOR {
		for _, v := range [...]*float64{&t.min, &t.max, &t.last, &t.sum} {
			*v = math.Float64frombits(f.uint64())
		}
		return t
	}
	if scale > maxScale {
		f.bad = true
		return t
	}
	power := powersOf10[scale]
	lowest := f.varint()
	t.min = fromDecimal(lowest, power)
	t.max = fromDecimal(lowest+int64(f.uvarint()), power)
	t.last = fromDecimal(lowest+int64(f.uvarint()), power)
	t.sum = fromDecimal(lowest*int64(t.count)+f.varint(), power)
	return t
}

// total puts what the chunks of a closed day come to into its page. The page is
// written by flushPage: days of one vehicle are closed one after the other.
func (s *Store) total(ctx context.Context, sn *snapshot, key dayKey) error {
	chunks, err := sn.chunksFrom(key, key.start())
	if err != nil {
		return err
	}
	sums := map[int]telemetry.Aggregate{}
	for _, c := range chunks {
		for i := range c.head.columns {
			col := &c.head.columns[i]
			sum := sums[col.signal]
			addAggregate(&sum, col.sum)
			sums[col.signal] = sum
		}
	}
	p, err := s.pageOf(ctx, key)
	if err != nil {
		return err
	}
	p.changed = true
	i := int64(key.day) % pageDays
	for _, days := range p.signals {
		days[i] = dayTotal{}
	}
	for signal, a := range sums {
		if a.Count == 0 {
			continue
		}
		if p.signals[signal] == nil {
			p.signals[signal] = new([pageDays]dayTotal)
		}
		p.signals[signal][i] = dayTotal{count: a.Count, min: a.Min, max: a.Max, sum: a.Sum, last: a.Last}
	}
	return nil
}

// pageOf returns the page of a day, for the writer to change.
func (s *Store) pageOf(ctx context.Context, key dayKey) (*page, error) {
	k := pageKey(key.vehicle, key.day)
	if p := s.state.page; p != nil && p.key == k {
		return p, nil
	}
	if err := s.flushPage(ctx); err != nil {
		return nil, err
	}
	p := &page{key: k, signals: map[int]*[pageDays]dayTotal{}}
	var data []byte
	err := s.stmts[qPage].QueryRowContext(ctx, k).Scan(&data)
	if err == nil {
		err = readPage(data, allSignals, func(signal, day int, t dayTotal) {
			if p.signals[signal] == nil {
				p.signals[signal] = new([pageDays]dayTotal)
			}
			p.signals[signal][day] = t
		})
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("read page of days: %w", err)
	}
	s.state.page = p
	return p, nil
}

func (s *Store) flushPage(ctx context.Context) error {
	p := s.state.page
	if p == nil || !p.changed {
		return nil
	}
	s.state.buf = p.append(s.state.buf[:0])
	if _, err := s.stmts[qPutPage].ExecContext(ctx, p.key, s.state.buf); err != nil {
		return fmt.Errorf("write page of days: %w", err)
	}
	p.changed = false
	return nil
}

// Daily implements telemetry.Store. Days that are closed are read from pages, the
// others as Series reads them.
func (s *Store) Daily(ctx context.Context, q telemetry.DailyQuery, yield func(vehicle.VIN, []telemetry.Point) error) error {
	for _, vin := range q.VINs {
		var points []telemetry.Point
		err := s.view(ctx, vin, func(sn *snapshot) (err error) {
			if signal, ok := s.signals.id(q.Signal); ok {
				points, err = sn.daily(signal, max(q.From, 0), min(q.To, maxTime/dayMillis))
			}
			return err
		})
		if err == nil && len(points) > 0 {
			err = yield(vin, points)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (sn *snapshot) daily(signal int, from, to vehicle.Day) ([]telemetry.Point, error) {
	if from >= to {
		return nil, nil
	}
	open, err := collect[vehicle.Day](sn.rows(qOpenDays, sn.vehicle, int64(from), int64(to)-1))
	if err != nil {
		return nil, fmt.Errorf("read open days: %w", err)
	}
	points := make([]telemetry.Point, 0, to-from)
	rows, err := sn.rows(qPages, pageKey(sn.vehicle, from), pageKey(sn.vehicle, to-1))
	if err != nil {
		return nil, fmt.Errorf("read pages of days: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key int64
		var data sql.RawBytes
		if err := rows.Scan(&key, &data); err != nil {
			return nil, err
		}
		first := vehicle.Day(key&(1<<pageBits-1)) * pageDays
		err := readPage(data, signal, func(_, i int, t dayTotal) {
			day := first + vehicle.Day(i)
			if _, isOpen := slices.BinarySearch(open, day); day >= from && day < to && !isOpen {
				points = append(points, telemetry.Point{
					Time: day.Start(), Count: t.count, Min: t.min, Max: t.max, Mean: t.sum / float64(t.count), Last: t.last,
				})
			}
		})
		if err != nil {
			return nil, sn.store.located(err, sn.vin, first)
		}
	}
	if err := rows.Err(); err != nil || len(open) == 0 {
		return points, err
	}
	for _, day := range open {
		p, err := sn.series(telemetry.Query{From: day.Start(), To: day.End(), Every: dayLength}, signal)
		if err != nil {
			return nil, err
		}
		points = append(points, p...)
	}
	slices.SortFunc(points, func(a, b telemetry.Point) int { return a.Time.Compare(b.Time) })
	return points, nil
}
