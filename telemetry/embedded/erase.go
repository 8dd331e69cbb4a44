package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Erase implements telemetry.Store. When it returns nil, the VIN and the bytes of the
// vehicle's samples are overwritten in the file and gone from the log; names of
// signals stay, since vehicles share them. What SQLite once moved from page to page,
// single rows of a few samples, can stay in the unused part of a page until that is
// used again, under a number that no table has any more. Backups are the operator's.
func (s *Store) Erase(ctx context.Context, vin vehicle.VIN) error {
	err := s.update(ctx, func(ctx context.Context) error { return s.erase(ctx, vin) })
	if err != nil {
		return fmt.Errorf("erase vehicle: %w", err)
	}
	if err := s.truncateLog(ctx); err != nil {
		return fmt.Errorf("erase vehicle: %w", err)
	}
	s.wake()
	return nil
}

func (s *Store) erase(ctx context.Context, vin vehicle.VIN) error {
	var id int64
	err := s.stmts[qVehicle].QueryRowContext(ctx, string(vin)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.conn.ExecContext(ctx, `DELETE FROM chunk WHERE key >= $1 AND key < $2`, chunkKey(id, 0), chunkKey(id+1, 0)); err != nil {
		return err
	}
	if _, err := s.conn.ExecContext(ctx, `DELETE FROM daily WHERE key >= $1 AND key < $2`, pageKey(id, 0), pageKey(id+1, 0)); err != nil {
		return err
	}
	s.state.page = nil
	for _, statement := range []string{
		`DELETE FROM hot WHERE vehicle = $1`,
		`DELETE FROM loose WHERE vehicle = $1`,
		`DELETE FROM latest WHERE vehicle = $1`,
		`DELETE FROM vehicle WHERE id = $1`,
	} {
		if _, err := s.conn.ExecContext(ctx, statement, id); err != nil {
			return err
		}
	}
	// Keys that were moved when a page of the index was split are still in the page
	// they came from. Pages of the old index are overwritten.
	if _, err := s.conn.ExecContext(ctx, `REINDEX vehicle`); err != nil {
		return err
	}
	s.state.vehicles.Remove(vin)
	for key, p := range s.state.pending {
		if key.vehicle == id {
			s.state.hotCells -= p.cells
			delete(s.state.pending, key)
		}
	}
	return nil
}

// truncateLog writes the log back and empties it. Reads that are under way can
// hold it up, for at most the busy timeout.
func (s *Store) truncateLog(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	var busy, logged, moved int
	err := s.conn.QueryRowContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &moved)
	if err == nil && busy != 0 {
		err = errors.New("reads that are under way keep the old log; erase again when they are done")
	}
	return err
}
