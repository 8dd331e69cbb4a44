package simulator

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Signals beside those that vehicle names, VSS 6.0 and pitcrew's extensions.
const (
	longTrim1   vehicle.Signal = "Vehicle.OBD.LongTermFuelTrim1"
	longTrim2   vehicle.Signal = "Vehicle.OBD.LongTermFuelTrim2"
	shortTrim1  vehicle.Signal = "Vehicle.OBD.ShortTermFuelTrim1"
	engineLoad  vehicle.Signal = "Vehicle.OBD.EngineLoad"
	filterDelta vehicle.Signal = "Vehicle.Powertrain.CombustionEngine.DieselParticulateFilter.DeltaPressure" // Pa

	tyreFL vehicle.Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure" // kPa
	tyreFR vehicle.Signal = "Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.Pressure"
	tyreRL vehicle.Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.Pressure"
	tyreRR vehicle.Signal = "Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.Pressure"
)

// recorder collects the samples of one message. Its memory is used again for
// the next one.
type recorder struct {
	samples  []vehicle.Sample
	readings []vehicle.Reading
	begin    int
	skew     time.Duration
	noise    random
}

func (w *recorder) reset() { w.samples, w.readings = w.samples[:0], w.readings[:0] }

// open begins a sample; the noise in it depends on the car and the time alone.
func (w *recorder) open(c *car, at time.Time) {
	w.begin = len(w.readings)
	w.noise = stream(c.seed, forNoise, uint64(at.UnixMilli()))
	w.samples = append(w.samples, vehicle.Sample{Time: at.Add(w.skew)})
}

func (w *recorder) close() {
	w.samples[len(w.samples)-1].Readings = w.readings[w.begin:len(w.readings):len(w.readings)]
}

// put adds a number, rounded to the step of the sensor.
func (w *recorder) put(s vehicle.Signal, v, perUnit float64) {
	w.readings = append(w.readings, vehicle.Reading{Signal: s, Value: vehicle.Number(math.Round(v*perUnit) / perUnit)})
}

func (w *recorder) set(s vehicle.Signal, v vehicle.Value) {
	w.readings = append(w.readings, vehicle.Reading{Signal: s, Value: v})
}

// resting is what the car sees when it wakes, before the engine starts.
func (r *run) resting(w *recorder, at time.Time, first bool) {
	c := r.car
	w.open(c, at)
	if first {
		r.attributes(w)
	}
	w.put(vehicle.LowVoltage, r.restVolts(r.airC)+0.02*w.noise.normal(), 100)
	w.put(vehicle.TraveledDistance, r.odoM, 1)
	w.put(vehicle.AirTemperature, r.airC+0.4*w.noise.normal(), 2)
	if c.Cylinders > 0 {
		w.put(vehicle.CoolantTemperature, r.coolantC, 1)
		w.put(vehicle.FuelLevel, 100*r.fuel, 1)
	}
	if c.packKWh > 0 {
		w.put(vehicle.TractionSoC, 100*r.soc, 10)
		w.put(vehicle.TractionTemperature, r.packTemperature(0), 2)
		if first {
			w.put(vehicle.TractionSoH, r.reportedHealth(), 2)
			if c.PackSensors {
				w.put(vehicle.TractionCapacity, c.packKWh, 1)
			}
		}
	}
	if first {
		r.tyreSensors(w)
	}
	w.close()
}

// attributes is what a car says of itself once per boot.
func (r *run) attributes(w *recorder) {
	c := r.car
	w.set(vehicle.Brand, vehicle.Text(c.Brand))
	w.set(vehicle.Model, vehicle.Text(c.Model))
	w.put(vehicle.ModelYear, float64(c.ModelYear), 1)
	kind, fuel := "COMBUSTION", "GASOLINE"
	switch c.Powertrain {
	case vehicle.BatteryElectric:
		kind, fuel = "ELECTRIC", ""
	case vehicle.Hybrid:
		kind = "HYBRID"
	case vehicle.Diesel:
		fuel = "DIESEL"
	default: // petrol
	}
	w.set(vehicle.PowertrainType, vehicle.Text(kind))
	if fuel != "" {
		w.set(vehicle.SupportedFuel, vehicle.Text(fuel))
	}
}

// tyreSensors report pressure, which follows temperature at constant volume.
func (r *run) tyreSensors(w *recorder) {
	warm := (r.airC + 273) / 293
	for i, s := range [...]vehicle.Signal{tyreFL, tyreFR, tyreRL, tyreRR} {
		w.put(s, (345-r.tyreAir*(0.9+0.07*float64(i)))*warm-101+w.noise.normal(), 1)
	}
}

// cranking is the lowest moment while the starter turns.
func (r *run) cranking(w *recorder, at time.Time) {
	w.open(r.car, at)
	w.put(vehicle.LowVoltage, r.crankVolts(r.airC)+0.14*w.noise.normal(), 100)
	if p := r.car.Powertrain; p == vehicle.Petrol || p == vehicle.Diesel {
		w.put(vehicle.EngineSpeed, 190+25*w.noise.normal(), 1)
	}
	w.put(vehicle.Speed, 0, 1)
	w.close()
}

// place is the speed and the distance covered some seconds into a trip: a wave
// with a slow moment for each stop, so that speed is the slope of distance.
func (d drive) place(after float64) (kmh, km float64) {
	u := after / d.length
	depth := 0.9 * min(50/max(d.speed(), 1), 1)
	sin, cos := elementary.Turn(d.stops * u)
	kmh = d.speed() * (1 - depth*cos)
	km = d.km * (u - depth*sin/(2*math.Pi*d.stops))
	return kmh, km
}

