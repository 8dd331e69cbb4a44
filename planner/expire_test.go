package planner_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

const day = 24 * time.Hour

// keeping makes a planner that keeps samples of some classes for some time.
func (w *workshop) keeping(values telemetry.Store, keep map[vehicle.Class]time.Duration) *planner.Planner {
	w.t.Helper()
	return w.anotherWith(w.db.Planner(), values, func(o *planner.Options) { o.Keep = keep })
}

func everything(keep time.Duration) map[vehicle.Class]time.Duration {
	all := map[vehicle.Class]time.Duration{}
	for _, c := range vehicle.Classes() {
		all[c] = keep
	}
	return all
}

// known is what pitcrew says of a vehicle, and what that rests on.
func (w *workshop) known(vin vehicle.VIN) (all []any) {
	w.t.Helper()
	ctx := w.t.Context()
	forecasts, err := w.db.Forecasts(ctx, vin)
	if err != nil {
		w.t.Fatal(err)
	}
	findings, err := w.db.Findings(ctx, vin)
	if err != nil {
		w.t.Fatal(err)
	}
	orders, _, err := w.db.Orders(ctx, planner.OrderFilter{VIN: vin}, planner.Page{Size: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	due, _, err := w.db.Reminders(ctx, planner.ReminderFilter{VIN: vin}, planner.Page{Size: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return []any{forecasts, findings, orders, due, w.rollups(vin), w.summary(vin)}
}

func (w *workshop) rollups(vin vehicle.VIN) (all []telemetry.DayRollup) {
	w.t.Helper()
	err := w.db.Planner().Read(w.t.Context(), func(tx planner.Tx) (err error) {
		all, err = tx.Rollups(w.t.Context(), vin)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

var sameFacts = cmp.Options{
	cmpopts.IgnoreFields(telemetry.DayRollup{}, "Expired"), cmpopts.IgnoreFields(planner.Summary{}, "Planned"),
	cmpopts.IgnoreFields(workorders.Order{}, "Version", "Updated"), cmpopts.IgnoreFields(reminders.Reminder{}, "Version", "Updated"), cmpopts.EquateEmpty(),
}

// rounds plans until no mark is left.
func (w *workshop) rounds(p *planner.Planner) {
	w.t.Helper()
	for range 20 {
		if err := p.Round(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if c, err := w.db.Counts(w.t.Context()); err != nil || c.Unplanned == 0 {
			return
		}
		w.pass(5 * time.Second)
	}
	w.t.Fatal("marks are left after 20 rounds")
}

// Forecasts, findings, orders and reminders are the same with the samples of 200 days
// and with those of 30: they rest on roll-ups.
func TestFactsOutliveSamples(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 8)
	then := w.now.Load()
	derived := func(vin vehicle.VIN, name string) []any { // at the same moment
		w.now.Store(then)
		w.register(vin, name)
		return w.known(vin)
	}
	before := map[vehicle.VIN][]any{}
	for i := range fleet.Len() {
		before[fleet.Profile(i).VIN] = derived(fleet.Profile(i).VIN, "before")
	}
	p := w.keeping(w.telemetry, everything(30*day))
	expiring, err := p.Expire(t.Context())
	if err != nil || expiring.Due == 0 || expiring.Waiting != 0 {
		t.Fatalf("expired %+v, %v", expiring, err)
	}
	w.pass(5 * time.Second)
	w.rounds(p)
	horizon := vehicle.DayOf(w.now.Load().Add(-30 * day))
	gone := 0
	for vin, want := range before {
		days, err := w.telemetry.Days(t.Context(), vin)
		if err != nil || len(days) > 0 && days[0] < horizon {
			t.Errorf("%s has samples of %v, %v, want none before %s", vin, days, err, horizon)
		}
		for _, r := range w.rollups(vin) {
			if (r.Day < horizon) != (len(r.Expired) == len(vehicle.Classes())) && len(r.Signals) > 0 {
				t.Errorf("%s %s: expired are %v", vin, r.Day, r.Expired)
			}
			if r.Day < horizon {
				gone++
			}
		}
		if diff := cmp.Diff(want, derived(vin, "after"), sameFacts); diff != "" {
			t.Errorf("%s (-before +after):\n%.3000s", vin, diff)
		}
	}
	if gone == 0 {
		t.Error("no day has expired")
	}
	if again, err := p.Expire(t.Context()); err != nil || again.Due != 0 {
		t.Errorf("expired again %+v, %v", again, err)
	}
}

// What comes late for a day whose samples have expired, however often and in whichever
// order, changes nothing of it and does not stay; other classes are counted as ever.
func TestLateSamplesOfAnExpiredDay(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "late")
	w.drove(carA, 100)
	w.pass(time.Minute)
	w.rounds(w.planner)
	then, old := *w.now.Load(), vehicle.DayOf(*w.now.Load())
	full := w.rollups(carA)

	w.pass(10 * day)
	p := w.keeping(w.telemetry, map[vehicle.Class]time.Duration{vehicle.ClassOdometer: 5 * day})
	if e, err := p.Expire(t.Context()); err != nil || e.Due != 1 {
		t.Fatalf("expired %+v, %v", e, err)
	}
	w.pass(time.Minute)
	w.rounds(p)
	for _, late := range []float64{7, 9, 7} {
		at := then.Add(-time.Duration(late) * time.Minute)
		err := w.telemetry.Write(t.Context(), []telemetry.Record{{VIN: carA, Sample: vehicle.Sample{Time: at, Readings: []vehicle.Reading{
			{Signal: vehicle.TraveledDistance, Value: vehicle.Number(late * 1000)}, {Signal: vehicle.LowVoltage, Value: vehicle.Number(12)},
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		w.write(func(tx planner.Tx) error { return tx.Mark(t.Context(), carA, old, false, *w.now.Load()) })
		w.pass(time.Minute)
		w.rounds(p)
		got := w.rollups(carA)[0]
		if diff := cmp.Diff(full[0].Signals[vehicle.TraveledDistance], got.Signals[vehicle.TraveledDistance]); diff != "" {
			t.Errorf("the odometer of the day (-before +after):\n%s", diff)
		}
		if got.Signals[vehicle.LowVoltage].Count == 0 || !slices.Equal(got.Expired, []vehicle.Class{vehicle.ClassOdometer}) {
			t.Errorf("the day is %+v, want the voltage in it", got)
		}
		points, err := w.telemetry.Series(t.Context(), telemetry.Query{VIN: carA, Signal: vehicle.TraveledDistance, From: old.Start(), To: old.End()})
		if err != nil || len(points) != 0 {
			t.Errorf("samples that have expired are stored: %v, %v", points, err)
		}
	}
}

// dying fails to expire until it is mended.
type dying struct {
	telemetry.Store
	dead bool
}

func (d *dying) Expire(ctx context.Context, vin vehicle.VIN, days []telemetry.Expiry) error {
	if d.dead {
		return errors.New("died")
	}
	return d.Store.Expire(ctx, vin, days)
}

// A process that dies between the roll-ups and the samples: the next one goes on.
func TestExpiryGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "x")
	w.drove(carA, 100)
	w.pass(time.Minute)
	w.rounds(w.planner)
	before := w.rollups(carA)
	w.pass(10 * day)
	values := &dying{Store: w.telemetry, dead: true}
	p := w.keeping(values, everything(5*day))
	if _, err := p.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if err := p.Round(t.Context()); err == nil {
		t.Fatal("the round did not meet the failure")
	}
	if n := w.days(carA); n != 1 {
		t.Fatalf("%d days are stored, want the one that could not be removed", n)
	}
	values.dead = false
	w.rounds(w.keeping(values, nil)) // the setting may be gone by then
	if n := w.days(carA); n != 0 {
		t.Errorf("%d days are left", n)
	}
	if diff := cmp.Diff(before, w.rollups(carA), sameFacts); diff != "" {
		t.Errorf("roll-ups (-before +after):\n%s", diff)
	}
}

// Where a car was is in no roll-up, and all of it goes when it is not wanted any more.
func TestPlacesGoWithoutATrace(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "x")
	err := w.telemetry.Write(t.Context(), []telemetry.Record{{VIN: carA, Sample: vehicle.Sample{Time: someDay, Readings: []vehicle.Reading{
		{Signal: vehicle.Speed, Value: vehicle.Number(0)}, {Signal: "Vehicle.CurrentLocation.Latitude", Value: vehicle.Number(52.5)},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	w.write(func(tx planner.Tx) error { return tx.Mark(t.Context(), carA, vehicle.DayOf(someDay), false, someDay) })
	p := w.keeping(w.telemetry, map[vehicle.Class]time.Duration{vehicle.ClassLocation: 0})
	if e, err := p.Expire(t.Context()); err != nil || e.Waiting != 1 || e.Due != 0 {
		t.Errorf("before it was rolled up: %+v, %v", e, err)
	}
	w.pass(time.Minute)
	w.rounds(p)
	if e, err := p.Expire(t.Context()); err != nil || e.Due != 1 {
		t.Errorf("afterwards: %+v, %v", e, err)
	}
	w.pass(time.Minute)
	w.rounds(p)
	latest, err := w.telemetry.Latest(t.Context(), carA)
	if err != nil || len(latest) != 1 || latest[0].Signal != vehicle.Speed {
		t.Errorf("newest values %v, %v", latest, err)
	}
	if r := w.rollups(carA); len(r) != 1 || len(r[0].Signals) != 1 {
		t.Errorf("roll-ups %v", r)
	}
}

func TestKeepIsChecked(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	for _, keep := range []map[vehicle.Class]time.Duration{{vehicle.ClassDriving: 0}, {vehicle.ClassLocation: time.Hour}} {
		if _, err := planner.New(planner.Options{Store: w.db.Planner(), Telemetry: w.telemetry, Keep: keep}); err == nil {
			t.Errorf("keeping %v is taken", keep)
		}
	}
}
