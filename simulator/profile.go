package simulator

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Usage is what a car is for.
type Usage string

// The usage classes.
const (
	Commuter    Usage = "commuter"
	RideHailing Usage = "ride_hailing"
	Family      Usage = "family"
	Delivery    Usage = "delivery"
	Weekend     Usage = "weekend"
)

// PadSensor says what a car knows of its brake pads.
type PadSensor string

// The kinds of pad sensor.
const (
	PadSensorNone   PadSensor = "none"
	PadSensorWarn   PadSensor = "warning" // one contact: worn or not
	PadSensorGauged PadSensor = "gauged"  // percent in coarse steps
)

// Profile is what is known of a simulated car. The embedded Vehicle holds what
// a dealer would enter; the rest is the car's own.
type Profile struct {
	vehicle.Vehicle
	Usage       Usage
	Region      string
	Cylinders   int // 0 for battery-electric cars
	PadSensor   PadSensor
	OilSensor   bool   // oil condition by permittivity
	TyreSensors bool   // tread depth by sensors in the tyres
	Motion      bool   // tells its accelerations
	PackSensors bool   // tells current and capacity of the traction battery, and when it is plugged in
	Chemistry   string // "NMC" or "LFP"; empty without a traction battery
}

// trait is what no one can read from a car or its papers.
type trait struct {
	region     *region
	weather    uint64 // the same for all cars of a region
	utcOffset  time.Duration
	massT      float64
	aggression float64 // 0 calm to 1 harsh; fleet mean 0.4
	hills      float64 // 1 is rolling country
	frontDrive bool
	tankL      float64
	litres     float64 // fuel per 100 km
	packKWh    float64
	kWh        float64 // per 100 km
	charging   charging
	// vehicle-to-vehicle factor of the rate of wear, lognormal with mean 1
	factor [componentCount]float64

	slack      float64 // how far past the plan the owner lets a service slip; 1 is on the day
	reaction   float64 // days from a lamp to the workshop
	stopsGoing int     // days before the end of history since when the owner no longer goes; 0 never
	frugal     bool    // renews only what has to be renewed
	recorded   bool    // the visits before the epoch are on paper somewhere
	shop       string
}

// draw is what is dealt out over the fleet, so that small fleets have the mix too.
type draw struct {
	powertrain             vehicle.Powertrain
	usage                  Usage
	region                 int
	six                    bool // two banks of three cylinders
	sensor                 PadSensor
	lapsed                 bool
	oilSensor, tyreSensors bool
	motion, packSensors    bool
}

// drawFleet deals powertrains, uses, regions and owners by quota and shuffles
// each, so that any two of them are independent.
func drawFleet(seed uint64, n int) []draw {
	r := stream(seed, forFleet, 0)
	all := regions()
	shares := make([]float64, len(all))
	for i := range all {
		shares[i] = all[i].share
	}
	trains := deal(&r, n, 0.45, 0.15, 0.20, 0.20)
	uses := deal(&r, n, 0.38, 0.10, 0.30, 0.10, 0.12)
	places := deal(&r, n, shares...)
	sensors := deal(&r, n, 0.45, 0.30, 0.25)
	lapsed := deal(&r, n, 0.75, 0.25)
	oils := deal(&r, n, 0.5, 0.5)
	tyres := deal(&r, n, 0.75, 0.25)
	motions := deal(&r, n, 0.5, 0.5)
	packs := deal(&r, n, 0.7, 0.3)
	out := make([]draw, n)
	petrol := 0
	for i := range out {
		out[i] = draw{
			powertrain: []vehicle.Powertrain{vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric}[trains[i]],
			usage:      []Usage{Commuter, RideHailing, Family, Delivery, Weekend}[uses[i]],
			region:     places[i],
			sensor:     []PadSensor{PadSensorGauged, PadSensorWarn, PadSensorNone}[sensors[i]],
			lapsed:     lapsed[i] == 1,
			oilSensor:  oils[i] == 1, tyreSensors: tyres[i] == 1,
			motion: motions[i] == 1, packSensors: packs[i] == 0,
		}
		if out[i].powertrain == vehicle.Petrol && out[i].usage != Weekend {
			out[i].six = petrol%3 == 0
			petrol++
		}
	}
	return out
}

