package score

import (
	"math"
	"math/rand/v2"
	"slices"
)

// replicates of a bootstrap: enough for a 90 % interval to two digits.
const replicates = 500

// Bootstrap is the central 90 % interval of a figure over resampled units:
// whole units are drawn with replacement, never single rows, because the rows of
// a unit are not independent. stat is given the units of one draw, by number
// below n, and may be called concurrently by nobody; NaN results are left out.
// The draws depend on n alone, so the same data gives the same interval.
func Bootstrap(n int, stat func(units []int) float64) Interval {
	if n == 0 {
		return Interval{math.NaN(), math.NaN()}
	}
	random := rand.New(rand.NewPCG(20080612, uint64(n)))
	values := make([]float64, 0, replicates)
	pick := make([]int, n)
	for range replicates {
		for i := range pick {
			pick[i] = random.IntN(n)
		}
		if v := stat(pick); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return Interval{Quantile(values, 0.05), Quantile(values, 0.95)}
}

// Quantile of sorted values, interpolated between its neighbours (type 7 of
// Hyndman & Fan 1996); NaN of none.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := int(math.Floor(at))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
