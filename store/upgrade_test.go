package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/store"
)

// A fleet whose database knew priors, and nothing of what is in force, goes on with the
// newest of them.
func TestTheNewestPriorIsInForceAfterAnUpgrade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pitcrew.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	before, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"),
		goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_version"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.UpTo(t.Context(), 19); err != nil {
		t.Fatal(err)
	}
	learned := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, version := range []string{"fleet-b", "fleet-a"} {
		_, err := db.ExecContext(t.Context(), `INSERT INTO priors (version, learned, body) VALUES ($1, $2, $3)`,
			version, learned.AddDate(0, 0, -i).UnixMicro(), `{"Version": "`+version+`", "Usage": {"KmPerDay": 40, "CV": 0.5}}`)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = after.Close() }()
	all, err := after.Models(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if v := all[0]; v.Prior.Version != "fleet-b" || v.State != models.Active || !v.InForce.Equal(learned) || v.Prior.Usage.KmPerDay != 40 || !v.Report.At.IsZero() {
		t.Errorf("the newest is %+v", v)
	}
	if v := all[1]; v.State != models.Retired || !v.InForce.IsZero() {
		t.Errorf("the older is %+v", v)
	}
}
