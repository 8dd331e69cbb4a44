package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// group is components that are judged together.
type group struct {
	name       string
	components []predict.Component
	measured   bool // only parts whose wear has been looked at
	ordered    bool // orders are scored
}

var groups = []group{
	{"engine oil", []predict.Component{predict.EngineOil}, false, true},
	{"brake pads", []predict.Component{predict.BrakePadsFront, predict.BrakePadsRear}, true, true},
	{"tyres", []predict.Component{predict.Tyres}, true, true},
	{"12 V battery", []predict.Component{predict.Battery12V}, true, true},
	{"air filter", []predict.Component{predict.AirFilter}, false, false},
	{"cabin filter", []predict.Component{predict.CabinFilter}, false, false},
	{"brake fluid", []predict.Component{predict.BrakeFluid}, false, false},
	{"coolant", []predict.Component{predict.Coolant}, false, false},
	{"spark plugs", []predict.Component{predict.SparkPlugs}, false, false},
	{"traction battery", []predict.Component{predict.TractionBattery}, true, false},
}

func isOrdered(c predict.Component) bool {
	return slices.ContainsFunc(groups, func(g group) bool { return g.ordered && slices.Contains(g.components, c) })
}

func (g group) of(all []answer, keep func(*answer) bool) []answer {
	var out []answer
	for i := range all {
		if a := &all[i]; slices.Contains(g.components, a.component) && (a.measured || !g.measured) && keep(a) {
			out = append(out, *a)
		}
	}
	return out
}

// byUnit is a figure of answers with its bootstrap over vehicles.
func byUnit(answers []answer, figure func([]answer) float64) (value float64, sure score.Interval, units int) {
	var of [][]answer
	for i, a := range answers {
		if i == 0 || answers[i-1].unit != a.unit {
			of = append(of, nil)
		}
		of[len(of)-1] = append(of[len(of)-1], a)
	}
	sure = score.Bootstrap(len(of), func(pick []int) float64 {
		var drawn []answer
		for _, p := range pick {
			drawn = append(drawn, of[p]...)
		}
		return figure(drawn)
	})
	return figure(answers), sure, len(of)
}

// fewest answers that a figure is made of.
const fewest = 30

// errorRows are the errors so many days before the limit, of answers with a date.
func errorRows(all []answer) []Row {
	var rows []Row
	for _, g := range groups {
		for i, before := range askedBefore {
			asked := g.of(all, func(a *answer) bool { return a.before == before })
			given := slices.DeleteFunc(slices.Clone(asked), func(a answer) bool { return !a.given })
			if len(given) < fewest {
				continue
			}
			of := func(value func(*answer) float64) func([]answer) float64 {
				return func(from []answer) float64 { return meanError(from, value) }
			}
			middle := of(func(a *answer) float64 { return a.middle })
			r := Row{Task: fmt.Sprintf("%s, %d days before the limit", g.name, before), Metric: "MAE", Unit: "days"}
			r.Ours, r.Sure, r.Units = byUnit(given, middle)
			oracle := of(func(a *answer) float64 { return a.oracle })(given)
			r.Baselines = []Baseline{
				{"oracle", oracle},
				{"life table", of(func(a *answer) float64 { return a.table })(given)},
				{"per-unit line", of(func(a *answer) float64 { return a.line })(given)},
			}
			r.Must, r.Aim = errorBounds(g.name, i, oracle)
			rows = append(rows, r)
		}
	}
	return rows
}

// errorBounds are those of the targets: for oil and pads by the oracle, for the 12 V
// battery in days.
func errorBounds(name string, i int, oracle float64) (must, aim Bound) {
	switch {
	case i > 2:
	case name == "engine oil" || name == "brake pads":
		return AtMost([]float64{1.3, 1.4, 1.7}[i] * oracle), AtMost([]float64{1.1, 1.2, 1.35}[i] * oracle)
	case name == "12 V battery":
		return AtMost([]float64{45, 30, 15}[i]), AtMost([]float64{38, 24, 11}[i])
	}
	return Bound{}, Bound{}
}

// meanError is the mean absolute error of those that answer at all.
func meanError(from []answer, value func(*answer) float64) float64 {
	sum, n := 0.0, 0.0
	for i := range from {
		if v := value(&from[i]); !math.IsNaN(v) {
			sum, n = sum+math.Abs(v-from[i].left), n+1
		}
	}
	return sum / n
}

