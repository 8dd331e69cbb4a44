package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// snapshot reads one vehicle within one transaction, so that a day that is
// sealed meanwhile is seen either hot or as chunks.
type snapshot struct {
	ctx     context.Context
	store   *Store
	stmt    func(query) *sql.Stmt
	vin     vehicle.VIN
	vehicle int64
}

// writing is what the owner of the turn sees of a vehicle, its own changes
// included.
func (s *Store) writing(ctx context.Context, id int64) (*snapshot, error) {
	sn := &snapshot{ctx: ctx, store: s, vehicle: id}
	sn.stmt = func(q query) *sql.Stmt { return s.stmts[q] }
	if err := s.stmts[qVIN].QueryRowContext(ctx, id).Scan(&sn.vin); err != nil {
		return nil, fmt.Errorf("find vehicle: %w", err)
	}
	return sn, nil
}

// view runs fn on a snapshot of a vehicle, and not at all when the vehicle is
// unknown.
func (s *Store) view(ctx context.Context, vin vehicle.VIN, fn func(*snapshot) error) error {
	if s.closed.Load() {
		return telemetry.ErrClosed
	}
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	defer func() { _ = tx.Rollback() }()
	sn := &snapshot{ctx: ctx, store: s, vin: vin}
	sn.stmt = func(q query) *sql.Stmt { return tx.StmtContext(ctx, s.readStmts[q]) }
	err = sn.row(qVehicle, string(vin)).Scan(&sn.vehicle)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	return fn(sn)
}

func (sn *snapshot) rows(q query, args ...any) (*sql.Rows, error) {
	return sn.stmt(q).QueryContext(sn.ctx, args...) //nolint:sqlclosecheck // the store or the transaction closes it
}

func (sn *snapshot) row(q query, args ...any) *sql.Row {
	return sn.stmt(q).QueryRowContext(sn.ctx, args...) //nolint:sqlclosecheck // the store or the transaction closes it
}

// walker takes a stretch of a vehicle's data, in order of time.
type walker struct {
	// whole is offered every chunk that lies in the stretch altogether and that
	// no hot row changes. It may take it by its head alone and return true.
	// It may be nil.
	whole func(*head) (bool, error)
	// block takes everything else.
	block func(*block) error
}

