package predict_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// wornOil is a car that drives evenly and has its oil changed when it is spent, at a
// pace of its own; every third change comes early, and nobody says more of it.
func wornOil(seed uint64, medianKm, cv float64) (in predict.Input, lifeKm float64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	lifeKm = medianKm * math.Exp(math.Sqrt(math.Log1p(cv*cv))*rng.NormFloat64())
	const days, perDay = 1500, 40.0
	in = predict.Input{VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", seed)), Powertrain: vehicle.Petrol, InService: day(0), Now: day(days)}
	for i := range days {
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: perDay * float64(i+1), DistanceKm: perDay, AirTempC: 12})
	}
	for n, km := 1, 0.0; ; n++ {
		early := n%3 == 0
		run := lifeKm
		if early {
			run *= 0.3 + 0.6*rng.Float64()
		}
		if km += run; km > days*perDay {
			return in, lifeKm
		}
		in.Services = append(in.Services, predict.Service{
			Component: predict.EngineOil, Time: day(int(km / perDay)).Add(12 * time.Hour), OdometerKm: km, Failed: !early,
		})
	}
}

// Lives that ended early, or go on, must not make the fleet's lives look short.
func TestLivesThatGoOnAreCensored(t *testing.T) {
	t.Parallel()
	const median, cv = 12_000.0, 0.25
	var paths []predict.FleetPath
	for seed := range uint64(150) {
		in, _ := wornOil(seed, median, cv)
		paths = append(paths, predict.PathsOf(in)...)
	}
	// At 40 km a day the clock of oil runs at 0.75 of the distance and a quarter of
	// the calendar's 41 km a day.
	want := 1 / (0.75*median/1000 + 0.25*median/40*15000/365.25/1000)
	learned := predict.LearnPrior(nil, paths).Components[predict.EngineOil]
	if off := math.Abs(math.Log(learned.RatePer1000Km / want)); off > 0.05 {
		t.Errorf("median rate %.4f per 1,000 km, truth %.4f", learned.RatePer1000Km, want)
	}
	if learned.CV < 0.18 || learned.CV > 0.33 {
		t.Errorf("the rates differ by a CV of %.2f, truth %.2f", learned.CV, cv)
	}
	if learned.Units < 300 || learned.Units >= len(paths) {
		t.Errorf("%d failures of %d lives", learned.Units, len(paths))
	}
	// Lives of one car are alike, and cars differ lognormally: no law of all lives together
	// says that, one whose scale is the vehicle's own does.
	life := learned.Life
	if life == nil || life.Share > 0.5 || life.Lognormal.Shape < 10 || math.Abs(life.Lognormal.Between-0.246) > 0.04 {
		t.Errorf("the law of lives is %+v, want parts that last alike and 0.25 between vehicles", life)
	}
}

// Two lives that ended in failure say more of the next one than the fleet does.
func TestAFailureTeachesThePaceOfTheVehicle(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		in, lifeKm := wornOil(1000+seed, 12_000, 0.35)
		n := len(in.Services)
		if n < 3 {
			continue
		}
		// Just after the second change; the two before it were at the limit.
		second := in.Services[1]
		in.Now = second.Time.AddDate(0, 0, 2)
		f, ok := predict.ForecastOf(in, predict.EngineOil)
		if !ok {
			t.Fatal("a petrol car without oil")
		}
		if f.Limit.P50.Before(f.Limit.P10) || f.Limit.P90.Before(f.Limit.P50) || f.LimitKm.P10 > f.LimitKm.P50 || f.LimitKm.P50 > f.LimitKm.P90 {
			t.Fatalf("seed %d: quantiles out of order: %+v %+v", seed, f.Limit, f.LimitKm)
		}
		if got, want := f.LimitKm.P50-second.OdometerKm, lifeKm; math.Abs(math.Log(got/want)) > 0.25 {
			t.Errorf("seed %d: the next life is put at %.0f km, the last two were %.0f", seed, got, want)
		}
		if f.Basis == predict.ByWear {
			t.Errorf("seed %d: wear that nobody measured moved the plan's date", seed)
		}
	}
}

