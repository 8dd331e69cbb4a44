package evaluate

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// The life of a cell runs until its state of health is below a threshold: the
// first of three cycles in a row, so that one bad measurement ends no life. The
// state of health is capacity by the median capacity of cycles 3 to 12, as far
// as these have been run.
//
// Wear is counted from the best that a cell has shown (see fromBest). A cell whose
// life would end within the cycles of its base is left out.
//
// A group counts when six of its cells reached the threshold: one is asked, and
// five teach. Cells that did not reach it teach, censored, and are not asked.
// Groups of twenty and more are asked for their coverage, too.
const (
	firstBase, lastBase = 3, 12
	inRow               = 3
	leastCells          = 6
	manyCells           = 20
)

var (
	thresholds  = []float64{0.9, 0.8}
	lifeShares  = []float64{0.3, 0.5, 0.7, 0.9}
	batteryMust = []float64{23, 16, 10, 5} // MAE, % of life, at each share
	batteryAim  = []float64{18, 12, 7, 3}
)

var liion = Set{
	Name:  "liion_capacity_fade",
	About: "Li-ion cells of four laboratories, cycles until capacity is below a threshold",
	Files: []string{"capacity.csv"},
	rows:  liionRows,
}

// cell is the capacity of a cell by cycle.
type cell struct {
	group, name string
	cycle, ah   []float64
}

