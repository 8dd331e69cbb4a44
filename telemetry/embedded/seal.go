package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A round of sealing is cut into transactions of about this many values, so
// that writers do not wait long.
const sealCells = 1 << 16

// background seals until the store is closed.
func (s *Store) background(ctx context.Context) {
	defer close(s.done)
	tick := time.NewTicker(s.options.SealEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.kick:
		}
		if err := s.seal(ctx, s.due); err != nil && ctx.Err() == nil {
			s.options.Logger.Error("seal telemetry", "error", err)
		}
		if err := s.shrink(ctx); err != nil && ctx.Err() == nil {
			s.options.Logger.Error("shrink telemetry", "error", err)
		}
	}
}

// wake lets the sealer look through the days now.
func (s *Store) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Seal compresses every hot row now and gives the space back to the file system.
// Nothing depends on it but the size of the file and the speed of reads.
func (s *Store) Seal(ctx context.Context) error {
	err := s.seal(ctx, func(time.Time) []dayKey {
		var all []dayKey
		for key, p := range s.state.pending {
			if !p.damaged {
				all = append(all, key)
			}
		}
		return all
	})
	if err != nil {
		return fmt.Errorf("seal telemetry: %w", err)
	}
	return s.shrink(ctx)
}

// due lists the days to seal: past and quiet ones, large ones, and, when all
// together are too large, the ones that were quiet longest.
func (s *Store) due(now time.Time) []dayKey {
	var due, rest []dayKey
	total := s.state.hotCells
	for key, p := range s.state.pending {
		past := now.UnixMilli() >= key.start()+dayMillis
		switch {
		case p.damaged:
		case p.cells >= s.options.HotCells, past && now.Sub(p.written) >= s.options.SealQuiet:
			due = append(due, key)
			total -= p.cells
		default:
			rest = append(rest, key)
		}
	}
	if total < s.options.HotTotal {
		return due
	}
	slices.SortFunc(rest, func(a, b dayKey) int {
		return s.state.pending[a].written.Compare(s.state.pending[b].written)
	})
	for _, key := range rest {
		if total <= s.options.HotTotal/2 {
			break
		}
		due = append(due, key)
		total -= s.state.pending[key].cells
	}
	return due
}

// seal seals the days that choose gives, in as many transactions as it takes.
func (s *Store) seal(ctx context.Context, choose func(time.Time) []dayKey) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		more := false
		err := s.update(ctx, func(ctx context.Context) error {
			keys := choose(time.Now())
			slices.SortFunc(keys, func(a, b dayKey) int {
				return cmp.Or(cmp.Compare(a.vehicle, b.vehicle), cmp.Compare(a.day, b.day))
			})
			cells := 0
			for _, key := range keys {
				if more = cells >= sealCells; more {
					return nil
				}
				cells += s.state.pending[key].cells
				if err := s.sealDay(ctx, key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || !more {
			return err
		}
	}
}

// sealDay moves the hot rows of a vehicle-day into its chunks. A day that cannot
// be read stays as it is.
func (s *Store) sealDay(ctx context.Context, key dayKey) error {
	sn, err := s.writing(ctx, key.vehicle)
	if err != nil {
		return err
	}
	pending := s.state.pending[key]
	hot, err := sn.hotBlock(key.day)
	if err == nil {
		err = s.sealBlock(ctx, sn, key, hot)
	}
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewerFormat) {
		pending.damaged = true
		s.options.Logger.Error("seal telemetry: the day is left as it is", "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.stmts[qDropHot].ExecContext(ctx, key.vehicle, int64(key.day)); err != nil {
		return fmt.Errorf("drop hot rows: %w", err)
	}
	s.state.hotCells -= pending.cells
	delete(s.state.pending, key)
	return nil
}

// sealed is a chunk of the day that is being sealed.
type sealed struct {
	key  int64
	head *head
}

// sealBlock merges hot values into the chunks of their day. Every chunk takes
// the values up to where the next one starts; values behind a chunk that is at
// least half full begin a new one.
func (s *Store) sealBlock(ctx context.Context, sn *snapshot, key dayKey, hot *block) error {
	chunks, err := sn.chunksOf(key)
	if err != nil {
		return err
	}
	if len(chunks) == 0 {
		return s.putChunks(ctx, key.vehicle, hot)
	}
	// Read everything before writing anything: a damaged chunk leaves the day whole.
	var merged []*block
	var replaced []int64
	for i, c := range chunks {
		mine := hot
		if i+1 < len(chunks) {
			next := keyTime(chunks[i+1].key)
			mine, hot = hot.slice(0, next), hot.slice(next, maxTime)
		}
		if len(mine.columns) == 0 {
			continue
		}
		if mine.times[0] > c.head.last && c.head.cells >= s.options.ChunkCells/2 {
			merged = append(merged, mine)
			continue
		}
		old, err := sn.body(c.key, c.head, allSignals)
		if err != nil {
			return s.located(err, sn.vin, key.day)
		}
		merged = append(merged, merge(old, mine))
		replaced = append(replaced, c.key)
	}
	for _, k := range replaced {
		if _, err := s.stmts[qDropChunk].ExecContext(ctx, k); err != nil {
			return fmt.Errorf("replace chunk: %w", err)
		}
	}
	for _, b := range merged {
		if err := s.putChunks(ctx, key.vehicle, b); err != nil {
			return err
		}
	}
	return nil
}

// maxTime is later than every event time.
const maxTime = 1 << timeBits

func (sn *snapshot) chunksOf(key dayKey) ([]sealed, error) {
	from, to := key.keys()
	rows, err := sn.rows(qHeads, from, to)
	if err != nil {
		return nil, fmt.Errorf("read chunks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []sealed
	for rows.Next() {
		var c sealed
		var data sql.RawBytes
		if err := rows.Scan(&c.key, &data); err != nil {
			return nil, err
		}
		if c.head, err = readHead(data); err != nil {
			return nil, sn.store.located(err, sn.vin, key.day)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
