package predict

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// fitRows are the rows of a linear fit with an effect of the kind on each column.
type fitRows struct {
	kinds   []string
	columns int
	x       [][]float64
	y, w    []float64
}

func (f *fitRows) add(kind string, y float64, x ...float64) {
	f.columns = len(x)
	row := make([]float64, len(x)*(1+len(f.kinds)))
	copy(row, x)
	copy(row[len(x)*(1+slices.Index(f.kinds, kind)):], x)
	f.x, f.y, f.w = append(f.x, row), append(f.y, y), append(f.w, 1)
}

// fit gives the coefficients of all, and after them what each kind has of its own, by least squares
// with a ridge on all but the first, which has one of its own.
func (f *fitRows) fit(first, ridge float64) []float64 {
	p := f.columns * (1 + len(f.kinds))
	a, b := mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)
	for i, x := range f.x {
		for j, v := range x {
			if v == 0 {
				continue
			}
			b.SetVec(j, b.AtVec(j)+f.w[i]*v*f.y[i])
			for k := j; k < p; k++ {
				a.SetSym(j, k, a.At(j, k)+f.w[i]*v*x[k])
			}
		}
	}
	for j := range p {
		own := ridge
		if j == 0 {
			own = first
		}
		a.SetSym(j, j, a.At(j, j)+own)
	}
	var c mat.Cholesky
	beta := mat.NewVecDense(p, nil)
	if !c.Factorize(a) || c.SolveVecTo(beta, b) != nil {
		return make([]float64, p)
	}
	return beta.RawVector().Data
}

// robust is a fit by least absolute deviations, by reweighting: some vehicles stand for months.
func (f *fitRows) robust(first, ridge float64) (beta []float64) {
	for range robustTurns {
		beta = f.fit(first, ridge)
		for i, x := range f.x {
			f.w[i] = 1 / max(math.Abs(f.y[i]-dot(x, beta)), 0.1)
		}
	}
	return beta
}

const (
	robustTurns = 10
	free        = 1e-6 // ridge of what has none
)

// of adds what all have to what the k-th kind has of its own; k is -1 for others.
func (f *fitRows) of(beta []float64, k int) []float64 {
	out := slices.Clone(beta[:f.columns])
	if k >= 0 {
		for j := range out {
			out[j] += beta[f.columns*(k+1)+j]
		}
	}
	return out
}
