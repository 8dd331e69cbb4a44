package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var journalStart = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// fleetBatch is one message of each vehicle, the n-th.
func fleetBatch(vehicles, n int) ingest.Batch {
	var b ingest.Batch
	at := journalStart.Add(time.Duration(n) * time.Second)
	for i := range vehicles {
		vin := vehicle.VIN(fmt.Sprintf("WPT%014d", i))
		b.Seen = append(b.Seen, ingest.Seen{VIN: vin, Received: at, LastEvent: at.Add(-time.Second), Boot: "b", Seq: uint64(n)})
		b.Marks = append(b.Marks, ingest.Mark{VIN: vin, Day: vehicle.Day(20000 + n%3), At: at})
	}
	return b
}

// fleetState is all that the batches say, as it can be read.
func fleetState(t *testing.T, db *store.DB) []string {
	t.Helper()
	rows, _, err := db.Vehicles(t.Context(), planner.VehicleFilter{}, planner.Page{Size: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range rows {
		came, err := db.Reception(t.Context(), r.Vehicle.VIN)
		if err != nil {
			t.Fatal(err)
		}
		var days []vehicle.Day
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			days, err = tx.MarkedDays(t.Context(), r.Vehicle.VIN)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		v := r.Vehicle
		all = append(all, fmt.Sprint(v.VIN, v.FirstSeen, v.LastSeen, v.LastEvent, v.Online, came, days))
	}
	return all
}

// onEach runs a test on both dialects. open opens the same database again.
func onEach(t *testing.T, run func(t *testing.T, open func() *store.DB)) {
	for name, dsn := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "journal.db") },
		"postgres": func(t *testing.T) string { return testserver.StartPostgres(t).Create(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := dsn(t)
			run(t, func() *store.DB { return reopened(t, address) })
		})
	}
}

// Large batches, in any order and some twice, leave what the same messages leave one
// by one. A process that dies leaves it to the next.
func TestJournalChangesNothing(t *testing.T) {
	t.Parallel()
	const vehicles, batches = 300, 6
	onEach(t, func(t *testing.T, open func() *store.DB) {
		alone := reopened(t, filepath.Join(t.TempDir(), "alone.db"))
		for n := range batches {
			b := fleetBatch(vehicles, n)
			for i := range vehicles {
				if err := alone.Record(t.Context(), ingest.Batch{Seen: b.Seen[i : i+1], Marks: b.Marks[i : i+1]}); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := fleetState(t, alone)

		db := open()
		for _, n := range append(rand.Perm(batches), 0, 3) {
			if err := db.Record(t.Context(), fleetBatch(vehicles, n)); err != nil {
				t.Fatal(err)
			}
		}
		if rows := fleetState(t, db); len(rows) != 0 {
			t.Errorf("%d vehicles were written one by one", len(rows))
		}
		next := open() // while the other one still has it in memory, as after a kill
		if d := cmp.Diff(want, fleetState(t, next)); d != "" {
			t.Errorf("after the next start: %s", d)
		}
		if err := db.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, fleetState(t, db)); d != "" {
			t.Errorf("written by both: %s", d)
		}
	})
}

// What somebody waits for does not wait: who is offline, and who has an urgent mark.
func TestJournalLetsUrgentThingsPass(t *testing.T) {
	t.Parallel()
	db := reopened(t, filepath.Join(t.TempDir(), "urgent.db"))
	offline := false
	b := fleetBatch(300, 1)
	b.Seen[7].Online, b.Marks[9].Urgent = &offline, true
	if err := db.Record(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	rows := fleetState(t, db)
	want := fleetStateOf(t, b, 7, 9)
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	small := fleetBatch(3, 2)
	if err := db.Record(t.Context(), small); err != nil {
		t.Fatal(err)
	}
	if n := len(fleetState(t, db)); n != 5 {
		t.Errorf("%d vehicles after a small batch, want 5", n)
	}
}

// fleetStateOf is the state after some messages of a batch.
func fleetStateOf(t *testing.T, b ingest.Batch, which ...int) []string {
	t.Helper()
	db := reopened(t, filepath.Join(t.TempDir(), "some.db"))
	for _, i := range which {
		if err := db.Record(t.Context(), ingest.Batch{Seen: b.Seen[i : i+1], Marks: b.Marks[i : i+1]}); err != nil {
			t.Fatal(err)
		}
	}
	return fleetState(t, db)
}

// A mark counts from when the planner can see it: what it would have deleted as old
// may not have been read.
func TestJournalMarksCountFromTheirWriting(t *testing.T) {
	t.Parallel()
	written := journalStart.Add(time.Minute)
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "marks.db"), store.Options{Now: func() time.Time { return written }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Record(t.Context(), fleetBatch(300, 1)); err != nil {
		t.Fatal(err)
	}
	if err := db.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for quiet, want := range map[time.Time]int{written.Add(-time.Second): 0, written: 300} {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			marked, err := tx.Marked(t.Context(), quiet, journalStart, 1000)
			if err == nil && len(marked) != want {
				t.Errorf("%d vehicles have been quiet since %s, want %d", len(marked), quiet, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Ingest passes over a mark that it set a moment ago. The planner may take that one
// before the journal is written, so what is in the journal marks its vehicle.
func TestJournalMarksWhatHasNoMark(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "unmarked.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	batch := fleetBatch(300, 1)
	batch.Marks = nil
	if err := db.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := db.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := db.Counts(t.Context())
	if err != nil || counts.Unplanned != 300 {
		t.Errorf("%d vehicles are marked, want 300; error %v", counts.Unplanned, err)
	}
}

// Who waits until no vehicle is unplanned must not be told so while marks are in the
// journal, of this process or another, whether each vehicle is in one place or in both.
func TestJournalCountsAsUnplanned(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open func() *store.DB) {
		db, other := open(), open()
		unplanned := func(want int) {
			t.Helper()
			for _, db := range []*store.DB{db, other} {
				if counts, err := db.Counts(t.Context()); err != nil || counts.Unplanned != want {
					t.Errorf("%d vehicles are unplanned, want %d; error %v", counts.Unplanned, want, err)
				}
			}
		}
		few := fleetBatch(310, 1)
		few.Seen, few.Marks = few.Seen[290:], few.Marks[290:]
		if err := db.Record(t.Context(), few); err != nil { // written at once
			t.Fatal(err)
		}
		unplanned(20)
		many := fleetBatch(300, 2)
		many.Marks = many.Marks[:299] // the last has a mark of a moment ago
		if err := db.Record(t.Context(), many); err != nil {
			t.Fatal(err)
		}
		unplanned(310)
		if err := db.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		unplanned(310)
	})
}

// What waits is written after a while, without anybody asking.
func TestJournalIsWrittenInTime(t *testing.T) {
	t.Parallel()
	db := reopened(t, filepath.Join(t.TempDir(), "timer.db"))
	if err := db.Record(t.Context(), fleetBatch(300, 1)); err != nil {
		t.Fatal(err)
	}
	db.JournalIsDue()
	deadline, poll := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer poll.Stop()
	for len(fleetState(t, db)) != 300 {
		select {
		case <-deadline:
			t.Fatal("the journal is not written")
		case <-poll.C:
		}
	}
}
