package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// How PostgreSQL is used, where the address does not say otherwise.
const (
	postgresConns   = 12
	postgresTimeout = 5 * time.Second
)

// startLock is the key of the advisory lock under which a database is opened.
const startLock = 0x70697463726577 // "pitcrew"

// openPostgres prepares a pool; nothing is connected yet.
func openPostgres(dsn string) (*DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read database address: %w: it has the form postgres://user:password@host:5432/database", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "pitcrew"
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	where := url.URL{
		Scheme: "postgres",
		Host:   net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))),
		Path:   config.Database,
	}
	d := &dialect{
		name:     "postgres",
		where:    where.String(),
		goose:    goose.DialectPostgres,
		write:    sql.TxOptions{Isolation: sql.LevelSerializable},
		record:   sql.TxOptions{Isolation: sql.LevelReadCommitted},
		read:     sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		lock:     func(ctx context.Context) (func(), error) { return lockPostgres(ctx, pool) },
		short:    func(ctx context.Context) context.Context { return ctx },
		classify: classifyPostgres,
	}
	return &DB{dialect: d, writer: pool, reader: pool}, nil
}

// lockPostgres waits for the advisory lock of this database.
func lockPostgres(ctx context.Context, pool *sql.DB) (func(), error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(startLock)); err != nil {
		return nil, errors.Join(fmt.Errorf("take lock: %w", err), conn.Close())
	}
	return func() {
		// Should the unlock fail, the server drops the lock with the session.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(startLock))
		_ = conn.Close()
	}, nil
}

// classifyPostgres reads SQLSTATE codes, PostgreSQL manual appendix A.
func classifyPostgres(err error) class {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return unavailable
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return lostConnection(err)
	}
	switch e.Code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return retryable
	case "23505": // unique_violation
		return duplicate
	}
	switch e.Code[:2] {
	case "08", "57": // connection, operator intervention (the server shuts down)
		return lost
	case "53": // insufficient resources
		return unavailable
	}
	return other
}

// lostConnection tells a connection that broke from other errors.
func lostConnection(err error) class {
	for _, broken := range []error{driver.ErrBadConn, io.ErrUnexpectedEOF, io.EOF, net.ErrClosed} {
		if errors.Is(err, broken) {
			return lost
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok || pgconn.SafeToRetry(err) {
		return lost
	}
	return other
}

// explainPostgres says what to do about a server that cannot be used.
func explainPostgres(err error, where string) error {
	advice := "check that the server runs and that the address is right"
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "28000", "28P01":
			advice = "the server refuses this user: check the user and the password"
		case "3D000":
			advice = "there is no such database: create it, for example with createdb"
		case "42501":
			advice = "the user may not create tables there: grant CREATE on the schema"
		case "53300":
			advice = "the server has no connection left: raise max_connections"
		default:
			advice = "see the cause"
		}
	}
	return fmt.Errorf("open database %s: %s: %w", where, advice, err)
}
