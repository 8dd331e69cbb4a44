package planner_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// onBus is what the engine's ECU answers at an hour of a day, as frames of the bus.
func onBus(day, hour, minute int, answers ...string) simulator.Message {
	at := epoch.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	frames := ""
	for i, a := range answers {
		if i > 0 {
			frames += ","
		}
		frames += fmt.Sprintf(`{"id":"7E8","data":%q}`, a)
	}
	return simulator.Message{
		Topic: "pitcrew/v1/" + string(odoVIN) + "/obd", Time: at,
		Payload: fmt.Appendf(nil, `{"time":%q,"frames":[%s]}`, at.Format(time.RFC3339), frames),
	}
}

// odometerAt is a reading of the odometer.
func odometerAt(day, hour, minute int, km float64) simulator.Message {
	at := epoch.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	return simulator.Message{
		Topic: "pitcrew/v1/" + string(odoVIN) + "/telemetry", Time: at,
		Payload: fmt.Appendf(nil, `{"samples":[{"time":%q,"signals":{"Vehicle.TraveledDistance":%.0f}}]}`, at.Format(time.RFC3339), km*1000),
	}
}

// A car that tells nothing but lists of codes and PID 01: of two codes one is erased with
// a tester in the night after day 3, which the monitors alone show, and one goes by itself
// in the night after day 8. In between a message of the bus is lost, one is misread, and
// the engine's monitors are incomplete one by one. In any order the lives are the same.
func TestReadinessAloneShowsWhoErased(t *testing.T) {
	t.Parallel()
	const (
		lamp, lean, misfire, nothing = "0641018107E500", "0443010171", "0443010300", "024300"
		complete, erased, half       = "0641010007E500", "0641010007E5E5", "0641010007E584"
	)
	var all []simulator.Message
	for day := range 13 {
		for hour := range 2 { // an hour's drive, and all is asked at its ends and every minute
			list, monitors := nothing, complete
			switch {
			case day <= 3:
				list, monitors = lean, lamp
			case day == 4:
				monitors = erased
			case day == 5:
				list, monitors = misfire, half
			case day <= 8:
				list, monitors = misfire, lamp
			}
			minute := 30 - 30*hour
			all = append(all, onBus(day, hour, minute, list, monitors), odometerAt(day, hour, minute, 80000+30*float64(day)+30*float64(hour)))
			if day != 10 {
				all = append(all, onBus(day, hour, minute+1, monitors), onBus(day, hour, minute+2, monitors))
			}
		}
	}
	all = append(all, onBus(11, 0, 32, erased)) // a moment before the ECU had read its memory

	type outcome struct {
		Codes   []diagnosis.CodeState
		Summary planner.Summary
	}
	run := func(t *testing.T, messages []simulator.Message, parts int) outcome {
		w := open(t, epoch.AddDate(0, 0, 14))
		for part := range parts {
			w.take(messages[part*len(messages)/parts : (part+1)*len(messages)/parts])
			w.settle()
		}
		states, err := w.db.CodeStates(t.Context(), odoVIN)
		if err != nil {
			t.Fatal(err)
		}
		row, err := w.db.VehicleRow(t.Context(), odoVIN)
		if err != nil {
			t.Fatal(err)
		}
		row.Summary.Planned = time.Time{}
		return outcome{states, row.Summary}
	}
	want := run(t, all, 1)
	lives := map[vehicle.Code][]string{}
	for _, s := range want.Codes {
		for _, step := range s.Steps {
			lives[s.Code] = append(lives[s.Code], fmt.Sprintf("%d %s %.0f %s: %s", int(step.At.Sub(epoch).Hours()/24), step.Status, step.OdometerKm, step.By, step.Why.EN))
		}
	}
	if diff := cmp.Diff(map[vehicle.Code][]string{
		"P0171": {"0 confirmed 80000 : ", "4 gone 80120 tool: 5 of 5 readiness monitors began again (SAE J1979 PID 01)"},
		"P0300": {"5 confirmed 80150 : ", "9 gone 80270 itself: the readiness monitors stayed complete (SAE J1979 PID 01)"},
	}, lives); diff != "" {
		t.Errorf("lives (-want +got):\n%s", diff)
	}
	r := want.Summary.Readiness
	if len(r.Complete) != 8 || len(r.Incomplete) != 0 || vehicle.DayOf(r.ResetBy) != vehicle.DayOf(epoch)+4 || vehicle.DayOf(r.At) != vehicle.DayOf(epoch)+12 {
		t.Errorf("readiness %+v", r)
	}
	rng := rand.New(rand.NewPCG(23, 1))
	for range 3 {
		mixed := slices.Concat(all, all[20:40])
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(want, run(t, mixed, 3)); diff != "" {
			t.Fatalf("shuffled, the lives differ (-in order +shuffled):\n%s", diff)
		}
	}
}

// A simulated car's code is repaired and erased in a workshop. Its monitors show that, with
// the visit in the history and without.
func TestReadinessOfASimulatedRepair(t *testing.T) {
	t.Parallel()
	fleet, err := simulator.New(simulator.Config{Seed: 5, Vehicles: 12, Epoch: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), HistoryDays: 200})
	if err != nil {
		t.Fatal(err)
	}
	at := fleet.End().AddDate(0, 0, 5)
	leak := -1
	for i := range fleet.Len() {
		if slices.ContainsFunc(fleet.Truth(i).Faults, func(f simulator.FaultTruth) bool { return f.Active && f.Fault == simulator.VacuumLeak }) {
			leak = i
		}
	}
	if leak < 0 {
		t.Fatal("no car of the fleet has a leak")
	}
	vin := fleet.Profile(leak).VIN
	messages := slices.Collect(fleet.History(leak, fleet.End().AddDate(0, 0, -60), fleet.End()))
	drive := fleet.Live(leak, fleet.End())
	messages = slices.AppendSeq(messages, drive.Until(at))
	if err := fleet.Repair(leak, at, string(simulator.VacuumLeak)); err != nil {
		t.Fatal(err)
	}
	messages = slices.AppendSeq(messages, drive.Until(at.AddDate(0, 0, 10)))
	for _, visit := range []bool{false, true} {
		w := open(t, at.AddDate(0, 0, 11))
		if visit {
			if _, err := w.planner.AddRecord(t.Context(), history.Record{
				VIN: vin, Visited: at, Source: history.FromDealer, SourceID: "D-1", Shop: "North", Items: []history.Item{{Text: "intake hose"}},
			}); err != nil {
				t.Fatal(err)
			}
		}
		w.take(messages)
		w.settle()
		states, err := w.db.CodeStates(t.Context(), vin)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(states, func(s diagnosis.CodeState) bool { return s.Code == "P0171" })
		if i < 0 || states[i].Active {
			t.Fatalf("codes %+v", states)
		}
		want, why := diagnosis.ByTool, "readiness monitors began again (SAE J1979 PID 01)"
		if visit {
			want = diagnosis.ByWorkshop
		}
		last := states[i].Steps[len(states[i].Steps)-1]
		if last.By != want || !strings.HasSuffix(last.Why.EN, why) || last.OdometerKm == 0 || len(states[i].FreezeFrame) == 0 {
			t.Errorf("visit %v: the last step is %+v", visit, last)
		}
	}
}
