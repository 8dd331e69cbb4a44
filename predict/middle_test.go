package predict_test

import (
	"math"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
)

// Where half of the outcomes come before the middle of the law, the middle of the forecast is
// there: as far towards P10 or P90 as calibration says, and between them.
func TestTheMiddleIsCalibrated(t *testing.T) {
	t.Parallel()
	w := wear(3, 400, 2400)
	at := func(middle float64) (days, km float64) {
		in := w.in
		layer := &conformal.Layer{Bins: []conformal.Stretch{{Down: 1, Up: 1, Middle: middle}}}
		in.Prior = predict.Prior{Components: map[predict.Component]predict.LifePrior{
			predict.BrakePadsFront: {RatePer1000Km: 0.018, CV: 0.4, Units: 50, Layer: layer, SensedLayer: layer},
		}}
		f := only(predict.Forecasts(in), predict.BrakePadsFront)
		if f.Limit.P10.After(f.Limit.P50) || f.Limit.P50.After(f.Limit.P90) || f.LimitKm.P10 > f.LimitKm.P50 || f.LimitKm.P50 > f.LimitKm.P90 {
			t.Errorf("middle at %v: %v, %v", middle, f.Limit, f.LimitKm)
		}
		low, mid, high := f.Limit.P10.Sub(in.Now).Hours(), f.Limit.P50.Sub(in.Now).Hours(), f.Limit.P90.Sub(in.Now).Hours()
		return math.Log(mid/low) / math.Log(high/low), math.Log(f.LimitKm.P50 - w.in.Days[len(w.in.Days)-1].OdometerKm)
	}
	as, asKm := at(0)
	early, earlyKm := at(-0.3)
	late, lateKm := at(0.3)
	if math.Abs(as-early-0.15) > 0.02 || math.Abs(late-as-0.15) > 0.02 {
		t.Errorf("of the way from P10 to P90 %.3f, %.3f and %.3f; want 0.15 apart", early, as, late)
	}
	if earlyKm >= asKm || lateKm <= asKm {
		t.Errorf("log km %.3f, %.3f, %.3f", earlyKm, asKm, lateKm)
	}
	if past, _ := at(-5); past < 0 || past > 1 {
		t.Errorf("a middle beyond P10 lies at %.3f", past)
	}
}

// A middle that is calibrated lies where a border would that is put there, also in the bent law
// of a part that is old and that nobody has looked at.
func TestTheMiddleIsSoughtInTheLaw(t *testing.T) {
	t.Parallel()
	w := wear(3, 400, 2400)
	at := func(s conformal.Stretch) predict.Forecast {
		in := w.in
		in.Readings = nil
		in.Prior = predict.Prior{Components: map[predict.Component]predict.LifePrior{
			predict.BrakePadsFront: {RatePer1000Km: 0.018, CV: 0.4, Units: 50, Layer: &conformal.Layer{Bins: []conformal.Stretch{s}}},
		}}
		return only(predict.Forecasts(in), predict.BrakePadsFront)
	}
	for _, middle := range []float64{-0.6, 0.6} {
		border := at(conformal.Stretch{Down: 0.6, Up: 0.6}).Limit
		want := border.P90
		if middle < 0 {
			want = border.P10
		}
		moved := at(conformal.Stretch{Down: 1, Up: 1, Middle: middle})
		ahead, wanted := moved.Limit.P50.Sub(moved.Now).Hours()/24, want.Sub(moved.Now).Hours()/24
		if !(wanted > 1) || math.Abs(ahead/wanted-1) > 0.003 {
			t.Errorf("middle at %v: %.2f days ahead, a border there %.2f", middle, ahead, wanted)
		}
	}
}

// The band goes from what the readings say today to the limit on the days of the forecast.
func TestTheBandComesToTheDatesOfTheForecast(t *testing.T) {
	t.Parallel()
	var plain predict.Quantiles
	for _, stretch := range []conformal.Stretch{{Down: 1, Up: 1}, {Down: 1, Up: 1, Middle: -0.8}, {Down: 2, Up: 2, Middle: 0.8}, {Down: 0.2, Up: 0.3}} {
		in := wear(3, 400, 2400).in
		layer := &conformal.Layer{Bins: []conformal.Stretch{stretch}}
		in.Prior = predict.Prior{Components: map[predict.Component]predict.LifePrior{
			predict.BrakePadsFront: {RatePer1000Km: 0.018, CV: 0.4, Units: 50, Layer: layer, SensedLayer: layer},
		}}
		at := func(days int) (last predict.Quantiles) {
			for _, p := range predict.Path(in, predict.BrakePadsFront, days) {
				last = p.Wear
			}
			return last
		}
		f := only(predict.Forecasts(in), predict.BrakePadsFront)
		on := func(due time.Time) predict.Quantiles { return at(int(due.Sub(in.Now).Hours()/24 + 0.5)) }
		for name, end := range map[string]float64{"P10": on(f.Limit.P10).P90, "P50": on(f.Limit.P50).P50, "P90": on(f.Limit.P90).P10} {
			if math.Abs(end-1) > 0.01 {
				t.Errorf("%v: wear %.3f on the day of %s", stretch, end, name)
			}
		}
		soon := at(3)
		if plain == (predict.Quantiles{}) {
			plain = soon
		}
		if math.Abs(soon.P10-plain.P10)+math.Abs(soon.P50-plain.P50)+math.Abs(soon.P90-plain.P90) > 0.004 {
			t.Errorf("%v: wear %.4f in three days, %.4f without it", stretch, soon, plain)
		}
	}
}
