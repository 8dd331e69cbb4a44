package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
)

// bus is one vehicle of rust_bus_odometer.
type bus struct {
	id, group string
	purchased time.Time // zero when unknown
	months    []busMonth

	replacements []replacement // of its engine, in order
}

// busMonth is one reading; the file knows the month only, which counts from its
// first day.
type busMonth struct {
	at    time.Time
	miles float64
}

// replacement of an engine; miles is NaN where the file has only the month.
type replacement struct {
	at    time.Time
	miles float64
}

const kmPerMile = 1.609344

var buses = Set{
	Name:  "rust_bus_odometer",
	About: "days to the next 5,000 and 20,000 miles of city buses; their engines",
	Files: []string{"odometer.csv", "buses.csv"},
	rows:  busRows,
}

func busRows(ctx context.Context, folder fs.FS) ([]Row, error) {
	fleet, err := readBuses(folder)
	if err != nil {
		return nil, err
	}
	usage, err := busUsage(ctx, fleet)
	if err != nil {
		return nil, err
	}
	engines, err := busEngineRows(fleet)
	return append(usage, engines...), err
}

// readBuses reads both files. Readings of one bus are put in order; of a month
// that comes twice the last line counts, and what steps back is left out.
func readBuses(folder fs.FS) ([]*bus, error) {
	byName := map[string]*bus{}
	var fleet []*bus
	err := readCSV(folder, "odometer.csv", []string{"group", "bus_id", "month", "odometer_miles"}, func(r *record) {
		name := r.text("group") + "/" + r.text("bus_id")
		b := byName[name]
		if b == nil {
			b = &bus{id: r.text("bus_id"), group: r.text("group")}
			byName[name] = b
			fleet = append(fleet, b)
		}
		b.months = append(b.months, busMonth{r.month("month"), r.number("odometer_miles")})
	})
	if err != nil {
		return nil, err
	}
	for _, b := range fleet {
		slices.SortStableFunc(b.months, func(x, y busMonth) int { return x.at.Compare(y.at) })
		kept := b.months[:0]
		for _, m := range b.months {
			switch n := len(kept); {
			case n > 0 && m.miles < kept[n-1].miles:
			case n > 0 && m.at.Equal(kept[n-1].at):
				kept[n-1] = m
			default:
				kept = append(kept, m)
			}
		}
		b.months = kept
	}
	slices.SortFunc(fleet, func(x, y *bus) int { return cmp.Or(cmp.Compare(x.group, y.group), cmp.Compare(x.id, y.id)) })
	return fleet, readReplacements(folder, byName)
}

// busFolds is into how many parts the buses are split: one is tested, one gives
// the intervals, the others teach the law. Each part is tested once.
const busFolds = 6

// busDistances are how far ahead, in miles, with the bounds of their figures.
var busDistances = []struct {
	miles     float64
	must, aim Bound
}{{5000, AtMost(21), AtMost(18)}, {20000, AtMost(62), AtMost(55)}}

// busAnswer is one question and what was answered: after a reading, how many
// days until so many miles more.
type busAnswer struct {
	bus              int
	truth            float64 // days
	days             float64 // P50
	range80, naive80 score.Interval
	last, mean, all  float64 // days by the rate of the last month, of the bus so far, of the fleet
}

// busUsage asks after every reading but the first of a bus when the next 5,000
// and 20,000 miles will be driven. The truth lies between two readings; distances
// that the file does not reach are left out. What is known of a bus is its group,
// its age, and its readings so far. The law of use, and how wide its intervals
// are, are learned anew each January from what the other buses had driven by
// then; the first year, in which there is nothing to learn from, asks nothing.
// Beside that stands the error by a law that knows the whole lives of the others,
// beyond the time of the question, as one does who splits by unit alone.
func busUsage(ctx context.Context, fleet []*bus) ([]Row, error) {
	past, err := busAnswers(ctx, fleet, januaries(fleet))
	if err != nil {
		return nil, err
	}
	whole, err := busAnswers(ctx, fleet, []time.Time{{}})
	if err != nil {
		return nil, err
	}
	var rows []Row
	for k, d := range busDistances {
		rows = append(rows, busUsageRows(d.miles, d.must, d.aim, len(fleet), past[k])...)
		rows = append(rows, busUsageRows(d.miles, Bound{}, Bound{}, len(fleet), whole[k])[0])
		rows[len(rows)-1].Task += ", the others' future known"
	}
	return rows, nil
}

