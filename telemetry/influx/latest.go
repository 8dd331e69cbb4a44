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

// latestSteps are the starts of the stretches of time in which Latest looks for
// the newest values, newest first. Each is sixteen times as long as the one
// before, and read only for the signals that were not found yet: a car that
// reports costs a day, not its history, and a signal that stopped years ago costs
// its own values only. Keeping the newest values in a measurement of their own
// would be quicker and wrong: InfluxDB cannot refuse to overwrite them with late
// data.
func latestSteps(now time.Time) []time.Time {
	const day = 24 * time.Hour
	return []time.Time{now.Add(-day), now.Add(-16 * day), now.Add(-256 * day), minTime}
}

// Conditions with more names than this would take the server longer to parse
// than to read the values that they leave out.
const maxNames = 200

// latest is what Latest has found.
type latest struct {
	values map[vehicle.Signal]telemetry.Latest
	fields []string // that need not be read any more
	marked []string // that have to be read again, without marks
	dated  bool     // some samples of the stretch have not the device's time
}

// Latest implements telemetry.Store.
func (s *Store) Latest(ctx context.Context, vin vehicle.VIN) ([]telemetry.Latest, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("read latest values: %w", err)
	}
	l := latest{values: map[vehicle.Signal]telemetry.Latest{}}
	stop := maxTime
	for _, start := range latestSteps(time.Now()) {
		if err := s.latestWithin(ctx, vin, start, stop, &l); err != nil {
			return nil, fmt.Errorf("read latest values: %w", err)
		}
		stop = start
	}
	return slices.SortedFunc(maps.Values(l.values), func(a, b telemetry.Latest) int {
		return cmp.Compare(a.Signal, b.Signal)
	}), nil
}

// latestWithin adds the newest OK values of one stretch of time. The last value
// of a field is enough, unless it is a mark whose exception does not count.
func (s *Store) latestWithin(ctx context.Context, vin vehicle.VIN, start, stop time.Time, l *latest) error {
	wanted := anyField
	if len(l.fields) > 0 && len(l.fields) <= maxNames {
		wanted = fieldIsNone(l.fields...)
	}
	last := map[vehicle.Signal][]row{}
	l.dated = false
	flux := s.ofVehicle(vin, start, stop, wanted) + "|> last()"
	err := s.query(ctx, "read latest values", flux, func(r row) error {
		l.dated = l.dated || r.field == fieldAge || r.field == fieldReceiver
		signal, _ := parseField(r.field)
		if _, known := l.values[signal]; !known && signal != "" {
			last[signal] = append(last[signal], r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.marked = l.marked[:0]
	for _, rows := range last {
		if err := l.take(rows); err != nil {
			return err
		}
	}
	if len(l.marked) > 0 {
		if err := s.latestMarked(ctx, vin, start, stop, l); err != nil {
			return err
		}
	}
	if !l.dated {
		return nil
	}
	return s.latestSources(ctx, vin, start, stop, l)
}

// latestSources looks up whose clock the times of a stretch's values are from, where
// it is not the device's.
func (s *Store) latestSources(ctx context.Context, vin vehicle.VIN, start, stop time.Time, l *latest) error {
	at := map[int64]vehicle.TimeSource{}
	for _, v := range l.values {
		if !v.Time.Before(start) && v.Time.Before(stop) {
			at[v.Time.UnixMilli()] = vehicle.TimeFromDevice
		}
	}
	if len(at) == 0 {
		return nil
	}
	times := slices.Sorted(maps.Keys(at))
	first, last := time.UnixMilli(times[0]), time.UnixMilli(times[len(times)-1]+1)
	flux := s.ofVehicle(vin, first, last, fieldIs(fieldAge, fieldReceiver))
	if len(times) <= maxNames {
		flux += filter(timeIs(times))
	}
	err := s.query(ctx, "read latest values", flux, func(r row) error {
		if known, ok := at[r.time.UnixMilli()]; ok {
			source := vehicle.TimeFromAge
			if r.field == fieldReceiver {
				source = vehicle.TimeFromReceiver
			}
			at[r.time.UnixMilli()] = max(known, source)
		}
		return nil
	})
	for signal, v := range l.values {
		if source, ok := at[v.Time.UnixMilli()]; ok {
			v.TimeSource = source
			l.values[signal] = v
		}
	}
	return err
}

// take looks at the last values of one signal's fields. An exception counts only
// as the newest of them: then it was written together with the mark.
func (l *latest) take(rows []row) error {
	slices.SortFunc(rows, func(a, b row) int { return b.time.Compare(a.time) })
	var names []string
	var best vehicle.Reading
	for _, r := range rows {
		names = append(names, r.field)
		reading, exception, err := readingOf(r)
		if err != nil {
			return err
		}
		newest := r.time.Equal(rows[0].time)
		if newest && reading.Signal != "" && reading.Quality == vehicle.QualityOK && (best.Signal == "" || !exception) {
			best = reading
		}
	}
	if best.Signal == "" {
		l.marked = append(l.marked, names...)
		return nil
	}
	l.set(best, rows[0].time)
	l.fields = append(l.fields, names...)
	return nil
}

func (l *latest) set(r vehicle.Reading, at time.Time) {
	l.values[r.Signal] = telemetry.Latest{Signal: r.Signal, Time: at.UTC(), Value: r.Value}
}

// latestMarked looks behind marks and exceptions that do not count.
func (s *Store) latestMarked(ctx context.Context, vin vehicle.VIN, start, stop time.Time, l *latest) error {
	wanted := ""
	if len(l.marked) <= maxNames {
		wanted = " and " + fieldIs(l.marked...)
	}
	flux := ""
	for i, c := range []string{numericField + realNumber, textField + realText, exceptionField + okException} {
		flux += s.ofVehicle(vin, start, stop, c+wanted) + "|> last()\n\t" + yield(fmt.Sprint(i))
	}
	last := map[vehicle.Signal][]row{}
	err := s.query(ctx, "read latest values", flux, func(r row) error {
		signal, _ := parseField(r.field)
		if _, known := l.values[signal]; !known && slices.Contains(l.marked, r.field) {
			last[signal] = append(last[signal], r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, rows := range last {
		if err := l.take(rows); err != nil {
			return err
		}
	}
	return nil
}
