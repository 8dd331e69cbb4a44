package score_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

func TestFiguresByHand(t *testing.T) {
	predicted, truth := []float64{10, 20, 35}, []float64{13, 20, 25}
	intervals := []score.Interval{{Low: 8, High: 12}, {Low: 20, High: 22}, {Low: 20, High: 30}}
	for name, c := range map[string]struct{ got, want float64 }{
		"MAE":      {score.MAE(predicted, truth), 13.0 / 3},
		"RMSE":     {score.RMSE(predicted, truth), math.Sqrt(109.0 / 3)},
		"bias":     {score.Bias(predicted, truth), 7.0 / 3},
		"NASA":     {score.NASA(predicted, truth), math.Exp(3.0/13) - 1 + math.Exp(1) - 1},
		"coverage": {score.Coverage(intervals, truth), 2.0 / 3},
		"width":    {score.Width(intervals), 16.0 / 3},
		"Winkler":  {score.Winkler(intervals, truth, 0.2), (16 + 10*1.0) / 3},
		"pinball":  {score.Pinball(predicted, truth, 0.9), (0.9*3 + 0 + 0.1*10) / 3},
		"quantile": {score.Quantile([]float64{1, 2, 4}, 0.75), 3},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if !math.IsNaN(score.MAE(nil, nil)) || !math.IsNaN(score.Quantile(nil, 0.5)) {
		t.Error("a figure of nothing is a number")
	}
}

// TestBootstrapOfAMean compares with the normal interval, which is exact enough
// for the mean of many values.
func TestBootstrapOfAMean(t *testing.T) {
	values := make([]float64, 400)
	for i := range values {
		values[i] = float64(i % 20)
	}
	mean := func(pick []int) float64 {
		sum := 0.0
		for _, p := range pick {
			sum += values[p]
		}
		return sum / float64(len(pick))
	}
	got := score.Bootstrap(len(values), mean)
	half := 1.645 * math.Sqrt(33.25/400)
	if math.Abs(got.Low-(9.5-half)) > 0.1 || math.Abs(got.High-(9.5+half)) > 0.1 {
		t.Errorf("interval %v, want 9.5 -+ %.2f", got, half)
	}
	if again := score.Bootstrap(len(values), mean); again != got {
		t.Errorf("%v, then %v", got, again)
	}
}
