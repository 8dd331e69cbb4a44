package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

func testRoundTrips(t *testing.T, db *store.DB) {
	vin := newVIN()
	car := filled[vehicle.Vehicle]()
	car.VIN = vin
	order := filled[workorders.Order]()
	order.VIN, order.Version = vin, 0
	reminder := filled[reminders.Reminder]()
	reminder.VIN, reminder.Version = vin, 0
	record := filled[history.Record]()
	record.VIN = vin
	summary := filled[planner.Summary]()
	summary.VIN = vin
	states := filled[[]diagnosis.CodeState]()
	forecasts := filled[[]predict.Forecast]()
	findings := filled[[]diagnosis.Finding]()

	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			func() error { return tx.PutVehicle(ctx, car) },
			func() error { return tx.PutOrder(ctx, order) },
			func() error { return tx.PutReminder(ctx, reminder) },
			func() error { return tx.AddRecord(ctx, record) },
			func() error { return tx.PutSummary(ctx, summary) },
			func() error { return tx.ReplaceCodeStates(ctx, vin, states) },
			func() error { return tx.ReplaceForecasts(ctx, vin, forecasts) },
			func() error { return tx.ReplaceFindings(ctx, vin, findings) },
		)
	})

	order.Version, reminder.Version = 1, 1
	ctx := t.Context()
	row, err := db.VehicleRow(ctx, vin)
	if err != nil {
		t.Fatalf("VehicleRow: %v", err)
	}
	equal(t, "vehicle row", row, planner.VehicleRow{Vehicle: car, Summary: summary})
	equal(t, "order", must(db.Order(ctx, order.ID))(t), order)
	equal(t, "records", must(db.Records(ctx, vin))(t), []history.Record{record})
	equal(t, "code states", must(db.CodeStates(ctx, vin))(t), states)
	equal(t, "forecasts", must(db.Forecasts(ctx, vin))(t), forecasts)
	equal(t, "findings", must(db.Findings(ctx, vin))(t), findings)

	equal(t, "vehicle in a transaction", read(t, db, func(ctx context.Context, tx *store.Tx) (vehicle.Vehicle, error) {
		return tx.Vehicle(ctx, vin)
	}), car)
	equal(t, "reminder in a transaction", read(t, db, func(ctx context.Context, tx *store.Tx) (reminders.Reminder, error) {
		return tx.Reminder(ctx, reminder.ID)
	}), reminder)
	equal(t, "reminders of the vehicle", read(t, db, func(ctx context.Context, tx *store.Tx) ([]reminders.Reminder, error) {
		return tx.Reminders(ctx, vin)
	}), []reminders.Reminder{reminder})
	equal(t, "orders of the vehicle", read(t, db, func(ctx context.Context, tx *store.Tx) ([]workorders.Order, error) {
		return tx.Orders(ctx, vin)
	}), []workorders.Order{order})
}

// must lets a call with an error be an argument: must(f())(t).
func must[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func testReplace(t *testing.T, db *store.DB) {
	vin, other := newVIN(), newVIN()
	two := filled[[]predict.Forecast]()
	replace := func(vin vehicle.VIN, f []predict.Forecast, d []diagnosis.Finding, c []diagnosis.CodeState) {
		t.Helper()
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return firstError(
				func() error { return tx.ReplaceForecasts(ctx, vin, f) },
				func() error { return tx.ReplaceFindings(ctx, vin, d) },
				func() error { return tx.ReplaceCodeStates(ctx, vin, c) },
			)
		})
	}
	replace(vin, two, filled[[]diagnosis.Finding](), filled[[]diagnosis.CodeState]())
	replace(other, two, nil, nil)
	swapped := []predict.Forecast{two[1], two[0]}
	replace(vin, swapped, nil, nil)

	ctx := t.Context()
	equal(t, "forecasts in their new order", must(db.Forecasts(ctx, vin))(t), swapped)
	equal(t, "forecasts of another vehicle", must(db.Forecasts(ctx, other))(t), two)
	equal(t, "findings", must(db.Findings(ctx, vin))(t), []diagnosis.Finding{})
	equal(t, "code states", must(db.CodeStates(ctx, vin))(t), []diagnosis.CodeState{})
}

func testTimes(t *testing.T, db *store.DB) {
	shanghai := time.FixedZone("CST", 8*3600)
	for name, tc := range map[string]struct{ put, want time.Time }{
		"none":                  {time.Time{}, time.Time{}},
		"microseconds are kept": {now, now},
		"the rest is cut":       {now.Add(999 * time.Nanosecond), now},
		"before 1970":           {time.Date(1965, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(1965, 5, 1, 0, 0, 0, 0, time.UTC)},
		"in another zone":       {now.In(shanghai), now},
		"far away":              {time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		vin := newVIN()
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.PutVehicle(ctx, vehicle.Vehicle{VIN: vin, InService: tc.put})
		})
		got := must(db.VehicleRow(t.Context(), vin))(t).Vehicle.InService
		if !got.Equal(tc.want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

// noise is longer than an index entry may be, and cannot be compressed much.
var noise = func() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	return b.String()
}()

func testTexts(t *testing.T, db *store.DB) {
	for name, tc := range map[string]struct{ put, want string }{
		"chinese and emoji": {"沪A·12345 🚗", "沪A·12345 🚗"},
		"quotes":            {`O'Brien "x" \ % _ $1 ?`, `O'Brien "x" \ % _ $1 ?`},
		"a NUL":             {"a\x00b", "a\uFFFDb"},
		"invalid UTF-8":     {"a\xffb", "a\uFFFDb"},
		"very long":         {noise, noise},
	} {
		vin := newVIN()
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.PutVehicle(ctx, vehicle.Vehicle{VIN: vin, Name: tc.put})
		})
		if got := must(db.VehicleRow(t.Context(), vin))(t).Vehicle.Name; got != tc.want {
			t.Errorf("%s: name is %q, want %q", name, got, tc.want)
		}
		// What a device sends must never stop the facts of its neighbours.
		err := db.Record(t.Context(), ingest.Batch{
			Seen:    []ingest.Seen{{VIN: vin, Received: now, Attributes: []ingest.Attribute{{Signal: vehicle.Model, Value: vehicle.Text(tc.put), Time: now}}}},
			Codes:   []ingest.CodeFact{{VIN: vin, Received: now, Report: vehicle.CodeReport{Time: now, ECU: tc.put, Codes: []vehicle.CodeEntry{{Code: vehicle.Code(tc.put)}}}}},
			Refused: []ingest.Refused{{Topic: tc.put, VIN: tc.put, Payload: []byte(tc.put), Place: tc.put, Reason: tc.put, Received: now}},
		})
		if err != nil {
			t.Errorf("%s: Record: %v", name, err)
		}
		if got := must(db.VehicleRow(t.Context(), vin))(t).Vehicle.Model; got != tc.want {
			t.Errorf("%s: model is %q, want %q", name, got, tc.want)
		}
	}
}

