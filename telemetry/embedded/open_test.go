package embedded_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// alter changes the closed database in dir as a fault or a newer version would.
func alter(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "telemetry.db"))
	check(t, err)
	defer func() { check(t, db.Close()) }()
	for _, s := range statements {
		_, err := db.ExecContext(t.Context(), s)
		check(t, err)
	}
}

// written is a closed store with one sealed day of one vehicle and some hot
// samples of the next.
func written(t *testing.T) (dir string, records []telemetry.Record) {
	t.Helper()
	dir = t.TempDir()
	s := openIn(t, dir, embedded.Options{})
	records = append(crashBatch(0), crashBatch(20)[:5]...)
	records[30].VIN = records[0].VIN
	for i := range records {
		records[i].VIN = vins[0]
	}
	for i := 30; i < 35; i++ {
		records[i].Sample.Time = records[i].Sample.Time.AddDate(0, 0, 1)
	}
	check(t, s.Write(t.Context(), records))
	check(t, s.Close())
	return dir, records
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, dir string) string
		is    error
		says  string
	}{
		{
			"a newer schema", func(t *testing.T, dir string) string {
				alter(t, dir, "PRAGMA user_version = 99")
				return dir
			}, embedded.ErrNewerFormat, "start the version that wrote it",
		},
		{
			"another program's database", func(t *testing.T, dir string) string {
				alter(t, dir, "PRAGMA application_id = 7")
				return dir
			}, nil, "not a telemetry database",
		},
		{
			"no database", func(t *testing.T, dir string) string {
				check(t, os.WriteFile(filepath.Join(dir, "telemetry.db"), bytes.Repeat([]byte("no "), 5000), 0o600))
				return dir
			}, nil, "telemetry.db",
		},
		{
			"a folder that cannot be made", func(t *testing.T, dir string) string {
				return filepath.Join(dir, "telemetry.db", "data")
			}, nil, "make the folder",
		},
		{
			"a second opening", func(t *testing.T, dir string) string {
				openIn(t, dir, embedded.Options{})
				return dir
			}, embedded.ErrInUse, "in use by another process",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, _ := written(t)
			_, err := embedded.Open(c.spoil(t, dir), embedded.Options{})
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v, want one that is %v, names the folder and says %q", err, c.is, c.says)
			}
		})
	}
}

func TestReopenKeepsEverything(t *testing.T) {
	t.Parallel()
	dir, records := written(t)
	s := openIn(t, dir, embedded.Options{})
	for _, r := range records {
		requireStored(t, s, r)
	}
	check(t, s.Write(t.Context(), records)) // hot rows of before are merged with new ones
	check(t, s.Seal(t.Context()))
	if got := samples(t, s, vins[0], epoch, ever); len(got) != len(records) {
		t.Errorf("%d samples, want %d", len(got), len(records))
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	t.Parallel()
	dir, _ := written(t)
	var got []string
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		got = append(got, e.Name())
		info, err := e.Info()
		check(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600: it tells where cars go", e.Name(), mode)
		}
	}
	if d := cmp.Diff([]string{"telemetry.db", "telemetry.lock"}, got); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{})
	check(t, s.Close())
	_, latest := s.Latest(t.Context(), vins[0])
	for name, err := range map[string]error{
		"write": s.Write(t.Context(), crashBatch(0)), "latest": latest, "ping": s.Ping(t.Context()),
		"erase": s.Erase(t.Context(), vins[0]), "seal": s.Seal(t.Context()), "close": s.Close(),
	} {
		if !errors.Is(err, telemetry.ErrClosed) {
			t.Errorf("%s: error %v, want ErrClosed", name, err)
		}
	}
}

// Damage is named, and costs only the day that has it.
func TestDamagedChunk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, damage string
		is           error
	}{
		{"a bit of the values", `UPDATE chunk SET body = CAST(substr(body, 1, 5) || x'ff' || substr(body, 7) AS BLOB)`, embedded.ErrDamaged},
		{"a bit of the head", `UPDATE chunk SET head = CAST(substr(head, 1, 9) || x'ff' || substr(head, 11) AS BLOB)`, embedded.ErrDamaged},
		{"no values", `UPDATE chunk SET body = x''`, embedded.ErrDamaged},
		{"nothing", `UPDATE chunk SET head = x'', body = x''`, embedded.ErrDamaged},
		{"a version of the future", `UPDATE chunk SET head = CAST(x'09' || substr(head, 2) AS BLOB)`, embedded.ErrNewerFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, records := written(t)
			alter(t, dir, c.damage)
			s := openIn(t, dir, embedded.Options{})
			read := func() error {
				return s.Samples(t.Context(), vins[0], epoch, ever, func(vehicle.Sample) error { return nil })
			}
			requireNamed(t, dir, read(), c.is)
			requireStored(t, s, records[34])

			// More data for the day is kept, and sealing leaves the day as it is.
			check(t, s.Write(t.Context(), records[:1]))
			check(t, s.Seal(t.Context()))
			requireNamed(t, dir, read(), c.is)
			requireStored(t, s, records[34])
			check(t, s.Erase(t.Context(), vins[0]))
			check(t, read())
		})
	}
}

