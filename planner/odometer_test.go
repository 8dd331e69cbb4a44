package planner_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/workorders"
)

const odoVIN vehicle.VIN = "WVWZZZ1JZXW000001"

// epoch is the evening of the first day of the tests here.
var epoch = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

// evening is one message with the odometer at the end of a day.
func evening(day int, km float64) simulator.Message {
	at := epoch.AddDate(0, 0, day)
	return simulator.Message{
		Topic: "pitcrew/v1/" + string(odoVIN) + "/telemetry", Time: at,
		Payload: fmt.Appendf(nil, `{"samples":[{"time":%q,"signals":{"Vehicle.TraveledDistance":%.0f}}]}`, at.Format(time.RFC3339), km*1000),
	}
}

// evenings are those of a car that goes 100 km a day.
func evenings(day, days int, km float64) []simulator.Message {
	var out []simulator.Message
	for i := range days {
		out = append(out, evening(day+i, km+100*float64(i)))
	}
	return out
}

func (w *workshop) visit(day int, km float64) error {
	_, err := w.planner.AddRecord(w.t.Context(), history.Record{
		VIN: odoVIN, Visited: epoch.AddDate(0, 0, day).Add(-time.Hour), OdometerKm: km, Source: history.FromDealer,
		SourceID: fmt.Sprint("D-", day), Shop: "North Garage", Items: []history.Item{{Component: string(predict.EngineOil)}},
	})
	return err
}

func (w *workshop) decide(cmd planner.OdometerCommand) error {
	cmd.By = "ana"
	_, err := w.planner.DecideOdometer(w.t.Context(), odoVIN, cmd)
	return err
}

func (w *workshop) odometer() planner.Odometer {
	w.t.Helper()
	o, err := w.planner.Odometer(w.t.Context(), odoVIN)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *workshop) standing() planner.Summary {
	w.t.Helper()
	row, err := w.db.VehicleRow(w.t.Context(), odoVIN)
	if err != nil {
		w.t.Fatal(err)
	}
	return row.Summary
}

// A new cluster, a typing error, a used cluster whose total a person gives, a reading
// that a person accepts, and telemetry before, after and late: in whatever order it all
// comes, with planning in between, the state is the same.
func TestOdometerDecisionsInAnyOrder(t *testing.T) {
	t.Parallel()
	type state struct {
		Ledger    vehicle.OdometerLedger
		Summary   planner.Summary
		Forecasts []predict.Forecast
	}
	steps := map[string]func(w *workshop) error{
		"telemetry":         func(w *workshop) error { w.take(evenings(0, 10, 80000)); return nil },
		"of a new cluster":  func(w *workshop) error { w.take(evenings(20, 10, 7)); return nil },
		"late telemetry":    func(w *workshop) error { w.take(evenings(10, 10, 81000)); return nil },
		"a typing error":    func(w *workshop) error { return w.visit(15, 815000) },
		"a service record":  func(w *workshop) error { return w.visit(25, 480) },
		"of a used cluster": func(w *workshop) error { w.take(evenings(30, 10, 41000)); return nil },
		"of one day again":  func(w *workshop) error { w.take([]simulator.Message{evening(30, 41000)}); return nil },
		"later telemetry":   func(w *workshop) error { w.take(evenings(40, 10, 42000)); return nil },
		"a correction": func(w *workshop) error {
			return w.decide(planner.OdometerCommand{Verdict: vehicle.CorrectReading, Time: epoch.AddDate(0, 0, 35).Add(-time.Hour), TotalKm: 84000})
		},
	}
	var names []string
	for name := range steps {
		names = append(names, name)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	run := func(t *testing.T, order []string) state {
		w := open(t, epoch.AddDate(0, 0, 50))
		if err := w.planner.Register(t.Context(), odoVIN, func(v *vehicle.Vehicle) { v.Powertrain = vehicle.Petrol }); err != nil {
			t.Fatal(err)
		}
		for _, name := range order {
			if err := steps[name](w); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			w.settle()
		}
		forecasts, err := w.db.Forecasts(t.Context(), odoVIN)
		if err != nil {
			t.Fatal(err)
		}
		return state{w.odometer().OdometerLedger, w.standing(), forecasts}
	}
	var want state
	for n := range 12 {
		rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		got := run(t, names)
		if n == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in the order %q (-first order +this):\n%s", names, diff)
		}
	}
	// The car went 100 km a day all the time; the total of day 35 is said by a person,
	// an hour before the reading of the day.
	if got, most, least := want.Summary.OdometerKm, 85450.0, 85350.0; got > most || got < least {
		t.Errorf("the odometer stands at %.0f km, want %.0f to %.0f", got, least, most)
	}
	if want.Summary.KmPerDay < 80 || want.Summary.KmPerDay > 125 {
		t.Errorf("%.0f km a day, want about 100", want.Summary.KmPerDay)
	}
	var kinds []string
	for _, r := range want.Ledger.Refused {
		kinds = append(kinds, fmt.Sprintf("%.0f %s", r.Reading.Metres/1000, r.Kind))
	}
	if diff := cmp.Diff([]string{"815000 typo"}, kinds); diff != "" || want.Summary.OdometerRefused != 1 {
		t.Errorf("refused (-want +got):\n%s\nand %d in the summary", diff, want.Summary.OdometerRefused)
	}
	var oil predict.Forecast
	for _, f := range want.Forecasts {
		if f.Component == predict.EngineOil {
			oil = f
		}
	}
	if oil.ServicedKm < 82300 || oil.ServicedKm > 82600 {
		t.Errorf("the oil was changed at %.0f km in all, want about 82,500: the dial of the new cluster said 480", oil.ServicedKm)
	}
}

