package predict_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

func TestFitRefusesWhatASolverAnswersWithNonsense(t *testing.T) {
	t.Parallel()
	rows := func(n int, row func(i int) []float64) (y []float64, x [][]float64) {
		for i := range n {
			y, x = append(y, float64(i%7)), append(x, row(i))
		}
		return y, x
	}
	cases := map[string]struct {
		n    int
		row  func(i int) []float64
		want error
	}{
		"nothing":           {0, nil, predict.ErrFewRows},
		"two rows":          {2, func(i int) []float64 { return []float64{float64(i)} }, predict.ErrFewRows},
		"more columns":      {4, func(i int) []float64 { return []float64{float64(i), 1, 2, 3, 4} }, predict.ErrFewRows},
		"parked car":        {20, func(int) []float64 { return []float64{48213} }, predict.ErrRankDeficient},
		"rounding only":     {20, func(i int) []float64 { return []float64{48213 + 1e-10*float64(i)} }, predict.ErrRankDeficient},
		"the same in miles": {20, func(i int) []float64 { k := float64(i * i); return []float64{k, k / 1.609344} }, predict.ErrRankDeficient},
		"one is a sum": {20, func(i int) []float64 {
			a, b := float64(i%5), float64(i%3)
			return []float64{a, b, a + b}
		}, predict.ErrRankDeficient},
		"not a number": {20, func(i int) []float64 { return []float64{math.NaN()} }, predict.ErrNotFinite},
		"infinite":     {20, func(i int) []float64 { return []float64{float64(i), math.Inf(i)} }, predict.ErrNotFinite},
		"no columns":   {20, func(int) []float64 { return nil }, predict.ErrRankDeficient},
		"too many":     {501, func(i int) []float64 { return []float64{float64(i)} }, predict.ErrManyRows},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y, x := rows(c.n, c.row)
			if l, err := predict.Fit(y, x); !errors.Is(err, c.want) {
				t.Errorf("got %+v, %v, want %v", l, err, c.want)
			}
		})
	}
	if _, err := predict.Fit([]float64{1, math.NaN(), 3, 4}, [][]float64{{1}, {2}, {3}, {5}}); !errors.Is(err, predict.ErrNotFinite) {
		t.Errorf("a value that is not a number: %v", err)
	}
}

// The library's line, centred and scaled by us, against the textbook's sums.
func TestFitAgreesWithTheTextbook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(t, "rows")
		offset := rapid.Float64Range(0, 250000).Draw(t, "odometer")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var y []float64
		var x [][]float64
		var sx, sy float64
		for i := range n {
			km := offset + 300*float64(i) + 100*rng.Float64()
			x, y = append(x, []float64{km}), append(y, 1e-5*(km-offset)+0.02*rng.NormFloat64())
			sx, sy = sx+km/float64(n), sy+y[i]/float64(n)
		}
		var sxx, sxy, rss float64
		for i := range n {
			sxx += (x[i][0] - sx) * (x[i][0] - sx)
			sxy += (x[i][0] - sx) * (y[i] - sy)
		}
		slope := sxy / sxx
		for i := range n {
			e := y[i] - sy - slope*(x[i][0]-sx)
			rss += e * e
		}
		l, err := predict.Fit(y, x)
		if err != nil {
			t.Fatal(err)
		}
		same := func(name string, got, want float64) {
			if math.Abs(got-want) > 1e-8*math.Abs(want)+1e-12 {
				t.Errorf("%s %g, want %g", name, got, want)
			}
		}
		same("slope", l.Slopes[0], slope)
		same("value at the last row", l.At(x[n-1][0]), sy+slope*(x[n-1][0]-sx))
		same("residual variance", l.Sigma2, rss/float64(n-2))
		same("error of the slope", l.SlopeSE[0], math.Sqrt(rss/float64(n-2)/sxx))
	})
}

func TestFitFindsTwoEffects(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	var y []float64
	var x [][]float64
	for range 300 {
		use, air := 3.6+0.5*rng.NormFloat64(), 12+8*rng.NormFloat64()
		x, y = append(x, []float64{use, air}), append(y, -4+0.4*use+0.02*air+0.1*rng.NormFloat64())
	}
	l, err := predict.Fit(y, x)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{0.4, 0.02} {
		if math.Abs(l.Slopes[j]-want) > 4*l.SlopeSE[j] || l.SlopeSE[j] > want/5 {
			t.Errorf("effect %d: %.4f with error %.4f, want %.2f", j, l.Slopes[j], l.SlopeSE[j], want)
		}
	}
}
