package dialect

import (
	"strings"
	"sync"
)

// measure is a unit: how its numbers become those of the dimension's base unit,
// (v - zero) * mul / div.
type measure struct {
	dimension string
	mul, div  float64
	zero      float64
}

// units knows the units that messages name, and those of VSS, by their names in
// small letters.
var units = sync.OnceValue(func() map[string]measure {
	known := map[string]measure{}
	for _, u := range []struct {
		measure
		names string // separated by blanks
	}{
		{measure{"distance", 1, 1, 0}, "m meter meters metre metres"},
		{measure{"distance", 1000, 1, 0}, "km kilometer kilometers kilometre kilometres"},
		{measure{"distance", 1609344, 1000, 0}, "mi mile miles"},
		{measure{"speed", 1, 1, 0}, "km/h kmh kph kilometer_per_hour kilometers_per_hour"},
		{measure{"speed", 18, 5, 0}, "m/s mps"},
		{measure{"speed", 1609344, 1000000, 0}, "mph mi/h mile_per_hour"},
		{measure{"speed", 1852, 1000, 0}, "kn knot knots"},
		{measure{"pressure", 1, 1, 0}, "pa pascal"},
		{measure{"pressure", 1000, 1, 0}, "kpa kilopascal"},
		{measure{"pressure", 100000, 1, 0}, "bar"},
		{measure{"pressure", 100, 1, 0}, "mbar hpa"},
		{measure{"pressure", 6894757293168361, 1e12, 0}, "psi"},
		{measure{"temperature", 1, 1, 0}, "degc °c celsius degree_celsius degrees_celsius c"},
		{measure{"temperature", 1, 10, 0}, "0.1degc"},
		{measure{"temperature", 5, 9, 32}, "degf °f fahrenheit degree_fahrenheit degrees_fahrenheit f"},
		{measure{"temperature", 1, 1, 273.15}, "k kelvin"},
		{measure{"time", 1, 1000, 0}, "ms millisecond milliseconds"},
		{measure{"time", 1, 1, 0}, "s sec second seconds"},
		{measure{"time", 60, 1, 0}, "min minute minutes"},
		{measure{"time", 3600, 1, 0}, "h hour hours"},
		{measure{"time", 86400, 1, 0}, "d day days"},
		{measure{"time", 604800, 1, 0}, "week weeks"},
		{measure{"voltage", 1, 1, 0}, "v volt volts"},
		{measure{"voltage", 1, 100, 0}, "0.01v"},
		{measure{"voltage", 1, 1000, 0}, "mv millivolt millivolts"},
		{measure{"current", 1, 1, 0}, "a amp ampere amperes"},
		{measure{"current", 1, 1000, 0}, "ma milliampere milliamperes"},
		{measure{"power", 1, 1, 0}, "w watt watts"},
		{measure{"power", 1000, 1, 0}, "kw kilowatt kilowatts"},
		{measure{"energy", 1, 1, 0}, "wh"},
		{measure{"energy", 1000, 1, 0}, "kwh"},
		{measure{"charge", 1, 1, 0}, "ah"},
		{measure{"volume", 1, 1, 0}, "l liter liters litre litres"},
		{measure{"flow", 1, 1, 0}, "l/h liters_per_hour liter_per_hour"},
		{measure{"mass flow", 1, 1, 0}, "g/s grams_per_second gram_per_second gps"},
		{measure{"share", 1, 1, 0}, "% percent pct"},
		{measure{"angle", 1, 1, 0}, "deg degree degrees °"},
		{measure{"rotation", 1, 1, 0}, "rpm 1/min revolutions_per_minute revolution_per_minute"},
		{measure{"factor", 1, 1, 0}, "ratio"},
	} {
		for name := range strings.FieldsSeq(u.names) {
			known[name] = u.measure
		}
	}
	return known
})

func unitOf(name string) (measure, bool) {
	u, ok := units()[strings.ToLower(strings.TrimSpace(name))]
	return u, ok
}

// convert changes a number's unit. It is false for a unit that is not known, and
// for two units that measure different things. Factors are put together before
// the number is touched, so that decimals come out right.
func convert(v float64, from, to string) (float64, bool) {
	if from == to {
		return v, true
	}
	f, okFrom := unitOf(from)
	t, okTo := unitOf(to)
	if !okFrom || !okTo || f.dimension != t.dimension {
		return 0, false
	}
	if f != t {
		v = (v-f.zero)*(f.mul*t.div)/(f.div*t.mul) + t.zero
	}
	return v, true
}
