package evaluate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// moment says at which kind of moment a forecast is asked for.
type moment uint8

const (
	nearLimit moment = iota // so many days before the limit
	chance                  // a day that has nothing to do with the part
	look                    // for what orders are raised
	fresh                   // after so many readings of the part
	turnedAt                // so many days after the use was made to change
)

// When forecasts are asked for.
var (
	daysBefore     = []int{90, 60, 30, 14}
	readingsOf     = []int{1, 3, 10}
	daysAfterTurn  = []int{0, 3, 5, 7, 10, 14, 17, 21, 28, 35, 42}
	chanceEvery    = 60                  // days
	looksBefore    = 13                  // weeks before the limit
	warmUp         = 90 * 24 * time.Hour // for which a vehicle must have been watched
	bedIn          = 24 * time.Hour      // for which a part must have been in the vehicle
	afterTheRecord = time.Minute
)

// question is one forecast that is asked for.
type question struct {
	at   time.Time
	life int // of the vehicle
	moment
	n int // of the moment
}

// answer is one forecast with its truth, in days.
type answer struct {
	question
	component predict.Component
	watched   bool // the vehicle has a sensor for its wear

	left   float64 // true days left; +Inf: more than a year after the end of the history
	beyond float64 // days that are known of: when left is infinite there are more

	given               bool // something is known of the part
	low, middle, high   float64
	raised              bool // the forecast raises an order
	oracle, table, line float64

	observed, observedSD float64 // the observer's days left, and their standard deviation

	health []health // at dates to come, of what is asked for that

	faulty *answer // of the history with faults; nil where that is not asked
}

// compared reports whether a question is put to the history with faults, too.
func (q question) compared() bool { return q.moment == chance || q.moment == nearLimit && q.n > 14 }

// asked is what the forecasts of one vehicle said, by component in order of time.
type asked map[predict.Component][]answer

func byComponent(answers []answer) asked {
	out := asked{}
	for _, a := range answers {
		out[a.component] = append(out[a.component], a)
	}
	return out
}

// ask asks the n-th vehicle.
func (l *lesson) ask(n int, v *Vehicle) asked {
	h := newHindsight(v)
	questions := h.questions(n)
	answers := h.put(v.Input, l.prior, questions)
	answers = append(answers, h.put(v.Input, l.prior, h.daily(answers))...)
	var faulty []answer
	if v.Faulty.VIN != "" {
		compared := slices.DeleteFunc(questions, func(q question) bool { return !q.compared() })
		faulty = h.put(v.Faulty, l.faulty, compared)
	}
	for i := range answers {
		a := &answers[i]
		l.beside(h, a)
		if len(faulty) > 0 && a.compared() {
			a.faulty, faulty = &faulty[0], faulty[1:]
		}
	}
	return byComponent(answers)
}

// askTurned asks a vehicle whose use was made to change.
func (l *lesson) askTurned(v *Vehicle, at time.Time) asked {
	h := newHindsight(v)
	return byComponent(h.put(v.Input, l.prior, h.turned(at)))
}

// daily are the days of the week in which an order is raised, by what weekly looks have
// said: a vehicle is looked at every day, and the weeks before have not raised it. An
// order that no look has raised may still be in the days before the limit.
func (h *hindsight) daily(answers []answer) []question {
	last := map[int]*answer{} // of each life, the first look that raises, or the last
	for i := range answers {
		a := &answers[i]
		if before := last[a.life]; a.moment == look && (before == nil || !before.raised) {
			last[a.life] = a
		}
	}
	var out []question
	for i, life := range h.Lives {
		a := last[i]
		if a == nil {
			continue
		}
		from := a.at.AddDate(0, 0, 1)
		if a.raised {
			from = a.at.AddDate(0, 0, -6)
		}
		for d := range 6 {
			q := a.question
			if q.at = from.AddDate(0, 0, d); h.asksAt(life, q.at) && q.at.Before(life.Limit) {
				out = append(out, q)
			}
		}
	}
	return out
}

