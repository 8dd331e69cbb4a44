package uds

import "github.com/pitcrew-telematics/pitcrew/vehicle"

const (
	battery = "Vehicle.Powertrain.TractionBattery."
	axle    = "Vehicle.Chassis.Axle."
)

// Kona is the Hyundai Kona electric, 2018 to 2024, as far as published captures of
// the car confirm it.
//
//   - The pack current is positive while the battery is discharged.
//   - A wheel with 0 psi and -50 degrees Celsius has no reading.
//   - The odometer stands at bit 48 or at bit 72, depending on the market, and the other
//     field is 0. Two that differ from 0 make no reading. Its unit is that of the instrument cluster: set Table.Cluster
//     to have it as vehicle.TraveledDistance.
func Kona() *Table {
	return &Table{Name: "Hyundai Kona electric", DIDs: []DID{
		{Number: 0x0101, ECU: "7EC", Bytes: 59, Signals: konaBattery()},
		{Number: 0x0105, ECU: "7EC", Bytes: 43, Signals: []Signal{
			{Name: "soh_pct", Bit: 200, Bits: 16, Den: 10, Unit: "%", VSS: vehicle.TractionSoH},
			{Name: "soc_displayed_pct", Bit: 248, Bits: 8, Den: 2, Unit: "%", VSS: battery + "StateOfCharge.Displayed"},
		}},
		{Number: 0xB002, ECU: "7CE", Bytes: 12, Signals: []Signal{
			{Name: "odometer_b48_24", Bit: 48, Bits: 24, Unit: UnitCluster, HasAbsent: true, VSS: vehicle.TraveledDistance},
			{Name: "odometer_b72_24", Bit: 72, Bits: 24, Unit: UnitCluster, HasAbsent: true, VSS: vehicle.TraveledDistance},
		}},
		{Number: 0xC00B, ECU: "7A8", Bytes: 20, Signals: konaTyres()},
	}}
}

func konaBattery() []Signal {
	return []Signal{
		{Name: "soc_pct", Bit: 32, Bits: 8, Den: 2, Unit: "%", VSS: vehicle.TractionSoC},
		{Name: "charging_bit", Bit: 72, Bits: 1, VSS: battery + "Charging.IsCharging"},
		{Name: "pack_current_a", Bit: 80, Bits: 16, Signed: true, Den: 10, Unit: "A", VSS: battery + "CurrentCurrent", Scale: -1},
		{Name: "pack_voltage_v", Bit: 96, Bits: 16, Den: 10, Unit: "V", VSS: battery + "CurrentVoltage"},
		{Name: "max_temp_c", Bit: 112, Bits: 8, Signed: true, Unit: "degC", VSS: battery + "Temperature.Max"},
		{Name: "min_temp_c", Bit: 120, Bits: 8, Signed: true, Unit: "degC", VSS: battery + "Temperature.Min"},
		{Name: "max_cell_v", Bit: 184, Bits: 8, Den: 50, Unit: "V", VSS: battery + "CellVoltage.Max"},
		{Name: "max_cell_no", Bit: 192, Bits: 8, VSS: battery + "CellVoltage.IdMax"},
		{Name: "min_cell_v", Bit: 200, Bits: 8, Den: 50, Unit: "V", VSS: battery + "CellVoltage.Min"},
		{Name: "min_cell_no", Bit: 208, Bits: 8, VSS: battery + "CellVoltage.IdMin"},
		{Name: "aux_12v_v", Bit: 232, Bits: 8, Den: 10, Unit: "V", VSS: vehicle.LowVoltage},
		{Name: "charged_total_ah", Bit: 240, Bits: 32, Den: 10, Unit: "Ah", VSS: battery + "AccumulatedChargedThroughput"},
		{Name: "discharged_total_ah", Bit: 272, Bits: 32, Den: 10, Unit: "Ah", VSS: battery + "AccumulatedConsumedThroughput"},
		{Name: "charged_total_kwh", Bit: 304, Bits: 32, Den: 10, Unit: "kWh", VSS: battery + "AccumulatedChargedEnergy"},
		{Name: "discharged_total_kwh", Bit: 336, Bits: 32, Den: 10, Unit: "kWh", VSS: battery + "AccumulatedConsumedEnergy"},
		{Name: "operating_time_s", Bit: 368, Bits: 32, Unit: "s", VSS: battery + "OperatingTime"},
		{Name: "insulation_kohm", Bit: 456, Bits: 16, Unit: "kOhm", VSS: battery + "InsulationResistance"},
	}
}

func konaTyres() []Signal {
	var signals []Signal
	for i, wheel := range []struct {
		name string
		vss  vehicle.Signal
	}{
		{"tyre_fl", axle + "Row1.Wheel.Left.Tire."},
		{"tyre_fr", axle + "Row1.Wheel.Right.Tire."},
		{"tyre_rl", axle + "Row2.Wheel.Left.Tire."},
		{"tyre_rr", axle + "Row2.Wheel.Right.Tire."},
	} {
		bit := 32 + 32*i
		signals = append(signals, Signal{
			Name: wheel.name + "_psi", Bit: bit, Bits: 8, Den: 5, Unit: "psi",
			HasAbsent: true, With: wheel.name + "_c", VSS: wheel.vss + "Pressure", Scale: psiToKPa,
		}, Signal{
			Name: wheel.name + "_c", Bit: bit + 8, Bits: 8, Offset: -50, Unit: "degC",
			HasAbsent: true, With: wheel.name + "_psi", VSS: wheel.vss + "Temperature",
		})
	}
	return signals
}