func testNotFound(t *testing.T, db *store.DB) {
	ctx := t.Context()
	_, err := db.Order(ctx, "none")
	wantFault(t, "Order", err, fault.NotFound)
	_, err = db.VehicleRow(ctx, newVIN())
	wantFault(t, "VehicleRow", err, fault.NotFound)
	for name, call := range map[string]func(ctx context.Context, tx *store.Tx) error{
		"Vehicle":  func(ctx context.Context, tx *store.Tx) error { _, err := tx.Vehicle(ctx, newVIN()); return err },
		"Order":    func(ctx context.Context, tx *store.Tx) error { _, err := tx.Order(ctx, "none"); return err },
		"Reminder": func(ctx context.Context, tx *store.Tx) error { _, err := tx.Reminder(ctx, "none"); return err },
		"PutOrder": func(ctx context.Context, tx *store.Tx) error {
			return tx.PutOrder(ctx, workorders.Order{ID: "none", Version: 3})
		},
		"PutReminder": func(ctx context.Context, tx *store.Tx) error {
			return tx.PutReminder(ctx, reminders.Reminder{ID: "none", Version: 3})
		},
		"DeleteOrder":    func(ctx context.Context, tx *store.Tx) error { return tx.DeleteOrder(ctx, "none") },
		"DeleteReminder": func(ctx context.Context, tx *store.Tx) error { return tx.DeleteReminder(ctx, "none") },
	} {
		wantFault(t, name, tryWrite(t, db, call), fault.NotFound)
	}
}

func testRollups(t *testing.T, db *store.DB) {
	vin := newVIN()
	day := vehicle.DayOf(now)
	at := func(d vehicle.Day, h time.Duration) time.Time { return d.Start().Add(h * time.Hour) }
	days := []telemetry.DayRollup{
		{VIN: vin, Day: day - 1, Signals: map[vehicle.Signal]telemetry.Aggregate{
			vehicle.Speed: {Count: 3, Min: 0, Max: 132.5, Sum: 0.1 + 0.2, First: -0.001, Last: math.Pi, FirstAt: at(day-1, 1), LastAt: at(day-1, 23)},
			"Vehicle.X":   {Count: 1, Min: -1e300, Max: 1e300, Sum: math.SmallestNonzeroFloat64, First: 48213400, Last: math.Copysign(0, -1), FirstAt: at(day-1, 0), LastAt: at(day-1, 0)},
		}},
		{VIN: vin, Day: day},
		{VIN: vin, Day: -3, Signals: map[vehicle.Signal]telemetry.Aggregate{vehicle.Speed: {Count: 1, FirstAt: at(-3, 2), LastAt: at(-3, 2)}},
			Expired: []vehicle.Class{vehicle.ClassDriving, vehicle.ClassOther}},
	}
	put := func(days ...telemetry.DayRollup) {
		t.Helper()
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutRollups(ctx, days) })
	}
	rollups := func(ctx context.Context, tx *store.Tx) ([]telemetry.DayRollup, error) { return tx.Rollups(ctx, vin) }
	put(days...)
	equal(t, "roll-ups", read(t, db, rollups), []telemetry.DayRollup{days[2], days[0], days[1]})
	between, err := db.RollupsBetween(t.Context(), vin, -3, day)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "roll-ups before the last day", between, []telemetry.DayRollup{days[2], days[0]})
	equal(t, "one of them", read(t, db, func(ctx context.Context, tx *store.Tx) (telemetry.DayRollup, error) { return tx.Rollup(ctx, vin, -3) }), days[2])
	wantFault(t, "a day without one", db.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Rollup(t.Context(), vin, day+1)
		return err
	}), fault.NotFound)
	days[1].Signals = days[0].Signals
	for s, a := range days[1].Signals {
		a.FirstAt, a.LastAt = at(day, 5), at(day, 6)
		days[1].Signals = map[vehicle.Signal]telemetry.Aggregate{s: a}
	}
	put(days[1])
	equal(t, "roll-ups after a day changed", read(t, db, rollups), []telemetry.DayRollup{days[2], days[0], days[1]})
	equal(t, "roll-ups by signal", read(t, db, func(ctx context.Context, tx *store.Tx) (by telemetry.BySignal, err error) {
		err = tx.RollupsBySignal(ctx, vin, &by)
		return by, err
	}), telemetry.BySignalOf([]telemetry.DayRollup{days[2], days[0], days[1]}))
}
