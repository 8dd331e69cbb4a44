package evaluate

import (
	"context"
	"io/fs"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
	"github.com/pitcrew-telematics/pitcrew/vehicle/planted"
)

var fuelCards = Set{
	Name:  "urbana_fleet_fuelcards",
	About: "odometers typed at fuel pumps: 30 days ahead; cluster swaps planted in them",
	Files: []string{"fuel_odometer.csv"},
	rows:  fuelCardRows,
}

// fuelCard is one card: the odometers that were typed with it, in order of time.
type fuelCard struct {
	name, department string
	readings         []vehicle.OdometerReading
}

const daysAhead = 30

func fuelCardRows(ctx context.Context, folder fs.FS) ([]Row, error) {
	cards, err := readFuelCards(folder)
	if err != nil {
		return nil, err
	}
	var used []*fuelCard
	for _, c := range cards {
		if planted.HasOdometer(c.readings, 2./3) {
			used = append(used, c)
		}
	}
	rows, err := fuelForecastRows(ctx, used)
	if err != nil {
		return nil, err
	}
	return append(rows, swapRows(used)...), nil
}

func readFuelCards(folder fs.FS) ([]*fuelCard, error) {
	byName := map[string]*fuelCard{}
	var cards []*fuelCard
	columns := []string{"vehicle_id", "department", "date", "time", "odometer_entered"}
	err := readCSV(folder, "fuel_odometer.csv", columns, func(r *record) {
		if r.text("odometer_entered") == "" {
			return // nothing was typed
		}
		c := byName[r.text("vehicle_id")]
		if c == nil {
			c = &fuelCard{name: r.text("vehicle_id"), department: r.text("department")}
			byName[c.name] = c
			cards = append(cards, c)
		}
		day := r.time("date", time.DateOnly, "a date like 2017-01-31")
		clock := r.time("time", time.TimeOnly, "a time like 13:05:59")
		at := day.Add(clock.Sub(clock.Truncate(24 * time.Hour)))
		c.readings = append(c.readings, vehicle.ReadOdometer(at, vehicle.OdometerFuelCard, r.number("odometer_entered"), vehicle.Miles))
	})
	for _, c := range cards {
		slices.SortStableFunc(c.readings, func(a, b vehicle.OdometerReading) int { return a.Time.Compare(b.Time) })
	}
	return cards, err
}

func ledgerOf(readings []vehicle.OdometerReading) vehicle.OdometerLedger {
	return vehicle.LedgerOf(readings, nil, vehicle.BusKmPerDay)
}

// track is the distance of a vehicle over time, in km.
type track []predict.OdometerAt

func trackOf(accepted []vehicle.AcceptedReading) track {
	var t track
	for _, a := range accepted {
		t = append(t, predict.OdometerAt{Time: a.Time, Km: a.Total / 1000})
	}
	return t
}

// daily keeps the last of the readings of one day, as others of it say nothing
// about the pace.
func (t track) daily() track {
	var out track
	for _, r := range t {
		if n := len(out); n > 0 && vehicle.DayOf(out[n-1].Time) == vehicle.DayOf(r.Time) {
			out[n-1] = r
		} else {
			out = append(out, r)
		}
	}
	return out
}

// at interpolates between readings of at most 30 days.
func (t track) at(when time.Time) (km float64, ok bool) {
	k := sort.Search(len(t), func(i int) bool { return !t[i].Time.Before(when) })
	if k == 0 || k == len(t) || daysBetween(t[k-1].Time, t[k].Time) > 30 {
		return 0, false
	}
	a, b := t[k-1], t[k]
	return a.Km + (b.Km-a.Km)*daysBetween(a.Time, when)/daysBetween(a.Time, b.Time), true
}

// line goes on at the pace of the last 90 days: the baseline.
func (t track) line(when time.Time) float64 {
	last := t[len(t)-1]
	first := t[sort.Search(len(t), func(i int) bool { return daysBetween(t[i].Time, last.Time) <= 90 })]
	pace := 0.0
	if days := daysBetween(first.Time, last.Time); days >= 1 {
		pace = (last.Km - first.Km) / days
	}
	return last.Km + pace*daysBetween(last.Time, when)
}

// fuelAnswer is one forecast of the distance at a reading's time and 30 days, km.
type fuelAnswer struct {
	card            int
	truth           float64
	ours, line, raw float64
	range80         score.Interval
	lastOfWeek      bool
}

// fuelForecastRows asks at every reading, from the third of a card on, what the
// distance will be 30 days later. Known are the readings until then, and the
// department. The truth is what the ledger of the whole year says, in which a
// replaced cluster goes on counting; it has to lie between readings of at most 30
// days. The law of use is learned from the ledgers of other cards over the whole
// year, and the interval is calibrated on a part of them that the law was not
// learned from.
// Police cars are filled up daily and outweigh the others; so the bound is for the
// last reading of each week, in which vehicles count about alike, as it is in
// docs/decisions/0010-odometer-ledger.md. The error from every reading is beside it.
func fuelForecastRows(ctx context.Context, cards []*fuelCard) ([]Row, error) {
	histories := make([]predict.UsageHistory, len(cards))
	for i, c := range cards {
		histories[i] = predict.UsageHistory{Kind: c.department, Readings: trackOf(ledgerOf(c.readings).Accepted).daily()}
	}
	var answers []fuelAnswer
	for fold := range fuelFolds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var train []predict.UsageHistory
		for i := range cards {
			if part := i % fuelFolds; part != fold && part != (fold+1)%fuelFolds {
				train = append(train, histories[i])
			}
		}
		laws := predict.LearnUsage(train, predict.UsageQuestions{Days: []float64{daysAhead}})
		levels := newLevels()
		for i := (fold + 1) % fuelFolds; i < len(cards); i += fuelFolds {
			cards[i].ask(laws, func(q fuelQuestion) { levels.add(q.level(), true) })
			levels.endUnit()
		}
		low, high := levels.central()
		for i := fold; i < len(cards); i += fuelFolds {
			cards[i].ask(laws, func(q fuelQuestion) { answers = append(answers, q.answer(i, low, high)) })
		}
	}
	return fuelRows(len(cards), answers), nil
}

