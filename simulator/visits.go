package simulator

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Visit is one visit to a workshop, as its invoice says it.
type Visit struct {
	Time         time.Time
	OdometerKm   float64
	Shop         string
	Items        []string // component ids: "engine_oil", "oil_filter", "brake_pads_front" ...
	Oil          string   // part number of the oil that was filled in, where the invoice says it
	Mended       []Fault
	Measurements []Measurement
	CostMinor    int64  // minor units: cents, fen
	Currency     string // "EUR" or "CNY"
}

// Put is the part number of what was put in for an item, where the invoice says it.
func (v *Visit) Put(item string) string {
	if item == "engine_oil" {
		return v.Oil
	}
	return ""
}

// invoiceNames draws whether an invoice names the oil: nine of ten do.
const invoiceNames uint64 = 1 << 56

// Measurement is a value read in the workshop, after the work. Tyres and pads
// that were renewed on this visit are measured before it.
type Measurement struct {
	Component string // component id
	Place     string // "front", "rear" or empty
	Value     float64
	Unit      string // "mm", "percent"
}

// Service plan that the owners know, km and days.
const (
	serviceKm, serviceDays                 = 10_000, 365
	electricServiceKm, electricServiceDays = 20_000, 500
)

// considerVisit lets the owner decide in the evening whether to go soon.
func (r *run) considerVisit() {
	c := r.car
	if r.lamp() {
		if r.lampSince == 0 {
			r.lampSince = r.now
		}
	} else {
		r.lampSince = 0
	}
	if r.visitAt != 0 {
		return
	}
	s := stream(c.seed, forWorkshop, uint64(r.day))
	if !r.wantsVisit(&s) {
		return
	}
	day := r.day + 1 + vehicle.Day(s.below(6))
	if (int(day)+4)%7 == 0 { // closed on Sundays
		day++
	}
	if day < c.endDay {
		r.visitAt = c.instant(day, 8.5*3600+s.between(0, 7200)).Unix()
	}
}

func (r *run) wantsVisit(s *random) bool {
	c := r.car
	if c.upkeep == AtLimit {
		return r.upkeepAtLimit()
	}
	if r.brokenDown(s) {
		return true
	}
	if r.lampSince != 0 && float64(r.now-r.lampSince) > c.reaction*86_400 && r.mendable() {
		return true
	}
	if c.stopsGoing > 0 && r.day > c.endDay-vehicle.Day(c.stopsGoing) {
		return false
	}
	km, days := float64(serviceKm), float64(serviceDays)
	if c.Powertrain == vehicle.BatteryElectric {
		km, days = electricServiceKm, electricServiceDays
	}
	passed := max((r.odoM/1000-r.servicedKm)/km, float64(r.day-r.servicedDay)/days)
	return passed > c.slack
}

// brokenDown reports what sends even a careless owner to the workshop: metal on
// metal, bald tyres that the police saw, a starter that only clicks.
func (r *run) brokenDown(s *random) bool {
	worst := max(r.parts[padsFront].use, r.parts[padsRear].use)
	switch {
	case worst > 1.12 && s.chance(0.06):
		return true
	case min(r.treadMM(tyresFront), r.treadMM(tyresRear)) < 1.3 && s.chance(0.03):
		return true
	default:
		return r.noStart() && s.chance(0.03+max(5-r.meanC, 0)/60)
	}
}

// mendable reports whether an owner's own visit may mend anything now.
func (r *run) mendable() bool {
	for i, p := range r.car.faults {
		if r.now >= p.onset && !r.faults[i].mended && !p.lasting {
			return true
		}
	}
	return false
}

// visit is the day in the workshop.
func (r *run) visit() {
	c := r.car
	s := stream(c.seed, forWorkshop, uint64(r.now))
	v := Visit{Time: time.Unix(r.now, 0).UTC(), OdometerKm: math.Round(r.odoM / 1000), Shop: c.shop}
	r.measure(&v, &s)
	for _, item := range componentItems {
		if r.decides(item, &s) {
			r.renewItem(item)
			v.Items = append(v.Items, item)
			if item == "engine_oil" {
				v.Items = append(v.Items, "oil_filter")
				if name := stream(c.seed, forWorkshop, uint64(r.now)|invoiceNames); name.chance(0.9) {
					v.Oil = oilNumber(c.oilBrand(r.parts[engineOil].renewals))
				}
			}
		}
	}
	r.mend(func(p plannedFault) bool {
		if !p.lasting {
			v.Mended = append(v.Mended, p.fault)
		}
		return !p.lasting
	})
	r.servicedKm, r.servicedDay = r.odoM/1000, r.day
	r.tyreAir, r.lampSince = 0, 0
	r.invoice(&v)
	if r.visited != nil {
		r.visited(v)
	}
}

