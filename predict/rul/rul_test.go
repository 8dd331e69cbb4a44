package rul_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict/rul"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// fleet makes units whose hidden wear grows as the power of age, seen through
// indicators that rise, fall, stay and only scatter.
func fleet(seed uint64, n int) []rul.Unit {
	random := rand.New(rand.NewPCG(seed, 1))
	out := make([]rul.Unit, n)
	for i := range out {
		life := 45 + random.IntN(40)
		for t := range life {
			wear := math.Pow(float64(t+1)/float64(life), 2.5)
			out[i] = append(out[i], []float64{
				600 + 3*wear + 0.4*random.NormFloat64(),
				50 - 2*wear + 0.3*random.NormFloat64(),
				14.62,
				random.NormFloat64(),
			})
		}
	}
	return out
}

func TestEstimateOfUnseenUnits(t *testing.T) {
	model, err := rul.Learn(fleet(1, 25), rul.Options{Cap: 40})
	if err != nil {
		t.Fatal(err)
	}
	var ours, never, truth []float64
	var intervals []score.Interval
	for _, u := range fleet(2, 40) {
		for _, left := range []int{4, 12, 20} {
			e, err := model.Estimate(u[:len(u)-left])
			if err != nil {
				t.Fatal(err)
			}
			if !(0 <= e.Low && e.Low <= e.High && e.High <= 40 && e.RUL >= 0 && e.RUL <= 40) {
				t.Fatalf("estimate %+v is not ordered within 0 and the cap", e)
			}
			ours, never, truth = append(ours, e.RUL), append(never, 15), append(truth, float64(left))
			intervals = append(intervals, score.Interval{Low: e.Low, High: e.High})
		}
	}
	if got, dull := score.RMSE(ours, truth), score.RMSE(never, truth); got > 0.6*dull {
		t.Errorf("RMSE %.1f, want well below %.1f of a constant", got, dull)
	}
	if got := score.Coverage(intervals, truth); got < 0.7 || got > 0.92 {
		t.Errorf("80 %% intervals cover %.2f of 120", got)
	}
}

func TestEstimateIsTheSameEveryTime(t *testing.T) {
	unit := fleet(3, 1)[0][:40]
	var before rul.Estimate
	for i := range 2 {
		model, err := rul.Learn(fleet(1, 20), rul.Options{Cap: 60})
		if err != nil {
			t.Fatal(err)
		}
		e, err := model.Estimate(unit)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && e != before {
			t.Errorf("%+v, then %+v", before, e)
		}
		before = e
	}
}

func TestLearnRefuses(t *testing.T) {
	whole := fleet(1, 20)
	ragged := fleet(1, 20)
	ragged[3][7] = ragged[3][7][:2]
	broken := fleet(1, 20)
	broken[4][2][1] = math.NaN()
	for name, units := range map[string][]rul.Unit{
		"none": nil, "few": whole[:19], "an empty unit": append(fleet(1, 20), nil), "ragged rows": ragged, "NaN": broken,
	} {
		if _, err := rul.Learn(units, rul.Options{}); err == nil {
			t.Errorf("%s: learned", name)
		}
	}
	if _, err := rul.Learn(whole[:5], rul.Options{}); !errors.Is(err, rul.ErrTooFew) {
		t.Errorf("five units: %v, want ErrTooFew", err)
	}
	model, err := rul.Learn(whole, rul.Options{Cap: 60})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := model.Estimate(nil); err == nil {
		t.Error("a unit without rows was estimated")
	}
	if _, err := model.Estimate(rul.Unit{{1, 2}}); err == nil {
		t.Error("a unit with other indicators was estimated")
	}
}
