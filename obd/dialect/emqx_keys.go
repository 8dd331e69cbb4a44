package dialect

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// gbtField is one raw number of a unit of GB/T 32960.3-2016:
//
//	value in the unit of the row = (raw - zero) / div
//
// The two highest numbers of its width mean abnormal (FE) and invalid (FF).
type gbtField struct {
	key
	bytes int    // width on the wire: 1, 2 or 4
	max   uint32 // largest valid raw number
	zero  float64
	div   float64 // 0 stands for 1
}

// gbtMotor is the branch of the first drive motor; a number after it names the
// others, up to gbtMotors.
const (
	gbtMotor  vehicle.Signal = "Vehicle.Powertrain.ElectricMotor"
	gbtMotors                = 4
)

// A brake pedal of 101 is pressed, and nobody knows how far.
const (
	gbtBrake   = "BrakePedal"
	gbtPressed = 101
)

// gbtFields lists the numbers of a unit by its Type (GB/T 32960.3-2016 tables 9 to
// 17). Total current counts positive what leaves the battery.
func gbtFields() map[string][]gbtField {
	const motor, fuelCell = gbtMotor + ".", "Vehicle.Powertrain.FuelCell."
	return map[string][]gbtField{
		"Vehicle": {
			{key{key: "Speed", name: nameSpeed, unit: "km/h", signal: vehicle.Speed}, 2, 2200, 0, 10},
			{key{key: "Mileage", name: nameOdometer, unit: "km", signal: vehicle.TraveledDistance, scale: metresPerKilometre}, 4, 9_999_999, 0, 10},
			{key{key: "Voltage", name: "hv_voltage", unit: "V", signal: tractionBattery + "CurrentVoltage"}, 2, 10_000, 0, 10},
			{key{key: "Current", name: "hv_current", unit: "A", signal: tractionBattery + "CurrentCurrent", scale: outIsPositive}, 2, 20_000, 10_000, 10},
			{key{key: "SOC", name: nameSoC, unit: "%", signal: vehicle.TractionSoC}, 1, 100, 0, 1},
			{key{key: "Resistance", name: "insulation_resistance", unit: "kOhm", signal: tractionBattery + "InsulationResistance"}, 2, 60_000, 0, 1},
			{key{key: "AcceleratorPedal", name: "accelerator", unit: "%", signal: "Vehicle.Chassis.Accelerator.PedalPosition"}, 1, 100, 0, 1},
			{key{key: gbtBrake, name: "brake_pedal", unit: "%", signal: "Vehicle.Chassis.Brake.PedalPosition"}, 1, 100, 0, 1},
		},
		"DriveMotor": {
			{key{key: "CtrlTemp", name: "inverter_temp", unit: "degC", signal: motor + "ControllerTemperature"}, 1, 250, 40, 1},
			{key{key: "Rotating", name: "motor_rpm", unit: "rpm", signal: motor + "Speed"}, 2, 65_531, 20_000, 1},
			{key{key: "Torque", name: "motor_torque", unit: "Nm", signal: motor + "Torque"}, 2, 65_531, 20_000, 10},
			{key{key: "MotorTemp", name: "motor_temp", unit: "degC", signal: motor + "Temperature"}, 1, 250, 40, 1},
			{key{key: "InputVoltage", name: "inverter_voltage", unit: "V", signal: motor + "InputVoltage"}, 2, 60_000, 0, 10},
			{key{key: "DCBusCurrent", name: "inverter_current", unit: "A", signal: motor + "InputCurrent"}, 2, 20_000, 10_000, 10},
		},
		"FuelCell": {
			{key{key: "CellVoltage", name: "fuel_cell_voltage", unit: "V", signal: fuelCell + "Voltage"}, 2, 20_000, 0, 10},
			{key{key: "CellCurrent", name: "fuel_cell_current", unit: "A", signal: fuelCell + "Current"}, 2, 20_000, 0, 10},
			{key{key: "FuelConsumption", name: "hydrogen_rate", unit: "kg/100km", signal: fuelCell + "HydrogenConsumption"}, 2, 60_000, 0, 100},
			{key{key: "H_MaxTemp", name: "hydrogen_temp_max", unit: "degC", signal: fuelCell + "HydrogenTemperatureMax"}, 2, 2400, 400, 10},
			{key{key: "H_TempProbeCode", name: "hydrogen_temp_probe"}, 1, 252, 0, 1},
			{key{key: "H_MaxConc", name: "hydrogen_concentration_max", unit: "mg/kg", signal: fuelCell + "HydrogenConcentrationMax"}, 2, 60_000, 0, 1},
			{key{key: "H_ConcSensorCode", name: "hydrogen_concentration_sensor"}, 1, 252, 0, 1},
			{key{key: "H_MaxPress", name: "hydrogen_pressure_max", unit: "MPa", signal: fuelCell + "HydrogenPressureMax"}, 2, 1000, 0, 10},
			{key{key: "H_PressSensorCode", name: "hydrogen_pressure_sensor"}, 1, 252, 0, 1},
		},
		"Engine": {
			{key{key: "CrankshaftSpeed", name: nameEngineSpeed, unit: "rpm", signal: vehicle.EngineSpeed}, 2, 60_000, 0, 1},
			{key{key: "FuelConsumption", name: "fuel_consumption", unit: "l/100km", signal: "Vehicle.Powertrain.FuelSystem.InstantConsumption"}, 2, 60_000, 0, 100},
		},
		"Extreme": {
			{key{key: "MaxVoltageBatterySubsysNo", name: "cell_voltage_max_subsystem", signal: tractionBattery + "CellVoltage.SubsystemMax"}, 1, 250, 0, 1},
			{key{key: "MaxVoltageBatteryCode", name: "cell_voltage_max_id", signal: tractionBattery + "CellVoltage.IdMax"}, 1, 250, 0, 1},
			{key{key: "MaxBatteryVoltage", name: "cell_voltage_max", unit: "V", signal: tractionBattery + "CellVoltage.Max"}, 2, 15_000, 0, 1000},
			{key{key: "MinVoltageBatterySubsysNo", name: "cell_voltage_min_subsystem", signal: tractionBattery + "CellVoltage.SubsystemMin"}, 1, 250, 0, 1},
			{key{key: "MinVoltageBatteryCode", name: "cell_voltage_min_id", signal: tractionBattery + "CellVoltage.IdMin"}, 1, 250, 0, 1},
			{key{key: "MinBatteryVoltage", name: "cell_voltage_min", unit: "V", signal: tractionBattery + "CellVoltage.Min"}, 2, 15_000, 0, 1000},
			{key{key: "MaxTempSubsysNo", name: "hv_temp_max_subsystem"}, 1, 250, 0, 1},
			{key{key: "MaxTempProbeNo", name: "hv_temp_max_probe"}, 1, 250, 0, 1},
			{key{key: "MaxTemp", name: "hv_temp_max", unit: "degC", signal: tractionBattery + "Temperature.Max"}, 1, 250, 40, 1},
			{key{key: "MinTempSubsysNo", name: "hv_temp_min_subsystem"}, 1, 250, 0, 1},
			{key{key: "MinTempProbeNo", name: "hv_temp_min_probe"}, 1, 250, 0, 1},
			{key{key: "MinTemp", name: "hv_temp_min", unit: "degC", signal: tractionBattery + "Temperature.Min"}, 1, 250, 40, 1},
		},
		"ChargeableVoltage": {
			{key{key: "ChargeableVoltage", name: "pack_voltage", unit: "V"}, 2, 10_000, 0, 10},
			{key{key: "ChargeableCurrent", name: "pack_current", unit: "A"}, 2, 20_000, 10_000, 10},
			{key{key: "CellsTotal", name: "pack_cells"}, 2, 65_531, 0, 1},
			{key{key: "FrameCellsIndex", name: "pack_first_cell"}, 2, 65_531, 0, 1},
		},
		"ChargeableTemp": nil,
	}
}

