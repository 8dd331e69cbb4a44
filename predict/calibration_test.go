package predict_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// On a fleet whose law the model does not know, the 80 % interval must hold
// about 80 % of the truth, in days and in km, and the date must beat the one
// that the fleet's mean life gives.
func TestForecastsAreCalibrated(t *testing.T) {
	t.Parallel()
	vehicles, least := 1200, 150
	if testing.Short() {
		vehicles, least = 300, 30
	}
	type score struct{ n, inDays, inKm, early int }
	var all score
	var miss, missTable float64
	bins := map[string]*score{"under 60 days": {}, "60-180 days": {}, "over 180 days": {}}
	for seed := range vehicles {
		const seen = 400
		w := wear(uint64(seed), seen, 2400)
		if w.limitAt.IsZero() || !w.limitAt.After(w.in.Now) {
			continue
		}
		f := only(predict.Forecasts(w.in), predict.BrakePadsFront)
		if f.State != predict.Known {
			all.early++
			continue
		}
		left := w.limitAt.Sub(w.in.Now).Hours() / 24
		bin := bins["over 180 days"]
		if left < 60 {
			bin = bins["under 60 days"]
		} else if left < 180 {
			bin = bins["60-180 days"]
		}
		for _, s := range []*score{&all, bin} {
			s.n++
			if !w.limitAt.Before(f.Due.P10) && !w.limitAt.After(f.Due.P90) {
				s.inDays++
			}
			if w.limitKm >= f.DueKm.P10 && w.limitKm <= f.DueKm.P90 {
				s.inKm++
			}
		}
		miss += math.Abs(f.Due.P50.Sub(w.limitAt).Hours()) / 24
		missTable += math.Abs((1000/0.018-38*400)/38 - left)
	}
	share := func(k, n int) float64 { return float64(k) / float64(max(n, 1)) }
	for name, s := range bins {
		t.Logf("%-14s n=%4d  in the 80 %% interval: date %.3f, km %.3f", name, s.n, share(s.inDays, s.n), share(s.inKm, s.n))
	}
	t.Logf("all            n=%4d  in the 80 %% interval: date %.3f, km %.3f; too early %d; MAE %.0f days, mean life %.0f days",
		all.n, share(all.inDays, all.n), share(all.inKm, all.n), all.early, miss/float64(all.n), missTable/float64(all.n))
	if all.n < least {
		t.Fatalf("only %d forecasts to judge", all.n)
	}
	for name, got := range map[string]float64{"date": share(all.inDays, all.n), "km": share(all.inKm, all.n)} {
		if got < 0.65 || got > 0.95 {
			t.Errorf("the 80 %% interval in %s holds %.3f of the truth, want 0.65 to 0.95", name, got)
		}
	}
	if miss > 0.7*missTable {
		t.Errorf("mean error %.0f days, no better than the mean life's %.0f", miss/float64(all.n), missTable/float64(all.n))
	}
}

// Kilometres become dates by way of the use: its interval must hold too.
func TestProjectedUseIsCalibrated(t *testing.T) {
	t.Parallel()
	vehicles := 800
	if testing.Short() {
		vehicles = 250
	}
	const seen = 300
	for _, ahead := range []int{30, 90, 365} {
		held := 0
		for seed := range vehicles {
			w := wear(uint64(seed), seen, seen+ahead)
			q := predict.UsageOf(w.in).Odometer(day(seen + ahead))
			if truth := w.km[seen+ahead-1]; truth >= q.P10 && truth <= q.P90 {
				held++
			}
		}
		share := float64(held) / float64(vehicles)
		t.Logf("odometer %3d days ahead: in the 80 %% interval %.3f", ahead, share)
		if share < 0.65 || share > 0.95 {
			t.Errorf("the 80 %% interval %d days ahead holds %.3f of the truth, want 0.65 to 0.95", ahead, share)
		}
	}
}

// A battery fails along a curve that is not the model's: a slow loss with a late
// knee. Some months before, the forecast must have a date, and about the right one.
func TestABatteryWithAKneeIsSeenComing(t *testing.T) {
	t.Parallel()
	vehicles := 200
	if testing.Short() {
		vehicles = 50
	}
	for _, c := range []struct{ atLife, maxMissDays float64 }{{0.85, 60}, {0.95, 40}} {
		dated, held, miss := 0, 0, 0.0
		for seed := range vehicles {
			in, life := knee(uint64(seed), c.atLife)
			f := only(predict.Forecasts(in), predict.Battery12V)
			if f.State != predict.Known {
				continue
			}
			dated++
			if !life.Before(f.Due.P10) && !life.After(f.Due.P90) {
				held++
			}
			miss += math.Abs(f.Due.P50.Sub(life).Hours()) / 24
		}
		n := float64(max(dated, 1))
		t.Logf("at %.2f of life: %d of %d dated, in the 80 %% interval %.3f, MAE %.0f days", c.atLife, dated, vehicles, float64(held)/n, miss/n)
		if 10*dated < 9*vehicles || float64(held)/n < 0.65 || miss/n > c.maxMissDays {
			t.Errorf("at %.2f of life: %d of %d dated, %.3f held, mean error %.0f days", c.atLife, dated, vehicles, float64(held)/n, miss/n)
		}
	}
}

// knee is the last 18 months of a car whose battery lives about four and a half
// years, cut at a share of that life.
func knee(seed uint64, share float64) (predict.Input, time.Time) {
	rng := rand.New(rand.NewPCG(seed, 3))
	life := 1650 * math.Exp(0.3*rng.NormFloat64()) // days
	use := 38 * math.Exp(0.45*rng.NormFloat64())
	seen := int(share * life)
	in := predict.Input{Powertrain: vehicle.Petrol, InService: day(0), Now: day(seen)}
	for i := max(0, seen-540); i < seen; i++ {
		km := use * float64(i+1)
		in.Days = append(in.Days, predict.Day{Day: vehicle.DayOf(day(i)), OdometerKm: km, DistanceKm: use, AirTempC: 10})
		f := float64(i) / life
		worn := 0.35*f + 0.65*math.Pow(f, 5)
		at := predict.At{Time: day(i).Add(7 * time.Hour), OdometerKm: km}
		r, ok := predict.Standard().CrankVoltage(at, 10.5-0.9*worn+0.13*rng.NormFloat64(), 20)
		if ok && i%2 == 0 {
			in.Readings = append(in.Readings, r)
		}
	}
	return in, day(int(life))
}

// A truth that the law had excluded still has a place in it: an infinite one could not be
// averaged, nor be written into a prior.
func TestScoresAreFinite(t *testing.T) {
	t.Parallel()
	before := math.Inf(-1)
	for _, below := range []float64{0, 1e-300, 1e-17, 1e-15, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-15, 1} {
		z := predict.QuantileOf(below, 1-below)
		if math.IsInf(z, 0) || math.IsNaN(z) || z < before || math.Abs(z) > 9 {
			t.Errorf("%g is at %g, after %g", below, z, before)
		}
		before = z
	}
}
