package dialect

import (
	"math"
	"strconv"

	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// gbtShown is how many motors are shown: as many as have signals.
const gbtShown = 4

// gbtPoints shows the units of a frame as the vehicle gave them: currents are
// positive out of the battery, and states are numbers of the standard.
func (c *collector) gbtPoints(units []gbt32960.Unit) {
	motors := 0
	for _, u := range units {
		switch u := u.(type) {
		case *gbt32960.Vehicle:
			c.gbtVehicle(u)
		case *gbt32960.Motors:
			for i := range u.List {
				if motors++; motors <= gbtShown {
					c.gbtMotor(&u.List[i], motors)
				}
			}
		case *gbt32960.FuelCell:
			c.gbtFuelCell(u)
		case *gbt32960.Engine:
			c.gbtState("engine_state", u.State)
			c.gbtNumber(nameEngineSpeed, "rpm", u.Speed)
			c.gbtNumber("fuel_consumption", "l/100km", u.FuelRate)
		case *gbt32960.Position:
			lat, lon := u.Latitude, u.Longitude
			if !u.Valid() {
				lat.Quality, lon.Quality = vehicle.QualityInvalid, vehicle.QualityInvalid
			}
			c.gbtNumber("latitude", "deg", lat)
			c.gbtNumber("longitude", "deg", lon)
		case *gbt32960.Extremes:
			c.gbtExtremes(u)
		case *gbt32960.Alarm:
			c.gbtState("alarm_level", u.MaxLevel)
		case *gbt32960.CellVoltages:
			for i := range u.Groups {
				c.gbtCells(&u.Groups[i])
			}
		case *gbt32960.Temperatures:
			for i := range u.Groups {
				g := &u.Groups[i]
				gbtList(c, "probe_temps_"+strconv.Itoa(int(g.Subsystem)), "degC", g.Probes, gbt32960.Temperature.Celsius)
			}
		}
	}
}

func (c *collector) gbtVehicle(u *gbt32960.Vehicle) {
	c.gbtState("state", u.State)
	c.gbtState("charge_state", u.ChargeState)
	c.gbtState("drive_mode", u.RunMode)
	c.gbtNumber(nameSpeed, "km/h", u.Speed)
	c.gbtNumber(nameOdometer, "km", u.Odometer)
	c.gbtNumber("hv_voltage", "V", u.Voltage)
	c.gbtNumber("hv_current", "A", u.Current)
	c.gbtNumber(nameSoC, "%", u.SoC)
	c.gbtState("dcdc_state", u.DCDC)
	gear := key{key: "gear", name: "gear", unit: "enum"}
	if known(uint8(u.Gear)) {
		c.text(gear, u.Gear.String())
	} else {
		c.none(gear)
	}
	c.gbtNumber("insulation_resistance", "kOhm", u.Insulation)
	c.gbtNumber("accelerator", "%", u.Accelerator)
	c.gbtNumber("brake_pedal", "%", u.Brake)
}

func (c *collector) gbtMotor(u *gbt32960.Motor, number int) {
	suffix := "_"
	if number > 1 {
		suffix = strconv.Itoa(number) + "_"
	}
	motor, inverter := "motor"+suffix, "inverter"+suffix
	c.gbtState(motor+"state", u.State)
	c.gbtNumber(inverter+"temp", "degC", u.ControllerTemperature)
	c.gbtNumber(motor+"rpm", "rpm", u.Speed)
	c.gbtNumber(motor+"torque", "Nm", u.Torque)
	c.gbtNumber(motor+"temp", "degC", u.Temperature)
	c.gbtNumber(inverter+"voltage", "V", u.Voltage)
	c.gbtNumber(inverter+"current", "A", u.Current)
}

func (c *collector) gbtFuelCell(u *gbt32960.FuelCell) {
	c.gbtNumber("fuel_cell_voltage", "V", u.Voltage)
	c.gbtNumber("fuel_cell_current", "A", u.Current)
	c.gbtNumber("hydrogen_rate", "kg/100km", u.HydrogenRate)
	gbtList(c, "fuel_cell_temps", "degC", u.Temperatures, gbt32960.Temperature.Celsius)
	c.gbtNumber("hydrogen_temp_max", "degC", u.HydrogenTemperature)
	c.gbtNumber("hydrogen_temp_probe", "", u.HydrogenProbe)
	c.gbtNumber("hydrogen_concentration_max", "mg/kg", u.Concentration)
	c.gbtNumber("hydrogen_concentration_sensor", "", u.ConcentrationSensor)
	c.gbtNumber("hydrogen_pressure_max", "MPa", u.Pressure)
	c.gbtNumber("hydrogen_pressure_sensor", "", u.PressureSensor)
	c.gbtState("fuel_cell_dcdc_state", u.DCDC)
}

func (c *collector) gbtExtremes(u *gbt32960.Extremes) {
	c.gbtNumber("cell_voltage_max_subsystem", "", u.MaxVoltageSubsystem)
	c.gbtNumber("cell_voltage_max_id", "", u.MaxVoltageCell)
	c.gbtNumber("cell_voltage_max", "V", u.MaxVoltage)
	c.gbtNumber("cell_voltage_min_subsystem", "", u.MinVoltageSubsystem)
	c.gbtNumber("cell_voltage_min_id", "", u.MinVoltageCell)
	c.gbtNumber("cell_voltage_min", "V", u.MinVoltage)
	c.gbtNumber("hv_temp_max_subsystem", "", u.MaxTemperatureSubsystem)
	c.gbtNumber("hv_temp_max_probe", "", u.MaxTemperatureProbe)
	c.gbtNumber("hv_temp_max", "degC", u.MaxTemperature)
	c.gbtNumber("hv_temp_min_subsystem", "", u.MinTemperatureSubsystem)
	c.gbtNumber("hv_temp_min_probe", "", u.MinTemperatureProbe)
	c.gbtNumber("hv_temp_min", "degC", u.MinTemperature)
}

func (c *collector) gbtCells(g *gbt32960.CellGroup) {
	number := strconv.Itoa(int(g.Subsystem))
	c.gbtNumber("pack_voltage_"+number, "V", g.Voltage)
	c.gbtNumber("pack_current_"+number, "A", g.Current)
	gbtList(c, "cell_voltages_"+number, "V", g.Cells, gbt32960.CellVoltage.Volts)
}

func (c *collector) gbtNumber(name, unit string, n gbt32960.Number) {
	c.point(Point{Key: name, Name: name, Unit: unit, Value: vehicle.Number(n.Value), None: !n.Known()})
}

// gbtState shows a code of one byte.
func (c *collector) gbtState(name string, code uint8) {
	c.point(Point{Key: name, Name: name, Unit: "enum", Value: vehicle.Number(float64(code)), None: !known(code)})
}

// known reports whether a code is none of the marks for abnormal and invalid.
func known(code uint8) bool { return code < 0xFE }

// gbtList shows a list; the elements that are abnormal or invalid are NaN.
func gbtList[T any](c *collector, name, unit string, list []T, value func(T) gbt32960.Number) {
	if len(list) == 0 {
		return
	}
	numbers := make([]float64, len(list))
	for i, e := range list {
		if n := value(e); n.Known() {
			numbers[i] = n.Value
		} else {
			numbers[i] = math.NaN()
		}
	}
	c.list(key{key: name, name: name, unit: unit}, numbers)
}
