package simulator

import (
	"fmt"
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What a sensor says on a day depends on the car and the day alone, so that the diary
// and the messages say the same.
const (
	sensesOil uint64 = (iota + 1) << 56
	sensesOilGain
	sensesTread
	sensesTreadOffset
	sensesOilDrum
)

// diluteOil is fuel that gets into the oil while it is cold, and boils off when it is
// hot: up to 1 % an hour and several percent in a winter of short trips; half of it is
// gone after an hour above 90 °C.
func (r *run) diluteOil(d drive) {
	const steps = 4
	hours := d.hours() * r.car.engineShare(d) / steps
	oil := r.oilHeat(d)
	for i := range steps {
		switch oilC := oil.after(d.length * (float64(i) + 0.5) / steps); {
		case oilC < 60:
			r.fuelInOil = min(r.fuelInOil+hours, 6)
		case oilC > 90:
			r.fuelInOil *= math.Exp2(-hours)
		}
	}
}

// sensedOil is the condition of the oil by its permittivity, percent. Oxidation and
// acids raise it from about 2.3 by 0.15 over the life of the oil, and brands differ in
// by how much: a gain that is 6 % off and stays so for a fill. Fuel has 2.0 and hides
// 1.5 points a percent. That a reading scatters by 2 points after the correction for
// temperature is an assumption, and so is how often a car gets the brand that it mostly
// gets.
func (r *run) sensedOil() float64 {
	p := &r.parts[engineOil]
	gain := oilGain(r.car.oilBrand(p.renewals))
	noise := stream(r.car.seed, forSensors, sensesOil|uint64(r.day))
	used := 100*p.use*gain - 1.5*r.fuelInOil + 2*noise.normal()
	return math.Round(2*min(max(100-used, 0), 100)) / 2
}

// oilBrands is how many brands of oil the workshops of a fleet buy.
const oilBrands = 12

// oilBrand draws the oil of a fill. A workshop buys its oil by the drum, of one brand, and
// a car goes to the same workshop as a rule: four fills of five are of that, the others of
// any.
func (c *car) oilBrand(fill int32) int {
	brand := stream(c.seed, forSensors, sensesOilGain|uint64(fill))
	if brand.chance(0.8) {
		brand = stream(c.seed, forSensors, sensesOilDrum)
	}
	return brand.below(oilBrands)
}

// oilNumber is the part number of a brand.
func oilNumber(brand int) string { return fmt.Sprintf("5W30-%02d", brand+1) }

// oilGain is how fast the permittivity of a brand rises, by that of all: 6 % apart.
func oilGain(brand int) float64 {
	share := (float64(brand) + 0.5) / oilBrands
	return elementary.Exp(0.06 * math.Sqrt2 * math.Erfinv(2*share-1))
}

func (r *run) oilSensor(w *recorder) {
	if r.car.OilSensor {
		w.put(vehicle.OilCondition, r.sensedOil(), 2)
	}
}

// sensedTread is the tread of the four wheels in mm by accelerometers in the tyres:
// root mean square errors of 0.37 to 0.42 mm (Sensors 2024, 24, 6901), of which 0.2 mm
// stays with a tyre.
func (r *run) sensedTread() (mm [4]float64) {
	noise := stream(r.car.seed, forSensors, sensesTread|uint64(r.day))
	for i := range mm {
		k := []component{tyresFront, tyresRear}[i/2]
		offset := stream(r.car.seed, forSensors, sensesTreadOffset|uint64(i)<<32|uint64(r.parts[k].renewals))
		mm[i] = max(math.Round(10*(r.treadMM(k)+0.2*offset.normal()+0.34*noise.normal()))/10, 0)
	}
	return mm
}

func (r *run) treadSensors(w *recorder) {
	if !r.car.TyreSensors {
		return
	}
	tread := r.sensedTread()
	for i, s := range [...]vehicle.Signal{vehicle.TreadFrontLeft, vehicle.TreadFrontRight, vehicle.TreadRearLeft, vehicle.TreadRearRight} {
		w.put(s, tread[i], 10)
	}
}
