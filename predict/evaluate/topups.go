package evaluate

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// topUpRows count hidden top-ups: those that the fills show as they are, and how
// many are found that were planted, each judged by gauges of the other fills.
// Planted ones take half of the wear away, from the fourth sample on.
func topUpRows(fills []fill) []Row {
	fresh := freshest(fills)
	var paths [][]degradation.Sample
	for i := range fills {
		paths = append(paths, fills[i].samples(fresh))
	}
	found, lone := 0.0, 0.0
	var planted []float64
	for i := range fills {
		others := make([][]degradation.Sample, 0, len(paths))
		for k := range paths {
			if k != i {
				others = append(others, paths[k])
			}
		}
		gauges := degradation.Gauges(others)
		resets := degradation.Resets(paths[i], gauges)
		for _, r := range resets {
			found++
			if r.Lone {
				lone++
			}
		}
		if len(paths[i]) <= oilSamples || hasReset(resets, oilSamples) {
			continue
		}
		hit := 0.0
		if hasReset(degradation.Resets(plant(paths[i], oilSamples), gauges), oilSamples) {
			hit = 1
		}
		planted = append(planted, hit)
	}
	none := score.Interval{Low: math.NaN(), High: math.NaN()}
	rows := []Row{{
		Task: "hidden top-ups and changes", Metric: "jumps back found in the fills as they are", Units: len(fills), Ours: found, Sure: none,
		Baselines: []Baseline{{"of them in one sample alone", lone}},
	}}
	if len(planted) > 0 {
		rows = append(rows, Row{
			Task: "hidden top-ups and changes", Metric: "share found of planted ones", Units: len(planted), Ours: mean(planted),
			Sure: score.Bootstrap(len(planted), func(pick []int) float64 { return mean(chosen(planted, pick)) }),
		})
	}
	return rows
}

func hasReset(resets []degradation.Reset, at int) bool {
	for _, r := range resets {
		if r.Sample == at {
			return true
		}
	}
	return false
}

// plant tops the oil up before a sample: from there on it has less of the wear
// that it had before.
func plant(path []degradation.Sample, at int) []degradation.Sample {
	out := make([]degradation.Sample, len(path))
	for i, s := range path {
		out[i] = degradation.Sample{Tau: s.Tau, Wear: append([]float64(nil), s.Wear...)}
		for j := range s.Wear {
			if i >= at {
				out[i].Wear[j] -= plantedShare * path[at-1].Wear[j]
			}
		}
	}
	return out
}

// freshest are the best values that any fill shows.
func freshest(fills []fill) []float64 {
	out := append([]float64(nil), fills[0].values[0]...)
	for _, f := range fills {
		for _, values := range f.values {
			for c, v := range values {
				if c == 0 {
					out[c] = math.Max(out[c], v)
				} else {
					out[c] = math.Min(out[c], v)
				}
			}
		}
	}
	return out
}

// samples are the indicators as wear: 0 as the freshest, 1 at the limit.
func (f *fill) samples(fresh []float64) []degradation.Sample {
	out := make([]degradation.Sample, len(f.hours))
	for i, h := range f.hours {
		out[i] = degradation.Sample{Tau: h, Wear: make([]float64, len(oilColumns))}
		for c, column := range oilColumns {
			if span := column.limit - fresh[c]; span != 0 {
				out[i].Wear[c] = (f.values[i][c] - fresh[c]) / span
			} else {
				out[i].Wear[c] = math.NaN()
			}
		}
	}
	return out
}