// deal gives each of n cars a class, in proportion to the shares, in random order.
func deal(r *random, n int, shares ...float64) []int {
	classes := make([]int, n)
	dealt := make([]float64, len(shares))
	for i := range classes {
		best := 0
		for k, s := range shares {
			if s*float64(i+1)-dealt[k] > shares[best]*float64(i+1)-dealt[best]+1e-9 {
				best = k
			}
		}
		classes[i] = best
		dealt[best]++
	}
	out := make([]int, n)
	for i, j := range r.shuffled(n) {
		out[j] = classes[i]
	}
	return out
}

func (c *car) drawProfile(index int, d draw) {
	seed := c.seed
	r := stream(seed, forProfile, 0)
	all := regions()
	c.region = &all[d.region]
	c.utcOffset = c.region.offset
	c.Usage, c.Region, c.PadSensor = d.usage, c.region.name, d.sensor
	c.Powertrain, c.TimeZone = d.powertrain, c.region.zone
	c.use = patternOf(d.usage)

	years := r.between(1, 6)
	if d.usage == RideHailing || d.usage == Delivery {
		years = r.between(1, 3.5)
	}
	c.firstDay = c.epochDay - vehicle.Day(years*365.25)
	c.InService = c.firstDay.Start()
	c.ModelYear = c.InService.Year()
	c.nameCar(&r, d)
	c.VIN = makeVIN(&r, c.maker(), c.ModelYear, index)
	c.nameOwner(&r, index)
	c.drawTraits(&r, d)
}

func (c *car) drawTraits(r *random, d draw) {
	c.massT = r.between(1.15, 1.9)
	c.OilSensor, c.TyreSensors = d.oilSensor && c.Powertrain != vehicle.BatteryElectric, d.tyreSensors
	c.Cylinders = 4
	switch {
	case d.six:
		c.Cylinders, c.massT = 6, c.massT+0.2
	case c.Powertrain == vehicle.BatteryElectric:
		c.Cylinders, c.massT = 0, c.massT+0.35
	}
	if d.usage == Delivery {
		c.massT += 0.5
	}
	c.aggression = min(max(0.4+0.18*r.normal(), 0.02), 1)
	c.hills = r.between(0.85, 1.25)
	c.frontDrive = r.chance(0.75)
	c.tankL = 48
	c.litres = 4.2 + 2.4*c.massT
	if c.Powertrain == vehicle.Hybrid {
		c.litres *= 0.65
	}
	if c.Powertrain == vehicle.BatteryElectric || c.Powertrain == vehicle.Hybrid {
		c.Chemistry = "NMC"
		if r.chance(0.4) {
			c.Chemistry = "LFP"
		}
		c.packKWh, c.kWh = r.between(50, 82), 9+4*c.massT
		c.PackSensors = d.packSensors
	}
	c.Motion = d.motion
	if c.Powertrain == vehicle.BatteryElectric {
		c.charging = c.chargingOf(d.usage)
	}
	for k := range c.factor {
		c.factor[k] = r.spread(componentTable[k].cv)
	}
	c.slack = 0.85 + 0.35*r.spread(0.6)
	c.reaction = r.between(4, 35)
	if d.lapsed {
		c.stopsGoing = int(r.between(240, 420))
	}
	c.frugal = r.chance(0.3)
	c.recorded = r.chance(0.7)
}

// makeVIN makes a VIN with a right check digit (ISO 3779, 49 CFR 565).
func makeVIN(r *random, wmi string, year, index int) vehicle.VIN {
	const letters, codes = "ABCDEFGHJKLMNPRSTUVWXYZ", "ABCDEFGHJKLMNPRSTVWXY123456789"
	letter := func() string { return string(letters[r.below(len(letters))]) }
	descriptor := letter() + letter() + string('1'+rune(r.below(9))) + letter() + letter()
	serial := (r.below(1000)*1000 + index) % 1_000_000
	vin := vehicle.VIN(fmt.Sprintf("%s%s0%c%s%06d", wmi, descriptor, codes[(year-1980)%len(codes)], letter(), serial))
	return vin[:8] + vehicle.VIN(vin.ComputedCheckDigit()) + vin[9:]
}
