package degradation_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// Of any path a top-up takes its share of the wear, nothing of the rate, and leaves less
// wear than before; none changes nothing, all is a renewal.
func TestTopUp(t *testing.T) {
	t.Parallel()
	m := degradation.Model{Rates: &degradation.Rates{Mean: math.Log(0.06), Variance: 0.1}}
	for _, c := range []*degradation.Curve{degradation.Power(1), degradation.Power(2)} {
		m.Forms = append(m.Forms, degradation.Form{Curve: c, Weight: 0.5, Noise: degradation.Noise{Rate: 0.04, Level: 0.007}})
	}
	rapid.Check(t, func(t *rapid.T) {
		s := m.Begin(math.Log(0.06), 0.1, 0, 0)
		tau, wear := 0.0, 0.0
		for range rapid.IntRange(2, 8).Draw(t, "readings") {
			tau += rapid.Float64Range(0.5, 2).Draw(t, "run")
			wear = 0.06 * tau
			m.Observe(&s, degradation.Reading{Tau: tau, Wear: wear, Noise: 0.02})
		}
		share := rapid.Float64Range(0.01, 0.9).Draw(t, "share")
		was, next := m.Wear(&s), m.TopUp(s, share, 0)
		if got := m.Wear(&next); math.Abs(got-was*(1-share)) > 0.03 {
			t.Fatalf("wear %.3f after %.0f %% of %.3f were taken away", got, 100*share, was)
		}
		before, _ := m.Rate(&s)
		if after, _ := m.Rate(&next); after != before {
			t.Fatalf("the rate moved from %g to %g", before, after)
		}
		if m.TopUp(s, 0, 0) != s {
			t.Fatal("a top-up of nothing changed the state")
		}
		if m.TopUp(s, 1, 0.1) != m.Renew(s) || m.TopUp(s, 1.5, 0) != m.Renew(s) {
			t.Fatal("a top-up of everything is no renewal")
		}
		doubtful := m.TopUp(s, share, 0.2)
		if m.WearBand(&doubtful, 1)-m.Wear(&doubtful) <= m.WearBand(&next, 1)-m.Wear(&next) {
			t.Fatal("a top-up of an unknown amount leaves the wear as well known as one of a known amount")
		}
	})
}
