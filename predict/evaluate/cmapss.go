package evaluate

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/rul"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// The published figures count remaining life up to 125 cycles.
const cmapssCap = 125

var cmapss = Set{
	Name:  "cmapss_fd001",
	About: "NASA C-MAPSS turbofans, remaining cycles of engines cut off before they fail",
	Files: []string{"train_FD001.txt", "test_FD001.txt", "RUL_FD001.txt"},
	rows:  cmapssRows,
}

// engine is one unit of the set: rows of three settings and 21 sensors.
type engine struct {
	name string
	rows rul.Unit
}

func cmapssRows(_ context.Context, folder fs.FS) ([]Row, error) {
	train, err := readEngines(folder, "train_FD001.txt")
	if err != nil {
		return nil, err
	}
	test, err := readEngines(folder, "test_FD001.txt")
	if err != nil {
		return nil, err
	}
	truth, err := readNumbers(folder, "RUL_FD001.txt", len(test))
	if err != nil {
		return nil, err
	}
	units := make([]rul.Unit, len(train))
	for i, e := range train {
		units[i] = e.rows
	}
	model, err := rul.Learn(units, rul.Options{Cap: cmapssCap})
	if err != nil {
		return nil, err
	}
	for i := range truth {
		truth[i] = math.Min(truth[i], cmapssCap)
	}
	ours := make([]float64, len(test))
	intervals := make([]score.Interval, len(test))
	for i, e := range test {
		estimate, err := model.Estimate(e.rows)
		if err != nil {
			return nil, fmt.Errorf("test_FD001.txt, unit %s: %w", e.name, err)
		}
		ours[i], intervals[i] = estimate.RUL, score.Interval{Low: estimate.Low, High: estimate.High}
	}
	table, line := lifeTable(train, test), unitLines(train, test)
	const task = "remaining life, cycles, up to 125"
	row := func(metric, unit string, of func(p, t []float64) float64, must, aim Bound) Row {
		return Row{
			Task: task, Metric: metric, Unit: unit, Units: len(test), Ours: of(ours, truth),
			Sure:      overUnits(ours, truth, of),
			Baselines: []Baseline{{"life table", of(table, truth)}, {"per-unit line", of(line, truth)}},
			Must:      must, Aim: aim,
		}
	}
	covered := func(pick []int) float64 {
		return score.Coverage(chosen(intervals, pick), chosen(truth, pick))
	}
	wide := func(pick []int) float64 { return score.Width(chosen(intervals, pick)) }
	return []Row{
		row("RMSE", "cycles", score.RMSE, AtMost(14.0), AtMost(12.6)),
		row("NASA score", "", score.NASA, AtMost(320), AtMost(275)),
		{
			Task: task, Metric: "coverage of 80 %", Units: len(test), Ours: score.Coverage(intervals, truth),
			Sure: score.Bootstrap(len(test), covered), Must: Between(0.76, 0.84), Aim: Between(0.78, 0.82),
		},
		{
			Task: task, Metric: "width of 80 %", Unit: "cycles", Units: len(test), Ours: score.Width(intervals),
			Sure: score.Bootstrap(len(test), wide), Must: AtMost(31), Aim: AtMost(25),
		},
	}, nil
}

// overUnits is the bootstrap of a figure with one prediction a unit.
func overUnits(predicted, truth []float64, of func(p, t []float64) float64) score.Interval {
	return score.Bootstrap(len(truth), func(pick []int) float64 { return of(chosen(predicted, pick), chosen(truth, pick)) })
}

func chosen[T any](of []T, pick []int) []T {
	out := make([]T, len(pick))
	for i, p := range pick {
		out[i] = of[p]
	}
	return out
}

// lifeTable looks at no sensor: the mean remaining life of the training units
// that were still running at the age.
func lifeTable(train, test []engine) []float64 {
	out := make([]float64, len(test))
	for i, e := range test {
		sum, n := 0.0, 0.0
		for _, u := range train {
			if left := len(u.rows) - len(e.rows); left > 0 {
				sum, n = sum+math.Min(float64(left), cmapssCap), n+1
			}
		}
		if n > 0 {
			out[i] = sum / n
		}
	}
	return out
}

