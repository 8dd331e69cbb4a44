package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Under load every batch speaks of thousands of vehicles, and what it says of one,
// when it reported and with which number, is overtaken by the next. A row for each
// vehicle in each batch would cost more than all the rest of ingest. So a large batch
// is kept as one row of the table journal, and what many batches say of a vehicle is
// written to its row together, a few seconds later. Everything that somebody waits
// for is written at once: see divide.
//
// The journal is as durable as the rows. What it holds when the process dies is
// written by the next Open; that it may be written twice does no harm, and neither
// does its order.
const (
	journalFrom   = 256              // vehicles; a smaller batch is written at once
	journalOnFrom = 32               // the same while there is a journal, for batches that are large by turns
	journalFor    = 10 * time.Second // how long it waits
	journalMost   = 1 << 16          // vehicles that wait at most
)

// journal is what this process has in the table.
type journal struct {
	mu    sync.Mutex
	ids   []string
	facts *gathered // what they say
	timer *time.Timer
	log   *slog.Logger
}

// divide takes out of a batch what can wait: that vehicles reported, and marks. It
// cannot of vehicles that say more in this batch, such as an urgent trouble code or
// that they are offline.
func divide(b ingest.Batch) (now, later ingest.Batch) {
	urgent := make(map[vehicle.VIN]bool)
	for _, c := range b.Codes {
		urgent[c.VIN] = true
	}
	for _, m := range b.Marks {
		if m.Urgent {
			urgent[m.VIN] = true
		}
	}
	for _, s := range b.Seen {
		if s.Online != nil || len(s.Attributes) > 0 {
			urgent[s.VIN] = true
		}
	}
	now, later.Seen, later.Marks = b, b.Seen, b.Marks
	now.Seen, now.Marks = nil, nil
	if len(urgent) == 0 {
		return now, later
	}
	later.Seen, later.Marks = nil, nil
	for _, s := range b.Seen {
		if urgent[s.VIN] {
			now.Seen = append(now.Seen, s)
		} else {
			later.Seen = append(later.Seen, s)
		}
	}
	for _, m := range b.Marks {
		if urgent[m.VIN] {
			now.Marks = append(now.Marks, m)
		} else {
			later.Marks = append(later.Marks, m)
		}
	}
	return now, later
}

// enter records a batch, with what can wait as one row. It returns false and does
// nothing when that would not be worth it.
func (db *DB) enter(ctx context.Context, b ingest.Batch) (bool, error) {
	if len(b.Seen) < journalOnFrom {
		return false, nil
	}
	now, later := divide(b)
	j := &db.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	least := journalFrom
	if j.facts != nil {
		least = journalOnFrom
	}
	if !areOf(least, later.Seen) {
		return false, nil
	}
	rows, err := rowsOf(now)
	if err != nil {
		return true, err
	}
	id, body := rand.Text(), encodeJournal(later)
	err = db.run(ctx, db.writer, db.writes, &db.dialect.record, func(tx *Tx) error {
		if err := tx.q.PutJournal(ctx, sqlcgen.PutJournalParams{ID: id, Body: body}); err != nil {
			return tx.d.fail("write journal", err)
		}
		return rows.write(db.dialect.short(ctx), tx)
	})
	if err != nil {
		return true, err
	}
	if j.facts == nil {
		j.facts = newGathered()
		j.timer = time.AfterFunc(journalFor, db.settleLater)
	}
	j.ids = append(j.ids, id)
	j.facts.add(later)
	if len(j.facts.seen) >= journalMost {
		j.timer.Reset(0)
	}
	return true, nil
}

// areOf reports whether the facts are of so many vehicles at least.
func areOf(least int, seen []ingest.Seen) bool {
	if len(seen) < least {
		return false
	}
	different := make(map[vehicle.VIN]struct{}, least)
	for i := range seen {
		if different[seen[i].VIN] = struct{}{}; len(different) == least {
			return true
		}
	}
	return false
}

var _ ingest.Settler = (*DB)(nil)

