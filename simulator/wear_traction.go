package simulator

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// tractionLimit is the state of health at which makers' warranties replace.
const tractionLimit = 0.70

// wearTraction ages the high-voltage battery by a day: capacity is lost with the square
// root of time (Arrhenius, 35 kJ/mol, and faster the fuller it is) plus a share per
// energy through it, half on the way out and half on the way in, see fill (Wang et al.
// 2014, JPS 269:937). Fleets lose 2.3 % a year on average.
func (r *run) wearTraction(km float64) {
	c := r.car
	p := &r.parts[tractionBattery]
	k := elementary.Exp(-35_000/8.314*(1/(273.15+r.packRest())-1/298.15)) * r.fullness()
	p.calendar += k * k / 365.25
	share := 0.5
	if c.Powertrain == vehicle.Hybrid {
		share = hybridShare // of the way, out and in
	}
	p.use += c.perCycle() * km * share * c.kWh / 100 / c.packKWh
}

// hybridShare is the share of the way that a hybrid's battery drives.
const hybridShare = 0.35

// perCycle is what a full cycle takes off the capacity.
func (c *car) perCycle() float64 {
	loss := 1.4e-4
	if c.Powertrain == vehicle.Hybrid {
		loss = 0.7e-4 // large buffer
	}
	if c.Chemistry == "LFP" {
		loss *= 0.5
	}
	return loss
}

// packRest is the temperature of a battery that stands, over a day.
func (r *run) packRest() float64 { return 20 + 0.6*(r.meanC-12) }

// fullness is how much faster the calendar runs by the charge: full 1.8 times as fast as
// half full. The buffer of a hybrid stays in the middle.
func (r *run) fullness() float64 {
	if r.car.Powertrain == vehicle.Hybrid {
		return 1
	}
	return elementary.Exp(1.2 * (r.soc - 0.6))
}

// tractionHealth is the true state of health.
func (r *run) tractionHealth() float64 {
	p := &r.parts[tractionBattery]
	a := 0.026
	if r.car.Chemistry == "LFP" {
		a = 0.017
	}
	return max(1-p.factor*(a*math.Sqrt(p.calendar)+p.use), 0.4)
}

// reportedHealth is what the battery management says, in percent: it learns
// anew every few weeks and answers in steps of a half.
func (r *run) reportedHealth() float64 {
	s := stream(r.car.seed, forNoise, uint64(r.day/21)|1<<40)
	noise := 0.3
	if r.car.Chemistry == "LFP" {
		noise = 0.9 // the flat open-circuit curve hides the charge
	}
	return min(math.Round(2*(100*r.tractionHealth()+noise*s.normal()))/2, 100)
}
