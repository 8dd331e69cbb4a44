package vehicle

import "math"

// ChargedRestV is the resting voltage of a charged lead battery, V.
const ChargedRestV = 12.6

// CrankFactor is how much more a start takes off the resting voltage at an ambient
// temperature, °C, than it does at 20 °C: the cranking current doubles towards -18 °C
// and the inner resistance rises by about 0.5 % per kelvin. 1 where the temperature is
// unknown (NaN) or impossible.
func CrankFactor(tempC float64) float64 {
	if !CrankTemperature(tempC) {
		return 1
	}
	below := max(20-tempC, -10)
	return (1 + below/38) * (1 + 0.005*below)
}

// CrankTemperature reports whether a temperature, °C, can be that of a start.
func CrankTemperature(tempC float64) bool { return !math.IsNaN(tempC) && tempC >= -40 && tempC <= 80 }

// CrankingAt20 is what the lowest voltage of a start, V, would have been at 20 °C with
// a charged battery: what the starter takes off the resting voltage before it is
// brought to 20 °C, so that a battery half charged or in frost is not taken for a worn
// one.
func CrankingAt20(lowestV, restV, tempC float64) float64 {
	return ChargedRestV - (restV-lowestV)/CrankFactor(tempC)
}
