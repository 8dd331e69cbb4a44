package predict_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// fuse is a part that nobody looks at, which goes by the date alone: its clock is known, so
// that dates can be worked out by hand.
func fuse(t *testing.T, life predict.Life) *predict.Table {
	t.Helper()
	return predict.TableOf(predict.Spec{Component: "fuse", Life: life, CalendarShare: 1, Safety: predict.SafetyComfort})
}

const clockPerDay = 15.0 / 365.25 // 1,000 km at 15,000 a year

// fused is a vehicle whose fuses last these days each, the last one still on; it is watched
// from a day on.
func fused(n int, p vehicle.Powertrain, from, until int, lives ...float64) predict.Input {
	in := predict.Input{
		VIN: vehicle.VIN(fmt.Sprintf("WVWZZZ1KZAW%06d", n)), Powertrain: p, InService: day(0), Now: day(until), Table: nil,
	}
	for i := from; i < until; i++ {
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: 40 * float64(i+1), DistanceKm: 40, AirTempC: 12})
	}
	at := 0.0
	for _, l := range lives {
		if at += l; at >= float64(until) {
			break
		}
		when := day(0).Add(time.Duration(at * 24 * float64(time.Hour)))
		if at > float64(from) { // of what was before nobody knows
			in.Services = append(in.Services, predict.Service{Component: "fuse", Time: when, OdometerKm: 40 * at, Failed: true})
		}
	}
	return in
}

// What a row says is what is forecast: the law of this Weibull life, given that the part
// has lasted until now.
func TestALifeIsForecastByItsWeibullLaw(t *testing.T) {
	t.Parallel()
	for _, shape := range []float64{1, 2, 3.5} {
		in := fused(1, vehicle.Petrol, 0, 900)
		in.Table = fuse(t, predict.Life{Shape: shape, Km: 80_000})
		f, ok := predict.ForecastOf(in, "fuse")
		if !ok {
			t.Fatal("no forecast")
		}
		law := survival.Weibull{Shape: shape, LogScale: math.Log(80)}
		now := 900 * clockPerDay
		for p, at := range map[float64]time.Time{0.1: f.Limit.P10, 0.5: f.Limit.P50, 0.9: f.Limit.P90} {
			want := math.Min(law.Ahead(p, now, nil)/clockPerDay, 30*365.25)
			if got := at.Sub(in.Now).Hours() / 24; math.Abs(got-want) > 2 {
				t.Errorf("shape %g: P%.0f is %.1f days ahead, want %.1f", shape, 100*p, got, want)
			}
		}
		if want := fmt.Sprintf("(Weibull, shape %g)", shape); !strings.Contains(f.Reason.EN, want) || f.Explanation.Prior.Law.EN == "" {
			t.Errorf("the reason does not name the law: %s", f.Reason.EN)
		}
	}
}

// Cars are first seen when they are old, with the part of delivery still in: those whose part
// had failed before look like cars of which nothing is known. What is learned is the
// law of all parts all the same, and what kinds of car differ by.
func TestLivesThatWereOldWhenFirstSeen(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	table := fuse(t, predict.Life{Shape: 3, Km: 60_000})
	var paths []predict.FleetPath
	const median = 1100.0 // days, of petrol cars; diesels 30 % longer
	for n := range 500 {
		p, kind := vehicle.Petrol, 1.0
		if n%2 == 1 {
			p, kind = vehicle.Diesel, 1.3
		}
		from := int(900 * rng.Float64())
		own := kind * median * math.Exp(0.2*rng.NormFloat64())
		lives := []float64{own * math.Exp(0.15*rng.NormFloat64()), own * math.Exp(0.15*rng.NormFloat64())}
		if lives[0] < float64(from) {
			continue // the part in it is another, and nobody knows how old
		}
		in := fused(n, p, from, from+900, lives...)
		in.Table = table
		paths = append(paths, predict.PathsOf(in)...)
	}
	prior := predict.LearnPrior(table, paths)
	for p, kind := range map[vehicle.Powertrain]float64{vehicle.Petrol: 1, vehicle.Diesel: 1.3} {
		in := fused(9000, p, 0, 1)
		in.Table, in.Prior = table, prior
		f, _ := predict.ForecastOf(in, "fuse")
		if got, want := f.Limit.P50.Sub(day(0)).Hours()/24, kind*median; math.Abs(math.Log(got/want)) > 0.08 {
			t.Errorf("%s: half of the parts are put at %.0f days, truth %.0f", p, got, want)
		}
	}
}

// A car is first seen when the part of delivery is older than most become: within the plan,
// and without a record. It may be another one, put in when nobody watched; the interval
// holds what it says of cars whose parts were renewed when they failed.
func TestThePartOfDeliveryMayBeAnother(t *testing.T) {
	t.Parallel()
	table := predict.TableOf(predict.Spec{Component: "fuse", Life: predict.Life{Shape: 3, Km: 30_000}, CalendarShare: 1, PlanMonths: 60, Safety: predict.SafetyComfort})
	rng := rand.New(rand.NewPCG(8, 8))
	const from = 1000 // days; half of the parts fail by 646
	in := fused(1, vehicle.Petrol, from, from+1)
	in.Table = table
	f, _ := predict.ForecastOf(in, "fuse")
	low, high := f.Limit.P10.Sub(day(from)).Hours()/24, f.Limit.P90.Sub(day(from)).Hours()/24
	inside, all := 0, 4000
	for range all {
		at := 0.0
		for at < from {
			at += 30 / clockPerDay * math.Pow(rng.ExpFloat64(), 1.0/3)
		}
		if left := at - from; left >= low && left <= high {
			inside++
		}
	}
	if share := float64(inside) / float64(all); share < 0.72 || share > 0.88 {
		t.Errorf("P10 to P90 is %.0f to %.0f days and holds %.2f of the truth, want 0.8", low, high, share)
	}
}

// A version that a fleet taught before there were laws of lives is loaded, and forecasts the
// lognormal life that its rate says.
func TestOldVersionsStillForecast(t *testing.T) {
	t.Parallel()
	var prior predict.Prior
	old := `{"Version": "fleet-old", "Components": {"fuse": {"RatePer1000Km": 0.02, "CV": 0.3, "Units": 12}}}`
	if err := json.Unmarshal([]byte(old), &prior); err != nil {
		t.Fatal(err)
	}
	in := fused(1, vehicle.Petrol, 0, 30)
	in.Table, in.Prior = fuse(t, predict.Life{Shape: 2, Km: 80_000}), prior
	f, _ := predict.ForecastOf(in, "fuse")
	sd := math.Sqrt(math.Log1p(0.3 * 0.3))
	for z, at := range map[float64]time.Time{-1.2816: f.Limit.P10, 0: f.Limit.P50, 1.2816: f.Limit.P90} {
		want := 50 * math.Exp(z*sd) / clockPerDay
		if got := at.Sub(day(0)).Hours() / 24; math.Abs(got/want-1) > 0.01 {
			t.Errorf("at %.1f standard deviations: day %.0f, want %.0f", z, got, want)
		}
	}
	if !strings.Contains(f.Reason.EN, "lognormal") {
		t.Errorf("the reason does not name the law: %s", f.Reason.EN)
	}
}
