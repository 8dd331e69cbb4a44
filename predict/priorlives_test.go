package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
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
	var paths, failures []predict.FleetPath
	for seed := range uint64(150) {
		in, _ := wornOil(seed, median, cv)
		for _, p := range predict.PathsOf(in) {
			paths = append(paths, p)
			if !p.Lasting {
				failures = append(failures, p)
			}
		}
	}
	// At 40 km a day the clock of oil runs at 0.75 of the distance and a quarter of
	// the calendar's 41 km a day.
	want := 1 / (0.75*median/1000 + 0.25*median/40*15000/365.25/1000)
	learned := predict.LearnPrior(paths).Components[predict.EngineOil]
	if off := math.Abs(math.Log(learned.RatePer1000Km / want)); off > 0.05 {
		t.Errorf("median rate %.4f per 1,000 km, truth %.4f", learned.RatePer1000Km, want)
	}
	if learned.CV < 0.18 || learned.CV > 0.33 {
		t.Errorf("the rates differ by a CV of %.2f, truth %.2f", learned.CV, cv)
	}
	if learned.Units < 300 || len(failures) == len(paths) {
		t.Errorf("%d failures of %d lives, %d of them counted", len(failures), len(paths), learned.Units)
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
