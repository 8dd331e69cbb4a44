package evaluate

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// A traction battery hardly reaches its limit within a history. What is asked of it, on
// chance days, is the wear at dates to come: of 70 % of health at the limit, in points.
var (
	healthAfter  = []int{90, 180, 365} // days
	healthPoints = 30.0
)

// health is what a forecast said of the wear at a date, and what it was then.
type health struct {
	after             int // days
	says              predict.Quantiles
	truth             float64
	oracle, line, now float64 // at the pace of the last 90 days; by its readings; as today
}

// healthAt asks for the dates within the history.
func (h *hindsight) healthAt(o predict.Outlook, life Life, at time.Time) (out []health) {
	if life.Component != predict.TractionBattery {
		return nil
	}
	all := h.Damage[life.Component]
	now, ok := damageAt(all, at)
	before, known := damageAt(all, at.AddDate(0, 0, -paceDays))
	if !ok {
		return nil
	}
	own := h.seen(life, at)
	for _, d := range healthAfter {
		then := at.AddDate(0, 0, d)
		truth, _ := damageAt(all, then)
		says, given := o.WearAt(life.Component, then)
		if then.After(h.Until) || !given {
			break
		}
		a := health{after: d, says: says, truth: truth, oracle: math.NaN(), line: lineAt(own, at, then), now: math.NaN()}
		if known {
			a.oracle = now + (now-before)*float64(d)/paceDays
		}
		if n := len(own); n > 0 {
			a.now = own[n-1].Wear
		}
		out = append(out, a)
	}
	return out
}

// lineAt is where the least-squares line of the own readings leads to, or their mean where
// it falls; NaN of fewer than three.
func lineAt(own []predict.Reading, at, then time.Time) float64 {
	if len(own) < 3 {
		return math.NaN()
	}
	x, y := make([]float64, len(own)), make([]float64, len(own))
	for i, r := range own {
		x[i], y[i] = days(r.Time.Sub(at)), r.Wear
	}
	start, slope := stat.LinearRegression(x, y, nil, false)
	if !(slope > 0) {
		return stat.Mean(y, nil)
	}
	return start + slope*days(then.Sub(at))
}

// healthFigures are those of the traction battery.
func (g group) healthFigures() []figure {
	if g.component != predict.TractionBattery || !g.watched {
		return nil
	}
	var out []figure
	for _, n := range healthAfter {
		of := func(value func(*health) float64) func(asked) []float64 {
			return func(a asked) []float64 {
				sum, count := 0.0, 0.0
				for _, answer := range a[g.component] {
					for i := range answer.health {
						if v := value(&answer.health[i]); answer.health[i].after == n && answer.watched && !math.IsNaN(v) {
							sum, count = sum+v, count+1
						}
					}
				}
				return []float64{sum, count}
			}
		}
		off := func(says func(*health) float64) func(asked) []float64 {
			return of(func(h *health) float64 { return healthPoints * math.Abs(says(h)-h.truth) })
		}
		task := fmt.Sprintf("%s, health in %d days", g.name, n)
		out = append(out, figure{
			Row: Row{Task: task, Metric: "MAE", Unit: "points"}, of: off(func(h *health) float64 { return h.says.P50 }), value: quotient,
			beside: []besides{
				{"oracle", off(func(h *health) float64 { return h.oracle })},
				{"as now", off(func(h *health) float64 { return h.now })},
				{"per-unit line", off(func(h *health) float64 { return h.line })},
			},
		}, figure{
			Row: Row{Task: task, Metric: "coverage of 80 %", Must: Between(0.74, 0.86), Aim: Between(0.77, 0.83)},
			of:  of(func(h *health) float64 { return one(h.truth >= h.says.P10 && h.truth <= h.says.P90) }), value: quotient,
		})
	}
	return out
}
