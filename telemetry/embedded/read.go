package embedded

import (
	"context"
	"errors"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ceilMilli returns the first millisecond that is not before t: times in the
// store are whole milliseconds, ranges are not.
func ceilMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if milli(ms).Before(t) {
		ms++
	}
	return ms
}

// Samples implements telemetry.Store. It holds one chunk in memory at a time,
// and one connection of the readers until yield has seen the last sample.
func (s *Store) Samples(ctx context.Context, vin vehicle.VIN, from, to time.Time, yield func(vehicle.Sample) error) error {
	return s.view(ctx, vin, func(sn *snapshot) error {
		return sn.walk(ceilMilli(from), ceilMilli(to), allSignals, walker{
			block: func(b *block) error { return b.samples(s.signals.lookup, yield) },
		})
	})
}

// Day implements telemetry.Store. Where no hot row changes a chunk, it reads the
// chunk's head only.
func (s *Store) Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	sums := map[int]telemetry.Aggregate{}
	add := func(signal int, a telemetry.Aggregate) {
		sum := sums[signal]
		addAggregate(&sum, a)
		sums[signal] = sum
	}
	err := s.view(ctx, vin, func(sn *snapshot) error {
		start := int64(day) * dayMillis
		return sn.walk(start, start+dayMillis, allSignals, walker{
			whole: func(h *head) (bool, error) {
				for i := range h.columns {
					add(h.columns[i].signal, h.columns[i].sum)
				}
				return true, nil
			},
			block: func(b *block) error {
				for i := range b.columns {
					add(b.columns[i].signal, aggregate(b.columns[i].cells))
				}
				return nil
			},
		})
	})
	out := telemetry.DayRollup{VIN: vin, Day: day, Signals: make(map[vehicle.Signal]telemetry.Aggregate, len(sums))}
	for signal, sum := range sums {
		if sum.Count > 0 {
			out.Signals[s.signals.lookup(signal)] = sum
		}
	}
	return out, err
}

func aggregate(cells []cell) telemetry.Aggregate {
	var a telemetry.Aggregate
	for i := range cells {
		if c := &cells[i]; c.counts() && c.kind != vehicle.KindText {
			a.Add(milli(c.at), c.num)
		}
	}
	return a
}

// Days implements telemetry.Store.
func (s *Store) Days(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error) {
	var days []vehicle.Day
	err := s.view(ctx, vin, func(sn *snapshot) (err error) {
		days, err = sn.days(0, maxTime/dayMillis)
		return err
	})
	return days, err
}

// Series implements telemetry.Store. A chunk that lies in one window is read by
// its head only.
func (s *Store) Series(ctx context.Context, q telemetry.Query) ([]telemetry.Point, error) {
	if q.Every < 0 {
		return nil, errors.New("read series: the windows have a negative length")
	}
	var out []telemetry.Point
	err := s.view(ctx, q.VIN, func(sn *snapshot) (err error) {
		if signal, ok := s.signals.id(q.Signal); ok {
			out, err = sn.series(q, signal)
		}
		return err
	})
	return out, err
}

func (sn *snapshot) series(q telemetry.Query, signal int) ([]telemetry.Point, error) {
	p := points{every: int64(q.Every)}
	err := sn.walk(ceilMilli(q.From), ceilMilli(q.To), signal, walker{
		whole: func(h *head) (bool, error) { return p.addHead(h, signal), nil },
		block: func(b *block) error {
			p.addCells(b.column(signal))
			return nil
		},
	})
	p.flush()
	return p.out, err
}

// points turns values, in order of time, into the points of a series.
type points struct {
	every  int64 // ns; 0: every value is a point
	start  int64 // of the window at hand, ns since 1970
	window telemetry.Aggregate
	out    []telemetry.Point
}

// windowOf returns the start of the window that ms lies in.
func (p *points) windowOf(ms int64) int64 {
	ns := ms * int64(time.Millisecond)
	return ns - ns%p.every
}

// open makes the window at hand the one that ms lies in.
func (p *points) open(ms int64) {
	if start := p.windowOf(ms); start != p.start {
		p.flush()
		p.start = start
	}
}

func (p *points) flush() {
	if w := &p.window; w.Count > 0 {
		p.out = append(p.out, telemetry.Point{
			Time: time.Unix(0, p.start).UTC(), Count: w.Count, Min: w.Min, Max: w.Max, Mean: w.Mean(), Last: w.Last,
		})
	}
	p.window = telemetry.Aggregate{}
}

func (p *points) addHead(h *head, signal int) bool {
	sum := h.aggregate(signal)
	switch {
	case sum.Count == 0:
		return true
	case p.every == 0 || p.windowOf(h.first) != p.windowOf(h.last):
		return false
	}
	p.open(h.first)
	addAggregate(&p.window, sum)
	return true
}

func (p *points) addCells(cells []cell) {
	for i := range cells {
		c := &cells[i]
		switch {
		case !c.counts() || c.kind == vehicle.KindText:
		case p.every == 0:
			p.out = append(p.out, telemetry.Point{Time: milli(c.at), Count: 1, Min: c.num, Max: c.num, Mean: c.num, Last: c.num})
		default:
			p.open(c.at)
			p.window.Add(milli(c.at), c.num)
		}
	}
}
