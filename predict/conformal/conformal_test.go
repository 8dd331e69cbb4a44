package conformal_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
)

// said is what the model of outcomes says.
var said = conformal.Forecast{Low: 90, Middle: 100, High: 110}

// outcomes of a model that says +- 10 % of 100 whatever the truth does: it
// scatters by 20 near the end of a life, and by 40 before, and lies late.
func outcomes(seed uint64, units int) []conformal.Outcome {
	random := rand.New(rand.NewPCG(seed, 3))
	var out []conformal.Outcome
	for u := range units {
		own := random.NormFloat64()
		for _, position := range []float64{0.2, 0.3, 0.7, 0.8} {
			spread := 40.0
			if position > 0.5 {
				spread = 20
			}
			truth := math.Max(100+10+spread*(0.9*own+0.4*random.NormFloat64()), 0)
			out = append(out, conformal.Outcome{Unit: fmt.Sprint(u), Position: position, Age: float64(u), Score: said.Score(truth)})
		}
	}
	return out
}

func coverage(l *conformal.Layer, of []conformal.Outcome, low, high float64) float64 {
	held, n := 0.0, 0.0
	for _, o := range of {
		if o.Position < low || o.Position >= high {
			continue
		}
		n++
		if s := l.At(o.Position); -s.Down <= o.Score && o.Score <= s.Up {
			held++
		}
	}
	return held / n
}

// An age that all outcomes have in common says nothing of them: few old ones are not fewer.
func TestACommonAgeChangesNothing(t *testing.T) {
	t.Parallel()
	options := conformal.Options{Centres: []float64{0.25, 0.75}, Width: 0.2, HalfLife: 100}
	young, old := outcomes(5, 12), outcomes(5, 12)
	for i := range old {
		young[i].Age, old[i].Age = 0, 400
	}
	for i, want := range conformal.Fit(young, options).Bins {
		got := conformal.Fit(old, options).Bins[i]
		for _, pair := range [][2]float64{{got.Down, want.Down}, {got.Up, want.Up}, {got.Middle, want.Middle}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("bin %d of outcomes of an age: %+v, want those of none: %+v", i, got, want)
			}
		}
	}
}

func TestCoverageIsWhatIsPromised(t *testing.T) {
	t.Parallel()
	unseen := outcomes(99, 4000)
	for _, units := range []int{10, 20, 50, 400} {
		before, after := 0.0, 0.0
		const draws = 60
		for seed := range uint64(draws) {
			l := conformal.Fit(outcomes(seed, units), conformal.Options{Centres: []float64{0.25, 0.75}, Width: 0.2})
			before += coverage(l, unseen, 0, 0.5) / draws
			after += coverage(l, unseen, 0.5, 1) / draws
		}
		for where, c := range map[string]float64{"before": before, "near the end": after} {
			// Few units err to the safe side.
			if c < 0.77 || c > 0.83+0.3/float64(units) {
				t.Errorf("%d units, %s: coverage %.3f, want 0.80", units, where, c)
			}
		}
	}
}

func TestTheMiddleIsWhereHalfLie(t *testing.T) {
	t.Parallel()
	l := conformal.Fit(outcomes(4, 400), conformal.Options{Centres: []float64{0.25, 0.75}, Width: 0.2})
	below, n := 0.0, 0.0
	for _, o := range outcomes(99, 4000) {
		n++
		if o.Score < l.At(o.Position).Middle {
			below++
		}
	}
	if share := below / n; math.Abs(share-0.5) > 0.04 {
		t.Errorf("%.3f lie below the middle", share)
	}
	if few := conformal.Fit(outcomes(4, 5), conformal.Options{}).Bins[0]; few.Middle != 0 {
		t.Errorf("five units move the middle to %.2f", few.Middle)
	}
}

func TestFewUnitsAreAskedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	f := said
	if got := conformal.Fit(outcomes(1, 5), conformal.Options{}).Adjust(f, 0.3); got != f {
		t.Errorf("five units changed the forecast to %v", got)
	}
	if got := conformal.Fit(nil, conformal.Options{}).Adjust(f, 0.3); got != f {
		t.Errorf("no outcome changed the forecast to %v", got)
	}
	// A bin without outcomes is answered by all together.
	of := outcomes(2, 40)
	l := conformal.Fit(of, conformal.Options{Centres: []float64{5}, Width: 0.1})
	if got, want := l.Adjust(f, 5), conformal.Fit(of, conformal.Options{}).Adjust(f, 5); got != want {
		t.Errorf("an empty bin gives %v, all together %v", got, want)
	}
}

// TestAFewUnitsSayByHowMuchAModelIsOff where they are let: more the more of them there are, and never of the middle.
func TestAFewUnitsSayByHowMuchAModelIsOff(t *testing.T) {
	t.Parallel()
	before := 0.0
	for n := range 9 {
		var outcomes []conformal.Outcome
		for u := range n {
			for at := range 5 {
				outcomes = append(outcomes, conformal.Outcome{Unit: fmt.Sprint(u), Position: float64(at), Score: 2.5 + 0.1*float64(at)})
			}
		}
		s := conformal.Fit(outcomes, conformal.Options{Centres: []float64{0, 4}, Width: 1, Fewest: 3}).At(2)
		switch {
		case n < 3 && s != conformal.Stretch{Down: 1, Up: 1}:
			t.Errorf("%d units stretch by %+v", n, s)
		case n >= 3 && !(s.Up > max(before, 1.2) && s.Up < 2.9 && s.Down == 1 && s.Middle == 0):
			t.Errorf("%d units that were all past P90 stretch by %+v, those before by %g", n, s, before)
		}
		before = s.Up
		for i := range outcomes {
			outcomes[i].Score *= 0.1
		}
		if s := conformal.Fit(outcomes, conformal.Options{Fewest: 3}).At(0); s != (conformal.Stretch{Down: 1, Up: 1}) && n < 9 {
			t.Errorf("%d units that were all near the middle stretch by %+v", n, s)
		}
	}
}

func TestRecentOutcomesCountMore(t *testing.T) {
	t.Parallel()
	var of []conformal.Outcome
	for u := range 60 { // the older half scatters ten times as much
		spread := 50.0
		if u < 30 {
			spread = 5
		}
		of = append(of, conformal.Outcome{
			Unit: fmt.Sprint(u), Age: float64(u), Score: said.Score(100 + spread*(float64(u%30)-14.5)/10),
		})
	}
	f := said
	all := conformal.Fit(of, conformal.Options{}).Adjust(f, 0)
	recent := conformal.Fit(of, conformal.Options{HalfLife: 8}).Adjust(f, 0)
	if recent.High >= all.High/1.1 || recent.Low <= all.Low {
		t.Errorf("with recency %v, without %v", recent, all)
	}
}

func TestOrderHolds(t *testing.T) {
	t.Parallel()
	// A model that is far too late: both borders move below the middle.
	var of []conformal.Outcome
	for u := range 30 {
		of = append(of, conformal.Outcome{Unit: fmt.Sprint(u), Score: conformal.Forecast{Low: 99, Middle: 100, High: 101}.Score(float64(u))})
	}
	for _, f := range []conformal.Forecast{{99, 100, 101}, {0, 0, 0}, {0, 1, 500}} {
		got := conformal.Fit(of, conformal.Options{}).Adjust(f, 0)
		if !(0 <= got.Low && got.Low <= got.Middle && got.Middle <= got.High) || got.Middle != f.Middle {
			t.Errorf("%v became %v", f, got)
		}
	}
}

