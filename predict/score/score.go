// Package score measures how good predictions are: errors, intervals, and how
// sure one may be of the figure itself. Functions are pure; slices that belong
// together have the same length, and an empty one scores NaN.
package score

import "math"

// MAE is the mean absolute error, in the unit of the values.
func MAE(predicted, truth []float64) float64 {
	return mean(len(truth), func(i int) float64 { return math.Abs(predicted[i] - truth[i]) })
}

// RMSE is the root of the mean squared error, in the unit of the values.
func RMSE(predicted, truth []float64) float64 {
	return math.Sqrt(mean(len(truth), func(i int) float64 {
		d := predicted[i] - truth[i]
		return d * d
	}))
}

// Bias is the mean of predicted - truth: above zero is late.
func Bias(predicted, truth []float64) float64 {
	return mean(len(truth), func(i int) float64 { return predicted[i] - truth[i] })
}

// NASA is the asymmetric score of the PHM08 challenge, a sum over the units:
// exp(-d/13)-1 for a prediction d cycles too early, exp(d/10)-1 for one too late
// (Saxena, Goebel, Simon, Eklund 2008).
func NASA(predicted, truth []float64) float64 {
	sum := 0.0
	for i := range truth {
		if d := predicted[i] - truth[i]; d < 0 {
			sum += math.Expm1(-d / 13)
		} else {
			sum += math.Expm1(d / 10)
		}
	}
	return sum
}

// Interval is a prediction interval, Low <= High.
type Interval struct{ Low, High float64 }

// Holds reports whether the value lies inside, borders included.
func (i Interval) Holds(v float64) bool { return v >= i.Low && v <= i.High }

// Coverage is the share of truths that lie in their interval (PICP), 0..1.
func Coverage(intervals []Interval, truth []float64) float64 {
	return mean(len(truth), func(i int) float64 {
		if intervals[i].Holds(truth[i]) {
			return 1
		}
		return 0
	})
}

// Width is the mean width of the intervals.
func Width(intervals []Interval) float64 {
	return mean(len(intervals), func(i int) float64 { return intervals[i].High - intervals[i].Low })
}

// Winkler is the mean interval score of central intervals that miss a share
// alpha (0.2 for 80 %): the width, and 2/alpha times what the truth lies outside
// (Gneiting & Raftery 2007). Lower is better.
func Winkler(intervals []Interval, truth []float64, alpha float64) float64 {
	return mean(len(truth), func(i int) float64 {
		out := math.Max(intervals[i].Low-truth[i], math.Max(truth[i]-intervals[i].High, 0))
		return intervals[i].High - intervals[i].Low + 2/alpha*out
	})
}

// Pinball is the mean quantile loss of predictions of the quantile q, 0 < q < 1.
func Pinball(predicted, truth []float64, q float64) float64 {
	return mean(len(truth), func(i int) float64 {
		d := truth[i] - predicted[i]
		return math.Max(q*d, (q-1)*d)
	})
}

func mean(n int, of func(i int) float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	sum := 0.0
	for i := range n {
		sum += of(i)
	}
	return sum / float64(n)
}
