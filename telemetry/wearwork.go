package telemetry

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// WearWork adds up what wears a vehicle over the samples of a day, in order of time:
// how often its engine turned and how hot the oil was then, how it braked, and how
// deep the voltage fell at each start. The zero value is ready.
//
// Samples come once a second or once in ten minutes. So revolutions are counted by
// distance, at the turns a kilometre of the samples there are, and braking only where
// samples are close enough to show it.
type WearWork struct {
	at                time.Time // of the sample before
	engine            engineNow // in it
	turns, hot, drive float64   // by the samples: revolutions, the same by their effect on oil, km
	heated            bool      // there was a temperature
	first, last       float64   // odometer, m; 0: none
	braked, watched   float64   // J/kg; km seen closely
	starts            starts

	kmh, rpm, oil, coolant held
}

// engineNow is what a sample says of a turning engine.
type engineNow struct{ kmh, rpm, oilC float64 }

const (
	longestGap = 30 * time.Minute // that a sample speaks for while the vehicle moves, half to each side
	standing   = time.Minute      // the same while it does not: it may be parked
	closeGap   = 5 * time.Second  // between samples that show braking, and in which a value holds
	warmFor    = 10 * time.Minute // in which a temperature holds
	crankRPM   = 400              // below, the starter turns the engine
)

// held is the newest value of a signal: devices that ask for one after the other give
// each a sample of its own.
type held struct {
	value float64
	at    time.Time
}

func (h *held) set(v float64, at time.Time) { *h = held{v, at} }

// within is the value if it is not older, else NaN.
func (h *held) within(age time.Duration, at time.Time) float64 {
	if h.at.IsZero() || at.Sub(h.at) > age {
		return math.NaN()
	}
	return h.value
}

// Add takes the next sample.
func (w *WearWork) Add(s vehicle.Sample) {
	volts, air, rpm, odometer := math.NaN(), math.NaN(), math.NaN(), math.NaN()
	before := w.kmh
	for i := range s.Readings {
		r := &s.Readings[i]
		v, ok := r.Value.Float()
		if !ok || r.Quality != vehicle.QualityOK {
			continue
		}
		switch r.Signal { //nolint:exhaustive // the others wear nothing
		case vehicle.Speed:
			w.kmh.set(v, s.Time)
			w.slowed(before, w.kmh)
		case vehicle.EngineSpeed:
			rpm = v
			w.rpm.set(v, s.Time)
		case vehicle.OilTemperature:
			w.oil.set(v, s.Time)
		case vehicle.CoolantTemperature:
			w.coolant.set(v, s.Time)
		case vehicle.LowVoltage:
			volts = v
		case vehicle.AirTemperature:
			air = v
		case vehicle.TraveledDistance:
			odometer = v
		}
	}
	w.turned(s.Time, odometer > w.last+50)
	w.passed(odometer)
	w.starts.add(s.Time, volts, air, rpm)
	w.at = s.Time
}

func (w *WearWork) passed(odometer float64) {
	if odometer > 0 {
		if w.first == 0 {
			w.first = odometer
		}
		w.last = odometer
	}
}

// turned lets each sample speak for half of the time to the ones beside it.
func (w *WearWork) turned(at time.Time, moved bool) {
	now := engineNow{w.kmh.within(closeGap, at), w.rpm.within(closeGap, at), w.oil.within(warmFor, at)}
	if math.IsNaN(now.oilC) {
		now.oilC = w.coolant.within(warmFor, at)
	}
	if !w.at.IsZero() {
		longest := standing
		if moved {
			longest = longestGap
		}
		half := min(at.Sub(w.at), longest).Hours() / 2
		w.share(w.engine, half)
		w.share(now, half)
	}
	w.engine = now
}

func (w *WearWork) share(e engineNow, hours float64) {
	if !(e.kmh >= 0) || !(e.rpm >= crankRPM || e.rpm == 0) {
		return
	}
	turns := e.rpm * 60 * hours
	w.turns += turns
	w.drive += e.kmh * hours
	if !math.IsNaN(e.oilC) {
		w.hot += turns * OilFactor(e.oilC)
		w.heated = true
	}
}

// OilFactor is how much a revolution ages the oil at its temperature, °C, against one
// when warm. Below warm-up it is 2 to 5: fuel and water stay in it; above about 110 °C
// oxidation doubles in 15 K, so that it is 2 at 125 °C (General Motors' oil life
// monitor, and its figures in the trade).
func OilFactor(oilC float64) float64 {
	cold := min(max((80-oilC)/60, 0), 1)
	return 2.5*cold + math.Exp2(max(oilC-110, 0)/15)
}

// slowed adds what braking between two speeds took.
func (w *WearWork) slowed(before, now held) {
	gap := now.at.Sub(before.at)
	if before.at.IsZero() || gap <= 0 || gap > closeGap {
		return
	}
	w.watched += (before.value + now.value) / 2 * gap.Hours()
	if now.value < before.value {
		w.braked += (before.value*before.value - now.value*now.value) / (2 * 3.6 * 3.6)
	}
}

// Put sets the totals of the day in its roll-up, and removes those that the samples do
// not tell.
func (w *WearWork) Put(r *DayRollup) {
	km := (w.last - w.first) / 1000
	per := func(total, seen float64) float64 {
		if !(km > 0) || !(seen > 0.2*km) {
			return 0
		}
		return total / seen * km
	}
	w.put(r, vehicle.DayRevolutions, per(w.turns, w.drive))
	if !w.heated {
		w.hot = 0
	}
	w.put(r, vehicle.DayOilStress, per(w.hot, w.drive))
	w.put(r, vehicle.DayBraking, per(w.braked, w.watched))
	w.starts.put(r)
}

// put keeps a total as the one value of the day.
func (w *WearWork) put(r *DayRollup, s vehicle.Signal, total float64) {
	delete(r.Signals, s)
	if total > 0 {
		var a Aggregate
		a.Add(w.at, total)
		r.Signals[s] = a
	}
}
