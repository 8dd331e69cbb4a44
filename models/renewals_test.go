package models_test

import (
	"testing"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Work that renews a part along with another ends its life, and so does oil that is filled up whole: a forecast from
// before has no outcome, and one from after is of the part that is on.
func TestALifeEndsWithWhatRenewsIt(t *testing.T) {
	t.Parallel()
	in := predict.Input{Powertrain: vehicle.Petrol, Now: days(900), Services: []predict.Service{
		{Component: part, Time: days(100), OdometerKm: 4000},
		{Component: "brake_discs_front", Time: days(400), OdometerKm: 16_000, Failed: true},
		{Component: predict.EngineOil, Time: days(500), OdometerKm: 20_000, TopUp: true, Litres: 50},
		{Component: predict.EngineOil, Time: days(600), OdometerKm: 24_000, TopUp: true, Litres: 1},
	}}
	lives := models.LivesOf(in, []predict.Component{part, predict.EngineOil})
	var ends []float64
	for _, l := range lives {
		if l.Failed {
			t.Errorf("the discs had failed, not what was renewed along with them: %+v", l)
		}
		if !l.End.IsZero() {
			ends = append(ends, l.End.Sub(days(0)).Hours()/24)
		}
	}
	if len(ends) != 3 || ends[0] != 100 || ends[1] != 400 || ends[2] != 500 {
		t.Errorf("lives ended on days %v, want 100, 400 and 500", ends)
	}
	taken := models.Take(nil, "V", []predict.Forecast{forecast("serviced-"+days(100).Format("2006-01-02"), 390, 480)})
	if out := models.Resolve(taken, lives[:3], in.Now)[0].Outcome; out.State != models.Censored {
		t.Errorf("pads that were renewed with the discs before their time: %+v", out)
	}
	for _, c := range []predict.Component{part, predict.EngineOil} {
		f, ok := predict.ForecastOf(in, c)
		if last := models.LivesOf(in, []predict.Component{c}); !ok || f.Cycle != "serviced-"+last[len(last)-1].From.Format("2006-01-02") {
			t.Errorf("%s: the forecast is of cycle %s, the life began on %s", c, f.Cycle, last[len(last)-1].From)
		}
	}
}
