package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// coldStart is the error when a part has been looked at so many times, by that of the
// life table on the same days.
func (g group) coldStart() []figure {
	var out []figure
	for i, n := range readingsOf {
		task := fmt.Sprintf("%s, after %d readings of the part", g.name, n)
		if n == 1 {
			task = g.name + ", after the first reading of the part"
		}
		out = append(out, figure{
			Row: Row{Task: task, Metric: "MAE by the life table's", Must: AtMost(1), Aim: AtMost([]float64{0.9, 0.65, 0.4}[i])},
			of: func(a asked) []float64 {
				sums := make([]float64, 2)
				for _, a := range a[g.component] {
					if a.moment == fresh && a.n == n && a.given && g.watched {
						sums[0] += math.Abs(a.middle - a.left)
						sums[1] += math.Abs(a.table - a.left)
					}
				}
				return sums
			},
			value: quotient,
		})
	}
	return out
}

// withFaults are figures of the histories with faults, by those of the same vehicles
// without: what is asked, and which parts are measured, goes by the latter.
func (g group) withFaults() []figure {
	must, aim := func(bound Bound) Bound {
		if g.watched {
			return bound
		}
		return Bound{}
	}, AtMost(1.04)
	return []figure{
		{
			Row: Row{Task: g.name + ", with faults planted", Metric: "MAE by that without", Must: must(AtMost(1.10)), Aim: must(aim)},
			of: g.pairs(nearLimit, func(a *answer) float64 { return math.Abs(a.middle - a.left) },
				func(plain, faulty *answer) bool { return plain.given && faulty.given }),
			value: quotient,
		},
		{
			Row: Row{Task: g.name + ", with faults planted", Metric: "coverage by that without", Must: must(Between(0.9, 1.1)), Aim: must(Between(0.96, 1.04))},
			of: g.pairs(chance, func(a *answer) float64 { return one(a.holds()) },
				func(plain, faulty *answer) bool {
					return plain.judged() && plain.middle < 365 && (!faulty.given || faulty.judged())
				}),
			value: quotient,
		},
	}
}

// pairs sums a value over the answers of one kind with faults, and without.
func (g group) pairs(m moment, value func(*answer) float64, keep func(plain, faulty *answer) bool) func(asked) []float64 {
	return func(a asked) []float64 {
		sums := make([]float64, 2)
		for i := range a[g.component] {
			plain := &a[g.component][i]
			if plain.faulty != nil && plain.moment == m && plain.watched == g.watched && keep(plain, plain.faulty) {
				sums[0] += value(plain.faulty)
				sums[1] += value(plain)
			}
		}
		return sums
	}
}

// turnFigures are those of a fleet whose use was made to change.
//
// An interval of 80 % misses now and then whatever happens, so it is the fleet's
// intervals that are watched: of the parts that were in a vehicle at the change and
// for six weeks after it, and that wear by use more than by age, the share whose
// interval holds the true date. The figure is the first day after the change from
// which on that share is within what coverage must reach, and stays there; 42 when
// it is not within six weeks.
func turnFigures(factor float64) []figure {
	byUse := map[predict.Component]bool{}
	for _, s := range predict.Standard().Specs() {
		byUse[s.Component] = s.CalendarShare < 0.5
	}
	held := func(a asked) []float64 {
		sums := make([]float64, 2*len(daysAfterTurn))
		for c, answers := range a {
			for _, a := range answers {
				if k := slices.Index(daysAfterTurn, a.n); byUse[c] && a.judged() && a.middle < 365 {
					sums[2*k] += one(a.holds())
					sums[2*k+1]++
				}
			}
		}
		return sums
	}
	task := fmt.Sprintf("use changes by ×%g", factor)
	out := []figure{{
		Row: Row{Task: task, Metric: "until the intervals cover again", Unit: "days", Must: AtMost(21), Aim: AtMost(10)},
		of:  held, value: coveredFrom,
	}}
	for _, d := range []int{0, 10, 21, 42} {
		k := slices.Index(daysAfterTurn, d)
		out = append(out, figure{
			Row: Row{Task: task, Metric: fmt.Sprintf("coverage of 80 %% after %d days", d)},
			of:  held, value: func(sums []float64) float64 { return quotient(sums[2*k:]) },
		})
	}
	return out
}

// coveredFrom is the first day from which on coverage is enough.
func coveredFrom(sums []float64) float64 {
	for k := len(daysAfterTurn) - 1; k >= 0; k-- {
		if sums[2*k]/sums[2*k+1] >= 0.74 {
			continue
		}
		return float64(daysAfterTurn[min(k+1, len(daysAfterTurn)-1)])
	}
	return float64(daysAfterTurn[0])
}