// The bins of coverage, by the days that the forecast says.
var horizons = []struct{ from, to float64 }{{0, 30}, {30, 90}, {90, 180}, {180, 365}}

// coverageRows are the shares of chance days on which the truth lay between P10
// and P90, and how often a date was given at all.
func coverageRows(all []answer) []Row {
	var rows []Row
	for _, g := range groups {
		chance := g.of(all, func(a *answer) bool { return a.before == 0 && !a.weekly })
		if len(chance) < fewest {
			continue
		}
		r := Row{Task: g.name + ", a chance day", Metric: "a date is given"}
		r.Ours, r.Sure, r.Units = byUnit(chance, func(from []answer) float64 {
			return partOf(from, func(a *answer) bool { return a.given })
		})
		rows = append(rows, r)
		for _, h := range horizons {
			in := slices.DeleteFunc(slices.Clone(chance), func(a answer) bool {
				return !a.given || a.middle < h.from || a.middle >= h.to || math.IsInf(a.left, 1) && a.high >= a.beyond
			})
			if len(in) < fewest {
				continue
			}
			r := Row{
				Task: fmt.Sprintf("%s, due in %g to %g days", g.name, h.from, h.to), Metric: "coverage of 80 %",
				Must: Between(0.74, 0.86), Aim: Between(0.77, 0.83),
			}
			r.Ours, r.Sure, r.Units = byUnit(in, func(from []answer) float64 {
				return partOf(from, func(a *answer) bool { return a.left >= a.low && a.left <= a.high })
			})
			rows = append(rows, r)
		}
	}
	return rows
}

func partOf(from []answer, is func(*answer) bool) float64 {
	n := 0.0
	for i := range from {
		if is(&from[i]) {
			n++
		}
	}
	return n / float64(len(from))
}

// order is what an order policy made of one life: raised so many days before the
// limit, NaN when never.
type order struct{ raised float64 }

// An order is in time from 28 to 3 days before the limit.
const earliestOrder, latestOrder = 28, 3

func (o order) inTime() bool { return o.raised <= earliestOrder && o.raised >= latestOrder }

// ordersOf raises the order of each life in the first week in which the forecast
// says that it is due within the horizon.
func ordersOf(weekly []answer) []order {
	var out []order
	for i := range weekly {
		a := &weekly[i]
		if i == 0 || weekly[i-1].unit != a.unit || weekly[i-1].life != a.life {
			out = append(out, order{math.NaN()})
		}
		if o := &out[len(out)-1]; math.IsNaN(o.raised) && a.given && a.middle <= orderHorizon {
			o.raised = a.left
		}
	}
	return out
}

// orderRows score the orders: raised in time of all raised, of all lives, and too
// late or never.
func orderRows(all []answer) []Row {
	figures := []struct {
		metric string
		of     func(orders []order) float64
	}{
		{"precision", func(orders []order) float64 {
			raised := slices.DeleteFunc(slices.Clone(orders), func(o order) bool { return math.IsNaN(o.raised) })
			return shareOf(raised, order.inTime)
		}},
		{"recall", func(orders []order) float64 { return shareOf(orders, order.inTime) }},
		{"late or missed", func(orders []order) float64 {
			return shareOf(orders, func(o order) bool { return !(o.raised >= latestOrder) })
		}},
	}
	var rows []Row
	for _, g := range groups {
		weekly := g.of(all, func(a *answer) bool { return a.weekly })
		if !g.ordered || len(ordersOf(weekly)) < fewest {
			continue
		}
		for i, f := range figures {
			r := Row{Task: g.name + ", orders two weeks ahead", Metric: f.metric}
			r.Ours, r.Sure, r.Units = byUnit(weekly, func(from []answer) float64 { return f.of(ordersOf(from)) })
			r.Must, r.Aim = orderBounds(g.name, i)
			rows = append(rows, r)
		}
	}
	return rows
}

func orderBounds(name string, figure int) (must, aim Bound) {
	switch {
	case figure == 2 && (name == "brake pads" || name == "tyres"):
		return AtMost(0.02), AtMost(0.005)
	case figure == 2:
		return Bound{}, Bound{}
	case name == "12 V battery":
		return AtLeast([]float64{0.75, 0.70}[figure]), AtLeast(0.88)
	}
	return AtLeast(0.85), AtLeast([]float64{0.93, 0.95}[figure])
}

func shareOf(orders []order, is func(order) bool) float64 {
	n := 0.0
	for _, o := range orders {
		if is(o) {
			n++
		}
	}
	return n / float64(len(orders))
}
