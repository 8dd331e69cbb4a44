package evaluate

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Vehicle is the history of one vehicle, and the truth that forecasts must not see.
type Vehicle struct {
	Input predict.Input // whole; Now and Prior are set anew for each forecast
	Until time.Time     // end of the history
	Lives []Life        // oldest first, by component

	// Damage is the true share of its life that the part in the vehicle had used up
	// by the end of a day, for the oracle.
	Damage map[predict.Component][]Damage
}

// Life is one part's time in a vehicle.
type Life struct {
	Component predict.Component
	From      time.Time
	Limit     time.Time // when it reached its limit; zero: not within a year after Until
	LimitKm   float64   // odometer then
}

// Damage is what was used up at the end of a day, 1 at the limit.
type Damage struct {
	Day  vehicle.Day
	Used float64
}

// Fleet scores the forecasts of the product on vehicles whose truth is known.
// Every second vehicle teaches the fleet's prior and the baselines; the forecasts
// of the others are scored, each with what was known by then.
func Fleet(ctx context.Context, vehicles iter.Seq2[Vehicle, error]) ([]Row, error) {
	var taught []Vehicle
	var asked []Vehicle
	for v, err := range vehicles {
		if err != nil {
			return nil, fmt.Errorf("evaluate the fleet: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(taught) <= len(asked) {
			taught = append(taught, v)
		} else {
			asked = append(asked, v)
		}
	}
	if len(asked) == 0 {
		return nil, fmt.Errorf("evaluate the fleet: %d vehicles, want at least 2", len(taught))
	}
	known := learnFleet(taught)
	var all []answer
	for i := range asked {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		all = append(all, known.ask(i, &asked[i])...)
	}
	rows := errorRows(all)
	rows = append(rows, coverageRows(all)...)
	rows = append(rows, orderRows(all)...)
	for i := range rows {
		rows[i].Set = "simulated fleet"
	}
	return rows, nil
}

// lesson is what the other half of the fleet taught.
type lesson struct {
	prior predict.Prior
	lives map[predict.Component][]float64 // days of complete lives, ascending
}

func learnFleet(taught []Vehicle) lesson {
	l := lesson{lives: map[predict.Component][]float64{}}
	var paths []predict.FleetPath
	for i := range taught {
		in := taught[i].Input
		in.Now, in.Prior = taught[i].Until, predict.Prior{}
		paths = append(paths, predict.PathsOf(in)...)
		for _, life := range taught[i].Lives {
			if !life.Limit.IsZero() {
				l.lives[life.Component] = append(l.lives[life.Component], days(life.Limit.Sub(life.From)))
			}
		}
	}
	l.prior = predict.LearnPrior(taught[0].Input.Table, paths)
	for _, lives := range l.lives {
		slices.Sort(lives)
	}
	return l
}

// answer is one forecast with its truth.
type answer struct {
	unit      int
	component predict.Component
	life      int  // of the vehicle
	before    int  // days before the limit at which it was asked, 0 for a chance day
	given     bool // something is known of the part
	measured  bool // its wear has been looked at
	weekly    bool // asked for orders

	left   float64 // true days left; +Inf: more than a year after the end of the history
	beyond float64 // when left is infinite: days that are sure to be left

	low, middle, high   float64 // days
	oracle, table, line float64
}

// When forecasts are asked for: so many days before the limit, on chance days, and
// every week towards the limit for what orders would have been raised.
var (
	askedBefore  = []int{90, 60, 30, 14}
	chanceDays   = 60
	orderHorizon = 14.0
	orderWeeks   = 30
)

// warmUp is how long a vehicle must have been watched.
const warmUp = 90 * 24 * time.Hour

func (l *lesson) ask(unit int, v *Vehicle) []answer {
	v.Input.Prior = l.prior
	begin := v.Until.Add(-3 * 365 * 24 * time.Hour)
	if len(v.Input.Days) > 0 {
		begin = v.Input.Days[0].Day.Start()
	}
	begin = begin.Add(warmUp)
	var out []answer
	for n, life := range v.Lives {
		put := func(at time.Time, before int, weekly bool) {
			if at.Before(begin) || at.Before(life.From.Add(24*time.Hour)) || at.After(v.Until) {
				return
			}
			if a, ok := l.answer(v, life, at); ok {
				a.unit, a.life, a.before, a.weekly = unit, n, before, weekly
				out = append(out, a)
			}
		}
		end := v.Until
		if !life.Limit.IsZero() {
			end = life.Limit
			for _, before := range askedBefore {
				put(life.Limit.AddDate(0, 0, -before), before, false)
			}
		}
		for at := begin.AddDate(0, 0, unit*7%chanceDays); at.Before(end); at = at.AddDate(0, 0, chanceDays) {
			put(at, 0, false)
		}
		if isOrdered(life.Component) && !life.Limit.IsZero() && !life.Limit.After(v.Until) {
			for week := orderWeeks; week > 0; week-- {
				put(life.Limit.AddDate(0, 0, -7*week+unit%7), 0, true)
			}
		}
	}
	return out
}

// answer asks the product, the baselines and the oracle at a time.
func (l *lesson) answer(v *Vehicle, life Life, at time.Time) (answer, bool) {
	in := v.Input
	in.Now = at
	f, ok := predict.ForecastOf(in, life.Component)
	if !ok {
		return answer{}, false
	}
	a := answer{component: life.Component, left: math.Inf(1), beyond: days(v.Until.AddDate(1, 0, 0).Sub(at)), given: !f.Limit.P50.IsZero(), measured: f.Readings > 0}
	if !life.Limit.IsZero() {
		a.left = days(life.Limit.Sub(at))
	}
	if a.given {
		a.low, a.middle, a.high = days(f.Limit.P10.Sub(at)), days(f.Limit.P50.Sub(at)), days(f.Limit.P90.Sub(at))
	}
	a.oracle = v.oracle(life, at)
	a.table = l.table(life, at)
	a.line = line(in.Readings, life, at)
	return a, true
}

// oracle knows the damage and, from the last 90 days, how fast it grows; only the
// use to come is hidden from it.
func (v *Vehicle) oracle(life Life, at time.Time) float64 {
	all := v.Damage[life.Component]
	now, ok := damageAt(all, at)
	from := life.From
	if before := at.AddDate(0, 0, -90); before.After(from) {
		from = before
	}
	then, known := damageAt(all, from)
	if from.Equal(life.From) {
		then, known = 0, true
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

// table is the life table: the mean time left of the parts that lived to this age.
func (l *lesson) table(life Life, at time.Time) float64 {
	age := days(at.Sub(life.From))
	lives := l.lives[life.Component]
	i, _ := slices.BinarySearch(lives, age)
	if i == len(lives) {
		return 0
	}
	sum := 0.0
	for _, v := range lives[i:] {
		sum += v - age
	}
	return sum / float64(len(lives)-i)
}

// line is the least-squares line of a part's readings on time, alone; NaN where it
// has fewer than three or does not rise.
func line(readings []predict.Reading, life Life, at time.Time) float64 {
	var x [][]float64
	var y []float64
	for _, r := range readings {
		if r.Component == life.Component && r.Time.After(life.From) && !r.Time.After(at) {
			x, y = append(x, []float64{days(r.Time.Sub(at))}), append(y, r.Wear)
		}
	}
	fit, err := predict.Fit(y, x)
	if err != nil || !(fit.Slopes[0] > 0) {
		return math.NaN()
	}
	return math.Max((1-fit.Intercept)/fit.Slopes[0], 0)
}

func days(d time.Duration) float64 { return d.Hours() / 24 }
