package models_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
)

const part = predict.BrakePadsFront

// forecast is one of the pads, made on a day, with a median on another ±20 days.
func forecast(cycle string, asOf, median float64) predict.Forecast {
	return predict.Forecast{
		Component: part, State: predict.Known, Cycle: cycle, Now: days(asOf), ByLevel: true, Model: "m",
		Limit: predict.Dates{P10: days(median - 20), P50: days(median), P90: days(median + 20)},
	}
}

func TestAForecastIsTakenOnceForEachHorizon(t *testing.T) {
	t.Parallel()
	var have []models.Snapshot
	take := func(f predict.Forecast) { have = models.Take(have, "V", []predict.Forecast{f}) }
	take(forecast("first", 0, 181)) // too far
	take(forecast("first", 1, 181))
	take(forecast("first", 2, 181))  // the same horizon
	take(forecast("first", 100, 90)) // due already
	take(forecast("first", 100, 190))
	take(forecast("first", 170, 184))
	take(forecast("serviced-2026-09-01", 190, 204)) // the next part
	early, stale := forecast("first", 150, 190), forecast("first", 150, 190)
	early.State, stale.State = predict.TooEarly, predict.Stale
	take(early)
	take(stale)
	type taken struct {
		cycle   string
		horizon int
		asOf    time.Time
	}
	var got []taken
	for _, s := range have {
		got = append(got, taken{s.Cycle, s.Horizon, s.AsOf})
	}
	want := []taken{{"first", 180, days(1)}, {"first", 90, days(100)}, {"first", 14, days(170)}, {"serviced-2026-09-01", 14, days(190)}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(taken{})); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

// facts are those of a car whose pads wear 1 % a day: at the limit on day 100.
func facts(until float64, services ...predict.Service) predict.Input {
	in := predict.Input{Now: days(until), Services: services}
	for d := 0.5; d < until; d += 5 {
		worn := d
		for _, s := range services {
			if s.Time.Before(days(d)) {
				worn = days(d).Sub(s.Time).Hours() / 24
			}
		}
		in.Readings = append(in.Readings, predict.Reading{Component: part, Time: days(d), Wear: worn / 100})
	}
	return in
}

func service(day float64, failed bool) predict.Service {
	return predict.Service{Component: part, Time: days(day), Failed: failed}
}

func TestWhatBecomesOfAForecast(t *testing.T) {
	t.Parallel()
	passed := forecast("first", 60, 110)
	lives := passed
	lives.ByLevel = false
	for name, c := range map[string]struct {
		said  predict.Forecast
		facts predict.Input
		state models.Ending
		cell  models.Cell
		at    float64 // day, to a day
	}{
		"goes on":                               {passed, facts(80), models.Open, 0, 75.5},
		"its readings pass the limit":           {passed, facts(120), models.Ended, models.BelowP50, 100},
		"one reading beyond is not enough":      {passed, facts(101), models.Open, 0, 100.5},
		"it fails":                              {lives, facts(96, service(95, true)), models.Ended, models.BelowP50, 95},
		"it passed before it failed":            {passed, facts(140, service(138, true)), models.Ended, models.BelowP50, 100},
		"only failures count":                   {lives, facts(129, service(128, true)), models.Ended, models.BelowP90, 128},
		"sooner than P10":                       {lives, facts(129, service(62, true)), models.Ended, models.BelowP10, 62},
		"renewed before it had to be":           {passed, facts(96, service(95, false)), models.Censored, models.BelowP50, 90.5},
		"renewed, of parts that fail":           {lives, facts(96, service(95, false)), models.Censored, models.BelowP50, 95},
		"outlived":                              {lives, facts(131), models.Outlived, models.AboveP90, 131},
		"renewed beyond P90":                    {lives, facts(160, service(150, false)), models.Outlived, models.AboveP90, 150},
		"failed beyond P90":                     {lives, facts(160, service(150, true)), models.Ended, models.AboveP90, 150},
		"a record came late: the part was gone": {passed, facts(96, service(50, false)), models.Void, 0, 60},
		"it had failed when it was asked":       {forecast("first", 102, 110), facts(140), models.Void, 0, 102},
		"of the next part":                      {forecast("serviced-2026-04-21", 60, 110), facts(170, service(50, true)), models.Ended, models.AboveP90, 150},
		"of a part whose record was voided":     {forecast("serviced-2026-04-21", 60, 110), facts(170), models.Void, 0, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taken := models.Take(nil, "V", []predict.Forecast{c.said})
			resolve := func(in predict.Input) models.Outcome {
				return models.Resolve(taken, models.LivesOf(in, []predict.Component{part}), in.Now)[0].Outcome
			}
			got := resolve(c.facts)
			if got.State != c.state || got.Cell != c.cell && c.state != models.Open && c.state != models.Void || math.Abs(got.At.Sub(days(c.at)).Hours()) > 24 {
				t.Errorf("%+v (day %.1f), want %s in cell %d on day %.1f", got, got.At.Sub(epoch).Hours()/24, c.state, c.cell, c.at)
			}
			if known := got.State != models.Open && got.State != models.Void; known != !got.Week.IsZero() || known && got.Week.Weekday() != time.Monday {
				t.Errorf("week %s of an outcome that is %s", got.Week, got.State)
			}
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(c.facts.Readings), func(i, j int) {
				c.facts.Readings[i], c.facts.Readings[j] = c.facts.Readings[j], c.facts.Readings[i]
			})
			if diff := cmp.Diff(got, resolve(c.facts)); diff != "" {
				t.Errorf("in another order:\n%s", diff)
			}
		})
	}
}

