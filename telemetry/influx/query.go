package influx

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What a record can lie in; Flux wants both ends.
var (
	minTime = time.Unix(0, 0).UTC()
	maxTime = time.Date(2262, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// InfluxDB 1.8 has no parameters of a query, so that texts are put into it,
// quoted. Aggregates are written out with their whole source, each for itself:
// InfluxDB 2.x pushes an aggregate down to its storage only when nothing else
// reads the same source.

func from(bucket string, from, to time.Time) string {
	return fmt.Sprintf("from(bucket: %s)\n\t|> range(start: %s, stop: %s)\n\t", quote(bucket), fluxTime(from), fluxTime(lastBefore(to)))
}

// lastBefore is where a range must stop that ends before to: InfluxDB 2.x leaves
// out what lies at the stop, 1.8 does not, and samples lie at whole milliseconds.
func lastBefore(to time.Time) time.Time {
	return time.UnixMilli(to.Add(time.Millisecond - 1).UnixMilli()).Add(-1)
}

func filter(condition string) string { return "|> filter(fn: (r) => " + condition + ")\n\t" }

func yield(name string) string { return "|> yield(name: " + quote(name) + ")\n" }

// ofVehicle reads the fields that the condition on _field and _value selects. The
// conditions are of kinds that InfluxDB evaluates in its storage: no "not", no
// constants.
func (s *Store) ofVehicle(vin vehicle.VIN, start, stop time.Time, condition string) string {
	return s.ofVehicleIn(measurement, vin, start, stop, condition)
}

func (s *Store) ofVehicleIn(in string, vin vehicle.VIN, start, stop time.Time, condition string) string {
	flux := from(s.options.Bucket, start, stop) +
		filter(`r._measurement == "`+in+`" and r.`+vinTag+" == "+quote(string(vin)))
	if condition == anyField {
		return flux
	}
	return flux + filter(condition)
}

// Conditions on fields. The regular expressions know the suffixes of schema.go.
const (
	anyField       = ""
	numericField   = `(r._field !~ /\|/ or r._field =~ /\|[nb]$/)`
	textField      = `r._field =~ /\|t$/`
	exceptionField = `r._field =~ /\|x$/`

	realNumber    = ` and r._value != ` + markNumberText
	realText      = ` and r._value != "` + markText + `"`
	okException   = ` and r._value =~ /^0/`     // quality OK
	countedExcept = ` and r._value =~ /^0[nb]/` // and a number or a boolean
)

func fieldIs(names ...string) string { return "(" + eachField("==", "or", names) + ")" }

func fieldIsNone(names ...string) string { return eachField("!=", "and", names) }

func eachField(compare, join string, names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = "r._field " + compare + " " + quote(n)
	}
	return strings.Join(parts, " "+join+" ")
}

// timeIs selects rows at Unix milliseconds.
func timeIs(times []int64) string {
	parts := make([]string, len(times))
	for i, ms := range times {
		parts[i] = "r._time == " + fluxTime(time.UnixMilli(ms))
	}
	return strings.Join(parts, " or ")
}

func fluxTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// quote writes a Flux string. The dollar is written in hexadecimal: ${ would
// begin an expression.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\x24`).Replace(s) + `"`
}

// row is one row of an answer.
type row struct {
	result string // the name given to yield
	time   time.Time
	field  string
	value  any // float64, int64, string, or nil for the empty string
}

// number returns the value as a number.
func (r row) number() float64 {
	switch v := r.value.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	}
	return 0
}

// query runs Flux and calls each for every row, until it returns an error. It is
// given what the query does, for errors.
func (s *Store) query(ctx context.Context, op, flux string, each func(row) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A QueryAPI of its own for every query: the client's is not safe to share.
	result, err := s.client.QueryAPI(s.options.Org).Query(ctx, flux)
	if err != nil {
		return s.explain(op, err)
	}
	defer func() {
		cancel() // what is left of the answer need not be read
		_ = result.Close()
	}()
	for result.Next() {
		record := result.Record()
		values := record.Values()
		r := row{value: values["_value"]}
		r.result, _ = values["result"].(string)
		r.time, _ = values["_time"].(time.Time)
		r.field, _ = values["_field"].(string)
		if err := each(r); err != nil {
			return err
		}
	}
	if err := result.Err(); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return s.explain(op, fmt.Errorf("%w: %w", errQuery, err))
	}
	return nil
}

// errQuery is in the error of a query that failed after its answer had begun.
var errQuery = errors.New("the answer ends with an error")

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

func fluxDuration(d time.Duration) string { return strconv.FormatInt(int64(d), 10) + "ns" }
