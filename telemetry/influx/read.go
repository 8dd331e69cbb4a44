package influx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// found collects the fields of a stretch of time and puts samples together.
type found map[int64]*foundSample // by Unix milliseconds

type foundSample struct {
	source   vehicle.TimeSource
	readings map[vehicle.Signal]foundReading
}

type foundReading struct {
	vehicle.Reading
	exception bool
}

func (f found) add(r row) error {
	at := r.time.UnixMilli()
	sample := f[at]
	if sample == nil {
		sample = &foundSample{readings: map[vehicle.Signal]foundReading{}}
		f[at] = sample
	}
	switch r.field {
	case fieldAge:
		sample.source = max(sample.source, vehicle.TimeFromAge)
		return nil
	case fieldReceiver:
		sample.source = vehicle.TimeFromReceiver
		return nil
	}
	reading, exception, err := readingOf(r)
	if err != nil || reading.Signal == "" {
		return err
	}
	// A home that holds a value, and not the mark, was written after the exception.
	if _, known := sample.readings[reading.Signal]; !known || !exception {
		sample.readings[reading.Signal] = foundReading{Reading: reading, exception: exception}
	}
	return nil
}

// readingOf reads one field. Marks, and fields that pitcrew did not write, have
// no signal.
func readingOf(r row) (reading vehicle.Reading, exception bool, err error) {
	signal, suffix := parseField(r.field)
	reading.Signal = signal
	number, isNumber := r.value.(float64)
	text, isText := r.value.(string)
	switch {
	case suffix == suffixNumber && isNumber && number != markNumber:
		reading.Value = vehicle.Number(number)
	case suffix == suffixBool && isNumber && number != markNumber:
		reading.Value = vehicle.Bool(number != 0)
	case suffix == suffixText && (isText || r.value == nil) && text != markText:
		reading.Value = vehicle.Text(text)
	case suffix == suffixException && isText:
		reading, err = decodeException(signal, text)
		return reading, true, err
	default:
		return vehicle.Reading{}, false, nil
	}
	return reading, false, nil
}

// samples returns what was found in order of time, readings by signal.
func (f found) samples() []vehicle.Sample {
	out := make([]vehicle.Sample, 0, len(f))
	for _, at := range slices.Sorted(maps.Keys(f)) {
		s := vehicle.Sample{Time: time.UnixMilli(at).UTC(), TimeSource: f[at].source}
		for _, r := range f[at].readings {
			s.Readings = append(s.Readings, r.Reading)
		}
		if len(s.Readings) == 0 {
			continue
		}
		slices.SortFunc(s.Readings, func(x, y vehicle.Reading) int { return cmp.Compare(x.Signal, y.Signal) })
		out = append(out, s)
	}
	return out
}

// Samples implements telemetry.Store. It reads in pieces of about piece values,
// so that a long range needs no more memory than a short one.
func (s *Store) Samples(ctx context.Context, vin vehicle.VIN, from, to time.Time, yield func(vehicle.Sample) error) error {
	if err := s.usable(ctx); err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	from, to, ok := clamp(from, to)
	if !ok {
		return nil
	}
	counts, err := s.server.countByDay(ctx, vin, from, to)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	for _, p := range pieces(counts, from, to) {
		samples, err := s.read(ctx, vin, p.from, p.to, anyField, 0)
		if err != nil {
			return fmt.Errorf("read samples: %w", err)
		}
		for _, sample := range samples {
			if err := yield(sample); err != nil {
				return err
			}
		}
	}
	return nil
}

// errTooMany says that there is more to read than was wanted.
var errTooMany = errors.New("too many values")

// read reads the fields that the condition selects and puts samples together, or
// gives up with errTooMany after limit values, unless limit is zero.
func (s *Store) read(ctx context.Context, vin vehicle.VIN, from, to time.Time, condition string, limit int) ([]vehicle.Sample, error) {
	f := found{}
	n := 0
	flux := s.ofVehicle(vin, from, to, condition) + `|> keep(columns: ["_time", "_field", "_value"])`
	err := s.query(ctx, "read samples", flux, func(r row) error {
		if n++; limit > 0 && n > limit {
			return errTooMany
		}
		return f.add(r)
	})
	if err != nil {
		return nil, err
	}
	return f.samples(), nil
}

// piece is a stretch of time to read at once.
type piece struct{ from, to time.Time }

// pieceValues is how many values are read at once.
const pieceValues = 100_000

// pieces groups days until they hold enough, and cuts a day that holds too much
// into equal parts.
func pieces(counts map[vehicle.Day]int, from, to time.Time) []piece {
	var out []piece
	held := 0
	for _, day := range slices.Sorted(maps.Keys(counts)) {
		start, end := later(day.Start(), from), earlier(day.End(), to)
		n := counts[day]
		switch {
		case n > pieceValues:
			step := end.Sub(start)/time.Duration(n/pieceValues+1) + time.Millisecond
			for ; start.Before(end); start = start.Add(step) {
				out = append(out, piece{start, earlier(start.Add(step), end)})
			}
			held = pieceValues
		case len(out) > 0 && held+n <= pieceValues:
			out[len(out)-1].to = end
			held += n
		default:
			out = append(out, piece{start, end})
			held = n
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// countByDay counts the values of each day that has any.
func (s *Store) countByDay(ctx context.Context, vin vehicle.VIN, from, to time.Time) (map[vehicle.Day]int, error) {
	counts := map[vehicle.Day]int{}
	flux := s.ofVehicle(vin, from, to, anyField) +
		`|> aggregateWindow(every: 1d, fn: count, createEmpty: false, timeSrc: "_start")
	|> group(columns: ["_time"])
	|> sum()`
	err := s.query(ctx, "count values by day", flux, func(r row) error {
		counts[vehicle.DayOf(r.time)] += int(r.number())
		return nil
	})
	return counts, err
}

// Days implements telemetry.Store.
func (s *Store) Days(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	counts, err := s.server.countByDay(ctx, vin, minTime, maxTime)
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return slices.Sorted(maps.Keys(counts)), nil
}

// Erase implements telemetry.Store. InfluxDB frees the disk at its next
// compaction; on 1.8 the vehicle leaves every retention policy of the database.
func (s *Store) Erase(ctx context.Context, vin vehicle.VIN) error {
	if err := s.usable(ctx); err != nil {
		return fmt.Errorf("erase vehicle: %w", err)
	}
	if err := s.server.erase(ctx, vin); err != nil {
		return fmt.Errorf("erase vehicle %s: %w", vin, err)
	}
	return nil
}
