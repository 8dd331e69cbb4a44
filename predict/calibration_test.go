package predict_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict"
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
