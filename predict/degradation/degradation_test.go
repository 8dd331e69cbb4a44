package degradation_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// fleet draws units whose wear is a power of the clock, read with noise. Units
// are of two kinds, of which "b" lives three times as long.
func fleet(seed uint64, units int, power, noise float64) []degradation.Path {
	random := rand.New(rand.NewPCG(seed, 1))
	out := make([]degradation.Path, units)
	for i := range out {
		life, kind := 1000*math.Exp(0.25*random.NormFloat64()), "a"
		if i%2 == 1 {
			life, kind = 3*life, "b"
		}
		p := degradation.Path{Unit: fmt.Sprintf("u%03d", i), Groups: []string{kind}, Life: life, Failed: true}
		for tau := 20.0; tau < life; tau += 20 {
			p.Readings = append(p.Readings, degradation.Reading{Tau: tau, Wear: math.Pow(tau/life, power) + noise*random.NormFloat64()})
		}
		out[i] = p
	}
	return out
}

func learn(t testing.TB, paths []degradation.Path) (*degradation.Model, []degradation.Trial) {
	t.Helper()
	m, trials, err := degradation.Learn(paths, degradation.Standard(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m, trials
}

// follow is the state of a path as of a clock.
func follow(m *degradation.Model, p degradation.Path, at float64) degradation.State {
	s := m.New(p.Groups...)
	for _, r := range p.Readings {
		if r.Tau <= at {
			m.Observe(&s, r)
		}
	}
	return m.At(s, at)
}

func TestLivesOfUnseenUnits(t *testing.T) {
	t.Parallel()
	m, trials := learn(t, fleet(1, 30, 2, 0.01))
	for _, share := range []float64{0.3, 0.6, 0.9} {
		off, held := 0.0, 0.0
		unseen := fleet(2, 60, 2, 0.01)
		for _, p := range unseen {
			s := follow(m, p, share*p.Life)
			l := m.Forecast(&s)
			left := (1 - share) * p.Life
			off += math.Abs(l.Quantile(0.5)-left) / p.Life / float64(len(unseen))
			if l.Quantile(0.1) <= left && left <= l.Quantile(0.9) {
				held += 1 / float64(len(unseen))
			}
		}
		// The spread within a kind is 25 %: readings must say more than the table.
		if most := 0.14 * (1 - share); off > most {
			t.Errorf("at %g of life: off by %.3f of it, want at most %.3f", share, off, most)
		}
		if held < 0.6 {
			t.Errorf("at %g of life: the 80 %% interval holds %.2f", share, held)
		}
	}
	if len(trials) < 30*10 {
		t.Errorf("%d trials of 30 units", len(trials))
	}
}

func TestGroupsAreTold(t *testing.T) {
	t.Parallel()
	m, _ := learn(t, fleet(3, 30, 1, 0.01))
	for kind, life := range map[string]float64{"a": 1000, "b": 3000} {
		mean, variance := m.Rates.Of([]string{kind})
		if got := math.Exp(-mean); math.Abs(got/life-1) > 0.2 || math.Sqrt(variance) > 0.4 {
			t.Errorf("kind %s: life %.0f with spread %.2f, want about %.0f and 0.25", kind, got, math.Sqrt(variance), life)
		}
	}
	if _, variance := m.Rates.Of([]string{"never seen"}); math.Sqrt(variance) < 0.45 {
		t.Errorf("a kind never seen has spread %.2f; the kinds alone differ by more", math.Sqrt(variance))
	}
}

func TestOrderOfPathsDoesNotMatter(t *testing.T) {
	t.Parallel()
	paths := fleet(4, 14, 1.5, 0.02)
	one, _ := learn(t, paths)
	slices.Reverse(paths)
	other, _ := learn(t, paths)
	if !reflect.DeepEqual(one, other) {
		t.Error("the same paths in another order made another model")
	}
}

func TestFewPathsLeanOnTheWiderFleet(t *testing.T) {
	t.Parallel()
	wide, _ := learn(t, fleet(5, 30, 2, 0.01))
	few := fleet(6, 3, 2, 0.01)
	for i := range few {
		few[i].Groups = nil
		few[i].Life *= 0.5
		few[i].Readings = nil
	}
	m, _, err := degradation.Learn(few, degradation.Standard(), wide)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Forms, wide.Forms) {
		t.Error("three paths have changed the forms")
	}
	if m.Rates.Mean <= wide.Rates.Mean {
		t.Errorf("three short lives left the rate at %.2f; the wider fleet's is %.2f", m.Rates.Mean, wide.Rates.Mean)
	}
	if _, _, err := degradation.Learn(nil, degradation.Standard(), nil); err == nil {
		t.Error("learned from nothing without an error")
	}
}

func TestUnfinishedPathsTeach(t *testing.T) {
	t.Parallel()
	// Half of the units are taken off at 600 with little wear: they live longer
	// than those that failed.
	paths := fleet(7, 20, 1, 0.01)
	for i := range paths {
		paths[i].Groups = nil
	}
	slow := slices.Clone(paths)
	for i := range slow {
		p := &slow[i]
		p.Unit += "x"
		p.Failed, p.Life, p.Readings = false, 1800, nil
		for tau := 20.0; tau <= p.Life; tau += 20 {
			p.Readings = append(p.Readings, degradation.Reading{Tau: tau, Wear: tau / 6000})
		}
	}
	alone, _ := learn(t, paths)
	both, _ := learn(t, append(slow, paths...))
	if both.Rates.Mean >= alone.Rates.Mean-0.2 {
		t.Errorf("log-rate %.2f with slow unfinished paths, %.2f without", both.Rates.Mean, alone.Rates.Mean)
	}
}

func TestOutliersAndKnees(t *testing.T) {
	t.Parallel()
	m, _ := learn(t, fleet(8, 20, 1, 0.01))
	p := fleet(9, 1, 1, 0.01)[0]
	at := 0.5 * p.Life
	clean := follow(m, p, at)
	one := follow(m, p, at)
	m.Observe(&one, degradation.Reading{Tau: at, Wear: 0.95})
	before, after := m.Forecast(&clean), m.Forecast(&one)
	if a, b := before.Quantile(0.5), after.Quantile(0.5); math.Abs(a-b) > 0.1*a {
		t.Errorf("one outlier moved the median from %.0f to %.0f", a, b)
	}
	for i := range 3 {
		m.Observe(&one, degradation.Reading{Tau: at + float64(10*i), Wear: 0.95})
	}
	if wear := m.Wear(&one); wear < 0.85 {
		t.Errorf("four readings of 0.95 after 0.5 are believed as %.2f", wear)
	}
}

// Two readings in a row below what is expected say that it wears more slowly, unless the
// second lies far below the first: no pace explains that, and the part may be another.
func TestAFallIsNoSlowerPace(t *testing.T) {
	t.Parallel()
	m, _ := learn(t, fleet(8, 20, 1, 0.01))
	p := fleet(9, 1, 1, 0.01)[0]
	at := 0.8 * p.Life
	s := follow(m, p, at)
	rate, _ := m.Rate(&s)
	wear := m.Wear(&s)
	for i, off := range []float64{0.06, wear - 0.05} {
		m.Observe(&s, degradation.Reading{Tau: at + float64(i+1), Wear: wear - off})
	}
	if now, _ := m.Rate(&s); math.Abs(now-rate) > 0.1 || m.Wear(&s) < wear-0.05 {
		t.Errorf("after a fall to 0.05 the wear of %.2f is taken for %.2f, and the pace for %.2f of what it was", wear, m.Wear(&s), math.Exp(now-rate))
	}
}

func TestRenewKeepsWhatThePlaceTeaches(t *testing.T) {
	t.Parallel()
	m, _ := learn(t, fleet(10, 20, 1, 0.01))
	fast := degradation.Path{Life: 400, Groups: []string{"a"}}
	for tau := 20.0; tau <= 400; tau += 20 {
		fast.Readings = append(fast.Readings, degradation.Reading{Tau: tau, Wear: tau / 400})
	}
	s := m.Renew(follow(m, fast, 400))
	if wear := m.Wear(&s); math.Abs(wear) > 1e-9 {
		t.Errorf("a new part has wear %.2f", wear)
	}
	l := m.Forecast(&s)
	if life := l.Quantile(0.5); life < 350 || life > 700 {
		t.Errorf("after a part of 400 the next is foretold %.0f; parts of the fleet last 1,000", life)
	}
}

// What a part tells of the next one is the unit's: where parts of a unit have nothing in common it is nothing, and where
// they are alike, all of it. What several tell in turn is their mean.
func TestAPartTellsOfTheNextOneWhatIsTheUnits(t *testing.T) {
	t.Parallel()
	const mean, variance, fast = -4.0, 0.2, -3.2
	for part, want := range map[float64][2]float64{0.02: {fast, 0.2 * variance}, 0.5: {-3.6, 0.75 * variance}, 1: {mean, variance}} {
		m := degradation.Model{
			Forms: []degradation.Form{{Curve: degradation.Power(1), Noise: degradation.Noise{Reading: 0.001}, Weight: 1}},
			Rates: &degradation.Rates{Mean: mean, Variance: variance, Part: part},
		}
		s := m.New()
		for range 5 { // of a unit that nobody has looked at nothing is known, and no less than of any
			s = m.Renew(s)
			if rate, v := m.Rate(&s); math.Abs(rate-mean) > 1e-6 || math.Abs(v/variance-1) > 1e-3 {
				t.Fatalf("part %g, never read: the next opens at %.2f with a variance of %.3f", part, rate, v)
			}
		}
		s = m.New()
		for tau := 1.0; tau < 20; tau++ {
			m.Observe(&s, degradation.Reading{Tau: tau, Wear: math.Exp(fast) * tau, Noise: 0.001})
		}
		s = m.Renew(s)
		if rate, v := m.Rate(&s); math.Abs(rate-want[0]) > 0.06 || math.Abs(v-want[1]) > 0.25*want[1] {
			t.Errorf("part %g: the next opens at %.2f with a variance of %.3f, want %.2f and %.3f", part, rate, v, want[0], want[1])
		}
		for range 40 { // parts that nobody has looked at leave what is known as it is
			again := m.Renew(s)
			before, _ := m.Rate(&s)
			if rate, v := m.Rate(&again); math.Abs(rate-before) > 1e-5 || v > variance*1.0001 {
				t.Fatalf("part %g: without a reading %.3f became %.3f with a variance of %.3f", part, before, rate, v)
			}
			s = again
		}
	}
}

// Whatever is read, in whatever order: quantiles rise, chances too, and nothing
// is below zero or not a number.
func TestLawsAreLaws(t *testing.T) {
	m, _ := learn(t, fleet(11, 12, 3, 0.02))
	rapid.Check(t, func(t *rapid.T) {
		s := m.New()
		for range rapid.IntRange(0, 40).Draw(t, "readings") {
			wear := rapid.OneOf(rapid.Float64Range(-1, 2), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), 1e12, -1e12}))
			m.Observe(&s, degradation.Reading{
				Tau: rapid.Float64Range(-10, 20000).Draw(t, "tau"), Wear: wear.Draw(t, "wear"), Noise: rapid.Float64Range(0, 1).Draw(t, "noise"),
			})
		}
		s = m.At(s, rapid.Float64Range(0, 30000).Draw(t, "at"))
		for _, l := range []degradation.Law{m.Forecast(&s), m.Forecast(&s).Unfailed()} {
			before, chance := 0.0, l.Gone
			for _, p := range []float64{0.01, 0.1, 0.5, 0.9, 0.99} {
				q := l.Quantile(p)
				if !(q >= before) || math.IsInf(q, 0) {
					t.Fatalf("quantile %g is %v after %v", p, q, before)
				}
				c := l.Chance(q)
				if !(c >= chance-1e-12) || c > 1 {
					t.Fatalf("chance of %v is %v after %v", q, c, chance)
				}
				if p > l.Gone && l.Gone < 1 && math.Abs(c-p) > 0.03 {
					t.Fatalf("chance within quantile %g is %v", p, c)
				}
				before, chance = q, c
			}
		}
	})
}

