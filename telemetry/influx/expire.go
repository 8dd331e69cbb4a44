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
// process wait meanwhile, a few milliseconds a day; if it dies in between, the next
// Open puts back what stays. InfluxDB frees the disk at its next compaction.
func (s *Store) Expire(ctx context.Context, vin vehicle.VIN, days []telemetry.Expiry) error {
	for _, day := range days {
		if err := s.usable(ctx); err != nil {
			return fmt.Errorf("expire samples: %w", err)
		}
		if err := s.expireDay(ctx, vin, day); err != nil {
			return fmt.Errorf("expire samples of %s: %w", day.Day, err)
		}
	}
	return nil
}

func (s *Store) expireDay(ctx context.Context, vin vehicle.VIN, e telemetry.Expiry) error {
	s.days.Lock()
	defer s.days.Unlock()
	from, to := e.Day.Start(), e.Day.End()
	samples, err := s.read(ctx, vin, from, to, anyField, 0)
	if err != nil {
		return err
	}
	var kept []telemetry.Record
	lost := 0
	for _, sample := range samples {
		n := len(sample.Readings)
		sample.Readings = slices.DeleteFunc(sample.Readings, func(r vehicle.Reading) bool { return e.Loses(r.Signal) })
		if lost += n - len(sample.Readings); len(sample.Readings) > 0 {
			kept = append(kept, telemetry.Record{VIN: vin, Sample: sample})
		}
	}
	if lost == 0 {
		return nil
	}
	if err := s.put(ctx, keptMeasurement, kept); err != nil {
		return err
	}
	if err := s.server.remove(ctx, measurement, vin, from, to); err != nil {
		return err
	}
	if err := s.put(ctx, measurement, kept); err != nil || len(kept) == 0 {
		return err
	}
	return s.server.remove(ctx, keptMeasurement, vin, from, to)
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

// putBack restores what an Expire that was broken off has kept.
func (s *Store) putBack(ctx context.Context) error {
	var vins []vehicle.VIN
	flux := from(s.options.Bucket, minTime, maxTime) +
		filter(`r._measurement == "`+keptMeasurement+`"`) +
		`|> keep(columns: ["` + vinTag + `"])` + "\n\t" + `|> distinct(column: "` + vinTag + `")`
	err := s.query(ctx, "look for what was kept", flux, func(r row) error {
		if vin, ok := r.value.(string); ok && !slices.Contains(vins, vehicle.VIN(vin)) {
			vins = append(vins, vehicle.VIN(vin))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, vin := range vins {
		f := found{}
		flux := s.ofVehicleIn(keptMeasurement, vin, minTime, maxTime, anyField) + `|> keep(columns: ["_time", "_field", "_value"])`
		if err := s.query(ctx, "read what was kept", flux, f.add); err != nil {
			return err
		}
		var records []telemetry.Record
		for _, sample := range f.samples() {
			records = append(records, telemetry.Record{VIN: vin, Sample: sample})
		}
		if err := s.put(ctx, measurement, records); err != nil {
			return err
		}
		if err := s.server.remove(ctx, keptMeasurement, vin, minTime, maxTime); err != nil {
			return err
		}
		s.options.Logger.Info("put back samples of an expiry that was broken off", "samples", len(records))
	}
	return nil
}

// remove deletes the points of a vehicle in [from, to) from a measurement.
func (v *version2) remove(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) error {
	return v.deletePoints(ctx, in, vin, from, lastBefore(to))
}

func (v *version1) remove(ctx context.Context, in string, vin vehicle.VIN, from, to time.Time) error {
	database, _ := v.database()
	_, err := v.influxQL(ctx, map[string][]string{"db": {database}, "q": {
		fmt.Sprintf("DELETE FROM %s WHERE %s = %s AND time >= '%s' AND time <= '%s'",
			quoteName(in), quoteName(vinTag), quoteText(string(vin)), fluxTime(from), fluxTime(lastBefore(to))),
	}})
	return err
}
