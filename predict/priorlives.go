package predict

import (
	"math"
	"slices"
)

// fleetLives are the lives of a component that nobody measures: from one recorded
// renewal to the next, or until now. One that ended in failure tells its rate, any
// other that the rate is lower than one life in this time: how it would have gone
// on is not known (right-censored).
func (t *timeline) fleetLives(row int) []FleetPath {
	p := t.blank(row)
	p.originAt, p.originKm = t.firstData(row)
	var out []FleetPath
	services := t.services[row]
	for i, s := range services {
		km := s.OdometerKm
		if km == 0 {
			km = t.odometer(s.Time)
		}
		f := FleetPath{
			VIN: t.in.VIN, Component: p.spec.Component, Cycle: "first", LogRateSE: failureNoise,
			KmPerDay: t.usage.KmPerDay.P50, AirTempC: t.airTempC,
		}
		p.from, p.at, p.km = openRecorded, s.Time, km
		f.Cycle = p.cycle()
		until, untilKm := t.until, t.usage.OdometerKm
		if i+1 < len(services) {
			next := services[i+1]
			until, untilKm = next.Time, next.OdometerKm
			if untilKm == 0 {
				untilKm = t.odometer(until)
			}
			f.Complete = next.Failed
		}
		f.Lasting = !f.Complete
		if run := p.tau(until, untilKm) - p.tau(s.Time, km); run > 0 {
			f.LogRate = -math.Log(run)
			out = append(out, f)
		}
	}
	return out
}

// learnLives is learnLife of a component that nobody measures: a lognormal rate,
// by expectation and maximisation over the lives that had not ended, with the
// expert's prior as lives beside them.
func learnLives(s *Spec, l LifePrior, own []FleetPath) (LifePrior, bool) {
	if failed := slices.DeleteFunc(slices.Clone(own), func(f FleetPath) bool { return f.Lasting }); 10*len(failed) > 9*len(own) {
		explain(&l, failed) // with many lives still going on a plain fit would be biased
	}
	expertMean, expertSpread := math.Log(s.RatePer1000Km), math.Log1p(s.RateCV*s.RateCV)
	mean, spread := expertMean, expertSpread
	n := float64(len(own)) + expertUnits
	for range 60 {
		sd := math.Sqrt(spread)
		var moments, squares float64
		for i := range own {
			f := &own[i]
			at, v := f.LogRate-l.effect(f.KmPerDay, f.AirTempC), 0.0
			if f.Lasting {
				at, v = below(at, mean, sd)
			}
			moments += at
			squares += (at-mean)*(at-mean) + v
		}
		mean = (moments + expertUnits*expertMean) / n
		spread = math.Max((squares+expertUnits*expertSpread)/n, 0.0025)
	}
	l.RatePer1000Km, l.CV = math.Exp(mean), math.Sqrt(math.Expm1(spread))
	return l, usablePrior(l)
}

// below returns mean and variance of a normal variable that is known to lie below
// a bound.
func below(bound, mean, sd float64) (at, variance float64) {
	a := (bound - mean) / sd
	hazard := math.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / math.Max(normal(a), 1e-12)
	return mean - sd*hazard, sd * sd * math.Max(1-a*hazard-hazard*hazard, 0)
}
