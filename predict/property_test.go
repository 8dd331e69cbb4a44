package predict_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// anyHistory draws a history as it may arrive: gaps, faults, values that are
// not numbers, services without an odometer, data from after now.
func anyHistory(t *rapid.T) predict.Input {
	fault := rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), -5, 0, 1e12})
	draw := func(low, high float64, name string) float64 {
		if rapid.IntRange(0, 30).Draw(t, name+" faulty") == 0 {
			return fault.Draw(t, name)
		}
		return rapid.Float64Range(low, high).Draw(t, name)
	}
	in := predict.Input{
		VIN: "WVWZZZ1JZXW000001", Now: day(rapid.IntRange(0, 900).Draw(t, "now")).Add(7 * time.Hour),
		Powertrain: rapid.SampledFrom([]vehicle.Powertrain{
			vehicle.PowertrainUnknown, vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric,
		}).Draw(t, "powertrain"),
	}
	if rapid.Bool().Draw(t, "in service known") {
		in.InService = day(rapid.IntRange(-4000, 100).Draw(t, "in service"))
	}
	at, km := 0, rapid.Float64Range(1, 200000).Draw(t, "start km")
	for range rapid.IntRange(0, 60).Draw(t, "days") {
		at += rapid.IntRange(1, 20).Draw(t, "gap")
		d := draw(0, 300, "distance")
		if rapid.IntRange(0, 9).Draw(t, "silent") == 0 {
			begin, from := at, km
			at += rapid.IntRange(10, 200).Draw(t, "silence")
			d = draw(300, 20000, "gone in silence")
			for range rapid.IntRange(0, 3).Draw(t, "told in silence") {
				in.Told = append(in.Told, predict.At{Time: day(rapid.IntRange(begin, at).Draw(t, "told in silence on")), OdometerKm: from + draw(0, 20000, "told in silence at")})
			}
		}
		if d > 0 && d <= 20000 {
			km += d
		}
		told := predict.Day{Day: vehicle.DayOf(day(at)), OdometerKm: draw(km, km+1, "odometer"), DistanceKm: d, AirTempC: draw(-30, 40, "air")}
		if rapid.Bool().Draw(t, "work told") {
			told.EngineTurns, told.OilStress, told.BrakingWork = draw(0, 5e5, "turns"), draw(0, 2e6, "oil stress"), draw(0, 5e4, "braking")
			told.SlipAlong, told.SlipAcross = draw(0, 300, "slip along"), draw(0, 300, "slip across")
			told.DischargeKWh, told.FastChargeKWh = draw(0, 80, "discharge"), draw(0, 80, "fast charge")
			told.HotHours, told.PackC = draw(0, 24, "hot"), draw(-20, 60, "pack")
		}
		in.Days = append(in.Days, told)
	}
	specs := predict.Standard().Specs()
	component := func() predict.Component {
		if i := rapid.IntRange(0, len(specs)).Draw(t, "component"); i < len(specs) {
			return specs[i].Component
		}
		return "unheard_of"
	}
	for range rapid.IntRange(0, 40).Draw(t, "readings") {
		r := predict.Reading{
			Component: component(), Time: day(rapid.IntRange(-50, 900).Draw(t, "read")).Add(12 * time.Hour),
			OdometerKm: draw(0, 300000, "read at"), Wear: draw(-0.3, 1.5, "wear"), Noise: draw(0, 0.4, "noise"), Source: predict.FromWorkshop,
		}
		switch rapid.IntRange(0, 4).Draw(t, "kind of reading") {
		case 1:
			r.Source, r.Span = predict.FromPadSensor, time.Duration(rapid.IntRange(0, 7).Draw(t, "span"))*24*time.Hour
		case 2:
			r.Source, r.Places = predict.FromTyreSensor, [2]float64{draw(-0.3, 1.5, "front"), draw(-0.3, 1.5, "rear")}
		case 3:
			r.Source, r.Bound = predict.FromPadSensor, true
		case 4:
			r.Source, r.AtLeast = predict.FromOilSensor, true
		}
		in.Readings = append(in.Readings, r)
	}
	for range rapid.IntRange(0, 8).Draw(t, "services") {
		in.Services = append(in.Services, predict.Service{
			Component: component(), Time: day(rapid.IntRange(-2000, 900).Draw(t, "serviced")), OdometerKm: draw(0, 300000, "serviced at"),
			Failed: rapid.Bool().Draw(t, "failed"), TopUp: rapid.Bool().Draw(t, "topped up"), Litres: draw(0, 5, "litres"),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "told") {
		in.Told = append(in.Told, predict.At{Time: day(rapid.IntRange(-50, 900).Draw(t, "told on")), OdometerKm: draw(0, 300000, "told")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "kept") {
		in.Kept = append(in.Kept, predict.Kept{Component: component(), Time: day(rapid.IntRange(-50, 900).Draw(t, "kept until"))})
	}
	if rapid.Bool().Draw(t, "fleet prior") {
		in.Prior = predict.Prior{Version: "fleet-x", Components: map[predict.Component]predict.LifePrior{
			component(): {
				RatePer1000Km: draw(0.001, 0.2, "rate"), CV: draw(0.05, 1.5, "cv"), Units: 9, PerLogKm: draw(-1, 1, "per log km"), LogKmCentre: 3.6,
				OfClass: true, Groups: map[string]float64{"powertrain petrol": draw(-1, 1, "group")},
			},
		}, Usage: predict.UsagePrior{KmPerDay: draw(1, 200, "use"), CV: draw(0.1, 1, "use cv")}}
	}
	return in
}

func TestForecastsHoldTheirPromisesOnAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyHistory(t)
		outlook := predict.OutlookOf(in)
		for _, f := range predict.Forecasts(in) {
			if limit, ok := outlook.Limit(f.Component); !ok || limit != f.Limit {
				t.Errorf("%s: the limit alone is %v, of the forecast %v", f.Component, limit, f.Limit)
			}
			if _, err := json.Marshal(f); err != nil {
				t.Fatalf("%s: not finite: %v\n%+v", f.Component, err, f)
			}
			for name, q := range map[string]predict.Quantiles{"wear": f.Wear, "due km": f.DueKm, "limit km": f.LimitKm} {
				if !(0 <= q.P10 && q.P10 <= q.P50 && q.P50 <= q.P90) {
					t.Errorf("%s: %s not in order: %v", f.Component, name, q)
				}
			}
			for _, d := range []predict.Dates{f.Due, f.Limit} {
				if d.P50.Before(d.P10) || d.P90.Before(d.P50) || !d.P10.IsZero() && d.P10.Before(in.Now) {
					t.Errorf("%s: dates not in order, or before now %v: %v", f.Component, in.Now, d)
				}
			}
			if early := f.State == predict.TooEarly; early != f.Due.P10.IsZero() || early != f.Due.P90.IsZero() || early && f.DueKm != (predict.Quantiles{}) {
				t.Errorf("%s: state %s with dates %v", f.Component, f.State, f.Due)
			}
			if f.State != predict.TooEarly && f.Due.P10.Before(in.Now) {
				t.Errorf("%s: due %v, before now %v", f.Component, f.Due.P10, in.Now)
			}
			if f.OverdueSince.After(in.Now) || !f.OverdueSince.IsZero() && !f.Due.P50.Equal(in.Now) {
				t.Errorf("%s: overdue since %v, due %v, now %v", f.Component, f.OverdueSince, f.Due.P50, in.Now)
			}
			if f.Reason.EN == "" || f.Reason.ZH == "" || f.Model == "" || f.Cycle == "" {
				t.Errorf("%s: no reason, model or cycle: %+v", f.Component, f)
			}
			if q := f.Question; q != nil && (!(q.Chance >= 0 && q.Chance <= 1) || q.By.Before(q.Since) || q.By.After(in.Now)) {
				t.Errorf("%s: asks %+v", f.Component, q)
			}
			if f.RatePer1000Km <= 0 || f.KmPerDay <= 0 {
				t.Errorf("%s: rate %v, use %v", f.Component, f.RatePer1000Km, f.KmPerDay)
			}
		}
	})
}

func TestOrderAndRepetitionOfTheInputDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyHistory(t)
		want := predict.Forecasts(in)
		other := in
		other.Days = shuffled(t, append(slices.Clone(in.Days), in.Days...))
		other.Readings = shuffled(t, append(slices.Clone(in.Readings), in.Readings...))
		other.Services = shuffled(t, append(slices.Clone(in.Services), in.Services...))
		other.Told = shuffled(t, append(slices.Clone(in.Told), in.Told...))
		other.Kept = shuffled(t, append(slices.Clone(in.Kept), in.Kept...))
		before, _ := json.Marshal(slices.Clone(other.Services))
		got := predict.Forecasts(other)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("another order of the same facts (-want +got):\n%s", diff)
		}
		after, _ := json.Marshal(other.Services)
		if string(before) != string(after) {
			t.Fatal("the input was changed")
		}
	})
}

func shuffled[T any](t *rapid.T, s []T) []T {
	if len(s) == 0 {
		return s
	}
	return rapid.Permutation(s).Draw(t, "order")
}

// Two vehicles alike but for the wear that is read of them: the more worn is
// not due later.
func TestMoreWearIsNotLater(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		perDay := rapid.Float64Range(10, 150).Draw(t, "km per day")
		per1000 := rapid.Float64Range(0.005, 0.05).Draw(t, "wear per 1,000 km")
		more := rapid.Float64Range(1.02, 1.6).Draw(t, "how much more")
		jitter := rapid.SliceOfN(rapid.Float64Range(-0.01, 0.01), 12, 12).Draw(t, "jitter")
		due := func(factor float64) predict.Forecast {
			in := predict.Input{
				Powertrain: vehicle.Petrol, Now: day(200), Days: steady(200, 20000, perDay),
				Services: []predict.Service{{Component: predict.BrakePadsFront, Time: day(0), OdometerKm: 20000}},
			}
			for i, j := range jitter {
				n := 15 * (i + 1)
				in.Readings = append(in.Readings, predict.Reading{
					Component: predict.BrakePadsFront, Time: day(n), OdometerKm: 20000 + perDay*float64(n),
					Wear: factor*per1000*perDay*float64(n)/1000 + j, Noise: 0.012, // the error of the sensor is not worn
				})
			}
			return only(predict.Forecasts(in), predict.BrakePadsFront)
		}
		less, worse := due(1), due(more)
		if worse.Wear.P50 < less.Wear.P50 {
			t.Errorf("wear %.3f of readings %.0f %% higher than those of %.3f", worse.Wear.P50, 100*(more-1), less.Wear.P50)
		}
		if less.State != predict.TooEarly && worse.State != predict.TooEarly && worse.Due.P50.After(less.Due.P50) {
			t.Errorf("due %v with more wear, %v with less", worse.Due.P50, less.Due.P50)
		}
	})
}

func TestPathIsFiniteOrderedAndMeetsTheForecast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := anyHistory(t)
		for _, s := range predict.Standard().Specs() {
			points := predict.Path(in, s.Component, 365)
			if _, err := json.Marshal(points); err != nil {
				t.Fatalf("%s: %v", s.Component, err)
			}
			for i, p := range points {
				if q := p.Wear; q.P10 < 0 || q.P50 < q.P10 || q.P90 < q.P50 {
					t.Errorf("%s: wear not in order: %v", s.Component, q)
				}
				if i > 0 && p.Time.Before(points[i-1].Time) {
					t.Errorf("%s: time runs back at %v", s.Component, p.Time)
				}
				if !(p.Chance >= 0 && p.Chance <= 1) || !p.Future && p.Chance > 0 && p.Time.Before(in.Now) || i > 0 && p.Chance < points[i-1].Chance-1e-9 {
					t.Errorf("%s: chance %v on %v", s.Component, p.Chance, p.Time)
				}
				if p.Future != p.Time.After(in.Now) {
					t.Errorf("%s: %v is marked future=%v", s.Component, p.Time, p.Future)
				}
			}
		}
	})
}
