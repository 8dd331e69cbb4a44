package models_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/models"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/score"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var epoch = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) // a Monday

func days(n float64) time.Time { return epoch.Add(time.Duration(n * 24 * float64(time.Hour))) }

func TestDecide(t *testing.T) {
	t.Parallel()
	inForce := &models.Version{Paths: 40}
	enough := models.Comparison{Lives: 30, Vehicles: 10, Rival: models.Score{Pinball: 1}}
	worse := enough
	worse.WorseBy = score.Interval{Low: 0.01, High: 0.2}
	unsure := enough
	unsure.WorseBy = score.Interval{Low: -0.1, High: 0.2}
	few := models.Comparison{Lives: 29, Vehicles: 12, WorseBy: score.Interval{Low: -1, High: 1}}
	fewCars := models.Comparison{Lives: 300, Vehicles: 9, WorseBy: score.Interval{Low: -1, High: -0.5}}
	fewWorse := few
	fewWorse.WorseBy.Low = 0.1
	for name, c := range map[string]struct {
		shadow models.Version
		active *models.Version
		found  models.Comparison
		age    float64 // days since it was learned
		want   models.Step
	}{
		"the first of a fleet":               {models.Version{Vehicles: 5}, nil, models.Comparison{}, 0, models.Promote},
		"the first of a handful":             {models.Version{Vehicles: 4}, nil, models.Comparison{}, 400, models.Wait},
		"not worse by more than its error":   {models.Version{Paths: 1}, inForce, unsure, 1, models.Promote},
		"worse by more than its error":       {models.Version{Paths: 99}, inForce, worse, 400, models.Reject},
		"too few lives":                      {models.Version{Paths: 40}, inForce, few, 27.9, models.Wait},
		"too few vehicles":                   {models.Version{Paths: 40}, inForce, fewCars, 27.9, models.Wait},
		"too few lives for four weeks":       {models.Version{Paths: 40}, inForce, few, 28, models.Promote},
		"no lives for four weeks":            {models.Version{Paths: 40}, inForce, models.Comparison{}, 28, models.Promote},
		"too few lives, and rests on less":   {models.Version{Paths: 39}, inForce, few, 28, models.Reject},
		"too few lives, and they say no":     {models.Version{Paths: 90}, inForce, fewWorse, 28, models.Reject},
		"no lives at all, a day after birth": {models.Version{Paths: 40}, inForce, models.Comparison{}, 1, models.Wait},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.shadow.Learned = epoch
			step, why := models.Decide(c.shadow, c.active, c.found, days(c.age))
			if step != c.want || why.EN == "" || why.ZH == "" {
				t.Errorf("got %s (%q), want %s with a reason in both languages", step, why, c.want)
			}
		})
	}
}

func event(action models.Action, version, replaced string) models.Event {
	return models.Event{Action: action, Version: version, Replaced: replaced}
}

func TestWhatWasInForceBefore(t *testing.T) {
	t.Parallel()
	first, second, third := event(models.Promoted, "a", models.Expert), event(models.Promoted, "b", "a"), event(models.Promoted, "c", "b")
	for name, c := range map[string]struct {
		newestFirst []models.Event
		want        string
		held        bool
	}{
		"nothing happened":           {nil, models.Expert, false},
		"the first":                  {[]models.Event{first}, models.Expert, false},
		"the third":                  {[]models.Event{third, second, first}, "b", false},
		"rolled back once":           {[]models.Event{event(models.RolledBack, "b", "c"), third, second, first}, "a", true},
		"rolled back twice":          {[]models.Event{event(models.RolledBack, "a", "b"), event(models.RolledBack, "b", "c"), third, second, first}, models.Expert, true},
		"promoted after a roll back": {[]models.Event{event(models.Promoted, "d", "b"), event(models.RolledBack, "b", "c"), third, second, first}, "b", false},
	} {
		if got := models.Before(c.newestFirst); got != c.want {
			t.Errorf("%s: %s was before, want %s", name, got, c.want)
		}
		if got := models.Held(c.newestFirst); got != c.held {
			t.Errorf("%s: held %v, want %v", name, got, c.held)
		}
	}
}

func TestWhichModelWasInForceAtATime(t *testing.T) {
	t.Parallel()
	at := func(e models.Event, d float64) models.Event {
		e.At = days(d)
		return e
	}
	newestFirst := []models.Event{at(event(models.RolledBack, "a", "b"), 30), at(event(models.Promoted, "b", "a"), 20), at(event(models.Promoted, "a", models.Expert), 10)}
	for when, want := range map[float64]string{0: models.Expert, 9.9: models.Expert, 10: "a", 19: "a", 25: "b", 30: "a", 99: "a"} {
		if got := models.InForce(newestFirst, days(when)); got != want {
			t.Errorf("on day %v %s was in force, want %s", when, got, want)
		}
	}
}

// said is what a model says that is so many days off, with an interval of ±20 days.
func said(truth time.Time, off float64) predict.Dates {
	at := func(d float64) time.Time { return truth.Add(time.Duration((off + d) * 24 * float64(time.Hour))) }
	return predict.Dates{P10: at(-20), P50: at(0), P90: at(20)}
}

func TestCompareSeesWhichModelIsNearer(t *testing.T) {
	t.Parallel()
	var qs []models.Question
	for i := range 40 {
		truth := days(float64(60 + i))
		qs = append(qs, models.Question{
			VIN: vehicle.VIN(rune('a' + i%20)), Component: predict.EngineOil, AsOf: epoch, Truth: truth,
			Candidate: said(truth, float64(i%5)), Rival: said(truth, float64(30+i%5)),
		})
	}
	c := models.Compare("fleet-x", qs, 3)
	if c.Lives != 40 || c.Vehicles != 20 || c.Questions != 40 || c.Censored != 3 || c.Against != "fleet-x" {
		t.Errorf("counts: %+v", c)
	}
	if c.WorseBy.High >= 0 || c.Candidate.Pinball >= c.Rival.Pinball || c.Candidate.Interval >= c.Rival.Interval {
		t.Errorf("the nearer one is not better: %+v", c)
	}
	if c.Candidate.Coverage != 1 || c.Rival.Coverage != 0 {
		t.Errorf("coverage %v and %v, want 1 and 0", c.Candidate.Coverage, c.Rival.Coverage)
	}
	for i, j := 0, len(qs)-1; i < j; i, j = i+1, j-1 {
		qs[i], qs[j] = qs[j], qs[i]
	}
	if diff := cmp.Diff(c, models.Compare("fleet-x", qs, 3)); diff != "" {
		t.Errorf("in another order:\n%s", diff)
	}
	if none := models.Compare("x", nil, 0); math.IsNaN(none.WorseBy.Low) {
		t.Errorf("of nothing: %+v", none) // it has to be kept as JSON
	}
}
