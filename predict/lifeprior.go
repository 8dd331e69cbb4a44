package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict/conformal"
	"github.com/pitcrew-telematics/pitcrew/predict/degradation"
)

// lifePrior is the prior that a path starts from, for this vehicle.
type lifePrior struct {
	logRate, variance float64
	part              float64 // share of the variance that is the part's; 0: the expert's
	units             int     // paths of the fleet behind it; 0: expert

	lives lives // how long parts last that nobody looks at; without a law: the rate says it

	failsAt   float64 // wear at which parts of this vehicle fail in fact
	failsAtV  float64 // variance of that: this vehicle's sensors against others'
	failsAtSD float64 // and standard deviation of a part around it

	perShown, perPace float64 // what a part tells of that beforehand (signs.go)

	trust map[string]float64 // in the noise of readings, by source
	// Of vehicles that do not measure the part, and that do.
	forms  [2]pathForms
	layers [2]*conformal.Layer // nil: not calibrated
}

// priorOf is the fleet's prior of the component of a row, or the expert's, for a vehicle
// of this use and climate.
func (t *timeline) priorOf(row int) lifePrior {
	s := &t.table.rows[row]
	f, ok := t.in.Prior.Components[s.Component]
	if !ok || !usablePrior(f) {
		rate := s.RatePer1000Km * s.regen(t.in.Powertrain)
		p := lifePrior{logRate: math.Log(rate), variance: math.Log1p(s.RateCV * s.RateCV), failsAt: 1}
		p.lives = t.livesOf(row)
		return p
	}
	p := lifePrior{
		logRate: math.Log(f.RatePer1000Km), variance: math.Log1p(f.CV * f.CV), part: f.PartShare, units: f.Units,
		failsAt: 1, trust: f.Trust, forms: [2]pathForms{{f.Forms, f.Evidence}, {f.SensedForms, f.SensedEvidence}}, layers: [2]*conformal.Layer{f.Layer, f.SensedLayer},
	}
	if len(f.SensedForms) == 0 {
		p.forms[1] = p.forms[0]
	}
	if f.FailsAt > 0 {
		p.failsAt, p.failsAtV = f.FailsAt, f.FailsAtOwn*f.FailsAtOwn
		p.failsAtSD = math.Sqrt(max(f.FailsAtSD*f.FailsAtSD-p.failsAtV, 0))
		p.perShown, p.perPace = f.FailsPerShown, f.FailsPerPace
	}
	if f.OfClass {
		p.logRate += math.Log(s.regen(t.in.Powertrain))
	}
	p.logRate += f.effect(t.habits) + f.ofGroups(t.groups)
	p.lives = t.livesOf(row)
	return p
}

func usablePrior(f LifePrior) bool {
	for _, v := range []float64{f.FailsAt, f.FailsAtSD, f.FailsAtOwn, f.FailsPerShown, f.FailsPerPace, f.Hides, f.SteadySD, f.PerLogKm, f.LogKmCentre, f.PerDegree, f.DegreesCentre, f.PerShortTrip, f.ShortTripCentre, f.PerFastCharge, f.FastChargeCentre} {
		if !finite(v) {
			return false
		}
	}
	for _, off := range f.Groups {
		if !(math.Abs(off) <= mostOfGroup) {
			return false
		}
	}
	return f.RatePer1000Km > 1e-6 && f.RatePer1000Km < 10 && f.CV > 0 && f.CV < 10 && f.PartShare >= 0 && f.PartShare <= 1
}

// Noise that experts expect of a path, as variances that add up over one whole life
// of the part: the log-rate drifts by 0.2, the wear itself scatters by 0.08, because
// roads and seasons change. Readings bring their own.
var expertNoise = degradation.Noise{Rate: 0.04, Level: 0.007}

// smoothNoise is that of a part that wears by chemistry, which knows no roads: what its
// readings show goes on, and the pace changes as one cause gives way to another. Chosen on
// simulated fleets of seeds 12 and 13.
var smoothNoise = degradation.Noise{Rate: 0.2, Level: 0.001}

// expertEvidence is how far a vehicle's own readings choose between the expert's
// forms: half as far as Bayes would, since errors of one vehicle hang together.
const expertEvidence = 0.5

// expert is the path of a component before a fleet has taught a better one.
func (s *Spec) expert() *degradation.Model {
	curves := s.curves()
	m := &degradation.Model{Evidence: expertEvidence}
	noise := expertNoise
	if s.Smooth {
		noise = smoothNoise
	}
	for _, c := range curves {
		m.Forms = append(m.Forms, degradation.Form{Curve: c, Noise: noise, Weight: 1 / float64(len(curves))})
	}
	return m
}

// curves are the forms that the table gives a path.
func (s *Spec) curves() []*degradation.Curve {
	var out []*degradation.Curve
	for _, name := range s.Forms {
		if c, ok := degradation.Named(name); ok {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = append(out, degradation.Power(s.Shape))
	}
	return out
}

// model is what a path follows, of a part that the vehicle measures or not: the forms of
// the fleet, or the expert's, with this vehicle's prior of the rate.
func (p *lifePrior) model(expert *degradation.Model, sensed bool) degradation.Model {
	m := *expert
	if f := p.forms[index(sensed)]; len(f.forms) > 0 {
		m.Forms, m.Evidence = f.forms, f.evidence
	}
	m.Rates = &degradation.Rates{Mean: p.logRate, Variance: p.variance, Part: p.part}
	return m
}

// failed is a part of this vehicle that failed at a wear known to a standard
// deviation: where its next one fails lies nearer to that.
func (p *lifePrior) failed(wear, sd float64) {
	if p.failsAtV == 0 {
		return
	}
	gain := p.failsAtV / (p.failsAtV + p.failsAtSD*p.failsAtSD + sd*sd)
	p.failsAt += gain * (min(max(wear, p.failsAt/2), 2*p.failsAt) - p.failsAt)
	p.failsAtV *= 1 - gain
}

// atLimit reports whether parts fail where practice has its limit.
func (p *lifePrior) atLimit() bool {
	return p.failsAt == 1 && p.failsWithin() < exactly && p.perShown == 0 && p.perPace == 0
}

// exactly is how well it must be known where parts fail, to be taken as a mark.
const exactly = 0.01

// failsWithin is how exactly it is known where the part fails.
func (p *lifePrior) failsWithin() float64 { return math.Sqrt(p.failsAtV + p.failsAtSD*p.failsAtSD) }

// noise is what a reading's own noise is taken for.
func (p *lifePrior) noise(r *Reading) float64 { return trusted(p.trust, r.Source) * r.Noise }

// calibrate moves the middle and the borders of the interval to where forecasts of the fleet,
// made as far ahead, have held what they promised.
func (p *lifePrior) calibrate(pass *passage, days float64, sensed bool) {
	if layer := p.layers[index(sensed)]; layer != nil {
		s := layer.At(horizon(days))
		if days > 0 { // what says that a part is spent does not take it back
			pass.mid = z90 * s.Middle
		}
		pass.low, pass.high = min(-z90*s.Down, pass.mid), max(z90*s.Up, pass.mid)
	}
}

func index(sensed bool) int {
	if sensed {
		return 1
	}
	return 0
}

// horizon is the position of a forecast in the layer: by how far ahead it looks.
func horizon(days float64) float64 { return math.Log(max(days, nearest)) }

// nearest is how many days ahead forecasts are told apart from: below it they say that the
// part is spent.
const nearest = 1
