package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// difference counts where what is stored differs from what must be.
type difference struct{ want, missing, extra, wrong int }

func (d difference) none() bool { return d.missing+d.extra+d.wrong == 0 }

// verdict compares what cars published with what is stored, exactly.
type verdict struct {
	values   difference // by vehicle, time and signal
	latest   difference // by vehicle and signal
	rollups  difference // by vehicle and day, as the planner keeps them
	codes    difference // reports of trouble codes
	derived  difference // what the planner makes of them, by car: that it saw the last fact
	refused  difference // entries in quarantine, by topic and payload
	gaps     difference // messages that are counted as missing by their numbers
	examples []string   // the first differences
}

func (v *verdict) ok() bool {
	return v.values.none() && v.latest.none() && v.rollups.none() && v.codes.none() && v.derived.none() &&
		v.refused.none() && v.gaps.none()
}

func (v *verdict) print(out io.Writer) {
	for _, row := range []struct {
		what string
		difference
	}{
		{"values", v.values}, {"latest values", v.latest}, {"daily roll-ups", v.rollups},
		{"trouble-code reports", v.codes}, {"cars planned", v.derived}, {"entries in quarantine", v.refused},
		{"gaps in the numbers", v.gaps},
	} {
		fmt.Fprintf(out, "  %-22s %9d expected, %d missing, %d extra, %d wrong\n", row.what, row.want, row.missing, row.extra, row.wrong)
	}
	for _, e := range v.examples {
		fmt.Fprintln(out, "  first:", e)
	}
}

func (v *verdict) note(d *int, format string, args ...any) {
	*d++
	if len(v.examples) < 5 {
		v.examples = append(v.examples, fmt.Sprintf(format, args...))
	}
}

// judge compares everything that is stored with the first published[i] messages
// of every car i.
func judge(ctx context.Context, c cars, published []int, samples telemetry.Store, db *store.DB) (*verdict, error) {
	v := &verdict{}
	refusals := map[string]int{}
	for car, n := range published {
		e := expect(c, car, n)
		for key := range e.refused {
			refusals[key]++
		}
		if err := v.judgeValues(ctx, e, samples); err != nil {
			return nil, err
		}
		if err := v.judgeFacts(ctx, e, db); err != nil {
			return nil, err
		}
	}
	counts, err := db.Counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count gaps: %w", err)
	}
	v.gaps.extra = counts.MissingMessages
	return v, v.judgeQuarantine(ctx, refusals, db)
}

type valueKey struct {
	at     int64 // ms
	signal vehicle.Signal
}

// expected is what must be stored of one car.
type expected struct {
	vin     vehicle.VIN
	values  map[valueKey]vehicle.Value
	latest  map[vehicle.Signal]valueKey
	days    map[vehicle.Day]map[vehicle.Signal]telemetry.Aggregate
	codes   []vehicle.CodeReport
	newest  time.Time       // event time of the newest fact
	refused map[string]bool // by topic and payload
}

func expect(c cars, car, n int) *expected {
	e := &expected{
		vin: c.vin(car), values: map[valueKey]vehicle.Value{}, latest: map[vehicle.Signal]valueKey{},
		days: map[vehicle.Day]map[vehicle.Signal]telemetry.Aggregate{}, refused: map[string]bool{},
	}
	for i := range n {
		m := c.message(car, i)
		for _, s := range m.samples {
			e.add(s)
		}
		for _, report := range m.codes {
			e.codes = append(e.codes, report)
			e.saw(report.Time)
		}
		if m.refused {
			e.refused[m.topic+" "+string(m.payload)] = true
		}
	}
	e.addWork()
	return e
}

