package simulator

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Upkeep says who decides when parts are renewed.
type Upkeep uint8

// The ways of upkeep.
const (
	ByOwner Upkeep = iota // by plan, by what is measured, and by what the owner puts off
	// AtLimit runs every part to its limit and renews it within the week. Once a
	// year or every 10,000 km the car is inspected, and nothing else is done. So
	// every life has an end that can be told, and forecasts of it can be scored.
	AtLimit
)

// Diary is what is known of a car by the end of its history, summed up by day as
// roll-ups of its messages would be, and the hidden truth beside it. It is for
// scoring forecasts on fleets of thousands: History says the same in messages.
type Diary struct {
	Profile   Profile
	UTCOffset time.Duration // of the car's clock, by which Days are counted; all else is in UTC
	Days      []DiaryDay    // driven days since the epoch, ascending
	Visits    []Visit       // as Fleet.Visits
	Truth     VehicleTruth
	// Damage is the share of its life that the part in the car has used up at the
	// end of each of Days, by component: 1 at the limit, and linear in what wears it,
	// as far as the law of the component is.
	Damage map[string][]float64
}

// Gauged is what a gauge shows in the morning and at the end of a day, percent.
type Gauged struct{ First, Last float64 }

// DiaryDay is one driven day.
type DiaryDay struct {
	Day        vehicle.Day // local
	OdometerKm float64     // at its end
	DistanceKm float64
	Starts     int
	Cold       int     // starts with coolant below 30 °C; 0 without an engine
	AirC       float64 // mean while driving
	ColdestC   float64
	Turns      float64             // of the engine, as the speeds in the messages add up
	OilStress  float64             // the same, each by its effect on the oil (telemetry.OilFactor)
	Cranking   telemetry.Aggregate // of the starts, V at 20 °C and charged (vehicle.CrankingAt20)
	CrankV     float64             // lowest while cranking; NaN where nothing cranks
	PadFront   Gauged              // as a gauge shows the worst wheel; NaN without one
	PadRear    Gauged
	WornFront  bool // the warning contact has closed
	WornRear   bool
	Oil        float64    // percent, as a condition sensor says; NaN without one
	Tread      [4]float64 // mm, by sensors in the tyres: front left, front right, rear; NaN without them
	SoH        float64    // percent, as the battery management says; NaN without a traction battery

	// What the samples of the messages add up to; 0 where they do not tell it.
	Runs, Short           int     // of the engine, and those that stayed cold
	SlipAlong, SlipAcross float64 // km (m/s²)²
	Pack                  PackDay
}

// Diary tells car i. It costs about as much as Truth.
func (f *Fleet) Diary(i int) Diary {
	c := f.cars[i]
	d := Diary{Profile: c.Profile, UTCOffset: c.utcOffset, Visits: c.visitsBefore(), Damage: map[string][]float64{}}
	r := c.newRun()
	r.visited = func(v Visit) { d.Visits = append(d.Visits, v) }
	items := c.items()
	d.Truth = r.truth(func() {
		day, driven := r.diaryDay()
		if !driven {
			return
		}
		d.Days = append(d.Days, day)
		for _, of := range items {
			d.Damage[of.item] = append(d.Damage[of.item], r.damage(of))
		}
	})
	return d
}

// diaryDay passes one day and sums it up.
func (r *run) diaryDay() (DiaryDay, bool) {
	c := r.car
	nothing := math.NaN()
	out := DiaryDay{Day: r.day, CrankV: nothing, SoH: nothing, ColdestC: math.Inf(1)}
	from := r.odoM
	r.beginDay()
	out.PadFront.First, out.PadRear.First = r.gauged()
	if c.packKWh > 0 {
		out.SoH = r.reportedHealth()
	}
	var work dayWork
	pack := packWatch{now: r.stood}
	for r.depart() {
		d := r.today.trips[r.next]
		pack.depart(r, d)
		turned := work.watch(r, d)
		out.Starts++
		out.AirC += r.airC
		out.ColdestC = min(out.ColdestC, r.airC)
		if c.Cylinders > 0 && r.coolantC < 30 {
			out.Cold++
		}
		if v, at20 := r.sensedStart(d); c.Powertrain != vehicle.BatteryElectric {
			if !(v > out.CrankV) {
				out.CrankV = v
			}
			if v < telemetry.CrankBelow {
				out.Cranking.Add(time.Unix(r.now, 0).UTC(), at20)
			}
		}
		r.arrive()
		pack.arrive(r)
		if turned {
			out.Runs++
			if math.Round(r.coolantC) < 70 {
				out.Short++
			}
		}
	}
	r.stood = pack.now
	out.sensed(r)
	r.finishDay()
	if out.Starts == 0 {
		return out, false
	}
	out.AirC /= float64(out.Starts)
	out.OdometerKm, out.DistanceKm = r.odoM/1000, (r.odoM-from)/1000
	if work.km > 0 {
		whole := out.DistanceKm / work.km
		out.Turns, out.OilStress = work.turns*whole, work.hot*whole
		out.SlipAlong, out.SlipAcross = work.along*whole, work.across*whole
		pack.day.DischargeKWh += work.kWh * whole
	}
	out.Pack = pack.told(r)
	return out, true
}

