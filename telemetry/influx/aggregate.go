package influx

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Results of the queries below, by the name of their yield.
const (
	resultCount      = "count"
	resultMin        = "min"
	resultMax        = "max"
	resultSum        = "sum"
	resultFirst      = "first"
	resultLast       = "last"
	resultExceptions = "exceptions"
)

// Series implements telemetry.Store. A few thousand values are read and
// aggregated here, which takes InfluxDB a fraction of the time of an aggregate;
// more are aggregated there, unless an exception counts or the signal's home
// has changed.
func (s *Store) Series(ctx context.Context, q telemetry.Query) ([]telemetry.Point, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("read series: %w", err)
	}
	from, to, ok := clamp(q.From, q.To)
	if !ok {
		return nil, nil
	}
	q.From, q.To = from, to
	fields := fieldIs(append(numericNames(q.Signal), exceptionName(q.Signal))...)
	limit := s.options.ReadAtOnce
	if q.Every <= 0 {
		limit = 0
	}
	samples, err := s.read(ctx, q.VIN, q.From, q.To, fields, limit)
	if errors.Is(err, errTooMany) {
		var points []telemetry.Point
		if points, ok, err = s.windows(ctx, q); err != nil || ok {
			return points, wrap("read series", err)
		}
		samples, err = s.read(ctx, q.VIN, q.From, q.To, fields, 0)
	}
	return pointsOf(samples, q), wrap("read series", err)
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

// windows has InfluxDB aggregate; it is false when that would be wrong.
func (s *Store) windows(ctx context.Context, q telemetry.Query) ([]telemetry.Point, bool, error) {
	flux := ""
	for _, fn := range []string{resultCount, resultMin, resultMax, resultSum, resultLast} {
		flux += s.ofVehicle(q.VIN, q.From, q.To, fieldIs(numericNames(q.Signal)...)+realNumber) +
			fmt.Sprintf("|> aggregateWindow(every: %s, fn: %s, createEmpty: false, timeSrc: \"_start\")\n\t", fluxDuration(q.Every), fn) +
			yield(fn)
	}
	flux += s.ofVehicle(q.VIN, q.From, q.To, fieldIs(exceptionName(q.Signal))+countedExcept) +
		"|> limit(n: 1)\n\t" + yield(resultExceptions)

	windows := map[int64]*telemetry.Point{}
	fields := map[string]bool{}
	err := s.query(ctx, "read series", flux, func(r row) error {
		fields[r.field] = true
		start := windowStart(r.time, q.Every)
		p := windows[start]
		if p == nil {
			p = &telemetry.Point{Time: time.Unix(0, start).UTC()}
			windows[start] = p
		}
		switch r.result {
		case resultCount:
			p.Count = int(r.number())
		case resultMin:
			p.Min = r.number()
		case resultMax:
			p.Max = r.number()
		case resultSum:
			p.Mean = r.number() // the sum for now
		case resultLast:
			p.Last = r.number()
		}
		return nil
	})
	if err != nil || len(fields) > 1 || fields[exceptionName(q.Signal)] {
		return nil, false, err
	}
	points := make([]telemetry.Point, 0, len(windows))
	for _, start := range slices.Sorted(maps.Keys(windows)) {
		p := windows[start]
		p.Mean /= float64(p.Count)
		points = append(points, *p)
	}
	return points, true, nil
}

// windowStart is the start of the window that holds the time: multiples since
// the epoch. What can be stored lies after it.
func windowStart(t time.Time, every time.Duration) int64 {
	return t.UnixNano() / int64(every) * int64(every)
}

// pointsOf aggregates samples of one signal.
func pointsOf(samples []vehicle.Sample, q telemetry.Query) []telemetry.Point {
	var points []telemetry.Point
	var window telemetry.Aggregate
	var start int64
	flush := func() {
		if window.Count > 0 {
			points = append(points, telemetry.Point{
				Time: time.Unix(0, start).UTC(), Count: window.Count,
				Min: window.Min, Max: window.Max, Mean: window.Mean(), Last: window.Last,
			})
		}
		window = telemetry.Aggregate{}
	}
	for _, s := range samples {
		at := s.Time.UnixNano()
		if q.Every > 0 {
			at = windowStart(s.Time, q.Every)
		}
		if at != start {
			flush()
			start = at
		}
		for _, r := range s.Readings {
			if v, ok := r.Value.Float(); ok && r.Quality == vehicle.QualityOK {
				window.Add(s.Time, v)
			}
		}
	}
	flush()
	return points
}

// Daily implements telemetry.Store.
func (s *Store) Daily(ctx context.Context, q telemetry.DailyQuery, yield func(vehicle.VIN, []telemetry.Point) error) error {
	return telemetry.DailyBySeries(ctx, s.Series, q, yield)
}

// Day implements telemetry.Store. Like Series it leaves the work to InfluxDB
// when there is much of it.
func (s *Store) Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	out := telemetry.DayRollup{VIN: vin, Day: day, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	if err := s.usable(ctx); err != nil {
		return out, fmt.Errorf("summarise day: %w", err)
	}
	from, to, ok := clamp(day.Start(), day.End())
	if !ok {
		return out, nil
	}
	s.days.RLock()
	defer s.days.RUnlock()
	const fields = "(" + numericField + " or " + exceptionField + ")"
	samples, err := s.read(ctx, vin, from, to, fields, s.options.ReadAtOnce)
	if errors.Is(err, errTooMany) {
		if ok, err = s.addAggregates(ctx, vin, from, to, out.Signals); err != nil || ok {
			return out, wrap("summarise day", err)
		}
		clear(out.Signals)
		samples, err = s.read(ctx, vin, from, to, fields, 0)
	}
	if err != nil {
		return out, fmt.Errorf("summarise day: %w", err)
	}
	for _, sample := range samples {
		for _, r := range sample.Readings {
			if v, ok := r.Value.Float(); ok && r.Quality == vehicle.QualityOK {
				a := out.Signals[r.Signal]
				a.Add(sample.Time, v)
				out.Signals[r.Signal] = a
			}
		}
	}
	return out, nil
}

// addAggregates has InfluxDB aggregate; it is false when that would be wrong.
func (s *Store) addAggregates(ctx context.Context, vin vehicle.VIN, from, to time.Time, signals map[vehicle.Signal]telemetry.Aggregate) (bool, error) {
	flux := ""
	for _, fn := range []string{resultCount, resultMin, resultMax, resultSum, resultFirst, resultLast} {
		flux += s.ofVehicle(vin, from, to, numericField+realNumber) + "|> " + fn + "()\n\t" + yield(fn)
	}
	flux += s.ofVehicle(vin, from, to, exceptionField+countedExcept) + "|> limit(n: 1)\n\t" + yield(resultExceptions)
	homes := map[vehicle.Signal]string{}
	plain := true
	err := s.query(ctx, "summarise day", flux, func(r row) error {
		signal, _ := parseField(r.field)
		if home, known := homes[signal]; r.result == resultExceptions || (known && home != r.field) {
			plain = false
			return nil
		}
		homes[signal] = r.field
		a := signals[signal]
		switch v := r.number(); r.result {
		case resultCount:
			a.Count = int(v)
		case resultMin:
			a.Min = v
		case resultMax:
			a.Max = v
		case resultSum:
			a.Sum = v
		case resultFirst:
			a.First, a.FirstAt = v, r.time.UTC()
		case resultLast:
			a.Last, a.LastAt = v, r.time.UTC()
		}
		signals[signal] = a
		return nil
	})
	return plain, err
}
