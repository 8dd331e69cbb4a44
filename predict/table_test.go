package predict_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// drain is a part that no standard table has: measured by a signal that rises.
func drain() predict.Spec {
	return predict.Spec{
		Component: "oil_drain", Name: lang.Text{EN: "Oil drain", ZH: "放油装置"},
		Sensor:        predict.Sensor{Signals: []vehicle.Signal{"Vehicle.OBD.EngineLoad"}, Daily: predict.MaxOfDay, Scale: predict.Scale{New: 20, Limit: 80, Noise: 3}, High: 100},
		RatePer1000Km: 0.02, RateCV: 0.4, Amber: 0.8, Red: 1, Safety: predict.SafetyStrand, Optional: true,
		Renews: []predict.Component{predict.EngineOil},
		Job:    predict.Job{Code: "DRN-10", Text: lang.Text{EN: "Renew the drain", ZH: "更换放油装置"}, HoursMin: 0.5, HoursMax: 1},
	}
}

func TestTableTakesRowsIn(t *testing.T) {
	t.Parallel()
	pads, _ := predict.Standard().Of(predict.BrakePadsFront)
	pads.Scale.New, pads.Scale.Limit = 14, 4
	table, err := predict.Standard().With(drain(), pads)
	if err != nil {
		t.Fatal(err)
	}
	specs := table.Specs()
	if len(specs) != len(predict.Standard().Specs())+1 || specs[len(specs)-1].Component != "oil_drain" {
		t.Errorf("%d rows, the last %s: want the new one after the standard ones", len(specs), specs[len(specs)-1].Component)
	}
	if c, ok := table.ComponentOf("Oil drain"); !ok || c != "oil_drain" {
		t.Errorf("oil drain is %q", c)
	}
	at := predict.At{Time: day(3)}
	if r, ok := table.PadThickness(predict.BrakePadsFront, at, 4); !ok || r.Wear != 1 {
		t.Errorf("4 mm is %+v: want the limit of this table", r)
	}
	if r, _ := predict.Standard().PadThickness(predict.BrakePadsFront, at, 3); r.Wear != 1 {
		t.Errorf("3 mm is %+v: the standard table has changed", r)
	}
	for value, want := range map[float64]float64{20: 0, 80: 1, 50: 0.5} {
		if r, ok := table.Sensed("oil_drain", at, value, 20); !ok || math.Abs(r.Wear-want) > 1e-9 || math.Abs(r.Noise-0.05) > 1e-9 {
			t.Errorf("load %v is %+v, %v: want %v", value, r, ok, want)
		}
	}
	if r, ok := table.Sensed("oil_drain", at, 101); ok {
		t.Errorf("101 %% is %+v: want no reading", r)
	}
	if r, ok := table.Measured("oil_drain", at, 50, "percent"); !ok || math.Abs(r.Wear-0.5) > 1e-9 {
		t.Errorf("50 %% in the workshop is %+v, %v", r, ok)
	}
}

func TestInsulationIsReadByRatios(t *testing.T) {
	t.Parallel()
	s := drain()
	s.Sensor = predict.Sensor{}
	s.Scale = predict.Scale{Unit: "kOhm", New: 2000, Limit: 200, Noise: 0.2, Log: true}
	table, err := predict.Standard().With(s)
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[float64]float64{2000: 0, 200: 1, 632.4555: 0.5, 20: 2} {
		if r, ok := table.Measured(s.Component, predict.At{Time: day(3)}, value, "kOhm"); !ok || math.Abs(r.Wear-want) > 1e-6 || math.Abs(r.Noise-0.2/math.Log(10)) > 1e-6 {
			t.Errorf("%v kOhm is %+v, want %v", value, r, want)
		}
	}
	if r, ok := table.Measured(s.Component, predict.At{Time: day(3)}, 0, "kOhm"); ok {
		t.Errorf("no resistance at all is %+v: want no reading", r)
	}
}

