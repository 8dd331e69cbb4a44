package predict_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// oiled is a car with an oil sensor, changed on day 10; its oil wears 0.4 % a day. From day
// 100 on a share of the wear is gone.
func oiled(until int, share float64, services ...predict.Service) predict.Input {
	in := predict.Input{VIN: "WVWZZZ1KZAW000001", Powertrain: vehicle.Petrol, InService: day(0), Now: day(until)}
	in.Services = append([]predict.Service{{Component: predict.EngineOil, Time: day(10).Add(9 * time.Hour), OdometerKm: 400, RecordID: "change"}}, services...)
	rng := rand.New(rand.NewPCG(3, 3))
	wear := 0.0
	for i := range until {
		km := 40 * float64(i+1)
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: km, DistanceKm: 40, AirTempC: 12})
		if i <= 10 {
			continue
		}
		if wear += 0.004; i == 100 {
			wear *= 1 - share
		}
		if i%7 == 5 {
			in.Readings = append(in.Readings, predict.Reading{
				Component: predict.EngineOil, Time: day(i).Add(18 * time.Hour), OdometerKm: km,
				Wear: wear + 0.01*rng.NormFloat64(), Noise: 0.02, Source: predict.FromOilSensor,
			})
		}
	}
	return in
}

func filled(litres float64) predict.Service {
	return predict.Service{Component: predict.EngineOil, Time: day(100).Add(12 * time.Hour), OdometerKm: 4040, TopUp: true, Litres: litres, RecordID: "fill"}
}

func oilOf(t *testing.T, in predict.Input) predict.Forecast {
	t.Helper()
	f, ok := predict.ForecastOf(in, predict.EngineOil)
	if !ok {
		t.Fatal("a petrol car without oil")
	}
	return f
}

// Of 4.5 litres 1.8 are 40 %: so much of the wear is gone, the part is the same one, and the
// reason says so. Readings that agree do not look strange.
func TestATopUpTakesItsShareOfTheWear(t *testing.T) {
	t.Parallel()
	before, after := oilOf(t, oiled(100, 0)), oilOf(t, oiled(101, 0, filled(1.8)))
	if got, want := after.Wear.P50, 0.6*before.Wear.P50; got < want-0.03 || got > want+0.03 {
		t.Errorf("wear is %.3f after %.3f, want %.3f", got, before.Wear.P50, want)
	}
	if after.Cycle != before.Cycle || after.Due.P50.Before(before.Due.P50) {
		t.Errorf("cycle %s, due %s; before %s, %s", after.Cycle, after.Due.P50, before.Cycle, before.Due.P50)
	}
	for text, want := range map[string]string{after.Reason.EN: "The top-up of 1.8 l on 11 Apr 2025 counts for about 40 % of the fill.", after.Reason.ZH: "2025年4月11日的补加（1.8 升）约相当于更新 40 %。"} {
		if !strings.Contains(text, want) {
			t.Errorf("the reason does not say %q: %s", want, text)
		}
	}
	later := oilOf(t, oiled(140, 0.4, filled(1.8)))
	if later.Explanation.Readings.Outliers > 0 || strings.Contains(later.Reason.EN, "nobody recorded") {
		t.Errorf("readings after a recorded top-up look strange: %s", later.Reason.EN)
	}
}

