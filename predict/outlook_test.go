package predict_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
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
