package predict_test

import (
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// An oil sensor that shows a fill 8 % too worn stops at 0 % before the fill is spent. From there on
// wear goes on at its pace, and the fill is known to have failed beyond the end of the scale.
func TestASensorAtTheEndOfItsScale(t *testing.T) {
	t.Parallel()
	const life = 250 // days
	history := func(stops bool) predict.Input {
		in := predict.Input{VIN: "LSJE36096MS140495", Powertrain: vehicle.Petrol, InService: day(-800), Now: day(life)}
		in.Services = []predict.Service{{Component: predict.EngineOil, Time: day(0), OdometerKm: 32_000}}
		for i := range life {
			km := 32_000 + 40*float64(i+1)
			in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: km, DistanceKm: 40, AirTempC: 12})
			if i%7 != 6 {
				continue
			}
			r, _ := predict.OilCondition(predict.At{Time: day(i).Add(22 * time.Hour), OdometerKm: km}, 3, max(100-108*float64(i+1)/life, 0))
			r.AtLeast = r.AtLeast && stops
			in.Readings = append(in.Readings, r)
		}
		return in
	}
	stops, reads := history(true), history(false)
	wear, pulled := only(predict.Forecasts(stops), predict.EngineOil).Wear.P50, only(predict.Forecasts(reads), predict.EngineOil).Wear.P50
	if wear < 1.04 || wear > 1.12 || pulled > wear-0.02 {
		t.Errorf("shown at the end of its life: %.3f, want 1.08; as readings %.3f", wear, pulled)
	}
	failedAt := func(in predict.Input) float64 {
		in.Services = append(in.Services, predict.Service{Component: predict.EngineOil, Time: day(life), OdometerKm: 42_000, Failed: true})
		in.Now = day(life + 30)
		for _, f := range predict.PathsOf(in) {
			if f.Component == predict.EngineOil && f.Readings > 0 && f.Failed {
				return f.FailedAt
			}
		}
		return 0
	}
	if at, read := failedAt(stops), failedAt(reads); at < 1.07 || at > 1.09 || read > 1.07 {
		t.Errorf("failed at %.3f, want 1.08; as readings at %.3f", at, read)
	}
}
