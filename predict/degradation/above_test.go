package degradation_test

import (
	"math"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// A sensor at the end of its scale lifts what is expected to lie below it, by as much as the law
// of the level above the end says, and leaves alone what is beyond it already; a reading there
// would pull that back. What lies far below is not believed at once.
func TestAboveCutsOff(t *testing.T) {
	t.Parallel()
	m := degradation.Model{Forms: []degradation.Form{{Curve: degradation.Power(1), Weight: 1}}, Rates: &degradation.Rates{Mean: 0, Variance: 0.1}, Evidence: 1}
	at := func(level float64) degradation.State { return m.Begin(0, 0.1, level, 0.03) }
	end := degradation.Reading{Wear: 1, Noise: 0.01}

	s := at(0.99)
	sd := math.Hypot(math.Hypot(0.03, 0.02), end.Noise) // 0.02 of a new part
	a := (1 - 0.99) / sd
	want := 0.99 + (sd*sd-end.Noise*end.Noise)/sd*math.Exp(-a*a/2)/math.Sqrt(2*math.Pi)/(0.5*math.Erfc(a/math.Sqrt2))
	m.Above(&s, end)
	if is := m.Wear(&s); math.Abs(is-want) > 1e-6 {
		t.Errorf("from 0.99: %.5f, want %.5f", is, want)
	}
	if s.Readings() != 1 {
		t.Errorf("it counts as %d readings", s.Readings())
	}
	run := at(0.5)
	m.Observe(&run, degradation.Reading{Tau: 0.2, Wear: 0.7, Noise: 0.01})
	before, _ := m.Rate(&run)
	if m.Above(&run, degradation.Reading{Tau: 0.5, Wear: 1, Noise: 0.01}); m.Wear(&run) < 1 {
		t.Errorf("after a run: %.4f", m.Wear(&run))
	}
	if rate, _ := m.Rate(&run); rate <= before {
		t.Errorf("who wears more than expected wears faster: log-rate %.4f, before %.4f", rate, before)
	}
	beyond, read := at(1.2), at(1.2)
	m.Above(&beyond, end)
	m.Observe(&read, end)
	if is := m.Wear(&beyond); is < 1.2 || is > 1.2001 || m.Wear(&read) > 1.15 {
		t.Errorf("from 1.2: %.4f, as a reading %.4f", is, m.Wear(&read))
	}
	far, stray := at(0.5), at(0.5)
	if off := m.Above(&far, end); off < 3 {
		t.Errorf("from 0.5: %.1f standard deviations off", off)
	}
	m.Observe(&stray, end)
	if m.Wear(&far) != m.Wear(&stray) {
		t.Errorf("from 0.5: %.4f, as a reading %.4f", m.Wear(&far), m.Wear(&stray))
	}
	nothing := at(0.9)
	m.Above(&nothing, degradation.Reading{Wear: math.NaN()})
	if m.Wear(&nothing) != 0.9 {
		t.Errorf("what is no number moves the wear to %v", m.Wear(&nothing))
	}
}