// januaries are the ends of the years that can be learned from.
func januaries(fleet []*bus) []time.Time {
	var first, last time.Time
	for _, b := range fleet {
		if n := len(b.months); n > 0 {
			if from := b.months[0].at; first.IsZero() || from.Before(first) {
				first = from
			}
			if to := b.months[n-1].at; to.After(last) {
				last = to
			}
		}
	}
	var out []time.Time
	for at := time.Date(first.Year(), 1, 1, 0, 0, 0, 0, time.UTC); !at.After(last) && !first.IsZero(); at = at.AddDate(1, 0, 0) {
		if !at.AddDate(-1, 0, 0).Before(first) {
			out = append(out, at)
		}
	}
	return out
}

// busAnswers asks each part of the buses what the law of the others says, by
// distance. At each of the times a law is learned from before it, for the
// questions until the next; the zero time is that all is known at any time.
func busAnswers(ctx context.Context, fleet []*bus, times []time.Time) ([][]busAnswer, error) {
	answers := make([][]busAnswer, len(busDistances))
	for fold := range busFolds {
		var train, calibrate []*bus
		for i, b := range fleet {
			switch part := i % busFolds; part {
			case fold:
			case (fold + 1) % busFolds:
				calibrate = append(calibrate, b)
			default:
				train = append(train, b)
			}
		}
		for n, from := range times {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			until := time.Time{}
			if n+1 < len(times) {
				until = times[n+1]
			}
			laws := learnBuses(before(train, from), before(calibrate, from))
			for i := fold; i < len(fleet); i += busFolds {
				for k := range busDistances {
					fleet[i].ask(laws, k, func(q busQuestion) {
						if q.answered && !q.now.at.Before(from) && (until.IsZero() || q.now.at.Before(until)) {
							answers[k] = append(answers[k], q.answer(i, laws, k))
						}
					})
				}
			}
		}
	}
	return answers, nil
}

// before is what was known of buses before a time; all for the zero time.
func before(fleet []*bus, at time.Time) []*bus {
	if at.IsZero() {
		return fleet
	}
	var out []*bus
	for _, b := range fleet {
		seen := *b
		seen.months = b.months[:sort.Search(len(b.months), func(i int) bool { return !b.months[i].at.Before(at) })]
		out = append(out, &seen)
	}
	return out
}

// busLaws are what the other buses teach: the law of each group, the levels of
// probability between which 80 % of the answers lay, and the pace of the fleet.
type busLaws struct {
	predict.UsageLaws
	low, high []float64 // by distance
	pace      float64   // km a day
}

func learnBuses(train, calibrate []*bus) busLaws {
	var histories []predict.UsageHistory
	for _, b := range train {
		histories = append(histories, b.history())
	}
	var questions predict.UsageQuestions
	for _, d := range busDistances {
		questions.Km = append(questions.Km, d.miles*kmPerMile)
	}
	laws := busLaws{UsageLaws: predict.LearnUsage(histories, questions), pace: meanPace(histories)}
	for k, km := range questions.Km {
		levels := newLevels()
		for _, b := range calibrate {
			b.ask(laws, k, func(q busQuestion) { levels.add(q.law.Within(q.state, km, q.days), q.answered) })
			levels.endUnit()
		}
		low, high := levels.central()
		laws.low, laws.high = append(laws.low, low), append(laws.high, high)
	}
	return laws
}

// busQuestion is what is known when a question is asked, and the truth.
type busQuestion struct {
	law          *predict.UsageLaw
	state        *predict.UsageState
	days         float64 // until it was driven, or until the readings end
	answered     bool
	first, prior busMonth
	now          busMonth
}

// ask replays a bus, and calls for each question of a distance.
func (b *bus) ask(laws busLaws, distance int, each func(busQuestion)) {
	if len(b.months) == 0 {
		return
	}
	law := laws.Of(b.group)
	state := law.Start(b.purchased, b.months[0].at)
	for i := 1; i < len(b.months); i++ {
		before, now := b.months[i-1], b.months[i]
		law.Drove(&state, now.at, (now.miles-before.miles)*kmPerMile)
		days, answered := b.daysTo(i, busDistances[distance].miles)
		each(busQuestion{&law, &state, days, answered, b.months[0], before, now})
	}
}

