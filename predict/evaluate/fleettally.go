package evaluate

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// figure is one number of the table: of each vehicle a few sums, which are added over
// the vehicles and then turned into the number.
type figure struct {
	Row
	of     func(a asked) []float64
	value  func(sums []float64) float64
	beside []besides
	bounds func(baselines []Baseline) (must, aim Bound) // nil: those of the Row
}

// besides is a baseline, which is a quotient.
type besides struct {
	name string
	of   func(asked) []float64
}

// quotient is the value of figures that are one sum over another.
func quotient(sums []float64) float64 { return sums[0] / sums[1] }

// fewest vehicles that a figure is made of.
const fewest = 10

// tally adds up the figures vehicle by vehicle.
type tally []struct {
	figure
	parts  [][]float64 // of the vehicles that have a part in it
	beside [][]float64 // sums, by baseline
}

func newTally(figures []figure) tally {
	t := make(tally, len(figures))
	for i, f := range figures {
		t[i].figure, t[i].beside = f, make([][]float64, len(f.beside))
	}
	return t
}

func (t tally) add(a asked) {
	for i := range t {
		f := &t[i]
		part := f.of(a)
		if !anything(part) {
			continue
		}
		f.parts = append(f.parts, part)
		for k, b := range f.figure.beside {
			f.beside[k] = plus(f.beside[k], b.of(a))
		}
	}
}

// rows are the figures that enough vehicles have a part in.
func (t tally) rows() []Row {
	var rows []Row
	for _, f := range t {
		if len(f.parts) < fewest {
			continue
		}
		r := f.Row
		r.Units, r.Ours = len(f.parts), f.value(sumOf(f.parts))
		r.Sure = score.Bootstrap(len(f.parts), func(pick []int) float64 {
			var sums []float64
			for _, p := range pick {
				sums = plus(sums, f.parts[p])
			}
			return f.value(sums)
		})
		for k, b := range f.figure.beside {
			r.Baselines = append(r.Baselines, Baseline{b.name, ratioOf(f.beside[k])})
		}
		if f.bounds != nil {
			r.Must, r.Aim = f.bounds(r.Baselines)
		}
		rows = append(rows, r)
	}
	return rows
}

func ratioOf(sums []float64) float64 {
	if sums == nil {
		return math.NaN()
	}
	return quotient(sums)
}

func sumOf(parts [][]float64) (sums []float64) {
	for _, p := range parts {
		sums = plus(sums, p)
	}
	return sums
}

// plus adds to sums, which grow with the first.
func plus(sums, part []float64) []float64 {
	if sums == nil {
		sums = make([]float64, len(part))
	}
	for i, v := range part {
		sums[i] += v
	}
	return sums
}

func anything(part []float64) bool {
	for _, v := range part {
		if v != 0 {
			return true
		}
	}
	return false
}

// mean is the part of a vehicle in the mean of a value over the answers of the group
// that are kept. Answers whose value is not a number are left out.
func (g group) mean(keep func(*answer) bool, value func(*answer) float64) func(asked) []float64 {
	return func(a asked) []float64 {
		sum, n := 0.0, 0.0
		for i := range a[g.component] {
			of := &a[g.component][i]
			if of.watched != g.watched || !keep(of) {
				continue
			}
			if v := value(of); !math.IsNaN(v) {
				sum, n = sum+v, n+1
			}
		}
		return []float64{sum, n}
	}
}

// one counts what is so.
func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
