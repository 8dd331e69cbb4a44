package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// numbers are the numbered messages of one vehicle in a batch.
type numbers struct {
	came   map[string]*ingest.Sequence // by boot
	newest string                      // boot of the message received last
	at     time.Time
}

// count adds a message.
func (n *numbers) count(s *ingest.Seen) {
	if s.Boot == "" || s.Seq > ingest.MaxSeq {
		return
	}
	boot := key(s.Boot)
	if n.came == nil {
		n.came = make(map[string]*ingest.Sequence, 1)
	}
	if n.came[boot] == nil {
		n.came[boot] = new(ingest.Sequence)
	}
	n.came[boot].Add(ingest.Run{First: s.Seq, Last: s.Seq, Since: s.Received})
	if n.newest == "" || s.Received.After(n.at) || s.Received.Equal(n.at) && boot > n.newest {
		n.newest, n.at = boot, s.Received
	}
}

// single returns the run that a vehicle's messages make, if they make one.
func (n *numbers) single() (run ingest.Run, ok bool) {
	if len(n.came) != 1 {
		return run, false
	}
	s := n.came[n.newest]
	if len(s.Runs) != 1 {
		return run, false
	}
	return s.Runs[0], true
}

// see records that vehicles reported, and which of their messages came. A vehicle
// whose messages follow those before costs one statement.
func (tx *Tx) see(ctx context.Context, all []*reported) error {
	for _, r := range all {
		follows, err := tx.prolong(ctx, r)
		if follows {
			continue
		}
		if err == nil {
			err = tx.q.SeeVehicle(ctx, r.row)
		}
		if err == nil && len(r.numbers.came) > 0 {
			err = tx.number(ctx, r.row.Vin, &r.numbers)
		}
		if err != nil {
			return tx.d.fail("record vehicle", err)
		}
	}
	return nil
}

// prolong does all that see has to, if the messages follow those before.
func (tx *Tx) prolong(ctx context.Context, all *reported) (bool, error) {
	r, n := &all.row, &all.numbers
	run, ok := n.single()
	if !ok || r.OnlineAt != 0 {
		return false, nil
	}
	rows, err := tx.q.ProlongRun(ctx, sqlcgen.ProlongRunParams{
		Vin: r.Vin, FirstSeen: r.FirstSeen, LastSeen: r.LastSeen, LastEvent: r.LastEvent,
		Boot: n.newest, First: int64(run.First), Last: int64(run.Last),
	})
	return rows > 0, err
}

// number records messages that do not simply follow those before. It reads and
// writes: SeeVehicle has locked the vehicle's row, which guards its sequences.
func (tx *Tx) number(ctx context.Context, vin string, n *numbers) error {
	growing, err := tx.q.GrowingRun(ctx, vin)
	if err != nil {
		return err
	}
	boots := slices.Collect(maps.Keys(n.came))
	if growing.Boot != "" && n.came[growing.Boot] == nil {
		boots = append(boots, growing.Boot)
	}
	var top ingest.Run
	added := false
	for _, boot := range boots {
		s, since, err := tx.sequence(ctx, vin, boot)
		if err != nil {
			return err
		}
		added = added || since.IsZero()
		if boot == growing.Boot {
			grow(&s, growing.RunFirst, growing.RunLast)
		}
		if came := n.came[boot]; came != nil {
			for _, r := range came.Runs {
				s.Add(r)
				since = earlier(since, r.Since)
			}
			s.Settle()
		}
		if boot == n.newest {
			top = s.Top()
		}
		if err := tx.putSequence(ctx, vin, boot, since, s.Tally(), s); err != nil {
			return err
		}
	}
	err = tx.q.SetRun(ctx, sqlcgen.SetRunParams{Vin: vin, Boot: n.newest, RunFirst: int64(top.First), RunLast: int64(top.Last)})
	if err != nil || !added {
		return err
	}
	return tx.forgetBoots(ctx, vin, boots)
}

// grow tells a sequence how far its highest run got.
func grow(s *ingest.Sequence, first, last int64) {
	if last > first {
		s.Add(ingest.Run{First: uint64(first) + 1, Last: uint64(last)})
	}
}

