package predict

import (
	"errors"
	"fmt"
	"math"

	"github.com/sajari/regression"
	"gonum.org/v1/gonum/mat"
)

// Why a fit was refused.
var (
	ErrFewRows       = errors.New("too few rows")
	ErrManyRows      = errors.New("too many rows")
	ErrNotFinite     = errors.New("not a finite number")
	ErrRankDeficient = errors.New("columns do not vary independently")
)

// What Fit accepts. The least-squares library builds a full rows x rows matrix:
// 500 rows cost milliseconds, 3,000 would cost 500 MB.
const (
	maxFitRows   = 500
	maxCondition = 1e4
)

// Linear is a least-squares fit: y = Intercept + sum of Slopes[j] * x[j].
type Linear struct {
	Intercept   float64
	Slopes      []float64
	InterceptSE float64   // standard error at the mean of the columns
	SlopeSE     []float64 // standard errors
	Means       []float64 // of the columns
	Sigma2      float64   // residual variance
	R2          float64
	Rows        int
}

// At is the fitted value for one row.
func (l Linear) At(x ...float64) float64 {
	y := l.Intercept
	for j, s := range l.Slopes {
		y += s * x[j]
	}
	return y
}

// Fit makes a least-squares line through rows x (each with the same columns)
// and y. It is meant for small tables off the hot path: one row per vehicle or
// per reading of one path, at most 500. It refuses with ErrFewRows, ErrManyRows,
// ErrNotFinite or ErrRankDeficient what a plain solver would answer with
// nonsense: the library itself answers a constant column without an error.
// Columns are centred and scaled before solving, so that odometers do not lose
// digits; the covariance is our own.
func Fit(y []float64, x [][]float64) (Linear, error) {
	design, err := newDesign(y, x)
	if err != nil {
		return Linear{}, err
	}
	var r regression.Regression
	for i, row := range design.rows {
		r.Train(regression.DataPoint(y[i], row))
	}
	if err := r.Run(); err != nil {
		return Linear{}, fmt.Errorf("fit: %w", err)
	}
	n, k := len(y), len(design.means)
	l := Linear{
		Intercept: r.Coeff(0), Slopes: make([]float64, k), SlopeSE: make([]float64, k),
		Means: design.means, Rows: n,
	}
	var rss, tss float64
	mean := l.Intercept // the columns are centred
	for i, row := range design.rows {
		at := r.Coeff(0)
		for j, v := range row {
			at += r.Coeff(j+1) * v
		}
		rss += (y[i] - at) * (y[i] - at)
		tss += (y[i] - mean) * (y[i] - mean)
	}
	l.Sigma2 = rss / float64(n-k-1)
	if tss > 0 {
		l.R2 = 1 - rss/tss
	}
	l.InterceptSE = math.Sqrt(l.Sigma2 / float64(n))
	for j := range k {
		l.Slopes[j] = r.Coeff(j+1) / design.scales[j]
		l.SlopeSE[j] = math.Sqrt(l.Sigma2*design.inverse[j]) / design.scales[j]
		l.Intercept -= l.Slopes[j] * design.means[j]
	}
	return l, nil
}

// design is a checked table with centred, scaled columns.
type design struct {
	rows          [][]float64
	means, scales []float64
	inverse       []float64 // diagonal of the inverse of X'X
}

func newDesign(y []float64, x [][]float64) (*design, error) {
	n := len(y)
	switch {
	case n != len(x):
		return nil, fmt.Errorf("fit %d values on %d rows: %w", n, len(x), ErrFewRows)
	case n > maxFitRows:
		return nil, fmt.Errorf("fit %d rows: %w", n, ErrManyRows)
	case n < 3 || n < len(x[0])+2:
		return nil, fmt.Errorf("fit %d rows: %w", n, ErrFewRows)
	}
	k := len(x[0])
	d := &design{means: make([]float64, k), scales: make([]float64, k)}
	for i, row := range x {
		if len(row) != k {
			return nil, fmt.Errorf("fit row %d of %d columns, want %d: %w", i, len(row), k, ErrFewRows)
		}
		for j, v := range append(row[:k:k], y[i]) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("fit row %d column %d: %w", i, j, ErrNotFinite)
			}
			if j < k {
				d.means[j] += v / float64(n)
			}
		}
	}
	if err := d.centre(x); err != nil {
		return nil, err
	}
	return d, d.check()
}

// centre makes the centred, scaled rows. A column that does not vary beyond
// rounding is refused: with the intercept it is deficient.
func (d *design) centre(x [][]float64) error {
	for j, m := range d.means {
		for _, row := range x {
			d.scales[j] = max(d.scales[j], math.Abs(row[j]-m))
		}
		if !(d.scales[j] > 1e-9*max(math.Abs(m), 1e-6)) || math.IsInf(d.scales[j], 1) {
			return fmt.Errorf("fit column %d: %w", j, ErrRankDeficient)
		}
	}
	d.rows = make([][]float64, len(x))
	for i, row := range x {
		d.rows[i] = make([]float64, len(row))
		for j, v := range row {
			d.rows[i][j] = (v - d.means[j]) / d.scales[j]
		}
	}
	return nil
}

// check refuses columns that hang on each other, by the singular values.
func (d *design) check() error {
	n, k := len(d.rows), len(d.means)
	if k == 0 {
		return fmt.Errorf("fit without columns: %w", ErrRankDeficient)
	}
	m := mat.NewDense(n, k, nil)
	for i, row := range d.rows {
		m.SetRow(i, row)
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return fmt.Errorf("fit: singular values did not settle: %w", ErrRankDeficient)
	}
	values := svd.Values(nil)
	if !(values[k-1]*maxCondition > values[0]) {
		return fmt.Errorf("fit with condition above %.0g: %w", float64(maxCondition), ErrRankDeficient)
	}
	var v mat.Dense
	svd.VTo(&v)
	d.inverse = make([]float64, k)
	for j := range k {
		for i, s := range values {
			d.inverse[j] += v.At(j, i) * v.At(j, i) / (s * s)
		}
	}
	return nil
}
