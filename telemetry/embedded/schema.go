package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the database/sql driver "sqlite"
)

// The marks of a telemetry database in the header of the SQLite file.
const (
	applicationID = 0x70635453 // "pcTS"
	schemaVersion = 3
)

// schema of version 3. A chunk's key is vehicle<<44 | ms since 1970 of its first
// sample, so that one vehicle's chunks lie together in order of time. Hot rows
// and chunks are described in docs/formats/telemetry-chunk.md; a row of latest
// holds the newest value of every signal in the format of a hot row. Days with
// chunks that are not closed yet are loose; daily says what the others come to.
const schema = `
CREATE TABLE vehicle (id INTEGER PRIMARY KEY, vin TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE signal (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE hot (
	vehicle INTEGER NOT NULL, day INTEGER NOT NULL, seq INTEGER NOT NULL,
	cells INTEGER NOT NULL, data BLOB NOT NULL,
	PRIMARY KEY (vehicle, day, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE chunk (key INTEGER PRIMARY KEY, head BLOB NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE latest (vehicle INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
` + daysTables

// daysTables is what version 3 has and version 1 had not.
const daysTables = `
CREATE TABLE loose (vehicle INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (vehicle, day)) STRICT, WITHOUT ROWID;
CREATE TABLE daily (key INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
`

// upgrade brings a file of an older version up to date. Its days are closed, one
// after the other, by the sealer.
const upgrade = `
DROP TABLE IF EXISTS loose;
` + daysTables + `
INSERT INTO loose SELECT DISTINCT key >> 44, (key & (1 << 44) - 1) / 86400000 FROM chunk;
`

// A vehicle's id and a time share the 63 bits of a chunk's key.
const (
	timeBits    = 44
	maxVehicles = 1<<(63-timeBits) - 1
)

func chunkKey(vehicle, at int64) int64 { return vehicle<<timeBits | at }

func keyTime(key int64) int64 { return key & (1<<timeBits - 1) }

// busyTimeout is how long a statement waits for another connection's lock, in ms.
const busyTimeout = "busy_timeout(5000)"

// dsn names the file, with pragmas for every connection to it. The driver runs
// them in an order of its own.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{busyTimeout}, pragmas...)}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// writerPragmas run in this order: page_size and auto_vacuum count only before
// the file is made, which journal_mode does. synchronous=FULL makes every commit
// durable before it returns; secure_delete overwrites what is deleted with
// zeros, so that Erase erases; the log is written back to the file after 16 MB.
var writerPragmas = []string{
	"PRAGMA page_size = 4096",
	"PRAGMA auto_vacuum = INCREMENTAL",
	"PRAGMA journal_mode = WAL",
	"PRAGMA synchronous = FULL",
	"PRAGMA secure_delete = ON",
	"PRAGMA wal_autocheckpoint = 4000",
	"PRAGMA cache_size = -16000",
}

// openWriter opens the one connection that writes.
func openWriter(ctx context.Context, path string) (*sql.DB, *sql.Conn, error) {
	// It tells where cars go and when. SQLite would make the file readable for
	// everybody; if it cannot be made, opening it says why.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err == nil {
		_ = f.Close()
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	for _, pragma := range writerPragmas {
		if err == nil {
			_, err = conn.ExecContext(ctx, pragma)
		}
	}
	if err != nil {
		_ = db.Close()
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := migrate(ctx, conn, path); err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return db, conn, nil
}

// openReaders opens the connections that read, at most n.
func openReaders(path string, n int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, "query_only(ON)", "cache_size(-4000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// migrate makes the schema in an empty file, brings an older one up to date, and
// refuses what it does not know.
func migrate(ctx context.Context, conn *sql.Conn, path string) error {
	var application, version, tables int
	for pragma, target := range map[string]*int{
		"PRAGMA application_id":              &application,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := conn.QueryRowContext(ctx, pragma).Scan(target); err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
	}
	script := schema
	switch {
	case application == applicationID && version == schemaVersion:
		return nil
	case application == applicationID && version > 0 && version < schemaVersion:
		script = upgrade
	case application == applicationID && version > schemaVersion:
		return fmt.Errorf("open %s: %w: its schema is version %d and this pitcrew knows up to %d; start the version that wrote it or a newer one, or restore a backup made by this one",
			path, ErrNewerFormat, version, schemaVersion)
	case application != 0 || version != 0 || tables != 0:
		return fmt.Errorf("open %s: this is not a telemetry database of pitcrew; move it away or choose another folder", path)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = tx.Rollback() }()
	script += fmt.Sprintf("; PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, schemaVersion)
	if _, err := tx.ExecContext(ctx, script); err != nil {
		return fmt.Errorf("make the schema of %s: %w", path, err)
	}
	return tx.Commit()
}