// addWork adds to each day what wears a vehicle, of all its samples in order of time.
func (e *expected) addWork() {
	samples := map[int64]vehicle.Sample{} // by time, ms
	for key, value := range e.values {
		s := samples[key.at]
		s.Time = time.UnixMilli(key.at).UTC()
		s.Readings = append(s.Readings, vehicle.Reading{Signal: key.signal, Value: value})
		samples[key.at] = s
	}
	work := map[vehicle.Day]*telemetry.WearWork{}
	for _, at := range slices.Sorted(maps.Keys(samples)) {
		s := samples[at]
		day := vehicle.DayOf(s.Time)
		if work[day] == nil {
			work[day] = &telemetry.WearWork{}
		}
		work[day].Add(s)
	}
	for day, w := range work {
		w.Put(&telemetry.DayRollup{VIN: e.vin, Day: day, Signals: e.days[day]})
	}
}

func (e *expected) saw(at time.Time) {
	if at.After(e.newest) {
		e.newest = at
	}
}

func (e *expected) add(s vehicle.Sample) {
	e.saw(s.Time)
	for _, r := range s.Readings {
		key := valueKey{s.Time.UnixMilli(), r.Signal}
		if _, twice := e.values[key]; twice {
			continue
		}
		e.values[key] = r.Value
		if key.at >= e.latest[r.Signal].at {
			e.latest[r.Signal] = key
		}
		day := e.days[vehicle.DayOf(s.Time)]
		if day == nil {
			day = map[vehicle.Signal]telemetry.Aggregate{}
			e.days[vehicle.DayOf(s.Time)] = day
		}
		if num, ok := r.Value.Float(); ok {
			a := day[r.Signal]
			a.Add(s.Time, num)
			day[r.Signal] = a
		}
	}
}

