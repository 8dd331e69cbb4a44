package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// together is how many rows a statement for many takes. A fleet that reports
// live gives rows of thousands of vehicles to a transaction, and half the cost
// of a small upsert is the call.
const together = 32

// many are upserts of queries/*.sql, for so many rows at a time.
type many struct{ mark *sql.Stmt }

//go:embed queries/facts.sql
var queryFiles embed.FS

func prepareMany(ctx context.Context, db *sql.DB) (m many, err error) {
	text, err := forMany("facts", "Mark")
	if err == nil {
		m.mark, err = db.PrepareContext(ctx, text)
	}
	if err != nil {
		err = fmt.Errorf("prepare marks for many rows: %w", err)
	}
	return m, err
}

var oneRow = regexp.MustCompile(`VALUES \((\$\d+(?:, \$\d+)*)\)`)

// forMany is a query of a file with as many rows of parameters behind VALUES.
func forMany(file, name string) (string, error) {
	text, err := queryFiles.ReadFile("queries/" + file + ".sql")
	if err != nil {
		return "", err
	}
	_, query, _ := strings.Cut(string(text), "-- name: "+name+" :exec\n")
	query, _, _ = strings.Cut(query, ";\n")
	found := oneRow.FindStringSubmatch(query)
	if found == nil {
		return "", fmt.Errorf("query %s of %s.sql has no row of parameters", name, file)
	}
	columns := strings.Count(found[1], "$")
	var rows []string
	for row := range together {
		var places []string
		for column := range columns {
			places = append(places, "$"+strconv.Itoa(row*columns+column+1))
		}
		rows = append(rows, "("+strings.Join(places, ", ")+")")
	}
	return strings.Replace(query, found[0], "VALUES "+strings.Join(rows, ", "), 1), nil
}

// upsert writes rows whose keys differ, in their order: as many as there are with
// the statement for many, the rest one by one.
func upsert[R any](ctx context.Context, tx *Tx, stmt *sql.Stmt, rows []R, values func(R) []any, one func(context.Context, R) error) error {
	var args []any
	for ; len(rows) >= together; rows = rows[together:] {
		args = args[:0]
		for _, r := range rows[:together] {
			args = append(args, values(r)...)
		}
		if _, err := tx.sql.StmtContext(ctx, stmt).ExecContext(ctx, args...); err != nil { //nolint:sqlclosecheck // the transaction closes it
			return err
		}
	}
	for _, r := range rows {
		if err := one(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
