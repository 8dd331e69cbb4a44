package predict_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// One reading that looks new is a question; what a person answers decides it, whatever the
// readings after it say.
func TestAPersonCanAnswerWhatReadingsLeaveOpen(t *testing.T) {
	t.Parallel()
	in := known()
	fresh := func(at time.Time) predict.Reading {
		return must(predict.PadWear(predict.BrakePadsFront, predict.At{Time: at}, 3))
	}
	front := func(in predict.Input) predict.Forecast { return only(predict.Forecasts(in), predict.BrakePadsFront) }
	clean := front(in)
	if clean.Question != nil {
		t.Fatalf("a path without doubt asks %+v", clean.Question)
	}
	first := day(398).Add(time.Hour)
	in.Readings = append(in.Readings, fresh(first))
	asked := front(in)
	q := asked.Question
	if q == nil || q.TopUp || !q.By.Equal(first) || !q.Since.Equal(clean.LastReading) || !(q.Chance > 0 && q.Chance < 1) {
		t.Fatalf("one reading of a new part asks %+v", q)
	}
	if !strings.Contains(asked.Reason.EN, "looks like a renewal that nobody recorded") {
		t.Errorf("the reason does not ask: %s", asked.Reason.EN)
	}

	in.Now = day(400)
	in.Readings = append(in.Readings, fresh(day(399)))
	cases := []struct {
		name    string
		kept    predict.Kept
		renewed bool
	}{
		{"nobody answered", predict.Kept{}, true},
		{"no", predict.Kept{Component: predict.BrakePadsFront, Time: day(399)}, false},
		{"no, of another part", predict.Kept{Component: predict.BrakePadsRear, Time: day(399)}, true},
		{"no, from long before it was asked", predict.Kept{Component: predict.BrakePadsFront, Time: day(390)}, true},
		{"no, from later on", predict.Kept{Component: predict.BrakePadsFront, Time: day(401)}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := in
			in.Kept = []predict.Kept{c.kept}
			f := front(in)
			if f.Question != nil || strings.Contains(f.Reason.EN, "looks like") {
				t.Errorf("it still asks %+v", f.Question)
			}
			if renewed := strings.HasPrefix(f.Cycle, "seen-"); renewed != c.renewed || renewed != (f.Wear.P50 < clean.Wear.P50/2) {
				t.Errorf("renewed %v: cycle %s, wear %.2f", renewed, f.Cycle, f.Wear.P50)
			}
		})
	}

	// A sensor that stays wrong is not right the next day; one that is right again is believed.
	in.Kept = []predict.Kept{{Component: predict.BrakePadsFront, Time: day(399)}}
	for i := range 8 {
		in.Readings = append(in.Readings, fresh(day(401+i)))
	}
	in.Now = day(410)
	f := front(in)
	if f.Question != nil || strings.HasPrefix(f.Cycle, "seen-") || f.Wear.P50 < clean.Wear.P50 || !f.LastReading.Equal(clean.LastReading) {
		t.Errorf("readings after the answer overrule it: cycle %s, wear %.2f, last reading %v", f.Cycle, f.Wear.P50, f.LastReading)
	}
	if !strings.Contains(f.Reason.EN, "10 readings that looked new counted for nothing: on ") || strings.Contains(f.Reason.EN, "far off the path") {
		t.Errorf("the reason does not tell of the answer: %s", f.Reason.EN)
	}
	paths := predict.PathsOf(in)
	if len(paths) == 0 {
		t.Error("the vehicle teaches nothing")
	}
	for _, path := range paths {
		if path.Component == predict.BrakePadsFront && len(path.Points) > 0 && path.Points[len(path.Points)-1].Wear < clean.Wear.P50/2 {
			t.Error("what a person has denied teaches the fleet")
		}
	}

	// A part kept until now says nothing of the part before a recorded renewal.
	in.Services = append(in.Services, predict.Service{Component: predict.BrakePadsFront, Time: day(399).Add(12 * time.Hour)})
	in.Kept = []predict.Kept{{Component: predict.BrakePadsFront, Time: day(400)}}
	if f := front(in); f.ServicedAt.IsZero() || f.Wear.P50 > 0.1 {
		t.Errorf("after a recorded renewal: serviced %v, wear %.2f", f.ServicedAt, f.Wear.P50)
	}
}

// A reading sums up a week, and moves on with it: the answer holds for what the week began with.
func TestAnAnswerHoldsForTheWeek(t *testing.T) {
	t.Parallel()
	in := known()
	week := func(until int) predict.Reading {
		r := must(predict.PadWear(predict.BrakePadsFront, predict.At{Time: day(until)}, 3))
		r.Span = time.Duration(until-398) * 24 * time.Hour
		return r
	}
	in.Kept = []predict.Kept{{Component: predict.BrakePadsFront, Time: day(399).Add(time.Hour)}}
	for _, until := range []int{399, 401, 404} {
		in, readings := in, in.Readings
		in.Now = day(until).Add(12 * time.Hour)
		in.Readings = append(slices.Clone(readings), week(until))
		if f := only(predict.Forecasts(in), predict.BrakePadsFront); f.Question != nil || f.Wear.P50 < 0.1 {
			t.Errorf("on day %d it asks again: %+v, wear %.2f", until, f.Question, f.Wear.P50)
		}
	}
}

// A no does not take back what a record tells of.
func TestARecordedTopUpStaysBelieved(t *testing.T) {
	t.Parallel()
	in := oiled(104, 0.4)
	told := in.Readings[0].Time
	for _, r := range in.Readings {
		if r.Time.After(told) {
			told = r.Time
		}
	}
	in.Services = append(in.Services, predict.Service{Component: predict.EngineOil, Time: told.Add(time.Hour), TopUp: true})
	in.Now = told.Add(48 * time.Hour)
	without := oilOf(t, in)
	in.Kept = []predict.Kept{{Component: predict.EngineOil, Time: told.Add(24 * time.Hour)}}
	if with := oilOf(t, in); with.Wear != without.Wear {
		t.Errorf("wear %.3f without the answer, %.3f with it", without.Wear.P50, with.Wear.P50)
	}
}

// What fills take is asked for as what it most likely was.
func TestATopUpIsAskedFor(t *testing.T) {
	t.Parallel()
	for n := 101; n < 130; n++ {
		in := oiled(n, 0.4)
		q := oilOf(t, in).Question
		if q == nil || !q.TopUp {
			continue
		}
		in.Kept = []predict.Kept{{Component: predict.EngineOil, Time: in.Now}}
		f := oilOf(t, in)
		if f.Question != nil || f.Wear.P50 < oilOf(t, oiled(n, 0.4)).Wear.P50 {
			t.Errorf("after the answer no: %+v, wear %.2f", f.Question, f.Wear.P50)
		}
		return
	}
	t.Error("a top-up without a record was never asked for")
}
