package evaluate

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

var meeker = Set{
	Name:  "meeker_escobar_smrd",
	About: "degradation paths of Meeker & Escobar: GaAs lasers to 10 % more current, cracks of alloy A to 1.6 in",
	Files: []string{"gaaslaser.csv", "alloya.csv"},
	rows:  meekerRows,
}

// lifeTest is a file of specimens that are read at set times. The life of a
// specimen ends where the straight line between two readings passes the limit;
// one that does not pass it is censored at its last reading.
type lifeTest struct {
	task                       string
	file, unit, clock, reading string // and its columns
	start, limit               float64
	curves                     []*degradation.Curve
	must, aim                  float64 // MAE, % of life, at half of it
}

var lifeTests = []lifeTest{
	{
		task: "GaAs laser, life to 10 % at 0.5 of it", file: "gaaslaser.csv", unit: "unit", clock: "hours", reading: "increase",
		start: 0, limit: 10, curves: degradation.Standard(), must: 9.5, aim: 8,
	},
	{
		task: "alloy-A crack, life to 1.6 in at 0.5 of it", file: "alloya.csv", unit: "specimen", clock: "megacycles", reading: "inches",
		start: 0.9, limit: 1.6, curves: append(cracks(0.9/1.6), degradation.Standard()...), must: 5, aim: 4,
	},
}

// cracks grow by Paris' law: with exponents of the stress intensity of 2.5 to 4,
// as metals have them, and a stress in proportion to the root of the length.
func cracks(start float64) []*degradation.Curve {
	var out []*degradation.Curve
	for _, exponent := range []float64{2.5, 3, 3.5, 4} {
		out = append(out, degradation.Paris(exponent/2, start))
	}
	return out
}

func meekerRows(ctx context.Context, folder fs.FS) ([]Row, error) {
	var rows []Row
	for i := range lifeTests {
		test := &lifeTests[i]
		fleet, err := test.read(folder)
		if err != nil {
			return nil, err
		}
		failed := 0
		for _, s := range fleet {
			if s.failed {
				failed++
			}
		}
		if failed == 0 {
			return nil, fmt.Errorf("%s: no %s reaches %s of %g", test.file, test.unit, test.reading, test.limit)
		}
		said, err := foretell(ctx, fleet, test.curves, []float64{0.5})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", test.file, err)
		}
		rows = append(rows, test.row(said))
	}
	return rows, nil
}

func (t *lifeTest) row(said [][]foretold) Row {
	asked := []askedGroup{{rows: said}}
	figure := func(of func(*foretold) float64) float64 { return overGroups(asked, 0, nil, of) }
	return Row{
		Task: t.task, Metric: "MAE", Unit: "% of life", Units: len(said), Ours: figure(oursOf),
		Sure:      score.Bootstrap(len(said), func(pick []int) float64 { return overGroups(asked, 0, pick, oursOf) }),
		Baselines: []Baseline{{"life table", figure(tableOf)}, {"per-unit line", figure(lineOf)}},
		Must:      AtMost(t.must), Aim: AtMost(t.aim),
	}
}

// read makes specimens of the file, in its order.
func (t *lifeTest) read(folder fs.FS) ([]specimen, error) {
	var names []string
	paths := map[string][]degradation.Reading{}
	err := readCSV(folder, t.file, []string{t.unit, t.clock, t.reading}, func(r *record) {
		name := r.text(t.unit)
		path, ok := paths[name]
		if !ok {
			names = append(names, name)
		}
		tau := r.number(t.clock)
		if n := len(path); n > 0 && tau <= path[n-1].Tau && r.err == nil {
			r.err = fmt.Errorf("%s, line %d: %s %g of %s after %g; want them rising", r.file, r.line, t.clock, tau, name, path[n-1].Tau)
		}
		wear := (r.number(t.reading) - t.start) / (t.limit - t.start)
		paths[name] = append(path, degradation.Reading{Tau: tau, Wear: wear})
	})
	if err != nil {
		return nil, err
	}
	var fleet []specimen
	for _, name := range names {
		if s := newSpecimen(name, paths[name]); s.life > 0 {
			fleet = append(fleet, s)
		}
	}
	return fleet, nil
}

// newSpecimen of all its readings.
func newSpecimen(name string, path []degradation.Reading) specimen {
	s := specimen{name: name, life: path[len(path)-1].Tau, readings: func(until float64) []degradation.Reading {
		n := 0
		for n < len(path) && path[n].Tau <= until {
			n++
		}
		return path[:n]
	}}
	for i := 1; i < len(path); i++ {
		if a, b := path[i-1], path[i]; b.Wear >= 1 {
			s.life, s.failed = b.Tau, true
			if a.Wear < 1 {
				s.life = a.Tau + (b.Tau-a.Tau)*(1-a.Wear)/(b.Wear-a.Wear)
			}
			break
		}
	}
	return s
}
