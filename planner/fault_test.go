package planner_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	carA = vehicle.VIN("1M8GDM9AXKP042788")
	carB = vehicle.VIN("WVWZZZ1JZXW000001")
)

// another makes a second planner on the same stores, as another process would.
func (w *workshop) another(s planner.Store, values telemetry.Store) *planner.Planner {
	w.t.Helper()
	return w.anotherWith(s, values, func(*planner.Options) {})
}

func (w *workshop) anotherWith(s planner.Store, values telemetry.Store, set func(*planner.Options)) *planner.Planner {
	w.t.Helper()
	o := planner.Options{
		Store: s, Telemetry: values, Now: func() time.Time { return *w.now.Load() },
		Logger: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Shop: "Test Garage",
	}
	set(&o)
	p, err := planner.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *workshop) pass(d time.Duration) {
	later := w.now.Load().Add(d)
	w.now.Store(&later)
}

// drove stores an odometer reading and marks its day, as ingest does.
func (w *workshop) drove(vin vehicle.VIN, km float64) {
	w.t.Helper()
	now := *w.now.Load()
	err := w.telemetry.Write(w.t.Context(), []telemetry.Record{{VIN: vin, Received: now, Sample: vehicle.Sample{
		Time: now, Readings: []vehicle.Reading{{Signal: vehicle.TraveledDistance, Value: vehicle.Number(km * 1000)}},
	}}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx planner.Tx) error { return tx.Mark(w.t.Context(), vin, vehicle.DayOf(now), false, now) })
}

func (w *workshop) write(fn func(planner.Tx) error) {
	w.t.Helper()
	if err := w.db.Planner().Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) register(vin vehicle.VIN, name string) {
	w.t.Helper()
	if err := w.planner.Register(w.t.Context(), vin, func(v *vehicle.Vehicle) { v.Name = name }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) summary(vin vehicle.VIN) planner.Summary {
	w.t.Helper()
	row, err := w.db.VehicleRow(w.t.Context(), vin)
	if err != nil {
		w.t.Fatal(err)
	}
	return row.Summary
}

var someDay = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// In a fleet where some car always reports, a parked one still gets older.
func TestParkedCarIsPlannedWhileOthersReport(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "busy")
	w.register(carB, "parked")
	w.pass(13 * time.Hour)
	w.drove(carA, 100)
	w.pass(time.Minute)
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, vin := range []vehicle.VIN{carA, carB} {
		if got := w.summary(vin).Planned; !got.Equal(*w.now.Load()) {
			t.Errorf("%s was planned at %s, want now, %s", vin, got, w.now.Load())
		}
	}
}

// between calls a function once, after a day was read and before it is used.
type between struct {
	telemetry.Store
	then func()
}

func (b *between) Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	r, err := b.Store.Day(ctx, vin, day)
	if then := b.then; then != nil {
		b.then = nil
		then()
	}
	return r, err
}

// A planner that is held up between reading a day and writing it must not put
// what it read over what another one has read since.
func TestSlowPlannerDoesNotUndoAnother(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	w.register(carA, "car")
	w.drove(carA, 100)
	w.pass(time.Minute)
	slow := w.another(w.db.Planner(), &between{w.telemetry, func() {
		w.drove(carA, 120)
		w.pass(time.Minute)
		if err := w.planner.Round(t.Context()); err != nil {
			t.Error(err)
		}
	}})
	if err := slow.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.summary(carA).OdometerKm; got != 120 {
		t.Errorf("odometer is %v km, want 120", got)
	}
	counts, err := w.db.Counts(t.Context())
	if err != nil || counts.Unplanned != 0 {
		t.Errorf("%d vehicles with marks, error %v", counts.Unplanned, err)
	}
}

// broken panics over the data of one vehicle.
type broken struct {
	telemetry.Store
	vin vehicle.VIN
}

func (b broken) Day(ctx context.Context, vin vehicle.VIN, day vehicle.Day) (telemetry.DayRollup, error) {
	if vin == b.vin {
		panic("index out of range")
	}
	return b.Store.Day(ctx, vin, day)
}

