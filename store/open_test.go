package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/store"
)

// raw opens a database without the store.
func raw(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestOpenMigratesOnce(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "with space, 100%? #1.db")
	openLogged := func() string {
		t.Helper()
		var log bytes.Buffer
		db, err := store.Open(t.Context(), dsn, store.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return log.String()
	}
	if log := openLogged(); !strings.Contains(log, "file=0001_facts.sql") || !strings.Contains(log, "from=0") {
		t.Errorf("the first start does not say what it migrates:\n%s", log)
	}
	if log := openLogged(); log != "" {
		t.Errorf("the second start says:\n%s", log)
	}
	if info, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:")); err != nil {
		t.Errorf("the database is not where it should be: %v", err)
	} else if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the database has mode %o, want 600: it holds owners' addresses", mode)
	}
}

func TestOpenTogether(t *testing.T) {
	t.Parallel()
	for range 3 {
		together(t, filepath.Join(t.TempDir(), "pitcrew.db"))
	}
}

// together opens an empty database several times at once, as several processes do.
func together(t *testing.T, dsn string) {
	t.Helper()
	var g errgroup.Group
	for range 8 {
		g.Go(func() error {
			db, err := store.Open(t.Context(), dsn, store.Options{})
			if err != nil {
				return err
			}
			return errors.Join(db.Ping(t.Context()), db.Close())
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefusesNewer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pitcrew.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	newer(t, raw(t, "sqlite", path), path)
}

// newer makes a database look as if a later pitcrew had used it.
func newer(t *testing.T, db *sql.DB, dsn string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), "INSERT INTO schema_version (version_id, is_applied) VALUES (9999, TRUE)"); err != nil {
		t.Fatal(err)
	}
	opened, err := store.Open(t.Context(), dsn, store.Options{})
	if err == nil {
		_ = opened.Close()
		t.Fatal("a newer database was opened")
	}
	var version *store.VersionError
	if !errors.As(err, &version) || version.Has != 9999 || version.Knows < 1 {
		t.Fatalf("error is %v, want a VersionError", err)
	}
	for _, want := range []string{"9999", "newer pitcrew"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not mention %q: %v", want, err)
		}
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	damaged := filepath.Join(folder, "damaged.db")
	if err := os.WriteFile(damaged, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		dsn  string
		want []string
	}{
		"no address":      {"", []string{"give a path, or postgres://"}},
		"no folder":       {filepath.Join(folder, "none", "x.db"), []string{"none/x.db", "its folder exists"}},
		"a folder":        {folder, []string{folder, "may write there"}},
		"a damaged file":  {damaged, []string{damaged, "restore it from a backup"}},
		"nobody there":    {"postgres://user:secret@" + nobody + "/pitcrew", []string{nobody, "check that the server runs"}},
		"a wrong address": {"postgres://user:secret@host:port/x", []string{"postgres://user:password@host:5432/database"}},
	} {
		db, err := store.Open(t.Context(), tc.dsn, store.Options{})
		if err == nil {
			_ = db.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		for _, want := range tc.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error does not mention %q: %v", name, want, err)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error shows the password: %v", name, err)
		}
	}
}

func testPostgresOpen(t *testing.T, server *testserver.Postgres) {
	empty := server.Create(t)
	together(t, empty)

	path := filepath.Join(t.TempDir(), "pitcrew.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	lite := columns(t, raw(t, "sqlite", path), `
		SELECT m.name || '.' || c.name || ' ' || c.type || CASE WHEN c."notnull" THEN ' NOT NULL' ELSE '' END
		FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`)
	postgres := raw(t, "pgx", empty)
	full := columns(t, postgres, `
		SELECT table_name || '.' || column_name || ' ' || UPPER(data_type) || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
		FROM information_schema.columns WHERE table_schema = 'public'`)
	if len(lite) < 50 {
		t.Fatalf("only %d columns", len(lite))
	}
	if diff := cmp.Diff(lite, full); diff != "" {
		t.Errorf("schemas differ (-sqlite +postgres):\n%s", diff)
	}

	newer(t, postgres, empty)

	_, err := store.Open(t.Context(), server.URL("nothing"), store.Options{})
	if err == nil || !strings.Contains(err.Error(), "createdb") {
		t.Errorf("open a database that is not there: %v", err)
	}
}

// TestPostgresAway stops the server under an open database and brings it back.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	server := testserver.StartPostgres(t)
	db := reopened(t, server.Create(t))
	ctx := t.Context()
	facts := ingest.Batch{Seen: []ingest.Seen{{VIN: "WPT00000000000001"}}}
	if err := db.Record(ctx, facts); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	for name, err := range map[string]error{
		"Ping":   db.Ping(ctx),
		"Record": db.Record(ctx, facts),
		"Write":  db.Write(ctx, func(*store.Tx) error { return nil }),
	} {
		if !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s without a server: %v, want %s", name, err, fault.Unavailable)
		}
	}
	server.Start()
	if err := db.Record(ctx, facts); err != nil {
		t.Errorf("Record after the server came back: %v", err)
	}

	// A restart between two requests, with several connections open, goes unnoticed.
	var g errgroup.Group
	var together sync.WaitGroup
	together.Add(4)
	for range 4 {
		g.Go(func() error {
			return db.Read(ctx, func(*store.Tx) error {
				together.Done()
				together.Wait()
				return nil
			})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	server.Start()
	if err := db.Record(ctx, facts); err != nil {
		t.Errorf("Record after a restart: %v", err)
	}
}

// columns lists columns of our tables: name, type and whether it may be NULL.
func columns(t *testing.T, db *sql.DB, query string) map[string]bool {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	list := make(map[string]bool)
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(column, "schema_version.") && !strings.HasPrefix(column, "sqlite_") {
			list[column] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
