package simulator

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// tractionLimit is the state of health at which makers' warranties replace.
const tractionLimit = 0.70

// wearTraction ages the high-voltage battery by a day: capacity is lost with
// the square root of time (Arrhenius, 35 kJ/mol) plus a share per energy
// through it. Fleets lose 2.3 % a year on average.
func (r *run) wearTraction(km float64) {
	c := r.car
	p := &r.parts[tractionBattery]
	kelvin := 273.15 + 20 + 0.6*(r.meanC-12)
	k := math.Exp(-35_000 / 8.314 * (1/kelvin - 1/298.15))
	p.calendar += k * k / 365.25
	perCycle, share := 1.4e-4, 1.0
	if c.Powertrain == vehicle.Hybrid {
		perCycle, share = 0.7e-4, 0.35 // large buffer, only part of the way
	}
	if c.Chemistry == "LFP" {
		perCycle *= 0.5
	}
	p.use += perCycle * km * share * c.kWh / 100 / c.packKWh
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
