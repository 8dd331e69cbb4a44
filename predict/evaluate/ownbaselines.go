package evaluate

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/survival"
)

// lineHorizon is how far a line is followed, days: as far as predict says anything.
const lineHorizon = 30 * 365.25

// line is the days left by the least-squares line through the part's own readings,
// NaN where there are too few or it does not lead to the limit.
func (p *ownPath) line(g *ownGauge, now float64) float64 {
	if len(p.values) < 2 {
		return math.NaN()
	}
	wear := make([]float64, len(p.values))
	for i, v := range p.values {
		wear[i] = g.wear(v)
	}
	at, slope := straight(p.days, wear)
	if !(slope > 0) {
		return math.NaN()
	}
	return math.Min(math.Max((1-at)/slope-now, 0), lineHorizon)
}

// remaining is what a life table leaves to a part of an age, in days: what parts that
// lived to it lived on. NaN where no part is known to have reached its limit.
func remaining(alive survival.Curve, age float64) predict.Quantiles {
	if len(alive.Clock) == 0 {
		return predict.Quantiles{P10: math.NaN(), P50: math.NaN(), P90: math.NaN()}
	}
	now := alive.At(age)
	left := func(q float64) float64 {
		for i, clock := range alive.Clock {
			if clock > age && alive.Value[i] <= (1-q)*now {
				return clock - age
			}
		}
		return math.Max(alive.Clock[len(alive.Clock)-1]-age, 0)
	}
	return predict.Quantiles{P10: left(0.1), P50: left(0.5), P90: left(0.9)}
}

// interval is after how many days a plan renews the part: the plan of its row at the
// unit's own pace, or else the median life of the fleet.
func (k *ownKnown) interval(s *predict.Spec, alive survival.Curve) float64 {
	planned := math.Inf(1)
	if s.PlanMonths > 0 {
		planned = float64(s.PlanMonths) * 365.25 / 12
	}
	if pace := k.pace(); s.PlanKm > 0 && pace > 0 {
		planned = math.Min(planned, s.PlanKm/pace)
	}
	if math.IsInf(planned, 1) {
		return remaining(alive, 0).P50
	}
	return planned
}

// pace is km a day over the whole time known; 0 where that is not.
func (k *ownKnown) pace() float64 {
	n := len(k.days)
	if n < 2 {
		return 0
	}
	return (k.days[n-1].OdometerKm - k.days[0].OdometerKm) / float64(k.days[n-1].Day-k.days[0].Day)
}
