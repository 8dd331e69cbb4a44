package evaluate

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

var oil = Set{
	Name:  "mining_engine_oil",
	About: "oil of mining haul trucks: total base number (TBN) near 500 h from three samples, hidden top-ups",
	Files: []string{"oil_samples.csv"},
	rows:  oilRows,
}

// A fill is asked for its TBN at the sample nearest to 500 h, within 15 % of it,
// from its first three samples, by a model of the other fills. A fill without
// such a sample after its third only teaches.
const (
	oilHours     = 500.0
	oilNear      = 0.15
	oilSamples   = 3
	tbnNoise     = 0.3 // standard deviation of one analysis, mg KOH/g
	leastFills   = 3
	flattest     = -1e-4 // TBN per hour: it falls
	plantedShare = 0.5   // of the wear that a planted top-up takes away
)

// oilColumns are the indicators with their limits; all but the first rise.
var oilColumns = []struct {
	name  string
	limit float64
}{
	{"tbn_mgkoh_g", 7}, {"oxidation", 24}, {"soot", 60}, {"sulfation", 28}, {"cu_ppm", 10}, {"fe_ppm", 36},
}

// fill is one charge of oil: hours, and the indicators at each.
type fill struct {
	name   string
	hours  []float64
	values [][]float64 // [sample][column]
}

func oilRows(_ context.Context, folder fs.FS) ([]Row, error) {
	fills, err := readFills(folder)
	if err != nil {
		return nil, err
	}
	var ours, table, line, truth []float64
	for i := range fills {
		at, ok := fills[i].target()
		if !ok {
			continue
		}
		others := slices.Concat(fills[:i], fills[i+1:])
		if len(others) < leastFills {
			continue
		}
		predicted, err := fills[i].foretell(others, fills[i].hours[at])
		if err != nil {
			return nil, fmt.Errorf("oil_samples.csv, fill %s: %w", fills[i].name, err)
		}
		ours, truth = append(ours, predicted), append(truth, fills[i].values[at][0])
		table, line = append(table, tableTBN(others)), append(line, fills[i].lineTBN(fills[i].hours[at]))
	}
	if len(truth) == 0 {
		return nil, fmt.Errorf("oil_samples.csv: no fill has a sample near %g h after its third, with %d other fills beside it", oilHours, leastFills)
	}
	rows := []Row{{
		Task: "TBN at about 500 h from 3 samples", Metric: "MAE", Unit: "mg KOH/g", Units: len(truth),
		Ours: score.MAE(ours, truth), Sure: overUnits(ours, truth, score.MAE),
		Baselines: []Baseline{{"mean of other fills", score.MAE(table, truth)}, {"per-fill line", score.MAE(line, truth)}},
		Must:      AtMost(0.35), Aim: AtMost(0.28),
	}}
	return append(rows, topUpRows(fills)...), nil
}

// target is the sample to be asked for.
func (f *fill) target() (int, bool) {
	best, ok := 0, false
	for i := oilSamples; i < len(f.hours); i++ {
		off := math.Abs(f.hours[i] - oilHours)
		if off <= oilNear*oilHours && (!ok || off < math.Abs(f.hours[best]-oilHours)) {
			best, ok = i, true
		}
	}
	return best, ok
}

// oilFleet is what the other fills teach of TBN: one line with a level of each
// fill's own.
type oilFleet struct {
	fresh, spread float64 // TBN of a new fill, and its standard deviation
	slope         float64 // per hour, below 0
	noise         float64 // standard deviation of an analysis around its fill's line
}

func learnOil(fills []fill) oilFleet {
	var o oilFleet
	var across, square float64
	for _, f := range fills {
		h, level := mean(f.hours), mean(f.tbn())
		for i := range f.hours {
			across += (f.hours[i] - h) * (f.values[i][0] - level)
			square += (f.hours[i] - h) * (f.hours[i] - h)
		}
	}
	o.slope = math.Min(across/math.Max(square, 1), flattest)
	var levels []float64
	squares, free, share := 0.0, -1.0, 0.0
	for _, f := range fills {
		level := mean(f.tbn()) - o.slope*mean(f.hours)
		levels = append(levels, level)
		for i := range f.hours {
			d := f.values[i][0] - level - o.slope*f.hours[i]
			squares += d * d
		}
		free += float64(len(f.hours)) - 1
		share += 1 / float64(len(f.hours)) / float64(len(fills))
	}
	// The smallest noise is that of the analysis itself.
	o.noise = math.Max(math.Sqrt(squares/math.Max(free, 1)), tbnNoise)
	o.fresh = mean(levels)
	v := 0.0
	for _, l := range levels {
		v += (l - o.fresh) * (l - o.fresh) / float64(len(levels)-1)
	}
	o.spread = math.Sqrt(math.Max(v-o.noise*o.noise*share, 0.01))
	return o
}

