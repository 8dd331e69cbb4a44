package degradation

import "math"

// usual is the noise that forms start from, and stay near while a fleet says
// little.
var usual = Noise{Reading: 0.02, Level: 0.001, Rate: 0.3}

// The grids that noises are sought on; of the readings and the rate about a
// factor of three apart, of the level of two to four.
var (
	readingNoises = []float64{0, 0.005, 0.01, 0.02, 0.04, 0.1, 0.3}
	levelNoises   = []float64{0, 0.001, 0.002, 0.004, 0.016, 0.05, 0.1}
	rateNoises    = []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3}
)

// timid is what one step away from the usual noises must gain, in log-likelihood of all lives together; and reluctant
// what one more must beyond the level that wear which comes evenly gathers at the most: few lives are told a little better
// by chance, and a fleet that wears in jumps by much.
const timid, reluctant = 0.5, 5.0

// evenly is that level in its grid.
const evenly = 4

// Of lives, one in a hundred is told wrong: by a gauge that was mended, or a record of another
// part. Such a one has any length, and is not to make all others look uneven. anyLife is the
// density of the log of a life that may be anything.
const (
	toldWrong = 0.01
	anyLife   = 0.05
)

// tune seeks the noises of a form by the likelihood of the lives that it did not
// see: one after the other, downhill, from the usual ones.
func (l *lesson) tune(t *trainee) {
	at := [3]int{3, 1, 5}
	size := [3]int{len(readingNoises), len(levelNoises), len(rateNoises)}
	if l.named {
		at[0], size[0] = 0, 1 // readings bring their own
	}
	start := at
	known := map[[3]int]float64{}
	score := func(at [3]int) float64 {
		if s, ok := known[at]; ok {
			return s
		}
		s := l.likelihood(t, noiseAt(at))
		for d := range at {
			s -= timid * math.Abs(float64(at[d]-start[d])) / float64(len(l.done))
		}
		s -= reluctant * float64(max(at[1]-evenly, 0)) / float64(len(l.done))
		known[at] = s
		return s
	}
	best := score(at)
	for moved := true; moved; {
		moved = false
		for d := range at {
			for _, step := range [...]int{-1, 1} {
				for next := at; ; {
					next[d] += step
					if next[d] < 0 || next[d] >= size[d] {
						break
					}
					s := score(next)
					if !(s > best) {
						break
					}
					best, at, moved = s, next, true
				}
			}
		}
	}
	t.noise, t.score = noiseAt(at), best
}

func noiseAt(at [3]int) Noise {
	return Noise{Reading: readingNoises[at[0]], Level: levelNoises[at[1]], Rate: rateNoises[at[2]]}
}

// likelihood is the mean log-density of what became of the paths under one
// form, each by the fold that had left it out.
func (l *lesson) likelihood(t *trainee, n Noise) float64 {
	sum, count := 0.0, 0.0
	one := &Model{Forms: []Form{{Noise: n, Weight: 1}}}
	for i := range l.done {
		m := l.fold(one, []*trainee{t}, i)
		walk(m, &l.done[i], shares, func(s State) {
			mark, doubt := m.Forms[0].Curve.mark(l.done[i].mark(), l.done[i].Doubt)
			p := s.forms[0].passage(&n, mark, doubt)
			sum += math.Log((1-toldWrong)*p.density(math.Log(l.done[i].Life-s.tau)) + toldWrong*anyLife)
			count++
		})
	}
	return sum / count
}
