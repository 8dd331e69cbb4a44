package influx

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Series implements telemetry.Store. InfluxDB aggregates, unless an exception counts
// or the signal's home has changed.
func (s *Store) Series(ctx context.Context, q telemetry.Query) ([]telemetry.Point, error) {
	done, err := s.hold(ctx)
	if err != nil {
		return nil, fmt.Errorf("read series: %w", err)
	}
	defer done()
	from, to, ok := clamp(q.From, q.To)
	if !ok {
		return nil, nil
	}
	q.From, q.To = from, to
	if q.Every > 0 && q.Every%time.Millisecond == 0 { // the precision of times in an answer
		if points, ok, err := s.aggregated(ctx, q); err != nil || ok {
			return points, wrap("read series", err)
		}
	}
	series := windows{every: q.Every}
	fields := append(numericNames(q.Signal), exceptionName(q.Signal))
	err = s.read(ctx, measurement, q.VIN, q.From, q.To, fields, series.add)
	series.flush()
	return series.points, wrap("read series", err)
}

func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}

func numericNames(signal vehicle.Signal) []string {
	return []string{homeName(signal, vehicle.KindNumber), homeName(signal, vehicle.KindBool)}
}

// aggregated has InfluxDB aggregate; it is false when that would be wrong.
func (s *Store) aggregated(ctx context.Context, q telemetry.Query) ([]telemetry.Point, bool, error) {
	of := ofVehicle(measurement, q.VIN, q.From, q.To)
	var statements []string
	for _, name := range numericNames(q.Signal) {
		f := asField(name)
		statements = append(statements, fmt.Sprintf("SELECT count(%s), min(%s), max(%s), sum(%s), last(%s)%s%s GROUP BY time(%dns) fill(none)",
			f, f, f, f, f, of, counting(name), q.Every))
	}
	exceptions := asField(exceptionName(q.Signal))
	statements = append(statements, fmt.Sprintf("SELECT %s%s AND %s =~ /^0[%s%s]/ LIMIT 1", exceptions, of, exceptions, suffixNumber, suffixBool))

	var points []telemetry.Point
	answered := map[int]bool{}
	err := s.query(ctx, "read series", strings.Join(statements, "; "), func(r rows) error {
		answered[r.statement] = true
		for _, row := range r.values {
			if p, ok := pointOf(row); ok {
				points = append(points, p)
			}
		}
		return nil
	})
	if err != nil || len(answered) > 1 || answered[len(statements)-1] {
		return nil, false, err
	}
	return points, true, nil
}

// pointOf reads time, count, minimum, maximum, sum and last.
func pointOf(row []any) (telemetry.Point, bool) {
	var v [6]float64
	for i := range min(len(row), len(v)) {
		v[i], _ = row[i].(float64)
	}
	if v[1] == 0 {
		return telemetry.Point{}, false
	}
	return telemetry.Point{
		Time: time.UnixMilli(int64(v[0])).UTC(), Count: int(v[1]), Min: v[2], Max: v[3], Mean: v[4] / v[1], Last: v[5],
	}, true
}

// windowStart is the start of the window that holds the time: multiples since
// the epoch. What can be stored lies after it.
func windowStart(t time.Time, every time.Duration) int64 {
	return t.UnixNano() / int64(every) * int64(every)
}

// windows aggregates samples of one signal, in order of time.
type windows struct {
	every  time.Duration // zero: every sample is a point
	points []telemetry.Point
	start  int64 // Unix nanoseconds
	open   telemetry.Aggregate
}

func (w *windows) add(s vehicle.Sample) error {
	start := s.Time.UnixNano()
	if w.every > 0 {
		start = windowStart(s.Time, w.every)
	}
	if start != w.start {
		w.flush()
		w.start = start
	}
	for _, r := range s.Readings {
		if v, ok := r.Value.Float(); ok && r.Quality == vehicle.QualityOK {
			w.open.Add(s.Time, v)
		}
	}
	return nil
}

func (w *windows) flush() {
	if w.open.Count > 0 {
		w.points = append(w.points, telemetry.Point{
			Time: time.Unix(0, w.start).UTC(), Count: w.open.Count,
			Min: w.open.Min, Max: w.open.Max, Mean: w.open.Mean(), Last: w.open.Last,
		})
	}
	w.open = telemetry.Aggregate{}
}

// Daily implements telemetry.Store.
func (s *Store) Daily(ctx context.Context, q telemetry.DailyQuery, yield func(vehicle.VIN, []telemetry.Point) error) error {
	return telemetry.DailyBySeries(ctx, s.Series, q, yield)
}

// Day implements telemetry.Store.
func (s *Store) Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	out := telemetry.DayRollup{VIN: vin, Day: day, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	done, err := s.hold(ctx)
	if err != nil {
		return out, fmt.Errorf("summarise day: %w", err)
	}
	defer done()
	from, to, ok := clamp(day.Start(), day.End())
	if !ok {
		return out, nil
	}
	fields, err := s.present(ctx, measurement, vin, from, to)
	if err != nil {
		return out, fmt.Errorf("summarise day: %w", err)
	}
	fields = slices.DeleteFunc(fields, func(name string) bool { return strings.HasSuffix(name, "|"+suffixText) })
	err = s.read(ctx, measurement, vin, from, to, fields, func(sample vehicle.Sample) error {
		for _, r := range sample.Readings {
			if v, ok := r.Value.Float(); ok && r.Quality == vehicle.QualityOK {
				a := out.Signals[r.Signal]
				a.Add(sample.Time, v)
				out.Signals[r.Signal] = a
			}
		}
		return nil
	})
	return out, wrap("summarise day", err)
}
