package gbt32960

import (
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// brakePressed is the brake pedal of a car that knows only that it is pressed.
const brakePressed = 101

// Vehicle is the unit of the vehicle as a whole, type 01. The codes are as sent;
// FE is abnormal and FF invalid.
type Vehicle struct {
	State       uint8  // 1 on, 2 off, 3 other
	ChargeState uint8  // 1 charging parked, 2 charging while driving, 3 not charging, 4 full
	RunMode     uint8  // 1 electric, 2 hybrid, 3 fuel
	Speed       Number // km/h, 0 to 220
	Odometer    Number // km, 0 to 999999.9
	Voltage     Number // V, 0 to 1000 in 2016
	Current     Number // A, positive out of the battery; -1000 to 1000, in 2025 -3000 to 3000
	SoC         Number // percent
	DCDC        uint8  // 1 works, 2 off
	Gear        Gear
	Insulation  Number // kOhm, 0 to 60000
	Accelerator Number // percent; 2016 only
	Brake       Number // percent, 101 for pressed without saying how far; 2016 only
}

// Type implements Unit.
func (u *Vehicle) Type(Edition) (uint8, bool) { return 0x01, true }

func (u *Vehicle) name() string { return "vehicle" }

func (u *Vehicle) walk(c coder, e Edition) {
	c.code("vehicle_state", &u.State)
	c.code("charge_state", &u.ChargeState)
	c.code("run_mode", &u.RunMode)
	c.number(&speed, &u.Speed)
	c.number(&odometer, &u.Odometer)
	if e == Edition2025 {
		c.number(&totalVoltage2025, &u.Voltage)
		c.number(&totalCurrent2025, &u.Current)
	} else {
		c.number(&totalVoltage, &u.Voltage)
		c.number(&totalCurrent, &u.Current)
	}
	c.number(&soc, &u.SoC)
	c.code("dcdc_state", &u.DCDC)
	c.gear(&u.Gear, e)
	c.number(&insulation, &u.Insulation)
	if e == Edition2016 {
		c.number(&accelerator, &u.Accelerator)
		c.number(&brake, &u.Brake)
	}
}

// Gear is the gear byte:
//
//	bits 3-0 gear: 0 neutral, 1 to 12, 13 reverse, 14 drive, 15 park
//	bit 4 braking force · bit 5 driving force · bit 7 position invalid, 2025 only
type Gear uint8

// Values of Gear.Position beside the numbered gears.
const (
	Neutral = 0
	Reverse = 13
	Drive   = 14
	Park    = 15
)

// Position is the gear: Neutral, 1 to 12, Reverse, Drive or Park.
func (g Gear) Position() int { return int(g & 0x0F) }

// Braking reports whether there is braking force.
func (g Gear) Braking() bool { return g&0x10 != 0 }

// Driving reports whether there is driving force.
func (g Gear) Driving() bool { return g&0x20 != 0 }

// Valid reports whether the position can be trusted, in the edition of 2025.
func (g Gear) Valid() bool { return g&0x80 == 0 }

// String names the position: "N", "1" to "12", "R", "D" or "P".
func (g Gear) String() string {
	switch p := g.Position(); p {
	case Neutral:
		return "N"
	case Reverse:
		return "R"
	case Drive:
		return "D"
	case Park:
		return "P"
	default:
		return strconv.Itoa(p)
	}
}

// Motors is the unit of the drive motors, type 02.
type Motors struct {
	List    []Motor
	Quality vehicle.Quality // abnormal or invalid: the vehicle sent no list
}

// Motor is one drive motor.
type Motor struct {
	Number                uint8  // counted from 1
	State                 uint8  // 1 consuming, 2 generating, 3 off, 4 ready; FE abnormal, FF invalid
	ControllerTemperature Number // Celsius, -40 to 210
	Speed                 Number // rpm
	Torque                Number // Nm
	Temperature           Number // Celsius, -40 to 210
	Voltage               Number // V at the controller; 2016 only
	Current               Number // A of the controller, direct current; 2016 only
}

// Type implements Unit.
func (u *Motors) Type(Edition) (uint8, bool) { return 0x02, true }

func (u *Motors) name() string { return "drive_motor" }

func (u *Motors) walk(c coder, e Edition) {
	elem := 12
	if e == Edition2025 {
		elem = 10
	}
	n := c.count("count", 1, elem, len(u.List), &u.Quality)
	if p := c.pool(); p != nil {
		u.List = take(&p.motors, n)
	}
	walkList(c, "motors", &u.List, func(m *Motor) { m.walk(c, e) })
}

func (u *Motors) cut(int) bool { return len(u.List) > 0 }

func (m *Motor) walk(c coder, e Edition) {
	c.code("no", &m.Number)
	c.code("state", &m.State)
	c.number(&controllerTemperature, &m.ControllerTemperature)
	if e == Edition2025 {
		c.number(&motorSpeed2025, &m.Speed)
		c.number(&motorTorque2025, &m.Torque)
		c.number(&motorTemperature, &m.Temperature)
		return
	}
	c.number(&motorSpeed, &m.Speed)
	c.number(&motorTorque, &m.Torque)
	c.number(&motorTemperature, &m.Temperature)
	c.number(&inputVoltage, &m.Voltage)
	c.number(&inputCurrent, &m.Current)
}

// FuelCell is the unit of the fuel cell, type 03 of 2016.
type FuelCell struct {
	Voltage             Number          // V, 0 to 2000
	Current             Number          // A, 0 to 2000
	HydrogenRate        Number          // kg/100km, 0 to 600
	Temperatures        []Temperature   // of the probes
	Quality             vehicle.Quality // abnormal or invalid: no list of temperatures
	HydrogenTemperature Number          // highest, Celsius, -40 to 200
	HydrogenProbe       Number          // where that is
	Concentration       Number          // highest of hydrogen, mg/kg, 0 to 60000
	ConcentrationSensor Number          // where that is
	Pressure            Number          // highest of hydrogen, MPa, 0 to 100
	PressureSensor      Number          // where that is
	DCDC                uint8           // high voltage: 1 works, 2 off; FE abnormal, FF invalid
}

// Type implements Unit.
func (u *FuelCell) Type(e Edition) (uint8, bool) { return 0x03, e == Edition2016 }

func (u *FuelCell) name() string { return "fuel_cell" }

func (u *FuelCell) walk(c coder, _ Edition) {
	c.number(&stackVoltage, &u.Voltage)
	c.number(&stackCurrent, &u.Current)
	c.number(&hydrogenRate, &u.HydrogenRate)
	n := c.count("probe_count", 2, 1, len(u.Temperatures), &u.Quality)
	if p := c.pool(); p != nil {
		u.Temperatures = take(&p.temperatures, n)
	}
	c.probes("probe_temps_c", u.Temperatures)
	c.number(&hydrogenTemperature, &u.HydrogenTemperature)
	c.number(&hydrogenProbe, &u.HydrogenProbe)
	c.number(&hydrogenConcentration, &u.Concentration)
	c.number(&hydrogenSniffer, &u.ConcentrationSensor)
	c.number(&hydrogenPressure, &u.Pressure)
	c.number(&hydrogenManometer, &u.PressureSensor)
	c.code("hv_dcdc_state", &u.DCDC)
}

// Engine is the unit of the combustion engine, type 04.
type Engine struct {
	State    uint8  // 1 on, 2 off; 2016 only
	Speed    Number // rpm of the crankshaft, 0 to 60000
	FuelRate Number // l/100km, 0 to 600; 2016 only
}

// Type implements Unit.
func (u *Engine) Type(Edition) (uint8, bool) { return 0x04, true }

func (u *Engine) name() string { return "engine" }

func (u *Engine) walk(c coder, e Edition) {
	if e == Edition2016 {
		c.code("engine_state", &u.State)
	}
	c.number(&crankSpeed, &u.Speed)
	if e == Edition2016 {
		c.number(&fuelRate, &u.FuelRate)
	}
}
