package j1979

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// The PIDs of service 01, SAE J1979-DA, as far as public sources and published
// captures confirm them. A raw value becomes raw*Num/Den + Offset in Unit, and
// that times Scale in the unit of the VSS signal.

// table is every PID pitcrew can read, in order of number.
func table() []PID {
	var all []PID
	for _, part := range [][]PID{engineTable(), oxygenTable(), extendedTable(), laterTable()} {
		all = append(all, part...)
	}
	return all
}

// engineTable is 00 to 23: what every OBD II car has.
func engineTable() []PID {
	return []PID{
		{0x00, 4, "supported PID bitmap 01-20", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0x01, 4, "monitor status since DTCs cleared", []Field{
			{Name: "mil_on", Bits: 1, Signal: "Vehicle.OBD.Status.IsMILOn"},
			{Name: "dtc_count", Bit: 1, Bits: 7, Signal: "Vehicle.OBD.Status.DTCCount"},
			{Name: "ignition_compression", Bit: 12, Bits: 1, Flag: true},
			{Name: "monitor_bits", Bit: 8, Bits: 24},
		}},
		{0x02, 2, "DTC that stored the freeze frame", []Field{{Name: "freeze_dtc", Bits: 16, Signal: "Vehicle.OBD.FreezeDTC"}}},
		{0x03, 2, "fuel system status", []Field{
			{Name: "fuel_system_1", Bits: 8},
			{Name: "fuel_system_2", Bit: 8, Bits: 8},
		}},
		{0x04, 1, "calculated engine load", []Field{{Name: "engine_load_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.EngineLoad"}}},
		{0x05, 1, "engine coolant temperature", []Field{{Name: "coolant_temp_c", Unit: "degC", Bits: 8, Num: 1, Den: 1, Offset: -40, Signal: vehicle.CoolantTemperature}}},
		{0x06, 1, "short-term fuel trim, bank 1", []Field{{Name: "short_fuel_trim_b1_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.ShortTermFuelTrim1"}}},
		{0x07, 1, "long-term fuel trim, bank 1", []Field{{Name: "long_fuel_trim_b1_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.LongTermFuelTrim1"}}},
		{0x08, 1, "short-term fuel trim, bank 2", []Field{{Name: "short_fuel_trim_b2_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.ShortTermFuelTrim2"}}},
		{0x09, 1, "long-term fuel trim, bank 2", []Field{{Name: "long_fuel_trim_b2_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.LongTermFuelTrim2"}}},
		{0x0A, 1, "fuel pressure (gauge)", []Field{{Name: "fuel_pressure_kpa", Unit: "kPa", Bits: 8, Num: 3, Den: 1, Signal: "Vehicle.OBD.FuelPressure"}}},
		{0x0B, 1, "intake manifold absolute pressure", []Field{{Name: "map_kpa", Unit: "kPa", Bits: 8, Signal: "Vehicle.Powertrain.CombustionEngine.MAP"}}},
		{0x0C, 2, "engine speed", []Field{{Name: "engine_rpm", Unit: "rpm", Bits: 16, Num: 1, Den: 4, Signal: vehicle.EngineSpeed}}},
		{0x0D, 1, "vehicle speed", []Field{{Name: "speed_kmh", Unit: "km/h", Bits: 8, Signal: vehicle.Speed}}},
		{0x0E, 1, "timing advance cyl 1", []Field{{Name: "timing_advance_deg", Unit: "deg", Bits: 8, Num: 1, Den: 2, Offset: -64, Signal: "Vehicle.OBD.TimingAdvance"}}},
		{0x0F, 1, "intake air temperature", []Field{{Name: "intake_air_temp_c", Unit: "degC", Bits: 8, Num: 1, Den: 1, Offset: -40, Signal: "Vehicle.OBD.IntakeTemp"}}},
		{0x10, 2, "MAF air flow", []Field{{Name: "maf_g_s", Unit: "g/s", Bits: 16, Num: 1, Den: 100, Signal: "Vehicle.Powertrain.CombustionEngine.MAF"}}},
		{0x11, 1, "absolute throttle position", []Field{{Name: "throttle_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.Powertrain.CombustionEngine.TPS"}}},
		{0x12, 1, "commanded secondary air status", []Field{{Name: "secondary_air_status", Bits: 8}}},
		{0x13, 1, "O2 sensors present (2 banks)", []Field{{Name: "o2_present_bits", Bits: 8, Signal: "Vehicle.OBD.OxygenSensorsIn2Banks"}}},
		{0x14, 2, "O2 sensor 1 voltage + trim", []Field{
			{Name: "o2_s1_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor1.Voltage"},
			{Name: "o2_s1_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor1.ShortTermFuelTrim"},
		}},
		{0x15, 2, "O2 sensor 2 voltage + trim", []Field{
			{Name: "o2_s2_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor2.Voltage"},
			{Name: "o2_s2_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor2.ShortTermFuelTrim"},
		}},
		{0x16, 2, "O2 sensor 3 voltage + trim", []Field{
			{Name: "o2_s3_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor3.Voltage"},
			{Name: "o2_s3_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor3.ShortTermFuelTrim"},
		}},
		{0x17, 2, "O2 sensor 4 voltage + trim", []Field{
			{Name: "o2_s4_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor4.Voltage"},
			{Name: "o2_s4_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor4.ShortTermFuelTrim"},
		}},
		{0x18, 2, "O2 sensor 5 voltage + trim", []Field{
			{Name: "o2_s5_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor5.Voltage"},
			{Name: "o2_s5_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor5.ShortTermFuelTrim"},
		}},
		{0x19, 2, "O2 sensor 6 voltage + trim", []Field{
			{Name: "o2_s6_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor6.Voltage"},
			{Name: "o2_s6_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor6.ShortTermFuelTrim"},
		}},
		{0x1A, 2, "O2 sensor 7 voltage + trim", []Field{
			{Name: "o2_s7_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor7.Voltage"},
			{Name: "o2_s7_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor7.ShortTermFuelTrim"},
		}},
		{0x1B, 2, "O2 sensor 8 voltage + trim", []Field{
			{Name: "o2_s8_v", Unit: "V", Bits: 8, Num: 1, Den: 200, Signal: "Vehicle.OBD.O2.Sensor8.Voltage"},
			{Name: "o2_s8_trim_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 128, Offset: -100, Absent: 0xFF, HasAbsent: true, Signal: "Vehicle.OBD.O2.Sensor8.ShortTermFuelTrim"},
		}},
		{0x1C, 1, "OBD requirement", []Field{{Name: "obd_standard", Bits: 8, Signal: "Vehicle.OBD.OBDStandards"}}},
		{0x1D, 1, "O2 sensors present (4 banks)", []Field{{Name: "o2_present_bits4", Bits: 8, Signal: "Vehicle.OBD.OxygenSensorsIn4Banks"}}},
		{0x1E, 1, "auxiliary input", []Field{{Name: "pto_active", Bit: 7, Bits: 1, Signal: "Vehicle.OBD.IsPTOActive"}}},
		{0x1F, 2, "run time since engine start", []Field{{Name: "run_time_s", Unit: "s", Bits: 16, Signal: "Vehicle.OBD.RunTime"}}},
		{0x20, 4, "supported PID bitmap 21-40", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0x21, 2, "distance with MIL on", []Field{{Name: "distance_mil_on_km", Unit: "km", Bits: 16, Signal: "Vehicle.OBD.DistanceWithMIL"}}},
		{0x22, 2, "fuel rail pressure relative to vacuum", []Field{{Name: "fuel_rail_pressure_rel_kpa", Unit: "kPa", Bits: 16, Num: 0.079, Den: 1, Signal: "Vehicle.OBD.FuelRailPressureVac"}}},
		{0x23, 2, "fuel rail gauge pressure", []Field{{Name: "fuel_rail_gauge_pressure_kpa", Unit: "kPa", Bits: 16, Num: 10, Den: 1, Signal: "Vehicle.OBD.FuelRailPressureDirect"}}},
	}
}
