package store_test

import (
	"os"
	"path/filepath"
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
	template := server.Create(t, "")
	if err := open(t, template).Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(t testing.TB) *store.DB {
		return reopened(t, server.Create(t, template))
	})
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
