package obd_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
)

// publishedTable reads a table that stands beside the vectors. As with the folder,
// only outside CI its absence skips the test: not every set of vectors has tables.
func publishedTable(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(publishedFolder(t), name))
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skipf("no published table: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPublishedPIDTable compares the table with the shared compilation: bytes,
// limits and units of every field.
func TestPublishedPIDTable(t *testing.T) {
	t.Parallel()
	b := publishedTable(t, "obd_pid_table.csv")
	fields := 0
	for _, row := range csvRows(t, string(b)) {
		fields++
		pid, ok := j1979.Lookup(unhex(row["pid_hex"])[0])
		if !ok || fmt.Sprint(pid.Bytes) != row["data_bytes"] {
			t.Errorf("PID %s: got %d bytes, want %s", row["pid_hex"], pid.Bytes, row["data_bytes"])
			continue
		}
		found := false
		for _, f := range pid.Fields {
			if f.Name != row["signal"] || fmt.Sprint(f.Bit) != row["bit_offset"] {
				continue
			}
			found = true
			lo, hi := f.Range()
			if f.Unit != row["unit"] || math.Abs(lo-parseNumber(t, row["min"])) > 1e-6 || math.Abs(hi-parseNumber(t, row["max"])) > 1e-6 {
				t.Errorf("PID %s %s: got %v..%v %s, want %s..%s %s", row["pid_hex"], f.Name, lo, hi, f.Unit, row["min"], row["max"], row["unit"])
			}
		}
		if !found {
			t.Errorf("PID %s: no field %s", row["pid_hex"], row["signal"])
		}
	}
	t.Logf("obd_pid_table.csv: %d fields compared", fields)
}

// TestPublishedAlarmNames compares the names of alarm flags with the shared table:
// vectors have a few of the bits only.
func TestPublishedAlarmNames(t *testing.T) {
	t.Parallel()
	b := publishedTable(t, "enums.json")
	var all struct {
		GB32960 struct {
			Bits map[uint8]string `json:"alarm_bits_2025"` // those of 2016 are the first of them
		}
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all.GB32960.Bits) == 0 {
		t.Fatalf("no names of alarm flags: %v", err)
	}
	for bit, want := range all.GB32960.Bits {
		if got := gbt32960.AlarmName(bit); got != want {
			t.Errorf("bit %d: got %s, want %s", bit, got, want)
		}
	}
}
