package j1979

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// oxygenTable is 24 to 3B: wide-range oxygen sensors, the counters since the
// codes were cleared, and pressures.
func oxygenTable() []PID {
	return []PID{
		{0x24, 4, "wide-range O2 sensor 1 lambda + voltage", []Field{
			{Name: "o2_s1_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor1.Lambda"},
			{Name: "o2_s1_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor1.Voltage"},
		}},
		{0x25, 4, "wide-range O2 sensor 2 lambda + voltage", []Field{
			{Name: "o2_s2_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor2.Lambda"},
			{Name: "o2_s2_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor2.Voltage"},
		}},
		{0x26, 4, "wide-range O2 sensor 3 lambda + voltage", []Field{
			{Name: "o2_s3_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor3.Lambda"},
			{Name: "o2_s3_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor3.Voltage"},
		}},
		{0x27, 4, "wide-range O2 sensor 4 lambda + voltage", []Field{
			{Name: "o2_s4_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor4.Lambda"},
			{Name: "o2_s4_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor4.Voltage"},
		}},
		{0x28, 4, "wide-range O2 sensor 5 lambda + voltage", []Field{
			{Name: "o2_s5_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor5.Lambda"},
			{Name: "o2_s5_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor5.Voltage"},
		}},
		{0x29, 4, "wide-range O2 sensor 6 lambda + voltage", []Field{
			{Name: "o2_s6_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor6.Lambda"},
			{Name: "o2_s6_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor6.Voltage"},
		}},
		{0x2A, 4, "wide-range O2 sensor 7 lambda + voltage", []Field{
			{Name: "o2_s7_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor7.Lambda"},
			{Name: "o2_s7_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor7.Voltage"},
		}},
		{0x2B, 4, "wide-range O2 sensor 8 lambda + voltage", []Field{
			{Name: "o2_s8_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor8.Lambda"},
			{Name: "o2_s8_wide_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 8192, Signal: "Vehicle.OBD.O2WR.Sensor8.Voltage"},
		}},
		{0x2C, 1, "commanded EGR", []Field{{Name: "egr_cmd_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.CommandedEGR"}}},
		{0x2D, 1, "EGR error", []Field{{Name: "egr_error_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.EGRError"}}},
		{0x2E, 1, "commanded evap purge", []Field{{Name: "evap_purge_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.CommandedEVAP"}}},
		{0x2F, 1, "fuel tank level", []Field{{Name: "fuel_level_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: vehicle.FuelLevel}}},
		{0x30, 1, "warm-ups since codes cleared", []Field{{Name: "warmups_since_clear", Bits: 8, Signal: "Vehicle.OBD.WarmupsSinceDTCClear"}}},
		{0x31, 2, "distance since codes cleared", []Field{{Name: "distance_since_clear_km", Unit: "km", Bits: 16, Signal: "Vehicle.OBD.DistanceSinceDTCClear"}}},
		{0x32, 2, "evap vapour pressure", []Field{{Name: "evap_vapor_pressure_pa", Unit: "Pa", Bits: 16, Signed: true, Num: 1, Den: 4, Signal: "Vehicle.OBD.EVAPVaporPressure"}}},
		{0x33, 1, "barometric pressure", []Field{{Name: "barometric_kpa", Unit: "kPa", Bits: 8, Signal: "Vehicle.OBD.BarometricPressure"}}},
		{0x34, 4, "wide-range O2 sensor 1 lambda + current", []Field{
			{Name: "o2_s1_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor1.Lambda"},
			{Name: "o2_s1_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor1.Current", Scale: 0.001},
		}},
		{0x35, 4, "wide-range O2 sensor 2 lambda + current", []Field{
			{Name: "o2_s2_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor2.Lambda"},
			{Name: "o2_s2_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor2.Current", Scale: 0.001},
		}},
		{0x36, 4, "wide-range O2 sensor 3 lambda + current", []Field{
			{Name: "o2_s3_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor3.Lambda"},
			{Name: "o2_s3_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor3.Current", Scale: 0.001},
		}},
		{0x37, 4, "wide-range O2 sensor 4 lambda + current", []Field{
			{Name: "o2_s4_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor4.Lambda"},
			{Name: "o2_s4_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor4.Current", Scale: 0.001},
		}},
		{0x38, 4, "wide-range O2 sensor 5 lambda + current", []Field{
			{Name: "o2_s5_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor5.Lambda"},
			{Name: "o2_s5_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor5.Current", Scale: 0.001},
		}},
		{0x39, 4, "wide-range O2 sensor 6 lambda + current", []Field{
			{Name: "o2_s6_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor6.Lambda"},
			{Name: "o2_s6_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor6.Current", Scale: 0.001},
		}},
		{0x3A, 4, "wide-range O2 sensor 7 lambda + current", []Field{
			{Name: "o2_s7_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor7.Lambda"},
			{Name: "o2_s7_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor7.Current", Scale: 0.001},
		}},
		{0x3B, 4, "wide-range O2 sensor 8 lambda + current", []Field{
			{Name: "o2_s8_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.O2WR.Sensor8.Lambda"},
			{Name: "o2_s8_current_ma", Unit: "mA", Bit: 16, Bits: 16, Num: 1, Den: 256, Offset: -128, Signal: "Vehicle.OBD.O2WR.Sensor8.Current", Scale: 0.001},
		}},
	}
}

// extendedTable is 3C to 5F.
func extendedTable() []PID {
	return []PID{
		{0x3C, 2, "catalyst temp b1s1", []Field{{Name: "catalyst_temp_b1s1_c", Unit: "degC", Bits: 16, Num: 1, Den: 10, Offset: -40, Signal: "Vehicle.OBD.Catalyst.Bank1.Temperature1"}}},
		{0x3D, 2, "catalyst temp b2s1", []Field{{Name: "catalyst_temp_b2s1_c", Unit: "degC", Bits: 16, Num: 1, Den: 10, Offset: -40, Signal: "Vehicle.OBD.Catalyst.Bank2.Temperature1"}}},
		{0x3E, 2, "catalyst temp b1s2", []Field{{Name: "catalyst_temp_b1s2_c", Unit: "degC", Bits: 16, Num: 1, Den: 10, Offset: -40, Signal: "Vehicle.OBD.Catalyst.Bank1.Temperature2"}}},
		{0x3F, 2, "catalyst temp b2s2", []Field{{Name: "catalyst_temp_b2s2_c", Unit: "degC", Bits: 16, Num: 1, Den: 10, Offset: -40, Signal: "Vehicle.OBD.Catalyst.Bank2.Temperature2"}}},
		{0x40, 4, "supported PID bitmap 41-60", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0x41, 4, "monitor status this drive cycle", []Field{{Name: "monitor_bits", Bit: 8, Bits: 24}}},
		{0x42, 2, "control module voltage", []Field{{Name: "module_voltage_v", Unit: "V", Bits: 16, Num: 1, Den: 1000, Signal: vehicle.LowVoltage}}},
		{0x43, 2, "absolute load", []Field{{Name: "absolute_load_pct", Unit: "%", Bits: 16, Num: 100, Den: 255, Signal: "Vehicle.OBD.AbsoluteLoad"}}},
		{0x44, 2, "commanded equivalence ratio", []Field{{Name: "commanded_lambda", Unit: "ratio", Bits: 16, Num: 1, Den: 32768, Signal: "Vehicle.OBD.CommandedEquivalenceRatio"}}},
		{0x45, 1, "relative throttle", []Field{{Name: "relative_throttle_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.RelativeThrottlePosition"}}},
		{0x46, 1, "ambient air temperature", []Field{{Name: "ambient_temp_c", Unit: "degC", Bits: 8, Num: 1, Den: 1, Offset: -40, Signal: vehicle.AirTemperature}}},
		{0x47, 1, "throttle b", []Field{{Name: "throttle_b_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.ThrottlePositionB"}}},
		{0x48, 1, "throttle c", []Field{{Name: "throttle_c_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.ThrottlePositionC"}}},
		{0x49, 1, "accel pedal d", []Field{{Name: "accel_pedal_d_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.AcceleratorPositionD"}}},
		{0x4A, 1, "accel pedal e", []Field{{Name: "accel_pedal_e_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.AcceleratorPositionE"}}},
		{0x4B, 1, "accel pedal f", []Field{{Name: "accel_pedal_f_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.AcceleratorPositionF"}}},
		{0x4C, 1, "throttle cmd", []Field{{Name: "throttle_cmd_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.ThrottleActuator"}}},
		{0x4D, 2, "engine run time with MIL on", []Field{{Name: "time_mil_on_min", Unit: "min", Bits: 16, Signal: "Vehicle.OBD.RunTimeMIL"}}},
		{0x4E, 2, "time since codes cleared", []Field{{Name: "time_since_clear_min", Unit: "min", Bits: 16, Signal: "Vehicle.OBD.TimeSinceDTCCleared"}}},
		{0x4F, 4, "maxima for lambda, O2 voltage, O2 current, MAP", []Field{
			{Name: "max_lambda", Bits: 8, Absent: 0, HasAbsent: true},
			{Name: "max_o2_v", Unit: "V", Bit: 8, Bits: 8, Absent: 0, HasAbsent: true},
			{Name: "max_o2_ma", Unit: "mA", Bit: 16, Bits: 8, Absent: 0, HasAbsent: true},
			{Name: "max_map_kpa", Unit: "kPa", Bit: 24, Bits: 8, Num: 10, Den: 1, Absent: 0, HasAbsent: true},
		}},
		{0x50, 4, "max MAF", []Field{{Name: "max_maf_g_s", Unit: "g/s", Bits: 8, Num: 10, Den: 1, Signal: "Vehicle.OBD.MaxMAF"}}},
		{0x51, 1, "fuel type", []Field{{Name: "fuel_type", Bits: 8, Signal: "Vehicle.OBD.FuelType"}}},
		{0x52, 1, "ethanol", []Field{{Name: "ethanol_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.EthanolPercent"}}},
		{0x53, 2, "absolute evap vapour pressure", []Field{{Name: "evap_abs_kpa", Unit: "kPa", Bits: 16, Num: 1, Den: 200, Signal: "Vehicle.OBD.EVAPVaporPressureAbsolute"}}},
		{0x54, 2, "evap vapour pressure (wide)", []Field{{Name: "evap_wide_pa", Unit: "Pa", Bits: 16, Signed: true, Signal: "Vehicle.OBD.EVAPVaporPressureAlternate"}}},
		{0x55, 1, "short o2 trim b1", []Field{{Name: "short_o2_trim_b1_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.ShortTermO2Trim1"}}},
		{0x56, 1, "long o2 trim b1", []Field{{Name: "long_o2_trim_b1_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.LongTermO2Trim1"}}},
		{0x57, 1, "short o2 trim b2", []Field{{Name: "short_o2_trim_b2_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.ShortTermO2Trim2"}}},
		{0x58, 1, "long o2 trim b2", []Field{{Name: "long_o2_trim_b2_pct", Unit: "%", Bits: 8, Num: 100, Den: 128, Offset: -100, Signal: "Vehicle.OBD.LongTermO2Trim2"}}},
		{0x59, 2, "fuel rail absolute pressure", []Field{{Name: "fuel_rail_abs_kpa", Unit: "kPa", Bits: 16, Num: 10, Den: 1, Signal: "Vehicle.OBD.FuelRailPressureAbsolute"}}},
		{0x5A, 1, "relative accel pedal", []Field{{Name: "relative_accel_pedal_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: "Vehicle.OBD.RelativeAcceleratorPosition"}}},
		{0x5B, 1, "hybrid/EV battery pack remaining life (SoC)", []Field{{Name: "hv_battery_soc_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: vehicle.TractionSoC}}},
		{0x5C, 1, "engine oil temperature", []Field{{Name: "oil_temp_c", Unit: "degC", Bits: 8, Num: 1, Den: 1, Offset: -40, Signal: vehicle.OilTemperature}}},
		{0x5D, 2, "fuel injection timing", []Field{{Name: "injection_timing_deg", Unit: "deg", Bits: 16, Num: 1, Den: 128, Offset: -210, Signal: "Vehicle.OBD.FuelInjectionTiming"}}},
		{0x5E, 2, "engine fuel rate", []Field{{Name: "fuel_rate_l_h", Unit: "L/h", Bits: 16, Num: 1, Den: 20, Signal: "Vehicle.OBD.FuelRate"}}},
		{0x5F, 1, "emission requirement", []Field{{Name: "emission_standard", Bits: 8}}},
	}
}

// laterTable is 60 to E0: torque, sensor groups with support bits in their first
// byte, hybrid and electric vehicles, odometer.
//
// The current of PID 9A is positive when the battery gives (a capture of a Ford
// hybrid shows the voltage rise with negative current), VSS is positive when it
// is charged: hence the scale of -1.
func laterTable() []PID {
	return []PID{
		{0x60, 4, "supported PID bitmap 61-80", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0x61, 1, "driver demand torque", []Field{{Name: "driver_demand_torque_pct", Unit: "%", Bits: 8, Num: 1, Den: 1, Offset: -125, Signal: "Vehicle.OBD.DriverDemandTorque"}}},
		{0x62, 1, "actual engine torque", []Field{{Name: "actual_torque_pct", Unit: "%", Bits: 8, Num: 1, Den: 1, Offset: -125, Signal: "Vehicle.OBD.ActualEngineTorque"}}},
		{0x63, 2, "reference torque", []Field{{Name: "reference_torque_nm", Unit: "Nm", Bits: 16, Signal: "Vehicle.OBD.EngineReferenceTorque"}}},
		{0x64, 5, "engine percent torque data", []Field{
			{Name: "torque_point1_pct", Unit: "%", Bits: 8, Num: 1, Den: 1, Offset: -125},
			{Name: "torque_point2_pct", Unit: "%", Bit: 8, Bits: 8, Num: 1, Den: 1, Offset: -125},
			{Name: "torque_point3_pct", Unit: "%", Bit: 16, Bits: 8, Num: 1, Den: 1, Offset: -125},
			{Name: "torque_point4_pct", Unit: "%", Bit: 24, Bits: 8, Num: 1, Den: 1, Offset: -125},
			{Name: "torque_point5_pct", Unit: "%", Bit: 32, Bits: 8, Num: 1, Den: 1, Offset: -125},
		}},
		{0x66, 5, "MAF sensors A/B", []Field{
			{Name: "maf_a_supported", Bit: 7, Bits: 1, Flag: true},
			{Name: "maf_b_supported", Bit: 6, Bits: 1, Flag: true},
			{Name: "maf_a_g_s", Unit: "g/s", Bit: 8, Bits: 16, Num: 1, Den: 32, Support: 1, Signal: "Vehicle.Powertrain.CombustionEngine.MAF"},
			{Name: "maf_b_g_s", Unit: "g/s", Bit: 24, Bits: 16, Num: 1, Den: 32, Support: 2, Signal: "Vehicle.OBD.MAF2"},
		}},
		{0x67, 3, "coolant temperatures 1/2", []Field{
			{Name: "ect1_supported", Bit: 7, Bits: 1, Flag: true},
			{Name: "ect2_supported", Bit: 6, Bits: 1, Flag: true},
			{Name: "ect1_c", Unit: "degC", Bit: 8, Bits: 8, Num: 1, Den: 1, Offset: -40, Support: 1, Signal: vehicle.CoolantTemperature},
			{Name: "ect2_c", Unit: "degC", Bit: 16, Bits: 8, Num: 1, Den: 1, Offset: -40, Support: 2, Signal: "Vehicle.OBD.CoolantTemperature2"},
		}},
		{0x68, 7, "intake air temperatures", []Field{
			{Name: "iat_support_bits", Bits: 8, Flag: true},
			{Name: "iat_b1s1_c", Unit: "degC", Bit: 8, Bits: 8, Num: 1, Den: 1, Offset: -40, Support: 1, Signal: "Vehicle.OBD.IntakeTemp"},
			{Name: "iat_b1s2_c", Unit: "degC", Bit: 16, Bits: 8, Num: 1, Den: 1, Offset: -40, Support: 2, Signal: "Vehicle.OBD.IntakeTemp2"},
		}},
		{0x78, 9, "exhaust gas temperatures bank 1", []Field{
			{Name: "egt_b1_support_bits", Bits: 8, Flag: true},
			{Name: "egt_b1s1_c", Unit: "degC", Bit: 8, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 1, Signal: "Vehicle.OBD.ExhaustGas.Bank1.Temperature1"},
			{Name: "egt_b1s2_c", Unit: "degC", Bit: 24, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 2, Signal: "Vehicle.OBD.ExhaustGas.Bank1.Temperature2"},
			{Name: "egt_b1s3_c", Unit: "degC", Bit: 40, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 3, Signal: "Vehicle.OBD.ExhaustGas.Bank1.Temperature3"},
			{Name: "egt_b1s4_c", Unit: "degC", Bit: 56, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 4, Signal: "Vehicle.OBD.ExhaustGas.Bank1.Temperature4"},
		}},
		{0x79, 9, "exhaust gas temperatures bank 2", []Field{
			{Name: "egt_b2_support_bits", Bits: 8, Flag: true},
			{Name: "egt_b2s1_c", Unit: "degC", Bit: 8, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 1, Signal: "Vehicle.OBD.ExhaustGas.Bank2.Temperature1"},
			{Name: "egt_b2s2_c", Unit: "degC", Bit: 24, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 2, Signal: "Vehicle.OBD.ExhaustGas.Bank2.Temperature2"},
			{Name: "egt_b2s3_c", Unit: "degC", Bit: 40, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 3, Signal: "Vehicle.OBD.ExhaustGas.Bank2.Temperature3"},
			{Name: "egt_b2s4_c", Unit: "degC", Bit: 56, Bits: 16, Num: 1, Den: 10, Offset: -40, Support: 4, Signal: "Vehicle.OBD.ExhaustGas.Bank2.Temperature4"},
		}},
		{0x7F, 13, "engine run time counters", []Field{
			{Name: "support_bits", Bits: 8, Flag: true},
			{Name: "total_run_time_s", Unit: "s", Bit: 8, Bits: 32, Support: 1, Signal: vehicle.EngineHours, Scale: 1.0 / 3600},
			{Name: "total_idle_time_s", Unit: "s", Bit: 40, Bits: 32, Support: 2, Signal: "Vehicle.Powertrain.CombustionEngine.IdleHours", Scale: 1.0 / 3600},
			{Name: "total_pto_time_s", Unit: "s", Bit: 72, Bits: 32, Support: 3, Signal: "Vehicle.OBD.PTORunTime"},
		}},
		{0x80, 4, "supported PID bitmap 81-A0", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0x84, 1, "manifold surface temperature", []Field{{Name: "manifold_surface_temp_c", Unit: "degC", Bits: 8, Num: 1, Den: 1, Offset: -40, Signal: "Vehicle.OBD.ManifoldSurfaceTemperature"}}},
		{0x8E, 1, "engine friction torque", []Field{{Name: "friction_torque_pct", Unit: "%", Bits: 8, Num: 1, Den: 1, Offset: -125, Signal: "Vehicle.OBD.EngineFrictionTorque"}}},
		{0x9A, 6, "hybrid/EV vehicle system data", []Field{
			{Name: "hev_mode_supported", Bit: 7, Bits: 1, Flag: true},
			{Name: "hev_voltage_supported", Bit: 6, Bits: 1, Flag: true},
			{Name: "hev_current_supported", Bit: 5, Bits: 1, Flag: true},
			{Name: "ehev_mode_supported", Bit: 4, Bits: 1, Flag: true},
			{Name: "hev_battery_voltage_v", Unit: "V", Bit: 16, Bits: 16, Num: 1, Den: 64, Support: 2, Signal: "Vehicle.Powertrain.TractionBattery.CurrentVoltage"},
			{Name: "hev_battery_current_a", Unit: "A", Bit: 32, Bits: 16, Signed: true, Num: 1, Den: 10, Support: 3, Signal: "Vehicle.Powertrain.TractionBattery.CurrentCurrent", Scale: -1},
		}},
		{0x9D, 4, "engine / vehicle fuel rate", []Field{
			{Name: "engine_fuel_rate_g_s", Unit: "g/s", Bits: 16, Num: 1, Den: 50, Signal: "Vehicle.OBD.EngineFuelRate"},
			{Name: "vehicle_fuel_rate_g_s", Unit: "g/s", Bit: 16, Bits: 16, Num: 1, Den: 50, Signal: "Vehicle.OBD.VehicleFuelRate"},
		}},
		{0x9E, 2, "exhaust flow rate", []Field{{Name: "exhaust_flow_kg_h", Unit: "kg/h", Bits: 16, Num: 1, Den: 5, Signal: "Vehicle.OBD.ExhaustFlowRate"}}},
		{0xA0, 4, "supported PID bitmap A1-C0", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0xA2, 2, "cylinder fuel rate", []Field{{Name: "cyl_fuel_rate_mg_stroke", Unit: "mg/stroke", Bits: 16, Num: 1, Den: 32, Signal: "Vehicle.OBD.CylinderFuelRate"}}},
		{0xA6, 4, "odometer", []Field{{Name: "odometer_km", Unit: "km", Bits: 32, Num: 1, Den: 10, Signal: vehicle.TraveledDistance, Scale: 1000}}},
		{0xB2, 1, "traction battery state of health", []Field{{Name: "hv_battery_soh_pct", Unit: "%", Bits: 8, Num: 100, Den: 255, Signal: vehicle.TractionSoH}}},
		{0xC0, 4, "supported PID bitmap C1-E0", []Field{{Name: "supported_bitmap", Bits: 32}}},
		{0xD2, 3, "state of certified energy / range", []Field{
			{Name: "socr_supported", Bit: 6, Bits: 1, Flag: true},
			{Name: "soce_supported", Bit: 7, Bits: 1, Flag: true},
			{Name: "soce_pct", Unit: "%", Bit: 8, Bits: 8, Num: 100, Den: 255, Support: 1, Signal: "Vehicle.OBD.StateOfCertifiedEnergy"},
			{Name: "socr_pct", Unit: "%", Bit: 16, Bits: 8, Num: 100, Den: 255, Support: 2, Signal: "Vehicle.OBD.StateOfCertifiedRange"},
		}},
		{0xD3, 4, "engine odometer", []Field{{Name: "engine_odometer_km", Unit: "km", Bits: 32, Num: 1, Den: 10, Signal: "Vehicle.OBD.EngineOdometer"}}},
		{0xE0, 4, "supported PID bitmap E1-100", []Field{{Name: "supported_bitmap", Bits: 32}}},
	}
}