func (v *verdict) judgeValues(ctx context.Context, e *expected, samples telemetry.Store) error {
	v.values.want += len(e.values)
	seen := make(map[valueKey]bool, len(e.values))
	end := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	err := samples.Samples(ctx, e.vin, time.Unix(0, 0), end, func(s vehicle.Sample) error {
		for _, r := range s.Readings {
			key := valueKey{s.Time.UnixMilli(), r.Signal}
			want, known := e.values[key]
			switch {
			case !known || seen[key]:
				v.note(&v.values.extra, "%s has %s at %s", e.vin, r.Signal, s.Time)
			case r.Value != want:
				v.note(&v.values.wrong, "%s has %s = %s at %s, want %s", e.vin, r.Signal, r.Value, s.Time, want)
			}
			seen[key] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	for key := range e.values {
		if !seen[key] {
			v.note(&v.values.missing, "%s has no %s at %s", e.vin, key.signal, time.UnixMilli(key.at).UTC())
		}
	}
	return v.judgeLatest(ctx, e, samples)
}

func (v *verdict) judgeLatest(ctx context.Context, e *expected, samples telemetry.Store) error {
	v.latest.want += len(e.latest)
	latest, err := samples.Latest(ctx, e.vin)
	if err != nil {
		return fmt.Errorf("read latest values: %w", err)
	}
	for _, l := range latest {
		want, known := e.latest[l.Signal]
		switch {
		case !known:
			v.note(&v.latest.extra, "%s has a latest %s", e.vin, l.Signal)
		case l.Time.UnixMilli() != want.at || l.Value != e.values[want]:
			v.note(&v.latest.wrong, "%s has latest %s = %s of %s", e.vin, l.Signal, l.Value, l.Time)
		}
	}
	v.latest.missing += max(0, len(e.latest)-len(latest))
	return nil
}

// judgeFacts compares what the database has of a car: the roll-ups that the
// planner keeps there, and the reports of trouble codes.
func (v *verdict) judgeFacts(ctx context.Context, e *expected, db *store.DB) error {
	var rollups []telemetry.DayRollup
	var codes []vehicle.CodeReport
	err := db.Planner().Read(ctx, func(tx planner.Tx) (err error) {
		if rollups, err = tx.Rollups(ctx, e.vin); err != nil {
			return err
		}
		codes, err = tx.CodeReports(ctx, e.vin)
		return err
	})
	if err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	v.judgeRollups(e, rollups)
	slices.SortFunc(e.codes, func(a, b vehicle.CodeReport) int { return a.Time.Compare(b.Time) })
	v.codes.want += len(e.codes)
	byTime := map[int64]vehicle.CodeReport{}
	for _, c := range codes {
		byTime[c.Time.UnixMilli()] = c
	}
	v.codes.extra += max(0, len(codes)-len(e.codes))
	same := gocmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(vehicle.CodeReport{}, "TimeSource")}
	for _, want := range e.codes {
		got, ok := byTime[want.Time.UnixMilli()]
		if !ok {
			v.note(&v.codes.missing, "%s has no report of codes at %s", e.vin, want.Time)
		} else if diff := gocmp.Diff(want, got, same); diff != "" {
			v.note(&v.codes.wrong, "%s, codes at %s: %s", e.vin, want.Time, diff)
		}
	}
	return v.judgeDerived(ctx, e, db)
}

// judgeDerived wants the planner to have seen the last fact of a car: a mark that
// got lost would leave what it derives as it was.
func (v *verdict) judgeDerived(ctx context.Context, e *expected, db *store.DB) error {
	v.derived.want++
	states, err := db.CodeStates(ctx, e.vin)
	if err != nil {
		return fmt.Errorf("read trouble codes: %w", err)
	}
	row, err := db.VehicleRow(ctx, e.vin)
	if fault.CodeOf(err) == fault.NotFound && e.newest.IsZero() {
		return nil // on a busy machine the killing may be over before a car has published anything
	}
	if err != nil {
		return fmt.Errorf("read summary: %w", err)
	}
	odometer := func(p gocmp.Path) bool { return p.Last().String() == ".OdometerKm" } // comes from elsewhere
	same := gocmp.Options{cmpopts.EquateEmpty(), gocmp.FilterPath(odometer, gocmp.Ignore())}
	if diff := gocmp.Diff(diagnosis.FoldCodes(e.codes), states, same); diff != "" {
		v.note(&v.derived.wrong, "%s has other trouble codes: %s", e.vin, diff)
	} else if !row.Summary.DataUntil.Equal(e.newest) {
		v.note(&v.derived.wrong, "%s is planned with data until %s, not %s", e.vin, row.Summary.DataUntil, e.newest)
	}
	return nil
}

func (v *verdict) judgeRollups(e *expected, rollups []telemetry.DayRollup) {
	v.rollups.want += len(e.days)
	stored := map[vehicle.Day]telemetry.DayRollup{}
	for _, r := range rollups {
		stored[r.Day] = r
		if e.days[r.Day] == nil {
			v.note(&v.rollups.extra, "%s has a roll-up of %s", e.vin, r.Day)
		}
	}
	for day, signals := range e.days {
		got, ok := stored[day]
		if !ok {
			v.note(&v.rollups.missing, "%s has no roll-up of %s", e.vin, day)
			continue
		}
		// Sums of different orders differ in the last digits.
		if diff := gocmp.Diff(signals, got.Signals, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			v.note(&v.rollups.wrong, "%s, roll-up of %s: %s", e.vin, day, diff)
		}
	}
}

// judgeQuarantine wants one entry for each refused message, however often it came.
func (v *verdict) judgeQuarantine(ctx context.Context, want map[string]int, db *store.DB) error {
	v.refused.want = len(want)
	var page planner.Page
	for page.Size = 200; ; {
		list, next, err := db.Quarantine(ctx, planner.QuarantineFilter{}, page)
		if err != nil {
			return fmt.Errorf("read quarantine: %w", err)
		}
		for _, q := range list {
			key := q.Topic + " " + string(q.Payload)
			if want[key] == 0 {
				v.note(&v.refused.extra, "quarantine has %s %s: %s", q.Topic, q.Payload, q.Reason)
			}
			want[key] = min(want[key]-1, 0)
		}
		if page.After = next; next == "" {
			break
		}
	}
	for key, n := range want {
		if n > 0 {
			v.note(&v.refused.missing, "quarantine has no %.200s", key)
		}
	}
	return nil
}
