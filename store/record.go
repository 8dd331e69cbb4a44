package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var _ ingest.Facts = (*DB)(nil)

// Record implements ingest.Facts. Every row is one upsert whose result does not
// depend on the order of batches, or is guarded by one, so a weaker transaction will
// do than the planner needs; rows go in the order of their keys, so that two ingesters
// on PostgreSQL cannot lock each other out. Of a large batch a part is written to the
// rows of vehicles later, see journal.
func (db *DB) Record(ctx context.Context, b ingest.Batch) error {
	if done, err := db.enter(ctx, b); done {
		if err != nil {
			return fmt.Errorf("record facts: %w", err)
		}
		return nil
	}
	rows, err := rowsOf(b)
	if err != nil {
		return fmt.Errorf("record facts: %w", err)
	}
	if rows.empty() {
		return nil
	}
	return db.run(ctx, db.writer, db.writes, &db.dialect.record, func(tx *Tx) error {
		return rows.write(db.dialect.short(ctx), tx)
	})
}

// Disconnected says that no vehicle was connected at a time, whatever they said
// before: a broker that was killed could not store their last wills.
func (db *DB) Disconnected(ctx context.Context, at time.Time) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.d.fail("note that vehicles are offline", tx.q.Disconnect(ctx, micros(at)))
	})
}

// factRows is a batch as rows: one per key, sorted by key.
type factRows struct {
	seen    []*reported
	told    []sqlcgen.PutAttributeParams
	codes   []sqlcgen.PutCodeReportParams
	clocks  []sqlcgen.PutClockParams
	marks   []sqlcgen.MarkParams
	refused []sqlcgen.RefuseParams

	released []string // messages, each once
}

func (f *factRows) empty() bool {
	return len(f.seen)+len(f.told)+len(f.codes)+len(f.clocks)+len(f.marks)+len(f.refused)+len(f.released) == 0
}

func rowsOf(b ingest.Batch) (*factRows, error) {
	g := newGathered()
	g.add(b)
	f := g.rows()
	f.told = attributeRows(b.Seen)
	f.clocks = clockRows(b.Clocks)
	f.refused = refusedRows(b.Refused)
	f.released = releasedMessages(b.Released)
	for _, c := range b.Codes {
		r, err := codeReportRow(c)
		if err != nil {
			return nil, err
		}
		f.codes = append(f.codes, r)
	}
	slices.SortFunc(f.codes, func(a, b sqlcgen.PutCodeReportParams) int {
		return cmp.Or(strings.Compare(a.Vin, b.Vin), cmp.Compare(a.At, b.At),
			strings.Compare(a.Ecu, b.Ecu), strings.Compare(a.Covers, b.Covers))
	})
	return f, nil
}

func (f *factRows) write(ctx context.Context, tx *Tx) error {
	if err := tx.see(ctx, f.seen); err != nil {
		return err
	}
	if err := tx.putAttributes(ctx, f.told); err != nil {
		return err
	}
	for _, r := range f.codes {
		if err := tx.q.PutCodeReport(ctx, r); err != nil {
			return tx.d.fail("record trouble codes", err)
		}
	}
	if err := tx.putClocks(ctx, f.clocks); err != nil {
		return err
	}
	err := upsert(ctx, tx, tx.many.mark, f.marks, func(r sqlcgen.MarkParams) []any {
		return []any{r.Vin, r.Day, r.FirstMarked, r.MarkedAt, r.UrgentAt}
	}, tx.q.Mark)
	if err != nil {
		return tx.d.fail("mark vehicle", err)
	}
	return tx.refuse(ctx, f.refused, f.released)
}

// gathered is what batches say of vehicles: when they reported, which of their
// messages came, and which of their days are marked.
type gathered struct {
	seen  map[vehicle.VIN]*reported
	marks map[markedDay]sqlcgen.MarkParams
}

// reported is what messages of a vehicle say, whatever is in them.
type reported struct {
	row     sqlcgen.SeeVehicleParams
	numbers numbers
}

type markedDay struct {
	vin vehicle.VIN
	day vehicle.Day
}

func newGathered() *gathered {
	return &gathered{seen: make(map[vehicle.VIN]*reported), marks: make(map[markedDay]sqlcgen.MarkParams)}
}

func (g *gathered) add(b ingest.Batch) {
	for i := range b.Seen {
		g.see(&b.Seen[i])
	}
	for _, m := range b.Marks {
		g.mark(m)
	}
}

// rows lists the rows by key.
func (g *gathered) rows() *factRows {
	return &factRows{
		seen: sortedRows(g.seen, func(r *reported) string { return r.row.Vin }),
		marks: slices.SortedFunc(maps.Values(g.marks), func(a, b sqlcgen.MarkParams) int {
			return cmp.Or(strings.Compare(a.Vin, b.Vin), cmp.Compare(a.Day, b.Day))
		}),
	}
}

func (g *gathered) see(s *ingest.Seen) {
	received := micros(s.Received)
	known := g.seen[s.VIN]
	if known == nil {
		known = &reported{row: sqlcgen.SeeVehicleParams{Vin: key(string(s.VIN)), Search: searchText(string(s.VIN))}}
		g.seen[s.VIN] = known
	}
	r := &known.row
	if !s.Retained {
		if r.FirstSeen == 0 || received < r.FirstSeen {
			r.FirstSeen = received
		}
		r.LastSeen = max(r.LastSeen, received)
	}
	r.LastEvent = max(r.LastEvent, micros(s.LastEvent))
	if s.Online != nil && (received > r.OnlineAt || received == r.OnlineAt && !*s.Online) {
		r.Online, r.OnlineAt = *s.Online, received
	}
	known.numbers.count(s)
}

func (g *gathered) mark(m ingest.Mark) {
	at := micros(m.At)
	k := markedDay{m.VIN, m.Day}
	r, ok := g.marks[k]
	if !ok {
		r = sqlcgen.MarkParams{Vin: key(string(m.VIN)), Day: int64(m.Day), FirstMarked: at}
	}
	r.FirstMarked = min(r.FirstMarked, at)
	r.MarkedAt = max(r.MarkedAt, at)
	if m.Urgent {
		r.UrgentAt = max(r.UrgentAt, at)
	}
	g.marks[k] = r
}

// attributeRows keeps the newest value of each attribute; of two at the same
// time the greater, as PutAttribute does.
func attributeRows(seen []ingest.Seen) []sqlcgen.PutAttributeParams {
	rows := make(map[string]sqlcgen.PutAttributeParams)
	name := func(r sqlcgen.PutAttributeParams) string { return r.Vin + " " + r.Signal }
	for _, s := range seen {
		for _, a := range s.Attributes {
			r := sqlcgen.PutAttributeParams{
				Vin: key(string(s.VIN)), Signal: key(string(a.Signal)), Value: text(a.Value.String()), At: micros(a.Time),
			}
			old, ok := rows[name(r)]
			if !ok || r.At > old.At || r.At == old.At && r.Value > old.Value {
				rows[name(r)] = r
			}
		}
	}
	return sortedRows(rows, name)
}

func sortedRows[K comparable, R any](rows map[K]R, name func(R) string) []R {
	return slices.SortedFunc(maps.Values(rows), func(a, b R) int { return strings.Compare(name(a), name(b)) })
}