// Facts that the planner cannot stand cost one vehicle its plan, not all.
func TestPanicOverOneVehicleIsAnError(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	for _, vin := range []vehicle.VIN{carA, carB} {
		w.register(vin, "car")
		w.drove(vin, 100)
	}
	w.pass(time.Minute)
	err := w.another(w.db.Planner(), broken{w.telemetry, carA}).Round(t.Context())
	if err == nil || !strings.Contains(err.Error(), string(carA)) || strings.Contains(err.Error(), string(carB)) {
		t.Errorf("round: %v, want an error about %s alone", err, carA)
	}
	if got := w.summary(carB).OdometerKm; got != 100 {
		t.Errorf("odometer of the other vehicle is %v km, want 100", got)
	}
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.summary(carA).OdometerKm; got != 100 {
		t.Errorf("odometer is %v km once the planner can read it, want 100: its marks were lost", got)
	}
}

// away is a database that can be read but not written.
type away struct {
	planner.Store
	writes int
}

func (a *away) Write(context.Context, func(planner.Tx) error) error {
	a.writes++
	return fault.New(fault.Unavailable, "the disk is full")
}

func TestRoundEndsWhenTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	for _, vin := range []vehicle.VIN{carA, carB} {
		w.register(vin, "car")
		w.drove(vin, 100)
	}
	w.pass(time.Minute)
	db := &away{Store: w.db.Planner()}
	if err := w.another(db, w.telemetry).Round(t.Context()); err == nil || db.writes != 1 {
		t.Errorf("round: %v after %d attempts, want an error after the first", err, db.writes)
	}
}

// The dealer's system sends everything again at every start.
func TestSayingAgainWhatIsKnownPlansNothing(t *testing.T) {
	t.Parallel()
	w := open(t, someDay)
	oil := history.Record{
		VIN: carA, Visited: someDay.AddDate(0, -1, 0), OdometerKm: 90, Source: history.FromDealer, SourceID: "77",
		Items: []history.Item{{Component: "engine_oil"}},
	}
	say := func() string {
		w.register(carA, "car")
		kept, err := w.planner.AddRecord(t.Context(), oil)
		if err != nil {
			t.Fatal(err)
		}
		return kept.ID
	}
	first := say()
	w.pass(time.Hour)
	if again := say(); again != first {
		t.Errorf("the record is %s, and %s when added again", first, again)
	}
	if got := w.summary(carA).Planned; !got.Equal(someDay) {
		t.Errorf("planned at %s, want %s, when it was new", got, someDay)
	}
}

// Two cars of one owner need an oil change in the same week: the owner gets one
// routine message a week, about one car and then about the other.
func TestOneRoutineMessageAWeekForAllCarsOfAnOwner(t *testing.T) {
	t.Parallel()
	w := open(t, someDay.AddDate(0, -1, 0))
	for _, vin := range []vehicle.VIN{carA, carB} {
		err := w.planner.Register(t.Context(), vin, func(v *vehicle.Vehicle) {
			v.Powertrain, v.InService, v.Owner.Contact = vehicle.Petrol, someDay.AddDate(-3, 0, 0), "owner@example.org"
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.planner.AddRecord(t.Context(), history.Record{
			VIN: vin, Visited: someDay.AddDate(-1, 0, 20), OdometerKm: 40_000, Source: history.FromOwner,
			Items: []history.Item{{Component: string(predict.EngineOil)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	drive := func(days int, km float64) {
		t.Helper()
		for d := range days {
			for _, vin := range []vehicle.VIN{carA, carB} {
				w.drove(vin, km+float64(d)*30)
			}
			w.pass(24 * time.Hour)
		}
		if err := w.planner.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	messages := func() map[vehicle.VIN]int {
		t.Helper()
		claimed, err := w.db.Claim(t.Context(), 100, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		about := map[vehicle.VIN]int{}
		for _, m := range claimed {
			about[m.VIN]++
			if err := w.db.Delivered(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
		}
		return about
	}
	drive(30, 41_000)
	if diff := cmp.Diff(map[vehicle.VIN]int{carA: 1}, messages()); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	drive(8, 41_900)
	if diff := cmp.Diff(map[vehicle.VIN]int{carB: 1}, messages()); diff != "" {
		t.Errorf("a week later (-want +got):\n%s", diff)
	}
}
