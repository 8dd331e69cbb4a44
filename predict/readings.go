package predict

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// At is when, and at which odometer, something was read. OdometerKm 0 is
// unknown: the odometer is then taken from the days around.
type At struct {
	Time       time.Time
	OdometerKm float64
}

// Sources of readings, as they are named in reasons.
const (
	FromPadSensor  = "pad wear sensor"
	FromPadContact = "pad wear contact"
	FromOilSensor  = "oil condition sensor"
	FromTyreSensor = "tyre sensor"
	FromWorkshop   = "workshop measurement"
	FromCranking   = "cranking voltage"
	FromRest       = "rest voltage"
	FromBattery    = "battery management"
	FromSensor     = "the vehicle's sensor"
)

// Sensed reports whether a reading comes from a sensor that follows the wear: not a
// workshop's, as rest voltages are, too, and not a contact, which says once that a part is nearly worn.
func (r *Reading) Sensed() bool { return followsWear(r.Source) }

func followsWear(source string) bool {
	return source != FromWorkshop && source != FromPadContact && source != FromRest
}

// PadWear makes a reading of an axle from its wear sensors, percent, 100 = worn
// (VSS Brake.PadWear): the worst of the wheels given decides. False when no
// value is usable or the component is not a pair of pads.
func PadWear(c Component, at At, percent ...float64) (Reading, bool) {
	if c != BrakePadsFront && c != BrakePadsRear {
		return Reading{}, false
	}
	worst, ok := extreme(percent, 0, 100, math.Max)
	// Sensors step by a whole percent and repeat to about one.
	return Reading{Component: c, Time: at.Time, OdometerKm: at.OdometerKm, Wear: worst / 100, Noise: 0.012, Source: FromPadSensor}, ok
}

// contactMM is the lining at which the contact of a worn pad closes: makers set it at 3 to 4 mm,
// whatever a workshop takes for the limit.
const contactMM, contactNoiseMM = 3.5, 0.5

// PadContact makes a reading of an axle from the moment at which its warning contact
// (VSS Brake.IsBrakesWorn) first closed.
func (t *Table) PadContact(c Component, at At) (Reading, bool) {
	spec, ok := t.Of(c)
	if !ok || c != BrakePadsFront && c != BrakePadsRear {
		return Reading{}, false
	}
	r := t.gauge(c, at, contactMM, FromPadContact)
	r.Noise = contactNoiseMM / (spec.Scale.New - spec.Scale.Limit)
	return r, true
}

// PadThickness makes a reading of an axle from lining measured in mm: the
// thinnest decides.
func (t *Table) PadThickness(c Component, at At, mm ...float64) (Reading, bool) {
	if c != BrakePadsFront && c != BrakePadsRear {
		return Reading{}, false
	}
	thin, ok := extreme(mm, 0, 25, math.Min)
	return t.gauge(c, at, thin, FromWorkshop), ok
}

// TreadDepth makes a reading from tread depths measured in mm: the lowest
// decides.
func (t *Table) TreadDepth(at At, mm ...float64) (Reading, bool) {
	low, ok := extreme(mm, 0, 20, math.Min)
	return t.gauge(Tyres, at, low, FromWorkshop), ok
}

// TreadSensed makes a reading from what sensors in the tyres say of the tread: the middle
// of so many looks at each wheel of the axles, mm. The lower axle decides. One look is
// 0.4 mm off (root mean square; Sensors 2024, 24, 6901), of which half a share stays with
// the tyre.
func (t *Table) TreadSensed(at At, looks int, front, rear []float64) (Reading, bool) {
	one := math.Sqrt(0.04 + 0.12*middleOf(looks))
	scale := t.scaleOf(Tyres)
	low, noise, read := math.Inf(1), one, 0
	var axles [2]float64
	for i, wheels := range [...][]float64{front, rear} {
		mm, n := axleTread(wheels, one)
		if n == 0 {
			continue
		}
		axles[i], _ = scale.read(mm)
		read++
		if mm < low {
			low, noise = mm, one/math.Sqrt(float64(n))
		}
	}
	wear, _ := scale.read(low)
	r := Reading{Component: Tyres, Time: at.Time, OdometerKm: at.OdometerKm, Wear: wear, Noise: noise / (scale.New - scale.Limit), Source: FromTyreSensor}
	if read == len(axles) {
		r.Places = axles
	}
	return r, read > 0
}

