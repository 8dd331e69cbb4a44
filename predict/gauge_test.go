package predict_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// shownDaily is one value a day; NaN where the gauge was not read.
func shownDaily(values ...float64) []predict.Shown {
	var out []predict.Shown
	for i, v := range values {
		if !math.IsNaN(v) {
			out = append(out, predict.Shown{At: predict.At{Time: gaugeDay(i)}, Percent: v})
		}
	}
	return out
}

func gaugeDay(i int) time.Time { return time.Date(2026, time.January, 1+i, 20, 0, 0, 0, time.UTC) }

// held repeats values, so many days each.
func held(days int, values ...float64) []float64 {
	var out []float64
	for _, v := range values {
		out = append(out, slices.Repeat([]float64{v}, days)...)
	}
	return out
}

func TestWhatAGaugeSays(t *testing.T) {
	t.Parallel()
	type want struct {
		day   int
		wear  float64
		exact bool
	}
	gap := slices.Concat(held(30, 40, 45), held(20, math.NaN()), held(5, 50))
	for name, test := range map[string]struct {
		shown []float64
		want  []want
	}{
		"a step is exact, what stands says nothing": {
			held(30, 40, 45, 50), []want{{0, 0.40, false}, {7, 0.40, false}, {31, 0.45, true}, {61, 0.50, true}},
		},
		"steps of ten":                 {held(30, 40, 50, 60), []want{{0, 0.40, false}, {7, 0.40, false}, {31, 0.50, true}, {61, 0.60, true}}},
		"back over the edge":           {slices.Concat(held(30, 40), held(2, 45, 40), held(30, 45)), []want{{0, 0.40, false}, {7, 0.40, false}, {31, 0.45, true}}},
		"renewed":                      {held(30, 80, 85, 0, 5), []want{{0, 0.80, false}, {7, 0.80, false}, {31, 0.85, true}, {61, 0.025, false}, {63, 0.025, false}, {91, 0.05, true}}},
		"a step within a gap is vague": {gap, []want{{0, 0.40, false}, {7, 0.40, false}, {31, 0.45, true}, {81, 0.525, false}, {84, 0.525, false}}},
		"wrong once": {slices.Concat(held(20, 40), []float64{97}, held(9, 40), held(10, 45), []float64{3}, held(19, 45)),
			[]want{{0, 0.40, false}, {7, 0.40, false}, {31, 0.45, true}}},
		"impossible values": {[]float64{255, math.Inf(1), -1, 40}, []want{{3, 0.40, false}}},
	} {
		got, bounds := split(slices.Collect(predict.PadGauge(predict.BrakePadsFront, slices.Values(shownDaily(test.shown...)))))
		for _, b := range bounds {
			if on := shownOn(test.shown, b.Time); b.Wear <= on/100 || b.Wear > on/100+0.101 {
				t.Errorf("%s: bound %.3f on %s, when %g %% was shown", name, b.Wear, b.Time, on)
			}
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %d readings, want %d: %v", name, len(got), len(test.want), got)
			continue
		}
		for i, w := range test.want {
			r := got[i]
			if !r.Time.Equal(gaugeDay(w.day)) || math.Abs(r.Wear-w.wear) > 1e-9 || (r.Noise <= 0.01) != w.exact {
				t.Errorf("%s, reading %d: wear %.3f ± %.3f at %s, want %.3f on %s, exact %v", name, i, r.Wear, r.Noise, r.Time, w.wear, gaugeDay(w.day), w.exact)
			}
		}
	}
}

// split tells readings from bounds.
func split(all []predict.Reading) (readings, bounds []predict.Reading) {
	for _, r := range all {
		if r.Bound {
			bounds = append(bounds, r)
		} else {
			readings = append(readings, r)
		}
	}
	return readings, bounds
}

// shownOn is what the gauge showed on a day.
func shownOn(shown []float64, at time.Time) float64 {
	return shown[int(at.Sub(gaugeDay(0)).Hours()/24)]
}

// A step that was shown on two evenings came before the first of them.
func TestAStepIsDatedByTheFirstLook(t *testing.T) {
	t.Parallel()
	got, _ := split(slices.Collect(predict.PadGauge(predict.BrakePadsFront, slices.Values(shownDaily(held(30, 40, 45)...)))))
	step := got[len(got)-1]
	if want := 3 * 24 * time.Hour; step.Wear != 0.45 || !step.Time.Equal(gaugeDay(31)) || step.Span != want {
		t.Errorf("%+v, want 0.45 as known on %v, of the %v before", step, gaugeDay(31), want)
	}
}

