package evaluate

import (
	"errors"
	"io/fs"
	"math"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/score"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// busEngine is one engine of a bus, from when it was put in until it was
// replaced or last seen, in miles of the bus.
type busEngine struct {
	bus      int
	group    string
	second   bool    // not the engine that the bus was built with
	seen     float64 // miles it had done when it is judged
	pace     float64 // log of miles a day in the year before that
	end      float64 // miles it had done when it was replaced or last seen
	replaced bool
}

// watchYear is how long an engine has to be seen before it is judged.
const watchYear = 365 * 24 * time.Hour

// engines splits the life of a bus at its replacements. Each engine is judged
// once, at the first reading a year after it was put in or first seen; those that
// were replaced earlier, or not seen so long, are left out. A replacement without
// an odometer is given that of its month.
func (b *bus) engines(number int) []busEngine {
	var out []busEngine
	start := 0.0
	for k := 0; k <= len(b.replacements) && len(b.months) > 0; k++ {
		last := b.months[len(b.months)-1]
		e := busEngine{bus: number, group: b.group, second: k > 0, end: last.miles - start}
		next := last.miles
		if k < len(b.replacements) {
			r := b.replacements[k]
			if next = r.miles; math.IsNaN(next) {
				next = b.milesAt(r.at)
			}
			e.end, e.replaced = next-start, true
		}
		first := sort.Search(len(b.months), func(i int) bool { return b.months[i].miles >= start })
		if first < len(b.months) {
			from := b.months[first]
			judged := sort.Search(len(b.months), func(i int) bool { return b.months[i].at.Sub(from.at) >= watchYear })
			if judged < len(b.months) {
				now := b.months[judged]
				e.seen = now.miles - start
				e.pace = math.Log(math.Max((now.miles-from.miles)/daysBetween(from.at, now.at), 1))
				if e.end > e.seen {
					out = append(out, e)
				}
			}
		}
		if !(next > start) {
			break // not a replacement that follows the one before
		}
		start = next
	}
	return out
}

// milesAt is the odometer of the first reading from a time on, or the last.
func (b *bus) milesAt(at time.Time) float64 {
	i := sort.Search(len(b.months), func(i int) bool { return !b.months[i].at.Before(at) })
	return b.months[min(i, len(b.months)-1)].miles
}

// readReplacements adds the replacements of buses.csv.
func readReplacements(folder fs.FS, byName map[string]*bus) error {
	columns := []string{"group", "bus_id", "purchased", "engine_repl1_month", "engine_repl1_odometer", "engine_repl2_month", "engine_repl2_odometer"}
	return readCSV(folder, "buses.csv", columns, func(r *record) {
		b := byName[r.text("group")+"/"+r.text("bus_id")]
		if b == nil {
			return
		}
		if r.text("purchased") != "" {
			b.purchased = r.month("purchased")
		}
		for _, name := range []string{"engine_repl1_", "engine_repl2_"} {
			if r.text(name+"month") == "" {
				continue
			}
			x := replacement{r.month(name + "month"), math.NaN()}
			if r.text(name+"odometer") != "" {
				x.miles = r.number(name + "odometer")
			}
			b.replacements = append(b.replacements, x)
		}
	})
}

// busEngineRows asks, of engines that have been seen for a year, how many miles
// more they will do. The law is Weibull in the miles of the engine, with group,
// pace and whether it is the first engine for covariates, and is learned from the
// other buses, whose engines of a year ago are left-truncated and whose present
// ones are censored. Kaplan-Meier is given the miles that each engine has done.
func busEngineRows(fleet []*bus) ([]Row, error) {
	var engines []busEngine
	for i, b := range fleet {
		engines = append(engines, b.engines(i)...)
	}
	var groups []string
	for i, e := range engines {
		if i == 0 || e.group != engines[i-1].group { // buses are in order of group
			groups = append(groups, e.group)
		}
	}
	judged := engineForecasts{}
	for fold := range busFolds {
		var train []survival.Life
		for _, e := range engines {
			if e.bus%busFolds != fold {
				train = append(train, survival.Life{Entry: e.seen, Exit: e.end, Failed: e.replaced, X: e.covariates(groups)})
			}
		}
		law, err := survival.Fit(train, survival.Options{})
		if errors.Is(err, survival.ErrNoFailures) {
			continue // nothing to learn from, nothing to judge
		}
		if err != nil {
			return nil, err
		}
		curve := survival.KaplanMeier(train)
		for _, e := range engines {
			if e.bus%busFolds == fold {
				judged.add(e, law, curve, groups)
			}
		}
	}
	clocks := survival.Clocks(judged.lives, brierSteps, 0.9)
	if len(clocks) == 0 {
		return nil, nil // no engine was replaced while it was watched
	}
	return judged.rows(len(fleet), clocks), nil
}

func (e *busEngine) covariates(groups []string) []float64 {
	x := []float64{share(e.second), e.pace}
	for _, g := range groups {
		x = append(x, share(e.group == g))
	}
	return x
}

// engineForecasts are the engines as they were judged: lives in miles from then
// on, and the probability to do so many more, by the law and by Kaplan-Meier.
type engineForecasts struct {
	buses       []int
	lives       []survival.Life
	ours, table []func(ahead float64) float64
}

func (f *engineForecasts) add(e busEngine, law survival.Weibull, curve survival.Curve, groups []string) {
	x := e.covariates(groups)
	f.buses = append(f.buses, e.bus)
	f.lives = append(f.lives, survival.Life{Exit: e.end - e.seen, Failed: e.replaced})
	f.ours = append(f.ours, func(ahead float64) float64 { return law.Given(e.seen, ahead, x) })
	now := curve.At(e.seen)
	f.table = append(f.table, func(ahead float64) float64 {
		if now == 0 {
			return 0 // no other engine has done so many miles
		}
		return curve.At(e.seen+ahead) / now
	})
}

// brierSteps are the clocks of the integrated score: up to where nine in ten of
// the replacements have come.
const brierSteps = 40

func (f *engineForecasts) rows(buses int, clocks []float64) []Row {
	all := make([]int, len(f.lives))
	for i := range all {
		all[i] = i
	}
	byBus := make([][]int, buses)
	for i, b := range f.buses {
		byBus[b] = append(byBus[b], i)
	}
	sure := func(stat func(pick []int) float64) score.Interval {
		return score.Bootstrap(buses, func(drawn []int) float64 {
			var pick []int
			for _, b := range drawn {
				pick = append(pick, byBus[b]...)
			}
			return stat(pick)
		})
	}
	brier := func(of []func(float64) float64) func([]int) float64 {
		return func(pick []int) float64 {
			return survival.IntegratedBrier(chosen(f.lives, pick), func(i int, at float64) float64 { return of[pick[i]](at) }, clocks)
		}
	}
	concordance := func(of []func(float64) float64) func([]int) float64 {
		miles := make([]float64, len(of)) // expected within the clocks
		for i := range of {
			for _, at := range clocks {
				miles[i] += of[i](at)
			}
		}
		return func(pick []int) float64 { return survival.Concordance(chosen(f.lives, pick), chosen(miles, pick)) }
	}
	const task = "engine replacements, miles from a year of use on"
	table := brier(f.table)(all)
	return []Row{
		{
			Task: task, Metric: "IPCW-Brier, integrated", Units: len(f.lives), Ours: brier(f.ours)(all), Sure: sure(brier(f.ours)),
			Baselines: []Baseline{{"Kaplan-Meier", table}}, Must: AtMost(table),
		},
		{
			Task: task, Metric: "C-index", Units: len(f.lives), Ours: concordance(f.ours)(all), Sure: sure(concordance(f.ours)),
			Baselines: []Baseline{{"Kaplan-Meier", concordance(f.table)(all)}}, Aim: AtLeast(0.65),
		},
	}
}
