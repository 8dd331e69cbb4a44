package simulator

import (
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// run is one car under way through its days. It is a plain value: a copy goes
// on independently, which is how the truth looks into the future.
type run struct {
	car *car
	day vehicle.Day // the local day under way
	now int64       // Unix seconds
	// ordinary keeps the driving of the history after its end; see car.plan.
	ordinary bool
	// neglect leaves repairs out, to see when parts would reach their limits.
	neglect bool
	visited func(Visit) // may be nil

	habit    habit
	today    itinerary
	next     int // the trip to come or under way
	underway bool
	starts   int
	meanC    float64
	airC     float64

	odoM           float64
	parts          [componentCount]part
	coolantC, oilC float64
	stoodSince     int64
	charge12       float64  // state of charge of the 12 V battery, 0..1
	fuel           float64  // share of the tank
	soc            float64  // share of the traction battery
	charged        charge   // right before the trip under way
	stood          packStay // the battery at the last look, for the diary
	tyreAir        float64  // kPa lost since the tyres were filled
	fuelInOil      float64  // percent

	faults     [maxFaults]faultState
	feel       feeling
	codes      [maxCodes]codeState
	codeCount  int
	codesMoved bool
	told       uint8 // control units whose last report had codes
	say        uint8 // control units that have something to report now

	sinceErased, toldErased uint8       // trips since codes were erased, up to 99; and those at the last report
	toldDay                 vehicle.Day // of the last report of readiness

	repaired    int   // repairs already done
	visitAt     int64 // next workshop visit; 0 none
	lampSince   int64
	servicedKm  float64
	servicedDay vehicle.Day
}

// start puts a new car on the road.
func (r *run) start() {
	c := r.car
	r.day, r.habit = c.firstDay, c.firstHabit()
	r.servicedDay = c.firstDay
	r.now = c.instant(r.day, 0).Unix()
	r.stoodSince = r.now
	r.odoM, r.charge12, r.fuel, r.soc = 15_000, 0.95, 0.8, 0.8
	r.meanC = c.region.dayMean(c.weather, r.day)
	r.coolantC, r.oilC = r.meanC, r.meanC
	for k := range componentCount {
		if c.fits(k) {
			r.fit(k, r.now, 0)
		}
	}
}

// passDay simulates one whole day.
func (r *run) passDay() {
	r.beginDay()
	for r.depart() {
		r.arrive()
	}
	r.finishDay()
}

func (r *run) beginDay() {
	c := r.car
	r.meanC = c.region.dayMean(c.weather, r.day)
	r.next, r.starts, r.underway = 0, 0, false
	km := c.kmOf(&r.habit, r.day)
	r.today = c.plan(r.day, km, r.day >= c.endDay && !r.ordinary)
}

// depart starts the next trip; it is false when the day has no more.
func (r *run) depart() bool {
	if r.next >= r.today.n {
		return false
	}
	d := r.today.trips[r.next]
	r.handle(r.clock(d.start))
	r.now = r.clock(d.start)
	r.airC = r.car.region.atHour(r.meanC, d.start/3600)
	stood := float64(r.now-r.stoodSince) / 3600
	r.cool(stood, r.airC)
	r.refuel()
	r.feelFaults()
	r.starts++
	r.underway = true
	r.tell(r.next == 0)
	return true
}

// arrive ends the trip under way: everything that driving does has been done.
func (r *run) arrive() {
	d := r.today.trips[r.next]
	r.handle(r.clock(d.end()))
	r.wearEngine(d)
	r.diluteOil(d)
	r.wearBrakes(d)
	r.wearTyres(d, r.airC)
	r.wearRolling(d)
	r.charge(d.hours())
	r.spend(d)
	r.coolantC, r.oilC = r.coolantHeat(d).after(d.length), r.oilHeat(d).after(d.length)
	r.odoM += d.km * 1000
	r.now = r.clock(d.end())
	r.stoodSince = r.now
	if len(r.car.faults) > 0 || r.codeCount > 0 {
		r.monitor(d)
	}
	r.next++
	r.underway = false
	r.sinceErased = min(r.sinceErased+1, never-1)
	r.tell(false)
}

func (r *run) finishDay() {
	km := 0.0
	for _, d := range r.today.trips[:r.today.n] {
		km += d.km
	}
	r.handle(r.clock(86_400) - 1)
	r.wearStanding()
	r.wearStarter(r.starts)
	if r.car.packKWh > 0 {
		r.wearTraction(km)
	}
	r.tyreAir = min(r.tyreAir+0.12, 30)
	if c := &r.car.charging; c.home && (r.soc < 0.45 || r.day%5 == 0) {
		r.fill(c.to, homeKW) // over night
	}
	if r.day < r.car.endDay {
		r.considerVisit()
	}
	r.day++
	r.now = r.clock(0)
}

// clock turns a second of the day under way into Unix seconds.
func (r *run) clock(second float64) int64 { return r.car.instant(r.day, second).Unix() }

// handle does what the workshop had to do until now: planned visits and repairs.
func (r *run) handle(until int64) {
	if r.visitAt != 0 && r.visitAt <= until {
		r.now = max(r.now, r.visitAt)
		r.visitAt = 0
		r.visit()
	}
	for !r.neglect {
		job, ok := r.car.repairDue(r.repaired, until)
		if !ok {
			return
		}
		r.repaired++
		r.now = max(r.now, job.at)
		r.repair(job)
	}
}

// refuel fills up when little is left.
func (r *run) refuel() {
	if r.car.Cylinders > 0 && r.fuel < 0.14 {
		r.fuel = 0.97
	}
	r.charged = charge{}
	if r.car.Powertrain == vehicle.BatteryElectric && r.soc < r.car.charging.below {
		r.fastCharge()
	}
}

// spend takes the energy of a trip out of tank and battery.
func (r *run) spend(d drive) {
	c := r.car
	cold := r.coldDraw()
	if c.Cylinders > 0 {
		r.fuel = max(r.fuel-d.km*c.litres*cold/100/c.tankL, 0.02)
	}
	switch c.Powertrain {
	case vehicle.BatteryElectric:
		r.soc = max(r.soc-d.km*c.kWh*cold/100/c.packKWh, 0.04)
	case vehicle.Hybrid:
		r.soc = r.chargeAfter(d.km)
	default: // the tank was all
	}
}
