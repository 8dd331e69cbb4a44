package embedded

import (
	"context"
	"fmt"
)

// Free pages of the file are used again. When there are more than shrinkMin of
// them and they are a quarter of the file, they are given back to the file
// system, shrinkStep pages in one transaction.
const (
	shrinkMin  = 512
	shrinkStep = 1024
)

func (s *Store) shrink(ctx context.Context) error {
	for more := true; more; {
		err := s.update(ctx, func(ctx context.Context) error {
			var free, pages int
			if err := s.conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free); err != nil {
				return err
			}
			if err := s.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
				return err
			}
			if more = free > shrinkMin && free >= pages/4; !more {
				return nil
			}
			_, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", shrinkStep))
			return err
		})
		if err != nil {
			return fmt.Errorf("give back free space: %w", err)
		}
	}
	return nil
}
