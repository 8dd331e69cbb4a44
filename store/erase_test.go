package store_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/store"
)

// A table that is added with a column vin has to be erased with the vehicle.
func TestEveryTableWithAVINIsErased(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pitcrew.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := raw(t, "sqlite", path).QueryContext(t.Context(),
		`SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'vin' ORDER BY m.name`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	erased := store.ErasedTables()
	found := 0
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		found++
		if !slices.Contains(erased, table) {
			t.Errorf("table %s has a column vin, and erasing a vehicle leaves its rows: add it to perVehicle", table)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if found != len(erased) {
		t.Errorf("%d tables have a column vin, and %d are erased: %v", found, len(erased), erased)
	}
}
