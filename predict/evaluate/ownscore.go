package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// fewestOwn answers that a figure of one horizon is made of.
const fewestOwn = 10

// ownHorizons are bins by the days that the forecast says.
var ownHorizons = []struct {
	name     string
	from, to float64
}{
	{"", 0, math.Inf(1)},
	{"due in 0 to 30 days", 0, 30},
	{"due in 30 to 90 days", 30, 90},
	{"due in 90 to 180 days", 90, 180},
	{"due in 180 to 365 days", 180, 365},
	{"due in more than 365 days", 365, math.Inf(1)},
}

// Rows are the figures: of all components together, and of each, over all horizons and
// by horizon. None where no answer has a truth to compare with.
func (t *OwnTally) Rows() []Row {
	var rows []Row
	if len(t.o.parts) > 1 {
		rows = t.figures("all components", func(int) bool { return true })
	}
	for part, p := range t.o.parts {
		rows = append(rows, t.figures(p.name, func(of int) bool { return of == part })...)
		if c := t.censor[part]; c.units() > 0 {
			r := Row{Task: p.name + ", renewed early or still running", Metric: "share past P90", Units: c.units()}
			r.Ours, r.Sure = c.figure()
			rows = append(rows, r)
		}
	}
	for i := range rows {
		rows[i].Set = "own fleet"
	}
	return rows
}

func (t *OwnTally) figures(name string, of func(part int) bool) []Row {
	var rows []Row
	for _, h := range ownHorizons {
		var in []*ownEnded
		for i := range t.ended {
			if e := &t.ended[i]; of(e.part) && e.days.P50 >= h.from && e.days.P50 < h.to {
				in = append(in, e)
			}
		}
		if len(in) == 0 || h.name != "" && len(in) < fewestOwn {
			continue
		}
		task := fmt.Sprintf("%s, %s", name, h.name)
		if h.name == "" {
			task = fmt.Sprintf("%s, all %d forecasts", name, len(in))
		}
		for _, f := range ownFigures {
			if h.name == "" || !f.whole {
				rows = append(rows, f.rows(len(t.o.units), task, in)...)
			}
		}
		whole := newPooled(len(t.o.units))
		for _, w := range t.watched {
			if of(w.part) && w.due >= h.from && w.due < h.to {
				whole.add(w.unit, share(w.inside))
			}
		}
		if whole.units() > 0 {
			r := Row{Task: task, Metric: "coverage of 80 %, ended or not", Units: whole.units()}
			r.Ours, r.Sure = whole.figure()
			rows = append(rows, r)
		}
	}
	return rows
}

// ownFigure is a mean over answers; NaN is no answer.
type ownFigure struct {
	metric, unit string
	whole        bool // only over all horizons
	ours         func(*ownEnded) float64
	baselines    []ownBaseline
}

type ownBaseline struct {
	name string
	of   func(*ownEnded) float64
}

var ownFigures = []ownFigure{
	{"MAE", "days", false, func(e *ownEnded) float64 { return math.Abs(e.days.P50 - e.left) }, []ownBaseline{
		{"life table", func(e *ownEnded) float64 { return math.Abs(e.table.P50 - e.left) }},
		{"fixed interval", func(e *ownEnded) float64 { return math.Abs(e.fixed - e.left) }},
		{"per-unit line", func(e *ownEnded) float64 { return math.Abs(e.line - e.left) }},
	}},
	{"coverage of 80 %", "", false, func(e *ownEnded) float64 { return held(e.days, e.left) }, nil},
	{"width of 80 %", "days", false, func(e *ownEnded) float64 { return e.days.P90 - e.days.P10 }, nil},
	{"pinball of P10, P50, P90", "days", false, func(e *ownEnded) float64 { return pinball(e.days, e.left) }, []ownBaseline{
		{"life table", func(e *ownEnded) float64 { return pinball(e.table, e.left) }},
	}},
	{"MAE", "km", true, func(e *ownEnded) float64 { return math.Abs(e.km.P50 - e.odometer) }, nil},
	{"coverage of 80 %, km", "", true, func(e *ownEnded) float64 { return held(e.km, e.odometer) }, nil},
}

func held(q predict.Quantiles, v float64) float64 {
	if math.IsNaN(q.P10 + q.P90 + v) {
		return math.NaN()
	}
	return share(v >= q.P10 && v <= q.P90)
}

// pinball is the mean quantile loss of the three.
func pinball(q predict.Quantiles, v float64) float64 {
	loss := func(at, level float64) float64 { return math.Max(level*(v-at), (level-1)*(v-at)) }
	return (loss(q.P10, 0.1) + loss(q.P50, 0.5) + loss(q.P90, 0.9)) / 3
}

// rows are the figure over all answers, beside the baselines that answer them all, and
// over those that another baseline answers beside that one.
func (f *ownFigure) rows(units int, task string, in []*ownEnded) []Row {
	ours := pool(units, in, f.ours)
	if ours.units() == 0 {
		return nil
	}
	row := func(metric string, ours pooled, beside ...Baseline) Row {
		r := Row{Task: task, Metric: metric, Unit: f.unit, Units: ours.units(), Baselines: beside}
		r.Ours, r.Sure = ours.figure()
		return r
	}
	type together struct { // baselines that answer the same questions
		names    []string
		answered []*ownEnded
		beside   []Baseline
	}
	groups := []together{{answered: in}}
	for _, b := range f.baselines {
		answered := slices.DeleteFunc(slices.Clone(in), func(e *ownEnded) bool { return math.IsNaN(b.of(e)) })
		if len(answered) == 0 {
			continue
		}
		i := slices.IndexFunc(groups, func(g together) bool { return slices.Equal(g.answered, answered) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, together{answered: answered})
		}
		groups[i].names = append(groups[i].names, b.name)
		groups[i].beside = append(groups[i].beside, Baseline{b.name, pool(units, answered, b.of).mean()})
	}
	rows := []Row{row(f.metric, ours, groups[0].beside...)}
	for _, g := range groups[1:] {
		metric := fmt.Sprintf("%s where there is a %s", f.metric, strings.Join(g.names, " and a "))
		rows = append(rows, row(metric, pool(units, g.answered, f.ours), g.beside...))
	}
	return rows
}

// pool is a figure by unit, of the answers that have it.
func pool(units int, in []*ownEnded, of func(*ownEnded) float64) pooled {
	p := newPooled(units)
	for _, e := range in {
		if v := of(e); !math.IsNaN(v) {
			p.add(e.unit, v)
		}
	}
	return p
}
