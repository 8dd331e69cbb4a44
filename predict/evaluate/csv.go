package evaluate

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// record is one line of a CSV file, its fields found by the names in the header.
type record struct {
	file    string
	line    int
	columns map[string]int
	names   []string // of the columns, as they come
	fields  []string
	err     error // of the first field that could not be read
}

// has reports whether the file has the column.
func (r *record) has(column string) bool { _, ok := r.columns[column]; return ok }

// text is a field without the blanks around it; empty where the file has no such column.
func (r *record) text(column string) string {
	i, ok := r.columns[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

// number reads a field; the error is kept for the reader of the file.
func (r *record) number(column string) float64 {
	v, err := strconv.ParseFloat(r.text(column), 64)
	if err != nil {
		r.fail(column, "%q is not a number", r.text(column))
	}
	return v
}

// fail says what is wrong with a field. The first to be wrong in a line speaks for it.
func (r *record) fail(column, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s, line %d, %s: %s", r.file, r.line, column, fmt.Sprintf(format, args...))
	}
}

// month reads a field like 1979-04 as the first of the month, UTC.
func (r *record) month(column string) time.Time {
	return r.time(column, "2006-01", "a month like 1979-04")
}

func (r *record) time(column, layout, want string) time.Time {
	t, err := time.Parse(layout, r.text(column))
	if err != nil {
		r.fail(column, "%q is not %s", r.text(column), want)
	}
	return t
}

// readCSV is scanCSV of a file in a folder.
func readCSV(folder fs.FS, file string, columns []string, row func(*record)) error {
	f, err := folder.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return scanCSV(f, file, columns, row)
}

// ownOptional are columns that a user's files may have.
var ownOptional = []string{"odometer_km", "outcome"}

// mostWrong lines are told of a file before it is given up.
const mostWrong = 10

// scanCSV calls row for each line of a file that has at least the columns named, in
// any order. It goes on after a line that is wrong, so that the error names up to ten
// of them, each with file, line and column.
func scanCSV(from io.Reader, file string, columns []string, row func(*record)) error {
	in := csv.NewReader(withoutMark(from))
	in.TrimLeadingSpace = true
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s is empty; want a header with the columns %s", file, strings.Join(columns, ", "))
	}
	if err != nil {
		return fmt.Errorf("%s: no header: %w", file, err)
	}
	r := record{file: file, columns: make(map[string]int, len(header))}
	for i, name := range header {
		name = strings.TrimSpace(name)
		if r.has(name) && (slices.Contains(columns, name) || slices.Contains(ownOptional, name)) {
			return fmt.Errorf("%s: the column %q is there twice", file, name)
		}
		r.columns[name], r.names = i, append(r.names, name)
	}
	if err := r.lacks(header, columns); err != nil {
		return err
	}
	var wrong []error
	for len(wrong) < mostWrong {
		r.fields, err = in.Read()
		if errors.Is(err, io.EOF) {
			return errors.Join(wrong...)
		}
		if err == nil {
			r.line, _ = in.FieldPos(0)
			r.err = nil
			r.legible()
			row(&r)
			err = r.err
		} else if err = readable(file, err, len(header)); !errors.Is(err, csv.ErrFieldCount) {
			return errors.Join(append(wrong, err)...)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(append(wrong, fmt.Errorf("%s: given up after %d lines that are wrong", file, mostWrong))...)
}

// legible refuses what is not written in UTF-8: two names of which the same letter cannot be read would be one.
func (r *record) legible() {
	for i, field := range r.fields {
		if !utf8.ValidString(field) {
			r.fail(r.names[i], "%q is not in UTF-8; save the file as UTF-8", field)
		}
	}
}

// lacks is the error for a header without one of the columns.
func (r *record) lacks(header, columns []string) error {
	for _, c := range columns {
		if r.has(c) {
			continue
		}
		hint := ""
		if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
			hint = "; columns must be separated by commas"
		}
		return fmt.Errorf("%s: no column %q; it has %s%s", r.file, c, strings.Join(slices.Clone(header), ", "), hint)
	}
	return nil
}

// readable puts an error of the CSV format in terms of the file.
func readable(file string, err error, columns int) error {
	var p *csv.ParseError
	switch {
	case !errors.As(err, &p):
		return fmt.Errorf("%s: %w", file, err)
	case errors.Is(p.Err, csv.ErrFieldCount):
		return fmt.Errorf("%s, line %d: %w, the header has %d columns", file, p.Line, p.Err, columns)
	}
	return fmt.Errorf("%s, line %d: %w", file, p.Line, p.Err)
}

// withoutMark leaves out the byte order mark that spreadsheets write before UTF-8.
func withoutMark(from io.Reader) io.Reader {
	in := bufio.NewReaderSize(from, 1<<16)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = in.Discard(len(mark)) // it was just seen
	}
	return in
}
