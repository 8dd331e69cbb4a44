package planner_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// derived is everything the planner says of a fleet.
type derived struct {
	Codes     map[vehicle.VIN][]diagnosis.CodeState
	Forecasts map[vehicle.VIN][]predict.Forecast
	Findings  map[vehicle.VIN][]diagnosis.Finding
	Orders    []workorders.Order
	Reminders []reminders.Reminder
}

func (w *workshop) derived(fleet *simulator.Fleet) derived {
	w.t.Helper()
	d := derived{
		Codes:     map[vehicle.VIN][]diagnosis.CodeState{},
		Forecasts: map[vehicle.VIN][]predict.Forecast{},
		Findings:  map[vehicle.VIN][]diagnosis.Finding{},
	}
	ctx := w.t.Context()
	var err error
	for i := range fleet.Len() {
		vin := fleet.Profile(i).VIN
		if d.Codes[vin], err = w.db.CodeStates(ctx, vin); err != nil {
			w.t.Fatal(err)
		}
		if d.Forecasts[vin], err = w.db.Forecasts(ctx, vin); err != nil {
			w.t.Fatal(err)
		}
		if d.Findings[vin], err = w.db.Findings(ctx, vin); err != nil {
			w.t.Fatal(err)
		}
	}
	if d.Orders, _, err = w.db.Orders(ctx, planner.OrderFilter{}, planner.Page{Size: 200}); err != nil {
		w.t.Fatal(err)
	}
	if d.Reminders, _, err = w.db.Reminders(ctx, planner.ReminderFilter{}, planner.Page{Size: 200}); err != nil {
		w.t.Fatal(err)
	}
	slices.SortFunc(d.Orders, func(a, b workorders.Order) int { return compare(a.ID, b.ID) })
	slices.SortFunc(d.Reminders, func(a, b reminders.Reminder) int { return compare(a.ID, b.ID) })
	return d
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// bookkeeping is how often and when rows were written: all that may differ.
var bookkeeping = cmp.Options{
	cmpopts.IgnoreFields(workorders.Order{}, "Created", "Updated", "Version"),
	cmpopts.IgnoreFields(reminders.Reminder{}, "Created", "Updated", "Version"),
	cmpopts.EquateEmpty(),
}

// The whole history in order, then again, and shuffled with repeats and with
// planning in between: the same forecasts, findings, orders and reminders.
func TestReplayedOrShuffledHistoryChangesNothing(t *testing.T) {
	t.Parallel()
	cars := 10
	if testing.Short() {
		cars = 2
	}
	fleet, err := simulator.New(simulator.Config{Seed: 3, Vehicles: cars, Epoch: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), HistoryDays: 330})
	if err != nil {
		t.Fatal(err)
	}
	end := fleet.End()
	var all []simulator.Message
	for i := range fleet.Len() {
		all = slices.AppendSeq(all, fleet.History(i, fleet.Epoch(), end))
	}
	slices.SortStableFunc(all, func(a, b simulator.Message) int { return a.Time.Compare(b.Time) })

	inOrder := open(t, end)
	inOrder.enter(fleet)
	inOrder.take(all)
	inOrder.settle()
	want := inOrder.derived(fleet)
	if !testing.Short() && (len(want.Orders) == 0 || len(want.Reminders) == 0) {
		t.Fatalf("the history led to %d orders and %d reminders: nothing to compare", len(want.Orders), len(want.Reminders))
	}

	again := open(t, end)
	again.enter(fleet)
	again.take(all)
	again.settle()
	again.take(all)
	again.settle()
	if diff := cmp.Diff(want, again.derived(fleet), bookkeeping); diff != "" {
		t.Errorf("the history twice differs from once (-once +twice):\n%s", diff)
	}

	mixed := mixed(all)
	shuffled := open(t, end)
	shuffled.enter(fleet)
	shuffled.take(mixed)
	shuffled.settle()
	if diff := cmp.Diff(want, shuffled.derived(fleet), bookkeeping); diff != "" {
		t.Errorf("the shuffled history differs (-in order +shuffled):\n%s", diff)
	}

	// With planning in between, owners may have been told what then seemed true:
	// that cannot be untold. Everything else comes out the same.
	parts := open(t, end)
	parts.enter(fleet)
	for part := range slices.Chunk(mixed, len(mixed)/4+1) {
		parts.take(part)
		parts.settle()
	}
	if diff := cmp.Diff(want, parts.derived(fleet), bookkeeping, cmpopts.IgnoreFields(derived{}, "Reminders")); diff != "" {
		t.Errorf("planning in between differs (-in order +in parts):\n%s", diff)
	}
}

// mixed is the messages in random order, a fifth of them twice.
func mixed(all []simulator.Message) []simulator.Message {
	rng := rand.New(rand.NewPCG(1, 2))
	out := slices.Clone(all)
	for _, m := range all {
		if rng.Float64() < 0.2 {
			out = append(out, m)
		}
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
