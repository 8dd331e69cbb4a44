package gbt32960

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Branches of the signals.
const (
	battery  = "Vehicle.Powertrain.TractionBattery."
	motor    = "Vehicle.Powertrain.ElectricMotor"
	fuelCell = "Vehicle.Powertrain.FuelCell."
)

// The fields of GB/T 32960.3-2016, tables 9 to 18, and where the edition of 2025
// differs. Ranges of 2025 that could not be verified have no limit.
var (
	// Vehicle, unit 01.
	speed        = field{name: "speed_kmh", size: 2, per: 10, max: 2200, unit: "km/h", signal: vehicle.Speed}
	odometer     = field{name: "odometer_km", size: 4, per: 10, max: 9999999, unit: "km", signal: vehicle.TraveledDistance, factor: 1000}
	totalVoltage = field{name: "total_voltage_v", size: 2, per: 10, max: 10000, unit: "V", signal: battery + "CurrentVoltage"}
	totalCurrent = field{name: "total_current_a", size: 2, per: 10, offset: 10000, max: 20000, unit: "A", signal: battery + "CurrentCurrent", factor: -1}
	soc          = field{name: "soc_pct", size: 1, per: 1, max: 100, unit: "percent", signal: vehicle.TractionSoC}
	insulation   = field{name: "insulation_kohm", size: 2, per: 1, max: 60000, unit: "kOhm", signal: battery + "InsulationResistance"}
	accelerator  = field{name: "accelerator_pct", size: 1, per: 1, max: 100, unit: "percent", signal: "Vehicle.Chassis.Accelerator.PedalPosition"}
	brake        = field{name: "brake_pct", size: 1, per: 1, max: 100, unit: "percent", signal: "Vehicle.Chassis.Brake.PedalPosition"}

	totalVoltage2025 = field{name: "total_voltage_v", size: 2, per: 10, unit: "V", signal: battery + "CurrentVoltage"}
	totalCurrent2025 = field{name: "total_current_a", size: 2, per: 10, offset: 30000, max: 60000, unit: "A", signal: battery + "CurrentCurrent", factor: -1}

	// Drive motors, unit 02. The signals are those of the first motor.
	controllerTemperature = field{name: "controller_temp_c", size: 1, per: 1, offset: 40, max: 250, unit: "Celsius", signal: motor + ".ControllerTemperature"}
	motorSpeed            = field{name: "speed_rpm", size: 2, per: 1, offset: 20000, unit: "rpm", signal: motor + ".Speed"}
	motorTorque           = field{name: "torque_nm", size: 2, per: 10, offset: 20000, unit: "Nm", signal: motor + ".Torque"}
	motorTemperature      = field{name: "motor_temp_c", size: 1, per: 1, offset: 40, max: 250, unit: "Celsius", signal: motor + ".Temperature"}
	inputVoltage          = field{name: "controller_input_voltage_v", size: 2, per: 10, max: 60000, unit: "V", signal: motor + ".InputVoltage"}
	inputCurrent          = field{name: "dc_bus_current_a", size: 2, per: 10, offset: 10000, max: 20000, unit: "A", signal: motor + ".InputCurrent"}

	motorSpeed2025  = field{name: "speed_rpm", size: 2, per: 1, offset: 32000, unit: "rpm", signal: motor + ".Speed"}
	motorTorque2025 = field{name: "torque_nm", size: 4, per: 10, offset: 200000, unit: "Nm", signal: motor + ".Torque"}

	// Fuel cell, unit 03 of 2016.
	stackVoltage          = field{name: "voltage_v", size: 2, per: 10, max: 20000, unit: "V", signal: fuelCell + "Voltage"}
	stackCurrent          = field{name: "current_a", size: 2, per: 10, max: 20000, unit: "A", signal: fuelCell + "Current"}
	hydrogenRate          = field{name: "fuel_rate_kg_per_100km", size: 2, per: 100, max: 60000, unit: "kg/100km", signal: fuelCell + "HydrogenConsumption"}
	hydrogenTemperature   = field{name: "h2_max_temp_c", size: 2, per: 10, offset: 400, max: 2400, unit: "Celsius", signal: fuelCell + "HydrogenTemperatureMax"}
	hydrogenProbe         = field{name: "h2_max_temp_probe", size: 1, per: 1}
	hydrogenConcentration = field{name: "h2_max_conc_mg_per_kg", size: 2, per: 1, max: 60000, unit: "mg/kg", signal: fuelCell + "HydrogenConcentrationMax"}
	hydrogenSniffer       = field{name: "h2_max_conc_sensor", size: 1, per: 1}
	hydrogenPressure      = field{name: "h2_max_pressure_mpa", size: 2, per: 10, max: 1000, unit: "MPa", signal: fuelCell + "HydrogenPressureMax"}
	hydrogenManometer     = field{name: "h2_max_pressure_sensor", size: 1, per: 1}

	// Engine, unit 04.
	crankSpeed = field{name: "crank_speed_rpm", size: 2, per: 1, max: 60000, unit: "rpm", signal: vehicle.EngineSpeed}
	fuelRate   = field{name: "fuel_rate_l_per_100km", size: 2, per: 100, max: 60000, unit: "l/100km", signal: "Vehicle.Powertrain.FuelSystem.InstantConsumption"}

	// Position, unit 05. The sign is a bit of the status.
	east  = field{name: "longitude_deg", size: 4, per: 1e6, max: 180e6, unit: "degrees", signal: "Vehicle.CurrentLocation.Longitude"}
	west  = field{name: "longitude_deg", size: 4, per: -1e6, max: 180e6, unit: "degrees", signal: "Vehicle.CurrentLocation.Longitude"}
	north = field{name: "latitude_deg", size: 4, per: 1e6, max: 90e6, unit: "degrees", signal: "Vehicle.CurrentLocation.Latitude"}
	south = field{name: "latitude_deg", size: 4, per: -1e6, max: 90e6, unit: "degrees", signal: "Vehicle.CurrentLocation.Latitude"}

	// Extremes, unit 06 of 2016.
	maxVoltageSubsystem     = field{name: "max_v_subsystem", size: 1, per: 1, max: 250, signal: battery + "CellVoltage.SubsystemMax"}
	maxVoltageCell          = field{name: "max_v_cell", size: 1, per: 1, max: 250, signal: battery + "CellVoltage.IdMax"}
	maxVoltage              = field{name: "max_cell_v", size: 2, per: 1000, max: 15000, unit: "V", signal: battery + "CellVoltage.Max"}
	minVoltageSubsystem     = field{name: "min_v_subsystem", size: 1, per: 1, max: 250, signal: battery + "CellVoltage.SubsystemMin"}
	minVoltageCell          = field{name: "min_v_cell", size: 1, per: 1, max: 250, signal: battery + "CellVoltage.IdMin"}
	minVoltage              = field{name: "min_cell_v", size: 2, per: 1000, max: 15000, unit: "V", signal: battery + "CellVoltage.Min"}
	maxTemperatureSubsystem = field{name: "max_t_subsystem", size: 1, per: 1, max: 250}
	maxTemperatureProbe     = field{name: "max_t_probe", size: 1, per: 1, max: 250}
	maxTemperature          = field{name: "max_temp_c", size: 1, per: 1, offset: 40, max: 250, unit: "Celsius", signal: battery + "Temperature.Max"}
	minTemperatureSubsystem = field{name: "min_t_subsystem", size: 1, per: 1, max: 250}
	minTemperatureProbe     = field{name: "min_t_probe", size: 1, per: 1, max: 250}
	minTemperature          = field{name: "min_temp_c", size: 1, per: 1, offset: 40, max: 250, unit: "Celsius", signal: battery + "Temperature.Min"}

	// Subsystems of the battery, units 08 and 09 of 2016, 07 and 08 of 2025.
	subsystemVoltage     = field{name: "voltage_v", size: 2, per: 10, max: 10000, unit: "V"}
	subsystemCurrent     = field{name: "current_a", size: 2, per: 10, offset: 10000, max: 20000, unit: "A"}
	subsystemVoltage2025 = field{name: "voltage_v", size: 2, per: 10, unit: "V"}
	subsystemCurrent2025 = field{name: "current_a", size: 2, per: 10, offset: 30000, max: 60000, unit: "A"}
	cellVoltage          = field{name: "cells_v", size: 2, per: 1000, max: 60000, unit: "V"}
	probeTemperature     = field{name: "temps_c", size: 1, per: 1, offset: 40, max: 250, unit: "Celsius"}
)

// Signals that are made of more than one field.
const (
	signalState          = "Vehicle.LowVoltageSystemState"
	signalCharging       = battery + "Charging.IsCharging"
	signalSelectedGear   = "Vehicle.Powertrain.Transmission.SelectedGear"
	signalCurrentGear    = "Vehicle.Powertrain.Transmission.CurrentGear"
	signalRunning        = "Vehicle.Powertrain.CombustionEngine.IsRunning"
	signalCoordinates    = "Vehicle.CurrentLocation.CoordinateSystem"
	signalVoltageAverage = battery + "CellVoltage.Average"
)