// A decision about telemetry of today holds when telemetry of today moves on.
func TestOdometerDecisionOutlastsItsReading(t *testing.T) {
	t.Parallel()
	w := open(t, epoch.AddDate(0, 0, 12))
	w.take(evenings(0, 10, 80000))
	w.take([]simulator.Message{evening(10, 41000)})
	w.settle()
	if got := w.standing(); got.OdometerKm != 80900 || got.OdometerRefused != 1 {
		t.Fatalf("%.0f km, %d refused: want 80,900 and one", got.OdometerKm, got.OdometerRefused)
	}
	if err := w.decide(planner.OdometerCommand{Verdict: vehicle.AcceptReading, Time: epoch.AddDate(0, 0, 10)}); err != nil {
		t.Fatal(err)
	}
	accepted := w.standing()
	if accepted.OdometerKm < 80950 || accepted.OdometerRefused != 0 {
		t.Fatalf("once accepted: %.0f km, %d refused: want about 81,000 and none, without waiting for a round", accepted.OdometerKm, accepted.OdometerRefused)
	}
	later := evening(10, 41020)
	later.Payload = []byte(strings.Replace(string(later.Payload), "T18:", "T19:", 1))
	w.take([]simulator.Message{later})
	w.settle()
	if got := w.standing(); got.OdometerKm != accepted.OdometerKm+20 {
		t.Errorf("20 km on: %.0f km, want %.0f", got.OdometerKm, accepted.OdometerKm+20)
	}
}

