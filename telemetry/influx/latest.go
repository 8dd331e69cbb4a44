package influx

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Latest looks for the newest value of each signal in steps back in time, each
// eight times as long as the one before, and each only for the signals that were
// not found yet: a car that reports costs a day, not its history, and a signal
// that stopped years ago costs its own values only. Keeping the newest values in
// a measurement of their own would be quicker and wrong: InfluxDB cannot refuse
// to overwrite them with late data.
var latestSteps = []time.Duration{24 * time.Hour, 8 * 24 * time.Hour, 64 * 24 * time.Hour, 512 * 24 * time.Hour}

// Conditions with more names than this would take the server longer to parse
// than the values that they leave out.
const maxNames = 100

// Latest implements telemetry.Store.
func (s *Store) Latest(ctx context.Context, vin vehicle.VIN) ([]telemetry.Latest, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("read latest values: %w", err)
	}
	missing, err := s.fieldsOf(ctx, vin)
	if err != nil {
		return nil, fmt.Errorf("read latest values: %w", err)
	}
	newest := map[vehicle.Signal]latestFound{}
	stop, now := maxTime, time.Now()
	for i := 0; i <= len(latestSteps) && len(missing) > 0; i++ {
		start := minTime
		if i < len(latestSteps) {
			start = now.Add(-latestSteps[i])
		}
		if err := s.latestWithin(ctx, vin, start, stop, missing, newest); err != nil {
			return nil, fmt.Errorf("read latest values: %w", err)
		}
		maps.DeleteFunc(missing, func(signal vehicle.Signal, _ []string) bool {
			_, ok := newest[signal]
			return ok
		})
		stop = start
	}
	out := make([]telemetry.Latest, 0, len(newest))
	for _, l := range newest {
		out = append(out, l.Latest)
	}
	slices.SortFunc(out, func(a, b telemetry.Latest) int { return cmp.Compare(a.Signal, b.Signal) })
	return out, nil
}

type latestFound struct {
	telemetry.Latest
	exception bool
}

// fieldsOf lists the fields of each signal of a vehicle, out of the index.
func (s *Store) fieldsOf(ctx context.Context, vin vehicle.VIN) (map[vehicle.Signal][]string, error) {
	fields := map[vehicle.Signal][]string{}
	flux := s.ofVehicle(vin, minTime, maxTime, anyField) +
		`|> keep(columns: ["_field"]) |> group() |> distinct(column: "_field")`
	err := s.query(ctx, "list fields", flux, func(r row) error {
		name, _ := r.value.(string)
		if signal, _ := parseField(name); signal != "" {
			fields[signal] = append(fields[signal], name)
		}
		return nil
	})
	return fields, err
}

// latestWithin adds the newest OK values of one stretch of time.
func (s *Store) latestWithin(ctx context.Context, vin vehicle.VIN, start, stop time.Time, missing map[vehicle.Signal][]string, newest map[vehicle.Signal]latestFound) error {
	names := slices.Concat(slices.Collect(maps.Values(missing))...)
	wanted := ""
	if len(names) <= maxNames {
		wanted = " and " + fieldIs(names...)
	}
	flux := ""
	for _, c := range []string{numericField + realNumber, textField + realText, exceptionFields + okException} {
		flux += s.ofVehicle(vin, start, stop, c+wanted) + "|> last()\n\t" + yield(fmt.Sprint(len(flux)))
	}
	return s.query(ctx, "read latest values", flux, func(r row) error {
		reading, exception, err := readingOf(r)
		if err != nil || missing[reading.Signal] == nil {
			return err
		}
		known, ok := newest[reading.Signal]
		// At the same time the home was written last: the exception's mark is gone.
		if !ok || r.time.After(known.Time) || (r.time.Equal(known.Time) && known.exception) {
			newest[reading.Signal] = latestFound{
				Latest:    telemetry.Latest{Signal: reading.Signal, Time: r.time.UTC(), Value: reading.Value},
				exception: exception,
			}
		}
		return nil
	})
}
