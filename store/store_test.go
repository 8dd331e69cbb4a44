package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) {
	t.Parallel()
	template := filepath.Join(t.TempDir(), "template.db")
	if err := open(t, template).Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(t testing.TB) *store.DB {
		return reopened(t, copied(t, template))
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := testserver.StartPostgres(t)
	t.Run("opening", func(t *testing.T) {
		t.Parallel()
		testPostgresOpen(t, server)
	})
	t.Run("keeping", func(t *testing.T) {
		t.Parallel()
		databases := postgresPool{server: server}
		storetest.Run(t, databases.open)
	})
}

// postgresPool lends databases to tests and takes them back emptied: making one
// costs a quarter of a second.
type postgresPool struct {
	server *testserver.Postgres
	mu     sync.Mutex
	idle   []string
}

func (p *postgresPool) open(t testing.TB) *store.DB {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	dsn := ""
	if n := len(p.idle); n > 0 {
		dsn, p.idle = p.idle[n-1], p.idle[:n-1]
	} else {
		dsn = p.server.Create(t)
	}
	db := open(t, dsn)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		p.takeBack(t, dsn)
	})
	return db
}

func (p *postgresPool) takeBack(t testing.TB, dsn string) {
	t.Helper()
	_, err := raw(t, "pgx", dsn).ExecContext(context.Background(), `DO $$ DECLARE t TEXT; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
			EXECUTE 'DELETE FROM ' || quote_ident(t);
		END LOOP; END $$`)
	if err != nil {
		t.Errorf("empty a database: %v", err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, dsn)
}

func open(t testing.TB, dsn string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), dsn, store.Options{})
	if err != nil {
		t.Fatalf("Open(%s): %v", dsn, err)
	}
	return db
}

// reopened opens a database that is migrated, and closes it after the test.
func reopened(t testing.TB, dsn string) *store.DB {
	t.Helper()
	db := open(t, dsn)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

func copied(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "pitcrew.db")
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
