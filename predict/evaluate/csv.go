package evaluate

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// record is one line of a CSV file, its fields found by the names in the header.
type record struct {
	file    string
	line    int
	columns map[string]int
	fields  []string
	err     error // of the first field that could not be read
}

// text is a field without the blanks around it.
func (r *record) text(column string) string { return strings.TrimSpace(r.fields[r.columns[column]]) }

// number reads a field; the error is kept for readCSV.
func (r *record) number(column string) float64 {
	v, err := strconv.ParseFloat(r.text(column), 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s, line %d, %s: %q is not a number", r.file, r.line, column, r.text(column))
	}
	return v
}

// readCSV calls row for each line of a file that has at least the columns named.
// Errors name file, line and column.
func readCSV(folder fs.FS, file string, columns []string, row func(*record)) error {
	f, err := folder.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	in := csv.NewReader(f)
	in.TrimLeadingSpace = true
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return fmt.Errorf("%s: no header: %w", file, err)
	}
	r := record{file: file, columns: map[string]int{}}
	for i, name := range header {
		r.columns[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	for _, c := range columns {
		if _, ok := r.columns[c]; !ok {
			return fmt.Errorf("%s: no column %q; it has %s", file, c, strings.Join(slices.Clone(header), ", "))
		}
	}
	for {
		r.fields, err = in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		r.line, _ = in.FieldPos(0)
		row(&r)
		if r.err != nil {
			return r.err
		}
	}
}

// month reads a field like 1979-04 as the first of the month, UTC.
func (r *record) month(column string) time.Time {
	return r.time(column, "2006-01", "a month like 1979-04")
}

func (r *record) time(column, layout, want string) time.Time {
	t, err := time.Parse(layout, r.text(column))
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s, line %d, %s: %q is not %s", r.file, r.line, column, r.text(column), want)
	}
	return t
}