// axleTread is the tread of so many usable wheels of an axle: their mean, since the lower
// of two that wear alike is too low by half a standard deviation; less what they differ
// by beyond two standard deviations of half a difference.
func axleTread(wheels []float64, noise float64) (mm float64, n int) {
	sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
	for _, v := range wheels {
		if v >= 0 && v <= 20 {
			sum, low, high, n = sum+v, min(low, v), max(high, v), n+1
		}
	}
	if n == 0 {
		return 0, 0
	}
	return sum/float64(n) - max((high-low)/2-math.Sqrt2*noise, 0), n
}

// OilCondition makes a reading from the middle of so many looks of an oil condition
// sensor, percent: 100 is fresh, and 0, where it stops, spent or worse. One look repeats to about
// 4 points; as much comes from fuel in the oil and from its brand, and stays for weeks.
func OilCondition(at At, looks int, percent float64) (Reading, bool) {
	v, ok := extreme([]float64{percent}, 0, 100, math.Max)
	noise := 0.04 * math.Sqrt(1+middleOf(looks))
	return Reading{Component: EngineOil, Time: at.Time, OdometerKm: at.OdometerKm, Wear: 1 - v/100, Noise: noise, AtLeast: v == 0, Source: FromOilSensor}, ok
}

// middleOf is the variance of the middle of so many looks, that of one being 1.
func middleOf(looks int) float64 { return min(1/(0.75*float64(looks)), 1) }

// StateOfHealth makes a reading of the traction battery from the state of
// health that its management reports, percent. It is stepwise and recalibrated,
// so its noise is wide.
func (t *Table) StateOfHealth(at At, percent float64) (Reading, bool) {
	v, ok := extreme([]float64{percent}, 20, 110, math.Max)
	return t.gauge(TractionBattery, at, v, FromBattery), ok
}

// CrankVoltage makes a reading of the 12 V battery from the lowest voltage of a
// cold start, V, at the ambient temperature of that start, °C. What the starter
// takes off the voltage of a charged battery is brought to 20 °C first
// (vehicle.CrankingAt20): a sound battery may show 7.6 V in hard frost. The error of
// the temperature counts for more the colder it is. An unknown temperature (NaN)
// leaves the value as it is and doubles the noise.
func (t *Table) CrankVoltage(at At, volts, tempC float64) (Reading, bool) {
	v, ok := extreme([]float64{volts}, 5, 14, math.Max)
	factor := vehicle.CrankFactor(tempC)
	r := t.gauge(Battery12V, at, vehicle.CrankingAt20(v, vehicle.ChargedRestV, tempC), FromCranking)
	if !vehicle.CrankTemperature(tempC) {
		r.Noise *= 2
	}
	r.Noise *= max(1, math.Sqrt(factor))
	return r, ok
}

// Cranking makes a reading of the 12 V battery from the mean of so many starts, each
// brought to 20 °C and a charged battery (vehicle.CrankingAt20), V. What they have in
// common, such as the error of the temperature, is a fifth of the noise of one.
func (t *Table) Cranking(at At, starts int, volts float64) (Reading, bool) {
	v, ok := extreme([]float64{volts}, 5, 14, math.Max)
	r := t.gauge(Battery12V, at, v, FromCranking)
	r.Noise *= math.Sqrt(0.04 + 1/max(float64(starts), 1))
	return r, ok
}

