package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// group is the parts of a component that are judged together: those that a sensor of
// the vehicle measures, or those of which little more is known than since when they
// are in it, and what a workshop measured once or twice a year.
type group struct {
	name      string
	component predict.Component
	watched   bool
}

// groups are all that a fleet may have; those that it has not make no rows.
func groups() []group {
	var out []group
	for _, s := range predict.Standard().Specs() {
		name := strings.ToLower(s.Name.EN[:1]) + s.Name.EN[1:]
		out = append(out, group{name + ", measured", s.Component, true}, group{name, s.Component, false})
	}
	return out
}

// fleetFigures are the figures of a fleet whose use goes on as it was.
func fleetFigures() []figure {
	var out []figure
	for _, g := range groups() {
		out = append(out, g.errors()...)
	}
	for _, g := range groups() {
		out = append(out, g.healthFigures()...)
	}
	for _, g := range groups() {
		out = append(out, g.coverage()...)
	}
	for _, g := range groups() {
		out = append(out, g.orders()...)
	}
	for _, g := range groups() {
		out = append(out, g.coldStart()...)
	}
	for _, g := range groups() {
		out = append(out, g.withFaults()...)
	}
	return out
}

// errors are the errors so many days before the limit, of forecasts with a date.
func (g group) errors() []figure {
	var out []figure
	for i, n := range daysBefore {
		kept := func(a *answer) bool { return a.moment == nearLimit && a.n == n && a.given }
		errorOf := func(says func(*answer) float64) func(asked) []float64 {
			return g.mean(kept, func(a *answer) float64 { return math.Abs(says(a) - a.left) })
		}
		out = append(out, figure{
			Row:   Row{Task: fmt.Sprintf("%s, %d days before the limit", g.name, n), Metric: "MAE", Unit: "days"},
			of:    errorOf(func(a *answer) float64 { return a.middle }),
			value: quotient,
			beside: []besides{
				{"oracle", errorOf(func(a *answer) float64 { return a.oracle })},
				{"life table", errorOf(func(a *answer) float64 { return a.table })},
				{"per-unit line", errorOf(func(a *answer) float64 { return a.line })},
			},
			bounds: func(b []Baseline) (must, aim Bound) { return g.errorBounds(i, b[0].Value) },
		})
	}
	return out
}

// errorBounds are those of the targets: for oil and pads by the oracle, for the 12 V
// battery in days. Of parts that nobody measures no more is asked than their lives
// can tell, and for 14 days nothing is set.
func (g group) errorBounds(i int, oracle float64) (must, aim Bound) {
	if !g.watched || i > 2 {
		return Bound{}, Bound{}
	}
	if g.component == predict.Battery12V {
		return AtMost([]float64{45, 30, 15}[i]), AtMost([]float64{38, 24, 11}[i])
	}
	if slices.Contains([]predict.Component{predict.EngineOil, predict.BrakePadsFront, predict.BrakePadsRear}, g.component) {
		return AtMost([]float64{1.3, 1.4, 1.7}[i] * oracle), AtMost([]float64{1.1, 1.2, 1.35}[i] * oracle)
	}
	return Bound{}, Bound{}
}

// The bins of coverage, by the days that the forecast says.
var horizons = []struct{ from, to float64 }{{0, 30}, {30, 90}, {90, 180}, {180, 365}}

// coverage is, on chance days, how often a date is given at all, and the share of
// them on which the truth lay between P10 and P90.
func (g group) coverage() []figure {
	kept := func(a *answer) bool { return a.moment == chance }
	out := []figure{{
		Row: Row{Task: g.name + ", a chance day", Metric: "a date is given"},
		of:  g.mean(kept, func(a *answer) float64 { return one(a.given) }), value: quotient,
	}}
	for _, h := range horizons {
		due := func(a *answer) bool { return kept(a) && a.judged() && a.middle >= h.from && a.middle < h.to }
		out = append(out, figure{
			Row: Row{
				Task: fmt.Sprintf("%s, due in %g to %g days", g.name, h.from, h.to), Metric: "coverage of 80 %",
				Must: Between(0.74, 0.86), Aim: Between(0.77, 0.83),
			},
			of: g.mean(due, func(a *answer) float64 { return one(a.holds()) }), value: quotient,
		})
	}
	return out
}

// judged reports whether it is known if the interval holds the truth, whatever that is. An
// interval that ends beyond what is known would be judged by early ends alone: of those
// none lies above it.
func (a *answer) judged() bool { return a.given && a.high < a.beyond }

// holds reports whether the interval holds the truth.
func (a *answer) holds() bool { return a.left >= a.low && a.left <= a.high }