// driving is a sample on the way.
func (r *run) driving(w *recorder, at time.Time, d drive, after float64) {
	c := r.car
	w.open(c, at)
	kmh, km := d.place(after)
	w.put(vehicle.Speed, kmh, 10)
	w.put(vehicle.TraveledDistance, r.odoM+km*1000, 1)
	w.put(vehicle.LowVoltage, r.runningVolts(&w.noise), 100)
	if c.Cylinders > 0 {
		r.engineSensors(w, d, after, kmh)
		used := km / 100 * c.litres / c.tankL
		w.put(vehicle.FuelLevel, 100*max(r.fuel-used, 0.02), 1)
	}
	if c.packKWh > 0 {
		w.put(vehicle.TractionSoC, 100*r.chargeAfter(km), 10)
		w.put(vehicle.TractionTemperature, r.packTemperature(after), 2)
		volts := 340 + 60*r.soc - 0.25*kmh + 1.5*w.noise.normal()
		w.put(vehicle.TractionVoltage, volts, 10)
		if c.PackSensors {
			w.put(vehicle.TractionCurrent, -1000*r.drawnKW(at, kmh)/volts, 10)
		}
	}
	w.put(vehicle.AirTemperature, r.airC+0.4*w.noise.normal(), 2)
	if c.Motion {
		along, across := c.accelerations(at)
		w.put(vehicle.LongitudinalAcceleration, along, 100)
		w.put(vehicle.LateralAcceleration, across, 100)
	}
	w.close()
}

func (r *run) engineSensors(w *recorder, d drive, after, kmh float64) {
	c := r.car
	coolantC, oilC := r.coolantHeat(d).after(after), r.oilHeat(d).after(after)
	rpm := c.tachometer(kmh, coolantC)
	if rpm > 0 {
		rpm = max(rpm+70*w.noise.normal(), 0)
	}
	w.put(vehicle.EngineSpeed, rpm, 1)
	w.put(vehicle.CoolantTemperature, coolantC+0.5*w.noise.normal(), 1)
	w.put(vehicle.OilTemperature, oilC+0.5*w.noise.normal(), 1)
	w.put(engineLoad, min(18+0.5*kmh+6*w.noise.normal()+10*c.aggression, 95), 10)
	if c.Powertrain == vehicle.Diesel {
		w.put(filterDelta, (1500+60*kmh)*(1+2.2*r.feel.filter)+80*w.noise.normal(), 0.01)
		return
	}
	bank1, bank2 := r.trims()
	atIdle := 1.0
	if kmh > 60 {
		atIdle = 0.6 // the leak matters less as the throttle opens
	}
	w.put(longTrim1, bank1*atIdle+0.6*w.noise.normal(), 10)
	w.put(shortTrim1, bank1*0.15+2*w.noise.normal(), 10)
	if c.Cylinders == 6 {
		w.put(longTrim2, bank2*atIdle+0.6*w.noise.normal(), 10)
	}
}

// tachometer is the engine's speed on the way, rpm.
func (c *car) tachometer(kmh, coolantC float64) float64 {
	if c.Powertrain == vehicle.Hybrid && kmh < 32 && coolantC > 55 {
		return 0 // the motor drives
	}
	return 790 + 15*kmh*(1+0.3*c.aggression)
}

// runningVolts is what alternator or DC-DC converter hold.
func (r *run) runningVolts(noise *random) float64 {
	return 14.2 - 2.2*r.feel.charging + 0.12*noise.normal()
}

func (r *run) packTemperature(after float64) float64 {
	return 20 + 0.6*(r.airC-12) + 4*math.Min(after/2400, 1) + 13*r.feel.pump
}

// arrived is the sample at the end of a trip; last adds what is read once a day.
func (r *run) arrived(w *recorder, at time.Time, last bool) {
	c := r.car
	w.open(c, at)
	w.put(vehicle.Speed, 0, 1)
	w.put(vehicle.TraveledDistance, r.odoM, 1)
	w.put(vehicle.LowVoltage, r.runningVolts(&w.noise), 100)
	if c.Cylinders > 0 {
		w.put(vehicle.CoolantTemperature, r.coolantC, 1)
		w.put(vehicle.OilTemperature, r.oilC, 1)
		w.put(vehicle.FuelLevel, 100*r.fuel, 1)
	}
	if c.packKWh > 0 {
		w.put(vehicle.TractionSoC, 100*r.soc, 10)
		w.put(vehicle.TractionTemperature, r.packTemperature(2400), 2)
	}
	if last {
		r.padSensors(w)
		r.oilSensor(w)
		r.treadSensors(w)
	}
	w.close()
}

func (r *run) padSensors(w *recorder) {
	switch r.car.PadSensor {
	case PadSensorGauged:
		w.put(vehicle.PadWearFrontLeft, r.padPercent(padsFront, 0), 1)
		w.put(vehicle.PadWearFrontRight, r.padPercent(padsFront, -0.04), 1)
		w.put(vehicle.PadWearRearLeft, r.padPercent(padsRear, 0), 1)
		w.put(vehicle.PadWearRearRight, r.padPercent(padsRear, -0.04), 1)
	case PadSensorWarn:
		w.set(vehicle.PadWornFrontLeft, vehicle.Bool(r.padMM(padsFront) < padContact))
		w.set(vehicle.PadWornRearLeft, vehicle.Bool(r.padMM(padsRear) < padContact))
	case PadSensorNone:
	}
}
