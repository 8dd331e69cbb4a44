package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
)

// Tx is one transaction, see DB.Write and DB.Read. It must not be used after
// the function it was given to has returned, nor by several goroutines.
type Tx struct {
	q    *sqlcgen.Queries
	d    *dialect
	sql  *sql.Tx // nil outside of a transaction
	many many
}

var _ planner.Tx = (*Tx)(nil)

// view is for single queries that need no transaction.
func (db *DB) view() *Tx { return &Tx{q: db.reads.Queries, d: db.dialect} }

// missing turns the absence of a row into fault.NotFound of what was asked for.
func (tx *Tx) missing(err error, what, key string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "there is no %s %s", what, key)
	}
	return tx.d.fail("read "+what, err)
}

// mapRows converts rows one by one and stops at the first error.
func mapRows[R, V any](rows []R, convert func(R) (V, error)) ([]V, error) {
	values := make([]V, 0, len(rows))
	for _, r := range rows {
		v, err := convert(r)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// decodeRows decodes texts of JSON one by one.
func decodeRows[V any](rows []string) ([]V, error) {
	return mapRows(rows, func(body string) (v V, err error) {
		return v, decode(body, &v)
	})
}

// each calls put for every value with its place in the list.
func each[V any](ctx context.Context, values []V, put func(context.Context, int64, V) error) error {
	for i, v := range values {
		if err := put(ctx, int64(i), v); err != nil {
			return err
		}
	}
	return nil
}
