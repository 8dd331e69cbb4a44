package simulator

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Limits of the engine's clocks, in millions of revolutions and kilometres.
// 57 million turns are about 12,000 km of a petrol car's mixed driving at the
// mean temperature factor; a diesel turns slower, a hybrid's engine rests.
const (
	oilPetrolMrev = 57
	oilDieselMrev = 60
	oilHybridMrev = 33
	plugMrev      = 260 // nickel plugs wear 0.3-1.0 mm in 100,000 km
)

// revolutions returns the engine's turns on a trip, and its mean speed in rpm
// while it runs.
func (c *car) revolutions(d drive) (turns, rpm float64) {
	switch c.Powertrain {
	case vehicle.BatteryElectric:
		return 0, 0
	case vehicle.Diesel:
		rpm = 1200 + 10*d.speed()
	default:
		rpm = 1500 + 12*d.speed()
	}
	return rpm * d.length / 60 * c.engineShare(d), rpm
}

// engineShare is the share of a trip with the engine running.
func (c *car) engineShare(d drive) float64 {
	if c.Powertrain != vehicle.Hybrid {
		return 1
	}
	return min(max(0.25+d.speed()/130, 0.35), 0.85)
}

// wearEngine ages what lives on the engine by one trip.
func (r *run) wearEngine(d drive) {
	c := r.car
	turns, _ := c.revolutions(d)
	mrev := turns / 1e6
	limit := 0.0
	switch c.Powertrain {
	case vehicle.Diesel:
		limit = oilDieselMrev
	case vehicle.Hybrid:
		limit = oilHybridMrev
	default:
		limit = oilPetrolMrev
	}
	oil := &r.parts[engineOil]
	oil.use += oil.factor * mrev * r.oilStress(d) / limit
	plugs := &r.parts[sparkPlugs]
	plugs.use += plugs.factor * mrev / plugMrev
	filter := &r.parts[airFilter]
	filter.use += filter.factor * d.km * c.region.dust / 38_000
}

// oilStress is the mean factor of temperature on a trip: cold oil takes up fuel
// and water (x3 below 60 °C), hot oil oxidises (x2 and more above 120 °C).
func (r *run) oilStress(d drive) float64 {
	const steps = 6
	sum, oil := 0.0, r.oilHeat(d)
	for i := range steps {
		t := oil.after(d.length * (float64(i) + 0.5) / steps)
		f := 1 + 2*min(max((75-t)/40, 0), 1)
		if t > 112 {
			f += (t - 112) / 8
		}
		sum += f
	}
	return sum / steps
}

// heat is how coolant or oil warms on a trip: an approach to a plateau, °C, from what the last trip
// left, at so much of the way a second.
type heat struct{ plateau, below, rate float64 }

// after is the temperature some seconds into the trip, °C.
func (h heat) after(seconds float64) float64 {
	return h.plateau - h.below*elementary.Exp(-seconds*h.rate)
}

// coolantHeat is an approach to the thermostat's plateau.
func (r *run) coolantHeat(d drive) heat {
	plateau := r.plateau(d)
	return heat{plateau, plateau - r.coolantC, math.Sqrt(r.car.engineShare(d)) / 260}
}

// oilHeat is that of the oil, which takes longer and gets hotter.
func (r *run) oilHeat(d drive) heat {
	plateau := r.plateau(d) + 5 + 9*r.car.aggression + 0.10*d.speed()*min(r.airC+20, 50)/50
	return heat{plateau, plateau - r.oilC, math.Sqrt(r.car.engineShare(d)) / 640}
}

// plateau is where the thermostat holds the coolant on a trip, °C.
func (r *run) plateau(d drive) float64 {
	if r.feel.thermostat > 0 {
		return 66 + 0.25*r.airC - 0.05*d.speed()
	}
	return 89 + 0.04*r.airC
}

// cool lets the engine stand for some hours.
func (r *run) cool(hours, airC float64) {
	r.coolantC = airC + (r.coolantC-airC)*elementary.Exp(-hours/2.2)
	r.oilC = airC + (r.oilC-airC)*elementary.Exp(-hours/2.8)
}

// wearStanding ages fluids and filters by a day, driven or not.
func (r *run) wearStanding() {
	c := r.car
	oil := &r.parts[engineOil]
	oil.use += oil.factor * 0.20 / 365.25 // oxidation and water without running
	water := &r.parts[brakeFluid]
	water.use += water.factor * c.region.humidity / (36 * 30.44) // 3 % water after about 36 months
	cool := &r.parts[coolant]
	cool.use += cool.factor * 0.85 / (5 * 365.25) // inhibitors: five years, mostly by date
	cabin := &r.parts[cabinFilter]
	cabin.use += cabin.factor / (36 * 30.44)
}

// wearRolling ages what goes by distance alone.
func (r *run) wearRolling(d drive) {
	cool := &r.parts[coolant]
	cool.use += cool.factor * d.km / 900_000
	cabin := &r.parts[cabinFilter]
	cabin.use += cabin.factor * d.km * r.car.region.dust / 42_000
}
