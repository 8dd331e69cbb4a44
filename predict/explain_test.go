package predict_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// A forecast says which readings, which prior and which term it rests on, and the
// more the vehicle has shown, the less comes from the prior.
func TestForecastsExplainThemselves(t *testing.T) {
	t.Parallel()
	start := time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)
	in := predict.Input{
		VIN: "LSVAA4182E2184150", Powertrain: vehicle.Petrol, InService: start, Now: start.AddDate(1, 0, 0),
		Prior: predict.Prior{Version: "fleet-1", Components: map[predict.Component]predict.LifePrior{
			predict.BrakePadsFront: {RatePer1000Km: 0.02, CV: 0.5, Units: 12},
		}},
	}
	for d := range 365 {
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(start) + vehicle.Day(d), OdometerKm: float64(d+1) * 40, DistanceKm: 40})
	}
	explained := func(readings int) predict.Explanation {
		in.Readings = nil
		for i := range readings {
			at := start.AddDate(0, 0, 7*(i+1))
			km := 40 * 7 * float64(i+1)
			in.Readings = append(in.Readings, predict.Reading{
				Component: predict.BrakePadsFront, Time: at, OdometerKm: km, Wear: 0.03 * km / 1000, Noise: 0.03, Source: predict.FromPadSensor,
			})
		}
		f, ok := predict.ForecastOf(in, predict.BrakePadsFront)
		if !ok {
			t.Fatal("no forecast")
		}
		return f.Explanation
	}
	none, some, many := explained(0), explained(10), explained(45)
	if none.OwnRate != 0 || some.OwnRate <= 0.2 || many.OwnRate <= some.OwnRate || many.OwnRate > 1 {
		t.Errorf("share of the vehicle: %v, %v, %v of the rate, must grow", none.OwnRate, some.OwnRate, many.OwnRate)
	}
	if many.OwnUse <= 0.3 || many.OwnUse > 1 {
		t.Errorf("share of the vehicle in its use: %v", many.OwnUse)
	}
	r := many.Readings
	if r.Count != 45 || !r.From.Equal(start.AddDate(0, 0, 7)) || !r.To.Equal(start.AddDate(0, 0, 315)) || r.Last <= r.First || r.Source != predict.FromPadSensor {
		t.Errorf("readings: %+v", r)
	}
	if p := many.Prior; p.Version != "fleet-1" || p.Units != 12 || p.RatePer1000Km != 0.02 || !(p.Spread > 0.4 && p.Spread < 0.5) || p.KmPerDay <= 0 {
		t.Errorf("prior: %+v", p)
	}
	if !(many.Rate.P10 < 0.03 && many.Rate.P90 > 0.028 && many.Rate.P50 > 0.025) {
		t.Errorf("rate: %+v, is 0.03", many.Rate)
	}
	if len(many.Terms) != 1 || many.Terms[0].Basis != predict.ByWear || !many.Terms[0].Due.P50.After(in.Now) {
		t.Errorf("terms: %+v", many.Terms)
	}
	if many.RateMoves >= -30 || none.RateMoves != 0 { // it wears half as fast again as the fleet
		t.Errorf("its rate moves the date by %.0f days, and by %.0f without a reading", many.RateMoves, none.RateMoves)
	}
	if many.UseMoves >= 0 { // 40 km a day, and not 35
		t.Errorf("its use moves the date by %.0f days", many.UseMoves)
	}
	oil, ok := predict.ForecastOf(in, predict.EngineOil)
	if !ok || len(oil.Explanation.Terms) != 2 || oil.Explanation.Terms[0].Basis != predict.ByDistance || oil.Explanation.Terms[1].Basis != predict.ByDate {
		t.Fatalf("terms of the oil: %+v", oil.Explanation.Terms)
	}
	if oil.Explanation.RateMoves != 0 {
		t.Errorf("a rate moves a date of the plan by %.0f days", oil.Explanation.RateMoves)
	}
	if oil.Explanation.Readings.Count != 0 || !oil.Explanation.Readings.From.IsZero() {
		t.Errorf("readings of what is not measured: %+v", oil.Explanation.Readings)
	}
}

func TestPriorVersion(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{"paths-1/fleet-1": "fleet-1", "paths-1/expert-1+parts-00": "expert-1", "": ""} {
		if got := predict.PriorVersion(model); got != want {
			t.Errorf("%q rests on %q, want %q", model, got, want)
		}
	}
}
