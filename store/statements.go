package store

import (
	"context"
	"database/sql"

	"github.com/pitcrew-telematics/pitcrew/store/internal/sqlcgen"
)

// prepared is the statements of a pool of connections: as they are for queries outside
// of transactions, and by their text for transactions.
type prepared struct {
	*sqlcgen.Queries
	byText map[string]*sql.Stmt
}

func prepare(ctx context.Context, pool *sql.DB) (_ *prepared, err error) {
	p := &prepared{byText: make(map[string]*sql.Stmt)}
	p.Queries, err = sqlcgen.Prepare(ctx, preparing{pool, p.byText})
	return p, err
}

// preparing is a pool that remembers what was prepared.
type preparing struct {
	*sql.DB
	byText map[string]*sql.Stmt
}

// PrepareContext implements sqlcgen.DBTX.
func (p preparing) PrepareContext(ctx context.Context, text string) (*sql.Stmt, error) {
	stmt, err := p.DB.PrepareContext(ctx, text)
	p.byText[text] = stmt
	return stmt, err
}

// in returns the queries of a transaction. sqlcgen's own WithTx makes a statement of the
// transaction anew for every call, and database/sql keeps all of them until it ends: for
// the vehicles of a fleet tens of thousands.
func (p *prepared) in(tx *sql.Tx) *sqlcgen.Queries {
	return sqlcgen.New(&statements{tx: tx, pool: p.byText, own: make(map[string]*sql.Stmt)})
}

// statements are those of one transaction, each made once.
type statements struct {
	tx        *sql.Tx
	pool, own map[string]*sql.Stmt
}

var _ sqlcgen.DBTX = (*statements)(nil)

func (s *statements) of(ctx context.Context, text string) *sql.Stmt {
	stmt, known := s.own[text]
	if !known {
		stmt = s.tx.StmtContext(ctx, s.pool[text])
		s.own[text] = stmt
	}
	return stmt
}

// ExecContext implements sqlcgen.DBTX.
func (s *statements) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return s.of(ctx, text).ExecContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
}

// QueryContext implements sqlcgen.DBTX.
func (s *statements) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.of(ctx, text).QueryContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
}

// QueryRowContext implements sqlcgen.DBTX.
func (s *statements) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	return s.of(ctx, text).QueryRowContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
}

// PrepareContext implements sqlcgen.DBTX.
func (s *statements) PrepareContext(ctx context.Context, text string) (*sql.Stmt, error) {
	return s.of(ctx, text), nil
}