// What sums up the looks of a week says how worn the part was in the middle of it.
func TestAReadingIsOfTheMiddleOfItsLooks(t *testing.T) {
	t.Parallel()
	due := func(shift, span time.Duration) time.Time {
		in := known()
		for i := range in.Readings {
			if r := &in.Readings[i]; r.Component == predict.BrakePadsFront {
				r.Time, r.Span, r.OdometerKm = r.Time.Add(shift), span, 0
			}
		}
		return only(predict.Forecasts(in), predict.BrakePadsFront).Due.P50
	}
	const week = 7 * 24 * time.Hour
	once, summed, lagging := due(-week/2, 0), due(0, week), due(0, 0)
	if off := summed.Sub(once).Abs(); off > 12*time.Hour {
		t.Errorf("readings of weeks lead to a date %v off that of readings in their middles", off)
	}
	if lag := lagging.Sub(once); lag < 2*24*time.Hour {
		t.Errorf("readings taken half a week too late lead to a date only %v later: the test tells nothing", lag)
	}
}

// That a step does not come is said once a week, and after the last step only.
func TestAGaugeThatStandsIsABound(t *testing.T) {
	t.Parallel()
	_, bounds := split(slices.Collect(predict.PadGauge(predict.BrakePadsFront, slices.Values(shownDaily(held(28, 40, 45)...)))))
	if len(bounds) < 3 || len(bounds) > 4 {
		t.Errorf("%d bounds in the four weeks after a step", len(bounds))
	}
	for _, b := range bounds {
		if b.Wear != 0.5 || !b.Time.After(gaugeDay(28)) {
			t.Errorf("bound %.3f on %s, want 0.5 after the step", b.Wear, b.Time)
		}
	}
}

// A wrong value makes no steps narrower than they are: neither the first that is shown, nor,
// for longer than until the next step, one that the next step confirms by chance.
func TestAWrongValueMakesNoStep(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string][]float64{
		"the first":          slices.Concat([]float64{62}, held(60, 70, 80)),
		"beside a true step": slices.Concat(held(30, 60), []float64{66}, held(30, 67, 77, 87)),
	} {
		_, bounds := split(slices.Collect(predict.PadGauge(predict.BrakePadsFront, slices.Values(shownDaily(shown...)))))
		for _, b := range bounds {
			on := shownOn(shown, b.Time)
			if got := b.Wear - on/100; math.Abs(got-0.1) > 1e-9 && on != 67 {
				t.Errorf("%s: the next step is expected %.3f on from %g %%", name, got, on)
			}
		}
		if len(bounds) == 0 {
			t.Errorf("%s: no bounds", name)
		}
	}
}

// A gauge in whole percent is read once a week.
func TestAFineGaugeIsReadWeekly(t *testing.T) {
	t.Parallel()
	var values []float64
	for i := range 140 {
		values = append(values, math.Floor(20+float64(i)/3))
	}
	got := slices.Collect(predict.PadGauge(predict.BrakePadsRear, slices.Values(shownDaily(values...))))
	if len(got) < 19 || len(got) > 22 {
		t.Errorf("%d readings in 20 weeks", len(got))
	}
}

// What is shown later changes nothing of what was read before, and whatever a gauge
// shows, a reading is a number with a noise.
func TestAGaugeDoesNotLookAhead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]float64{0.1, 1, 5, 10}).Draw(t, "step")
		values := rapid.SliceOfN(rapid.Float64Range(0, 100), 1, 60).Draw(t, "values")
		for i := range values {
			values[i] = math.Floor(values[i]/step) * step
		}
		all := slices.Collect(predict.PadGauge(predict.BrakePadsFront, slices.Values(shownDaily(values...))))
		some := slices.Collect(predict.PadGauge(predict.BrakePadsFront, slices.Values(shownDaily(values[:rapid.IntRange(0, len(values)).Draw(t, "n")]...))))
		if len(some) > len(all) || !slices.Equal(some, all[:len(some)]) {
			t.Fatalf("of a part %v, of all %v", some, all)
		}
		for _, r := range all {
			if !(r.Wear >= 0 && r.Wear < 1.15 && r.Noise > 0 && r.Noise < 0.15) {
				t.Fatalf("reading %+v", r)
			}
		}
	})
}

// A gauge that stands at the end of its scale says that the lining is worn to there at least, and
// has no further step that could bound it.
func TestAGaugeAtTheEndOfItsScale(t *testing.T) {
	t.Parallel()
	looks := func(yield func(predict.Shown) bool) {
		for d := range 90 {
			percent := 80 + 5*float64(d/12)
			if d >= 35 {
				percent = 100
			}
			if (d < 35 || d >= 60) && !yield(predict.Shown{At: predict.At{Time: day(d).Add(20 * time.Hour)}, Percent: percent}) {
				return
			}
		}
	}
	ends := 0
	for r := range predict.PadGauge(predict.BrakePadsRear, looks) {
		if r.Time.Before(day(60)) {
			continue
		}
		ends++
		if !r.AtLeast || r.Wear != 1 || r.Bound {
			t.Errorf("%+v, want at least worn", r)
		}
	}
	if ends == 0 {
		t.Error("the end of the scale says nothing")
	}
}
