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

// latest is the newest counting value of every signal of one vehicle. Those of
// its chunks are stored, as a hot row in which every column has one value; the
// hot rows of a vehicle are few, and speak for themselves.
type latest struct {
	cells []latestCell // ascending by signal
	lost  []int        // signals whose newest value was replaced by one that does not count
}

type latestCell struct {
	signal int
	source vehicle.TimeSource
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
			l.cells = slices.Insert(l.cells, at, latestCell{col.signal, b.source(newest.at), *newest})
			changed = true
		case newest != nil && newest.at >= l.cells[at].at:
			l.cells[at] = latestCell{col.signal, b.source(newest.at), *newest}
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

// latestOf reads what is stored of a vehicle's latest values: those of its chunks.
func (sn *snapshot) latestOf() (*latest, error) {
	var data []byte
	l := &latest{}
	err := sn.row(qLatest, sn.vehicle).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil
	}
	if err == nil {
		err = l.read(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s, latest values of vehicle %s: %w", sn.store.path, sn.vin, err)
	}
	return l, nil
}

// read decodes a row of the latest table.
func (l *latest) read(data []byte) error {
	var b builder
	if err := readHot(data, &b); err != nil {
		return err
	}
	kept := b.finish()
	for _, c := range kept.columns {
		last := c.cells[len(c.cells)-1]
		l.cells = append(l.cells, latestCell{c.signal, kept.source(last.at), last})
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
	for i := range l.cells {
		at, _ := slices.BinarySearch(b.times, l.cells[i].at)
		b.sources[at] = max(b.sources[at], l.cells[i].source)
	}
	return b
}

// raiseLatest stores what is newer in b, whose values have just been put into
// chunks.
func (s *Store) raiseLatest(ctx context.Context, id int64, b *block) error {
	sn, err := s.writing(ctx, id)
	if err != nil {
		return err
	}
	l, err := sn.latestOf()
	if err != nil || !l.raise(b) {
		return err
	}
	if err := sn.restore(l); err != nil {
		return err
	}
	s.state.buf = appendHot(s.state.buf[:0], l.block())
	if _, err := s.stmts[qPutLatest].ExecContext(ctx, id, s.state.buf); err != nil {
		return fmt.Errorf("write latest values: %w", err)
	}
	return nil
}

// restore looks for the newest values that count of the signals that were lost.
func (sn *snapshot) restore(l *latest) error {
	for _, signal := range l.lost {
		if err := sn.restoreSignal(l, signal); err != nil {
			return err
		}
	}
	l.lost = nil
	return nil
}

// restoreSignal goes backwards day by day.
func (sn *snapshot) restoreSignal(l *latest, signal int) error {
	at, known := l.find(signal)
	if !known {
		return nil
	}
	l.cells = slices.Delete(l.cells, at, at+1)
	days, err := sn.days(0, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, day := range slices.Backward(days) {
		newest, err := sn.newest(day, signal)
		if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewerFormat) {
			// A write must not fail for ever because an old day cannot be read.
			sn.store.options.Logger.Error("look for the latest value: the day is left out", "error", err)
			continue
		}
		if err != nil {
			return err
		}
		if newest != nil {
			l.cells = slices.Insert(l.cells, at, *newest)
			return nil
		}
	}
	return nil
}

// newest returns the newest value of a signal on a day that counts.
func (sn *snapshot) newest(day vehicle.Day, signal int) (*latestCell, error) {
	var newest *latestCell
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
				newest = &latestCell{signal, b.source(c.at), *c}
			}
			return nil
		},
	})
	return newest, err
}

// Latest implements telemetry.Store. Hot rows are merged with what is stored of
// the chunks; there are few of one vehicle (Options.HotCells).
func (s *Store) Latest(ctx context.Context, vin vehicle.VIN) ([]telemetry.Latest, error) {
	var out []telemetry.Latest
	err := s.view(ctx, vin, func(sn *snapshot) error {
		l, err := sn.latestOf()
		if err != nil {
			return err
		}
		days, err := sn.hotDays(0, maxTime/dayMillis)
		if err != nil {
			return err
		}
		for _, day := range days {
			hot, err := sn.hotBlock(day)
			if err != nil {
				return err
			}
			l.raise(hot)
		}
		if err := sn.restore(l); err != nil {
			return err
		}
		for i := range l.cells {
			c := &l.cells[i]
			out = append(out, telemetry.Latest{Signal: s.signals.lookup(c.signal), Time: milli(c.at), TimeSource: c.source, Value: c.value()})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b telemetry.Latest) int { return cmp.Compare(a.Signal, b.Signal) })
	return out, err
}
