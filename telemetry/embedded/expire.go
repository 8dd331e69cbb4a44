package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Expire implements telemetry.Store, in one transaction. Chunks that lose a column are
// written anew without it. Free pages go back to the file system in the background. A
// day that cannot be read stays as it is.
func (s *Store) Expire(ctx context.Context, vin vehicle.VIN, days []telemetry.Expiry) error {
	err := s.update(ctx, func(ctx context.Context) error {
		var id int64
		err := s.stmts[qVehicle].QueryRowContext(ctx, string(vin)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.expire(ctx, id, days)
	})
	if err != nil {
		return fmt.Errorf("expire samples: %w", err)
	}
	s.wake()
	return nil
}

func (s *Store) expire(ctx context.Context, id int64, days []telemetry.Expiry) error {
	sn, err := s.writing(ctx, id)
	if err != nil {
		return err
	}
	for _, day := range days {
		err := s.expireDay(ctx, sn, day)
		if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewerFormat) {
			s.options.Logger.Error("expire telemetry: the day is left as it is", "error", err)
			continue
		}
		if err != nil {
			return err
		}
	}
	return s.expireLatest(ctx, sn, days)
}

// expireDay takes columns out of the chunks of a day, after its hot rows were sealed
// into them.
func (s *Store) expireDay(ctx context.Context, sn *snapshot, e telemetry.Expiry) error {
	key := dayKey{sn.vehicle, e.Day}
	if p := s.state.pending[key]; p != nil && !p.damaged {
		over := time.Now().UnixMilli() >= key.start()+dayMillis
		if _, err := s.sealDay(ctx, sealing{key, over}); err != nil {
			return err
		}
	}
	chunks, err := sn.chunksFrom(key, key.start())
	if err != nil {
		return err
	}
	loses := func(signal int) bool { return e.Loses(s.signals.lookup(signal)) }
	for _, c := range chunks {
		if !slices.ContainsFunc(c.head.columns, func(h headColumn) bool { return loses(h.signal) }) {
			continue
		}
		b, err := sn.body(c.key, c.head, allSignals)
		if err != nil {
			return s.located(err, sn.vin, e.Day)
		}
		if _, err := s.stmts[qDropChunk].ExecContext(ctx, c.key); err != nil {
			return fmt.Errorf("drop chunk: %w", err)
		}
		if b = b.without(loses); len(b.times) > 0 {
			if err := s.putChunks(ctx, sn.vehicle, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// expireLatest looks for older values in place of the newest ones that have expired.
func (s *Store) expireLatest(ctx context.Context, sn *snapshot, days []telemetry.Expiry) error {
	l, err := sn.latestOf()
	if err != nil {
		return err
	}
	for _, c := range l.cells {
		i := slices.IndexFunc(days, func(e telemetry.Expiry) bool { return int64(e.Day) == c.at/dayMillis })
		if i >= 0 && days[i].Loses(s.signals.lookup(c.signal)) {
			l.lost = append(l.lost, c.signal)
		}
	}
	if len(l.lost) == 0 {
		return nil
	}
	if err := sn.restore(l); err != nil {
		return err
	}
	s.state.buf = appendHot(s.state.buf[:0], l.block())
	if _, err := s.stmts[qPutLatest].ExecContext(ctx, sn.vehicle, s.state.buf); err != nil {
		return fmt.Errorf("write latest values: %w", err)
	}
	return nil
}

// without returns the block without some of its signals, and without samples that had
// nothing else.
func (b *block) without(drop func(signal int) bool) *block {
	out := &block{}
	held := make(map[int64]bool, len(b.times))
	for _, c := range b.columns {
		if drop(c.signal) {
			continue
		}
		out.columns = append(out.columns, c)
		for i := range c.cells {
			held[c.cells[i].at] = true
		}
	}
	for i, at := range b.times {
		if held[at] {
			out.times, out.sources = append(out.times, at), append(out.sources, b.sources[i])
		}
	}
	return out
}
