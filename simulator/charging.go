package simulator

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// charging is how the owner of an electric car charges it.
type charging struct {
	home   bool    // over night, as well as at fast chargers
	to     float64 // share of the battery at home
	below  float64 // goes to a fast charger when less is left
	fastKW float64 // mean power there
}

const (
	homeKW   = 9.0
	fastTo   = 0.80
	leastKWh = 5.0 // nobody plugs in for less
)

// chargingOf draws it: who drives for a living, and a quarter of the others, have no
// socket of their own.
func (c *car) chargingOf(u Usage) charging {
	r := stream(c.seed, forCharging, 0)
	none := 0.25
	switch u {
	case RideHailing:
		none = 0.7
	case Delivery:
		none = 0.4
	default:
	}
	out := charging{home: !r.chance(none), to: 0.8, below: 0.20, fastKW: r.between(55, 120)}
	if full := r.unit(); full < 0.25 {
		out.to = 1
	} else if full < 0.5 {
		out.to = 0.9
	}
	if !out.home {
		out.below = r.between(0.25, 0.45)
	}
	return out
}

// charge is one at a fast charger: from a share of the battery, for so long until the
// car set off.
type charge struct {
	from    float64
	seconds float64
}

// fastCharge fills the battery in what is left of the stop before a trip.
func (r *run) fastCharge() {
	c := &r.car.charging
	stood := 0.9 * float64(r.now-r.stoodSince)
	needs := (fastTo - r.soc) * r.car.packKWh / c.fastKW * 3600
	r.charged = charge{from: r.soc, seconds: min(needs, stood)}
	to := r.soc + (fastTo-r.soc)*r.charged.seconds/needs
	if (to-r.soc)*r.car.packKWh < leastKWh && r.soc > 0.1 {
		r.charged = charge{} // no time: further on
		return
	}
	r.fill(max(to, 0.3), c.fastKW)
}

// fill charges the battery to a share of it. The faster, the more it takes: lithium is
// plated where it comes faster than the graphite takes it up, in the cold first. 100 kW
// into a battery of 65 kWh wear three times as much as a socket at home, so that all
// energy through it costs twice as much: fleets that charge with more than 100 kW lose
// about twice what those at home do (3.0 and 1.5 % a year, Geotab 2026).
func (r *run) fill(to, kW float64) {
	if to <= r.soc {
		return
	}
	c := r.car
	hours := min(kW/c.packKWh, 1.8) // per hour
	stress := elementary.Exp(0.8 * max(hours-0.15, 0))
	if hours > 0.5 {
		stress *= 1 + 0.03*max(10-r.packRest(), 0)
	}
	r.parts[tractionBattery].use += c.perCycle() * 0.5 * (to - r.soc) * stress
	r.soc = to
}

// plugged is when a charge that the car tells of began, of a trip that has begun.
func (r *run) plugged(d drive) (at time.Time, told bool) {
	if !r.car.PackSensors || r.charged.seconds == 0 {
		return at, false
	}
	return r.car.instant(r.day, d.start-30-r.charged.seconds), true
}

// charging is what the car tells when it is plugged in.
func (r *run) charging(w *recorder, at time.Time) {
	w.open(r.car, at)
	w.put(vehicle.TraveledDistance, r.odoM, 1)
	w.put(vehicle.TractionSoC, 100*r.charged.from, 10)
	w.put(vehicle.TractionTemperature, r.packTemperature(0), 2)
	w.close()
}

// drawnKW is the power that the battery gives on the way: what the trip takes over the
// whole of it, and more or less at a moment.
func (r *run) drawnKW(at time.Time, kmh float64) float64 {
	c := r.car
	noise := stream(c.seed, forPower, uint64(at.UnixMilli()))
	kW := kmh * c.kWh / 100 * r.coldDraw() * noise.spread(0.4)
	if c.Powertrain == vehicle.Hybrid {
		kW *= hybridShare
	}
	return kW
}

// chargeAfter is the share of the battery so many km into a trip, as the car tells it.
func (r *run) chargeAfter(km float64) float64 {
	if r.car.Powertrain == vehicle.Hybrid {
		return 0.45 + 0.15*math.Sin((r.odoM/1000+km)/9) // full where it could brake, empty where it had to push
	}
	return max(r.soc-km/100*r.car.kWh/r.car.packKWh, 0.04)
}

// coldDraw is how much more energy a trip takes in the cold.
func (r *run) coldDraw() float64 { return 1 + min(max(12-r.airC, 0), 30)*0.008 }