// asksAt reports whether a part is asked about at a time: it is in, and the vehicle has
// been watched for a while.
func (h *hindsight) asksAt(life Life, at time.Time) bool {
	return !at.Before(h.begin) && !at.Before(life.From.Add(bedIn)) && !at.After(h.Until)
}

// beside adds what the baselines say, where they are shown.
func (l *lesson) beside(h *hindsight, a *answer) {
	life := h.Lives[a.life]
	if a.moment == nearLimit {
		a.oracle, a.line = h.oracle(life, a.at), line(h.seen(life, a.at), a.at)
	}
	if a.moment == look {
		a.oracle = h.oracle(life, a.at)
		if a.observed, a.observedSD = math.NaN(), math.NaN(); a.component == observed && a.watched {
			a.observed, a.observedSD = l.misread.observe(h, life, a.at, a.oracle)
		}
	}
	if a.moment == nearLimit || a.moment == fresh {
		a.table = l.table(life, a.at)
	}
}

// hindsight is a vehicle whose history is over.
type hindsight struct {
	*Vehicle
	readings map[predict.Component][]predict.Reading // of the history without faults, by time
	sensed   map[predict.Component]time.Time         // since when a sensor measures the component
	begin    time.Time                               // when asking begins
}

func newHindsight(v *Vehicle) *hindsight {
	h := &hindsight{Vehicle: v, readings: map[predict.Component][]predict.Reading{}, sensed: map[predict.Component]time.Time{}, begin: v.Until}
	for _, r := range v.Input.Readings {
		if !r.Bound {
			h.readings[r.Component] = append(h.readings[r.Component], r)
		}
		if first, ok := h.sensed[r.Component]; r.Sensed() && (!ok || r.Time.Before(first)) {
			h.sensed[r.Component] = r.Time
		}
	}
	for _, rs := range h.readings {
		slices.SortStableFunc(rs, func(a, b predict.Reading) int { return a.Time.Compare(b.Time) })
	}
	for _, d := range v.Input.Days {
		if at := d.Day.Start(); at.Before(h.begin) {
			h.begin = at
		}
	}
	h.begin = h.begin.Add(warmUp)
	return h
}

// seen are the readings of a part by a time.
func (h *hindsight) seen(life Life, at time.Time) []predict.Reading {
	all := h.readings[life.Component]
	return all[since(all, life.From.Add(bedIn)):max(since(all, life.From.Add(bedIn)), since(all, at))]
}

func since(readings []predict.Reading, at time.Time) int {
	n, _ := slices.BinarySearchFunc(readings, at, func(r predict.Reading, at time.Time) int { return r.Time.Compare(at) })
	return n
}

// questions are asked of the n-th vehicle of a fleet: the days of chance and of
// weekly looks move with n, so that they fall on every day of the week and month.
func (h *hindsight) questions(n int) []question {
	var out []question
	ask := func(at time.Time, life int, m moment, of int) {
		if h.asksAt(h.Lives[life], at) {
			out = append(out, question{at, life, m, of})
		}
	}
	for i, life := range h.Lives {
		end := h.Until
		if ends := !life.Limit.IsZero(); ends {
			end = life.Limit
			for _, d := range daysBefore {
				ask(life.Limit.AddDate(0, 0, -d), i, nearLimit, d)
			}
			h.afterReadings(life, func(at time.Time, k int) { ask(at, i, fresh, k) })
		}
		for at := h.begin.AddDate(0, 0, n*7%chanceEvery); at.Before(end); at = at.AddDate(0, 0, chanceEvery) {
			ask(at, i, chance, 0)
		}
		if !ordered(life.Component) || life.Limit.IsZero() || life.Limit.After(h.Until) {
			continue
		}
		for at := h.begin.AddDate(0, 0, n%7); at.Before(life.Limit); at = at.AddDate(0, 0, 7) {
			if at.After(life.Limit.AddDate(0, 0, -7*looksBefore)) {
				ask(at, i, look, 0)
			}
		}
	}
	return out
}

