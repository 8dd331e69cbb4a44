package degradation

import "math"

// question is one forecast of a path left out.
type question struct {
	unit   string
	model  *Model // of its fold
	state  State
	mark   float64           // wear that was passed
	run    float64           // the truth: clock until then
	likely [MaxForms]float64 // density of the truth under each form
}

type questions []question

// ask follows every path with the forms of the fold that left it out.
func (l *lesson) ask(m *Model, trainees []*trainee) questions {
	var out questions
	for i := range l.done {
		p := &l.done[i]
		fold := l.fold(m, trainees, i)
		walk(fold, p, dense, func(s State) {
			q := question{unit: p.Unit, model: fold, state: s, mark: p.mark(), run: p.Life - s.tau}
			for x := range fold.Forms {
				mark, doubt := fold.Forms[x].Curve.mark(q.mark, p.Doubt)
				w := s.forms[x].passage(&fold.Forms[x].Noise, mark, doubt)
				q.likely[x] = w.density(math.Log(q.run))
			}
			out = append(out, q)
		})
	}
	return out
}

// weigh learns the weights of the forms, and how far a unit's own evidence moves them, by the
// likelihood of lives.
func (qs questions) weigh(m *Model) {
	best := math.Inf(-1)
	for _, evidence := range []float64{0, 0.03, 0.1, 0.3, 1} {
		if w, likelihood := qs.weights(len(m.Forms), evidence); likelihood > best {
			best, m.Evidence = likelihood, evidence
			for x := range m.Forms {
				m.Forms[x].Weight = w[x]
			}
		}
	}
}

// weighLife learns the exponent of the law of lives, likewise.
func (qs questions) weighLife(m *Model) {
	if m.Life == nil {
		return
	}
	best := math.Inf(-1)
	chosen := 0.0
	for _, m.LifeWeight = range []float64{0, 0.25, 0.5, 1} {
		if s := qs.likelihood(m); s > best {
			best, chosen = s, m.LifeWeight
		}
	}
	m.LifeWeight = chosen
}

// equal is what every form is given beside what it earned, in questions: a form
// that did badly on this fleet is not impossible on the next vehicle.
const equal = 0.05

// rounds of expectation and maximisation.
const rounds = 50

// weights by expectation and maximisation; the likelihood is that of the last round.
func (qs questions) weights(forms int, evidence float64) (w [MaxForms]float64, likelihood float64) {
	for x := range forms {
		w[x] = 1 / float64(forms)
	}
	moved := make([][MaxForms]float64, len(qs))
	for i := range qs {
		moved[i] = qs[i].state.moved(forms, evidence)
	}
	for round := range rounds {
		var earned [MaxForms]float64
		for i := range qs {
			share, sum, all := moved[i], 0.0, 0.0
			for x := range forms {
				share[x] *= w[x]
				all += share[x]
			}
			for x := range forms {
				share[x] = share[x] / all * qs[i].likely[x]
				sum += share[x]
			}
			for x := range forms {
				earned[x] += share[x] / sum
			}
			if round == rounds-1 {
				likelihood += math.Log(sum)
			}
		}
		for x := range forms {
			w[x] = (earned[x]/float64(len(qs)) + equal/float64(forms)) / (1 + equal)
		}
	}
	return w, likelihood
}

// with is the fold's model with what was learned in common.
func (q *question) with(m *Model) *Model {
	own := *q.model
	own.Evidence, own.Life, own.LifeWeight = m.Evidence, m.Life, m.LifeWeight
	for x := range own.Forms {
		own.Forms[x].Weight = m.Forms[x].Weight
	}
	return &own
}

// likelihood of the lives under the whole forecast.
func (qs questions) likelihood(m *Model) float64 {
	sum := 0.0
	for i := range qs {
		law := qs[i].with(m).Passing(&qs[i].state, qs[i].mark)
		sum += math.Log(law.density(qs[i].run))
	}
	return sum
}

// density of the log of the clock to run.
func (l *Law) density(run float64) float64 {
	x := math.Log(run)
	return (l.Chance(math.Exp(x+l.step/2))-l.Chance(math.Exp(x-l.step/2)))/l.step + outside
}

func (qs questions) trials(m *Model) []Trial {
	out := make([]Trial, len(qs))
	for i := range qs {
		q := &qs[i]
		out[i] = Trial{Unit: q.unit, Tau: q.state.tau, Truth: q.run, Law: q.with(m).Passing(&q.state, q.mark)}
	}
	return out
}
