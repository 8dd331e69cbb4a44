package degradation_test

import (
	"math"
	"testing"
	"unsafe"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// A path whose readings all lie 0.04 above the wear shows a new part as worn by that,
// also when the readings of its first days are long past.
func TestWhatWasShownOfANewPartIsRemembered(t *testing.T) {
	t.Parallel()
	m := &degradation.Model{Start: 0.04, Rates: &degradation.Rates{Mean: -4, Variance: 0.2}}
	m.Forms = []degradation.Form{{Curve: degradation.Linear(), Noise: degradation.Noise{Level: 0.0005, Rate: 0.01}, Weight: 1}}
	for off, within := range map[float64]float64{-0.04: 0.02, 0: 0.01, 0.04: 0.01} { // readings better than new are taken as new
		s := m.New()
		for tau := 1.0; tau <= 80; tau++ {
			m.Observe(&s, degradation.Reading{Tau: tau, Wear: 0.012*tau + off + 0.005*math.Sin(9*tau), Noise: 0.01})
		}
		if got := m.Shown(&s); math.Abs(got-off) > within {
			t.Errorf("a part that was shown as worn by %.2f is remembered with %.4f", off, got)
		}
		if next := m.Renew(s); m.Shown(&next) != 0 {
			t.Errorf("the next part is shown as worn by %.4f before any reading", m.Shown(&next))
		}
	}
	if size := unsafe.Sizeof(degradation.State{}); size > 512 {
		t.Errorf("a state takes %d bytes, want 512 at most", size)
	}
}
