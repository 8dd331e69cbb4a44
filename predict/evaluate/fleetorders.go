package evaluate

import (
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// ordered reports whether the orders of a component are scored.
func ordered(c predict.Component) bool {
	return slices.Contains([]predict.Component{
		predict.EngineOil, predict.BrakePadsFront, predict.BrakePadsRear, predict.Tyres, predict.Battery12V,
	}, c)
}

// An order is in time from 28 to 3 days before the limit.
const earliestOrder, latestOrder = 28, 3

// outcomes counts what became of the parts of a vehicle.
type outcomes struct{ lives, raised, inTime, late float64 }

// ordersOf raises the order of each part on the first day on which its forecast does. A
// part belongs to the group that it is in at its last look.
func (g group) ordersOf(answers []answer) outcomes {
	type order struct {
		raised float64 // days before the limit; NaN: never
		last   *answer
	}
	orders := map[int]order{}
	for i := range answers {
		a := &answers[i]
		if a.moment != look {
			continue
		}
		o, ok := orders[a.life]
		if !ok {
			o.raised = math.NaN()
		}
		if o.last == nil || a.left < o.last.left {
			o.last = a
		}
		if a.raised && !(o.raised >= a.left) {
			o.raised = a.left
		}
		orders[a.life] = o
	}
	var out outcomes
	for _, o := range orders {
		if o.last.watched != g.watched {
			continue
		}
		out.lives++
		out.raised += one(!math.IsNaN(o.raised))
		out.inTime += one(o.raised <= earliestOrder && o.raised >= latestOrder)
		out.late += one(!(o.raised >= latestOrder))
	}
	return out
}

// orders are raised in time of all raised, of all parts, and too late or never.
func (g group) orders() []figure {
	if !ordered(g.component) {
		return nil
	}
	figures := []struct {
		metric string
		of     func(o outcomes) []float64
	}{
		{"precision", func(o outcomes) []float64 { return []float64{o.inTime, o.raised} }},
		{"recall", func(o outcomes) []float64 { return []float64{o.inTime, o.lives} }},
		{"late or missed", func(o outcomes) []float64 { return []float64{o.late, o.lives} }},
	}
	var out []figure
	for i, f := range figures {
		row := Row{Task: g.name + ", orders two weeks ahead", Metric: f.metric}
		row.Must, row.Aim = g.orderBounds(i)
		out = append(out, figure{Row: row, of: func(a asked) []float64 { return f.of(g.ordersOf(a[g.component])) }, value: quotient})
	}
	return out
}

func (g group) orderBounds(figure int) (must, aim Bound) {
	safety := g.component != predict.EngineOil && g.component != predict.Battery12V
	switch {
	case !g.watched || figure == 2 && !safety:
		return Bound{}, Bound{}
	case figure == 2:
		return AtMost(0.02), AtMost(0.005)
	case g.component == predict.Battery12V:
		return AtLeast([]float64{0.75, 0.70}[figure]), AtLeast(0.88)
	}
	return AtLeast(0.85), AtLeast([]float64{0.93, 0.95}[figure])
}
