package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

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
				"state=1 enum", "charge_state=3 enum", "drive_mode=1 enum", "speed=200 km/h", "odometer=99999.9 km", "hv_voltage=500 V", "hv_current=500 A",
				"hv_soc=50 %", "dcdc_state=1 enum", "gear=R enum", "insulation_resistance=6000 kOhm", "accelerator=90 %", "brake_pedal=101 %",
			},
			stored: []string{
				"Chassis.Accelerator.PedalPosition=90", "Chassis.Brake.PedalPosition=0 invalid", "LowVoltageSystemState=ON",
				"Powertrain.TractionBattery.Charging.IsCharging=false", "Powertrain.TractionBattery.CurrentCurrent=-500", "Powertrain.TractionBattery.CurrentVoltage=500",
				"Powertrain.TractionBattery.InsulationResistance=6000", "Powertrain.TractionBattery.StateOfCharge.Current=50",
				"Powertrain.Transmission.CurrentGear=-1", "Powertrain.Transmission.SelectedGear=-1", "Speed=200", "TraveledDistance=9.99999e+07",
			}},
		{name: "marks", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"Vehicle","Speed":65534,"SOC":255,"Mileage":4294967295,"Voltage":10001,"Charging":254,"Status":9,"Gear":255,"Current":-1,"DC":255,"Resistance":65536,"AcceleratorPedal":1.5,"Mode":"1"}`),
			points: []string{
				"state=9 enum", "charge_state=none enum", "drive_mode=none enum", "speed=none km/h", "odometer=none km", "hv_voltage=1000.1 V", "hv_current=none A",
				"hv_soc=none %", "dcdc_state=none enum", "gear=none enum", "insulation_resistance=none kOhm", "accelerator=none %", "brake_pedal=none %",
			},
			stored: []string{
				"Chassis.Accelerator.PedalPosition=0 invalid", "Chassis.Brake.PedalPosition=0 invalid",
				"Powertrain.TractionBattery.Charging.IsCharging=0 abnormal", "Powertrain.TractionBattery.CurrentCurrent=0 invalid", "Powertrain.TractionBattery.CurrentVoltage=1000.1 out of range",
				"Powertrain.TractionBattery.InsulationResistance=0 invalid", "Powertrain.TractionBattery.StateOfCharge.Current=0 invalid",
				"Powertrain.Transmission.SelectedGear=0 invalid", "Speed=0 abnormal", "TraveledDistance=0 invalid",
			},
			refusals: []string{
				"Data.Infos[0].Mode@227: want a whole number from 0 to 255", "Data.Infos[0].Current@163: want a whole number from 0 to 65535", "Data.Infos[0].Resistance@185: want a whole number from 0 to 65535",
				"Data.Infos[0].AcceleratorPedal@204: want a whole number from 0 to 255", "Data.Infos[0].BrakePedal@-1: want a whole number from 0 to 255",
			}},
		{name: "motors", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"DriveMotor","Number":2,"Motors":[{"No":1,"Status":1,"CtrlTemp":125,"Rotating":30000,"Torque":25000,"MotorTemp":100,"InputVoltage":3600,"DCBusCurrent":10200},7,` +
				`{"No":3,"Status":2,"CtrlTemp":255,"Rotating":65535,"Torque":65534,"MotorTemp":145,"InputVoltage":65535,"DCBusCurrent":65535}]}`),
			points: []string{
				"motor_state=1 enum", "inverter_temp=85 degC", "motor_rpm=10000 rpm", "motor_torque=500 Nm", "motor_temp=60 degC", "inverter_voltage=360 V", "inverter_current=20 A",
				"motor2_state=none enum", "inverter2_temp=none degC", "motor2_rpm=none rpm", "motor2_torque=none Nm", "motor2_temp=none degC", "inverter2_voltage=none V", "inverter2_current=none A",
				"motor3_state=2 enum", "inverter3_temp=none degC", "motor3_rpm=none rpm", "motor3_torque=none Nm", "motor3_temp=105 degC", "inverter3_voltage=none V", "inverter3_current=none A",
			},
			stored: []string{
				"Powertrain.ElectricMotor.ControllerTemperature=85", "Powertrain.ElectricMotor.InputCurrent=20", "Powertrain.ElectricMotor.InputVoltage=360",
				"Powertrain.ElectricMotor.Speed=10000", "Powertrain.ElectricMotor.Temperature=60", "Powertrain.ElectricMotor.Torque=500",
				"Powertrain.ElectricMotor2.ControllerTemperature=0 invalid", "Powertrain.ElectricMotor2.InputCurrent=0 invalid", "Powertrain.ElectricMotor2.InputVoltage=0 invalid",
				"Powertrain.ElectricMotor2.Speed=0 invalid", "Powertrain.ElectricMotor2.Temperature=0 invalid", "Powertrain.ElectricMotor2.Torque=0 invalid",
				"Powertrain.ElectricMotor3.ControllerTemperature=0 invalid", "Powertrain.ElectricMotor3.InputCurrent=0 invalid", "Powertrain.ElectricMotor3.InputVoltage=0 invalid",
				"Powertrain.ElectricMotor3.Speed=0 invalid", "Powertrain.ElectricMotor3.Temperature=105", "Powertrain.ElectricMotor3.Torque=0 abnormal",
			}, refusals: []string{"Data.Infos[0].Motors[1]@38: want an object"}},
		{name: "no list of motors", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"DriveMotor","Motors":{}}`),
			refusals: []string{"Data.Infos[0].Motors@68: want a list"}},
		{name: "fuel cell", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"FuelCell","CellVoltage":10000,"CellCurrent":200,"FuelConsumption":120,"ProbeTemps":[120,255,256],"H_MaxTemp":1250,"H_TempProbeCode":1,"H_MaxConc":500,"H_ConcSensorCode":2,"H_MaxPress":350,"H_PressSensorCode":3,"DCStatus":2}`),
			points: []string{
				"fuel_cell_voltage=1000 V", "fuel_cell_current=20 A", "hydrogen_rate=1.2 kg/100km", "fuel_cell_temps=[80 NaN NaN] degC", "hydrogen_temp_max=85 degC", "hydrogen_temp_probe=1",
				"hydrogen_concentration_max=500 mg/kg", "hydrogen_concentration_sensor=2", "hydrogen_pressure_max=35 MPa", "hydrogen_pressure_sensor=3", "fuel_cell_dcdc_state=2 enum",
			},
			stored: []string{
				"Powertrain.FuelCell.Current=20", "Powertrain.FuelCell.HydrogenConcentrationMax=500", "Powertrain.FuelCell.HydrogenConsumption=1.2",
				"Powertrain.FuelCell.HydrogenPressureMax=35", "Powertrain.FuelCell.HydrogenTemperatureMax=85", "Powertrain.FuelCell.Voltage=1000",
			}, refusals: []string{"Data.Infos[0].ProbeTemps[2]@38: want a whole number from 0 to 255"}},
		{name: "engine", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Engine","CrankshaftSpeed":2000,"FuelConsumption":753,"Status":1}`),
			points: []string{"engine_state=1 enum", "engine_rpm=2000 rpm", "fuel_consumption=7.53 l/100km"},
			stored: []string{"Powertrain.CombustionEngine.IsRunning=true", "Powertrain.CombustionEngine.Speed=2000", "Powertrain.FuelSystem.InstantConsumption=7.53"}},
		{name: "south and west", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Location","Status":6,"Latitude":33448900,"Longitude":70669300}`),
			points: []string{"latitude=-33.4489 deg", "longitude=-70.6693 deg"}, stored: []string{"CurrentLocation.CoordinateSystem=unspecified", "CurrentLocation.Latitude=-33.4489", "CurrentLocation.Longitude=-70.6693"}},
		{name: "no fix", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Location","Status":1,"Latitude":33448900,"Longitude":70669300}`),
			points: []string{"latitude=none deg", "longitude=none deg"}},
		{name: "no position", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Location","Status":0,"Latitude":1}`),
			points: []string{"latitude=1e-06 deg", "longitude=none deg"}, refusals: []string{"Data.Infos[0].Longitude@-1: want a whole number from 0 to 4294967295"}},
		{name: "cells and probes", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"ChargeableVoltage","SubSystems":[{"ChargeableSubsysNo":1,"ChargeableVoltage":3500,"ChargeableCurrent":10100,"CellsTotal":3,"FrameCellsIndex":1,"FrameCellsCount":3,"CellsVoltage":[3700,3710,3690]}]},` +
				`{"Type":"ChargeableTemp","SubSystems":[{"ChargeableSubsysNo":1,"ProbeNum":3,"ProbesTemp":[60,62,254]}]}`),
			points: []string{"pack_voltage_1=350 V", "pack_current_1=10 A", "cell_voltages_1=[3.7 3.71 3.69] V", "probe_temps_1=[20 22 NaN] degC"},
			stored: []string{
				"Powertrain.TractionBattery.CellVoltage.Average=3.7", "Powertrain.TractionBattery.CellVoltage.IdMax=2", "Powertrain.TractionBattery.CellVoltage.IdMin=3",
				"Powertrain.TractionBattery.CellVoltage.Max=3.71", "Powertrain.TractionBattery.CellVoltage.Min=3.69",
				"Powertrain.TractionBattery.CellVoltage.SubsystemMax=1", "Powertrain.TractionBattery.CellVoltage.SubsystemMin=1",
				"Powertrain.TractionBattery.Temperature.Average=21", "Powertrain.TractionBattery.Temperature.Max=22", "Powertrain.TractionBattery.Temperature.Min=20",
			}},
		{name: "some of the cells", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"ChargeableVoltage","SubSystems":[{"ChargeableSubsysNo":1,"ChargeableVoltage":3500,"ChargeableCurrent":10100,"CellsTotal":96,"FrameCellsIndex":1,"CellsVoltage":[3700,3710]}]}`),
			points:  []string{"pack_voltage_1=350 V", "pack_current_1=10 A", "cell_voltages_1=[3.7 3.71] V"}},
		{name: "extremes of the vehicle count", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"ChargeableTemp","SubSystems":[{"ChargeableSubsysNo":1,"ProbesTemp":[60]}]},{"Type":"Extreme","MaxVoltageBatterySubsysNo":1,"MaxVoltageBatteryCode":4,"MaxBatteryVoltage":3712,` +
				`"MinVoltageBatterySubsysNo":1,"MinVoltageBatteryCode":9,"MinBatteryVoltage":3700,"MaxTempSubsysNo":1,"MaxTempProbeNo":2,"MaxTemp":70,"MinTempSubsysNo":1,"MinTempProbeNo":3,"MinTemp":50}`),
			points: []string{
				"probe_temps_1=[20] degC", "cell_voltage_max_subsystem=1", "cell_voltage_max_id=4", "cell_voltage_max=3.712 V",
				"cell_voltage_min_subsystem=1", "cell_voltage_min_id=9", "cell_voltage_min=3.7 V",
				"hv_temp_max_subsystem=1", "hv_temp_max_probe=2", "hv_temp_max=30 degC", "hv_temp_min_subsystem=1", "hv_temp_min_probe=3", "hv_temp_min=10 degC",
			},
			stored: []string{
				"Powertrain.TractionBattery.CellVoltage.IdMax=4", "Powertrain.TractionBattery.CellVoltage.IdMin=9",
				"Powertrain.TractionBattery.CellVoltage.Max=3.712", "Powertrain.TractionBattery.CellVoltage.Min=3.7",
				"Powertrain.TractionBattery.CellVoltage.SubsystemMax=1", "Powertrain.TractionBattery.CellVoltage.SubsystemMin=1",
				"Powertrain.TractionBattery.Temperature.Average=20", "Powertrain.TractionBattery.Temperature.Max=30", "Powertrain.TractionBattery.Temperature.Min=10",
			}},
		{name: "alarms", topic: info, device: vin, details: command(2),
			payload: emqx(`{"Type":"Alarm","MaxAlarmLevel":2,"GeneralAlarmFlag":2052,"FaultChargeableDeviceNum":1,"FaultChargeableDeviceList":["00C8"],"FaultDriveMotorList":[],"FaultEngineList":[111],"FaultOthersList":["000000FF","FF"]}`),
			points:  []string{"alarm_level=2 enum"}, codes: []string{"GBT-A02 40", "GBT-A11 40", "GBT-S000000C8 40", "GBT-E0000006F 40", "GBT-O000000FF 40"}},
		{name: "alarms unknown to the vehicle", topic: info, device: vin, details: command(2), points: []string{"alarm_level=none enum"},
			payload: emqx(`{"Type":"Alarm","MaxAlarmLevel":255,"GeneralAlarmFlag":4294967295,"FaultChargeableDeviceList":[],"FaultDriveMotorList":[],"FaultEngineList":[],"FaultOthersList":[]}`)},
		{name: "same unit twice", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Engine","CrankshaftSpeed":2000,"FuelConsumption":0,"Status":3},{"Type":"Engine","CrankshaftSpeed":2001,"FuelConsumption":0,"Status":3}`),
			points: []string{"engine_state=3 enum", "engine_rpm=2000 rpm", "fuel_consumption=0 l/100km", "engine_state=3 enum", "engine_rpm=2001 rpm", "fuel_consumption=0 l/100km"},
			stored: []string{"Powertrain.CombustionEngine.Speed=2000", "Powertrain.FuelSystem.InstantConsumption=0"},
			refusals: []string{
				"Data.Infos@38: Vehicle.Powertrain.CombustionEngine.Speed is given twice", "Data.Infos@38: Vehicle.Powertrain.FuelSystem.InstantConsumption is given twice",
			}},
		{name: "too many units", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"DriveMotor","Motors":[]}` + strings.Repeat(`,{"Type":"DriveMotor","Motors":[]}`, 256)),
			refusals: []string{"Data.Infos@38: more than 256 units"}},
		{name: "no units", topic: info, device: vin, details: command(2), payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":2,"Day":3,"Hour":2,"Minute":59,"Second":0}}}`,
			refusals: []string{"Data.Infos@-1: want a list"}},
		{name: "unknown unit", topic: info, device: vin, details: command(2), payload: emqx(`{"Type":"Tea"},3`),
			refusals: []string{`Data.Infos[0]@38: unknown unit "Tea"`, "Data.Infos[1]@38: want an object"}},
		{name: "logout", topic: "gbt32960/" + vin + "/upstream/vlogout", device: vin, online: "false", details: map[string]any{"command": 4, "sequence": 7},
			payload: `{"Cmd":4,"Encrypt":1,"Vin":"` + vin + `","Data":{"Seq":7,"Time":{"Year":16,"Month":1,"Day":1,"Hour":2,"Minute":59,"Second":0}}}`},
		{name: "encrypted", topic: info, device: vin, details: command(2), payload: `{"Cmd":2,"Encrypt":3,"Data":"AAAA"}`, refusals: []string{"Encrypt@9: data unit is encrypted with AES-128 (03): not read"}},
		{name: "command to the vehicle", topic: "gbt32960/" + vin + "/dnstream", device: vin, payload: `{"Action":"Query"}`},
		{name: "another vehicle", topic: info, payload: `{"Cmd":2,"Vin":"LSJW74090PZ000001"}`, fails: `Vin@9: message is of "LSJW74090PZ000001"`},
		{name: "VIN is a number", topic: info, payload: `{"Cmd":2,"Vin":123}`, fails: "Vin@9: want a text"},
		{name: "no vehicle", topic: "x", payload: `{"Cmd":2}`, fails: "Vin@-1: neither topic nor message"},
		{name: "no command", topic: info, payload: `{"Cmd":"x"}`, fails: "Cmd@1: want a command"},
		{name: "no time", topic: info, payload: `{"Cmd":2,"Data":{}}`, fails: "Data.Time@-1: missing"},
		{name: "30 February", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":2,"Day":30,"Hour":2,"Minute":59,"Second":0}}}`, fails: "Data.Time@17: day does not exist"},
		{name: "month 0", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":0,"Day":30,"Hour":2,"Minute":59,"Second":0}}}`, fails: "Data.Time@17: day does not exist"},
		{name: "hour 24", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":16,"Month":2,"Day":3,"Hour":24,"Minute":59,"Second":0}}}`, fails: "Data.Time@17: want Hour of 0 to 23"},
		{name: "future", topic: info, payload: `{"Cmd":2,"Data":{"Time":{"Year":30,"Month":2,"Day":3,"Hour":2,"Minute":59,"Second":0}}}`, fails: "Data.Time@17: time is 24h0m0s or more ahead"},
	})
}

