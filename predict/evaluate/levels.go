package evaluate

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// levels are the probabilities that a law gave to less than what then came, of
// units set aside to calibrate its intervals. When the law is right they are even
// between 0 and 1. What has not come yet is known to be above its level so far.
type levels struct{ all, unit []survival.Life }

// ownUnits is how many units the law's own levels count for: a few units whose
// rows hang together say little of the tails.
const ownUnits = 20

func newLevels() *levels {
	l := &levels{}
	const n = 100
	for i := range n {
		l.all = append(l.all, survival.Life{Exit: (float64(i) + 0.5) / n, Failed: true, Count: ownUnits / float64(n)})
	}
	return l
}

func (l *levels) add(level float64, known bool) {
	l.unit = append(l.unit, survival.Life{Exit: math.Max(level, 1e-9), Failed: known})
}

// endUnit ends the rows of a unit; all of them together count for one.
func (l *levels) endUnit() {
	for _, row := range l.unit {
		row.Count = 1 / float64(len(l.unit))
		l.all = append(l.all, row)
	}
	l.unit = l.unit[:0]
}

// central are the levels between which 80 % lie.
func (l *levels) central() (low, high float64) {
	curve := survival.KaplanMeier(l.all)
	low, high = 0.5, 1-1e-4 // where too little has come to say
	for i := len(curve.Clock) - 1; i >= 0; i-- {
		if curve.Value[i] <= 0.9 {
			low = curve.Clock[i]
		}
		if curve.Value[i] <= 0.1 {
			high = curve.Clock[i]
		}
	}
	return math.Min(low, 0.5), math.Max(math.Min(high, 1-1e-4), 0.5)
}