func TestCurves(t *testing.T) {
	t.Parallel()
	for _, c := range append(degradation.Standard(), degradation.Paris(2.5, 0.5)) {
		if c.At(0) != 0 || math.Abs(c.At(1)-1) > 1e-12 {
			t.Errorf("%s goes from %v to %v", c.Name, c.At(0), c.At(1))
		}
		for y := 0.01; y <= 1; y += 0.01 {
			if c.At(y) <= c.At(y-0.01) {
				t.Errorf("%s does not rise at %.2f", c.Name, y)
			}
		}
	}
	// Crack growth by its equation, in small steps.
	const m, start = 1.5, 0.5625
	c := degradation.Paris(m, start)
	life, steps := 0.0, 200000
	lengths := make([]float64, 0, steps)
	for a := start; a < 1; a += math.Pow(a, m) * 1e-5 {
		lengths = append(lengths, a)
	}
	life = float64(len(lengths))
	for _, y := range []float64{0.25, 0.5, 0.75} {
		want := (lengths[int(y*life)] - start) / (1 - start)
		if got := c.At(y); math.Abs(got-want) > 0.002 {
			t.Errorf("crack at %g of its life: wear %.4f, want %.4f", y, got, want)
		}
	}
	master, ok := degradation.Master(fleet(12, 9, 2, 0.01))
	if !ok || math.Abs(master.At(0.5)-0.25) > 0.02 {
		t.Errorf("master curve of a square: %v at the half, want 0.25", master.At(0.5))
	}
	late := fleet(12, 40, 2, 0.01) // three quarters are first read in the middle of their lives
	for i := range late {
		if p := &late[i]; i%4 != 0 {
			p.Readings = p.Readings[len(p.Readings)/2:]
		}
	}
	master, _ = degradation.Master(late)
	for _, y := range []float64{0.1, 0.25, 0.5, 0.75} {
		if got := master.At(y); math.Abs(got-y*y) > 0.02 {
			t.Errorf("master curve of squares that are mostly read late: %.3f at %g, want %.3f", got, y, y*y)
		}
	}
	if _, ok := degradation.Master(fleet(12, 2, 2, 0.01)); ok {
		t.Error("two paths have made a master curve")
	}
	if _, err := degradation.NewCurve("broken", func(float64) float64 { return 0 }); err == nil {
		t.Error("a curve that goes nowhere was accepted")
	}
}