func liionRows(ctx context.Context, folder fs.FS) ([]Row, error) {
	groups, err := readCells(folder, "group")
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, threshold := range thresholds {
		var asked []askedGroup
		for _, g := range groups {
			a, err := g.ask(ctx, threshold)
			if err != nil {
				return nil, fmt.Errorf("group %s: %w", g[0].group, err)
			}
			if a.rows != nil {
				asked = append(asked, a)
			}
		}
		if len(asked) > 0 {
			rows = append(rows, batteryRows(threshold, asked)...)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("capacity.csv: no group has %d cells that reach a state of health of %v", leastCells, thresholds)
	}
	return rows, nil
}

// askedGroup is a group with what was foretold of its cells.
type askedGroup struct {
	name string
	rows [][]foretold // [cell][share]
}

type cellGroup []cell

// ask foretells the lives of a group's cells; no rows when too few have one.
func (g cellGroup) ask(ctx context.Context, threshold float64) (askedGroup, error) {
	var fleet []specimen
	lives := 0
	for i := range g {
		if s, ok := g[i].specimen(threshold); ok {
			fleet = append(fleet, s)
			if s.failed {
				lives++
			}
		}
	}
	if lives < leastCells {
		return askedGroup{}, nil
	}
	rows, err := foretell(ctx, fleet, degradation.Standard(), lifeShares)
	return askedGroup{g[0].group, rows}, err
}

// specimen of a cell for a threshold; false when it has no base to compare with.
func (c *cell) specimen(threshold float64) (specimen, bool) {
	base, ok := c.base(math.Inf(1))
	if !ok {
		return specimen{}, false
	}
	s := specimen{name: c.name, groups: c.together(), life: c.cycle[len(c.cycle)-1], readings: func(until float64) []degradation.Reading {
		return c.readings(until, threshold)
	}}
	below := 0
	for i, ah := range c.ah {
		if ah/base >= threshold {
			below = 0
		} else if below++; below == inRow {
			s.life, s.failed = c.cycle[i-inRow+1], true
			break
		}
	}
	return s, s.life > lastBase
}

// base is the capacity that counts as whole, as known at a cycle.
func (c *cell) base(until float64) (float64, bool) {
	var first []float64
	for i, n := range c.cycle {
		if n >= firstBase && n <= math.Min(lastBase, until) {
			first = append(first, c.ah[i])
		}
	}
	if len(first) == 0 {
		return 0, false
	}
	base := middle(first)
	return base, base > 0
}

// together names what was made and tested with the cell: its name without its
// own number ("CY25-05_1-#3": NCA at 25 °C and 0.5 C).
func (c *cell) together() []string {
	if i := strings.LastIndexAny(c.name, "-_"); i > 0 {
		return []string{c.name[:i]}
	}
	return nil
}

// A cell is read every 4 % of what it has run, at least every three cycles: the
// median of up to five cycles.
const (
	readEvery  = 0.04
	leastEvery = 3
	readCycles = 5
)

func (c *cell) readings(until, threshold float64) []degradation.Reading {
	base, ok := c.base(until)
	if !ok {
		return nil
	}
	var out []degradation.Reading
	first, due := 0, float64(leastEvery)
	for i, n := range c.cycle {
		if n > until {
			break
		}
		if n < due {
			continue
		}
		from := max(first, i-readCycles+1)
		soh := middle(c.ah[from:i+1]) / base
		out = append(out, degradation.Reading{Tau: c.cycle[(from+i)/2], Wear: (1 - soh) / (1 - threshold)})
		first, due = i+1, n+math.Max(leastEvery, readEvery*n)
	}
	return fromBest(out)
}

// fromBest counts wear from the best that the cell has shown: capacity grows in
// the first cycles of some, and fades from there. The limit stays where it is.
func fromBest(readings []degradation.Reading) []degradation.Reading {
	best := 0.0
	for _, r := range readings {
		best = math.Min(best, r.Wear)
	}
	peaked := best == 0
	for i := range readings {
		peaked = peaked || readings[i].Wear == best
		if !peaked {
			readings[i].Wear = best
		}
		readings[i].Wear = (readings[i].Wear - best) / (1 - best)
	}
	return readings
}

// middle is the median.
func middle(values []float64) float64 {
	v := slices.Clone(values)
	slices.Sort(v)
	return score.Quantile(v, 0.5)
}

// readCells reads capacity.csv, whose cells are of the groups of a column.
func readCells(folder fs.FS, group string) ([]cellGroup, error) {
	var groups []cellGroup
	at := map[string]int{}
	index := map[[2]string]int{}
	err := readCSV(folder, "capacity.csv", []string{group, "cell", "cycle", "capacity_ah"}, func(r *record) {
		name := [2]string{r.text(group), r.text("cell")}
		g, ok := at[name[0]]
		if !ok {
			g = len(groups)
			at[name[0]] = g
			groups = append(groups, nil)
		}
		i, ok := index[name]
		if !ok {
			i = len(groups[g])
			index[name] = i
			groups[g] = append(groups[g], cell{group: name[0], name: name[1]})
		}
		c := &groups[g][i]
		cycle := r.number("cycle")
		if n := len(c.cycle); n > 0 && cycle <= c.cycle[n-1] && r.err == nil {
			r.err = fmt.Errorf("%s, line %d: cycle %g of %s after cycle %g; want rising cycles", r.file, r.line, cycle, c.name, c.cycle[n-1])
		}
		c.cycle, c.ah = append(c.cycle, cycle), append(c.ah, r.number("capacity_ah"))
	})
	return groups, err
}

// batteryRows are the figures of one threshold.
func batteryRows(threshold float64, asked []askedGroup) []Row {
	task := func(share float64) string { return fmt.Sprintf("life to SoH %g at %g of it", threshold, share) }
	var rows []Row
	units := 0
	for _, g := range asked {
		units += len(g.rows)
	}
	for k, share := range lifeShares {
		figure := func(of func(*foretold) float64) float64 { return overGroups(asked, k, nil, of) }
		rows = append(rows, Row{
			Task: task(share), Metric: fmt.Sprintf("MAE, mean of %d groups", len(asked)), Unit: "% of life", Units: units,
			Ours:      figure(oursOf),
			Sure:      score.Bootstrap(units, func(pick []int) float64 { return overGroups(asked, k, pick, oursOf) }),
			Baselines: []Baseline{{"life table", figure(tableOf)}, {"per-unit line", figure(lineOf)}},
			Must:      AtMost(batteryMust[k]), Aim: AtMost(batteryAim[k]),
		})
	}
	rows = append(rows, againstTable(fmt.Sprintf("life to SoH %g", threshold), asked, units)...)
	for _, g := range asked {
		if len(g.rows) < manyCells {
			continue
		}
		for k, share := range lifeShares {
			one := []askedGroup{g}
			rows = append(rows, Row{
				Task: task(share), Metric: "coverage of 80 %, " + g.name, Units: len(g.rows),
				Ours: overGroups(one, k, nil, heldOf),
				Sure: score.Bootstrap(len(g.rows), func(pick []int) float64 { return overGroups(one, k, pick, heldOf) }),
				Must: Between(0.72, 0.88), Aim: Between(0.76, 0.84),
			})
		}
	}
	return rows
}

// againstTable says how much worse than the life table a group is at most: the
// life table of cells that are much alike is hard to beat.
func againstTable(task string, asked []askedGroup, units int) []Row {
	worst, ratio := math.Inf(-1), 0.0
	for k := range lifeShares {
		for _, g := range asked {
			one := []askedGroup{g}
			worst = math.Max(worst, overGroups(one, k, nil, oursOf)-overGroups(one, k, nil, tableOf))
		}
		ratio = math.Max(ratio, overGroups(asked, k, nil, oursOf)/overGroups(asked, k, nil, tableOf))
	}
	none := score.Interval{Low: math.NaN(), High: math.NaN()}
	return []Row{
		{Task: task, Metric: "MAE by the life table's, worst share", Units: units, Ours: ratio, Sure: none, Must: AtMost(1.05)},
		{Task: task, Metric: "MAE above the life table's, worst group and share", Unit: "% of life", Units: units, Ours: worst, Sure: none, Must: AtMost(5)},
	}
}

// overGroups is the mean over groups of the mean over the cells that were
// picked, numbered through all groups; nil picks all.
func overGroups(asked []askedGroup, share int, pick []int, of func(*foretold) float64) float64 {
	times := map[int]float64{}
	for _, p := range pick {
		times[p]++
	}
	total, groups, n := 0.0, 0.0, 0
	for _, g := range asked {
		sum, weight := 0.0, 0.0
		for _, row := range g.rows {
			w := 1.0
			if pick != nil {
				w = times[n]
			}
			sum, weight = sum+w*of(&row[share]), weight+w
			n++
		}
		if weight > 0 {
			total, groups = total+sum/weight, groups+1
		}
	}
	return total / groups
}
