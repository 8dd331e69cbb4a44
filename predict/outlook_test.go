package predict_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The chance to fail by a date is that of the forecast: 0.1, 0.5 and 0.9 on its dates, rising in
// between, of parts that are measured and that are not, calibrated or not.
func TestChanceByADate(t *testing.T) {
	t.Parallel()
	layer := &conformal.Layer{Bins: []conformal.Stretch{{Down: 1.4, Up: 0.7, Middle: 0.2}}}
	calibrated := known()
	calibrated.Prior = predict.Prior{Version: "v", Components: map[predict.Component]predict.LifePrior{
		predict.BrakePadsFront: {RatePer1000Km: 0.03, CV: 0.3, Units: 50, SensedLayer: layer},
		predict.EngineOil:      {RatePer1000Km: 0.08, CV: 0.3, Units: 50, Layer: layer},
	}}
	for name, in := range map[string]predict.Input{"expert": known(), "calibrated": calibrated} {
		o := predict.OutlookOf(in)
		for _, f := range predict.Forecasts(in) {
			before, known := o.ChanceBy(f.Component, in.Now)
			if known == f.Limit.P50.IsZero() {
				t.Fatalf("%s, %s: a chance is known: %v, and dates %+v", name, f.Component, known, f.Limit)
			}
			if !known {
				continue
			}
			for d := 10; d < 3000; d += 10 {
				chance, _ := o.ChanceBy(f.Component, in.Now.AddDate(0, 0, d))
				if !(chance >= before-0.002 && chance <= 1) {
					t.Fatalf("%s, %s: chance %.6f after %d days, %.6f before", name, f.Component, chance, d, before)
				}
				before = chance
			}
			horizon := in.Now.AddDate(25, 0, 0)
			for want, at := range map[float64]predict.Dates{0.1: {P50: f.Limit.P10}, 0.5: {P50: f.Limit.P50}, 0.9: {P50: f.Limit.P90}} {
				if !at.P50.After(in.Now) || at.P50.After(horizon) {
					continue
				}
				if got, _ := o.ChanceBy(f.Component, at.P50); math.Abs(got-want) > 0.02 {
					t.Errorf("%s, %s: chance %.3f by the date of %.1f", name, f.Component, got, want)
				}
			}
		}
	}
	if chance, ok := predict.OutlookOf(known()).ChanceBy(predict.TractionBattery, day(900)); ok {
		t.Errorf("a petrol car's traction battery fails with a chance of %v", chance)
	}
}

// Memory that is given back twice is not used twice.
func TestDoneTwiceIsDoneOnce(t *testing.T) {
	in, short := known(), known()
	short.Days, short.Readings, short.Now = in.Days[:100], in.Readings[:40], day(100)
	want := predict.Fresh(in, predict.BrakePadsFront)
	o := predict.OutlookOf(short)
	o.Done()
	o.Done()
	a, b := predict.OutlookOf(in), predict.OutlookOf(short)
	got, _ := a.Forecast(predict.BrakePadsFront)
	b.Forecast(predict.BrakePadsFront)
	if got.Wear != want.Wear || got.Limit != want.Limit {
		t.Errorf("beside another vehicle %+v, alone %+v", got.Wear, want.Wear)
	}
}

// Of a used vehicle without a history nobody knows which parts are those of delivery. Those that nothing but their life
// tells of have a law all the same: that part, or another that took its place.
func TestAUsedVehicleHasALawOfEveryLife(t *testing.T) {
	t.Parallel()
	for _, km := range []float64{80_000, 160_000} {
		in := predict.Input{Powertrain: vehicle.Petrol, InService: day(-2200), Now: day(100)}
		in.Days = drive(100, func(int) float64 { return 40 })
		for i := range in.Days {
			in.Days[i].OdometerKm += km - 10_000
		}
		o := predict.OutlookOf(in)
		for _, c := range []predict.Component{"alternator", "water_pump", "ignition_coils"} {
			f, ok := o.Forecast(c)
			if !ok || f.Limit.P50.IsZero() || f.LimitKm.P90 < km {
				t.Errorf("%s at %.0f km: limit %v, %v km", c, km, f.Limit, f.LimitKm)
				continue
			}
			soon, _ := o.ChanceBy(c, day(200))
			late, known := o.ChanceBy(c, day(1900))
			if !known || !(soon > 0.001 && late > soon && late < 1) {
				t.Errorf("%s at %.0f km: chance of %.3f within 100 days, and of %.3f within five years", c, km, soon, late)
			}
		}
		o.Done()
	}
}
