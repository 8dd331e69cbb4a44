package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func enqueue(t testing.TB, db *store.DB, messages ...reminders.Message) {
	t.Helper()
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range messages {
			if err := tx.Enqueue(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim leases up to n messages and returns them as "id#attempt".
func claim(t testing.TB, db *store.DB, n int, lease time.Duration) []string {
	t.Helper()
	ids := []string{}
	for _, c := range must(db.Claim(t.Context(), n, lease))(t) {
		ids = append(ids, fmt.Sprintf("%s#%d", c.ID, c.Attempt))
	}
	return ids
}

func undelivered(t testing.TB, db *store.DB) [2]int {
	t.Helper()
	c := must(db.Counts(t.Context()))(t)
	return [2]int{c.UndeliveredMessages, c.DeadMessages}
}

func testOutbox(t *testing.T, db *store.DB) {
	ctx := t.Context()
	past := time.Now().Add(-time.Hour)
	whole := filled[reminders.Message]()
	whole.ID, whole.NotBefore = "b", past.Truncate(store.TimePrecision).UTC()
	changed := whole
	changed.Body = "another text"
	enqueue(t, db, reminders.Message{ID: "c"}, whole, changed,
		reminders.Message{ID: "a", NotBefore: past.Add(time.Minute)},
		reminders.Message{ID: "at night", NotBefore: time.Now().Add(time.Hour)})

	equal(t, "longest due", claim(t, db, 1, time.Hour), []string{"c#1"})
	got := must(db.Claim(ctx, 1, time.Hour))(t)
	equal(t, "the next, as it was enqueued first", got, []reminders.Claimed{{Message: whole, Attempt: 1}})
	equal(t, "the rest", claim(t, db, 9, time.Hour), []string{"a#1"})
	equal(t, "nothing while all are leased", claim(t, db, 9, time.Hour), []string{})

	enqueue(t, db, whole)
	reason := errors.New("mailbox full\x00")
	if err := firstError(
		func() error { return db.Delivered(ctx, "b") },
		func() error { return db.Failed(ctx, "c", time.Now().Add(-time.Second), reason) },
		func() error { return db.Dead(ctx, "a", reason) },
	); err != nil {
		t.Error(err)
	}
	equal(t, "waiting and dead", undelivered(t, db), [2]int{2, 1})
	equal(t, "the failed one comes again", claim(t, db, 9, time.Hour), []string{"c#2"})
	if err := db.Failed(ctx, "c", time.Now().Add(time.Hour), reason); err != nil {
		t.Error(err)
	}
	equal(t, "not before its time", claim(t, db, 9, time.Hour), []string{})
	enqueue(t, db, whole, reminders.Message{ID: "a"})
	equal(t, "once for ever", claim(t, db, 9, time.Hour), []string{})
}

func testOutboxLateAnswers(t *testing.T, db *store.DB) {
	ctx := t.Context()
	reason := errors.New("timeout")
	enqueue(t, db, reminders.Message{ID: "m"}, reminders.Message{ID: "given up"})
	equal(t, "a lease that has ended already", claim(t, db, 9, -time.Second), []string{"given up#1", "m#1"})
	equal(t, "comes back", claim(t, db, 9, -time.Second), []string{"given up#2", "m#2"})
	if err := firstError(
		func() error { return db.Delivered(ctx, "m") },
		func() error { return db.Delivered(ctx, "m") },
		func() error { return db.Failed(ctx, "m", now, reason) },
		func() error { return db.Dead(ctx, "m", reason) },
		func() error { return db.Dead(ctx, "given up", nil) },
		func() error { return db.Failed(ctx, "given up", now, reason) },
	); err != nil {
		t.Errorf("a late answer: %v", err)
	}
	equal(t, "nothing comes back", claim(t, db, 9, time.Hour), []string{})
	equal(t, "waiting and dead", undelivered(t, db), [2]int{0, 1})
	if err := db.Delivered(ctx, "given up"); err != nil {
		t.Error(err)
	}
	equal(t, "delivered after all", undelivered(t, db), [2]int{0, 0})

	wantFault(t, "Delivered", db.Delivered(ctx, "none"), fault.NotFound)
	wantFault(t, "Failed", db.Failed(ctx, "none", now, reason), fault.NotFound)
	wantFault(t, "Dead", db.Dead(ctx, "none", reason), fault.NotFound)
}

// testOutboxRivals lets several dispatchers empty the outbox: nobody gets what
// another has.
func testOutboxRivals(t *testing.T, db *store.DB) {
	const messages = 60
	for i := range messages {
		enqueue(t, db, reminders.Message{ID: fmt.Sprintf("m%02d", i)})
	}
	ctx := t.Context()
	var mu sync.Mutex
	claims := make(map[string]int)
	race(t, func(int) error {
		for {
			claimed, err := db.Claim(ctx, 7, time.Hour)
			if err != nil || len(claimed) == 0 {
				return err
			}
			for _, c := range claimed {
				mu.Lock()
				claims[c.ID]++
				mu.Unlock()
				if err := db.Delivered(ctx, c.ID); err != nil {
					return err
				}
			}
		}
	})
	if len(claims) != messages {
		t.Errorf("%d of %d messages were claimed", len(claims), messages)
	}
	for id, n := range claims {
		if n != 1 {
			t.Errorf("message %s was claimed %d times under one lease", id, n)
		}
	}
	equal(t, "waiting and dead", undelivered(t, db), [2]int{0, 0})
}

func testLastRoutine(t *testing.T, db *store.DB) {
	this, other, third := newVIN(), newVIN(), newVIN()
	to := "owner of " + string(this)
	last := func(to string, except vehicle.VIN) time.Time {
		t.Helper()
		return read(t, db, func(ctx context.Context, tx *store.Tx) (time.Time, error) { return tx.LastRoutine(ctx, to, except) })
	}
	equal(t, "before anything was said", last(to, this), time.Time{})
	message := func(id string, vin vehicle.VIN, to string, s reminders.Severity, seconds int) reminders.Message {
		return reminders.Message{ID: id, VIN: vin, To: to, Severity: s, NotBefore: at(seconds)}
	}
	enqueue(t, db,
		message("early", other, to, reminders.SeverityRoutine, 10),
		message("late", other, to, reminders.SeverityRoutine, 20),
		message("third", third, to, reminders.SeverityRoutine, 15),
		message("urgent", other, to, reminders.SeveritySoon, 30),
		message("own", this, to, reminders.SeverityRoutine, 40),
		message("neighbour", other, "somebody else", reminders.SeverityRoutine, 50),
		message("given up", other, to, reminders.SeverityRoutine, 60))
	if err := db.Dead(t.Context(), "given up", errors.New("no such address")); err != nil {
		t.Fatal(err)
	}
	equal(t, "about another vehicle", last(to, this), at(20).Truncate(store.TimePrecision))
	equal(t, "about others than the other", last(to, other), at(40).Truncate(store.TimePrecision))
	equal(t, "of an unknown recipient", last("nobody", this), time.Time{})
}
