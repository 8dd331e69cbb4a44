package influx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What a record can lie in.
var (
	minTime = time.Unix(0, 0).UTC()
	maxTime = time.Date(2262, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// Queries are InfluxQL, which 1.8 and 2.x both answer, 1.8 without any setting and
// many times as fast as Flux. Names and texts are quoted into it. Fields and tags are
// told apart by a cast: other tools may use the name of the one for the other.

// ofVehicle is the end of a SELECT: the samples of a vehicle with from <= time < to.
// Samples lie at whole milliseconds.
func ofVehicle(in string, vin vehicle.VIN, from, to time.Time) string {
	return fmt.Sprintf(" FROM %s WHERE %s::tag = %s AND time >= %dms AND time < %dms",
		quoteName(in), quoteName(vinTag), quoteText(string(vin)), ceilMilli(from), ceilMilli(to))
}

func ceilMilli(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// asFields lists fields for a SELECT.
func asFields(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = asField(n)
	}
	return strings.Join(quoted, ", ")
}

func asField(name string) string { return quoteName(name) + "::field" }

// counting is the part of a WHERE that leaves out marks, and exceptions whose quality
// is not OK.
func counting(field string) string {
	switch _, suffix := parseField(field); suffix {
	case suffixText:
		return " AND " + asField(field) + " != " + quoteText(markText)
	case suffixException:
		return " AND " + asField(field) + " =~ /^0/"
	default:
		return " AND " + asField(field) + " != " + markNumberText
	}
}

func quoteName(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func quoteText(s string) string {
	return `'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(s) + `'`
}

// rows are rows of an answer that follow each other. The first column is the time.
type rows struct {
	statement int      // which of the statements they answer, from 0
	columns   []string // names of fields
	values    [][]any  // of a row, in the order of the columns; nil: no value
}

// rowsAtOnce bounds the memory of an answer, which comes in pieces of so many rows.
const rowsAtOnce = 2_000

// query runs InfluxQL statements and calls each for the rows that they return, in
// order, until it returns an error. It is given what the query does, for errors.
func (s *Store) query(ctx context.Context, op, statements string, each func(rows) error) error {
	form := url.Values{
		"q": {statements}, "db": {s.database}, "rp": {s.policy}, "epoch": {"ms"},
		"chunked": {"true"}, "chunk_size": {strconv.Itoa(rowsAtOnce)},
	}
	response, err := s.request(ctx, http.MethodPost, "/query", formType, []byte(form.Encode()))
	if err != nil {
		return s.explain(op, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		said, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		return s.explain(op, answerError(response.StatusCode, said))
	}
	pieces := json.NewDecoder(response.Body)
	for {
		var p piece
		err := pieces.Decode(&p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return s.explain(op, errors.Join(ctx.Err(), fmt.Errorf("read the answer: %w", err)))
		}
		if said := p.said(); said != "" { // such errors come with status 200
			return s.explain(op, &influxhttp.Error{StatusCode: response.StatusCode, Message: said})
		}
		if err := p.pass(each); err != nil {
			return err
		}
	}
}

// piece is a part of an answer.
type piece struct {
	Error   string
	Results []struct {
		Error     string
		Statement int `json:"statement_id"`
		Series    []struct {
			Columns []string
			Values  [][]any
		}
	}
}

// said is the errors in it.
func (p *piece) said() string {
	said := p.Error
	for _, r := range p.Results {
		said += r.Error
	}
	return said
}

func (p *piece) pass(each func(rows) error) error {
	for _, r := range p.Results {
		for _, series := range r.Series {
			if err := each(rows{statement: r.Statement, columns: series.Columns, values: series.Values}); err != nil {
				return err
			}
		}
	}
	return nil
}

// milli is the time of a row.
func milli(row []any) int64 {
	at, _ := row[0].(float64) // exact up to the year 287,000
	return int64(at)
}

// clamp cuts a range to what can be stored; it is false when nothing is left.
func clamp(from, to time.Time) (time.Time, time.Time, bool) {
	if from.Before(minTime) {
		from = minTime
	}
	if to.After(maxTime) {
		to = maxTime
	}
	return from, to, from.Before(to)
}