// The model's own interval counts beside units that were measured: of as many it is
// stretched half as far, of many nearly as far as they say.
func TestFewUnitsStretchByLittle(t *testing.T) {
	t.Parallel()
	for units, want := range map[int][2]float64{50: {0.45, 0.55}, 5000: {0.95, 1}} {
		of := outcomes(6, units)
		all, drawn := conformal.Fit(of, conformal.Options{}).At(0), conformal.Fit(of, conformal.Options{Trust: 50}).At(0)
		for side, share := range map[string]float64{"down": (drawn.Down - 1) / (all.Down - 1), "up": (drawn.Up - 1) / (all.Up - 1)} {
			if share < want[0] || share > want[1] {
				t.Errorf("%d units, %s: stretched %.3f as far as without trust", units, side, share)
			}
		}
	}
}

// Units that are asked often differ from the others. Counting every forecast alike the
// interval holds its share of forecasts; counting units alike, of units.
func TestShareOfForecastsOrOfUnits(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) (often, seldom []conformal.Outcome) {
		random := rand.New(rand.NewPCG(seed, 4))
		for u := range 6000 {
			if u%2 == 0 {
				seldom = append(seldom, conformal.Outcome{Unit: fmt.Sprint(u), Score: 3 * random.NormFloat64()})
				continue
			}
			for range 20 {
				often = append(often, conformal.Outcome{Unit: fmt.Sprint(u), Score: random.NormFloat64()})
			}
		}
		return often, seldom
	}
	often, seldom := draw(1)
	newOften, newSeldom := draw(2)
	for byForecast, share := range map[bool]float64{true: 20.0 / 21, false: 0.5} {
		l := conformal.Fit(append(seldom, often...), conformal.Options{ByForecast: byForecast})
		held := share*coverage(l, newOften, 0, 1) + (1-share)*coverage(l, newSeldom, 0, 1)
		if math.Abs(held-0.8) > 0.03 {
			t.Errorf("counted by forecast %v: it holds %.3f", byForecast, held)
		}
	}
}

// A forecast that was asked for three times as often and counts for a third each time is
// heard as often as one that counts whole, whatever is counted.
func TestWeightsMakeUpForHowOftenIsAsked(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 4))
	var once, thrice []conformal.Outcome
	for u := range 300 {
		of := conformal.Outcome{Unit: fmt.Sprint(u), Score: float64(1+u%2) * random.NormFloat64()}
		once = append(once, of)
		if u%2 == 1 {
			of.Weight = 1.0 / 3
			thrice = append(thrice, of, of)
		}
		thrice = append(thrice, of)
	}
	for _, byForecast := range []bool{true, false} {
		o := conformal.Options{ByForecast: byForecast}
		a, b := conformal.Fit(once, o).Bins[0], conformal.Fit(thrice, o).Bins[0]
		if math.Abs(a.Down-b.Down) > 0.05 || math.Abs(a.Up-b.Up) > 0.05 {
			t.Errorf("counted by forecast %v: asked once %v, thrice %v", byForecast, a, b)
		}
	}
}

// Who dates an end by when somebody came with it does not know it exactly: that scatter is not
// the forecast's, and does not widen its interval.
func TestWhatIsNotKnownExactlyWidensNothing(t *testing.T) {
	t.Parallel()
	const ahead, sd, units = 20.0, 2.0, 3000
	random := rand.New(rand.NewPCG(5, 8))
	score := func(days float64) float64 { return (days - ahead) / (1.2816 * sd) }
	var exact, dated []conformal.Outcome
	for u := range units {
		end := ahead + sd*random.NormFloat64()
		came := end + 8*random.Float64()
		o := conformal.Outcome{Unit: fmt.Sprint(u), Score: score(end)}
		exact = append(exact, o)
		o.Score = score(came - 4)
		for k := range 9 {
			o.Maybe = append(o.Maybe, conformal.Maybe{Score: score(came - (float64(k)+0.5)*8/9), Steep: 1 / (1.2816 * sd)})
		}
		dated = append(dated, o)
	}
	taken := append([]conformal.Outcome(nil), dated...)
	for i := range taken {
		taken[i].Maybe = nil
	}
	width := func(of []conformal.Outcome) float64 {
		s := conformal.Fit(of, conformal.Options{}).At(0)
		return (s.Down + s.Up) / 2
	}
	if want, is, asTaken := width(exact), width(dated), width(taken); math.Abs(is/want-1) > 0.08 || asTaken < 1.3*want {
		t.Errorf("stretched by %.3f, by ends that are known by %.3f, and by ends taken to be in the middle by %.3f", is, want, asTaken)
	}
}

