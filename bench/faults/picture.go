package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// picture is everything that is stored, row by row: table, key, the rest.
type picture struct {
	tables map[string]map[string]row
}

// row is the columns of a row beside its key, by name.
type row map[string]string

// bookkeeping are columns that say when and how often something came in or was
// written. They may differ, and nothing is derived from them.
var bookkeeping = map[string][]string{
	"vehicles":     {"first_seen", "last_seen", "boot", "run_first", "run_last"}, // the boot that reported last
	"sequences":    {"since", "received", "jumps", "body"},                       // what is missing counts
	"code_reports": {"received"},
	"orders":       {"created", "updated", "version"},
	"reminders":    {"created", "updated", "version"},
}

// leftOut are tables that are no part of the picture: the version of the schema, how
// far clocks were ahead in the latest hours of receipt, and what was forecast when,
// which follow from when messages came and when they were planned, and from nothing else.
var leftOut = []string{"schema_version", "clocks", "snapshots"}

// picture reads every table of the database, and the samples.
func (w *workshop) picture(ctx context.Context, m *month) (*picture, error) {
	p := &picture{tables: map[string]map[string]row{}}
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "pitcrew.db"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	names, err := texts(ctx, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if slices.Contains(leftOut, name) {
			continue
		}
		if p.tables[name], err = readTable(ctx, db, name); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return p, w.readSamples(ctx, m, p)
}

// texts returns the only column of a query.
func texts(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func readTable(ctx context.Context, db *sql.DB, table string) (map[string]row, error) {
	keys, err := texts(ctx, db, fmt.Sprintf(`SELECT name FROM pragma_table_info('%s') WHERE pk > 0`, table))
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := map[string]row{}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		key, rest := "", row{}
		for i, c := range columns {
			text := fmt.Sprint(values[i])
			if b, ok := values[i].([]byte); ok {
				text = fmt.Sprintf("%x", b)
			}
			switch {
			case slices.Contains(keys, c):
				key += text + " "
			case !slices.Contains(bookkeeping[table], c):
				rest[c] = text
			}
		}
		out[key] = rest
	}
	return out, rows.Err()
}

// readSamples adds the time series: a digest of each car's samples, and its latest
// values.
func (w *workshop) readSamples(ctx context.Context, m *month, p *picture) error {
	samples, latest := map[string]row{}, map[string]row{}
	for car := range m.fleet.Len() {
		vin := m.fleet.Profile(car).VIN
		digest, n := sha256.New(), 0
		err := w.telemetry.Samples(ctx, vin, time.Unix(0, 0), m.end.AddDate(1, 0, 0), func(s vehicle.Sample) error {
			n += len(s.Readings)
			slices.SortFunc(s.Readings, func(a, b vehicle.Reading) int { return strings.Compare(string(a.Signal), string(b.Signal)) })
			_, err := fmt.Fprintln(digest, s)
			return err
		})
		if err != nil {
			return err
		}
		samples[string(vin)] = row{"values": fmt.Sprint(n), "digest": fmt.Sprintf("%x", digest.Sum(nil))}
		all, err := w.telemetry.Latest(ctx, vin)
		if err != nil {
			return err
		}
		for _, l := range all {
			latest[fmt.Sprintf("%s %s", vin, l.Signal)] = row{"time": l.Time.String(), "value": l.Value.String()}
		}
	}
	p.tables["(samples)"], p.tables["(latest values)"] = samples, latest
	return nil
}

func (p *picture) print(out io.Writer) {
	for _, table := range slices.Sorted(maps.Keys(p.tables)) {
		fmt.Fprintf(out, "  %-20s %7d rows\n", table, len(p.tables[table]))
	}
}

// toldTables hold what owners were told. Planning in between tells them what then
// seemed true, and that cannot be untold.
var toldTables = []string{"outbox", "reminders"}

// compare prints how another picture differs, and reports whether it may.
func (p *picture) compare(out io.Writer, other *picture, everyDay bool) bool {
	ok := true
	identical := 0
	for _, table := range slices.Sorted(maps.Keys(p.tables)) {
		d := compareTables(p.tables[table], other.tables[table])
		if d.none() {
			identical++
			continue
		}
		told := everyDay && slices.Contains(toldTables, table)
		ok = ok && told
		fmt.Fprintf(out, "  %-20s %d missing, %d more, %d different%s\n", table, d.missing, d.extra, d.wrong,
			map[bool]string{true: " (what owners were told in between)"}[told])
		for _, column := range slices.Sorted(maps.Keys(d.columns)) {
			fmt.Fprintf(out, "    %s in %d\n", column, d.columns[column])
		}
		if !told && d.example != "" {
			fmt.Fprintf(out, "    first: %.400s\n", strings.Join(strings.Fields(d.example), " "))
		}
	}
	fmt.Fprintf(out, "  %d of %d tables are identical\n", identical, len(p.tables))
	return ok
}

// tableDifference says how a table differs, in which columns, and where first.
type tableDifference struct {
	difference
	columns map[string]int
	example string
}

func compareTables(want, got map[string]row) tableDifference {
	d := tableDifference{difference: difference{want: len(want)}, columns: map[string]int{}}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		other, known := got[key]
		if !known {
			d.missing++
			d.note("missing: %s%v", key, want[key])
			continue
		}
		differs := false
		for _, c := range slices.Sorted(maps.Keys(want[key])) {
			if other[c] != want[key][c] {
				differs = true
				d.columns[c]++
				d.note("%s%s: %.150s, not %.150s", key, c, other[c], want[key][c])
			}
		}
		if differs {
			d.wrong++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, known := want[key]; !known {
			d.extra++
			d.note("more: %s%v", key, got[key])
		}
	}
	return d
}

func (d *tableDifference) note(format string, args ...any) {
	if d.example == "" {
		d.example = fmt.Sprintf(format, args...)
	}
}
