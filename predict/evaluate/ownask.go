package evaluate

import (
	"context"
	"math"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// OwnAnswer is when a part of a unit is forecast to reach its limit, by what was known
// as of a time. Dates are never before AsOf, and P10 <= P50 <= P90.
type OwnAnswer struct {
	Unit, Component string
	AsOf            time.Time
	Limit           predict.Dates
	LimitKm         predict.Quantiles // as the odometer of that time counts; NaN of a unit without one
	State           predict.State     // predict.TooEarly where the interval is too wide to act on
	Readings        int               // of the part that is in, by then
	DataUntil       time.Time         // when the unit was last heard of
	Model           string            // version of code and prior that made it

	unit, part int
	known      *ownKnown
	lesson     *ownLesson
}

// Ask forecasts every part that something was known of at a time: by the product's own
// engine, from what was known of its unit then and what units of other folds had
// taught by then, as many folds at once as there are cores. The answers are in the order of units and
// components.
func (o *Own) Ask(ctx context.Context, at time.Time) ([]OwnAnswer, error) {
	at = at.UTC()
	var all []*ownKnown
	pace := o.pace(at)
	for i := range o.units {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k := o.units[i].known(at, len(o.parts), pace)
		k.index = i
		if !k.heard().IsZero() {
			all = append(all, k)
		}
	}
	watch(all)
	factor, then := factorOf(all), useTime(firstDay(all), at)
	answers := make([][]OwnAnswer, len(o.units))
	folds := divided(all)
	asking, asked := errgroup.WithContext(ctx) // a fold has nothing to do with the answers of another
	asking.SetLimit(runtime.GOMAXPROCS(0))
	for fold, its := range folds {
		if len(its) == 0 {
			continue
		}
		asking.Go(func() error {
			if err := asked.Err(); err != nil {
				return err
			}
			taught := slices.Concat(slices.Concat(folds[:fold]...), slices.Concat(folds[fold+1:]...))
			l := o.learn(taught, all, factor, at, o.use(fold, taught, factor, then))
			for _, k := range its {
				answers[k.index] = o.answer(k, l, at)
			}
			return nil
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	var out []OwnAnswer
	o.asked = append(o.asked, at)
	for _, its := range answers {
		for _, a := range its {
			o.answered[[2]int{a.unit, a.part}] = true
		}
		out = append(out, its...)
	}
	return out, nil
}

// answer forecasts the parts of one unit.
func (o *Own) answer(k *ownKnown, l *ownLesson, at time.Time) []OwnAnswer {
	var out []OwnAnswer
	known := predict.OutlookOf(k.input(l, at))
	defer known.Done()
	for part := range o.parts {
		f, ok := known.Forecast(l.ids[part])
		if !ok || len(k.paths[part]) == 0 || f.Limit.P50.IsZero() {
			continue
		}
		km := func(v float64) float64 {
			if len(k.days) == 0 {
				return math.NaN()
			}
			return math.Max(v/l.factor-k.ahead, 0)
		}
		a := OwnAnswer{
			Unit: k.unit.name, Component: o.parts[part].name, AsOf: at, Limit: f.Limit,
			LimitKm: predict.Quantiles{P10: km(f.LimitKm.P10), P50: km(f.LimitKm.P50), P90: km(f.LimitKm.P90)},
			State:   f.State, Readings: f.Readings, DataUntil: k.heard(), Model: f.Model,
			unit: k.index, part: part, known: k, lesson: l,
		}
		if a.State == predict.Stale { // DataUntil says it
			a.State = predict.Known
		}
		out = append(out, a)
	}
	return out
}