// A file of schema version 1, where latest held the newest of the hot rows, too.
func TestOpensVersion1(t *testing.T) {
	t.Parallel()
	dir, records := written(t)
	alter(t, dir, `DROP TABLE loose; DROP TABLE daily; PRAGMA user_version = 1`)
	s := openIn(t, dir, embedded.Options{})
	requireStored(t, s, records[0])
	daily := func() (all []telemetry.Point) {
		t.Helper()
		q := telemetry.DailyQuery{VINs: vins, Signal: vehicle.Speed, From: 0, To: vehicle.DayOf(ever)}
		check(t, s.Daily(t.Context(), q, func(_ vehicle.VIN, points []telemetry.Point) error { all = points; return nil }))
		return all
	}
	before := daily()
	check(t, s.Seal(t.Context()))
	requireStored(t, s, records[34])
	if d := cmp.Diff(before, daily()); len(before) != 2 || d != "" {
		t.Errorf("days before and after they are closed:\n%s", d)
	}
}

func requireNamed(t *testing.T, dir string, err, is error) {
	t.Helper()
	for _, part := range []string{filepath.Join(dir, "telemetry.db"), string(vins[0]), "2026-03-01"} {
		if !errors.Is(err, is) || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want one that is %v and names %s", err, is, part)
		}
	}
}

// After Erase not a byte of the vehicle is on the disk, wherever it was.
func TestEraseOverwrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openIn(t, dir, embedded.Options{})
	const secret = "a secret of the driver"
	var records []telemetry.Record
	for day := range 60 {
		for i := range 20 {
			at := crashStart.AddDate(0, 0, day).Add(time.Duration(i) * time.Second)
			records = append(records, telemetry.Record{VIN: vins[0], Sample: vehicle.Sample{
				Time: at, Readings: []vehicle.Reading{{Signal: "note", Value: vehicle.Text(secret)}},
			}})
		}
	}
	check(t, s.Write(t.Context(), records))
	check(t, s.Write(t.Context(), records[100:300])) // and hot rows
	if !onDisk(t, dir, secret) {
		t.Fatal("the text is not found before it is erased, so the search proves nothing")
	}
	check(t, s.Erase(t.Context(), vins[0]))
	for _, text := range []string{secret, string(vins[0])} {
		if onDisk(t, dir, text) {
			t.Errorf("%q is still on the disk", text)
		}
	}
}

func onDisk(t *testing.T, dir, text string) bool {
	t.Helper()
	found := false
	for _, name := range []string{"telemetry.db", "telemetry.db-wal"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		check(t, err)
		found = found || bytes.Contains(data, []byte(text))
	}
	return found
}

func TestSeriesRefusesNegativeWindows(t *testing.T) {
	t.Parallel()
	s := open(t, embedded.Options{})
	if _, err := s.Series(context.Background(), telemetry.Query{VIN: vins[0], Every: -time.Hour}); err == nil {
		t.Error("no error")
	}
}

// A value that Latest showed is replaced by a bad one, and the day with the
// value before it is damaged: the write goes on.
func TestWriteGoesOnBesideDamage(t *testing.T) {
	t.Parallel()
	dir, records := written(t)
	alter(t, dir, `UPDATE chunk SET body = x''`)
	s := openIn(t, dir, embedded.Options{})
	bad := records[25:]
	for i := range bad {
		bad[i].Sample.Readings[0].Quality = vehicle.QualityInvalid
	}
	check(t, s.Write(t.Context(), bad))
	latest, err := s.Latest(t.Context(), vins[0])
	if err != nil || len(latest) != 0 {
		t.Errorf("latest %v, %v; want none", latest, err)
	}
	requireStored(t, s, records[30])
}
