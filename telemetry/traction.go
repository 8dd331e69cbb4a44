package telemetry

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// fastKW is the charging that no charger of alternating current does: 43 kW at most
	// (IEC 61851-1, mode 3 with 63 A).
	fastKW = 50
	// mostKW is more than any charger gives: the battery has changed its mind on the charge.
	mostKW = 500
	// usualKWh stands for the capacity of a battery that does not tell it.
	usualKWh = 60
	// leastRise of the state of charge that says how fast it was charged, percent: it is
	// told in steps of up to one.
	leastRise = 5
	// Hot and full, °C and percent: cells age markedly faster above about 60 to 80 % of
	// charge (Keil et al. 2016, J. Electrochem. Soc. 163 A1872), and twice as fast some
	// 10 K above the 20 °C they are tested at.
	hotC, fullPercent = 30, 80
)

// traction adds up what wears a traction battery: the energy out of it, what was charged
// fast, and how long it stood hot and full.
type traction struct {
	volts, amps, watts    held
	percent, before, heat held // state of charge, the one before it, °C
	consumed, consumedAh  counter
	capacity              float64 // kWh; 0: not told

	kWhOut, km float64 // by the power of samples on the way
	dropped    float64 // percent of charge
	charge     session
	fast       float64 // kWh
	drove      bool
	first, now stay // the first and the newest look at a vehicle that stands
	hot        time.Duration
}

// counter is one that only grows.
type counter struct{ first, last float64 }

func (c *counter) add(v float64) {
	if c.first == 0 {
		c.first = v
	}
	c.last = v
}

func (c counter) grown() float64 { return max(c.last-c.first, 0) }

// session is a rise of the charge of a vehicle that does not move.
type session struct {
	from, to held
	peakKW   float64
}

// stay is how a battery is at a sample of a vehicle that does not move.
type stay struct {
	at             time.Time
	tempC, percent float64
}

// read takes one reading of a sample.
func (t *traction) read(s vehicle.Signal, v float64, at time.Time) {
	switch s { //nolint:exhaustive // the others are not of a traction battery
	case vehicle.TractionVoltage:
		t.volts.set(v, at)
	case vehicle.TractionCurrent:
		t.amps.set(v, at)
	case vehicle.TractionPower:
		t.watts.set(v, at)
	case vehicle.TractionSoC:
		t.before = t.percent
		t.percent.set(v, at)
	case vehicle.TractionTemperature:
		t.heat.set(v, at)
	case vehicle.TractionConsumed:
		t.consumed.add(v)
	case vehicle.TractionConsumedAh:
		t.consumedAh.add(v)
	case vehicle.TractionCapacity:
		t.capacity = v
	}
}

// kW is the power into the battery, NaN where it is not told.
func (t *traction) kW(at time.Time) float64 {
	if w := t.watts.within(closeGap, at); !math.IsNaN(w) {
		return w / 1000
	}
	return t.volts.within(closeGap, at) * t.amps.within(closeGap, at) / 1000
}

// share is a stretch on the way with the power of a sample.
func (t *traction) share(kW, kmh, hours float64) {
	if !math.IsNaN(kW) && kmh >= 0 {
		t.kWhOut += max(-kW, 0) * hours
		t.km += kmh * hours
	}
}

// add takes a sample that has been read: whether the vehicle has moved since the one
// before, and whether it moves now.
func (t *traction) add(at time.Time, moved, moves bool) {
	if moved || moves {
		t.charged()
		t.now, t.drove = stay{}, true
	} else if kW := t.kW(at); kW > t.charge.peakKW {
		t.charge.peakKW = kW
	}
	if t.percent.at.Equal(at) && !t.before.at.IsZero() {
		t.level(moved || moves)
	}
	next := stay{at, t.heat.within(warmFor, at), t.percent.within(warmFor, at)}
	if moves || math.IsNaN(next.tempC) || math.IsNaN(next.percent) {
		return
	}
	if !t.drove && t.first.at.IsZero() {
		t.first = next
	}
	t.rest(t.now, next)
	t.now = next
}

// level follows the state of charge.
func (t *traction) level(moved bool) {
	switch rise := t.percent.value - t.before.value; {
	case rise < 0:
		t.charged()
		t.dropped -= rise
	case rise > 0 && !moved:
		if t.charge.from.at.IsZero() {
			t.charge.from = t.before
		}
		t.charge.to = t.percent
	}
}

// charged ends a charge: what it filled counts as fast if anything says that it was.
func (t *traction) charged() {
	c := t.charge
	t.charge = session{}
	if c.from.at.IsZero() || c.to.value-c.from.value < leastRise {
		return
	}
	kWh := (c.to.value - c.from.value) / 100 * t.size()
	if kW := kWh / c.to.at.Sub(c.from.at).Hours(); kW < mostKW && max(kW, c.peakKW) > fastKW {
		t.fast += kWh
	}
}

func (t *traction) size() float64 {
	if t.capacity > 0.5 && t.capacity < 2000 {
		return t.capacity
	}
	return usualKWh
}

// rest counts a time between two looks at a battery that stands.
func (t *traction) rest(from, to stay) {
	if gap := to.at.Sub(from.at); !from.at.IsZero() && gap > 0 && gap <= 24*time.Hour &&
		(from.tempC+to.tempC)/2 >= hotC && (from.percent+to.percent)/2 >= fullPercent {
		t.hot += gap
	}
}

// discharge is the energy out of the battery in a day of so many km, by the best that
// tells it: counters, power on the way, or the charge.
func (t *traction) discharge(per func(total, seen float64) float64) float64 {
	if kWh := t.consumed.grown(); kWh > 0 {
		return kWh
	}
	if ah := t.consumedAh.grown(); ah > 0 && t.volts.value > 0 {
		return ah * t.volts.value / 1000
	}
	if kWh := per(t.kWhOut, t.km); kWh > 0 {
		return kWh
	}
	return t.dropped / 100 * t.size()
}

// finish ends what is under way at the end of a day.
func (t *traction) finish(day vehicle.Day) {
	t.charged()
	if !t.first.at.IsZero() {
		t.rest(stay{day.Start(), t.first.tempC, t.first.percent}, t.first)
	}
	t.rest(t.now, stay{day.End(), t.now.tempC, t.now.percent})
}