// Every fault of a row is named with its field.
func TestTableRefusesRows(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		field string
		spoil func(s *predict.Spec)
	}{
		"an id with a blank":          {"component", func(s *predict.Spec) { s.Component = "oil drain" }},
		"no Chinese":                  {"name.zh", func(s *predict.Spec) { s.Name.ZH = "" }},
		"a powertrain of steam":       {"powertrains", func(s *predict.Spec) { s.Powertrains = []vehicle.Powertrain{"steam"} }},
		"a rate of zero":              {"prior.rate_per_1000_km", func(s *predict.Spec) { s.RatePer1000Km = 0 }},
		"no spread":                   {"prior.rate_cv", func(s *predict.Spec) { s.RateCV = math.NaN() }},
		"a life without a length":     {"life.km", func(s *predict.Spec) { s.Life.Shape = 2 }},
		"amber beyond red":            {"limits", func(s *predict.Spec) { s.Amber = 1.2 }},
		"stop below red":              {"limits.stop", func(s *predict.Spec) { s.Stop = 0.5 }},
		"a safety class of its own":   {"safety", func(s *predict.Spec) { s.Safety = "dangerous" }},
		"a signal nobody knows":       {"sensor.signals", func(s *predict.Spec) { s.Sensor.Signals = []vehicle.Signal{"Vehicle.Oil.Drain"} }},
		"a signal that is a text":     {"sensor.signals", func(s *predict.Spec) { s.Sensor.Signals = []vehicle.Signal{vehicle.Brand} }},
		"a position as wear":          {"sensor.signals", func(s *predict.Spec) { s.Sensor.Signals = []vehicle.Signal{"Vehicle.CurrentLocation.Altitude"} }},
		"new and limit the same":      {"sensor", func(s *predict.Spec) { s.Sensor.Scale.New = 80 }},
		"noise of nothing":            {"sensor.noise", func(s *predict.Spec) { s.Sensor.Scale.Noise = 0 }},
		"a value of the day unknown":  {"sensor.daily", func(s *predict.Spec) { s.Sensor.Daily = "median" }},
		"a form nobody knows":         {"prior.forms", func(s *predict.Spec) { s.Forms = []string{"linear", "wavy 3"} }},
		"forms beside a shape":        {"prior.forms", func(s *predict.Spec) { s.Forms, s.Shape = []string{"linear"}, 2 }},
		"work without hours":          {"job.hours", func(s *predict.Spec) { s.Job.HoursMin = 0 }},
		"a part without a count":      {"job.quantity", func(s *predict.Spec) { s.Job.Part = lang.Text{EN: "Drain", ZH: "放油装置"} }},
		"a name that oil has":         {"reset_by", func(s *predict.Spec) { s.ResetBy = []string{"Oil change"} }},
		"renews what there is not":    {"renews", func(s *predict.Spec) { s.Renews = []predict.Component{"flux_capacitor"} }},
		"nothing that makes it due":   {"plan", func(s *predict.Spec) { s.Sensor = predict.Sensor{} }},
		"a plan of a thousand months": {"plan.months", func(s *predict.Spec) { s.PlanMonths = 1000 }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := drain()
			c.spoil(&s)
			_, err := predict.Standard().With(s)
			var fault *predict.RowError
			if !errors.As(err, &fault) || fault.Component != s.Component || !strings.Contains(err.Error(), ": "+c.field+": ") {
				t.Errorf("got %v, want a fault of %s", err, c.field)
			}
		})
	}
	oil, _ := predict.Standard().Of(predict.EngineOil)
	oil.ResetBy = append(oil.ResetBy, "coolant change")
	if _, err := predict.Standard().With(oil); err == nil || !strings.Contains(err.Error(), "engine_oil: reset_by") {
		t.Errorf("oil that takes a name of coolant: %v", err)
	}
	if _, err := predict.Standard().With(drain(), drain()); err == nil || !strings.Contains(err.Error(), "there twice") {
		t.Errorf("the same row twice: %v", err)
	}
}

// A part that only some cars have is not spoken of before it is seen, and work that
// renews another part opens a new path of that, too.
func TestOptionalPartsAndWhatIsRenewedWithThem(t *testing.T) {
	t.Parallel()
	table, err := predict.Standard().With(drain())
	if err != nil {
		t.Fatal(err)
	}
	in := known()
	in.Table = table
	if f, ok := predict.ForecastOf(in, "oil_drain"); ok {
		t.Errorf("nobody has seen a drain: %+v", f)
	}
	in.Services = append(in.Services, predict.Service{Component: "oil_drain", Time: day(390), OdometerKm: 45000, Failed: true})
	drain, ok := predict.ForecastOf(in, "oil_drain")
	if !ok || drain.ServicedAt != day(390) {
		t.Errorf("the drain: %+v, %v", drain, ok)
	}
	if oil, _ := predict.ForecastOf(in, predict.EngineOil); oil.ServicedAt != day(390) {
		t.Errorf("oil was renewed on %v, want the day of the drain", oil.ServicedAt)
	}
	if !strings.Contains(drain.Model, "+parts-") {
		t.Errorf("model %q does not name the table", drain.Model)
	}
}

// A form by its name is the form.
func TestFormsByName(t *testing.T) {
	t.Parallel()
	forecast := func(spoil func(s *predict.Spec)) predict.Forecast {
		pads, _ := predict.Standard().Of(predict.BrakePadsFront)
		spoil(&pads)
		table, err := predict.Standard().With(pads)
		if err != nil {
			t.Fatal(err)
		}
		in := known()
		in.Table, in.Readings = table, in.Readings[:8] // too few to tell the forms apart
		f, _ := predict.ForecastOf(in, predict.BrakePadsFront)
		f.Model = ""
		return f
	}
	shaped := forecast(func(s *predict.Spec) { s.Shape = 3 })
	named := forecast(func(s *predict.Spec) { s.Forms = []string{"power 3"} })
	if diff := cmp.Diff(shaped, named, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("shape 3 (-) and the form power 3 (+):\n%s", diff)
	}
	both := forecast(func(s *predict.Spec) { s.Forms = []string{"linear", "power 1.3"} })
	if even := forecast(func(*predict.Spec) {}); both.Due.P50.Equal(even.Due.P50) || both.Due.P50.Equal(shaped.Due.P50) {
		t.Errorf("of two forms %v, even %v, shape 3 %v: want something else than of one", both.Due.P50, even.Due.P50, shaped.Due.P50)
	}
}

// A Weibull life becomes the lognormal law with the same mean and spread of the log.
func TestLifeIsItsPrior(t *testing.T) {
	t.Parallel()
	s := drain()
	s.Sensor, s.RatePer1000Km, s.RateCV, s.Life = predict.Sensor{}, 0, 0, predict.Life{Shape: 2.5, Km: 200000}
	table, err := predict.Standard().With(s)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := table.Of(s.Component)
	var sum, squares float64
	const n = 200000
	for i := range n { // quantiles of the Weibull law
		x := math.Log(200 * math.Pow(-math.Log(1-(float64(i)+0.5)/n), 1/2.5))
		sum, squares = sum+x/n, squares+x*x/n
	}
	if mean := -math.Log(got.RatePer1000Km); math.Abs(mean-sum) > 1e-3 {
		t.Errorf("mean log-life %v, want %v", mean, sum)
	}
	if v := math.Log1p(got.RateCV * got.RateCV); math.Abs(v-(squares-sum*sum)) > 1e-3 {
		t.Errorf("variance of the log-life %v, want %v", v, squares-sum*sum)
	}
}
