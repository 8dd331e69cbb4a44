package j1939

import (
	"sync"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// SPN is one suspect parameter number of SAE J1939-71: where a value stands in its
// parameter group, and what it is.
type SPN struct {
	Number uint32
	Name   string // "distance_km"; the unit is part of it
	PGN    PGN
	Byte   int // first byte, counted from 1 as the standard does
	Bytes  int // 1, 2 or 4; little endian

	// value = raw*Num/Den + Offset, in Unit.
	Num, Den, Offset float64
	Unit             string // as the dictionary writes it, or km

	Signal vehicle.Signal // what the value is stored as
	Scale  float64        // from Unit to the signal's unit; 0 stands for 1
	Rank   int            // of two values of one signal in a message the higher rank is used
}

// Signals of this format that vehicle does not name.
const (
	tripMeter vehicle.Signal = "Vehicle.TripMeterReading"                                    // m
	oilLevel  vehicle.Signal = "Vehicle.Powertrain.CombustionEngine.EngineOil.RelativeLevel" // percent; extension: Level is a word in VSS 6.0
	oilPress  vehicle.Signal = "Vehicle.Powertrain.CombustionEngine.EOP"                     // kPa
	kmToMetre                = 1000
)

// SPNs lists the values that are read, by group. Within a group the value that it
// is named for comes first.
func SPNs() []SPN {
	return []SPN{
		{Number: 190, Name: "engine_rpm", PGN: 61444, Byte: 4, Bytes: 2, Num: 1, Den: 8, Unit: "rpm", Signal: vehicle.EngineSpeed},

		{Number: 917, Name: "distance_km", PGN: 65217, Byte: 1, Bytes: 4, Num: 5, Den: 1000, Unit: "km", Signal: vehicle.TraveledDistance, Scale: kmToMetre, Rank: 1},
		{Number: 918, Name: "trip_km", PGN: 65217, Byte: 5, Bytes: 4, Num: 5, Den: 1000, Unit: "km", Signal: tripMeter, Scale: kmToMetre, Rank: 1},

		{Number: 245, Name: "distance_km", PGN: 65248, Byte: 5, Bytes: 4, Num: 1, Den: 8, Unit: "km", Signal: vehicle.TraveledDistance, Scale: kmToMetre},
		{Number: 244, Name: "trip_km", PGN: 65248, Byte: 1, Bytes: 4, Num: 1, Den: 8, Unit: "km", Signal: tripMeter, Scale: kmToMetre},

		{Number: 247, Name: "engine_hours", PGN: 65253, Byte: 1, Bytes: 4, Num: 1, Den: 20, Unit: "h", Signal: vehicle.EngineHours},

		{Number: 110, Name: "coolant_temp_c", PGN: 65262, Byte: 1, Bytes: 1, Num: 1, Den: 1, Offset: -40, Unit: "Celsius", Signal: vehicle.CoolantTemperature},
		{Number: 175, Name: "oil_temp_c", PGN: 65262, Byte: 3, Bytes: 2, Num: 1, Den: 32, Offset: -273, Unit: "Celsius", Signal: vehicle.OilTemperature},

		{Number: 98, Name: "oil_level_pct", PGN: 65263, Byte: 3, Bytes: 1, Num: 4, Den: 10, Unit: "percent", Signal: oilLevel},
		{Number: 100, Name: "oil_pressure_kpa", PGN: 65263, Byte: 4, Bytes: 1, Num: 4, Den: 1, Unit: "kPa", Signal: oilPress},

		{Number: 84, Name: "speed_kmh", PGN: 65265, Byte: 2, Bytes: 2, Num: 1, Den: 256, Unit: "km/h", Signal: vehicle.Speed},

		{Number: 168, Name: "battery_v", PGN: 65271, Byte: 5, Bytes: 2, Num: 1, Den: 20, Unit: "V", Signal: vehicle.LowVoltage},

		{Number: 96, Name: "fuel_level_pct", PGN: 65276, Byte: 2, Bytes: 1, Num: 4, Den: 10, Unit: "percent", Signal: vehicle.FuelLevel},
	}
}

// groups is the table by group, built once and only read afterwards.
var groups = sync.OnceValue(func() map[PGN][]SPN {
	byGroup := map[PGN][]SPN{}
	for _, s := range SPNs() {
		byGroup[s.PGN] = append(byGroup[s.PGN], s)
	}
	return byGroup
})
