package dialect

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Short names of values that more than one dialect gives, and that answers of OBD
// take as well: see commonName.
const (
	nameSpeed       = "speed"
	nameOdometer    = "odometer"
	nameEngineSpeed = "engine_rpm"
	nameCoolantTemp = "coolant_temp"
	nameOilTemp     = "oil_temp"
	nameFuelLevel   = "fuel_level"
	nameAmbientTemp = "ambient_temp"
	nameAuxVoltage  = "aux_voltage"
	nameSoC         = "hv_soc"
	nameSoH         = "hv_soh"
)

// commonName returns the short name of an OBD value by the signal it is stored as;
// empty where it keeps its name of SAE J1979.
func commonName(s vehicle.Signal) string {
	switch s {
	case vehicle.Speed:
		return nameSpeed
	case vehicle.TraveledDistance:
		return nameOdometer
	case vehicle.EngineSpeed:
		return nameEngineSpeed
	case vehicle.CoolantTemperature:
		return nameCoolantTemp
	case vehicle.OilTemperature:
		return nameOilTemp
	case vehicle.FuelLevel:
		return nameFuelLevel
	case vehicle.AirTemperature:
		return nameAmbientTemp
	case vehicle.LowVoltage:
		return nameAuxVoltage
	case vehicle.TractionSoC:
		return nameSoC
	case vehicle.TractionSoH:
		return nameSoH
	default:
		return ""
	}
}
