package planner_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/reminders"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

// drivenFleet is a small fleet whose whole history is stored and planned.
func drivenFleet(t *testing.T, cars int) (*workshop, *simulator.Fleet) {
	t.Helper()
	return drivenUntil(t, cars, func(f *simulator.Fleet, _ int) time.Time { return f.End() })
}

// drivenUntil is a driven fleet of which each car tells no more from a time on.
func drivenUntil(t *testing.T, cars int, end func(f *simulator.Fleet, i int) time.Time) (*workshop, *simulator.Fleet) {
	t.Helper()
	fleet, err := simulator.New(simulator.Config{Seed: 5, Vehicles: cars, Epoch: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), HistoryDays: 200})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, fleet.End())
	w.enter(fleet)
	for i := range fleet.Len() {
		w.take(slices.Collect(fleet.History(i, fleet.Epoch(), end(fleet, i))))
	}
	w.settle()
	return w, fleet
}

func (w *workshop) proposed(origin string) workorders.Order {
	w.t.Helper()
	orders, _, err := w.db.Orders(w.t.Context(), planner.OrderFilter{States: []workorders.State{workorders.Proposed}}, planner.Page{Size: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(orders, func(o workorders.Order) bool { return slices.Contains(o.Origins(), origin) })
	if i < 0 {
		w.t.Fatalf("none of %d proposed orders comes from %s", len(orders), origin)
	}
	return orders[i]
}

func (w *workshop) step(id string, cmd workorders.Command) workorders.Order {
	w.t.Helper()
	cmd.Actor = "advisor"
	o, err := w.planner.Command(w.t.Context(), id, cmd)
	if err != nil {
		w.t.Fatalf("%s: %v", cmd.Action, err)
	}
	return o
}

// From a proposal on a worn part to the closed order: the history has a record,
// the wear path is new, the reminder is done, and nothing is proposed again.
func TestClosingAnOrderClosesTheLoop(t *testing.T) {
	t.Parallel()
	w, _ := drivenFleet(t, 12)
	ctx := t.Context()
	order := w.proposed(workorders.OriginWear)
	row, err := w.db.VehicleRow(ctx, order.VIN)
	if err != nil {
		t.Fatal(err)
	}
	var worn predict.Component
	for _, l := range order.Lines {
		if l.Origin == workorders.OriginWear {
			worn = predict.Component(l.Component)
			if len(l.Evidence) == 0 || len(l.Operations) == 0 || l.Model == "" {
				t.Errorf("line %q has %d evidence, %d operations, model %q", l.Family, len(l.Evidence), len(l.Operations), l.Model)
			}
		}
	}
	before := w.forecast(order, worn)

	w.step(order.ID, workorders.Command{Action: workorders.ActionAccept})
	if r := w.reminderOf(order, string(worn), before.Cycle); r != nil && r.State != reminders.Booked {
		t.Errorf("the reminder is %s after accepting, want booked", r.State)
	}
	w.step(order.ID, workorders.Command{Action: workorders.ActionSchedule, ScheduledFor: w.now.Load().Add(time.Hour)})
	km := row.Summary.OdometerKm + 3
	w.step(order.ID, workorders.Command{Action: workorders.ActionCheckIn, OdometerKm: km})
	w.step(order.ID, workorders.Command{Action: workorders.ActionStart})
	ready := w.step(order.ID, workorders.Command{Action: workorders.ActionFinish})
	end := workorders.Command{Action: workorders.ActionClose, OdometerKm: km + 1}
	for _, l := range ready.Lines {
		end.Lines = append(end.Lines, workorders.LineResult{Seq: l.Seq, Outcome: workorders.OutcomeFixed, Correction: "renewed", HoursActual: 0.5})
	}
	closed := w.step(order.ID, end)

	records, err := w.db.Records(ctx, order.VIN)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(records, func(r history.Record) bool { return r.ID == closed.RecordID })
	if i < 0 || records[i].WorkOrderID != order.ID || records[i].Source != history.FromWorkOrder || records[i].OdometerKm != km+1 {
		t.Fatalf("closed order %s has no record %s that points back", order.ID, closed.RecordID)
	}
	after := w.forecast(order, worn)
	if after.Cycle == before.Cycle || after.Wear.P50 >= before.Wear.P50 || !after.ServicedAt.Equal(closed.Closed) {
		t.Errorf("forecast of %s before %+v, after %+v: want a new path", worn, before, after)
	}
	if r := w.reminderOf(order, string(worn), before.Cycle); r != nil && r.State != reminders.Done {
		t.Errorf("the reminder is %s after closing, want done", r.State)
	}
	w.settle()
	again, _, err := w.db.Orders(ctx, planner.OrderFilter{VIN: order.VIN, States: []workorders.State{workorders.Proposed}}, planner.Page{Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range again {
		for _, l := range o.Lines {
			if l.Component == string(worn) {
				t.Errorf("%s is proposed again right after it was renewed", worn)
			}
		}
	}
}

func (w *workshop) forecast(o workorders.Order, c predict.Component) predict.Forecast {
	w.t.Helper()
	all := w.forecasts(o.VIN)
	i := slices.IndexFunc(all, func(f predict.Forecast) bool { return f.Component == c })
	if i < 0 {
		w.t.Fatalf("no forecast of %s", c)
	}
	return all[i]
}

func (w *workshop) forecasts(vin vehicle.VIN) []predict.Forecast {
	w.t.Helper()
	all, err := w.db.Forecasts(w.t.Context(), vin)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *workshop) reminderOf(o workorders.Order, item, cycle string) *reminders.Reminder {
	w.t.Helper()
	all, _, err := w.db.Reminders(w.t.Context(), planner.ReminderFilter{VIN: o.VIN}, planner.Page{Size: 200})
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(r reminders.Reminder) bool { return r.Item == item && r.Cycle == cycle })
	if i < 0 {
		return nil
	}
	return &all[i]
}

func TestCommandsAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	w, _ := drivenFleet(t, 12)
	order := w.proposed(workorders.OriginCodes)
	for name, tc := range map[string]struct {
		id   string
		cmd  workorders.Command
		want fault.Code
	}{
		"unknown order":        {"nope", workorders.Command{Action: workorders.ActionAccept, Actor: "a"}, fault.NotFound},
		"out of turn":          {order.ID, workorders.Command{Action: workorders.ActionClose, Actor: "a"}, fault.FailedPrecondition},
		"somebody was quicker": {order.ID, workorders.Command{Action: workorders.ActionAccept, Actor: "a", Version: order.Version + 7}, fault.Conflict},
		"no reason":            {order.ID, workorders.Command{Action: workorders.ActionDismiss, Actor: "a"}, fault.Invalid},
	} {
		if _, err := w.planner.Command(t.Context(), tc.id, tc.cmd); fault.CodeOf(err) != tc.want {
			t.Errorf("%s: got %v, want %s", name, err, tc.want)
		}
	}
	if now := w.proposed(workorders.OriginCodes); now.Version != order.Version {
		t.Errorf("a refused command changed the order")
	}
}

// A dismissed finding does not come back with the next message.
func TestADismissedProposalStaysDismissed(t *testing.T) {
	t.Parallel()
	w, _ := drivenFleet(t, 12)
	order := w.proposed(workorders.OriginCodes)
	w.step(order.ID, workorders.Command{Action: workorders.ActionDismiss, DismissReason: workorders.FalsePositive})
	if err := w.planner.Register(t.Context(), order.VIN, func(*vehicle.Vehicle) {}); err != nil {
		t.Fatal(err)
	}
	left, _, err := w.db.Orders(t.Context(), planner.OrderFilter{VIN: order.VIN, States: []workorders.State{workorders.Proposed}}, planner.Page{Size: 10})
	if err != nil || len(left) > 0 {
		t.Errorf("%d proposals after dismissing, err %v", len(left), err)
	}
	w.step(order.ID, workorders.Command{Action: workorders.ActionReopen})
	if got := w.proposed(workorders.OriginCodes); got.VIN != order.VIN && got.ID != order.ID {
		t.Errorf("undoing the dismissal did not bring the proposal back")
	}
}

// A car that falls silent keeps the proposal it has.
func TestSilenceDoesNotHealAWornPart(t *testing.T) {
	t.Parallel()
	w, _ := drivenFleet(t, 12)
	order := w.proposed(workorders.OriginWear)
	later := w.now.Load().AddDate(0, 0, 10)
	w.now.Store(&later)
	if err := w.planner.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, f := range w.forecasts(order.VIN) {
		if f.State == predict.Known {
			t.Errorf("%s is still known after ten silent days", f.Component)
		}
	}
	after, err := w.db.Order(t.Context(), order.ID)
	if err != nil || !slices.Contains(after.Origins(), workorders.OriginWear) {
		t.Errorf("the proposal is gone: %v, %v", after.Lines, err)
	}
}
