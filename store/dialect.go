package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
)

// dialect is all that differs between SQLite and PostgreSQL.
type dialect struct {
	name   string
	where  string // the database, safe to show: no password
	goose  goose.Dialect
	write  sql.TxOptions // decides on what it reads: nothing it read may change
	record sql.TxOptions // single upserts only, each correct by itself
	read   sql.TxOptions // one snapshot
	probe  string        // writes something that changes nothing; empty: not needed

	// lock keeps others from opening the same database until unlock is called.
	lock func(ctx context.Context) (unlock func(), err error)
	// short is a context for the statements of a transaction of many short ones,
	// which its end need not interrupt.
	short func(context.Context) context.Context
	// classify says what an error of the driver means, by its code.
	classify func(error) class
}

// class is what an error of a driver means to the caller.
type class int

const (
	other       class = iota
	retryable         // lost against a concurrent transaction: run it again
	duplicate         // a key exists already
	unavailable       // the server or the disk is away, full or read-only
	lost              // the connection broke; another one may work
)

// fail wraps an error of the database with what was being done, and gives it
// the domain code that callers act on. It returns nil for nil.
func (d *dialect) fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	switch d.classify(err) {
	case duplicate:
		return fmt.Errorf("%s: %w", doing, fault.Wrap(err, fault.Conflict, "another one with the same key exists already"))
	case retryable:
		return fmt.Errorf("%s: %w", doing, fault.Wrap(err, fault.Conflict, "somebody else is changing the same data"))
	case unavailable, lost:
		return fmt.Errorf("%s: %w", doing, fault.Wrap(err, fault.Unavailable, "the database cannot be used at the moment"))
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}