// A renewal that nobody recorded ends a life, and says nothing of when it would have.
func TestARenewalWithoutARecord(t *testing.T) {
	t.Parallel()
	in := facts(120, service(80, false))
	in.Services = nil
	lives := models.LivesOf(in, []predict.Component{part})
	if len(lives) != 2 || !lives[1].Seen || lives[0].Failed || !lives[0].Passed.IsZero() || lives[0].End.Sub(days(80)) > 6*24*time.Hour {
		t.Fatalf("lives: %+v", lives)
	}
	taken := models.Take(nil, "V", []predict.Forecast{forecast("first", 60, 110), forecast("seen-2026-05-22", 90, 180)})
	got := models.Resolve(taken, lives, in.Now)
	if got[0].Outcome.State != models.Censored || got[1].Outcome.State != models.Open {
		t.Errorf("%+v and %+v, want censored and open", got[0].Outcome, got[1].Outcome)
	}
}

func TestALoneOutlierEndsNothing(t *testing.T) {
	t.Parallel()
	in := facts(80)
	i := slices.IndexFunc(in.Readings, func(r predict.Reading) bool { return r.Wear > 0.4 })
	in.Readings[i].Wear = 1.4
	lives := models.LivesOf(in, []predict.Component{part})
	if len(lives) != 1 || !lives[0].Passed.IsZero() {
		t.Errorf("lives: %+v", lives)
	}
}

func TestTalliesEstimateCoverage(t *testing.T) {
	t.Parallel()
	full := models.Tally{Truths: [4]int{10, 40, 40, 10}}
	if c := full.Coverage(); math.Abs(c-0.8) > 1e-9 || full.Off() {
		t.Errorf("coverage %v, off %v, want 0.8 and not off", c, full.Off())
	}
	// The same law, and half of the parts are renewed at the median: those that would
	// have lasted are missing from the truths, not from the estimate.
	renewed := models.Tally{Truths: [4]int{10, 40, 20, 5}, Censored: [4]int{0, 0, 25, 0}}
	pit := renewed.PIT()
	if raw := 60.0 / 75; math.Abs(pit[0]-0.1) > 1e-9 || math.Abs(pit[1]-0.4) > 1e-9 || renewed.Coverage() == raw {
		t.Errorf("PIT %v", pit)
	}
	narrow := models.Tally{Truths: [4]int{9, 6, 6, 9}}
	few := models.Tally{Truths: [4]int{9, 5, 6, 9}}
	if !narrow.Off() || few.Off() {
		t.Errorf("off: %v with 30 outcomes, %v with 29", narrow.Off(), few.Off())
	}
	var none models.Tally
	if !math.IsNaN(none.Coverage()) || none.Off() {
		t.Error("nothing is known, and that is no warning")
	}
}

func TestTalliesAddUp(t *testing.T) {
	t.Parallel()
	week := days(0)
	in := []models.Tally{
		{Component: "b", Horizon: 90, Week: week, Truths: [4]int{1, 0, 0, 0}, Ended: 1, AbsDays: 30},
		{Component: "a", Horizon: 14, Week: week, Truths: [4]int{0, 2, 0, 0}, Ended: 1, AbsDays: 3},
		{Component: "a", Horizon: 180, Week: week, Censored: [4]int{0, 0, 3, 0}},
		{Component: "a", Horizon: 14, Week: week.AddDate(0, 0, 7), Truths: [4]int{0, 0, 0, 4}, Ended: 4, AbsDays: 17},
	}
	want := []models.Tally{
		{Component: "a", Horizon: 180, Censored: [4]int{0, 0, 3, 0}},
		{Component: "a", Horizon: 14, Truths: [4]int{0, 2, 0, 4}, Ended: 5, AbsDays: 20},
		{Component: "b", Horizon: 90, Truths: [4]int{1, 0, 0, 0}, Ended: 1, AbsDays: 30},
	}
	if diff := cmp.Diff(want, models.Sum(in, true)); diff != "" {
		t.Errorf("by horizon (-want +got):\n%s", diff)
	}
	whole := models.Sum(in, false)
	if len(whole) != 2 || whole[0].Truths != [4]int{0, 2, 0, 4} || whole[0].Renewed() != 3 || whole[0].MAE() != 4 {
		t.Errorf("by component: %+v", whole)
	}
}