// decides says whether an item is renewed. Tyres go as a set when one axle asks.
func (r *run) decides(item string, s *random) bool {
	yes := false
	for k, row := range componentTable {
		if row.item == item && r.car.fits(component(k)) {
			yes = r.decidesPart(component(k), s) || yes
		}
	}
	return yes
}

// decidesPart is the talk between workshop and owner: the one goes by plan and
// by what it measures, the other puts off what he can.
func (r *run) decidesPart(k component, s *random) bool {
	p := &r.parts[k]
	if r.car.upkeep == AtLimit {
		return k != tractionBattery && r.wear(k) >= 1
	}
	km, months := r.odoM/1000-p.km, float64(r.now-p.at)/86_400/30.44
	willing := s.chance(0.85)
	if r.car.frugal {
		willing = s.chance(0.2)
	}
	switch k {
	case engineOil:
		return km > 3000 || months > 4
	case airFilter:
		return willing && (km > 27_000 || months > 36)
	case cabinFilter:
		return willing && (km > 15_000 || months > 15)
	case padsFront, padsRear:
		mm := r.padMM(k)
		return mm < 3 || willing && mm < 3.9
	case tyresFront, tyresRear:
		mm := r.treadMM(k)
		return mm < 1.8 || willing && mm < 2.8
	case brakeFluid:
		return willing && months > 24
	case battery12V:
		return r.noStart() || willing && starterHealth(p.use) < 0.68
	case coolant:
		return willing && (months > 52 || km > 200_000)
	case sparkPlugs:
		return willing && km > 60_000
	default:
		return false // a traction battery is no service item
	}
}

// measure is what the technician reads: to 0.5 mm on pads, 0.1 mm on tread.
func (r *run) measure(v *Visit, s *random) {
	half := func(x float64) float64 { return math.Round(2*(x+0.25*s.normal())) / 2 }
	tenth := func(x float64) float64 { return math.Round(10*(x+0.15*s.normal())) / 10 }
	if s.chance(0.8) {
		v.Measurements = append(v.Measurements,
			Measurement{"brake_pads_front", "front", max(half(r.padMM(padsFront)), 0.5), "mm"},
			Measurement{"brake_pads_rear", "rear", max(half(r.padMM(padsRear)), 0.5), "mm"})
	}
	if s.chance(0.85) {
		v.Measurements = append(v.Measurements,
			Measurement{"tyres", "front", max(tenth(r.treadMM(tyresFront)), 0.5), "mm"},
			Measurement{"tyres", "rear", max(tenth(r.treadMM(tyresRear)), 0.5), "mm"})
	}
	if s.chance(0.5) {
		health := 100*starterHealth(r.parts[battery12V].use) + 2*s.normal()
		v.Measurements = append(v.Measurements, Measurement{"battery_12v", "", min(math.Round(health), 100), "percent"})
	}
}

// invoice prices the visit: parts and labour in cents, or in fen.
func (r *run) invoice(v *Visit) {
	cents := map[string]int64{
		"engine_oil": 8900, "oil_filter": 1800, "air_filter": 3200, "cabin_filter": 3600,
		"brake_pads_front": 16500, "brake_pads_rear": 14500, "brake_fluid": 6900, "tyres": 42000,
		"battery_12v": 17900, "coolant": 9500, "spark_plugs": 13800,
	}
	sum := int64(2500) // inspection
	for _, item := range v.Items {
		sum += cents[item]
	}
	sum += int64(len(v.Mended)) * 24_000
	v.CostMinor, v.Currency = sum, "EUR"
	if r.car.region.locale == "zh-CN" {
		v.CostMinor, v.Currency = sum*9/2, "CNY"
	}
}

// Visits returns the workshop visits of car i that are on paper, oldest first:
// for most cars the last one before the epoch, and all until the end of the
// history.
func (f *Fleet) Visits(i int) []Visit {
	c := f.cars[i]
	all := c.visitsBefore()
	r := c.newRun()
	r.visited = func(v Visit) { all = append(all, v) }
	for r.day < c.endDay {
		r.passDay()
	}
	return all
}

// visitsBefore is what is on paper of the time before the epoch.
func (c *car) visitsBefore() []Visit {
	if visits := c.atEpoch().visits; len(visits) > 0 && c.recorded {
		return []Visit{visits[len(visits)-1]}
	}
	return nil
}