func TestDecideOdometer(t *testing.T) {
	t.Parallel()
	w := open(t, epoch.AddDate(0, 0, 31))
	w.take(evenings(0, 20, 80000))
	w.take(evenings(20, 10, 41000))
	w.settle()
	day := func(n int) time.Time { return epoch.AddDate(0, 0, n) }
	refused := w.odometer().Refused[0].Reading.ID()
	correct := func(n int, km float64) planner.OdometerCommand {
		return planner.OdometerCommand{Verdict: vehicle.CorrectReading, Time: day(n).Add(-time.Minute), TotalKm: km}
	}
	steps := []struct {
		name    string
		cmd     planner.OdometerCommand
		code    fault.Code
		says    string
		refused int // readings without a decision, afterwards
		kept    int // decisions, afterwards
	}{
		{"nothing named", planner.OdometerCommand{Verdict: vehicle.VoidReading}, fault.Invalid, "which reading", 10, 0},
		{"by id and time", planner.OdometerCommand{Verdict: vehicle.VoidReading, Reading: refused, Time: day(1)}, fault.Invalid, "not by both", 10, 0},
		{"no such reading", planner.OdometerCommand{Verdict: vehicle.AcceptReading, Reading: "0123"}, fault.NotFound, "0123", 10, 0},
		{"no reading then", planner.OdometerCommand{Verdict: vehicle.VoidReading, Time: day(1).Add(time.Hour)}, fault.NotFound, "19:00", 10, 0},
		{"in the future", planner.OdometerCommand{Verdict: vehicle.CorrectReading, Time: day(99), TotalKm: 1}, fault.Invalid, "future", 10, 0},
		{"below zero", correct(25, -1), fault.Invalid, "below zero", 10, 0},
		{"beyond anything", correct(25, 6e6), fault.Invalid, "no vehicle", 10, 0},
		{"nothing to withdraw", planner.OdometerCommand{Verdict: vehicle.WithdrawDecision, Reading: refused}, fault.FailedPrecondition, "nobody has decided", 10, 0},

		{"accept", planner.OdometerCommand{Verdict: vehicle.AcceptReading, Reading: refused}, "", "", 0, 1},
		{"accept again", planner.OdometerCommand{Verdict: vehicle.AcceptReading, Reading: refused}, "", "", 0, 1},
		{"and void", planner.OdometerCommand{Verdict: vehicle.VoidReading, Reading: refused}, "", "", 9, 2},
		{"withdraw", planner.OdometerCommand{Verdict: vehicle.WithdrawDecision, Reading: refused}, "", "", 10, 3},
		{"withdraw again", planner.OdometerCommand{Verdict: vehicle.WithdrawDecision, Reading: refused}, "", "", 10, 3},

		{"correct", correct(25, 82400), "", "", 0, 4},
		{"the same again", correct(25, 82400), "", "", 0, 4},
		{"another one in between that is higher", correct(22, 90000), fault.FailedPrecondition, "82400 km", 0, 4},
		{"a later one that is lower", correct(27, 81000), fault.FailedPrecondition, "ana", 0, 4},
		{"better known", correct(25, 82450), "", "", 0, 5},
	}
	for _, s := range steps {
		err := w.decide(s.cmd)
		if fault.CodeOf(err) != s.code || err != nil && !strings.Contains(fault.MessageOf(err), s.says) {
			t.Errorf("%s: %v, want %s saying %q", s.name, err, s.code, s.says)
		}
		if got, kept := w.standing().OdometerRefused, len(w.odometer().Decisions); got != s.refused || kept != s.kept {
			t.Errorf("%s: %d refused and %d decisions, want %d and %d", s.name, got, kept, s.refused, s.kept)
		}
	}
	if got := w.standing().OdometerKm; got < 82800 || got > 82900 {
		t.Errorf("%.0f km, want 82,450 and the 400 that followed", got)
	}
	if _, err := w.planner.DecideOdometer(t.Context(), "1M8GDM9AXKP042788", planner.OdometerCommand{Verdict: vehicle.VoidReading, Time: day(1), By: "ana"}); !errors.Is(err, fault.NotFound) {
		t.Errorf("of an unknown vehicle: %v", err)
	}
}

