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
	places, order := placesOf(outcomes, weights)
	scores := make([]scored, len(order))
	ask := func() borders {
		for i, p := range order {
			scores[i] = places[p].scored
		}
		return between(scores, next)
	}
	found := ask()
	if !slices.ContainsFunc(outcomes, func(o Outcome) bool { return len(o.Maybe) > 0 }) {
		return found
	}
	for range rounds {
		weigh(outcomes, weights, places, found)
		found = ask()
	}
	return found
}

// place is one at which the truth of an outcome may lie, and by how much it counts there.
type place struct {
	scored
	gone bool
}

// placesOf are the places of outcomes, one after another: the places of one count alike. In order come those
// that are not gone, by score.
func placesOf(outcomes []Outcome, weights []float64) (places []place, order []int) {
	for i := range outcomes {
		o := &outcomes[i]
		if len(o.Maybe) == 0 {
			places = append(places, place{scored: scored{o.Score, weights[i]}})
		}
		for _, m := range o.Maybe {
			places = append(places, place{scored{m.Score, weights[i] / float64(len(o.Maybe))}, m.Gone})
		}
	}
	for i := range places {
		if !places[i].gone {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(places[a].score, places[b].score), cmp.Compare(places[a].weight, places[b].weight), cmp.Compare(a, b))
	})
	return places, order
}

// weigh lets the places of outcomes that are not known exactly count by how likely they are by these borders.
func weigh(outcomes []Outcome, weights []float64, places []place, by borders) {
	n := 0
	for i := range outcomes {
		of := outcomes[i].Maybe
		if len(of) == 0 {
			n++
			continue
		}
		all := 0.0
		for k, m := range of {
			places[n+k].weight = by.likely(m)
			all += places[n+k].weight
		}
		for k := range of {
			places[n+k].weight *= weights[i] / all
		}
		n += len(of)
	}
}

// likely is how likely a truth lies in a place, up to a factor: by two halves of one bell, with
// the tails of few outcomes (Student's law of four degrees of freedom).
func (b borders) likely(m Maybe) float64 {
	side := b.high - b.middle
	if m.Score < b.middle {
		side = b.middle - b.low
	}
	z := (m.Score - b.middle) / max(side, thinnest) * usualSide
	far := 1 + z*z/4
	return max(m.Steep, thinnest) / (far * far * math.Sqrt(far))
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

// between finds the borders of scores, which are in order, and turns them round.
func between(scores []scored, next float64) borders {
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
