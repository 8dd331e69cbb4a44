package predict

import (
	"math"
	"slices"
)

// habits are what may explain how fast a vehicle wears a part, beside what its clock
// counts; NaN when unknown.
type habits struct {
	kmPerDay, airTempC float64
	shortTrips         float64 // share of the engine's runs that stayed cold
	fastCharge         float64 // of the energy out of the traction battery, what was charged fast
}

// What a share of runs or of energy is told by, at the least.
const (
	leastRuns = 30
	leastKWh  = 300
)

// habitsOf the days of a vehicle of this use and climate.
func (t *timeline) habitsOf() habits {
	var runs, short int
	var out, fast float64
	for i := range t.days {
		d := &t.days[i]
		runs, short = runs+d.Runs, short+d.ShortRuns
		if d.DischargeKWh < mostThrough*throughPerKm*d.DistanceKm {
			out, fast = out+d.DischargeKWh, fast+d.FastChargeKWh
		}
	}
	h := habits{t.usage.KmPerDay.P50, t.air.meanC, math.NaN(), math.NaN()}
	if runs >= leastRuns {
		h.shortTrips = float64(short) / float64(runs)
	}
	if out >= leastKWh {
		h.fastCharge = fast / out
	}
	return h
}

// covariate is something that may explain a rate, and where its effect is kept.
type covariate struct {
	of   func(h habits) float64
	keep func(l *LifePrior, slope, centre float64)
}

// When a covariate is asked.
const (
	minCovariates = 15   // paths that know it
	mostKnow      = 0.95 // of the paths: those that do not are vehicles of another kind, not of other habits
)

var (
	useExplains = covariate{
		func(h habits) float64 { return math.Log(h.kmPerDay) },
		func(l *LifePrior, slope, centre float64) { l.PerLogKm, l.LogKmCentre = slope, centre },
	}
	airExplains = covariate{
		func(h habits) float64 { return h.airTempC },
		func(l *LifePrior, slope, centre float64) { l.PerDegree, l.DegreesCentre = slope, centre },
	}
	tripsExplain = covariate{
		func(h habits) float64 { return h.shortTrips },
		func(l *LifePrior, slope, centre float64) { l.PerShortTrip, l.ShortTripCentre = slope, centre },
	}
	chargingExplains = covariate{
		func(h habits) float64 { return h.fastCharge },
		func(l *LifePrior, slope, centre float64) { l.PerFastCharge, l.FastChargeCentre = slope, centre },
	}
)

// explain fits the log-rates on use, air temperature, short trips and fast charging, as
// far as the fleet knows them and varies in them, and keeps the effects that stand out of
// their error, and then what groups of vehicles have in common. It returns what all that explains of
// each path.
func explain(l *LifePrior, own []FleetPath) []float64 {
	all := slices.DeleteFunc([]covariate{useExplains, airExplains, tripsExplain, chargingExplains}, func(c covariate) bool { return !c.known(own) })
	for _, asked := range [][]covariate{all, {useExplains, airExplains}, {useExplains}, {airExplains}} {
		fit, err := fitCovariates(asked, own)
		if err != nil || fit.Rows < minCovariates {
			continue
		}
		for j, c := range asked {
			if math.Abs(fit.Slopes[j]) > 2*fit.SlopeSE[j] {
				c.keep(l, fit.Slopes[j], fit.Means[j])
			}
		}
		break
	}
	explained := make([]float64, len(own))
	for i := range own {
		explained[i] = l.effect(own[i].habits())
	}
	l.learnGroups(own, explained)
	return explained
}

func (c covariate) known(own []FleetPath) bool {
	n := 0
	for i := range own {
		if finite(c.of(own[i].habits())) {
			n++
		}
	}
	return float64(n) >= mostKnow*float64(len(own))
}

// fitCovariates fits the paths that have all of what is asked, at most as many
// as Fit takes: every second, third, ... of a larger fleet.
func fitCovariates(asked []covariate, own []FleetPath) (Linear, error) {
	var y []float64
	var x [][]float64
	step := (len(own) + maxFitRows - 1) / maxFitRows
	for i := 0; i < len(own); i += step {
		row := make([]float64, len(asked))
		for j, c := range asked {
			row[j] = c.of(own[i].habits())
		}
		if !slices.ContainsFunc(row, func(v float64) bool { return !finite(v) }) {
			x, y = append(x, row), append(y, own[i].LogRate)
		}
	}
	return Fit(y, x)
}

// effect is what habits and climate add to the log-rate of a vehicle. Each is
// bounded: a fit is not to be trusted far outside the vehicles it was made on.
func (l *LifePrior) effect(h habits) float64 {
	e := 0.0
	for _, v := range [...]float64{
		l.PerLogKm * (math.Log(h.kmPerDay) - l.LogKmCentre), l.PerDegree * (h.airTempC - l.DegreesCentre),
		l.PerShortTrip * (h.shortTrips - l.ShortTripCentre), l.PerFastCharge * (h.fastCharge - l.FastChargeCentre),
	} {
		if finite(v) {
			e += min(max(v, -1), 1)
		}
	}
	return e
}
