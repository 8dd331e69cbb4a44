package simulator

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// starterLimit is the state of health at which a 12 V battery has failed.
const starterLimit = 0.60

// wearStarter ages the 12 V battery by a day. Mean life is 55 months where the
// battery lives at 22 °C; it halves per 9 K (Arrhenius). Four fifths go by the
// calendar, the rest by starts.
func (r *run) wearStarter(starts int) {
	p := &r.parts[battery12V]
	underBonnet := 22 + 0.55*(r.meanC-12)
	p.use += p.factor * 0.8 / (55 * 30.44) * math.Exp2((underBonnet-22)/9)
	p.use += p.factor * 2.6e-5 * float64(starts)
	drain := 0.004 // self-discharge and what never sleeps, share of charge per day
	if starts == 0 {
		drain = 0.010
	}
	full := 0.97 - 0.20*pow6(p.use)
	r.charge12 = min(max(r.charge12-drain, 0.3), full)
}

// charge lets the alternator or the DC-DC converter fill the 12 V battery.
func (r *run) charge(hours float64) {
	full := 0.97 - 0.20*pow6(r.parts[battery12V].use)
	if r.feel.charging > 0.5 {
		full -= 0.35 * r.feel.charging
	}
	r.charge12 += (full - r.charge12) * (1 - elementary.Exp(-hours/0.9))
}

// starterHealth falls slowly and then knees.
func starterHealth(damage float64) float64 {
	d2 := damage * damage
	return max(1-0.15*damage-0.25*d2*d2*d2*d2, 0.15)
}

func pow6(x float64) float64 { x2 := min(x*x, 1.6); return x2 * x2 * x2 }

// noStart reports whether the battery fails on a cold morning.
func (r *run) noStart() bool {
	damage := r.parts[battery12V].use
	return damage > 1.03 || damage > 0.8 && r.crankVolts(r.meanC-r.car.region.diurnalC) < 6.6
}

// restVolts is the open-circuit voltage after standing.
func (r *run) restVolts(airC float64) float64 {
	return 11.75 + 1.0*r.charge12 + 0.0008*(airC-20)
}

// crankVolts is the lowest voltage while the starter turns, without noise:
// open circuit minus current times resistance. Resistance doubles at the end of
// life, current doubles at -18 °C. Cars without a starter motor close their
// contactors, which costs a few tens of amperes.
func (r *run) crankVolts(airC float64) float64 {
	damage := r.parts[battery12V].use
	ohm := 0.0090 * (1 + 0.35*damage + 0.6*pow6(damage)) * (1 + 0.005*(20-airC))
	amps := 200 * (1 + max(20-airC, -10)/38)
	switch r.car.Powertrain {
	case vehicle.Hybrid, vehicle.BatteryElectric:
		amps = 38
	case vehicle.Diesel:
		amps, ohm = amps*1.5, ohm*0.67 // bigger starter, bigger battery
	default: // petrol
	}
	return max(r.restVolts(airC)-amps*ohm, 4)
}
