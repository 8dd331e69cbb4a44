package simulator

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Brake pads in millimetres. Limit 3 mm: the trade replaces there.
const (
	padFrontNew = 12.0
	padRearNew  = 10.0
	padLimit    = 3.0
	padContact  = 3.5 // where the contact of a warning sensor closes
)

// wearBrakes is Archard's law: thickness lost is proportional to the work done
// by friction, and more when hot. 150 kJ per km of a 1.5 t car take 0.12 mm per
// 1,000 km off the front pads: a textbook case has 0.10, makers' lives of
// 15,000 to 80,000 km mean more.
func (r *run) wearBrakes(d drive) {
	c := r.car
	v := d.speed()
	perKm := 1.6 * pow22(30/max(v, 12)) // stops, more of them in slow traffic
	fromMS := (1.15*v + 6) / 3.6 * (0.84 + 0.4*c.aggression)
	work := d.km * perKm * 0.5 * c.massT * fromMS * fromMS * c.hills // kJ
	heat := (1 + 1.6*c.aggression*c.aggression) / 1.25
	mm := 0.12e-3 * work / 150 * heat * c.friction()
	front, rear := &r.parts[padsFront], &r.parts[padsRear]
	front.use += front.factor * mm / (padFrontNew - padLimit)
	rear.use += rear.factor * 0.6 * mm / (padRearNew - padLimit)
}

// friction is the share of braking that the pads do; motors recover the rest.
func (c *car) friction() float64 {
	switch c.Powertrain {
	case vehicle.BatteryElectric:
		return 0.40
	case vehicle.Hybrid:
		return 0.60
	default:
		return 1
	}
}

// pow22 is about x^2.2, cheap.
func pow22(x float64) float64 { return x * x * (1 + 0.2*(x-1)) }

// padMM is the thickness left on an axle.
func (r *run) padMM(k component) float64 {
	full := padFrontNew
	if k == padsRear {
		full = padRearNew
	}
	return max(full-r.parts[k].use*(full-padLimit), 0.3)
}

// padPercent is what a gauge reports: VSS PadWear, 100 worn down to the limit,
// in steps of five.
func (r *run) padPercent(k component, unevenness float64) float64 {
	p := 100 * r.parts[k].use * (1 + unevenness)
	return min(float64(int(p/5))*5, 100)
}