// walk visits the samples with from <= time < to: all of them, or the columns of
// one signal.
func (sn *snapshot) walk(from, to int64, signal int, w walker) error {
	from, to = max(from, 0), min(to, maxTime-1)
	if from >= to {
		return nil
	}
	hotDays, err := sn.hotDays(from/dayMillis, (to-1)/dayMillis)
	if err != nil {
		return err
	}
	p := &walk{snapshot: sn, walker: w, from: from, to: to, signal: signal, hotDays: hotDays, hot: &block{}}
	start := chunkKey(sn.vehicle, from-from%dayMillis)
	rows, err := sn.rows(qHeads, start, chunkKey(sn.vehicle, to))
	if err != nil {
		return fmt.Errorf("read chunks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var key int64
		var data sql.RawBytes
		if err := rows.Scan(&key, &data); err != nil {
			return err
		}
		if err := p.chunk(key, data); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read chunks: %w", err)
	}
	return p.flush(math.MaxInt32)
}

// walk is how far a walk has come.
type walk struct {
	*snapshot
	walker
	from, to int64
	signal   int
	hotDays  []vehicle.Day // not loaded yet
	hot      *block        // of the day at hand, what is not visited yet
}

// flush visits the hot rows of the day at hand and of the days before day.
func (p *walk) flush(day vehicle.Day) error {
	for {
		hot := p.hot
		p.hot = &block{}
		if err := p.visit(hot); err != nil {
			return err
		}
		if len(p.hotDays) == 0 || p.hotDays[0] >= day {
			return nil
		}
		if err := p.nextHot(); err != nil {
			return err
		}
	}
}

func (p *walk) nextHot() (err error) {
	p.hot, err = p.hotBlock(p.hotDays[0])
	p.hotDays = p.hotDays[1:]
	if err == nil && p.signal != allSignals {
		p.hot = p.hot.only(p.signal)
	}
	return err
}

// chunk visits a chunk together with the hot values up to its end.
func (p *walk) chunk(key int64, data []byte) error {
	day := vehicle.Day(keyTime(key) / dayMillis)
	h, err := readHead(data)
	if err == nil && h.first != keyTime(key) {
		err = fmt.Errorf("%w: the key is not the time of the first sample", ErrDamaged)
	}
	if err != nil {
		return p.store.located(err, p.vin, day)
	}
	if len(p.hot.times) > 0 && vehicle.Day(p.hot.times[0]/dayMillis) == day {
		// still the day at hand
	} else if err := p.flush(day); err != nil {
		return err
	} else if len(p.hotDays) > 0 && p.hotDays[0] == day {
		if err := p.nextHot(); err != nil {
			return err
		}
	}
	if h.last < p.from {
		return nil
	}
	hot := p.hot.slice(0, h.last+1)
	p.hot = p.hot.slice(h.last+1, math.MaxInt64)
	if len(hot.columns) == 0 && p.whole != nil && h.first >= p.from && h.last < p.to {
		if done, err := p.whole(h); done || err != nil {
			return err
		}
	}
	b, err := p.body(key, h, p.signal)
	if err != nil {
		return p.store.located(err, p.vin, day)
	}
	return p.visit(merge(b, hot))
}

func (p *walk) visit(b *block) error {
	if b = b.slice(p.from, p.to); len(b.columns) == 0 {
		return nil
	}
	return p.block(b)
}

// only returns the part of the block that one signal has.
func (b *block) only(signal int) *block {
	cells := b.column(signal)
	if len(cells) == 0 {
		return &block{}
	}
	return &block{times: b.times, sources: b.sources, columns: []column{{signal: signal, cells: cells}}}
}

func (sn *snapshot) body(key int64, h *head, signal int) (*block, error) {
	var data []byte
	if err := sn.row(qBody, key).Scan(&data); err != nil {
		return nil, err
	}
	return readBody(h, data, signal)
}

func (sn *snapshot) hotDays(from, to int64) ([]vehicle.Day, error) {
	days, err := collect[vehicle.Day](sn.rows(qHotDays, sn.vehicle, from, to))
	if err != nil {
		return nil, fmt.Errorf("read hot days: %w", err)
	}
	return days, nil
}

// hotBlock reads the hot rows of a day, merged in the order they were written.
func (sn *snapshot) hotBlock(day vehicle.Day) (*block, error) {
	rows, err := sn.rows(qHot, sn.vehicle, int64(day))
	if err != nil {
		return nil, fmt.Errorf("read hot rows: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var b builder
	for rows.Next() {
		var data sql.RawBytes
		if err := rows.Scan(&data); err != nil {
			return nil, err
		}
		if err := readHot(data, &b); err != nil {
			return nil, sn.store.located(err, sn.vin, day)
		}
	}
	return b.finish(), rows.Err()
}

// days lists the days from first to last, inclusive, that have data.
func (sn *snapshot) days(first, last vehicle.Day) ([]vehicle.Day, error) {
	days, err := sn.hotDays(int64(first), int64(last))
	if err != nil {
		return nil, err
	}
	from := chunkKey(sn.vehicle, int64(first)*dayMillis)
	to := chunkKey(sn.vehicle, min((int64(last)+1)*dayMillis, maxTime-1))
	rows, err := sn.rows(qKeys, from, to)
	keys, err := collect[int64](rows, err)
	if err != nil {
		return nil, fmt.Errorf("read chunks: %w", err)
	}
	for _, key := range keys {
		days = append(days, vehicle.Day(keyTime(key)/dayMillis))
	}
	slices.Sort(days)
	return slices.Compact(days), nil
}
