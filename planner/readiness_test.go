package planner_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
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
		"P0171": {"0 confirmed 80030 : ", "4 gone 80120 tool: 5 of 5 readiness monitors began again (SAE J1979 PID 01)"},
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
