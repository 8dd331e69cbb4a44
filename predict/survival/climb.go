package survival

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// hill is a log-posterior: its value and gradient at theta, and how it bends there, as a matrix that is
// positive where it bends down. The answers are those of the last question.
type hill func(theta []float64) (value float64, gradient []float64, bend *mat.SymDense)

// climb goes uphill from theta by Newton's steps, damped (Levenberg) until each is uphill, and none farther
// than 1 in any direction: a long step may end where nothing says the way back. It ends when a
// step that is not much damped gains less than a share of the height.
func climb(theta []float64, of hill, turns int, share float64, keep func(theta []float64)) []float64 {
	at, gradient, bend := of(theta)
	damp := 1e-3
	for range turns {
		next, ok := uphill(theta, gradient, bend, damp)
		value, g, b := math.Inf(-1), gradient, bend
		if ok {
			keep(next)
			value, g, b = of(next)
		}
		if !(value > at) { // NaN, too
			if damp *= 8; damp > 1e12 {
				break
			}
			continue
		}
		gain := value - at
		theta, at, gradient, bend, damp = next, value, g, b, max(damp/8, 1e-9)
		if gain < share*(1+math.Abs(at)) && damp < 0.1 { // a short step gains little wherever it is
			break
		}
	}
	return theta
}

// secant is a hill that bends as its slopes between the last points have shown, where of says so only roughly: each
// pair of them corrects it (Broyden, Fletcher, Goldfarb and Shanno 1970). The first steps are those of the hill itself,
// the last ones nearly Newton's.
func secant(of hill) hill {
	type pair struct{ step, fall *mat.VecDense }
	var pairs []pair
	var from, slope *mat.VecDense
	highest := math.Inf(-1)
	return func(theta []float64) (float64, []float64, *mat.SymDense) {
		value, gradient, bend := of(theta)
		if value > highest {
			at, here := mat.NewVecDense(len(theta), slices.Clone(theta)), mat.NewVecDense(len(theta), slices.Clone(gradient))
			if from != nil {
				p := pair{mat.NewVecDense(len(theta), nil), mat.NewVecDense(len(theta), nil)}
				p.step.SubVec(at, from)
				p.fall.SubVec(slope, here)
				pairs = append(pairs, p)
				pairs = pairs[max(len(pairs)-lastPairs, 0):]
			}
			from, slope, highest = at, here, value
		}
		for _, p := range pairs {
			var along mat.VecDense
			along.MulVec(bend, p.step)
			bent, known := mat.Dot(p.step, p.fall), mat.Dot(p.step, &along)
			if bent > leastBend*known {
				bend.SymRankOne(bend, 1/bent, p.fall)
				bend.SymRankOne(bend, -1/known, &along)
			}
		}
		return value, gradient, bend
	}
}

// lastPairs are as many as are told apart well, and leastBend is how much of what a hill says a pair must show of its bend
// to be heeded: where it bends up there is no top near.
const lastPairs, leastBend = 10, 0.05

func uphill(theta, gradient []float64, bend *mat.SymDense, damp float64) ([]float64, bool) {
	p := len(theta)
	a := mat.NewSymDense(p, nil)
	a.CopySym(bend)
	for i := range p {
		v := a.At(i, i)
		a.SetSym(i, i, v+damp*(1+math.Abs(v)))
	}
	var c mat.Cholesky
	if !c.Factorize(a) {
		return nil, false
	}
	d := mat.NewVecDense(p, nil)
	if err := c.SolveVecTo(d, mat.NewVecDense(p, gradient)); err != nil {
		return nil, false
	}
	next := make([]float64, p)
	for i := range next {
		next[i] = theta[i] + max(min(d.AtVec(i), 1), -1)
	}
	return next, true
}
