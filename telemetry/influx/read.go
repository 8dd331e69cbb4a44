package influx

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// assembly puts the fields of rows together to samples, in order of time.
type assembly struct {
	yield    func(vehicle.Sample) error
	at       int64 // Unix milliseconds
	source   vehicle.TimeSource
	readings map[vehicle.Signal]vehicle.Reading
}

func assemble(yield func(vehicle.Sample) error) *assembly {
	return &assembly{yield: yield, readings: map[vehicle.Signal]vehicle.Reading{}}
}

// add takes rows that follow those before in time.
func (a *assembly) add(r rows) error {
	for _, row := range r.values {
		if at := milli(row); at != a.at {
			if err := a.end(); err != nil {
				return err
			}
			a.at = at
		}
		for i, value := range row[1:] {
			if value == nil {
				continue
			}
			if err := a.field(r.columns[i+1], value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *assembly) field(name string, value any) error {
	if source, ok := sourceOf(name); ok {
		a.source = max(a.source, source)
		return nil
	}
	reading, exception, err := readingOf(name, value)
	if err != nil || reading.Signal == "" {
		return err
	}
	// A home that holds a value, and not the mark, was written after the exception.
	if _, known := a.readings[reading.Signal]; !known || !exception {
		a.readings[reading.Signal] = reading
	}
	return nil
}

// end hands on the sample that is complete, readings by signal.
func (a *assembly) end() error {
	defer func() {
		a.source = vehicle.TimeFromDevice
		clear(a.readings)
	}()
	if len(a.readings) == 0 {
		return nil
	}
	s := vehicle.Sample{Time: time.UnixMilli(a.at).UTC(), TimeSource: a.source}
	for _, r := range a.readings {
		s.Readings = append(s.Readings, r)
	}
	slices.SortFunc(s.Readings, func(x, y vehicle.Reading) int { return cmp.Compare(x.Signal, y.Signal) })
	return a.yield(s)
}

// sourceOf is the clock that a field speaks of, if it does.
func sourceOf(field string) (vehicle.TimeSource, bool) {
	switch field {
	case fieldAge:
		return vehicle.TimeFromAge, true
	case fieldReceiver:
		return vehicle.TimeFromReceiver, true
	}
	return vehicle.TimeFromDevice, false
}

// readingOf reads one field. Marks, and fields that pitcrew did not write, have
// no signal.
func readingOf(field string, value any) (reading vehicle.Reading, exception bool, err error) {
	signal, suffix := parseField(field)
	reading.Signal = signal
	number, isNumber := value.(float64)
	text, isText := value.(string)
	switch {
	case suffix == suffixNumber && isNumber && number != markNumber:
		reading.Value = vehicle.Number(number)
	case suffix == suffixBool && isNumber && number != markNumber:
		reading.Value = vehicle.Bool(number != 0)
	case suffix == suffixText && isText && text != markText:
		reading.Value = vehicle.Text(text)
	case suffix == suffixException && isText:
		reading, err = decodeException(signal, text)
		return reading, true, err
	default:
		return vehicle.Reading{}, false, nil
	}
	return reading, false, nil
}

// Samples implements telemetry.Store. The answer is read as it comes, so that a long
// range needs no more memory than a short one.
func (s *Store) Samples(ctx context.Context, vin vehicle.VIN, from, to time.Time, yield func(vehicle.Sample) error) error {
	done, err := s.hold(ctx)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	defer done()
	from, to, ok := clamp(from, to)
	if !ok {
		return nil
	}
	fields, err := s.present(ctx, measurement, vin, from, to)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	return s.read(ctx, measurement, vin, from, to, fields, yield)
}

// present lists the fields that a vehicle has values in, marks included. The
// measurement has those of the whole fleet.
func (s *Store) present(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) ([]string, error) {
	var fields []string
	err := s.query(ctx, "look for fields", "SELECT last(*)"+ofVehicle(in, vin, from, to), func(r rows) error {
		for i, value := range r.values[0] {
			if name, ok := strings.CutPrefix(r.columns[i], "last_"); ok && value != nil {
				fields = append(fields, name)
			}
		}
		return nil
	})
	return fields, err
}

// read yields the samples of a vehicle, as far as they are in the fields, in order of
// time, until yield returns an error, which it returns as it is.
func (s *Store) read(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time, fields []string, yield func(vehicle.Sample) error) error {
	if len(fields) == 0 {
		return nil
	}
	samples := assemble(yield)
	if err := s.query(ctx, "read samples", "SELECT "+asFields(fields)+ofVehicle(in, vin, from, to), samples.add); err != nil {
		return err
	}
	return samples.end()
}

// Days implements telemetry.Store.
func (s *Store) Days(ctx context.Context, vin vehicle.VIN) ([]vehicle.Day, error) {
	done, err := s.hold(ctx)
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	defer done()
	days := map[vehicle.Day]bool{}
	err = s.query(ctx, "list days", "SELECT count(*)"+ofVehicle(measurement, vin, minTime, maxTime)+" GROUP BY time(1d) fill(none)", func(r rows) error {
		for _, row := range r.values {
			days[vehicle.DayOf(time.UnixMilli(milli(row)))] = true
		}
		return nil
	})
	return slices.Sorted(maps.Keys(days)), wrap("list days", err)
}

// Erase implements telemetry.Store. InfluxDB frees the disk at its next
// compaction; on 1.8 the vehicle leaves every retention policy of the database.
func (s *Store) Erase(ctx context.Context, vin vehicle.VIN) error {
	if err := s.usable(ctx); err != nil {
		return fmt.Errorf("erase vehicle: %w", err)
	}
	s.days.Lock() // an expiry under way would write back what is erased
	defer s.days.Unlock()
	if err := s.server.erase(ctx, vin); err != nil {
		return fmt.Errorf("erase vehicle %s: %w", vin, err)
	}
	return nil
}
