package planner_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// drive is a car's hour of a day: odometer and distance since codes were erased, in km,
// at its beginning and, 40 km later, at its end.
func drive(day int, km, sinceErased float64) simulator.Message {
	from := epoch.AddDate(0, 0, day)
	payload := `{"samples":[`
	for i := range 2 {
		at, gone := from.Add(time.Duration(i)*time.Hour), 40*float64(i)
		payload += fmt.Sprintf(`{"time":%q,"signals":{"Vehicle.TraveledDistance":%.0f,"Vehicle.OBD.DistanceSinceDTCClear":%.0f}},`,
			at.Format(time.RFC3339), (km+gone)*1000, sinceErased+gone)
	}
	return simulator.Message{Topic: "pitcrew/v1/" + string(odoVIN) + "/telemetry", Time: from, Payload: []byte(payload[:len(payload)-1] + "]}")}
}

// listed is the set of codes of an ECU at an hour after the drive of a day.
func listed(day, hour int, ecu, codes string) simulator.Message {
	at := epoch.AddDate(0, 0, day).Add(time.Duration(hour) * time.Minute)
	return simulator.Message{
		Topic: "pitcrew/v1/" + string(odoVIN) + "/dtc", Time: at,
		Payload: fmt.Appendf(nil, `{"time":%q,"ecu":%q,"mil":false,"codes":[%s]}`, at.Format(time.RFC3339), ecu, codes),
	}
}

// One code is erased with a tester, another one goes by itself while the counter goes
// on, a third in the workshop; the odometer is told of every step. However the messages
// are shuffled and repeated, the lives are the same.
func TestLifeOfCodesInAnyOrder(t *testing.T) {
	t.Parallel()
	const lean, misfire, cold = `{"code":"P0171","status":"%s"}`, `{"code":"P0300","status":"%s"}`, `{"code":"P0128","status":"%s"}`
	var all []simulator.Message
	since := 5000.0
	for day := range 14 {
		if day == 6 {
			since = 0 // erased since the evening before
		}
		all = append(all, drive(day, 80000+40*float64(day), since))
		since += 40
		var engine, other string
		switch {
		case day < 2:
			engine, other = fmt.Sprintf(lean, "pending"), fmt.Sprintf(misfire, "pending")
		case day < 3:
			engine = fmt.Sprintf(lean, "confirmed")
		case day < 6:
			engine = fmt.Sprintf(lean, "confirmed") + "," + fmt.Sprintf(lean, "permanent")
		case day < 9:
			engine = fmt.Sprintf(lean, "permanent")
		}
		if day >= 9 && day < 11 {
			other = fmt.Sprintf(cold, "confirmed")
		}
		all = append(all, listed(day, 30, "7E8", engine), listed(day, 30, "7E9", other))
	}
	run := func(t *testing.T, messages []simulator.Message, parts int) []diagnosis.CodeState {
		w := open(t, epoch.AddDate(0, 0, 15))
		if _, err := w.planner.AddRecord(t.Context(), history.Record{
			VIN: odoVIN, Visited: epoch.AddDate(0, 0, 11), Source: history.FromDealer, SourceID: "D-1", Shop: "North", Items: []history.Item{{Text: "thermostat"}},
		}); err != nil {
			t.Fatal(err)
		}
		for part := range parts {
			w.take(messages[part*len(messages)/parts : (part+1)*len(messages)/parts])
			w.settle()
		}
		states, err := w.db.CodeStates(t.Context(), odoVIN)
		if err != nil {
			t.Fatal(err)
		}
		return states
	}
	want := run(t, all, 1)
	lives := map[vehicle.Code][]string{}
	for _, s := range want {
		for _, step := range s.Steps {
			lives[s.Code] = append(lives[s.Code], fmt.Sprintf("%d %s %.0f %s", int(step.At.Sub(epoch).Hours()/24), step.Status, step.OdometerKm, step.By))
		}
	}
	if diff := cmp.Diff(map[vehicle.Code][]string{
		"P0171": {"0 pending 80020 ", "2 confirmed 80100 ", "3 permanent 80140 ", "6 permanent 80260 tool", "9 gone 80380 itself"},
		"P0300": {"0 pending 80020 ", "2 gone 80100 itself"},
		"P0128": {"9 confirmed 80380 ", "11 gone 80460 itself"},
	}, lives); diff != "" {
		t.Errorf("lives (-want +got):\n%s", diff)
	}
	rng := rand.New(rand.NewPCG(3, 9))
	for range 4 {
		mixed := append(all[:len(all):len(all)], all[:10]...)
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if diff := cmp.Diff(want, run(t, mixed, 3)); diff != "" {
			t.Fatalf("shuffled, the lives differ (-in order +shuffled):\n%s", diff)
		}
	}
}