// Without a record the readings show it: after a few of them it is believed, and until then
// asked about. It is taken neither for a renewal nor for outliers.
func TestATopUpWithoutARecordShows(t *testing.T) {
	t.Parallel()
	recorded, silent := oilOf(t, oiled(150, 0.4, filled(1.8))), oilOf(t, oiled(150, 0.4))
	if silent.Cycle != recorded.Cycle {
		t.Errorf("a top-up was taken for a renewal: cycle %s", silent.Cycle)
	}
	if d := silent.Limit.P50.Sub(recorded.Limit.P50).Abs(); d > 15*24*time.Hour {
		t.Errorf("without a record the limit is %s away", d)
	}
	if !strings.Contains(silent.Reason.EN, "show a top-up that nobody recorded") || !strings.Contains(silent.Reason.ZH, "未登记的补加") {
		t.Errorf("the reason does not say so: %s %s", silent.Reason.EN, silent.Reason.ZH)
	}
	asked := false
	for n := 101; n < 130; n++ {
		asked = asked || strings.Contains(oilOf(t, oiled(n, 0.4)).Reason.EN, "looks like a top-up that nobody recorded")
	}
	if !asked {
		t.Error("it was never asked about")
	}
	changed := oilOf(t, oiled(150, 1))
	if !strings.HasPrefix(changed.Cycle, "seen-") {
		t.Errorf("a change without a record was taken for something else: %s, %s", changed.Cycle, changed.Reason.EN)
	}
	clean := oilOf(t, oiled(150, 0))
	if strings.Contains(clean.Reason.EN, "nobody recorded") {
		t.Errorf("a top-up was seen where there was none: %s", clean.Reason.EN)
	}
}

// Next to nothing changes next to nothing, a whole fill is a renewal, and what is told in
// another order, or twice, is the same; pads cannot be filled up.
func TestTopUpsAtTheirEnds(t *testing.T) {
	t.Parallel()
	none, little := oilOf(t, oiled(130, 0)), oilOf(t, oiled(130, 0, filled(1e-6)))
	if d := little.Limit.P50.Sub(none.Limit.P50).Abs(); d > time.Hour {
		t.Errorf("a drop moved the limit by %s", d)
	}
	renewal := filled(0)
	renewal.TopUp = false
	if diff := cmp.Diff(oilOf(t, oiled(150, 1, renewal)), oilOf(t, oiled(150, 1, filled(4.5)))); diff != "" {
		t.Errorf("a whole fill is no renewal (-renewal +fill):\n%s", diff)
	}
	more := predict.Service{Component: predict.EngineOil, Time: day(60).Add(8 * time.Hour), TopUp: true, RecordID: "unknown amount"}
	in := oiled(140, 0.4, filled(1.8), more)
	want := oilOf(t, in)
	in.Services = []predict.Service{filled(1.8), more, more, in.Services[0], filled(1.8)}
	if diff := cmp.Diff(want, oilOf(t, in)); diff != "" {
		t.Errorf("another order is another forecast:\n%s", diff)
	}
	pads := oiled(140, 0)
	without, _ := predict.ForecastOf(pads, predict.BrakePadsFront)
	pads.Services = append(pads.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(50), TopUp: true})
	if with, _ := predict.ForecastOf(pads, predict.BrakePadsFront); cmp.Diff(without, with) != "" {
		t.Errorf("pads were filled up:\n%s", cmp.Diff(without, with))
	}
}

// Oil that nobody looks at gets younger, too: half of it new is half of its age. The plan
// stays as it is.
func TestATopUpMakesOilYounger(t *testing.T) {
	t.Parallel()
	limit := func(services ...predict.Service) predict.Forecast {
		in := oiled(130, 0, services...)
		in.Readings = nil
		return oilOf(t, in)
	}
	without, with, unknown := limit(), limit(filled(2.25)), limit(filled(0))
	gained := with.Limit.P50.Sub(without.Limit.P50).Hours() / 24
	if gained < 25 || gained > 60 { // 90 days old, half of it, less what had been survived already
		t.Errorf("half a fill puts the limit off by %.0f days", gained)
	}
	if !unknown.Limit.P50.After(without.Limit.P50) || !unknown.Limit.P50.Before(with.Limit.P50) {
		t.Errorf("an unknown amount puts the limit at %s, none at %s, half at %s", unknown.Limit.P50, without.Limit.P50, with.Limit.P50)
	}
	if !with.Due.P50.Equal(without.Due.P50) {
		t.Errorf("a top-up moved the plan from %s to %s", without.Due.P50, with.Due.P50)
	}
	if want := fmt.Sprintf("The top-up of %s on", "an amount that nobody told"); !strings.Contains(unknown.Reason.EN, want) {
		t.Errorf("the reason does not say %q: %s", want, unknown.Reason.EN)
	}
}
