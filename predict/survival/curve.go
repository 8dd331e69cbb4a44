package survival

import (
	"cmp"
	"slices"
	"sort"
)

// Curve is a step function of the clock: a survival function, or the mean
// cumulative number of repairs.
type Curve struct {
	Clock []float64 // at which it steps, rising
	Value []float64 // from there on
	Start float64   // before the first step
}

// At is the value at a clock.
func (c Curve) At(t float64) float64 {
	return c.before(sort.Search(len(c.Clock), func(i int) bool { return c.Clock[i] > t }))
}

// Before is the value just before a clock.
func (c Curve) Before(t float64) float64 {
	return c.before(sort.SearchFloat64s(c.Clock, t))
}

func (c Curve) before(i int) float64 {
	if i == 0 {
		return c.Start
	}
	return c.Value[i-1]
}

// KaplanMeier is the product-limit estimate of the survival function (Kaplan &
// Meier 1958). A unit counts as at risk from Entry on, so left-truncated lives
// are in order (Tsai, Jewell, Wang 1987). A failure comes before a censoring at
// the same clock. While nobody is at risk the curve stays as it is.
func KaplanMeier(lives []Life) Curve {
	return productLimit(lives, func(l *Life) bool { return l.Failed })
}

// censoring is the same curve of the time until censoring.
func censoring(lives []Life) Curve {
	return productLimit(lives, func(l *Life) bool { return !l.Failed })
}

func productLimit(lives []Life, event func(*Life) bool) Curve {
	type step struct{ at, enters, leaves, events float64 }
	var steps []step
	for i := range lives {
		l := &lives[i]
		n, e := l.count(), 0.0
		if event(l) {
			e = n
		}
		steps = append(steps, step{at: l.Entry, enters: n}, step{at: l.Exit, leaves: n, events: e})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	c := Curve{Start: 1}
	risk, value := 0.0, 1.0
	for i := 0; i < len(steps); {
		at := steps[i].at
		var sum step
		for ; i < len(steps) && steps[i].at == at; i++ {
			sum.enters += steps[i].enters
			sum.leaves += steps[i].leaves
			sum.events += steps[i].events
		}
		if sum.events > 0 && risk > 0 { // who enters at the clock is at risk after it
			value *= max(1-sum.events/risk, 0)
			c.Clock, c.Value = append(c.Clock, at), append(c.Value, value)
		}
		risk += sum.enters - sum.leaves
	}
	return c
}

// Repairs is one unit that is repaired again and again: the clocks of its
// repairs, and where it was watched, from Start to End.
type Repairs struct {
	Start, End float64
	Events     []float64
}

// MeanCumulative is the mean number of repairs a unit up to a clock (MCF; Nelson
// 1988), of units watched for different spans. Events outside the span of their
// unit are left out.
func MeanCumulative(units []Repairs) Curve {
	var events []float64
	for _, u := range units {
		for _, e := range u.Events {
			if e > u.Start && e <= u.End {
				events = append(events, e)
			}
		}
	}
	slices.Sort(events)
	var c Curve
	total := 0.0
	for i, at := range events {
		risk := 0.0
		for _, u := range units {
			if at > u.Start && at <= u.End {
				risk++
			}
		}
		total += 1 / risk
		if i+1 < len(events) && events[i+1] == at {
			continue
		}
		c.Clock, c.Value = append(c.Clock, at), append(c.Value, total)
	}
	return c
}
