package evaluate

import (
	"cmp"
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
		if o.last.watched == g.watched {
			out.add(o.raised)
		}
	}
	return out
}

// add counts a part whose order was raised so many days before its limit; NaN: never.
func (o *outcomes) add(raised float64) {
	o.lives++
	o.raised += one(!math.IsNaN(raised))
	o.inTime += one(raised <= earliestOrder && raised >= latestOrder)
	o.late += one(!(raised >= latestOrder))
}

// oracleAhead is how many days before the limit the oracle sees it raises an order: of what
// keeps people safe, earlier, so that one in fifty is late (1,500 vehicles, seed 12).
func (g group) oracleAhead() float64 {
	if g.safe() {
		return 18
	}
	return (earliestOrder + latestOrder) / 2
}

// oracleOrders raises the order of each part when the oracle sees its limit so near.
func (g group) oracleOrders(answers []answer) outcomes {
	ahead := g.oracleAhead()
	return g.ordersBy(answers, func(a *answer) float64 { return a.oracle - ahead })
}

// ordersBy raises the order of each part when what is to come until then has become 0, between
// two looks as it changes from one to the other.
func (g group) ordersBy(answers []answer, toCome func(*answer) float64) outcomes {
	looks := map[int][]*answer{}
	for i := range answers {
		if a := &answers[i]; a.moment == look && !math.IsNaN(toCome(a)) {
			looks[a.life] = append(looks[a.life], a)
		}
	}
	var out outcomes
	for _, of := range looks {
		slices.SortFunc(of, func(a, b *answer) int { return cmp.Compare(b.left, a.left) })
		if of[len(of)-1].watched != g.watched {
			continue
		}
		n := slices.IndexFunc(of, func(a *answer) bool { return toCome(a) <= 0 })
		switch {
		case n < 0: // after the last look, as the days go by
			last := of[len(of)-1]
			if raised := last.left - toCome(last); raised > 0 {
				out.add(raised)
			} else {
				out.add(math.NaN())
			}
		case n == 0:
			out.add(of[0].left)
		default:
			before, after := of[n-1], of[n]
			share := toCome(before) / (toCome(before) - toCome(after))
			out.add(before.left - share*(before.left-after.left))
		}
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
		beside := []besides{{"oracle", func(a asked) []float64 { return f.of(g.oracleOrders(a[g.component])) }}}
		if g.watched && g.component == observed {
			beside = append(beside, besides{"observer", func(a asked) []float64 { return f.of(g.observerOrders(a[g.component])) }})
		}
		out = append(out, figure{
			Row: row, of: func(a asked) []float64 { return f.of(g.ordersOf(a[g.component])) }, value: quotient, beside: beside,
		})
	}
	return out
}

// safe reports whether the part keeps people safe.
func (g group) safe() bool {
	return g.component != predict.EngineOil && g.component != predict.Battery12V
}

func (g group) orderBounds(figure int) (must, aim Bound) {
	switch {
	case !g.watched || figure == 2 && !g.safe():
		return Bound{}, Bound{}
	case figure == 2:
		return AtMost(0.02), AtMost(0.005)
	case g.component == predict.Battery12V:
		return AtLeast([]float64{0.75, 0.70}[figure]), AtLeast(0.88)
	}
	return AtLeast(0.85), AtLeast([]float64{0.93, 0.95}[figure])
}