// foretell is the TBN at a time ahead by the path model: a straight path from
// fresh to the limit, its rate and its start drawn to those of the other fills.
func (f *fill) foretell(others []fill, hours float64) (float64, error) {
	fleet := learnOil(others)
	span := fleet.fresh - oilColumns[0].limit
	if !(span > 0) {
		return 0, fmt.Errorf("TBN of other fills starts at %.1f, not above its limit of %g", fleet.fresh, oilColumns[0].limit)
	}
	wear := func(tbn float64) float64 { return (fleet.fresh - tbn) / span }
	var paths []degradation.Path
	for _, o := range others {
		last := len(o.hours) - 1
		p := degradation.Path{Unit: o.name, Life: o.hours[last]}
		// The end of a fill by its own level and the common slope: one analysis is too rough.
		end := mean(o.tbn()) + fleet.slope*(o.hours[last]-mean(o.hours))
		p.Readings = []degradation.Reading{{Tau: p.Life, Wear: wear(end)}}
		paths = append(paths, p)
	}
	m, _, err := degradation.Learn(paths, []*degradation.Curve{degradation.Linear()}, &degradation.Model{
		Forms: []degradation.Form{{Curve: degradation.Linear(), Noise: degradation.Noise{Level: 0.001, Rate: 0.3}, Weight: 1}},
		Rates: &degradation.Rates{Mean: math.Log(-fleet.slope / span), Variance: 0.15},
	})
	if err != nil {
		return 0, err
	}
	m.Start = fleet.spread / span
	s := m.New()
	for i := range oilSamples {
		m.Observe(&s, degradation.Reading{Tau: f.hours[i], Wear: wear(f.values[i][0]), Noise: fleet.noise / span})
	}
	s = m.At(s, hours)
	return fleet.fresh - span*m.Wear(&s), nil
}

// tableTBN looks at no sample of the fill: the mean of others near 500 h.
func tableTBN(others []fill) float64 {
	var near, all []float64
	for _, f := range others {
		for i, h := range f.hours {
			all = append(all, f.values[i][0])
			if math.Abs(h-oilHours) <= oilNear*oilHours {
				near = append(near, f.values[i][0])
			}
		}
	}
	if len(near) == 0 {
		near = all
	}
	return mean(near)
}

// lineTBN is the least-squares line through the three samples.
func (f *fill) lineTBN(hours float64) float64 {
	rows := make([][]float64, oilSamples)
	for i := range rows {
		rows[i] = []float64{f.hours[i]}
	}
	l, err := predict.Fit(f.tbn()[:oilSamples], rows)
	if err != nil {
		return mean(f.tbn()[:oilSamples])
	}
	return l.At(hours)
}

// tbn of every sample.
func (f *fill) tbn() []float64 {
	out := make([]float64, len(f.values))
	for i, v := range f.values {
		out[i] = v[0]
	}
	return out
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func readFills(folder fs.FS) ([]fill, error) {
	columns := []string{"engine", "oil_fill", "oil_hours"}
	for _, c := range oilColumns {
		columns = append(columns, c.name)
	}
	var fills []fill
	index := map[string]int{}
	err := readCSV(folder, "oil_samples.csv", columns, func(r *record) {
		name := r.text("engine") + "/" + r.text("oil_fill")
		i, ok := index[name]
		if !ok {
			i = len(fills)
			index[name] = i
			fills = append(fills, fill{name: name})
		}
		f := &fills[i]
		h := r.number("oil_hours")
		if n := len(f.hours); n > 0 && h <= f.hours[n-1] && r.err == nil {
			r.err = fmt.Errorf("%s, line %d: oil_hours %g of fill %s after %g; want them rising", r.file, r.line, h, name, f.hours[n-1])
		}
		values := make([]float64, len(oilColumns))
		for c := range oilColumns {
			values[c] = r.number(oilColumns[c].name)
		}
		f.hours, f.values = append(f.hours, h), append(f.values, values)
	})
	return fills, err
}
