package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// latest is the newest counting value of every signal of one vehicle. It is
// stored as a hot row in which every column has one value.
type latest struct {
	cells []latestCell // ascending by signal
	lost  []int        // signals whose newest value was replaced by one that does not count
}

type latestCell struct {
	signal int
	cell
}

// raise takes what is newer in b and returns whether anything changed.
func (l *latest) raise(b *block) bool {
	changed := false
	for i := range b.columns {
		col := &b.columns[i]
		at, known := l.find(col.signal)
		newest := newestCounting(col.cells)
		switch {
		case newest != nil && !known:
			l.cells = slices.Insert(l.cells, at, latestCell{signal: col.signal, cell: *newest})
			changed = true
		case newest != nil && newest.at >= l.cells[at].at:
			l.cells[at].cell = *newest
			changed = true
		case known && hasAt(col.cells, l.cells[at].at):
			l.lost = append(l.lost, col.signal)
			changed = true
		}
	}
	return changed
}

func (l *latest) find(signal int) (int, bool) {
	return slices.BinarySearchFunc(l.cells, signal, func(c latestCell, s int) int { return cmp.Compare(c.signal, s) })
}

// newestCounting returns the last cell that counts, nil when none does.
func newestCounting(cells []cell) *cell {
	for i := len(cells) - 1; i >= 0; i-- {
		if cells[i].counts() {
			return &cells[i]
		}
	}
	return nil
}

func hasAt(cells []cell, at int64) bool {
	return len(between(cells, at, at+1)) > 0
}

// latestOf returns what is known of a vehicle, for the writer to change.
func (s *Store) latestOf(ctx context.Context, id int64) (*latest, error) {
	if l, ok := s.state.latest.Get(id); ok {
		return l, nil
	}
	var data []byte
	err := s.stmts[qLatest].QueryRowContext(ctx, id).Scan(&data)
	l := &latest{}
	if err == nil {
		err = l.read(data)
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("read latest values: %w", err)
	}
	s.state.latest.Add(id, l)
	return l, nil
}

// read decodes a row of the latest table.
func (l *latest) read(data []byte) error {
	var b builder
	if err := readHot(data, &b); err != nil {
		return err
	}
	for _, c := range b.finish().columns {
		l.cells = append(l.cells, latestCell{signal: c.signal, cell: c.cells[len(c.cells)-1]})
	}
	return nil
}

func (l *latest) block() *block {
	b := &block{}
	for i := range l.cells {
		b.times = append(b.times, l.cells[i].at)
		b.columns = append(b.columns, column{signal: l.cells[i].signal, cells: []cell{l.cells[i].cell}})
	}
	slices.Sort(b.times)
	b.times = slices.Compact(b.times)
	b.sources = make([]vehicle.TimeSource, len(b.times))
	return b
}

// putLatest stores l, after the batch that changed it.
func (s *Store) putLatest(ctx context.Context, id int64, l *latest) error {
	for _, signal := range l.lost {
		if err := s.restore(ctx, id, l, signal); err != nil {
			return err
		}
	}
	l.lost = nil
	s.state.buf = appendHot(s.state.buf[:0], l.block())
	if _, err := s.stmts[qPutLatest].ExecContext(ctx, id, s.state.buf); err != nil {
		return fmt.Errorf("write latest values: %w", err)
	}
	return nil
}

// restore looks for the newest value of a signal that counts, day by day
// backwards.
func (s *Store) restore(ctx context.Context, id int64, l *latest, signal int) error {
	at, known := l.find(signal)
	if !known {
		return nil
	}
	l.cells = slices.Delete(l.cells, at, at+1)
	sn, err := s.writing(ctx, id)
	if err != nil {
		return err
	}
	days, err := sn.days(0, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, day := range slices.Backward(days) {
		newest, err := sn.newest(day, signal)
		if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewerFormat) {
			// A write must not fail for ever because an old day cannot be read.
			s.options.Logger.Error("look for the latest value: the day is left out", "error", err)
			continue
		}
		if err != nil {
			return err
		}
		if newest != nil {
			l.cells = slices.Insert(l.cells, at, latestCell{signal: signal, cell: *newest})
			return nil
		}
	}
	return nil
}

// newest returns the newest value of a signal on a day that counts.
func (sn *snapshot) newest(day vehicle.Day, signal int) (*cell, error) {
	var newest *cell
	start := int64(day) * dayMillis
	err := sn.walk(start, start+dayMillis, signal, walker{
		whole: func(h *head) (bool, error) {
			for i := range h.columns {
				if h.columns[i].signal == signal && h.columns[i].counted > 0 {
					return false, nil
				}
			}
			return true, nil
		},
		block: func(b *block) error {
			if c := newestCounting(b.column(signal)); c != nil {
				newest = c
			}
			return nil
		},
	})
	return newest, err
}

// Latest implements telemetry.Store.
func (s *Store) Latest(ctx context.Context, vin vehicle.VIN) ([]telemetry.Latest, error) {
	var out []telemetry.Latest
	err := s.view(ctx, vin, func(sn *snapshot) error {
		var data []byte
		err := sn.row(qLatest, sn.vehicle).Scan(&data)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var l latest
		if err := l.read(data); err != nil {
			return fmt.Errorf("%s, latest values of vehicle %s: %w", s.path, vin, err)
		}
		for i := range l.cells {
			c := &l.cells[i]
			out = append(out, telemetry.Latest{Signal: s.signals.lookup(c.signal), Time: milli(c.at), Value: c.value()})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b telemetry.Latest) int { return cmp.Compare(a.Signal, b.Signal) })
	return out, err
}
