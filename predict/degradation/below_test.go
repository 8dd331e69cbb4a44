package degradation_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// A bound never raises the wear that is expected, brings one that lies beyond it back
// to about the bound, and says nothing where it lies far ahead.
func TestBelowCutsOff(t *testing.T) {
	t.Parallel()
	m := &degradation.Model{
		Forms: []degradation.Form{{Curve: degradation.Linear(), Noise: degradation.Noise{Level: 0.004, Rate: 0.05}, Weight: 1}},
		Rates: &degradation.Rates{Mean: -4, Variance: 0.2},
	}
	rapid.Check(t, func(t *rapid.T) {
		s := m.New()
		tau := 0.0
		for range rapid.IntRange(1, 12).Draw(t, "readings") {
			tau += rapid.Float64Range(0.5, 8).Draw(t, "run")
			m.Observe(&s, degradation.Reading{Tau: tau, Wear: 0.018 * tau, Noise: 0.01})
		}
		tau += rapid.Float64Range(0, 20).Draw(t, "ahead")
		free := m.At(s, tau)
		expected, upper := m.Wear(&free), m.WearBand(&free, 1)
		mark := rapid.Float64Range(0.01, 1.5).Draw(t, "mark")
		m.Below(&s, degradation.Reading{Tau: tau, Wear: mark, Noise: 0.002})
		got := m.Wear(&s)
		sd := upper - expected
		switch {
		case got > expected+1e-9:
			t.Fatalf("bound %.3f raised the wear from %.3f to %.3f", mark, expected, got)
		case mark > expected+6*sd && got < expected-1e-3*sd-1e-9:
			t.Fatalf("bound %.3f far ahead of %.3f ± %.3f moved it to %.3f", mark, expected, sd, got)
		case mark > expected-4*sd && got > mark+0.01:
			t.Fatalf("bound %.3f left the wear at %.3f, of %.3f ± %.3f", mark, got, expected, sd)
		}
	})
}