// RestVoltage makes a reading of the 12 V battery from its open-circuit voltage
// after at least six hours of rest, V. It shows charge before health, so one
// reading says little: 12.7 V is new, 12.2 V the limit.
func RestVoltage(at At, volts float64) (Reading, bool) {
	v, ok := extreme([]float64{volts}, 8, 14.5, math.Max)
	return Reading{Component: Battery12V, Time: at.Time, OdometerKm: at.OdometerKm, Wear: (12.7 - v) / 0.5, Noise: 0.35, Source: FromRest}, ok
}

// Measured makes a reading from a workshop's measurement in the unit of the
// component's Scale, or in "percent" of wear for pads. False for another unit
// or an impossible value.
func (t *Table) Measured(c Component, at At, value float64, unit string) (Reading, bool) {
	switch {
	case (c == BrakePadsFront || c == BrakePadsRear) && unit == "mm":
		return t.PadThickness(c, at, value)
	case (c == BrakePadsFront || c == BrakePadsRear) && unit == "percent":
		r, ok := PadWear(c, at, value)
		r.Source = FromWorkshop
		return r, ok
	case c == Tyres && unit == "mm":
		return t.TreadDepth(at, value)
	case c == TractionBattery && unit == "percent":
		r, ok := t.StateOfHealth(at, value)
		r.Source = FromWorkshop
		return r, ok
	case c == Battery12V && unit == "V":
		return RestVoltage(at, value)
	}
	if spec, ok := t.Of(c); ok && unit != "" && unit == spec.Scale.Unit {
		r := t.gauge(c, at, value, FromWorkshop)
		return r, finite(r.Wear) && finite(r.Noise)
	}
	return Reading{}, false
}

// Sensed makes a reading of a component from what its sensors said of a day, in the
// unit of their signals: the worst value decides. False when the table names no
// sensor, or none of the values is usable.
func (t *Table) Sensed(c Component, at At, values ...float64) (Reading, bool) {
	spec, _ := t.Of(c)
	r := Reading{Component: c, Time: at.Time, OdometerKm: at.OdometerKm, Source: FromSensor}
	found := false
	for _, v := range values {
		if s := spec.Sensor; (s.Low != 0 || s.High != 0) && !(v >= s.Low && v <= s.High) {
			continue
		}
		if wear, noise := spec.Sensor.Scale.read(v); finite(wear) && finite(noise) && (!found || wear > r.Wear) {
			r.Wear, r.Noise, found = wear, noise, true
		}
	}
	return r, found
}

// gauge puts a value on the scale of its component.
func (t *Table) gauge(c Component, at At, value float64, source string) Reading {
	wear, noise := t.scaleOf(c).read(value)
	return Reading{Component: c, Time: at.Time, OdometerKm: at.OdometerKm, Wear: wear, Noise: noise, Source: source}
}

// scaleOf is the scale of a component; none where the table does not have it.
func (t *Table) scaleOf(c Component) *Scale {
	t = t.orStandard()
	if row, ok := t.row[c]; ok {
		return &t.rows[row].Scale
	}
	return &Scale{}
}

// read is the wear that a value means, and its noise; not finite where the scale has
// no such value.
func (s *Scale) read(value float64) (wear, noise float64) {
	from, to := s.New, s.Limit
	if s.Log {
		value, from, to = math.Log(value), math.Log(from), math.Log(to)
	}
	return (from - value) / (from - to), s.Noise / math.Abs(from-to)
}

// extreme picks the deciding one of the values within [low, high]; others are
// left out, never clamped. False when none is left.
func extreme(values []float64, low, high float64, pick func(a, b float64) float64) (float64, bool) {
	found, ok := 0.0, false
	for _, v := range values {
		switch {
		case !(v >= low && v <= high): // NaN fails both
		case ok:
			found = pick(found, v)
		default:
			found, ok = v, true
		}
	}
	return found, ok
}