const fuelFolds = 8

// fuelQuestion is what is known when a question is asked, and the truth.
type fuelQuestion struct {
	law        *predict.UsageLaw
	state      predict.UsageState
	known      track // the ledger as it was
	raw        track
	when       time.Time
	truth      float64
	lastOfWeek bool
}

// ask replays a card, and calls for each question whose truth is known. The
// ledger is made anew at each reading: it may think better of earlier ones.
func (c *fuelCard) ask(laws predict.UsageLaws, each func(fuelQuestion)) {
	whole := ledgerOf(c.readings)
	truth := trackOf(whole.Accepted)
	law := laws.Of(c.department)
	offset, segment := 0.0, 0
	var raw track
	for i, r := range c.readings {
		for ; segment < len(whole.Segments) && !whole.Segments[segment].Start.After(r.Time); segment++ {
			offset = whole.Segments[segment].Offset // the raw readings get it for nothing
		}
		raw = append(raw, predict.OdometerAt{Time: r.Time, Km: (r.Metres + offset) / 1000})
		q := fuelQuestion{law: &law, raw: raw, when: r.Time.AddDate(0, 0, daysAhead)}
		var ok bool
		if q.truth, ok = truth.at(q.when); !ok || i < 2 || truth[0].Time.After(r.Time) {
			continue
		}
		now := ledgerOf(c.readings[:i+1])
		if q.known = trackOf(now.Accepted); len(q.known) == 0 {
			continue
		}
		days := q.known.daily()
		q.state = law.Start(time.Time{}, days[0].Time)
		for k := 1; k < len(days); k++ {
			law.Drove(&q.state, days[k].Time, days[k].Km-days[k-1].Km)
		}
		q.lastOfWeek = i+1 == len(c.readings) || weekOf(c.readings[i+1].Time) != weekOf(r.Time)
		each(q)
	}
}

func weekOf(at time.Time) vehicle.Day { return (vehicle.DayOf(at) + 3) / 7 }

// ahead is from the last reading that the ledger believes to the time asked for.
func (q *fuelQuestion) ahead() (from, days float64) {
	last := q.known[len(q.known)-1]
	return last.Km, daysBetween(last.Time, q.when)
}

// level is the probability that the law gave to less than what was driven.
func (q *fuelQuestion) level() float64 {
	from, days := q.ahead()
	return 1 - q.law.Within(&q.state, q.truth-from, days)
}

func (q *fuelQuestion) answer(card int, low, high float64) fuelAnswer {
	from, days := q.ahead()
	return fuelAnswer{
		card: card, truth: q.truth, lastOfWeek: q.lastOfWeek,
		ours: from + q.law.KmIn(&q.state, days).P50, line: q.known.line(q.when), raw: q.raw.line(q.when),
		range80: score.Interval{Low: from + q.law.KmBy(&q.state, days, low), High: from + q.law.KmBy(&q.state, days, high)},
	}
}

func fuelRows(cards int, answers []fuelAnswer) []Row {
	pool := func(weekly bool, of func(fuelAnswer) float64) pooled {
		p := newPooled(cards)
		for _, a := range answers {
			if a.lastOfWeek || !weekly {
				p.add(a.card, of(a))
			}
		}
		return p
	}
	mae := func(task string, weekly bool, must, aim Bound) Row {
		off := func(by func(fuelAnswer) float64) pooled {
			return pool(weekly, func(a fuelAnswer) float64 { return math.Abs(by(a)-a.truth) / kmPerMile })
		}
		ours := off(func(a fuelAnswer) float64 { return a.ours })
		r := Row{Task: task, Metric: "MAE", Unit: "miles", Units: ours.units(), Must: must, Aim: aim, Baselines: []Baseline{
			{"line, not cleaned", off(func(a fuelAnswer) float64 { return a.raw }).mean()},
			{"line, cleaned", off(func(a fuelAnswer) float64 { return a.line }).mean()},
		}}
		r.Ours, r.Sure = ours.figure()
		return r
	}
	in := pool(false, func(a fuelAnswer) float64 { return share(a.range80.Holds(a.truth)) })
	coverage := Row{Task: "odometer 30 days ahead, from every reading", Metric: "coverage of 80 %", Units: in.units()}
	coverage.Ours, coverage.Sure = in.figure()
	return []Row{
		mae("odometer 30 days ahead, from the last reading of a week", true, AtMost(225), AtMost(190)),
		mae("odometer 30 days ahead, from every reading", false, Bound{}, Bound{}),
		coverage,
	}
}