// An odometer with a digit too many is asked about at the counter; one that is written
// down all the same is refused by the ledger, and spoils no forecast.
func TestTypingErrorOnAnOrder(t *testing.T) {
	t.Parallel()
	w, fleet := drivenFleet(t, 12)
	ctx := t.Context()
	for i := range fleet.Len() {
		vin := fleet.Profile(i).VIN
		if o, err := w.planner.Odometer(ctx, vin); err != nil || o.Undecided() > 0 {
			t.Fatalf("%s: %d readings of a true history are refused, %v: %+v", vin, o.Undecided(), err, o.Refused)
		}
	}
	order := w.proposed(workorders.OriginWear)
	row, err := w.db.VehicleRow(ctx, order.VIN)
	if err != nil {
		t.Fatal(err)
	}
	w.step(order.ID, workorders.Command{Action: workorders.ActionAccept})
	wrong := row.Summary.OdometerKm * 10
	in := workorders.Command{Action: workorders.ActionCheckIn, Actor: "advisor", OdometerKm: wrong}
	if _, err := w.planner.Command(ctx, order.ID, in); !errors.Is(err, fault.FailedPrecondition) || !strings.Contains(err.Error(), "a digit too many") {
		t.Fatalf("checked in at %.0f km after %.0f: %v", wrong, row.Summary.OdometerKm, err)
	}
	in.Note = "so the display says"
	if _, err := w.planner.Command(ctx, order.ID, in); err != nil {
		t.Fatal(err)
	}
	w.step(order.ID, workorders.Command{Action: workorders.ActionStart})
	ready := w.step(order.ID, workorders.Command{Action: workorders.ActionFinish})
	end := workorders.Command{Action: workorders.ActionClose, OdometerKm: wrong}
	for _, l := range ready.Lines {
		end.Lines = append(end.Lines, workorders.LineResult{Seq: l.Seq, Outcome: workorders.OutcomeFixed})
	}
	w.step(order.ID, end)
	after, err := w.db.VehicleRow(ctx, order.VIN)
	if err != nil {
		t.Fatal(err)
	}
	if after.Summary.OdometerKm != row.Summary.OdometerKm || after.Summary.KmPerDay != row.Summary.KmPerDay || after.Summary.OdometerRefused != 1 {
		t.Errorf("before %+v, after %+v: want the same odometer and one reading refused", row.Summary, after.Summary)
	}
	o, err := w.planner.Odometer(ctx, order.VIN)
	if err != nil || len(o.Refused) != 1 {
		t.Fatalf("%d refused, %v", len(o.Refused), err)
	}
	if r := o.Refused[0]; r.Kind != vehicle.OdometerTypo || r.Reading.Source != vehicle.OdometerWorkOrder || r.Reading.Unit != vehicle.Kilometres {
		t.Errorf("refused %+v", r)
	}
	for _, l := range ready.Lines {
		if l.Component == "" {
			continue
		}
		if f := w.forecast(order, predict.Component(l.Component)); f.ServicedKm > row.Summary.OdometerKm+500 {
			t.Errorf("%s was renewed at %.0f km, the car has gone %.0f", l.Component, f.ServicedKm, row.Summary.OdometerKm)
		}
	}
}

// A visit that renews nothing tells how far a vehicle goes, too, once it sends nothing any more.
func TestAnInspectionTellsTheUse(t *testing.T) {
	t.Parallel()
	now := epoch.AddDate(2, 0, 0)
	inspected := func(days int, km float64) history.Record {
		return history.Record{
			ID: fmt.Sprint("i", days), VIN: odoVIN, Visited: epoch.AddDate(0, 0, days), OdometerKm: km, Source: history.FromDealer,
			SourceID: fmt.Sprint("D-", days), Items: []history.Item{{Text: "inspection"}},
		}
	}
	v := vehicle.Vehicle{VIN: odoVIN, Powertrain: vehicle.Petrol, InService: epoch}
	in := planner.InputOf(nil, v, telemetry.BySignal{}, []history.Record{inspected(300, 24_000), inspected(700, 56_000)}, now)
	want := []predict.At{{Time: epoch.AddDate(0, 0, 300), OdometerKm: 24_000}, {Time: epoch.AddDate(0, 0, 700), OdometerKm: 56_000}}
	if diff := cmp.Diff(want, in.Told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if f, ok := predict.ForecastOf(in, predict.EngineOil); !ok || f.KmPerDay < 70 || f.KmPerDay > 90 {
		t.Errorf("%.1f km a day, want 80", f.KmPerDay)
	}
}
