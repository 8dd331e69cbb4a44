package dialect_test

import "testing"

// emqx is a message with one unit, collected on 1 February 2016, 02:59 in China.
func emqx(unit string) string {
	return `{"Cmd":2,"Encrypt":1,"Vin":"","Data":{"Infos":[` + unit + `],"Time":{"Year":16,"Month":2,"Day":1,"Hour":2,"Minute":59,"Second":0}}}`
}

func TestEMQX(t *testing.T) {
	t.Parallel()
	const vin = "1G1BL52P7TR115520"
	const info = "gbt32960/" + vin + "/upstream/info"
	command := func(n int) map[string]any { return map[string]any{"command": n} }
	run(t, "emqx_gbt32960", []message{
		{name: "vehicle", topic: info, device: vin, details: command(2),
			payload: emqx(`{"AcceleratorPedal":90,"BrakePedal":101,"Charging":3,"Current":15000,"DC":1,"Gear":13,"Mileage":999999,"Mode":1,"Resistance":6000,"SOC":50,"Speed":2000,"Status":1,"Type":"Vehicle","Voltage":5000}`),
			points: []string{
				"speed=200 km/h", "odometer=99999.9 km", "hv_voltage=500 V", "hv_current=500 A", "hv_soc=50 %", "insulation_resistance=6000 kOhm", "accelerator=90 %",
				"brake_pedal=none %", "state=on enum", "charge_state=not_charging enum", "drive_mode=electric enum", "dcdc_state=working enum", "gear=R enum",
			},
			stored: []string{
				"Chassis.Accelerator.PedalPosition=90", "Chassis.Brake.PedalPosition=0 invalid", "LowVoltageSystemState=ON",
				"Powertrain.TractionBattery.Charging.IsCharging=false", "Powertrain.TractionBattery.CurrentCurrent=-500", "Powertrain.TractionBattery.CurrentVoltage=500",
				"Powertrain.TractionBattery.InsulationResistance=6000", "Powertrain.TractionBattery.StateOfCharge.Current=50",
				"Powertrain.Transmission.CurrentGear=-1", "Powertrain.Transmission.SelectedGear=-1", "Speed=200", "TraveledDistance=9.99999e+07",
			}},
		{name: "marks", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"Vehicle","Speed":65534,"SOC":255,"Mileage":4294967295,"Voltage":10001,"Charging":254,"Status":9,"Gear":255,"Current":-1}`),
			points:  []string{"speed=none km/h", "odometer=none km", "hv_voltage=1000.1 V", "hv_current=none A", "hv_soc=none %", "state=none enum", "charge_state=none enum", "gear=none enum"},
			stored: []string{
				"Powertrain.TractionBattery.Charging.IsCharging=0 abnormal", "Powertrain.TractionBattery.CurrentVoltage=1000.1 out of range",
				"Powertrain.TractionBattery.StateOfCharge.Current=0 invalid", "Powertrain.Transmission.SelectedGear=0 invalid", "Speed=0 abnormal", "TraveledDistance=0 invalid",
			},
			refusals: []string{"Data.Infos[0].Current@0: want a whole number of 2 bytes", "Data.Infos[0].Status@0: state 9 is not defined"}},
		{name: "motors", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"DriveMotor","Number":2,"Motors":[{"No":1,"CtrlTemp":125,"Rotating":30000,"Torque":25000},{"No":2,"MotorTemp":145,"Status":2},7]}`),
			points:  []string{"inverter_temp=85 degC", "motor_rpm=10000 rpm", "motor_torque=500 Nm", "motor2_temp=105 degC", "motor2_state=generating enum"},
			stored: []string{
				"Powertrain.ElectricMotor.ControllerTemperature=85", "Powertrain.ElectricMotor.Speed=10000", "Powertrain.ElectricMotor.Torque=500",
				"Powertrain.ElectricMotor2.Temperature=105",
			}, refusals: []string{"Data.Infos[0].Motors[2]@0: want an object"}},
		{name: "fuel cell", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"FuelCell","CellVoltage":10000,"H_MaxTemp":1250,"ProbeTemps":[120,255],"DCStatus":2}`),
			points:  []string{"fuel_cell_voltage=1000 V", "hydrogen_temp_max=85 degC", "fuel_cell_dcdc_state=off enum", "fuel_cell_temps=[80 NaN] degC"},
			stored:  []string{"Powertrain.FuelCell.HydrogenTemperatureMax=85", "Powertrain.FuelCell.Voltage=1000"}},
		{name: "engine", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Engine","CrankshaftSpeed":2000,"FuelConsumption":753,"Status":1}`),
			points: []string{"engine_rpm=2000 rpm", "fuel_consumption=7.53 l/100km", "engine_state=on enum"},
			stored: []string{"Powertrain.CombustionEngine.IsRunning=true", "Powertrain.CombustionEngine.Speed=2000", "Powertrain.FuelSystem.InstantConsumption=7.53"}},
		{name: "south and west", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Location","Status":6,"Latitude":33448900,"Longitude":70669300}`),
			points: []string{"latitude=-33.4489 deg", "longitude=-70.6693 deg"}, stored: []string{"CurrentLocation.Latitude=-33.4489", "CurrentLocation.Longitude=-70.6693"}},
		{name: "no fix", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Location","Status":1,"Latitude":33448900,"Longitude":70669300}`),
			points: []string{"latitude=none deg", "longitude=none deg"}},
		{name: "no position", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Location","Status":0,"Latitude":1}`),
			refusals: []string{"Data.Infos[0]@0: want Status, Latitude and Longitude"}},
		{name: "cells and probes", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"ChargeableVoltage","SubSystems":[{"ChargeableSubsysNo":1,"ChargeableVoltage":3500,"ChargeableCurrent":10100,"CellsTotal":3,"FrameCellsIndex":1,"FrameCellsCount":3,"CellsVoltage":[3700,3710,3690]}]},` +
				`{"Type":"ChargeableTemp","SubSystems":[{"ChargeableSubsysNo":1,"ProbeNum":3,"ProbesTemp":[60,62,254]}]}`),
			points: []string{"pack_voltage_1=350 V", "pack_current_1=10 A", "pack_cells_1=3", "pack_first_cell_1=1", "cell_voltages_1=[3.7 3.71 3.69] V", "probe_temps_1=[20 22 NaN] degC"},
			stored: []string{
				"Powertrain.TractionBattery.CellVoltage.Average=3.7", "Powertrain.TractionBattery.CellVoltage.IdMax=2", "Powertrain.TractionBattery.CellVoltage.IdMin=3",
				"Powertrain.TractionBattery.CellVoltage.Max=3.71", "Powertrain.TractionBattery.CellVoltage.Min=3.69",
				"Powertrain.TractionBattery.CellVoltage.SubsystemMax=1", "Powertrain.TractionBattery.CellVoltage.SubsystemMin=1",
				"Powertrain.TractionBattery.Temperature.Average=21", "Powertrain.TractionBattery.Temperature.Max=22", "Powertrain.TractionBattery.Temperature.Min=20",
			}},
		{name: "extremes of the vehicle count", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"ChargeableTemp","SubSystems":[{"ProbesTemp":[60]}]},{"Type":"Extreme","MaxTemp":70,"MaxBatteryVoltage":3712,"MaxVoltageBatteryCode":4}`),
			points:  []string{"probe_temps_0=[20] degC", "cell_voltage_max_id=4", "cell_voltage_max=3.712 V", "hv_temp_max=30 degC"},
			stored: []string{
				"Powertrain.TractionBattery.CellVoltage.IdMax=4", "Powertrain.TractionBattery.CellVoltage.Max=3.712", "Powertrain.TractionBattery.Temperature.Average=20",
				"Powertrain.TractionBattery.Temperature.Max=30", "Powertrain.TractionBattery.Temperature.Min=20",
			}},
		{name: "alarms", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"Alarm","MaxAlarmLevel":2,"GeneralAlarmFlag":2052,"FaultChargeableDeviceNum":1,"FaultChargeableDeviceList":["00C8"],"FaultDriveMotorList":[],"FaultEngineList":[111],"FaultOthersList":["000000FF","FF"]}`),
			points:  []string{"alarm_level=2"}, codes: []string{"GBT-A02 40", "GBT-A11 40", "GBT-S000000C8 40", "GBT-E0000006F 40", "GBT-O000000FF 40"}},
		{name: "alarm list that cannot be read", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"Alarm","MaxAlarmLevel":0,"GeneralAlarmFlag":4,"FaultEngineList":["XYZ"]}`),
			points:  []string{"alarm_level=0"}, refusals: []string{"Data.Infos[0].FaultEngineList[0]@0: want 32 bits"}},
		{name: "alarms unknown to the vehicle", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"Alarm","MaxAlarmLevel":255,"GeneralAlarmFlag":4294967295}`), points: []string{"alarm_level=none"}},
		{name: "unknown unit", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Tea"},3`),
			refusals: []string{`Data.Infos[0]@0: unknown unit "Tea"`, "Data.Infos[1]@0: want an object"}},
		{name: "logout", topic: "gbt32960/" + vin + "/upstream/vlogout", device: vin, online: "false", details: map[string]any{"command": 4, "sequence": 7},
			payload: `{"Cmd":4,"Encrypt":1,"Vin":"` + vin + `","Data":{"Seq":7,"Time":{"Year":16,"Month":1,"Day":1,"Hour":2,"Minute":59,"Second":0}}}`},
		{name: "encrypted", topic: info, device: vin, details: command(2), payload: `{"Cmd":2,"Encrypt":3,"Data":"AAAA"}`, refusals: []string{"Encrypt@0: data is encrypted (3)"}},
		{name: "command to the vehicle", topic: "gbt32960/" + vin + "/dnstream", device: vin, payload: `{"Action":"Query"}`},
		{name: "another vehicle", topic: info, payload: `{"Cmd":2,"Vin":"LSJW74090PZ000001"}`, fails: `Vin@0: message is of "LSJW74090PZ000001"`},
		{name: "no vehicle", topic: "x", payload: `{"Cmd":2}`, fails: "Vin@0: neither topic nor message"},
		{name: "no command", topic: info, payload: `{"Cmd":"x"}`, fails: "Cmd@0: want a command"},
		{name: "no time", topic: info, payload: `{"Cmd":2,"Data":{}}`, fails: "Data.Time@0: missing"},
		{name: "30 February", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":2,"Day":30,"Hour":2,"Minute":59,"Second":0}}}`, fails: "Data.Time@0: day does not exist"},
		{name: "month 0", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":0,"Day":30,"Hour":2,"Minute":59,"Second":0}}}`, fails: "Data.Time@0: day does not exist"},
		{name: "hour 24", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":2,"Day":3,"Hour":24,"Minute":59,"Second":0}}}`, fails: "Data.Time@0: want Hour of 0 to 23"},
		{name: "future", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":30,"Month":2,"Day":3,"Hour":2,"Minute":59,"Second":0}}}`, fails: "Data.Time@0: time is more than 24h"},
	})
}
