package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pitcrew-telematics/pitcrew/planner"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect *dialect
	writer  *sql.DB
	reader  *sql.DB // the same pool as writer on PostgreSQL
	writes  *prepared
	reads   *prepared
	many    many
	now     func() time.Time
	journal journal
}

// Options are what Open can be told. The zero value works.
type Options struct {
	Logger *slog.Logger     // progress of migrations; nil is silent
	Now    func() time.Time // the clock of leases; nil is the machine's
}

// Open opens the database and brings its schema up to date. The address is
// "postgres://…", "sqlite:" and a path, or a path; a SQLite file is created
// when there is none, its folder is not. Errors say what to do; a database
// newer than the binary is a *VersionError.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	open, explain := openSQLite, explainSQLite
	address := strings.TrimPrefix(dsn, "sqlite:")
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		open, explain = openPostgres, explainPostgres
	} else if address == "" {
		return nil, errors.New("open database: the address is empty: give a path, or postgres://user:password@host:5432/database")
	}
	db, err := open(address)
	if err != nil {
		return nil, err
	}
	db.journal.log = log
	db.now = o.Now
	if db.now == nil {
		db.now = time.Now
	}
	if err := db.start(ctx, log); err != nil {
		if e := (*VersionError)(nil); !errors.As(err, &e) {
			err = explain(err, db.dialect.where)
		}
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// start connects, migrates and prepares the statements, one process at a time:
// even turning a new SQLite file into one with a write-ahead log cannot be done
// by two at once.
func (db *DB) start(ctx context.Context, log *slog.Logger) error {
	unlock, err := db.dialect.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := db.writer.PingContext(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, db, log); err != nil {
		return err
	}
	if db.writes, err = prepare(ctx, db.writer); err != nil {
		return err
	}
	if db.many, err = prepareMany(ctx, db.writer); err != nil {
		return err
	}
	db.reads = db.writes
	if db.reader != db.writer {
		if db.reads, err = prepare(ctx, db.reader); err != nil {
			return err
		}
	}
	if err := db.completeQuarantine(ctx, log); err != nil {
		return err
	}
	return db.finishJournal(ctx)
}

// closing is how long Close takes to clear the journal; the next Open does it else.
const closing = 5 * time.Second

// Close releases the database. It waits for nothing: stop the users first.
func (db *DB) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = db.Settle(ctx)
	db.journal.stop()
	err := db.writer.Close()
	if db.reader != db.writer {
		err = errors.Join(err, db.reader.Close())
	}
	return err
}

// Ping reports whether the database answers now, and a file whether it can be
// written: a full disk is noticed before somebody has something to store.
func (db *DB) Ping(ctx context.Context) error {
	err := db.reader.PingContext(ctx)
	if err == nil && db.dialect.probe != "" {
		_, err = db.writer.ExecContext(ctx, db.dialect.probe)
	}
	return db.dialect.fail("ping database", err)
}

// Write runs fn in a transaction that behaves as if it were alone. It commits
// when fn returns nil, and leaves nothing behind otherwise. fn runs again when
// a concurrent transaction won, so it must have no effect outside the Tx.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, db.writer, db.writes, &db.dialect.write, fn)
}

// Read runs fn on one snapshot of the database. Writing in it fails.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, db.reader, db.reads, &db.dialect.read, fn)
}

// Planner returns the database as the planner uses it.
func (db *DB) Planner() planner.Store { return plannerStore{db} }

type plannerStore struct{ db *DB }

func (s plannerStore) Write(ctx context.Context, fn func(planner.Tx) error) error {
	return s.db.Write(ctx, func(tx *Tx) error { return fn(tx) })
}

func (s plannerStore) Read(ctx context.Context, fn func(planner.Tx) error) error {
	return s.db.Read(ctx, func(tx *Tx) error { return fn(tx) })
}

func (s plannerStore) Purge(ctx context.Context) error { return s.db.Purge(ctx) }

// A transaction that lost is run again for so long, with growing pauses from retryPause on. On a
// busy server a dozen losses in a row happen.
const (
	retryFor   = 15 * time.Second
	retryPause = 5 * time.Millisecond
	longPause  = 500 * time.Millisecond
)

func (db *DB) run(ctx context.Context, pool *sql.DB, q *prepared, o *sql.TxOptions, fn func(*Tx) error) error {
	pauses := &backoff.ExponentialBackOff{
		InitialInterval: retryPause, MaxInterval: longPause, Multiplier: 2, RandomizationFactor: 0.5,
	}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := db.once(ctx, pool, q, o, fn)
		if err != nil && db.dialect.classify(err) != retryable {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(retryFor))
	if permanent := (*backoff.PermanentError)(nil); errors.As(err, &permanent) {
		return permanent.Err
	}
	return err
}

func (db *DB) once(ctx context.Context, pool *sql.DB, q *prepared, o *sql.TxOptions, fn func(*Tx) error) error {
	tx, err := db.begin(ctx, pool, o)
	if err != nil {
		return db.dialect.fail("begin transaction", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := fn(&Tx{q: q.in(tx), d: db.dialect, sql: tx, many: db.many}); err != nil {
		return err
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		err = ctx.Err() // the transaction was rolled back because of it, a moment before
	}
	return db.dialect.fail("commit", err)
}

// begin begins a transaction. When the server was restarted every connection of
// the pool is dead, and each is found out only by its use.
func (db *DB) begin(ctx context.Context, pool *sql.DB, o *sql.TxOptions) (*sql.Tx, error) {
	tx, err := pool.BeginTx(ctx, o)
	for range postgresConns {
		if err == nil || db.dialect.classify(err) != lost || ctx.Err() != nil {
			break
		}
		tx, err = pool.BeginTx(ctx, o)
	}
	return tx, err
}
