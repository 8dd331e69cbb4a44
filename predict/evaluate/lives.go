package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// specimen is a part on test: what was read of it, and when it reached the limit.
type specimen struct {
	name   string
	groups []string // within the fleet, the widest first
	life   float64  // clock at which it reached the limit, or was last seen
	failed bool
	// readings as they were known at a clock, in its order; wear 1 is the limit.
	readings func(until float64) []degradation.Reading
}

func (s *specimen) path() degradation.Path {
	return degradation.Path{Unit: s.name, Groups: s.groups, Readings: s.readings(s.life), Life: s.life, Failed: s.failed}
}

// foretold is what was said of one specimen as of a share of its life.
type foretold struct {
	life, at    float64
	ours        float64 // the median
	interval    score.Interval
	table, line float64
}

// How specimens are divided: each fleet is learned without the specimens that
// are asked. Up to sixty, they are left out one at a time.
const (
	leaveOneOut = 60
	manyFolds   = 10
)

// foretell asks every specimen that failed, as of shares of its life, of a model
// that was learned from the others with the forms: the rows are [specimen][share]. Specimens
// that did not fail are in every training set, censored.
func foretell(ctx context.Context, fleet []specimen, curves []*degradation.Curve, shares []float64) ([][]foretold, error) {
	var failed, censored []specimen
	for _, s := range fleet {
		if s.failed {
			failed = append(failed, s)
		} else {
			censored = append(censored, s)
		}
	}
	folds := len(failed)
	if folds > leaveOneOut {
		folds = manyFolds
	}
	out := make([][]foretold, len(failed))
	for fold := range folds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		train := slices.Clone(censored)
		for i := range failed {
			if i%folds != fold {
				train = append(train, failed[i])
			}
		}
		m, err := learnSpecimens(train, curves)
		if err != nil {
			return nil, fmt.Errorf("without %s: %w", failed[fold].name, err)
		}
		for i := fold; i < len(failed); i += folds {
			for _, share := range shares {
				out[i] = append(out[i], m.foretell(&failed[i], share*failed[i].life))
			}
		}
	}
	return out, nil
}

// specimenModel is what was learned from training specimens.
type specimenModel struct {
	path  *degradation.Model
	layer *conformal.Layer
	train []specimen
}

// Positions are the share of its forecast life that a specimen has behind it.
var (
	positions = []float64{
		0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55,
		0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95,
	}
	near = 0.1 // width of what is compared with a position
)

func learnSpecimens(train []specimen, curves []*degradation.Curve) (*specimenModel, error) {
	paths := make([]degradation.Path, len(train))
	for i := range train {
		paths[i] = train[i].path()
	}
	path, trials, err := degradation.Learn(paths, curves, nil)
	if err != nil {
		return nil, err
	}
	outcomes := make([]conformal.Outcome, len(trials))
	for i, t := range trials {
		f := threeOf(t.Law)
		outcomes[i] = conformal.Outcome{Unit: t.Unit, Position: position(t.Tau, f), Score: f.Score(t.Truth)}
	}
	return &specimenModel{path, conformal.Fit(outcomes, conformal.Options{Centres: positions, Width: near}), train}, nil
}

// threeOf a law: of parts whose failure would have been seen.
func threeOf(l degradation.Law) conformal.Forecast {
	l = l.Unfailed()
	return conformal.Forecast{Low: l.Quantile(0.1), Middle: l.Quantile(0.5), High: l.Quantile(0.9)}
}

func position(tau float64, f conformal.Forecast) float64 { return tau / (tau + f.Middle) }

func (m *specimenModel) foretell(s *specimen, at float64) foretold {
	known := s.readings(at)
	state := m.path.New(s.groups...)
	for _, r := range known {
		m.path.Observe(&state, r)
	}
	state = m.path.At(state, at)
	raw := threeOf(m.path.Forecast(&state))
	f := m.layer.Adjust(raw, position(at, raw))
	return foretold{
		life: s.life, at: at, ours: at + f.Middle, interval: score.Interval{Low: at + f.Low, High: at + f.High},
		table: tableLife(m.train, at), line: lineLife(known, at),
	}
}

// tableLife is the life table: the median life, by Kaplan & Meier, of training
// specimens that had not failed at the clock. With nothing left to count, now.
func tableLife(train []specimen, at float64) float64 {
	var left []survival.Life
	for _, s := range train {
		if s.life > at {
			left = append(left, survival.Life{Exit: s.life, Failed: s.failed})
		}
	}
	alive := survival.KaplanMeier(left)
	last := at
	for i, clock := range alive.Clock {
		switch v := alive.Value[i]; {
		case math.Abs(v-0.5) < 1e-9 && i+1 < len(alive.Clock):
			return (clock + alive.Clock[i+1]) / 2 // the median lies anywhere between
		case v < 0.5:
			return clock
		}
		last = clock
	}
	return last
}

// lineLife is the least-squares line through the specimen's own readings, to
// the limit. A line that does not lead there is taken for ten times the clock.
func lineLife(known []degradation.Reading, at float64) float64 {
	var y []float64
	var x [][]float64
	step := len(known)/400 + 1
	for i := 0; i < len(known); i += step {
		y, x = append(y, known[i].Wear), append(x, []float64{known[i].Tau})
	}
	line, err := predict.Fit(y, x)
	if err != nil || !(line.Slopes[0] > 0) {
		return lineReach * at
	}
	return math.Min(math.Max((1-line.Intercept)/line.Slopes[0], at), lineReach*at)
}

const lineReach = 10

// off is the error of a prediction of a life, % of the life.
func (f *foretold) off(predicted float64) float64 { return 100 * math.Abs(predicted-f.life) / f.life }

func oursOf(f *foretold) float64  { return f.off(f.ours) }
func tableOf(f *foretold) float64 { return f.off(f.table) }
func lineOf(f *foretold) float64  { return f.off(f.line) }
func heldOf(f *foretold) float64 {
	if f.interval.Holds(f.life) {
		return 1
	}
	return 0
}