// daysTo is how long it took to drive so many miles more; when the readings end
// before that, how long it has not been done.
func (b *bus) daysTo(from int, miles float64) (days float64, answered bool) {
	start, last := b.months[from], b.months[len(b.months)-1]
	goal := start.miles + miles
	for k := from + 1; k < len(b.months); k++ {
		if x, y := b.months[k-1], b.months[k]; y.miles >= goal {
			share := (goal - x.miles) / (y.miles - x.miles)
			return daysBetween(start.at, x.at) + share*daysBetween(x.at, y.at), true
		}
	}
	return daysBetween(start.at, last.at), false
}

// answer is the forecast and those of the baselines.
func (q busQuestion) answer(bus int, laws busLaws, distance int) busAnswer {
	km := busDistances[distance].miles * kmPerMile
	naive := q.law.DaysTo(q.state, km)
	by := func(from busMonth) float64 {
		kmPerDay := (q.now.miles - from.miles) * kmPerMile / daysBetween(from.at, q.now.at)
		return km / math.Max(kmPerDay, 1)
	}
	return busAnswer{
		bus: bus, truth: q.days, days: naive.P50,
		range80: score.Interval{Low: q.law.DaysBy(q.state, km, laws.low[distance]), High: q.law.DaysBy(q.state, km, laws.high[distance])},
		naive80: score.Interval{Low: naive.P10, High: naive.P90},
		last:    by(q.prior), mean: by(q.first), all: km / laws.pace,
	}
}

func busUsageRows(miles float64, must, aim Bound, n int, answers []busAnswer) []Row {
	pool := func(of func(busAnswer) float64) pooled {
		p := newPooled(n)
		for _, a := range answers {
			p.add(a.bus, of(a))
		}
		return p
	}
	off := func(by func(busAnswer) float64) pooled {
		return pool(func(a busAnswer) float64 { return math.Abs(by(a) - a.truth) })
	}
	held := func(by func(busAnswer) score.Interval) pooled {
		return pool(func(a busAnswer) float64 { return share(by(a).Holds(a.truth)) })
	}
	task := fmt.Sprintf("days to the next %s miles", lang.Thousands(miles))
	days := off(func(a busAnswer) float64 { return a.days })
	mae := Row{Task: task, Metric: "MAE", Unit: "days", Units: days.units(), Must: must, Aim: aim, Baselines: []Baseline{
		{"last month's rate", off(func(a busAnswer) float64 { return a.last }).mean()},
		{"rate of the bus", off(func(a busAnswer) float64 { return a.mean }).mean()},
		{"rate of the fleet", off(func(a busAnswer) float64 { return a.all }).mean()},
	}}
	mae.Ours, mae.Sure = days.figure()
	in := held(func(a busAnswer) score.Interval { return a.range80 })
	coverage := Row{Task: task, Metric: "coverage of 80 %", Units: in.units(), Must: Between(0.75, 0.85), Aim: Between(0.78, 0.82), Baselines: []Baseline{
		{"not calibrated", held(func(a busAnswer) score.Interval { return a.naive80 }).mean()},
	}}
	coverage.Ours, coverage.Sure = in.figure()
	wide := pool(func(a busAnswer) float64 { return a.range80.High - a.range80.Low })
	width := Row{Task: task, Metric: "width of 80 %", Unit: "days", Units: wide.units()}
	width.Ours, width.Sure = wide.figure()
	return []Row{mae, coverage, width}
}

// share is 1 for what holds.
func share(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// history is the bus as a fleet learns from it.
func (b *bus) history() predict.UsageHistory {
	h := predict.UsageHistory{Kind: b.group, InService: b.purchased}
	for _, m := range b.months {
		h.Readings = append(h.Readings, predict.OdometerAt{Time: m.at, Km: m.miles * kmPerMile})
	}
	return h
}

// meanPace is the mean km a day of all vehicles over all their days.
func meanPace(fleet []predict.UsageHistory) float64 {
	km, days := 0.0, 0.0
	for _, h := range fleet {
		if n := len(h.Readings); n > 1 {
			km += h.Readings[n-1].Km - h.Readings[0].Km
			days += daysBetween(h.Readings[0].Time, h.Readings[n-1].Time)
		}
	}
	return math.Max(km, 1) / math.Max(days, 1)
}

func daysBetween(a, b time.Time) float64 { return b.Sub(a).Hours() / 24 }