// Settle implements ingest.Settler.
func (db *DB) Settle(ctx context.Context) error {
	j := &db.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.facts == nil {
		return nil
	}
	if err := db.spread(ctx, j.ids, j.facts); err != nil {
		return err
	}
	j.timer.Stop()
	j.ids, j.facts = nil, nil
	return nil
}

// spread writes to the rows of the vehicles what rows of the journal say.
func (db *DB) spread(ctx context.Context, ids []string, facts *gathered) error {
	facts.markUnmarked(db.now())
	rows := facts.rows()
	at := micros(db.now())
	for i := range rows.marks { // the planner counts from when it can see a mark
		rows.marks[i].MarkedAt = max(rows.marks[i].MarkedAt, at)
	}
	return db.run(ctx, db.writer, db.writes, &db.dialect.record, func(tx *Tx) error {
		short := db.dialect.short(ctx)
		if err := rows.write(short, tx); err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.q.DeleteJournal(short, id); err != nil {
				return tx.d.fail("clear journal", err)
			}
		}
		return nil
	})
}

// markUnmarked marks the newest day of vehicles that have no mark. Ingest leaves one
// out for facts that it takes to be there at once; by now the planner may have taken
// the mark that was to stand for them, without them.
func (g *gathered) markUnmarked(at time.Time) {
	marked := make(map[vehicle.VIN]bool, len(g.marks))
	for k := range g.marks {
		marked[k.vin] = true
	}
	for vin, r := range g.seen {
		if r.row.LastEvent > 0 && !marked[vin] {
			g.mark(ingest.Mark{VIN: vin, Day: vehicle.DayOf(instant(r.row.LastEvent)), At: at})
		}
	}
}

// settleLater is what the timer calls.
func (db *DB) settleLater() {
	if err := db.Settle(context.Background()); err != nil {
		db.journal.log.Warn("what vehicles reported is in the journal and cannot be written to their rows yet", "error", err, "next_try_in", journalFor)
		db.journal.mu.Lock()
		defer db.journal.mu.Unlock()
		if db.journal.facts != nil {
			db.journal.timer.Reset(journalFor)
		}
	}
}

// stop ends the waiting.
func (j *journal) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.timer != nil {
		j.timer.Stop()
	}
	j.ids, j.facts = nil, nil
}

// finishJournal writes what an earlier process left in the journal, or another one has in
// it at the moment.
func (db *DB) finishJournal(ctx context.Context) error {
	left, err := db.writes.Journal(ctx)
	if err != nil || len(left) == 0 {
		return db.dialect.fail("read journal", err)
	}
	facts := newGathered()
	var ids []string
	for _, row := range left {
		b, err := decodeJournal(row.Body)
		if err != nil {
			return fmt.Errorf("read journal: row %s cannot be read: start the version that wrote it once, which clears it: %w", row.ID, err)
		}
		facts.add(b)
		ids = append(ids, row.ID)
	}
	slices.Sort(ids)
	return db.spread(ctx, ids, facts)
}

// unplanned counts the vehicles with marks. One whose mark is still in the journal, of
// this process or another, is as little planned as one whose mark is in its row. What a newer
// version has in the journal is not counted.
func (tx *Tx) unplanned(ctx context.Context) (int, error) {
	journal, err := tx.q.Journal(ctx)
	if err != nil {
		return 0, err
	}
	if len(journal) == 0 {
		marked, err := tx.q.CountMarked(ctx)
		return int(marked), err
	}
	listed, err := tx.q.MarkedVehicles(ctx)
	if err != nil {
		return 0, err
	}
	marked := make(map[string]struct{}, len(listed))
	for _, vin := range listed {
		marked[vin] = struct{}{}
	}
	for _, row := range journal {
		b, err := decodeJournal(row.Body)
		if err != nil {
			continue
		}
		for i := range b.Seen {
			if s := &b.Seen[i]; !s.LastEvent.IsZero() {
				marked[key(string(s.VIN))] = struct{}{}
			}
		}
		for i := range b.Marks {
			marked[key(string(b.Marks[i].VIN))] = struct{}{}
		}
	}
	return len(marked), nil
}