// forgetBoots keeps the latest boots of a vehicle, and those given, and sums up the
// others.
func (tx *Tx) forgetBoots(ctx context.Context, vin string, but []string) error {
	rows, err := tx.q.Boots(ctx, vin)
	if err != nil || len(rows) <= ingest.MaxBoots {
		return err
	}
	sum, since, err := tx.sequence(ctx, vin, "")
	if err != nil {
		return err
	}
	for _, r := range rows[ingest.MaxBoots:] {
		if slices.Contains(but, r.Boot) {
			continue
		}
		sum.Settled = sum.Settled.Plus(ingest.Tally{Received: r.Received, Missing: r.Missing, Jumps: r.Jumps})
		since = earlier(since, instant(r.Since))
		if err := tx.q.DeleteSequence(ctx, sqlcgen.DeleteSequenceParams{Vin: vin, Boot: r.Boot}); err != nil {
			return err
		}
	}
	return tx.putSequence(ctx, vin, "", since, sum.Settled, sum)
}

// sequence reads a boot; one that is not there is empty, since the zero time.
func (tx *Tx) sequence(ctx context.Context, vin, boot string) (s ingest.Sequence, since time.Time, err error) {
	row, err := tx.q.Sequence(ctx, sqlcgen.SequenceParams{Vin: vin, Boot: boot})
	if errors.Is(err, sql.ErrNoRows) {
		return s, since, nil
	}
	if err != nil {
		return s, since, err
	}
	s, err = decodeSequence(row.Body)
	return s, instant(row.Since), err
}

func (tx *Tx) putSequence(ctx context.Context, vin, boot string, since time.Time, t ingest.Tally, s ingest.Sequence) error {
	body, err := encodeSequence(s)
	if err != nil {
		return err
	}
	return tx.q.PutSequence(ctx, sqlcgen.PutSequenceParams{
		Vin: vin, Boot: boot, Since: micros(since), Received: t.Received, Missing: t.Missing, Jumps: t.Jumps, Body: body,
	})
}

// sequenceBody is how a sequence is kept: first, last, since of each run, and the
// settled counts in the order of ingest.Tally.
type sequenceBody struct {
	Runs    [][3]int64 `json:"runs"`
	Settled [3]int64   `json:"settled"`
}

func encodeSequence(s ingest.Sequence) (string, error) {
	b := sequenceBody{Runs: make([][3]int64, 0, len(s.Runs)), Settled: [3]int64{s.Settled.Received, s.Settled.Missing, s.Settled.Jumps}}
	for _, r := range s.Runs {
		b.Runs = append(b.Runs, [3]int64{int64(r.First), int64(r.Last), micros(r.Since)})
	}
	return encode(b)
}

func decodeSequence(body string) (ingest.Sequence, error) {
	var b sequenceBody
	if err := decode(body, &b); err != nil {
		return ingest.Sequence{}, err
	}
	s := ingest.Sequence{Settled: ingest.Tally{Received: b.Settled[0], Missing: b.Settled[1], Jumps: b.Settled[2]}}
	for _, r := range b.Runs {
		s.Runs = append(s.Runs, ingest.Run{First: uint64(r[0]), Last: uint64(r[1]), Since: instant(r[2])})
	}
	return s, nil
}

// Reception implements planner.Queries.
func (db *DB) Reception(ctx context.Context, vin vehicle.VIN) (ingest.Reception, error) {
	var all ingest.Reception
	rows, err := db.reads.Sequences(ctx, string(vin))
	if err != nil {
		return all, db.dialect.fail("read message numbers", err)
	}
	for _, r := range rows {
		s, err := decodeSequence(r.Body)
		if err != nil {
			return all, err
		}
		if r.Boot == r.Growing {
			grow(&s, r.RunFirst, r.RunLast)
		}
		all.Tally = all.Plus(s.Tally())
		all.Settled += s.Settled.Missing
		all.Since = earlier(all.Since, instant(r.Since))
		for _, g := range s.Gaps() {
			g.Boot = r.Boot
			all.Gaps = append(all.Gaps, g)
		}
	}
	slices.SortStableFunc(all.Gaps, func(a, b ingest.Gap) int { return b.Since.Compare(a.Since) })
	return all, nil
}

// earlier returns the earlier of two times; the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Missing implements ingest.Receptions.
func (db *DB) Missing(ctx context.Context) (messages, vehicles int64, err error) {
	row, err := db.reads.CountMissing(ctx)
	return row.Messages, row.Vehicles, db.dialect.fail("count missing messages", err)
}
