package predict

import (
	"math"
	"time"
)

// aboutEnd is how far from a renewal, in shares of the time that the part was looked at, its readings may say that it
// passed the wear at which parts fail, for the renewal to be its end.
const aboutEnd = 0.15

// endingShare is one over the share of the looks at a part that tell its end, and endingLooks how many there must be.
const endingShare, endingLooks = 3, 4

// deviates of a standard normal law that are as likely as each other.
var deviates = [...]float64{-1.28, -0.52, 0, 0.52, 1.28}

// seenEnding is when the readings of a part, none of which is exact, say that it passed the wear at which parts fail, about
// the time of a renewal of which nobody said why; and by how much earlier or later that may have been, each as likely as the
// others. By the line through its last readings, before which it need not have worn evenly.
func (t *timeline) seenEnding(row int, prior *lifePrior, end time.Time) (at time.Time, give []time.Duration, ok bool) {
	var x [][]float64
	var y []float64
	var first time.Time
	noise := 0.0
	for _, r := range t.partUntil(row, end) {
		if r.Bound || r.AtLeast || !finite(r.Wear) {
			continue
		}
		if len(y) == 0 {
			first = r.of()
		}
		x, y = append(x, []float64{r.of().Sub(end).Hours() / 24}), append(y, r.Wear)
		noise += prior.noise(&r)
	}
	n := len(y)
	if n < endingLooks {
		return at, nil, false
	}
	noise /= float64(n)
	from := max(n-max(n/endingShare, endingLooks), n-maxFitRows)
	line, near, err := lineThrough(x[from:], y[from:])
	if err != nil || !(line.Slopes[0] > 0) {
		return at, nil, false
	}
	passed := (prior.failsAt - line.Intercept) / line.Slopes[0] // days after the end
	if math.Abs(passed) > aboutEnd*end.Sub(first).Hours()/24 {
		return at, nil, false
	}
	// The readings scatter by what they name at least, also where they lie on a line by chance.
	spread := 0.0
	for _, x := range near {
		spread += (x[0] - line.Means[0]) * (x[0] - line.Means[0])
	}
	far := passed - line.Means[0]
	se := max(math.Sqrt(line.Sigma2), noise) * math.Sqrt(1/float64(len(near))+far*far/spread) / line.Slopes[0]
	for _, z := range deviates {
		give = append(give, daysAhead(z*se))
	}
	return end.Add(daysAhead(passed)), give, true
}
