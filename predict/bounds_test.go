package predict_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// Of the weeks in which a gauge stood still the last one says all: what was bounded has come
// with the next step, and is not counted against the wear a second time.
func TestOnlyTheNewestBoundCounts(t *testing.T) {
	t.Parallel()
	w := wear(3, 400, 2400)
	day := func(d int) time.Time { return w.in.Now.AddDate(0, 0, d) }
	edge := func(d int, percent float64) predict.Reading {
		return predict.Reading{Component: predict.BrakePadsFront, Time: day(d), Wear: percent / 100, Noise: 0.01, Source: predict.FromPadSensor}
	}
	bound := func(d int, percent float64) predict.Reading {
		r := edge(d, percent)
		r.Bound = true
		return r
	}
	var visits []predict.Service
	said := func(more ...predict.Reading) predict.Forecast {
		in := w.in
		in.Readings = append([]predict.Reading{edge(-120, 40), edge(-80, 45), edge(-40, 50)}, more...)
		in.Services = append(in.Services, visits...)
		return only(predict.Forecasts(in), predict.BrakePadsFront)
	}
	plain, one := said(), said(bound(-2, 55))
	if one.Wear.P50 >= plain.Wear.P50 {
		t.Errorf("a step that has not come: wear %v, without knowing that %v", one.Wear, plain.Wear)
	}
	if all := said(bound(-78, 50), bound(-71, 50), bound(-64, 50), bound(-57, 50), bound(-20, 55), bound(-9, 55), bound(-2, 55)); all.Wear != one.Wear || !reflect.DeepEqual(all.Limit, one.Limit) {
		t.Errorf("with the bounds before it %v to %v, with the newest alone %v to %v", all.Wear, all.Limit, one.Wear, one.Limit)
	}
	// What bounded the part that came out tells how fast this vehicle wears the next one.
	visits = []predict.Service{{Component: predict.BrakePadsFront, Time: day(-1)}}
	if with, without := said(bound(-2, 55)), said(); with.RatePer1000Km >= without.RatePer1000Km {
		t.Errorf("after a renewal %.5f per 1,000 km with the bound before it, %.5f without", with.RatePer1000Km, without.RatePer1000Km)
	}
}
