package uds

// UnitCluster is the unit of a distance that follows the setting of the instrument
// cluster: only Table.Cluster can say which it is.
const UnitCluster = "cluster"

// unitNames are the units that a Signal can have, and how VSS writes them.
var unitNames = map[string]string{
	"": "", "%": "percent", "degC": "Celsius", "deg": "degrees", "A": "A", "V": "V", "W": "W", "kW": "kW",
	"Ah": "Ah", "kWh": "kWh", "kOhm": "kOhm", "s": "s", "min": "min", "h": "h", "m": "m", "km": "km", "mi": "mi",
	"km/h": "km/h", "mph": "mph", "rpm": "rpm", "kPa": "kPa", "psi": "psi", "bar": "bar", "Pa": "Pa", "mV": "mV",
	"mA": "mA", "Wh": "Wh", "Nm": "Nm", "g/s": "g/s", "l/h": "l/h", "l": "l", "ratio": "ratio", UnitCluster: "m",
}

const psiToKPa = 6.894757293168

// conversions are factors between units in the spelling of VSS.
var conversions = map[[2]string]float64{
	{"psi", "kPa"}:  psiToKPa,
	{"bar", "kPa"}:  100,
	{"Pa", "kPa"}:   1.0 / 1000,
	{"km", "m"}:     1000,
	{"mi", "m"}:     1609.344,
	{"mi", "km"}:    1.609344,
	{"mph", "km/h"}: 1.609344,
	{"mV", "V"}:     1.0 / 1000,
	{"mA", "A"}:     1.0 / 1000,
	{"kW", "W"}:     1000,
	{"Wh", "kWh"}:   1.0 / 1000,
	{"min", "s"}:    60,
	{"h", "s"}:      3600,
	{"s", "h"}:      1.0 / 3600,
	{"min", "h"}:    1.0 / 60,
}

// conversion returns the factor from a Signal's unit to one of VSS.
func conversion(unit, vss string) (float64, bool) {
	name, known := unitNames[unit]
	if known && name == vss {
		return 1, true
	}
	factor, ok := conversions[[2]string{name, vss}]
	return factor, ok
}
