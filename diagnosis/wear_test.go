package diagnosis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// in days from now: a forecast whose due dates lie so far ahead, at 40 km a day.
func forecast(c predict.Component, wear float64, p10, p50, p90 int, change ...func(*predict.Forecast)) predict.Forecast {
	now := hour(6)
	at := func(days int) time.Time { return now.AddDate(0, 0, max(days, 0)) }
	f := predict.Forecast{
		Component: c, State: predict.Known, Basis: predict.ByWear,
		Wear:  predict.Quantiles{P10: wear - 0.05, P50: wear, P90: wear + 0.05},
		Due:   predict.Dates{P10: at(p10), P50: at(p50), P90: at(p90)},
		DueKm: predict.Quantiles{P10: 60000 + 40*float64(p10), P50: 60000 + 40*float64(p50), P90: 60000 + 40*float64(p90)},

		KmPerDay: 40, Readings: 6, LastReading: now.Add(-time.Hour), Cycle: "2025-01-10", Model: "m1",
		ServicedAt: start.AddDate(-1, 0, 0), ServicedKm: 31000, Now: now, DataUntil: now.Add(-time.Hour),
	}
	for _, g := range change {
		g(&f)
	}
	return f
}

func TestWearOpensWhenItIsTime(t *testing.T) {
	t.Parallel()
	perDay := func(km float64) func(*predict.Forecast) { return func(f *predict.Forecast) { f.KmPerDay = km } }
	state := func(s predict.State) func(*predict.Forecast) { return func(f *predict.Forecast) { f.State = s } }
	tests := []struct {
		name     string
		forecast predict.Forecast
		want     diagnosis.Drivability // empty: no finding
	}{
		{"far away", forecast(predict.AirFilter, 0.5, 80, 100, 130), ""},
		{"within a month", forecast(predict.AirFilter, 0.9, 20, 29, 50), diagnosis.Monitor},
		{"within 1,500 km of much driving", forecast(predict.AirFilter, 0.9, 30, 37, 50), diagnosis.Monitor},
		{"within 1,500 km but not soon", forecast(predict.AirFilter, 0.9, 200, 240, 300, perDay(5)), ""},
		{"middle date for comfort", forecast(predict.CabinFilter, 0.8, 10, 70, 120), ""},
		{"early date for safety", forecast(predict.BrakePadsFront, 0.8, 10, 70, 120), diagnosis.Monitor},
		{"safety item that may be gone within a week", forecast(predict.BrakePadsFront, 0.9, 5, 40, 80), diagnosis.Soon},
		{"pads at the limit", forecast(predict.BrakePadsFront, 1.02, 0, 0, 0), diagnosis.Soon},
		{"pads at 2 mm", forecast(predict.BrakePadsFront, 1.12, 0, 0, 0), diagnosis.Stop},
		{"tyres at 1.6 mm", forecast(predict.Tyres, 1.0, 0, 0, 0), diagnosis.Stop},
		{"oil just due", forecast(predict.EngineOil, 1.0, 0, 0, 0), diagnosis.Monitor},
		{"oil overdue", forecast(predict.EngineOil, 1.15, 0, 0, 0), diagnosis.Soon},
		{"worn out but the filter only", forecast(predict.AirFilter, 1.4, 0, 0, 0), diagnosis.Monitor},
		{"too early to tell", forecast(predict.BrakePadsFront, 1.2, 0, 0, 0, state(predict.TooEarly)), ""},
		{"stale telemetry (R16)", forecast(predict.BrakePadsFront, 1.2, 0, 0, 0, state(predict.Stale)), ""},
		{"a component nobody knows", forecast("flux_capacitor", 1.2, 0, 0, 0), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got diagnosis.Drivability
			in := diagnosis.Input{VIN: vin, Now: hour(6), Forecasts: []predict.Forecast{tt.forecast}}
			for _, f := range diagnosis.Evaluate(in) {
				got = f.Drivability
			}
			if got != tt.want {
				t.Errorf("call %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWearMeasuresDistanceFromTheOdometer(t *testing.T) {
	t.Parallel()
	in := diagnosis.Input{VIN: vin, Now: hour(6), Forecasts: []predict.Forecast{forecast(predict.AirFilter, 0.9, 40, 50, 60)}}
	if got := diagnosis.Evaluate(in); len(got) != 0 { // 50 days at 40 km a day are 2,000 km
		t.Fatalf("found %v 2,000 km ahead", families(got))
	}
	in.Signals = map[vehicle.Signal]diagnosis.Reading{vehicle.TraveledDistance: {Value: 60_600_000, At: hour(5)}}
	if got := diagnosis.Evaluate(in); len(got) != 1 { // due at 62,000 km
		t.Errorf("found %v 1,400 km ahead, want the air filter", families(got))
	}
}

func TestWearFindingCarriesItsWorkAndEvidence(t *testing.T) {
	t.Parallel()
	in := diagnosis.Input{VIN: vin, Now: hour(6), Forecasts: []predict.Forecast{forecast(predict.BrakePadsFront, 1.02, 0, 0, 0)}}
	f := only(t, diagnosis.Evaluate(in), "brake_pads_front")
	spec, _ := predict.Standard().Of(predict.BrakePadsFront)
	want := []diagnosis.Operation{{Code: spec.Job.Code, Text: spec.Job.Text, HoursMin: spec.Job.HoursMin, HoursMax: spec.Job.HoursMax}}
	if diff := cmp.Diff(want, f.Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if f.Kind != diagnosis.FromWear || f.Cycle != "2025-01-10" || f.Model != "m1" || len(f.Parts) != 1 {
		t.Errorf("kind %q, cycle %q, model %q, %d parts", f.Kind, f.Cycle, f.Model, len(f.Parts))
	}
	var kinds []string
	for _, e := range f.Evidence {
		kinds = append(kinds, e.Kind)
	}
	if diff := cmp.Diff([]string{"forecast", "signal", "service"}, kinds); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

func TestEvidenceSaysHowAComponentStands(t *testing.T) {
	t.Parallel()
	ahead := forecast(predict.BrakePadsFront, 0.97, 2, 5, 9)
	passed := forecast(predict.BrakePadsFront, 1.02, 0, 0, 0)
	passed.OverdueSince = hour(-24)
	plan := forecast(predict.EngineOil, 1.5, 0, 0, 0)
	plan.Basis, plan.Readings, plan.OverdueSince = predict.ByDistance, 0, hour(-24)
	plan.Wear = predict.Quantiles{P10: 1.5, P50: 1.5, P90: 1.5}
	for name, tt := range map[string]struct {
		forecast predict.Forecast
		want     string
	}{
		"ahead":  {ahead, "of the limit; due between " + ahead.Due.P10.Format(time.DateOnly)},
		"passed": {passed, "of the limit; overdue since " + passed.OverdueSince.Format(time.DateOnly)},
		"plan":   {plan, "150 % of the plan's interval is used up; overdue since "},
	} {
		f := only(t, diagnosis.Evaluate(diagnosis.Input{VIN: vin, Now: hour(6), Forecasts: []predict.Forecast{tt.forecast}}), string(tt.forecast.Component))
		if got := f.Evidence[0].Text.EN; !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// A traction battery is tested before anybody orders one.
func TestWornTractionBatteryReservesNoPart(t *testing.T) {
	t.Parallel()
	in := diagnosis.Input{VIN: vin, Now: hour(6), Forecasts: []predict.Forecast{forecast(predict.TractionBattery, 1.02, 0, 0, 0)}}
	f := only(t, diagnosis.Evaluate(in), "traction_battery")
	if len(f.Parts) != 0 || f.Skill != "high_voltage" || !strings.Contains(f.Detail.EN, "certified") {
		t.Errorf("parts %v, skill %q, detail %q", f.Parts, f.Skill, f.Detail.EN)
	}
}

// Every component of the standard table has words of its own in the knowledge base.
func TestEveryComponentCanBeFound(t *testing.T) {
	t.Parallel()
	for _, spec := range predict.Standard().Specs() {
		in := diagnosis.Input{VIN: vin, Now: hour(6), Forecasts: []predict.Forecast{forecast(spec.Component, 3, 0, 0, 0)}}
		f := only(t, diagnosis.Evaluate(in), string(spec.Component))
		for _, text := range []string{
			f.Title.EN, f.Title.ZH, f.Detail.EN, f.Detail.ZH, f.Why.EN, f.Why.ZH, f.FirstCheck.EN, f.FirstCheck.ZH, string(f.Drivability),
		} {
			if text == "" {
				t.Errorf("%s lacks a text: %+v", spec.Component, f)
			}
		}
		if f.Title.EN == spec.Name.EN+": due for renewal." {
			t.Errorf("%s has only the words of a component that somebody added", spec.Component)
		}
	}
}
