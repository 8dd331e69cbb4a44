package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// A sensor is off in two ways that its own readings give away. One that adds, as of an
// accelerometer in one tyre, shows a new part as other than new. One that multiplies, as of
// the permittivity of one brand of oil, shows a part to wear faster or slower than others
// of the same vehicle did. Either way the part fails at another reading than others do, and
// how much of that the signs tell is learned from parts that failed.

// signs are what the readings of a part give away of their sensor.
type signs struct {
	shown float64 // wear when the part was new, in shares of the wear at which parts fail
	pace  float64 // log of how much faster it wears than was expected
}

// mostPace is how much faster or slower than expected a part is believed to wear for its
// sensor's sake.
const mostPace = 0.3

func signsOf(m *degradation.Model, s *degradation.State, expected float64) signs {
	pace, _ := m.Rate(s)
	return signs{min(max(m.Shown(s), -mostShown), mostShown), min(max(pace-expected, -mostPace), mostPace)}
}

// told is by how much the part on a path fails at another wear than parts do, in shares
// of that. Only parts that a sensor follows have taught it.
func (p *wearPath) told() float64 {
	if p.prior.perShown == 0 && p.prior.perPace == 0 || !p.known() || !p.sensed {
		return 0
	}
	s := signsOf(&p.model, &p.state, p.pace)
	return p.prior.perShown*s.shown + p.prior.perPace*s.pace
}

// learnSigns learns what signs tell of the wear at which parts fail, and at which they
// fail but for that.
func (l *LifePrior) learnSigns(s *Spec, own []FleetPath, late float64) {
	if l.FailsAtSD < exactly {
		return
	}
	var failed []int
	var seen []signs
	l.replay(s, own, func(i int, sign signs) { failed, seen = append(failed, i), append(seen, sign) })
	var y []float64
	var x [][]float64
	step := (len(failed) + maxFitRows - 1) / maxFitRows
	for k := 0; k < len(failed); k += step {
		y, x = append(y, own[failed[k]].FailedAt/l.scale()), append(x, []float64{seen[k].shown, seen[k].pace})
	}
	fit, err := Fit(y, x)
	if err != nil || fit.Rows < minCovariates {
		return
	}
	stands := func(j int) float64 {
		if fit.Slopes[j] > 2*fit.SlopeSE[j] {
			return min(fit.Slopes[j], 1)
		}
		return 0
	}
	l.FailsPerShown, l.FailsPerPace = stands(0), stands(1)
	scale := l.scale()
	for k, i := range failed {
		own[i].FailedAt -= scale * (l.FailsPerShown*seen[k].shown + l.FailsPerPace*seen[k].pace)
	}
	learnFailures(l, own, late)
}

// expected is the log-rate that the vehicle of a path is expected to have.
func (l *LifePrior) expected(s *Spec, f *FleetPath) float64 {
	return math.Log(l.RatePer1000Km*s.regen(f.Powertrain)) + l.effect(f.habits()) + l.ofGroups(f.groups())
}

// replay follows the paths of each vehicle, which come in order of vehicle and time, as
// forecasts do, and hands on the signs of each sensed part that failed.
func (l *LifePrior) replay(s *Spec, own []FleetPath, each func(i int, sign signs)) {
	prior := lifePrior{
		logRate: math.Log(l.RatePer1000Km), variance: math.Log1p(l.CV * l.CV), part: l.PartShare,
		forms: [2]pathForms{{l.Forms, l.Evidence}, {l.SensedForms, l.SensedEvidence}},
	}
	if len(l.SensedForms) == 0 {
		prior.forms[1] = prior.forms[0]
	}
	m := prior.model(s.expert(), true)
	scale := l.scale()
	var state degradation.State
	for i := range own {
		f := &own[i]
		fresh := i == 0 || own[i-1].VIN != f.VIN
		switch {
		case fresh && f.Run > 0:
			state = m.Begin(l.expected(s, f), prior.variance, 0, 0)
		case fresh:
			state = m.Begin(l.expected(s, f), prior.variance, 0.5, math.Sqrt(1.0/12))
		default:
			state = m.Renew(state)
		}
		expected, _ := m.Rate(&state)
		for _, q := range f.Points {
			m.Observe(&state, degradation.Reading{Tau: q.Tau, Wear: q.Wear / scale, Noise: trusted(l.Trust, q.Source) * q.Noise / scale})
		}
		if f.Failed && f.FailedAt > 0 && f.Run > 0 && f.sensed() {
			each(i, signsOf(&m, &state, expected))
		}
	}
}
