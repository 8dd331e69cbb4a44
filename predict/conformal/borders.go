package conformal

import (
	"cmp"
	"math"
	"slices"
)

// borders are the scores between which, and below and above which by half, the share lies that
// is promised.
type borders struct{ low, middle, high float64 }

// rounds are how often outcomes that are not known exactly are weighed by what all outcomes have
// said: each takes from the borders some of the scatter that is not the forecast's.
const rounds = 6

// bordersOf finds the borders of outcomes of these weights. The next unit, whose outcome they are
// to hold, has one too.
func bordersOf(outcomes []Outcome, weights []float64, next float64) borders {
	found := between(scoresOf(outcomes, weights, func(Maybe) float64 { return 1 }), next)
	if !slices.ContainsFunc(outcomes, func(o Outcome) bool { return len(o.Maybe) > 0 }) {
		return found
	}
	for range rounds {
		found = between(scoresOf(outcomes, weights, found.likely), next)
	}
	return found
}

// scoresOf are the scores of outcomes, of those that are not known exactly in each place by how
// likely it is.
func scoresOf(outcomes []Outcome, weights []float64, likely func(Maybe) float64) []scored {
	var scores []scored
	for i := range outcomes {
		of, all := outcomes[i].Maybe, 0.0
		if len(of) == 0 {
			scores = append(scores, scored{outcomes[i].Score, weights[i]})
			continue
		}
		for _, m := range of {
			all += likely(m)
		}
		for _, m := range of {
			if !m.Gone {
				scores = append(scores, scored{m.Score, weights[i] * likely(m) / all})
			}
		}
	}
	return scores
}

// likely is how likely a truth lies in a place, up to a factor: by two halves of one bell, with
// the tails of few outcomes (Student's law of four degrees of freedom).
func (b borders) likely(m Maybe) float64 {
	side := b.high - b.middle
	if m.Score < b.middle {
		side = b.middle - b.low
	}
	z := (m.Score - b.middle) / max(side, thinnest) * usualSide
	return max(m.Steep, thinnest) * math.Pow(1+z*z/4, -2.5)
}

// usualSide is how far from its middle that law leaves out a tail.
const usualSide = 1.533

// clearMiddle is the middle of n units, less by as much as it may be chance (Breiman's
// garrote): the median of a normal law is off by a quarter more than its mean.
func (b borders) clearMiddle(n float64) float64 {
	off := 1.25 * (b.high - b.low) / 2 / z90 / math.Sqrt(n)
	doubt := clearlyBy * off
	if math.Abs(b.middle) <= doubt {
		return 0
	}
	return b.middle * (1 - doubt*doubt/(b.middle*b.middle))
}

const (
	z90       = 1.2816 // standard normal quantile of 0.9
	clearlyBy = 2.0    // standard errors
)

// between finds the borders of scores, which it puts in order.
func between(scores []scored, next float64) borders {
	slices.SortFunc(scores, func(a, b scored) int { return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.weight, b.weight)) })
	total := 0.0
	for _, s := range scores {
		total += s.weight
	}
	var b borders
	b.high, b.middle = upper(scores, total, next, tail), upper(scores, total, next, 0.5)
	slices.Reverse(scores)
	for i := range scores {
		scores[i].score = -scores[i].score
	}
	b.low = -upper(scores, total, next, tail)
	return b
}

// tail is what each side leaves out.
const tail = 0.1

// upper is the score that all but a tail stay below, the next unit included: it
// may be anywhere, and counts with its weight beyond all others. Between two scores it is
// interpolated; beyond the last one it is the last.
func upper(scores []scored, total, next, tail float64) float64 {
	target := (1 - tail) * (total + next)
	sum, before := 0.0, math.Inf(-1)
	for i, s := range scores {
		middle := sum + (s.weight+next)/2 // ranks are counted to the middle of a unit's weight
		if middle >= target {
			if i == 0 {
				return s.score
			}
			previous := sum + (next-scores[i-1].weight)/2
			return before + (s.score-before)*(target-previous)/(middle-previous)
		}
		sum += s.weight
		before = s.score
	}
	return before
}
