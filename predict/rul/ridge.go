package rul

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ridge is kernel ridge regression with the kernel exp(-|a-b|²/2 length² k), k
// the number of features.
type ridge struct {
	rows    [][]float64
	weights []float64
	mean    float64
	decay   float64 // 1 / 2 length² k
}

// shape is what is not learned from the rows but chosen between fits.
type shape struct {
	length float64 // in standard deviations of a feature
	noise  float64 // variance of the noise by that of the signal
}

// errSingular says that a kernel matrix could not be factorised.
var errSingular = errors.New("the rows are too much alike")

// newRidge fits targets y on rows.
func newRidge(rows [][]float64, y []float64, s shape) (ridge, error) {
	n := len(rows)
	r := ridge{rows: rows, decay: 1 / (2 * s.length * s.length * float64(len(rows[0])))}
	for _, v := range y {
		r.mean += v / float64(n)
	}
	kernel := mat.NewSymDense(n, nil)
	target := mat.NewVecDense(n, nil)
	for i := range n {
		target.SetVec(i, y[i]-r.mean)
		kernel.SetSym(i, i, 1+s.noise)
		for j := i + 1; j < n; j++ {
			kernel.SetSym(i, j, r.kernel(rows[i], rows[j]))
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(kernel) {
		return ridge{}, errSingular
	}
	var weights mat.VecDense
	if err := factor.SolveVecTo(&weights, target); err != nil {
		return ridge{}, err
	}
	r.weights = weights.RawVector().Data
	return r, nil
}

func (r *ridge) kernel(a, b []float64) float64 {
	d := 0.0
	for i := range a {
		e := a[i] - b[i]
		d += e * e
	}
	return math.Exp(-d * r.decay)
}

// at is the fitted value for features.
func (r *ridge) at(f []float64) float64 {
	y := r.mean
	for i, row := range r.rows {
		y += r.weights[i] * r.kernel(f, row)
	}
	return y
}
