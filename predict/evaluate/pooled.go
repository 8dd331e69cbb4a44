package evaluate

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// pooled is a mean over the rows of all units, in which a unit counts by its rows.
type pooled struct{ sums, rows []float64 } // by unit

func newPooled(units int) pooled { return pooled{make([]float64, units), make([]float64, units)} }

func (p pooled) add(unit int, v float64) {
	p.sums[unit] += v
	p.rows[unit]++
}

func (p pooled) mean() float64 {
	sum, n := 0.0, 0.0
	for i := range p.sums {
		sum, n = sum+p.sums[i], n+p.rows[i]
	}
	return ratio(sum, n)
}

// figure is the mean, and how sure it is over units that might have been others.
func (p pooled) figure() (float64, score.Interval) {
	return p.mean(), score.Bootstrap(len(p.sums), func(pick []int) float64 {
		sum, n := 0.0, 0.0
		for _, i := range pick {
			sum, n = sum+p.sums[i], n+p.rows[i]
		}
		return ratio(sum, n)
	})
}

// units is how many have rows at all.
func (p pooled) units() int {
	n := 0
	for _, rows := range p.rows {
		if rows > 0 {
			n++
		}
	}
	return n
}

func ratio(sum, n float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return sum / n
}