// TestEMQXAlarmsCut keeps what can be read of the alarms, and says that others may
// be there.
func TestEMQXAlarmsCut(t *testing.T) {
	t.Parallel()
	const lists = `"FaultChargeableDeviceList":[],"FaultDriveMotorList":[],"FaultOthersList":[1]`
	for name, tt := range map[string]struct {
		alarm    string
		codes    []string
		refusals []string
		covers   vehicle.CodeStatus
	}{
		"sound": {`{"Type":"Alarm","MaxAlarmLevel":0,"GeneralAlarmFlag":4,"FaultEngineList":[],` + lists + `}`, []string{"GBT-A02", "GBT-O00000001"}, nil, vehicle.CodeConfirmed},
		"no code": {`{"Type":"Alarm","MaxAlarmLevel":0,"GeneralAlarmFlag":4,"FaultEngineList":["****",111],` + lists + `}`, []string{"GBT-A02", "GBT-E0000006F", "GBT-O00000001"},
			[]string{"Data.Infos[0].FaultEngineList[0]@38: want 32 bits in hexadecimal digits"}, vehicle.CoversNone},
		"no list": {`{"Type":"Alarm","MaxAlarmLevel":0,"GeneralAlarmFlag":4,` + lists + `}`, []string{"GBT-A02", "GBT-O00000001"},
			[]string{"Data.Infos[0].FaultEngineList@-1: want a list"}, vehicle.CoversNone},
		"no flags": {`{"Type":"Alarm","MaxAlarmLevel":0,"GeneralAlarmFlag":4294967296,"FaultEngineList":[],` + lists + `}`, []string{"GBT-O00000001"},
			[]string{"Data.Infos[0].GeneralAlarmFlag@81: want a whole number from 0 to 4294967295"}, vehicle.CoversNone},
		"too many": {`{"Type":"Alarm","MaxAlarmLevel":0,"GeneralAlarmFlag":0,"FaultEngineList":[2` + strings.Repeat(",2", 253) + `],` + lists + `}`, []string{"GBT-E00000002", "GBT-O00000001"},
			[]string{"Data.Infos[0].FaultEngineList@102: more than 253 elements"}, vehicle.CoversNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := dialect.Lookup("emqx_gbt32960")
			r, err := d.Decode(dialect.Message{Topic: "gbt32960/x/upstream/info", Payload: []byte(emqx(tt.alarm)), Received: received})
			if err != nil || len(r.Codes) != 1 || !slices.Equal(r.Codes[0].Covers, []vehicle.CodeStatus{tt.covers}) {
				t.Fatalf("got %+v, %v", r.Codes, err)
			}
			if diff := cmp.Diff(tt.codes, codes(r)); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.refusals, shorten(refusals(r), tt.refusals)); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}