// sensed is what the car's sensors say at the end of a day.
func (out *DiaryDay) sensed(r *run) {
	c, nothing := r.car, math.NaN()
	out.PadFront.Last, out.PadRear.Last = r.gauged()
	if c.PadSensor == PadSensorWarn {
		out.WornFront, out.WornRear = r.padMM(padsFront) < padContact, r.padMM(padsRear) < padContact
	}
	out.Oil, out.Tread = nothing, [4]float64{nothing, nothing, nothing, nothing}
	if c.OilSensor {
		out.Oil = r.sensedOil()
	}
	if c.TyreSensors {
		out.Tread = r.sensedTread()
	}
}

// gauged is what the gauges of the pads show; NaN without them.
func (r *run) gauged() (front, rear float64) {
	if r.car.PadSensor != PadSensorGauged {
		return math.NaN(), math.NaN()
	}
	return r.padPercent(padsFront, 0), r.padPercent(padsRear, 0)
}

// dayWork is what the moments of a day that messages tell of add up to.
type dayWork struct{ turns, hot, along, across, kWh, km float64 }

// watch adds the moments of a trip, and says if the engine ran in one. A message speaks
// for half of the time to the ones beside it, but for no more than half an hour
// (telemetry.WearWork).
func (w *dayWork) watch(r *run, d drive) (turned bool) {
	c := r.car
	n := r.today.moments()
	between, outer := min(d.length/float64(n), 1800), min(d.length/float64(n)/2, 1800)
	coolant, oil := r.coolantHeat(d), r.oilHeat(d)
	for k := range n {
		share := between / 3600
		if k == 0 || k == n-1 {
			share = (between + outer) / 2 / 3600
		}
		after := d.moment(k, n)
		at := c.instant(r.day, d.start+after)
		kmh, _ := d.place(after)
		w.km += kmh * share
		if c.Cylinders > 0 {
			turns := c.tachometer(kmh, coolant.after(after)) * 60 * share
			w.turns += turns
			w.hot += turns * telemetry.OilFactor(oil.after(after))
			turned = turned || turns > 0
		}
		if c.PackSensors {
			w.kWh += r.drawnKW(at, kmh) * share
		}
		if c.Motion {
			along, across := c.accelerations(at)
			w.along += along * along * kmh * share
			w.across += across * across * kmh * share
		}
	}
	return turned
}

// sensedStart is the lowest voltage of a start as messages tell it, and what it is at
// 20 °C with a charged battery, by the voltage and the temperature 20 s before.
func (r *run) sensedStart(d drive) (lowest, at20 float64) {
	start, before := r.car.instant(r.day, d.start), r.car.instant(r.day, d.start-20)
	noise := stream(r.car.seed, forNoise, uint64(start.UnixMilli()))
	lowest = r.crankVolts(r.airC) + 0.14*noise.normal()
	noise = stream(r.car.seed, forNoise, uint64(before.UnixMilli()))
	rest := r.restVolts(r.airC) + 0.02*noise.normal()
	return lowest, vehicle.CrankingAt20(lowest, rest, r.airC+0.4*noise.normal())
}

// damage is the share of its life that an item has used up, in the measure in which it runs
// evenly.
func (r *run) damage(of fitted) (worst float64) {
	for _, k := range of.parts {
		used := r.parts[k].use
		switch k {
		case tyresFront, tyresRear:
			used /= tyreNew - tyreLimit // counted in millimetres
		case tractionBattery:
			used = r.wear(tractionBattery) // two clocks
		default: // counted so
		}
		worst = max(worst, used)
	}
	return worst
}

// Of an inspected car: the inspection comes by the clock of a service plan.
const (
	inspectKm   = 10_000
	inspectDays = 365
)

// upkeepAtLimit sends the car to the workshop when something has reached its
// limit, or for the yearly inspection.
func (r *run) upkeepAtLimit() bool {
	for k := range componentCount {
		if k != tractionBattery && r.car.fits(k) && r.wear(k) >= 1 {
			return true
		}
	}
	return r.odoM/1000-r.servicedKm >= inspectKm || r.day-r.servicedDay >= inspectDays
}
