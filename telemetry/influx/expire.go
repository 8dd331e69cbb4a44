package influx

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// keptMeasurement holds what stays of a day while the day is deleted: InfluxDB can
// delete points, but no single fields of them.
const keptMeasurement = "vehicle_kept"

// Expire implements telemetry.Store. What stays of a day is written beside it first,
// then the day is deleted, and what stays is written back. Reads and writes of this
// process wait meanwhile, a few milliseconds a day. If it fails in between, what stays
// is put back before anything else is done with the store; if the process dies, by the
// next Open. InfluxDB frees the disk at its next compaction.
func (s *Store) Expire(ctx context.Context, vin vehicle.VIN, days []telemetry.Expiry) error {
	for _, day := range days {
		if err := s.expireDay(ctx, vin, day); err != nil {
			return fmt.Errorf("expire samples of %s: %w", day.Day, err)
		}
	}
	return nil
}

func (s *Store) expireDay(ctx context.Context, vin vehicle.VIN, e telemetry.Expiry) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.days.Lock()
	defer s.days.Unlock()
	if err := s.complete(ctx); err != nil {
		return err
	}
	from, to := e.Day.Start(), e.Day.End()
	all, err := s.records(ctx, measurement, vin, from, to)
	if err != nil {
		return err
	}
	var kept []telemetry.Record
	lost := 0
	for _, r := range all {
		n := len(r.Sample.Readings)
		r.Sample.Readings = slices.DeleteFunc(r.Sample.Readings, func(r vehicle.Reading) bool { return e.Loses(r.Signal) })
		if lost += n - len(r.Sample.Readings); len(r.Sample.Readings) > 0 {
			kept = append(kept, r)
		}
	}
	if lost == 0 {
		return nil
	}
	if err := s.put(ctx, keptMeasurement, kept); err != nil {
		return err
	}
	s.missing = len(kept) > 0
	if err := s.server.remove(ctx, measurement, vin, from, to); err != nil {
		return err
	}
	if err := s.put(ctx, measurement, kept); err != nil || len(kept) == 0 {
		return err
	}
	err = s.server.remove(ctx, keptMeasurement, vin, from, to)
	s.missing = err != nil // else it would come back when it has expired, too
	return err
}

// hold keeps expiries away until the caller is done, so that no day is met half
// written.
func (s *Store) hold(ctx context.Context) (done func(), err error) {
	for {
		if err := s.usable(ctx); err != nil {
			return nil, err
		}
		s.days.RLock()
		if !s.missing {
			return s.days.RUnlock, nil
		}
		s.days.RUnlock()
		s.days.Lock()
		err := s.complete(ctx)
		s.days.Unlock()
		if err != nil {
			return nil, err
		}
	}
}

// complete puts back what an expiry that failed has left out; days is locked.
func (s *Store) complete(ctx context.Context) error {
	if !s.missing {
		return nil
	}
	err := s.putBack(ctx)
	s.missing = err != nil
	return err
}

// putAtOnce is how many records are written in one request.
const putAtOnce = 2_000

// put writes records of one vehicle into a measurement.
func (s *Store) put(ctx context.Context, into string, records []telemetry.Record) error {
	w := lineWriter{names: s.fields}
	for batch := range slices.Chunk(records, putAtOnce) {
		var lines, line []byte
		for i := range batch {
			line = w.appendLine(line[:0], &batch[i])
			lines = append(lines, into...)
			lines = append(lines, bytes.TrimPrefix(line, []byte(measurement))...)
			lines = append(lines, '\n')
		}
		if err := s.post(ctx, lines); err != nil {
			return err
		}
	}
	return nil
}

// records reads all that a measurement holds of a vehicle with from <= time < to.
func (s *Store) records(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) ([]telemetry.Record, error) {
	fields, err := s.present(ctx, in, vin, from, to)
	if err != nil {
		return nil, err
	}
	var out []telemetry.Record
	err = s.read(ctx, in, vin, from, to, fields, func(sample vehicle.Sample) error {
		out = append(out, telemetry.Record{VIN: vin, Sample: sample})
		return nil
	})
	return out, err
}

// putBack restores what an Expire that was broken off has kept.
func (s *Store) putBack(ctx context.Context) error {
	var vins []vehicle.VIN
	show := fmt.Sprintf("SHOW TAG VALUES FROM %s WITH KEY = %s", quoteName(keptMeasurement), quoteName(vinTag))
	err := s.query(ctx, "look for what was kept", show, func(r rows) error {
		for _, row := range r.values { // the key and its value
			if vin, ok := row[1].(string); ok {
				vins = append(vins, vehicle.VIN(vin))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, vin := range vins {
		kept, err := s.records(ctx, keptMeasurement, vin, minTime, maxTime)
		if err != nil {
			return err
		}
		if len(kept) == 0 {
			continue // InfluxDB forgets the name of a series later than its values
		}
		if err := s.put(ctx, measurement, kept); err != nil {
			return err
		}
		if err := s.server.remove(ctx, keptMeasurement, vin, minTime, maxTime); err != nil {
			return err
		}
		s.options.Logger.Info("put back samples of an expiry that was broken off", "samples", len(kept))
	}
	return nil
}
