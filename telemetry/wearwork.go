package telemetry

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// WearWork adds up what wears a vehicle over the samples of a day, in order of time:
// how often its engine turned and how hot the oil was then, which of its runs stayed
// cold, how deep the voltage fell at each start, how it braked, what its tyres slipped,
// and what went through its traction battery. The zero value is ready.
//
// Samples come once a second or once in ten minutes. So revolutions are counted by
// distance, at the turns a kilometre of the samples there are, and so is what goes with
// an acceleration or a power that the vehicle tells; braking, and accelerations by the
// speed, only where samples are close enough to show them.
type WearWork struct {
	at                time.Time // of the sample before
	now               moment    // in it
	turns, hot, drive float64   // by the samples: revolutions, the same by their effect on oil, km
	heated            bool      // there was a temperature
	first, last       float64   // odometer, m; 0: none
	braked, watched   float64   // J/kg; km seen closely
	starts            starts
	runs              engineRuns
	pack              traction
	along, across     slip

	kmh, rpm, oil, coolant  held
	surge, forward, lateral held // m/s², by the speed and as told
	yaw, steering           held
}

// moment is what a sample says of a vehicle under way; NaN where it does not.
type moment struct {
	kmh, rpm, oilC float64
	kW             float64 // into the traction battery
	along, across  float64 // square of the acceleration, (m/s²)²
}

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
	unknown := math.NaN()
	volts, air, rpm, odometer, coolant := unknown, unknown, unknown, unknown, unknown
	before := w.kmh
	for i := range s.Readings {
		r := &s.Readings[i]
		v, ok := r.Value.Float()
		if !ok || r.Quality != vehicle.QualityOK {
			continue
		}
		switch r.Signal {
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
			coolant = v
		case vehicle.LowVoltage:
			volts = v
		case vehicle.AirTemperature:
			air = v
		case vehicle.TraveledDistance:
			odometer = v
		case vehicle.LateralAcceleration:
			w.lateral.set(v, s.Time)
		case vehicle.LongitudinalAcceleration:
			w.forward.set(v, s.Time)
		case vehicle.YawRate:
			w.yaw.set(v, s.Time)
		case vehicle.SteeringAngle:
			w.steering.set(v, s.Time)
		default:
			w.pack.read(r.Signal, v, s.Time)
		}
	}
	kmh := w.kmh.within(closeGap, s.Time)
	moved := w.last > 0 && odometer > w.last+50
	w.turned(s.Time, moved)
	w.passed(odometer)
	w.starts.add(s.Time, volts, air, rpm)
	w.runs.add(s.Time, kmh, rpm, w.last, coolant)
	w.pack.add(s.Time, moved, kmh > 1)
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
	now := moment{
		kmh: w.kmh.within(closeGap, at), rpm: w.rpm.within(closeGap, at), oilC: w.oil.within(warmFor, at),
		kW: w.pack.kW(at), along: w.alongRoad(at), across: w.acrossRoad(at),
	}
	if math.IsNaN(now.oilC) {
		now.oilC = w.coolant.within(warmFor, at)
	}
	if !w.at.IsZero() {
		longest := standing
		if moved {
			longest = longestGap
		}
		half := min(at.Sub(w.at), longest).Hours() / 2
		w.share(&w.now, half)
		w.share(&now, half)
	}
	w.now = now
}

func (w *WearWork) share(e *moment, hours float64) {
	if !(e.kmh >= 0) {
		return
	}
	w.pack.share(e.kW, e.kmh, hours)
	w.along.add(e.along, e.kmh*hours)
	w.across.add(e.across, e.kmh*hours)
	if !(e.rpm >= crankRPM || e.rpm == 0) {
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
	w.surge.set((now.value-before.value)/3.6/gap.Seconds(), now.at)
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
	w.put(r, vehicle.DaySlipAlong, per(w.along.work, w.along.km))
	w.put(r, vehicle.DaySlipAcross, per(w.across.work, w.across.km))
	w.starts.put(r)
	runs := w.runs.ended(r.Day)
	w.put(r, vehicle.DayStarts, runs.starts)
	runs.put(r)
	pack := w.pack
	pack.finish(r.Day)
	w.put(r, vehicle.DayDischarge, pack.discharge(per))
	w.put(r, vehicle.DayFastCharge, pack.fast)
	w.put(r, vehicle.DayHotParking, pack.hot.Hours())
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
