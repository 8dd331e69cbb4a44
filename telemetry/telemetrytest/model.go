package telemetrytest

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// model is the contract in its plainest form: a map per vehicle.
type model map[vehicle.VIN]map[int64]map[vehicle.Signal]vehicle.Reading

// modelOf writes the records in their order.
func modelOf(records ...telemetry.Record) model {
	m := model{}
	m.write(records...)
	return m
}

func (m model) write(records ...telemetry.Record) {
	for _, r := range records {
		if m[r.VIN] == nil {
			m[r.VIN] = map[int64]map[vehicle.Signal]vehicle.Reading{}
		}
		at := r.Sample.Time.UnixMilli()
		for _, reading := range r.Sample.Readings {
			if m[r.VIN][at] == nil {
				m[r.VIN][at] = map[vehicle.Signal]vehicle.Reading{}
			}
			m[r.VIN][at][reading.Signal] = reading
		}
	}
}

func (m model) samples(vin vehicle.VIN, from, to time.Time) []vehicle.Sample {
	var out []vehicle.Sample
	for _, at := range slices.Sorted(maps.Keys(m[vin])) {
		t := time.UnixMilli(at).UTC()
		if t.Before(from) || !t.Before(to) {
			continue
		}
		s := vehicle.Sample{Time: t}
		for _, signal := range slices.Sorted(maps.Keys(m[vin][at])) {
			s.Readings = append(s.Readings, m[vin][at][signal])
		}
		out = append(out, s)
	}
	return out
}

func (m model) latest(vin vehicle.VIN) []telemetry.Latest {
	newest := map[vehicle.Signal]telemetry.Latest{}
	for at, readings := range m[vin] {
		t := time.UnixMilli(at).UTC()
		for signal, r := range readings {
			if l, ok := newest[signal]; r.Quality == vehicle.QualityOK && (!ok || t.After(l.Time)) {
				newest[signal] = telemetry.Latest{Signal: signal, Time: t, Value: r.Value}
			}
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b telemetry.Latest) int {
		return cmp.Compare(a.Signal, b.Signal)
	})
}

func (m model) series(q telemetry.Query) []telemetry.Point {
	var out []telemetry.Point
	for _, s := range m.samples(q.VIN, q.From, q.To) {
		for _, r := range s.Readings {
			v, ok := r.Value.Float()
			if r.Signal != q.Signal || !ok || r.Quality != vehicle.QualityOK {
				continue
			}
			start := s.Time
			if q.Every > 0 {
				start = time.Unix(0, s.Time.UnixNano()/int64(q.Every)*int64(q.Every)).UTC()
			}
			if n := len(out); n > 0 && q.Every > 0 && out[n-1].Time.Equal(start) {
				p := &out[n-1]
				p.Mean = (p.Mean*float64(p.Count) + v) / float64(p.Count+1)
				p.Count++
				p.Min, p.Max, p.Last = min(p.Min, v), max(p.Max, v), v
				continue
			}
			out = append(out, telemetry.Point{Time: start, Count: 1, Min: v, Max: v, Mean: v, Last: v})
		}
	}
	return out
}

func (m model) day(vin vehicle.VIN, day vehicle.Day) telemetry.DayRollup {
	d := telemetry.DayRollup{VIN: vin, Day: day, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
	for _, s := range m.samples(vin, day.Start(), day.End()) {
		for _, r := range s.Readings {
			if v, ok := r.Value.Float(); ok && r.Quality == vehicle.QualityOK {
				a := d.Signals[r.Signal]
				a.Add(s.Time, v)
				d.Signals[r.Signal] = a
			}
		}
	}
	return d
}

func (m model) days(vin vehicle.VIN) []vehicle.Day {
	set := map[vehicle.Day]bool{}
	for at := range m[vin] {
		set[vehicle.DayOf(time.UnixMilli(at))] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// failer is what a check complains to: *testing.T or *rapid.T.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// equal compares everything the store says of the vehicle with the model.
func (b *bundle) equal(t failer, m model, vin vehicle.VIN) {
	t.Helper()
	ever := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	diff(t, "samples", m.samples(vin, time.Unix(0, 0), ever), b.samples(t, vin, time.Unix(0, 0), ever))

	latest, err := b.store.Latest(b.ctx, vin)
	must(t, "latest", err)
	diff(t, "latest", m.latest(vin), latest)

	days, err := b.store.Days(b.ctx, vin)
	must(t, "days", err)
	diff(t, "days", m.days(vin), days)

	for _, d := range m.days(vin) {
		b.equalDay(t, m, vin, d)
	}
	for _, signal := range []vehicle.Signal{signalSpeed, signalExact} {
		for _, every := range []time.Duration{0, time.Hour} {
			b.equalSeries(t, m, telemetry.Query{VIN: vin, Signal: signal, From: time.Unix(0, 0), To: ever, Every: every})
		}
	}
}

func (b *bundle) equalDay(t failer, m model, vin vehicle.VIN, d vehicle.Day) {
	t.Helper()
	got, err := b.store.Day(b.ctx, vin, d)
	must(t, "day "+d.String(), err)
	diff(t, "day "+d.String(), m.day(vin, d), got)
}

func (b *bundle) equalSeries(t failer, m model, q telemetry.Query) {
	t.Helper()
	got, err := b.store.Series(b.ctx, q)
	must(t, "series", err)
	diff(t, "series of "+string(q.Signal)+" every "+q.Every.String(), m.series(q), got)
}

// samples reads a range, with the readings of each sample ordered by signal.
// The time source is left out: the model does not hold it.
func (b *bundle) samples(t failer, vin vehicle.VIN, from, to time.Time) []vehicle.Sample {
	t.Helper()
	var out []vehicle.Sample
	err := b.store.Samples(b.ctx, vin, from, to, func(s vehicle.Sample) error {
		s.TimeSource = 0
		out = append(out, s)
		return nil
	})
	must(t, "samples", err)
	for _, s := range out {
		slices.SortFunc(s.Readings, func(x, y vehicle.Reading) int { return cmp.Compare(x.Signal, y.Signal) })
	}
	return out
}

func must(t failer, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// diff compares exactly, but for sums and means: floating point addition
// depends on the order.
func diff(t failer, what string, want, got any) {
	t.Helper()
	rounded := gocmp.FilterPath(func(p gocmp.Path) bool {
		field := p.Last().String()
		return field == ".Sum" || field == ".Mean"
	}, cmpopts.EquateApprox(1e-9, 1e-9))
	if d := gocmp.Diff(want, got, rounded, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// errIs fails unless err is target.
func errIs(t failer, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: error %v, want %v", what, err, target)
	}
}