// The elements of lists.
var (
	gbtCell  = gbtField{key{key: "CellsVoltage", name: "cell_voltages", unit: "V"}, 2, 60_000, 0, 1000}
	gbtProbe = gbtField{key{key: "ProbesTemp", name: "probe_temps", unit: "degC"}, 1, 250, 40, 1}
	gbtStack = gbtField{key{key: "ProbeTemps", name: "fuel_cell_temps", unit: "degC"}, 1, 240, 40, 1}
)

// gbtState is a number of one byte that stands for a word.
type gbtState struct {
	key
	words map[uint64]string
	is    map[uint64]vehicle.Value // what to store under the signal
}

// gbtStates lists the states of a unit by its Type.
func gbtStates() map[string][]gbtState {
	return map[string][]gbtState{
		"Vehicle": {
			{
				key{key: "Status", name: "state", unit: "enum", signal: "Vehicle.LowVoltageSystemState"},
				map[uint64]string{1: "on", 2: "off", 3: "other"},
				map[uint64]vehicle.Value{1: vehicle.Text("ON"), 2: vehicle.Text("OFF")},
			},
			{
				key{key: "Charging", name: "charge_state", unit: "enum", signal: charging + "IsCharging"},
				map[uint64]string{1: "charging_parked", 2: "charging_driving", 3: "not_charging", 4: "full"},
				map[uint64]vehicle.Value{1: vehicle.Bool(true), 2: vehicle.Bool(true), 3: vehicle.Bool(false), 4: vehicle.Bool(false)},
			},
			{key{key: "Mode", name: "drive_mode", unit: "enum"}, map[uint64]string{1: "electric", 2: "hybrid", 3: "fuel"}, nil},
			{key{key: "DC", name: "dcdc_state", unit: "enum"}, map[uint64]string{1: "working", 2: "off"}, nil},
		},
		"DriveMotor": {
			{key{key: "Status", name: "motor_state", unit: "enum"}, map[uint64]string{1: "consuming", 2: "generating", 3: "off", 4: "ready"}, nil},
		},
		"FuelCell": {
			{key{key: "DCStatus", name: "fuel_cell_dcdc_state", unit: "enum"}, map[uint64]string{1: "working", 2: "off"}, nil},
		},
		"Engine": {
			{
				key{key: "Status", name: "engine_state", unit: "enum", signal: "Vehicle.Powertrain.CombustionEngine.IsRunning"},
				map[uint64]string{1: "on", 2: "off"},
				map[uint64]vehicle.Value{1: vehicle.Bool(true), 2: vehicle.Bool(false)},
			},
		},
	}
}

// gbtFaults lists the fault lists of the alarm unit and the letter of their codes.
func gbtFaults() []struct {
	key  string
	list byte
} {
	return []struct {
		key  string
		list byte
	}{
		{"FaultChargeableDeviceList", 'S'},
		{"FaultDriveMotorList", 'M'},
		{"FaultEngineList", 'E'},
		{"FaultOthersList", 'O'},
	}
}
