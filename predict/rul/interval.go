package rul

import (
	"cmp"
	"math"
	"slices"
)

// nearby are the widths that are tried for the window of errors that count for an
// estimate, as shares of the cap: errors are small near the end of life and large
// before it. checkEvery thins the errors that the widths are compared on.
var nearby = []float64{0.03, 0.06, 0.1, 0.2}

const checkEvery = 3

// calibrate takes the window whose intervals cover most nearly what they promise,
// each unit judged by the errors on all others.
func (m *Model) calibrate() {
	least := math.Inf(1)
	for _, width := range nearby {
		covered, total := 0.0, 0.0
		for i := 0; i < len(m.errors); i += checkEvery {
			e := m.errors[i]
			low, high := m.intervalWithout(e.unit, e.estimate, width)
			total += e.weight
			if e.truth >= low && e.truth <= high {
				covered += e.weight
			}
		}
		if off := math.Abs(covered/total - m.o.Coverage); off < least {
			m.window, least = width, off
		}
	}
}

// weighed is a remaining life that an estimate may stand for.
type weighed struct{ rul, weight float64 }

// nobody is no unit.
const nobody = -1

// interval is a localised split-conformal interval: the shortest that holds the
// promised share of what near estimates of held-out units turned out to be. It is
// the shortest, not the central one, because life is cut at the cap: nothing can
// be missed there, and a central interval would cover too much.
func (m *Model) interval(at float64) (low, high float64) {
	return m.intervalWithout(nobody, at, m.window)
}

func (m *Model) intervalWithout(unit int, at, width float64) (low, high float64) {
	lives := make([]weighed, 0, len(m.errors))
	var total, one, squares float64 // weight of all, of the unit at hand, its square summed up
	before := nobody
	for _, e := range m.errors {
		if e.unit != before {
			squares, one, before = squares+one*one, 0, e.unit
		}
		d := (e.estimate - at) / (width * m.o.Cap)
		if w := e.weight * math.Exp(-d*d/2); w > 1e-6 && e.unit != unit {
			lives = append(lives, weighed{m.o.clamp(at + e.truth - e.estimate), w})
			total, one = total+w, one+w
		}
	}
	if len(lives) == 0 {
		return 0, m.o.Cap
	}
	slices.SortFunc(lives, func(a, b weighed) int { return cmp.Or(cmp.Compare(a.rul, b.rul), cmp.Compare(a.weight, b.weight)) })
	// Of n units in fact, n+1 could come next: the correction of split conformal.
	units := total * total / (squares + one*one)
	return shortest(lives, min(m.o.Coverage*(1+1/units), 1)*total)
}

// shortest is the shortest interval of sorted lives that weighs enough.
func shortest(lives []weighed, enough float64) (low, high float64) {
	low, high = lives[0].rul, lives[len(lives)-1].rul
	inside, next := 0.0, 0
	for _, first := range lives {
		for ; next < len(lives) && inside < enough; next++ {
			inside += lives[next].weight
		}
		if inside < enough {
			break
		}
		if lives[next-1].rul-first.rul < high-low {
			low, high = first.rul, lives[next-1].rul
		}
		inside -= first.weight
	}
	return low, high
}
