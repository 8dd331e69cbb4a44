package predict_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// rated is a fleet of front pads: log-rates around a centre, with errors, and an
// effect of use.
func rated(n int, centre, spread, se, perLogKm float64) []predict.FleetPath {
	rng := rand.New(rand.NewPCG(11, uint64(n)))
	var paths []predict.FleetPath
	for i := range n {
		logKm := 3.6 + 0.5*rng.NormFloat64()
		paths = append(paths, predict.FleetPath{
			VIN: vehicle.VIN(string(rune('A' + i%26))), Component: predict.BrakePadsFront, Complete: i%2 == 0, Readings: 20,
			LogRate:   math.Log(centre) + perLogKm*(logKm-3.6) + math.Hypot(spread, se)*rng.NormFloat64(),
			LogRateSE: se, KmPerDay: math.Exp(logKm), AirTempC: math.NaN(),
		})
	}
	return paths
}

func TestTheFleetTeachesItsOwnRateAndSpread(t *testing.T) {
	t.Parallel()
	got := predict.LearnPrior(nil, rated(400, 0.03, 0.25, 0.3, 0)).Components[predict.BrakePadsFront]
	if math.Abs(got.RatePer1000Km/0.03-1) > 0.08 {
		t.Errorf("rate %.4f, want about 0.030", got.RatePer1000Km)
	}
	// The errors of the single fits (0.3) must not be taken for differences
	// between vehicles (0.25): together they would be 0.39.
	if got.CV < 0.18 || got.CV > 0.33 {
		t.Errorf("spread %.3f, want about 0.25", got.CV)
	}
	if got.Units != 200 {
		t.Errorf("%d complete paths, want 200", got.Units)
	}
}

// How much of the spread is between the parts of a vehicle is learned, apart from the errors of single fits.
func TestTheFleetTeachesHowAlikePartsOfAVehicleAre(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64][2]float64{0: {0, 0.08}, 0.5: {0.4, 0.6}, 1: {0.85, 1}} {
		rng := rand.New(rand.NewPCG(5, 5))
		var paths []predict.FleetPath
		for vehicles := range 120 {
			own := math.Sqrt(1-share) * 0.3 * rng.NormFloat64()
			for range 3 {
				paths = append(paths, predict.FleetPath{
					VIN: vehicle.VIN(fmt.Sprintf("V%03d", vehicles)), Component: predict.BrakePadsFront, Complete: true, Readings: 20,
					LogRate:   math.Log(0.03) + own + math.Sqrt(share)*0.3*rng.NormFloat64() + 0.1*rng.NormFloat64(),
					LogRateSE: 0.1, KmPerDay: 40, AirTempC: math.NaN(),
				})
			}
		}
		if got := predict.LearnPrior(nil, paths).Components[predict.BrakePadsFront].PartShare; got < want[0] || got > want[1] {
			t.Errorf("share of parts %g: learned %.3f, want %g to %g", share, got, want[0], want[1])
		}
	}
}

func TestUseExplainsTheRateOnlyWhereItDoes(t *testing.T) {
	t.Parallel()
	with := predict.LearnPrior(nil, rated(200, 0.02, 0.2, 0.1, -0.5)).Components[predict.BrakePadsFront]
	if math.Abs(with.PerLogKm+0.5) > 0.12 || with.CV > 0.3 {
		t.Errorf("effect %.3f with spread %.3f, want -0.5 and about 0.2", with.PerLogKm, with.CV)
	}
	same := rated(200, 0.02, 0.2, 0.1, 0)
	for i := range same {
		same[i].KmPerDay = 40 // a fleet of taxis: nothing to learn of use
	}
	if got := predict.LearnPrior(nil, same).Components[predict.BrakePadsFront]; got.PerLogKm != 0 {
		t.Errorf("effect %.3f of a use that does not vary", got.PerLogKm)
	}
}

func TestAFewPathsLeaveTheExpertsPrior(t *testing.T) {
	t.Parallel()
	if got := predict.LearnPrior(nil, rated(8, 0.05, 0.1, 0.1, 0)); len(got.Components) != 0 {
		t.Errorf("4 complete paths taught %+v", got.Components)
	}
	if got := predict.LearnPrior(nil, nil); got.Version != "" {
		t.Errorf("nothing has version %q", got.Version)
	}
}

func TestThePriorsVersionNamesItsContent(t *testing.T) {
	t.Parallel()
	paths := rated(60, 0.03, 0.3, 0.1, 0)
	want := predict.LearnPrior(nil, paths)
	turned := slices.Clone(paths)
	slices.Reverse(turned)
	if diff := cmp.Diff(want, predict.LearnPrior(nil, turned)); diff != "" {
		t.Errorf("another order of the paths (-want +got):\n%s", diff)
	}
	paths[7].LogRate += 0.01
	if other := predict.LearnPrior(nil, paths); other.Version == want.Version || want.Version == "" {
		t.Errorf("another content has the version %q, the first had %q", other.Version, want.Version)
	}
	in := known()
	in.Prior = want
	if f := only(predict.Forecasts(in), predict.BrakePadsFront); f.Model != "paths-15/"+want.Version {
		t.Errorf("the forecast names %q", f.Model)
	}
}

// From vehicles to the prior: the paths of a simulated fleet give its rate, and
// a fleet that wears fast moves the forecast of a car that nobody has measured.
func TestPathsOfVehiclesTeachTheFleet(t *testing.T) {
	t.Parallel()
	var paths []predict.FleetPath
	for seed := range 60 {
		w := wear(uint64(seed), 900, 900)
		w.in.VIN = vehicle.VIN(string(rune('a' + seed)))
		if n := len(w.in.Days); n > 10 && !w.limitAt.IsZero() {
			w.in.Services = append(w.in.Services, predict.Service{Component: predict.BrakePadsFront, Time: w.limitAt})
			w.in.Readings = slices.DeleteFunc(w.in.Readings, func(r predict.Reading) bool { return r.Time.After(w.limitAt) })
		}
		paths = append(paths, predict.PathsOf(w.in)...)
	}
	got, ok := predict.LearnPrior(nil, paths).Components[predict.BrakePadsFront]
	if !ok {
		t.Fatalf("%d paths taught nothing", len(paths))
	}
	// The truth is lognormal around 0.018 with sigma 0.45, roads on top (mean 1.06).
	if got.RatePer1000Km < 0.015 || got.RatePer1000Km > 0.024 || got.CV < 0.3 || got.CV > 0.65 {
		t.Errorf("learned %.4f with CV %.2f from %d paths", got.RatePer1000Km, got.CV, len(paths))
	}
}