// unitLines extrapolates each unit alone: a least-squares line through the
// standardised mean of its indicators, to the level at which training units
// failed. A line that does not lead there is taken for the cap.
func unitLines(train, test []engine) []float64 {
	index := newHealthIndex(train)
	out := make([]float64, len(test))
	for i, e := range test {
		out[i] = cmapssCap
		at := index.of(e.rows)
		rows := make([][]float64, len(at))
		for t := range at {
			rows[t] = []float64{float64(t)}
		}
		if line, err := predict.Fit(at, rows); err == nil && line.Slopes[0] > 0 {
			left := (index.failed-line.Intercept)/line.Slopes[0] - float64(len(at)-1)
			out[i] = math.Max(0, math.Min(cmapssCap, left))
		}
	}
	return out
}

// healthIndex is the mean of the indicators, each turned so that it rises with
// wear and scaled by its spread over the training units.
type healthIndex struct {
	sign, mean, scale []float64
	failed            float64 // the mean index in the last cycle
}

func newHealthIndex(train []engine) healthIndex {
	k := len(train[0].rows[0])
	h := healthIndex{make([]float64, k), make([]float64, k), make([]float64, k), 0}
	for j := range k {
		var first, last, sum, square, n float64
		for _, e := range train {
			first += e.rows[0][j]
			last += e.rows[len(e.rows)-1][j]
			for _, row := range e.rows {
				sum, square, n = sum+row[j], square+row[j]*row[j], n+1
			}
		}
		h.mean[j] = sum / n
		h.scale[j] = math.Sqrt(math.Max(square/n-h.mean[j]*h.mean[j], 0))
		h.sign[j] = math.Copysign(1, last-first)
	}
	for _, e := range train {
		at := h.of(e.rows)
		h.failed += at[len(at)-1] / float64(len(train))
	}
	return h
}

func (h healthIndex) of(rows rul.Unit) []float64 {
	out := make([]float64, len(rows))
	for t, row := range rows {
		for j, v := range row {
			if h.scale[j] > 1e-6*math.Max(1, math.Abs(h.mean[j])) {
				out[t] += h.sign[j] * (v - h.mean[j]) / h.scale[j]
			}
		}
	}
	return out
}

// readEngines reads lines of unit, cycle, three settings and sensors.
func readEngines(folder fs.FS, file string) ([]engine, error) {
	var out []engine
	err := readFields(folder, file, func(line int, fields []string) error {
		if len(fields) < 6 {
			return fmt.Errorf("%d fields; want unit, cycle, settings and sensors", len(fields))
		}
		if n := len(out); n == 0 || out[n-1].name != fields[0] {
			out = append(out, engine{name: fields[0]})
		}
		e := &out[len(out)-1]
		row := make([]float64, 0, len(fields)-5)
		for i, f := range fields[5:] {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil {
				return fmt.Errorf("field %d: %q is not a number", i+6, f)
			}
			row = append(row, v)
		}
		if len(out[0].rows) > 0 && len(row) != len(out[0].rows[0]) {
			return fmt.Errorf("%d sensors, the first line has %d", len(row), len(out[0].rows[0]))
		}
		e.rows = append(e.rows, row)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: no units", file)
	}
	return out, err
}

// readNumbers reads one number a line, n in all.
func readNumbers(folder fs.FS, file string, n int) ([]float64, error) {
	var out []float64
	err := readFields(folder, file, func(_ int, fields []string) error {
		v, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", fields[0])
		}
		out = append(out, v)
		return nil
	})
	if err == nil && len(out) != n {
		err = fmt.Errorf("%s: %d lines for %d units", file, len(out), n)
	}
	return out, err
}

// readFields calls each for the fields of every line that has some, and names
// file and line in its errors.
func readFields(folder fs.FS, file string, each func(line int, fields []string) error) error {
	f, err := folder.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		if err := each(n, fields); err != nil {
			return fmt.Errorf("%s, line %d: %w", file, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