func TestSizeAndAllocations(t *testing.T) {
	if size := unsafe.Sizeof(degradation.State{}); size > 512 {
		t.Errorf("a state has %d bytes, want at most 512", size)
	}
	m, _ := learn(t, fleet(13, 12, 2, 0.01))
	s := m.New("a")
	tau := 0.0
	if n := testing.AllocsPerRun(100, func() {
		tau += 5
		m.Observe(&s, degradation.Reading{Tau: tau, Wear: tau / 1000})
	}); n != 0 {
		t.Errorf("an update makes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		l := m.Forecast(&s)
		_ = l.Quantile(0.5)
	}); n != 0 {
		t.Errorf("a forecast makes %v allocations", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	m, _ := learn(b, fleet(14, 20, 2, 0.01))
	s := m.New("a")
	tau := 0.0
	b.ReportAllocs()
	b.ReportMetric(float64(unsafe.Sizeof(s)), "B/state")
	b.ReportMetric(float64(len(m.Forms)), "forms")
	for b.Loop() {
		if tau += 10; tau > 900 {
			tau, s = 10, m.New("a")
		}
		m.Observe(&s, degradation.Reading{Tau: tau, Wear: tau * tau / 1e6})
	}
}

// A whole forecast: the law on its grid and three quantiles of it.
func BenchmarkForecast(b *testing.B) {
	m, _ := learn(b, fleet(15, 20, 2, 0.01))
	s := follow(m, fleet(16, 1, 2, 0.01)[0], 400)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		at := m.At(s, 401)
		l := m.Forecast(&at)
		if !(l.Quantile(0.1) <= l.Quantile(0.5) && l.Quantile(0.5) <= l.Quantile(0.9)) {
			b.Fatal("quantiles do not rise")
		}
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "forecasts/s")
}

// Where a curve is flat, readings must still be able to move a level that is there by
// mistake, and not beyond where curves say something.
func TestFlatCurvesAreLeft(t *testing.T) {
	t.Parallel()
	flat, err := degradation.NewCurve("flat", func(y float64) float64 { return math.Max(y-0.5, 0) })
	if err != nil {
		t.Fatal(err)
	}
	m := &degradation.Model{
		Forms: []degradation.Form{{Curve: flat, Noise: degradation.Noise{Level: 0.001, Rate: 0.001}, Weight: 1}},
		Rates: &degradation.Rates{Mean: -math.Log(1000), Variance: 0.13},
	}
	s := m.New()
	for tau := 20.0; tau <= 200; tau += 20 {
		m.Observe(&s, degradation.Reading{Tau: tau, Noise: 0.02})
	}
	for tau := 210.0; tau <= 300; tau += 10 {
		m.Observe(&s, degradation.Reading{Tau: tau, Wear: 0.6, Noise: 0.02})
	}
	if wear := m.Wear(&s); math.Abs(wear-0.6) > 0.1 {
		t.Errorf("ten readings of 0.6 are believed as %.2f", wear)
	}
	if y := m.Progress(&s); y < 0.7 || y > 0.9 {
		t.Errorf("a progress of %.2f where the curve has 0.80", y)
	}
}

// TestReadingsOfTheLastDaysTeachNoForm has parts that are read only when their lives are nearly over.
func TestReadingsOfTheLastDaysTeachNoForm(t *testing.T) {
	t.Parallel()
	var paths []degradation.Path
	for i := range 20 {
		p := degradation.Path{Unit: fmt.Sprint(i), Life: 380 + float64(2*i), Failed: true}
		for day := range 6 {
			at := p.Life - 12 + 2*float64(day)
			p.Readings = append(p.Readings, degradation.Reading{Tau: at, Wear: at / p.Life, Noise: 0.01})
		}
		paths = append(paths, p)
	}
	if _, err := degradation.LearnForms(paths, degradation.Standard()); !errors.Is(err, degradation.ErrNoPaths) {
		t.Errorf("forms: %v, want %v", err, degradation.ErrNoPaths)
	}
	m, trials, err := degradation.Learn(paths, degradation.Standard(), nil)
	if err != nil || len(trials) > 0 {
		t.Fatalf("%d trials, %v", len(trials), err)
	}
	sum := 0.0
	for _, f := range m.Forms {
		sum += f.Weight
	}
	if math.Abs(sum-1) > 1e-9 || m.Rates.Mean > -5.9 || m.Rates.Mean < -6.1 {
		t.Errorf("weights add up to %g, log-rate %g; want 1, -6", sum, m.Rates.Mean)
	}
}
