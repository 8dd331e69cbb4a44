package predict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Where both limit and plan were passed, the forecast rests on what was passed first, and its reason says so.
func TestTheReasonNamesWhatWasPassedFirst(t *testing.T) {
	t.Parallel()
	in := predict.Input{Days: drive(360, func(int) float64 { return 30 }), Powertrain: vehicle.Petrol, Now: day(360), Services: []predict.Service{
		{Component: predict.EngineOil, Time: day(-10), OdometerKm: 9990},
	}}
	for i := 0; i < 360; i += 7 {
		r, _ := predict.OilCondition(predict.At{Time: day(i)}, 3, max(100-float64(i)/2.7, 1))
		in.Readings = append(in.Readings, r)
	}
	f, ok := predict.ForecastOf(in, predict.EngineOil)
	if !ok || f.Basis != predict.ByWear || !strings.Contains(f.Reason.EN, "The limit was passed") || f.OverdueSince.After(day(345)) {
		t.Errorf("worn out by day 340 and planned for day 355: by %s since %v: %s", f.Basis, f.OverdueSince, f.Reason.EN)
	}
}

// How far a vehicle has gone since a plan's date is not told where nothing was heard since then.
func TestNoDistanceSinceThatNobodyKnows(t *testing.T) {
	t.Parallel()
	in := predict.Input{Days: drive(100, func(int) float64 { return 30 }), Powertrain: vehicle.Petrol, Now: day(400), Services: []predict.Service{
		{Component: predict.BrakeFluid, Time: day(-400), OdometerKm: 1000},
	}}
	f, _ := predict.ForecastOf(in, predict.BrakeFluid)
	if f.State != predict.Stale || f.OverdueSince.IsZero() || strings.Contains(f.Reason.EN, "km ago") || strings.Contains(f.Reason.ZH, "已多行驶") {
		t.Errorf("%s, overdue since %v: %s %s", f.State, f.OverdueSince, f.Reason.EN, f.Reason.ZH)
	}
}

// New tyres are as young as they are, whatever the age of the vehicle.
func TestNewTyresAreYoung(t *testing.T) {
	t.Parallel()
	in := predict.Input{Days: drive(100, func(int) float64 { return 30 }), Powertrain: vehicle.Petrol, InService: day(-4000), Now: day(100), Services: []predict.Service{
		{Component: predict.Tyres, Time: day(50), OdometerKm: 11_500},
	}}
	f, ok := predict.ForecastOf(in, "tyre_age")
	if !ok || !f.OverdueSince.IsZero() || f.Due.P50.Before(day(50).AddDate(5, 0, 0)) {
		t.Errorf("tyres fitted on day 50 are due for their age on %v: %s", f.Due.P50.Format(time.DateOnly), f.Reason.EN)
	}
}

// What a workshop reads off a voltmeter or a battery's management is no sensor of the vehicle.
func TestWorkshopsAreNoSensors(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		of    predict.Component
		value float64
		unit  string
	}{{predict.Battery12V, 12.5, "V"}, {predict.TractionBattery, 88, "percent"}} {
		if r, ok := predict.Standard().Measured(m.of, predict.At{Time: day(1)}, m.value, m.unit); !ok || r.Sensed() {
			t.Errorf("%s: %+v", m.of, r)
		}
	}
}
