// Package embedded is the time series in one SQLite file, for a pitcrew that
// runs with nothing else installed.
//
// What a batch says of one vehicle and day is either a hot row, written as it
// came, or, when it is the first of its day and long enough, a chunk, compressed
// by column. A background goroutine seals hot rows into the chunks of their day
// once the day is over and quiet. Reads merge both in one transaction.
//
//	Write ──▶ hot (vehicle, day, seq) ──seal──▶ chunk (vehicle, time)
//	    │                                          ▲
//	    ├── a stretch of a day without data ───────┘
//	    └──▶ latest (vehicle)
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Options tune a Store. The zero value is right for production.
type Options struct {
	Logger *slog.Logger // zero: silent

	SealEvery  time.Duration // how often days are looked through; zero: 1 minute
	SealQuiet  time.Duration // how long a past day rests before it is sealed; zero: 2 minutes
	HotCells   int           // values of one vehicle-day that are sealed at once; zero: 8,192
	HotTotal   int           // values of all together that are; zero: 4,000,000 (about 50 MB)
	ChunkCells int           // values at which a chunk is cut; zero: 32,768
	Readers    int           // reads at the same time; zero: 4
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		v       *time.Duration
		instead time.Duration
	}{{&o.SealEvery, time.Minute}, {&o.SealQuiet, 2 * time.Minute}} {
		if *d.v <= 0 {
			*d.v = d.instead
		}
	}
	for _, n := range []struct {
		v       *int
		instead int
	}{{&o.HotCells, 1 << 13}, {&o.HotTotal, 4_000_000}, {&o.ChunkCells, 1 << 15}, {&o.Readers, 4}} {
		if *n.v <= 0 {
			*n.v = n.instead
		}
	}
	return o
}

// Store implements telemetry.Store. It has the whole of the contract: every kind
// and quality, time sources, replacement and erasure are exact. At most 524,287
// vehicles fit in one store. Of two samples of one time that came with different
// time sources, the less certain source stays.
type Store struct {
	path    string
	options Options
	lock    *os.File
	closed  atomic.Bool

	readers   *sql.DB
	readStmts []*sql.Stmt

	// turn holds one token: who has it owns the writing connection and state.
	turn   chan struct{}
	writer *sql.DB
	conn   *sql.Conn
	stmts  []*sql.Stmt
	state  state

	signals signals

	kick chan struct{} // wakes the sealer
	stop context.CancelFunc
	done chan struct{}
}

var _ telemetry.Store = (*Store)(nil)

// Open opens the store in dir, the file telemetry.db, and makes both when they
// are missing. The error says what to do when the folder cannot be written, when
// another process has the store open (ErrInUse), or when a newer version of
// pitcrew made the file (ErrNewerFormat).
func Open(dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open telemetry store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the telemetry store: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "telemetry.lock"))
	if errors.Is(err, ErrInUse) {
		return nil, fmt.Errorf("open telemetry store in %s: %w: stop that process, or choose another folder", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open telemetry store in %s (is the folder writable?): %w", dir, err)
	}
	s := &Store{
		path:    filepath.Join(dir, "telemetry.db"),
		options: o.withDefaults(),
		lock:    lock,
		turn:    make(chan struct{}, 1),
		kick:    make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	if err := s.connect(ctx); err != nil {
		stop()
		return nil, errors.Join(err, s.release())
	}
	go s.background(ctx)
	return s, nil
}

func (s *Store) connect(ctx context.Context) (err error) {
	if s.writer, s.conn, err = openWriter(ctx, s.path); err != nil {
		return err
	}
	if s.stmts, err = prepare(ctx, s.conn, allQueries); err != nil {
		return err
	}
	if s.readers, err = openReaders(s.path, s.options.Readers); err != nil {
		return err
	}
	if s.readStmts, err = prepare(ctx, s.readers, readQueries); err != nil {
		return err
	}
	s.state.stale = true
	return s.update(ctx, func(context.Context) error { return nil }) // loads the state
}

// Close implements telemetry.Store. What is hot stays hot.
func (s *Store) Close() error {
	s.stop()
	if s.closed.Swap(true) {
		return telemetry.ErrClosed
	}
	<-s.done
	s.turn <- struct{}{} // the last writer is done; the turn is never given back
	return s.release()
}

// release closes what connect opened. Statements first: the driver keeps a
// connection open, and the log on disk, as long as it has one.
func (s *Store) release() error {
	var errs []error
	for _, stmt := range slices.Concat(s.readStmts, s.stmts) {
		errs = append(errs, stmt.Close())
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.conn.Close(), s.writer.Close())
	}
	return errors.Join(append(errs, unlockFile(s.lock))...)
}

// Ping implements telemetry.Store: it writes a row and reads.
func (s *Store) Ping(ctx context.Context) error {
	err := s.update(ctx, func(ctx context.Context) error {
		_, err := s.conn.ExecContext(ctx,
			`INSERT INTO probe (id, at) VALUES (1, $1) ON CONFLICT DO UPDATE SET at = excluded.at`, time.Now().UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", s.path, err)
	}
	return s.view(ctx, "", func(*snapshot) error { return nil })
}

// update runs fn in the one writing transaction; it is durable when update
// returns nil. ctx can cancel the wait for the turn, not the transaction: it is
// short, and half of it is worth nothing.
func (s *Store) update(ctx context.Context, fn func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return telemetry.ErrClosed
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	if s.closed.Load() {
		return telemetry.ErrClosed
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := s.load(ctx)
	if err == nil {
		err = fn(ctx)
	}
	if err == nil {
		_, err = s.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		s.state.stale = true
		// A full disk makes SQLite roll back by itself, and then there is nothing to
		// roll back. Should a transaction stay open, the next BEGIN says so.
		if _, rollback := s.conn.ExecContext(ctx, "ROLLBACK"); rollback != nil {
			s.options.Logger.Debug("roll back telemetry write", "error", rollback)
		}
	}
	return err
}

// dayKey names one vehicle's day.
type dayKey struct {
	vehicle int64
	day     vehicle.Day
}

func (k dayKey) start() int64 { return int64(k.day) * dayMillis }

// keys returns the range [from, to) of the keys of its chunks.
func (k dayKey) keys() (from, to int64) {
	return chunkKey(k.vehicle, k.start()), chunkKey(k.vehicle, k.start()+dayMillis)
}

const (
	dayMillis = 24 * 60 * 60 * 1000
	dayLength = 24 * time.Hour
)
