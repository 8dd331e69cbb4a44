package influx

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Latest implements telemetry.Store. It looks back at the newest rows that have a
// field of a signal which was not met yet. So a car that reports costs its last day, and
// a look for what only other cars have; a signal that stopped years ago costs its own
// values. Keeping the newest values in a measurement of their own would be quicker and
// wrong: InfluxDB cannot refuse to overwrite them with late data.
func (s *Store) Latest(ctx context.Context, vin vehicle.VIN) ([]telemetry.Latest, error) {
	done, err := s.hold(ctx)
	if err != nil {
		return nil, fmt.Errorf("read latest values: %w", err)
	}
	defer done()
	l := latest{Store: s, vin: vin, met: map[vehicle.Signal]newest{}}
	for _, step := range []func(context.Context) error{l.listFields, l.lookBack, l.lookBehindMarks, l.findSources} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("read latest values: %w", err)
		}
	}
	var out []telemetry.Latest
	for signal, v := range l.met {
		if v.counts() {
			out = append(out, telemetry.Latest{Signal: signal, Time: time.UnixMilli(v.at).UTC(), TimeSource: v.source, Value: v.Value})
		}
	}
	slices.SortFunc(out, func(a, b telemetry.Latest) int { return cmp.Compare(a.Signal, b.Signal) })
	return out, nil
}

// latest is what Latest has met of a vehicle.
type latest struct {
	*Store
	vin    vehicle.VIN
	fields []string // of the measurement
	dated  bool     // some times in the measurement are not the device's
	met    map[vehicle.Signal]newest
}

// newest is what the newest row with a signal holds of it; no signal: nothing to read,
// or a mark.
type newest struct {
	vehicle.Reading
	at     int64 // Unix milliseconds
	source vehicle.TimeSource
}

func (n newest) counts() bool { return n.Signal != "" && n.Quality == vehicle.QualityOK }

// listFields asks for the fields that the whole fleet has.
func (l *latest) listFields(ctx context.Context) error {
	return l.query(ctx, "list fields", "SHOW FIELD KEYS FROM "+quoteName(measurement), func(r rows) error {
		for _, row := range r.values { // the name and its type
			name, _ := row[0].(string)
			if _, ok := sourceOf(name); ok {
				l.dated = true
			} else {
				l.fields = append(l.fields, name)
			}
		}
		return nil
	})
}

// rowsBack is how many rows are read at once: a car may send each signal in a sample
// of its own.
const rowsBack = 50

// lookBack reads the newest rows, first of a day, then of all time, until there are
// none with a field of a signal that was not met. Every row has one, so that it ends.
func (l *latest) lookBack(ctx context.Context) error {
	start, stop := time.Now().AddDate(0, 0, -1), maxTime
	for {
		wanted := slices.DeleteFunc(slices.Clone(l.fields), l.wasMet)
		if len(wanted) == 0 {
			return nil
		}
		n := 0
		statement := fmt.Sprintf("SELECT %s%s ORDER BY time DESC LIMIT %d", asFields(wanted), ofVehicle(measurement, l.vin, start, stop), rowsBack)
		err := l.query(ctx, "read newest rows", statement, func(r rows) error {
			n += len(r.values)
			return l.addRows(r)
		})
		switch {
		case err != nil:
			return err
		case n == rowsBack:
		case start.Equal(minTime):
			return nil
		default:
			start, stop = minTime, start
		}
	}
}

func (l *latest) wasMet(field string) bool {
	signal, _ := parseField(field)
	_, ok := l.met[signal]
	return ok
}

// addRows takes rows, the newest first.
func (l *latest) addRows(r rows) error {
	for _, row := range r.values {
		at := milli(row)
		for i, value := range row[1:] {
			if value == nil {
				continue
			}
			name := r.columns[i+1]
			signal, _ := parseField(name)
			known, ok := l.met[signal]
			if ok && known.at != at {
				continue
			}
			reading, exception, err := readingOf(name, value)
			if err != nil {
				return err
			}
			if known.at = at; known.Signal == "" || reading.Signal != "" && !exception {
				known.Reading = reading
			}
			l.met[signal] = known
		}
	}
	return nil
}

// lookBehindMarks finds the newest value that counts of the signals whose newest does
// not. InfluxDB tells the time of a last value only when it is asked for it alone.
func (l *latest) lookBehindMarks(ctx context.Context) error {
	var fields, statements []string
	for _, name := range l.fields {
		signal, _ := parseField(name)
		if known, ok := l.met[signal]; ok && !known.counts() {
			fields = append(fields, name)
			statements = append(statements, "SELECT last("+asField(name)+")"+ofVehicle(measurement, l.vin, minTime, maxTime)+counting(name))
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return l.query(ctx, "read newest values", strings.Join(statements, "; "), func(r rows) error {
		reading, exception, err := readingOf(fields[r.statement], r.values[0][1])
		if err != nil || reading.Signal == "" {
			return err
		}
		at := milli(r.values[0])
		known := l.met[reading.Signal]
		// An exception counts only if it is newer than the value in the home field:
		// then it was written together with a mark.
		if !known.counts() || at > known.at || at == known.at && !exception {
			l.met[reading.Signal] = newest{Reading: reading, at: at}
		}
		return nil
	})
}

// findSources looks up whose clock the times are from, where it may be another than the
// device's.
func (l *latest) findSources(ctx context.Context) error {
	sources := map[int64]vehicle.TimeSource{}
	var statements []string
	for _, v := range l.met {
		if _, ok := sources[v.at]; !ok && l.dated && v.counts() {
			sources[v.at] = vehicle.TimeFromDevice
			at := time.UnixMilli(v.at)
			statements = append(statements, "SELECT "+asFields([]string{fieldAge, fieldReceiver})+ofVehicle(measurement, l.vin, at, at.Add(time.Millisecond)))
		}
	}
	if len(statements) == 0 {
		return nil
	}
	err := l.query(ctx, "read time sources", strings.Join(statements, "; "), func(r rows) error {
		for _, row := range r.values {
			for i, value := range row {
				if source, ok := sourceOf(r.columns[i]); ok && value != nil {
					sources[milli(row)] = max(sources[milli(row)], source)
				}
			}
		}
		return nil
	})
	for signal, v := range l.met {
		v.source = sources[v.at]
		l.met[signal] = v
	}
	return err
}