// A place from before the forecast counts for nothing, and takes away from the others.
func TestWhatWasGoneSaysNothing(t *testing.T) {
	t.Parallel()
	of := outcomes(7, 50)
	want := *conformal.Fit(of, conformal.Options{})
	for i := range of {
		of[i].Maybe = []conformal.Maybe{{Score: of[i].Score, Steep: 1}}
	}
	if is := *conformal.Fit(of, conformal.Options{}); is.Bins[0] != want.Bins[0] {
		t.Errorf("one sure place: %v, want %v", is.Bins[0], want.Bins[0])
	}
	for range 10 {
		of = append(of, conformal.Outcome{Unit: "gone", Maybe: []conformal.Maybe{{Score: -100, Steep: 1, Gone: true}}})
	}
	if is := conformal.Fit(of, conformal.Options{}).Bins[0]; math.Abs(is.Down/want.Bins[0].Down-1) > 0.05 {
		t.Errorf("with what was gone %v, want about %v", is, want.Bins[0])
	}
}

// What says nothing is left out: no score, and no place where the truth can have been.
func TestWhatSaysNothingIsLeftOut(t *testing.T) {
	t.Parallel()
	of := outcomes(8, 40)
	want := *conformal.Fit(of, conformal.Options{})
	gone := []conformal.Maybe{{Score: 3, Steep: 1, Gone: true}}
	unlikely := []conformal.Maybe{{Score: math.Inf(1), Steep: 1}, {Score: 0, Steep: 1}}
	for range 30 {
		of = append(of, conformal.Outcome{Unit: "a", Score: math.NaN()}, conformal.Outcome{Unit: "b", Score: math.Inf(-1)},
			conformal.Outcome{Unit: "c", Maybe: gone}, conformal.Outcome{Unit: "d", Maybe: unlikely})
	}
	if is := *conformal.Fit(of, conformal.Options{}); is.Bins[0] != want.Bins[0] {
		t.Errorf("%v, want %v", is.Bins[0], want.Bins[0])
	}
	var nothing []conformal.Outcome
	for u := range 20 {
		nothing = append(nothing, conformal.Outcome{Unit: fmt.Sprint(u), Maybe: gone})
	}
	if is := conformal.Fit(nothing, conformal.Options{}).Adjust(said, 0); is != said {
		t.Errorf("units that say nothing make %v of %v", is, said)
	}
}

// A middle is clear by how many units are heard, not by how many there are.
func TestUnitsThatCountForLittleMakeNothingClear(t *testing.T) {
	t.Parallel()
	var of []conformal.Outcome
	for u := range 100 { // the newest two of a hundred are nearly all that counts
		of = append(of, conformal.Outcome{Unit: fmt.Sprint(u), Age: 10 * float64(u/2), Score: 0.5 + float64(u%20-10)/10})
	}
	if all := conformal.Fit(of, conformal.Options{}).Bins[0]; all.Middle < 0.2 {
		t.Errorf("a hundred units: middle %.2f", all.Middle)
	}
	if few := conformal.Fit(of, conformal.Options{HalfLife: 2}).Bins[0]; few.Middle != 0 {
		t.Errorf("two units: middle %.2f", few.Middle)
	}
}

// A layer that was stored short of what it needs leaves forecasts as they are.
func TestALayerThatIsNotWholeIsNone(t *testing.T) {
	t.Parallel()
	for _, l := range []conformal.Layer{{}, {Centres: []float64{1, 2}, Bins: make([]conformal.Stretch, 1)}} {
		if is := l.Adjust(said, 1.5); is != said {
			t.Errorf("%v makes %v of %v", l, is, said)
		}
	}
}
