package embedded

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const testVIN = vehicle.VIN("WPCZZZ00000000001")

func speedAt(at time.Time, v float64) telemetry.Record {
	return telemetry.Record{VIN: testVIN, Received: at, Sample: vehicle.Sample{
		Time: at, Readings: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(v)}},
	}}
}

// rows counts what lies in a table.
func (s *Store) rows(t *testing.T, table string) int {
	t.Helper()
	var n int
	if err := s.readers.QueryRowContext(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func write(t *testing.T, s *Store, records ...telemetry.Record) {
	t.Helper()
	if err := s.Write(context.Background(), records); err != nil {
		t.Fatal(err)
	}
}

func (s *Store) requireRows(t *testing.T, when string, hot, chunks int) {
	t.Helper()
	if h, c := s.rows(t, "hot"), s.rows(t, "chunk"); h != hot || c != chunks {
		t.Errorf("%s: %d hot rows and %d chunks, want %d and %d", when, h, c, hot, chunks)
	}
}

// The bubble's clock starts on 2000-01-01 00:00 UTC.
func TestSealsPastDaysWhenQuiet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(dir, Options{SealEvery: time.Minute, SealQuiet: 10 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		wait := func(d time.Duration) {
			time.Sleep(d) // of the bubble: no time passes outside
			synctest.Wait()
		}
		today := time.Now()
		write(t, s, speedAt(today, 1), speedAt(today.Add(-36*time.Hour), 2))
		s.requireRows(t, "at first", 2, 0)
		wait(5 * time.Minute)
		write(t, s, speedAt(today.Add(-35*time.Hour), 3))
		wait(8 * time.Minute)
		s.requireRows(t, "while more may come", 3, 0)
		wait(4 * time.Minute)
		s.requireRows(t, "when the past day is quiet", 1, 1)
		wait(22 * time.Hour)
		s.requireRows(t, "on the same day", 1, 1)
		wait(3 * time.Hour)
		s.requireRows(t, "on the next day", 0, 2)
		write(t, s, speedAt(today.Add(-34*time.Hour), 4))
		wait(15 * time.Minute)
		s.requireRows(t, "after late data", 0, 2)
	})
}

// All days together are bounded too: the quietest are sealed first.
func TestSealsWhenTooMuchIsHot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(dir, Options{HotTotal: 10})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		for day := range 12 {
			time.Sleep(time.Second)
			write(t, s, speedAt(time.Now().AddDate(0, 0, day), 1))
			synctest.Wait()
			if hot := s.rows(t, "hot"); hot > 10 {
				t.Errorf("%d values are hot, want at most 10", hot)
			}
		}
		if chunks := s.rows(t, "chunk"); chunks == 0 || chunks == 12 {
			t.Errorf("%d of 12 days are sealed, want the quietest only", chunks)
		}
	})
}

// A day that has to be sealed again and again gets small chunks, and one when it
// is over; a restart does not forget it.
func TestDaysSealedInPiecesAreClosed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		open := func() *Store {
			s, err := Open(dir, Options{HotTotal: 10})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		s := open()
		start := time.Now()
		for i := range 100 {
			write(t, s, speedAt(start.Add(time.Duration(i)*time.Minute), float64(i)))
			synctest.Wait()
		}
		if chunks := s.rows(t, "chunk"); chunks < 4 || s.rows(t, "loose") != 1 {
			t.Errorf("%d chunks and %d days to close, want several chunks of one day", chunks, s.rows(t, "loose"))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open()
		defer func() { _ = s.Close() }()
		time.Sleep(25 * time.Hour) // of the bubble
		synctest.Wait()
		s.requireRows(t, "when the day is over", 0, 1)
		if n := s.rows(t, "loose"); n != 0 {
			t.Errorf("%d days are still to be closed", n)
		}
		count := 0
		err := s.Samples(context.Background(), testVIN, start, start.AddDate(0, 0, 1), func(vehicle.Sample) error {
			count++
			return nil
		})
		if err != nil || count != 100 {
			t.Errorf("%d samples, %v; want 100", count, err)
		}
	})
}

func TestLongUploadsBecomeChunksAtOnce(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	var day []telemetry.Record
	for i := range 100 {
		day = append(day, speedAt(start.Add(time.Duration(i)*time.Second), float64(i)))
	}
	write(t, s, day[:60]...)
	s.requireRows(t, "the first part", 0, 1)
	write(t, s, day[60:]...)
	s.requireRows(t, "the second part", 1, 1)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.requireRows(t, "sealed", 0, 1)
}

// A dense day is cut, so that late data rewrites a piece of it only.
func TestDenseDaysAreCut(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir(), Options{ChunkCells: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var day []telemetry.Record
	for i := range 10_000 {
		day = append(day, speedAt(start.Add(time.Duration(i)*8*time.Second), float64(i)))
	}
	write(t, s, day...)
	keys := s.keys(t)
	if len(keys) < 10 || len(keys) > 21 {
		t.Fatalf("%d chunks of 10,000 values, want 10 to 20", len(keys))
	}
	write(t, s, speedAt(start.Add(4*time.Hour+time.Second), -1))
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if again := s.keys(t); len(again) < len(keys) || len(again) > len(keys)+1 {
		t.Errorf("%d chunks after one late value, want %d", len(again), len(keys))
	}
	count := 0
	err = s.Samples(context.Background(), testVIN, start, start.AddDate(0, 0, 1), func(vehicle.Sample) error {
		count++
		return nil
	})
	if err != nil || count != 10_001 {
		t.Errorf("%d samples, %v; want 10,001", count, err)
	}
}

func (s *Store) keys(t *testing.T) []int64 {
	t.Helper()
	keys, err := collect[int64](s.readers.QueryContext(context.Background(), "SELECT key FROM chunk ORDER BY key"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// What durability rests on cannot be seen from outside without cutting the
// power.
func TestWriterIsDurable(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "auto_vacuum": "2",
	} {
		var got string
		if err := s.conn.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", pragma, got, err, want)
		}
	}
}

// A chunk keeps decimals, which have one zero: hot rows have the same one, or what
// is read would depend on when a day was sealed.
func TestZeroHasNoSign(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	at := time.Date(2026, time.November, 2, 8, 0, 0, 0, time.UTC)
	write(t, s, speedAt(at, math.Copysign(0, -1)))
	err = s.Samples(t.Context(), testVIN, at, at.Add(time.Second), func(got vehicle.Sample) error {
		if v := got.Readings[0].Value; math.Signbit(v.Num) {
			t.Errorf("the value is %v", v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