// afterReadings are the moments after the first few readings of a part that came in
// while the vehicle was watched.
func (h *hindsight) afterReadings(life Life, ask func(at time.Time, k int)) {
	if life.From.Before(h.begin.Add(-warmUp)) {
		return
	}
	seen := h.seen(life, life.Limit)
	for _, k := range readingsOf {
		if k <= len(seen) {
			ask(seen[k-1].Time.Add(afterTheRecord), k)
		}
	}
}

// turned are the questions about the parts that were in the vehicle when its use
// changed, and were in it until the last question.
func (h *hindsight) turned(at time.Time) []question {
	var out []question
	last := at.AddDate(0, 0, slices.Max(daysAfterTurn))
	for i, life := range h.Lives {
		if at.Before(h.begin) || at.Before(life.From.Add(bedIn)) || !life.Limit.IsZero() && life.Limit.Before(last) {
			continue
		}
		for _, d := range daysAfterTurn {
			out = append(out, question{at.AddDate(0, 0, d), i, turnedAt, d})
		}
	}
	return out
}

// put asks the questions of what was known at their time.
func (h *hindsight) put(in predict.Input, prior predict.Prior, questions []question) []answer {
	in = byTime(in)
	in.Prior = prior
	slices.SortStableFunc(questions, func(a, b question) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.life, b.life))
	})
	var out []answer
	for len(questions) > 0 {
		at := questions[0].at
		n := 1
		for n < len(questions) && questions[n].at.Equal(at) {
			n++
		}
		now := predict.OutlookOf(knownBy(in, at))
		for _, q := range questions[:n] {
			life := h.Lives[q.life]
			if limit, ok := now.Limit(life.Component); ok {
				a := h.answer(q, life, limit)
				if q.moment == chance {
					a.health = h.healthAt(now, life, at)
				}
				out = append(out, a)
			}
		}
		now.Done()
		questions = questions[n:]
	}
	return out
}

func (h *hindsight) answer(q question, life Life, limit predict.Dates) answer {
	sensed, ok := h.sensed[life.Component]
	a := answer{
		question: q, component: life.Component, given: !limit.P50.IsZero(),
		left: math.Inf(1), beyond: days(h.Until.AddDate(1, 0, 0).Sub(q.at)),
		watched: ok && !sensed.After(q.at),
	}
	if !life.Limit.IsZero() {
		a.left = days(life.Limit.Sub(q.at))
	}
	if a.given {
		a.low, a.middle, a.high = days(limit.P10.Sub(q.at)), days(limit.P50.Sub(q.at)), days(limit.P90.Sub(q.at))
		spec, _ := predict.Standard().Of(life.Component)
		a.raised = predict.Raises(q.at, limit, spec.Safety)
	}
	return a
}

// byTime sorts copies of what an input lists.
func byTime(in predict.Input) predict.Input {
	in.Days, in.Readings, in.Services = slices.Clone(in.Days), slices.Clone(in.Readings), slices.Clone(in.Services)
	slices.SortStableFunc(in.Days, func(a, b predict.Day) int { return cmp.Compare(a.Day, b.Day) })
	slices.SortStableFunc(in.Readings, func(a, b predict.Reading) int { return a.Time.Compare(b.Time) })
	slices.SortStableFunc(in.Services, func(a, b predict.Service) int { return a.Time.Compare(b.Time) })
	return in
}

// knownBy is what an input sorted by time held at a time. Forecasts leave out what
// lies ahead of them by themselves; they are faster when it is not there. A day is
// summed up when it is over.
func knownBy(in predict.Input, at time.Time) predict.Input {
	in.Now = at
	today := vehicle.DayOf(at)
	n, _ := slices.BinarySearchFunc(in.Days, today, func(d predict.Day, day vehicle.Day) int { return cmp.Compare(d.Day, day) })
	in.Days = in.Days[:n]
	n = since(in.Readings, at.Add(1))
	in.Readings = in.Readings[:n]
	n, _ = slices.BinarySearchFunc(in.Services, at.Add(1), func(s predict.Service, at time.Time) int { return s.Time.Compare(at) })
	in.Services = in.Services[:n]
	return in
}
