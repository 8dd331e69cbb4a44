// Package survival is about parts whose wear nobody can measure: when they fail,
// learned from units of which most have not failed yet. Everything is a pure
// function of its arguments. The clock of a life may be any, in any unit: km,
// days, or a component's own clock; answers are in the same.
//
// Weibull is the law, by accelerated failure time: covariates stretch the clock.
// Lives may be right-censored (still working, or replaced early) and
// left-truncated (already old when first seen). Expert knowledge enters as
// pseudo-data, so that no data is no special case.
package survival

import (
	"errors"
	"fmt"
	"math"
)

// Life is what is known of one unit.
type Life struct {
	Entry  float64   // clock when it was first seen, 0 when that was new: it did not fail before
	Exit   float64   // clock when it failed, or was last known to work
	Failed bool      // false: right-censored at Exit
	X      []float64 // covariates, as many for each life
	Count  float64   // units with this very record; 0 counts 1
}

func (l *Life) count() float64 {
	if l.Count == 0 {
		return 1
	}
	return l.Count
}

// Check says what is wrong with lives that belong together: Exit has to be above
// 0 and Entry, numbers finite, and covariates as many for each.
func Check(lives []Life) error {
	for i := range lives {
		l := &lives[i]
		switch {
		case !(l.Exit > 0) || math.IsInf(l.Exit, 0):
			return fmt.Errorf("survival: life %d ends at %g; want a finite clock above 0", i, l.Exit)
		case !(l.Entry >= 0 && l.Entry < l.Exit):
			return fmt.Errorf("survival: life %d is first seen at %g and ends at %g; want 0 <= entry < exit", i, l.Entry, l.Exit)
		case !(l.Count >= 0) || math.IsInf(l.Count, 0):
			return fmt.Errorf("survival: life %d counts %g; want 0 or more", i, l.Count)
		case len(l.X) != len(lives[0].X):
			return fmt.Errorf("survival: life %d has %d covariates, the first has %d", i, len(l.X), len(lives[0].X))
		}
		for _, x := range l.X {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("survival: life %d has covariate %g", i, x)
			}
		}
	}
	return nil
}

// ErrNoFailures says that nothing shows how long lives are: no unit has failed
// and there is no prior.
var ErrNoFailures = errors.New("survival: no unit has failed and there is no prior; give one")
