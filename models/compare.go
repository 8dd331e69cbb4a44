package models

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Question is what two models said of one life before it ended.
type Question struct {
	VIN              vehicle.VIN
	Component        predict.Component
	AsOf             time.Time
	Truth            time.Time // after AsOf
	Candidate, Rival predict.Dates
}

// Comparison is how a candidate did beside its rival. Losses are shares of the time
// that was left, so that a life of two weeks counts as one of half a year.
type Comparison struct {
	Against   string // the rival
	Vehicles  int
	Lives     int // that ended
	Questions int // asked about them: up to one for each horizon
	Censored  int // parts that were renewed before they had to be: they cannot tell
	Candidate Score
	Rival     Score
	WorseBy   score.Interval // 90 % interval of the candidate's pinball loss less the rival's, over resampled vehicles
}

// Score is how good a model was. All but Coverage are better when lower.
type Score struct {
	Pinball  float64 // mean loss of P10, P50 and P90
	Interval float64 // interval score of P10 to P90 (Gneiting & Raftery 2007)
	Coverage float64 // share of truths between P10 and P90; 0.8 is true
}

// leastLeft keeps a life that ends tomorrow from deciding alone, days.
const leastLeft = 14.0

// Compare scores both models on the same questions. The order does not matter.
func Compare(against string, questions []Question, censored int) Comparison {
	c := Comparison{Against: against, Questions: len(questions), Censored: censored}
	if len(questions) == 0 {
		return c
	}
	type life struct {
		vin       vehicle.VIN
		component predict.Component
		truth     time.Time
	}
	all := map[life]bool{}
	byVehicle := map[vehicle.VIN][]float64{} // differences of the loss
	for _, q := range sortedQuestions(questions) {
		all[life{q.VIN, q.Component, q.Truth}] = true
		ours, theirs := scoreOf(q, q.Candidate), scoreOf(q, q.Rival)
		c.Candidate.add(ours)
		c.Rival.add(theirs)
		byVehicle[q.VIN] = append(byVehicle[q.VIN], ours.Pinball-theirs.Pinball)
	}
	c.Candidate.over(len(questions))
	c.Rival.over(len(questions))
	c.Lives, c.Vehicles = len(all), len(byVehicle)
	vins := slices.Sorted(maps.Keys(byVehicle))
	c.WorseBy = score.Bootstrap(len(vins), func(units []int) float64 {
		sum, rows := 0.0, 0
		for _, u := range units {
			for _, d := range byVehicle[vins[u]] {
				sum, rows = sum+d, rows+1
			}
		}
		return sum / float64(rows)
	})
	return c
}

// sortedQuestions keeps the sums, and so the bytes, the same for any order.
func sortedQuestions(in []Question) []Question {
	out := slices.Clone(in)
	slices.SortFunc(out, func(a, b Question) int {
		return cmp.Or(cmp.Compare(a.VIN, b.VIN), cmp.Compare(a.Component, b.Component), a.AsOf.Compare(b.AsOf), a.Truth.Compare(b.Truth))
	})
	return out
}

// scoreOf is the loss of one answer.
func scoreOf(q Question, said predict.Dates) Score {
	left := q.Truth.Sub(q.AsOf).Hours() / 24
	miss := func(t time.Time) float64 { return q.Truth.Sub(t).Hours() / 24 / math.Max(left, leastLeft) }
	s := Score{Pinball: (pinball(miss(said.P10), 0.1) + pinball(miss(said.P50), 0.5) + pinball(miss(said.P90), 0.9)) / 3}
	s.Interval = miss(said.P10) - miss(said.P90) + 2/0.2*(math.Max(-miss(said.P10), 0)+math.Max(miss(said.P90), 0))
	if !q.Truth.Before(said.P10) && !q.Truth.After(said.P90) {
		s.Coverage = 1
	}
	return s
}

func pinball(miss, q float64) float64 { return math.Max(q*miss, (q-1)*miss) }

func (s *Score) add(o Score) {
	s.Pinball += o.Pinball
	s.Interval += o.Interval
	s.Coverage += o.Coverage
}

// over makes sums into means.
func (s *Score) over(n int) {
	s.Pinball /= float64(n)
	s.Interval /= float64(n)
	s.Coverage /= float64(n)
}

// words says how the candidate did.
func (c Comparison) words() (en, zh string) {
	change := 100 * (c.Candidate.Pinball/c.Rival.Pinball - 1)
	low, high := 100*c.WorseBy.Low/c.Rival.Pinball, 100*c.WorseBy.High/c.Rival.Pinball
	en = fmt.Sprintf("On %s of %d vehicles since it was learned its loss differs from that of %s by %+.1f %% (%+.1f to %+.1f), coverage %.2f against %.2f.",
		lives(c.Lives), c.Vehicles, c.Against, change, low, high, c.Candidate.Coverage, c.Rival.Coverage)
	zh = fmt.Sprintf("学得以来 %d 辆车的 %d 个零件到达寿命终点，其损失与 %s 相差 %+.1f %%（%+.1f 至 %+.1f），覆盖率 %.2f 对 %.2f。",
		c.Vehicles, c.Lives, c.Against, change, low, high, c.Candidate.Coverage, c.Rival.Coverage)
	return en, zh
}