// wornPads is a car whose front pads are run to 1.3 of the limit of practice, with
// readings every week.
func wornPads(seed uint64, until int) predict.Input {
	rng := rand.New(rand.NewPCG(seed, 5))
	life := 400 * math.Exp(0.3*rng.NormFloat64()) // days to 1.3
	in := predict.Input{VIN: vehicle.VIN(fmt.Sprintf("LSJE36096MS%06d", seed)), Powertrain: vehicle.Petrol, InService: day(0), Now: day(until)}
	worn := 0.0
	for i := range until {
		km := 40 * float64(i+1)
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: km, DistanceKm: 40, AirTempC: 12})
		if worn += 1.3 / life; worn >= 1.3 {
			worn = 0
			in.Services = append(in.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(i).Add(9 * time.Hour), OdometerKm: km, Failed: true})
		} else if i%7 == 0 {
			in.Readings = append(in.Readings, predict.Reading{
				Component: predict.BrakePadsFront, Time: day(i).Add(18 * time.Hour), OdometerKm: km,
				Wear: worn + 0.02*rng.NormFloat64(), Noise: 0.02, Source: predict.FromPadSensor,
			})
		}
	}
	return in
}

// Parts that are run past the limit of practice show where they fail in fact: the
// date of failure moves, and the date on which practice renews them stays.
func TestTheFleetTeachesWherePartsFail(t *testing.T) {
	t.Parallel()
	var paths []predict.FleetPath
	for seed := range uint64(30) {
		paths = append(paths, predict.PathsOf(wornPads(seed, 900))...)
	}
	prior := predict.LearnPrior(nil, paths)
	learned := prior.Components[predict.BrakePadsFront]
	if learned.FailsAt < 1.2 || learned.FailsAt > 1.32 {
		t.Fatalf("parts fail at %.2f, truth 1.3", learned.FailsAt)
	}
	in := wornPads(500, 200)
	before, _ := predict.ForecastOf(in, predict.BrakePadsFront)
	in.Prior = prior
	after, _ := predict.ForecastOf(in, predict.BrakePadsFront)
	if d := after.Due.P50.Sub(before.Due.P50).Abs(); d > 10*24*time.Hour {
		t.Errorf("the date of practice moved by %s", d)
	}
	left := func(f predict.Forecast, at time.Time) float64 { return at.Sub(f.Now).Hours() }
	toDue := left(after, after.Due.P50) / (1 - after.Wear.P50)
	if ratio := left(after, after.Limit.P50) / toDue / (learned.FailsAt - after.Wear.P50); ratio < 0.9 || ratio > 1.1 {
		t.Errorf("due %s, limit %s at wear %.2f: the limit is not at %.2f", after.Due.P50.Format(time.DateOnly), after.Limit.P50.Format(time.DateOnly), after.Wear.P50, learned.FailsAt)
	}
}

// Fluids take up water faster where the air is moist: how long they last is learned for each place, and
// vehicles of one place differ by less than all.
func TestLivesAreThoseOfThePlace(t *testing.T) {
	t.Parallel()
	median := map[string]float64{"Europe/Madrid": 15_000, "Asia/Shanghai": 9_000}
	var paths []predict.FleetPath
	for zone, km := range median {
		for seed := range uint64(80) {
			in, _ := wornOil(seed+uint64(km), km, 0.15)
			in.TimeZone = zone
			paths = append(paths, predict.PathsOf(in)...)
		}
	}
	slices.SortStableFunc(paths, func(a, b predict.FleetPath) int { return cmp.Compare(a.VIN, b.VIN) })
	prior := predict.LearnPrior(nil, paths)
	if life := prior.Components[predict.EngineOil].Life; life == nil || life.Share > 0.5 || life.Lognormal.Between > 0.2 {
		t.Errorf("the law of lives is %+v, want 0.15 between vehicles of one place", life)
	} else {
		for g := range life.Lognormal.Groups { // all of each zone is of one climate
			if strings.HasPrefix(g, "climate ") {
				t.Errorf("%s says what its zone says", g)
			}
		}
	}
	for zone, km := range median {
		in, _ := wornOil(999, km, 0.15)
		in.TimeZone, in.Now, in.Services, in.Prior = zone, day(30), nil, prior
		f, ok := predict.ForecastOf(in, predict.EngineOil)
		if !ok {
			t.Fatal("a petrol car without oil")
		}
		if off := f.LimitKm.P50 / km; off < 0.85 || off > 1.15 {
			t.Errorf("%s: the first oil is put at %.0f km, half of those of its place last %.0f", zone, f.LimitKm.P50, km)
		}
	}
}
