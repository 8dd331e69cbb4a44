package simulator

import "math"

// component is one thing that wears. Front and rear tyres wear apart and are
// sold as one item.
type component uint8

const (
	engineOil component = iota
	airFilter
	cabinFilter
	padsFront
	padsRear
	brakeFluid
	tyresFront
	tyresRear
	battery12V
	coolant
	sparkPlugs
	tractionBattery
	componentCount
)

// componentRow is what the rates of a component scatter by between cars of the
// same duty: the whole scatter is larger, duty adds its part in the laws.
type componentRow struct {
	item string
	cv   float64
}

var componentTable = [componentCount]componentRow{
	engineOil:       {"engine_oil", 0.20},
	airFilter:       {"air_filter", 0.40},
	cabinFilter:     {"cabin_filter", 0.40},
	padsFront:       {"brake_pads_front", 0.25},
	padsRear:        {"brake_pads_rear", 0.25},
	brakeFluid:      {"brake_fluid", 0.20},
	tyresFront:      {"tyres", 0.20},
	tyresRear:       {"tyres", 0.20},
	battery12V:      {"battery_12v", 0.28},
	coolant:         {"coolant", 0.15},
	sparkPlugs:      {"spark_plugs", 0.20},
	tractionBattery: {"traction_battery", 0.30},
}

// part is the part now in the car. use is its damage in its own measure, 1 at
// the limit for an average part; the law of the component turns it into wear.
type part struct {
	use      float64
	calendar float64 // second clock, where a component has two
	factor   float64 // rate of this part in this car
	km       float64 // odometer when it came in
	at       int64   // Unix seconds when it came in
	renewals int32
}

// wear is the share of the limit that is used up: 0 new, 1 at the limit.
func (r *run) wear(k component) float64 {
	p := &r.parts[k]
	switch k {
	case airFilter:
		return pressureDrop(p.use, 2)
	case cabinFilter:
		return pressureDrop(p.use, 1.5)
	case battery12V:
		return (1 - starterHealth(p.use)) / (1 - starterLimit)
	case tractionBattery:
		return (1 - r.tractionHealth()) / (1 - tractionLimit)
	case tyresFront, tyresRear:
		return (tyreNew - r.treadMM(k)) / (tyreNew - tyreLimit)
	default:
		return p.use
	}
}

// renew puts a new part in.
func (r *run) renew(k component, at int64) {
	r.fit(k, at, r.parts[k].renewals+1)
	r.parts[k].km = r.odoM / 1000
}

// fit puts the n-th part in, 0 being that of delivery. Parts of the same make differ a little, and
// each in the same car keeps the car's own factor.
func (r *run) fit(k component, at int64, n int32) {
	s := stream(r.car.seed, forParts, uint64(k)<<32|uint64(n+1))
	r.parts[k] = part{factor: r.car.factor[k] * s.spread(0.10), at: at, renewals: n}
}

// renewItem renews every part that is sold as the item.
func (r *run) renewItem(item string) {
	for k, row := range componentTable {
		if row.item != item || !r.car.fits(component(k)) {
			continue
		}
		r.renew(component(k), r.now)
		switch component(k) {
		case battery12V:
			r.charge12 = 0.9
		case engineOil:
			r.fuelInOil = 0
		default: // nothing else goes with the part
		}
	}
}

// fits reports whether the car has the component.
func (c *car) fits(k component) bool {
	electric := c.Cylinders == 0
	switch k {
	case engineOil, airFilter:
		return !electric
	case sparkPlugs:
		return !electric && c.litres > 0 && c.Powertrain != "diesel"
	case tractionBattery:
		return c.packKWh > 0
	default:
		return true
	}
}

// fitted is what a car has of an item: the parts that are sold as one.
type fitted struct {
	item  string
	parts []component
}

// items are those that the car has, in the order of the table.
func (c *car) items() []fitted {
	var all []fitted
	for k, row := range componentTable {
		if !c.fits(component(k)) {
			continue
		}
		if n := len(all); n == 0 || all[n-1].item != row.item {
			all = append(all, fitted{item: row.item})
		}
		last := &all[len(all)-1]
		last.parts = append(last.parts, component(k))
	}
	return all
}

// pressureDrop grows exponentially with the dust in a filter.
func pressureDrop(load, sharpness float64) float64 {
	load = min(load, 1.7) // beyond that dust blows through
	return math.Expm1(sharpness*load) / math.Expm1(sharpness)
}
