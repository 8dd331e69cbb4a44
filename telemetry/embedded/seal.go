package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A round of sealing is cut into transactions of about this many values, so
// that writers do not wait long.
const sealCells = 1 << 16

// closingCells is the cost of a day beside its values, in values.
const closingCells = 256

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
	err := s.seal(ctx, func(time.Time) []sealing {
		var all []sealing
		for key, p := range s.state.pending {
			if !p.damaged {
				all = append(all, sealing{key, true})
			}
		}
		return all
	})
	if err != nil {
		return fmt.Errorf("seal telemetry: %w", err)
	}
	return s.shrink(ctx)
}

// sealing is a day to seal. Closing it also joins the small chunks that it was
// sealed into before.
type sealing struct {
	key     dayKey
	closing bool
}

// due lists the days to seal: past and quiet ones, large ones, and, when all
// together are too large, the ones that were quiet longest.
func (s *Store) due(now time.Time) []sealing {
	var due []sealing
	var rest []dayKey
	total := s.state.hotCells
	for key, p := range s.state.pending {
		past := now.UnixMilli() >= key.start()+dayMillis && now.Sub(p.written) >= s.options.SealQuiet
		switch {
		case p.damaged:
		case past, p.cells >= s.options.HotCells:
			due = append(due, sealing{key, past})
			total -= p.cells
		case p.cells > 0:
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
		due = append(due, sealing{key, false})
		total -= s.state.pending[key].cells
	}
	return due
}

// seal seals the days that choose gives, in as many transactions as it takes.
func (s *Store) seal(ctx context.Context, choose func(time.Time) []sealing) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		more := false
		err := s.update(ctx, func(ctx context.Context) error {
			days := choose(time.Now())
			slices.SortFunc(days, func(a, b sealing) int {
				return cmp.Or(cmp.Compare(a.key.vehicle, b.key.vehicle), cmp.Compare(a.key.day, b.key.day))
			})
			work := 0
			for _, d := range days {
				if more = work >= sealCells; more {
					break
				}
				cells, err := s.sealDay(ctx, d)
				if err != nil {
					return err
				}
				work += cells + closingCells
			}
			return s.flushPage(ctx)
		})
		if err != nil || !more {
			return err
		}
	}
}

// sealDay moves the hot rows of a vehicle-day into its chunks, and returns how
// many values it wrote. A day that cannot be read stays as it is.
func (s *Store) sealDay(ctx context.Context, d sealing) (cells int, err error) {
	sn, err := s.writing(ctx, d.key.vehicle)
	if err != nil {
		return 0, err
	}
	cells, err = s.sealHot(ctx, sn, d)
	if err == nil && d.closing {
		err = s.close(ctx, sn, d.key)
	}
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNewerFormat) {
		s.state.pending[d.key].damaged = true
		s.options.Logger.Error("seal telemetry: the day is left as it is", "error", err)
		return 0, nil
	}
	return cells, err
}

// sealHot moves the hot rows of a day into its chunks.
func (s *Store) sealHot(ctx context.Context, sn *snapshot, d sealing) (int, error) {
	hot, err := sn.hotBlock(d.key.day)
	if err != nil {
		return 0, err
	}
	cells, err := s.sealBlock(ctx, sn, d, hot)
	p := s.state.pending[d.key]
	if err != nil || p.cells == 0 {
		return cells, err
	}
	if _, err := s.stmts[qDropHot].ExecContext(ctx, d.key.vehicle, int64(d.key.day)); err != nil {
		return 0, fmt.Errorf("drop hot rows: %w", err)
	}
	if err := s.raiseLatest(ctx, d.key.vehicle, hot); err != nil {
		return 0, err
	}
	s.state.hotCells -= p.cells
	p.cells = 0
	return cells, s.loosen(ctx, d.key)
}

// loosen notes that a day has chunks and is to be closed when it is over.
func (s *Store) loosen(ctx context.Context, key dayKey) error {
	p := s.state.pending[key]
	if p == nil {
		p = &pending{written: time.Now()}
		s.state.pending[key] = p
	}
	if p.loose {
		return nil
	}
	p.loose = true
	if _, err := s.stmts[qLoosen].ExecContext(ctx, key.vehicle, int64(key.day)); err != nil {
		return fmt.Errorf("note sealed day: %w", err)
	}
	return nil
}

// close puts into its page what a day comes to.
func (s *Store) close(ctx context.Context, sn *snapshot, key dayKey) error {
	if err := s.total(ctx, sn, key); err != nil {
		return err
	}
	if _, err := s.stmts[qTighten].ExecContext(ctx, key.vehicle, int64(key.day)); err != nil {
		return fmt.Errorf("close day: %w", err)
	}
	delete(s.state.pending, key)
	return nil
}
