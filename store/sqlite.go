package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many queries SQLite answers at a time beside the one writer.
const readers = 4

// openSQLite opens the file for one writing connection and a few reading ones.
// A commit is on disk when it returns (synchronous FULL), and what is deleted is
// overwritten (secure_delete), or an erased vehicle would stay readable in the file.
func openSQLite(path string) (*DB, error) {
	file, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find database %s: %w", path, err)
	}
	// Owners' names and addresses are in it. SQLite would make the file readable for
	// everybody; if it cannot be made, opening it says why.
	if f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600); err == nil {
		_ = f.Close()
	}
	writer, err := sql.Open("sqlite", sqliteURL(file, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=secure_delete(ON)"))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", file, err)
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", sqliteURL(file, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", file, err), writer.Close())
	}
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	d := &dialect{
		name:     "sqlite",
		where:    file,
		goose:    goose.DialectSQLite3,
		read:     sql.TxOptions{ReadOnly: true},
		probe:    "PRAGMA user_version = 0", // a number in the file's head that is nobody's
		lock:     func(ctx context.Context) (func(), error) { return lockSQLite(ctx, file) },
		short:    context.WithoutCancel, // the driver starts a goroutine for each that could be interrupted
		classify: classifySQLite,
	}
	return &DB{dialect: d, writer: writer, reader: reader}, nil
}

// sqliteURL is the driver's address of a file, with the settings of every
// connection: wait up to 10 s for a lock of another process.
func sqliteURL(file string, settings ...string) string {
	query := "_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_dqs=0"
	for _, s := range settings {
		query += "&" + s
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: query}
	return u.String()
}

// lockSQLite holds an exclusive transaction on an empty database beside the
// real one: SQLite has no lock of its own that spans several transactions.
func lockSQLite(ctx context.Context, file string) (func(), error) {
	db, err := sql.Open("sqlite", sqliteURL(file+"-lock", "_txlock=exclusive"))
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("take lock: %w", err), db.Close())
	}
	return func() {
		_ = tx.Rollback()
		_ = db.Close()
	}, nil
}

// classifySQLite reads result codes, https://sqlite.org/rescode.html.
func classifySQLite(err error) class {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return other
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return duplicate
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return retryable
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return unavailable
	}
	return other
}

// explainSQLite says what to do about a file that cannot be opened.
func explainSQLite(err error, file string) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("open database %s: %w", file, err)
	}
	advice := "see the cause"
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		advice = "the file is damaged or no SQLite database: restore it from a backup, or move it away to start with an empty one"
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY:
		advice = "check that its folder exists and that pitcrew may write there"
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL:
		advice = "check the disk and the space left on it"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		advice = "another program holds it: stop that program and start again"
	}
	return fmt.Errorf("open database %s: %s: %w", file, advice, err)
}
