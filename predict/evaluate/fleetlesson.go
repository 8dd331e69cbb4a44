package evaluate

import (
	"context"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// lesson is what the half of the fleet that is not scored has taught.
type lesson struct {
	prior  predict.Prior
	faulty predict.Prior                   // of the same vehicles, with faults planted
	lives  map[predict.Component][]float64 // days of complete lives, ascending

	misread misreadings // for the observer
}

func teach(ctx context.Context, fleet Histories, numbers []int) (*lesson, error) {
	l := &lesson{lives: map[predict.Component][]float64{}}
	var paths, faulty []predict.FleetPath
	sample := map[vehicle.VIN]bool{}     // vehicles whose forecasts are looked back at,
	var back, faultyBack []predict.Input // with faults, too
	var misread misreadingTally
	err := each(ctx, fleet, numbers, func(n int, v Vehicle) {
		v.Input.Now, v.Faulty.Now = v.Until, v.Until
		if n%max(len(numbers)/maxLookedBack, 1) == 0 {
			back, faultyBack = append(back, v.Input), append(faultyBack, v.Faulty)
			sample[v.Input.VIN] = true
		}
		misread.add(&v)
		paths = append(paths, predict.PathsOf(v.Input)...)
		if v.Faulty.VIN != "" {
			faulty = append(faulty, predict.PathsOf(v.Faulty)...)
		}
		for _, life := range v.Lives {
			if !life.Limit.IsZero() {
				l.lives[life.Component] = append(l.lives[life.Component], days(life.Limit.Sub(life.From)))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	l.misread = misread.variances()
	worn, err := tellAgain(ctx, fleet, numbers, predict.WornParts(paths, sample), func(v *Vehicle) predict.Input { return v.Input })
	if err != nil {
		return nil, err
	}
	l.prior = learn(paths, back, worn)
	if len(faulty) > 0 {
		worn, err := tellAgain(ctx, fleet, numbers, predict.WornParts(faulty, sample), func(v *Vehicle) predict.Input { return v.Faulty })
		if err != nil {
			return nil, err
		}
		l.faulty = learn(faulty, faultyBack, worn)
	}
	for _, lives := range l.lives {
		slices.Sort(lives)
	}
	return l, nil
}

// tellAgain tells the histories of some of these vehicles once more: to keep all of a large fleet
// would fill the memory.
func tellAgain(ctx context.Context, fleet Histories, numbers []int, wanted map[predict.Component][]vehicle.VIN, of func(*Vehicle) predict.Input) (map[predict.Component][]predict.Input, error) {
	vins, told := fleet.VINs(), map[predict.Component][]predict.Input{}
	for c, some := range wanted {
		those := slices.DeleteFunc(slices.Clone(numbers), func(i int) bool { return !slices.Contains(some, vins[i]) })
		err := each(ctx, fleet, those, func(_ int, v Vehicle) {
			in := of(&v)
			in.Now = v.Until
			told[c] = append(told[c], in)
		})
		if err != nil {
			return nil, err
		}
	}
	return told, nil
}

// learn is what the planner learns from a fleet.
func learn(paths []predict.FleetPath, back []predict.Input, worn map[predict.Component][]predict.Input) predict.Prior {
	prior := predict.LearnUse(predict.LearnPrior(predict.Standard(), paths), slices.Values(back))
	return predict.Calibrate(prior, slices.Values(back), worn)
}

// maxLookedBack is how many vehicles' forecasts are looked back at to calibrate.
const maxLookedBack = 1200

// table is the life table: the mean time left of the parts that lived to this age.
func (l *lesson) table(life Life, at time.Time) float64 {
	age := days(at.Sub(life.From))
	lives := l.lives[life.Component]
	i, _ := slices.BinarySearch(lives, age)
	if i == len(lives) {
		return 0
	}
	return stat.Mean(lives[i:], nil) - age
}

// line is the least-squares line of a part's own readings on time; NaN where it has
// fewer than three or does not rise.
func line(own []predict.Reading, at time.Time) float64 {
	x, y := make([]float64, len(own)), make([]float64, len(own))
	for i, r := range own {
		x[i], y[i] = days(r.Time.Sub(at)), r.Wear
	}
	if len(own) < 3 {
		return math.NaN()
	}
	now, slope := stat.LinearRegression(x, y, nil, false)
	if !(slope > 0) {
		return math.NaN()
	}
	return math.Max((1-now)/slope, 0)
}

// paceDays is how far back the oracle looks for the pace of a part.
const paceDays = 90

// oracle knows the damage and, from the last 90 days, how fast it grows; only the
// use to come is hidden from it.
func (v *Vehicle) oracle(life Life, at time.Time) float64 {
	all := v.Damage[life.Component]
	now, ok := damageAt(all, at)
	from := life.From
	then, known := 0.0, true
	if before := at.AddDate(0, 0, -paceDays); before.After(from) {
		from = before
		then, known = damageAt(all, from)
	}
	if !ok || !known || !(now > then) {
		return math.NaN()
	}
	return math.Max((1-now)/(now-then)*days(at.Sub(from)), 0)
}

func damageAt(all []Damage, at time.Time) (float64, bool) {
	day := vehicle.DayOf(at)
	i, _ := slices.BinarySearchFunc(all, day, func(d Damage, day vehicle.Day) int { return int(d.Day - day) })
	if i == 0 {
		return 0, false
	}
	return all[i-1].Used, true
}
