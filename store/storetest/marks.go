package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// at is a time some seconds into the test.
func at(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }

func mark(t testing.TB, db *store.DB, vin vehicle.VIN, day vehicle.Day, urgent bool, when time.Time) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Mark(ctx, vin, day, urgent, when) })
}

// marked lists vehicles with their days, as text.
func marked(t testing.TB, db *store.DB, quietSince, dueSince time.Time, limit int) []string {
	t.Helper()
	list := read(t, db, func(ctx context.Context, tx *store.Tx) ([]planner.Marked, error) {
		return tx.Marked(ctx, quietSince, dueSince, limit)
	})
	texts := []string{}
	for _, m := range list {
		texts = append(texts, asText(m))
	}
	return texts
}

func asText(m planner.Marked) string {
	days := []int{}
	for _, d := range m.Days {
		days = append(days, int(d))
	}
	return fmt.Sprintf("%s %v urgent=%t", m.VIN, days, m.Urgent)
}

func testMarked(t *testing.T, db *store.DB) {
	busy, quiet, urgent, longest := newVIN(), newVIN(), newVIN(), newVIN()
	mark(t, db, longest, 9, false, at(0))
	mark(t, db, longest, 9, false, at(50)) // still being written, for long
	mark(t, db, quiet, 2, false, at(10))
	mark(t, db, quiet, 1, false, at(40))
	mark(t, db, busy, 5, false, at(30))
	mark(t, db, urgent, 7, true, at(45))
	mark(t, db, urgent, 7, false, at(50)) // stays urgent

	isUrgent := fmt.Sprintf("%s [7] urgent=true", urgent)
	isLongest := fmt.Sprintf("%s [9] urgent=false", longest)
	isQuiet := fmt.Sprintf("%s [1 2] urgent=false", quiet)
	isBusy := fmt.Sprintf("%s [5] urgent=false", busy)
	long := at(-1000)
	equal(t, "only the urgent one", marked(t, db, long, long, 10), []string{isUrgent})
	equal(t, "quiet at the very moment", marked(t, db, at(10), long, 10), []string{isUrgent, isQuiet})
	equal(t, "quiet just after", marked(t, db, at(10).Add(-store.TimePrecision), long, 10), []string{isUrgent})
	equal(t, "first marked before", marked(t, db, long, at(10), 10), []string{isUrgent, isLongest})
	equal(t, "all, longest waiting first", marked(t, db, at(99), long, 10), []string{isUrgent, isLongest, isQuiet, isBusy})
	equal(t, "the first two", marked(t, db, at(99), long, 2), []string{isUrgent, isLongest})
}

func testPlanned(t *testing.T, db *store.DB) {
	planned := func(vin vehicle.VIN, quietSince, when time.Time) {
		t.Helper()
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Planned(ctx, vin, quietSince, when) })
	}
	all := func() []string { t.Helper(); return marked(t, db, at(9999), at(9999), 10) }

	vin, other := newVIN(), newVIN()
	mark(t, db, vin, 1, false, at(0))
	mark(t, db, vin, 2, false, at(0))
	mark(t, db, vin, 2, true, at(20)) // again after the planner looked
	mark(t, db, vin, 3, true, at(10)) // too fresh to be sure that all samples are there
	mark(t, db, other, 1, false, at(0))
	planned(vin, at(5), at(15))
	equal(t, "marks after planning", all(), []string{
		fmt.Sprintf("%s [2 3] urgent=true", vin), fmt.Sprintf("%s [1] urgent=false", other),
	})
	planned(vin, at(5), at(25))
	equal(t, "urgency is gone, days stay, and wait from then on", all(), []string{
		fmt.Sprintf("%s [1] urgent=false", other), fmt.Sprintf("%s [2 3] urgent=false", vin),
	})
	equal(t, "waiting since planned", marked(t, db, at(-9), at(25), 10), []string{fmt.Sprintf("%s [1] urgent=false", other)})
	planned(vin, at(20), at(40))
	planned(other, at(20), at(40))
	equal(t, "nothing is left", all(), []string{})
	mark(t, db, vin, 1, false, at(30))
	equal(t, "marked again", all(), []string{fmt.Sprintf("%s [1] urgent=false", vin)})
}

// testMarkRace marks days while a planner takes them: every day must have been
// planned after its mark was made, or still be marked.
func testMarkRace(t *testing.T, db *store.DB) {
	ctx, vin := t.Context(), newVIN()
	const days = 60
	var clock sync.Mutex
	ticks := 0
	tick := func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		ticks++
		return at(ticks)
	}
	done := make(chan error, 1)
	go func() {
		for day := range days {
			when := tick()
			if err := db.Write(ctx, func(tx *store.Tx) error { return tx.Mark(ctx, vin, vehicle.Day(day), day%7 == 0, when) }); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()

	planned := make(map[vehicle.Day]bool)
	for finished := false; !finished; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			finished = true // and plan once more
		default:
		}
		when := tick()
		var list []planner.Marked
		err := db.Write(ctx, func(tx *store.Tx) (err error) {
			if list, err = tx.Marked(ctx, when, when, 10); err != nil {
				return err
			}
			return tx.Planned(ctx, vin, when, when)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			for _, d := range m.Days {
				planned[d] = true
			}
		}
	}
	if len(planned) != days {
		t.Errorf("%d of %d marked days were planned", len(planned), days)
	}
	equal(t, "marks left", marked(t, db, at(9999), at(9999), 10), []string{})
}
