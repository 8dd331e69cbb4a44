package simulator_test

import (
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// readiness is what the engine's control unit told of its monitors, in order.
func readiness(t testing.TB, messages []simulator.Message) (all []vehicle.Readiness) {
	for _, msg := range messages {
		if c, ok := report(t, msg); ok && c.Readiness != nil {
			if c.ECU != "7E8" {
				t.Errorf("%s tells of monitors", c.ECU)
			}
			all = append(all, *c.Readiness)
		}
	}
	return all
}

// A repair that erases codes lets the monitors begin again; they complete as the car is
// driven. A fault that goes by itself does not.
func TestErasingLetsMonitorsBeginAgain(t *testing.T) {
	t.Parallel()
	f, i := find(t, simulator.VacuumLeak)
	car := f.Live(i, f.End())
	at := f.End().AddDate(0, 0, 8)
	before := readiness(t, slices.Collect(car.Until(at)))
	if len(before) < 5 {
		t.Fatalf("%d reports of readiness in eight days", len(before))
	}
	for _, r := range before {
		if len(r.Complete) < 7 {
			t.Fatalf("before the repair %v are not complete", r.Incomplete)
		}
	}
	if err := f.Repair(i, at, "vacuum_leak"); err != nil {
		t.Fatal(err)
	}
	after := readiness(t, slices.Collect(car.Until(at.AddDate(0, 0, 10))))
	if len(after) < 5 {
		t.Fatalf("%d reports of readiness in ten days", len(after))
	}
	first, last := after[0], after[len(after)-1]
	if slices.ContainsFunc(first.Complete, func(m vehicle.Monitor) bool { return !m.Continuous() }) || len(first.Incomplete) < 5 {
		t.Errorf("after the repair %v are complete", first.Complete)
	}
	if len(last.Complete) < 7 {
		t.Errorf("ten days later %v are not complete", last.Incomplete)
	}
}

// Every car with an engine tells now and then; one without has nothing to tell.
func TestWhoTellsReadiness(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 1, Vehicles: 30, Epoch: epoch, HistoryDays: 30})
	engines, stuck := 0, 0
	for i := range f.Len() {
		messages := slices.Collect(f.History(i, f.Epoch(), f.End()))
		all := readiness(t, messages)
		if len(messages) < 10 {
			continue // it stood still
		}
		if f.Profile(i).Powertrain == vehicle.BatteryElectric {
			if len(all) > 0 {
				t.Errorf("car %d is electric and tells of monitors", i)
			}
			continue
		}
		engines++
		if len(all) < 3 {
			t.Errorf("car %d told of its monitors %d times in 30 days", i, len(all))
			continue
		}
		if len(all[len(all)-1].Incomplete) > 0 {
			stuck++
		}
	}
	if engines < 15 || stuck == 0 || stuck > engines/2 {
		t.Errorf("of %d cars with an engine %d have a monitor that does not complete", engines, stuck)
	}
}
