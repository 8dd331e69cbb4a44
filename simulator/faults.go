package simulator

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Fault is a cause that trouble codes come from.
type Fault string

// The faults that cars can have.
const (
	VacuumLeak    Fault = "vacuum_leak"    // both trims drift: P0171 P0174, then P0300
	IgnitionCoil  Fault = "ignition_coil"  // one cylinder: P030x, P0300
	Thermostat    Fault = "thermostat"     // stuck open: low plateau, P0128
	Charging      Fault = "charging"       // weak alternator: P0562 and U-codes within a minute
	Catalyst      Fault = "catalyst"       // aged: P0420
	DirtyMAF      Fault = "dirty_maf"      // P0101, then P0171
	HVIsolation   Fault = "hv_isolation"   // P0AA6
	CoolantPump   Fault = "coolant_pump"   // of the high-voltage battery: P0A82
	CloggedFilter Fault = "clogged_filter" // diesel particulate filter, short trips: P2463, P2002
	LooseCap      Fault = "loose_cap"      // P0456, goes away by itself
)

// Faults lists every fault, in the order of the constants.
func Faults() []Fault {
	return []Fault{VacuumLeak, IgnitionCoil, Thermostat, Charging, Catalyst, DirtyMAF,
		HVIsolation, CoolantPump, CloggedFilter, LooseCap}
}

// maxFaults bounds the faults of one car's life.
const maxFaults = 6

// plannedFault is a fault that a car will have.
type plannedFault struct {
	fault    Fault
	onset    int64 // Unix seconds
	cylinder int
	lasting  bool // stays until Repair mends it: the owner waits for a reminder
}

// faultState is how far a fault has come.
type faultState struct {
	mended bool
	trips  int32 // since its onset
}

// suits reports whether the car can have the fault.
func (c *car) suits(f Fault) bool {
	p := c.Powertrain
	spark := p == vehicle.Petrol || p == vehicle.Hybrid
	switch f {
	case VacuumLeak:
		return p == vehicle.Petrol && c.Cylinders == 6
	case IgnitionCoil, Catalyst:
		return spark
	case Thermostat:
		return c.Cylinders > 0
	case Charging:
		return p == vehicle.Petrol || p == vehicle.Diesel
	case DirtyMAF:
		return p == vehicle.Diesel || p == vehicle.Petrol && c.Cylinders == 4
	case LooseCap:
		return p == vehicle.Petrol
	case CloggedFilter:
		return p == vehicle.Diesel
	default:
		return p == vehicle.BatteryElectric
	}
}

// assignFaults gives cars the faults of their past, and some of them a fault
// that begins in the last three weeks of the history.
func assignFaults(seed uint64, cars []*car) {
	for _, c := range cars {
		c.pastFaults()
	}
	order := []Fault{VacuumLeak, IgnitionCoil, Charging, Thermostat, HVIsolation, Catalyst,
		CloggedFilter, DirtyMAF, CoolantPump}
	want := max(len(cars)/6, min(len(cars), 4), 1)
	r := stream(seed, forFaults, 0)
	taken := make([]bool, len(cars))
	for k := 0; want > 0 && k < 3*want+len(order); k++ {
		f := order[k%len(order)]
		first := r.below(len(cars))
		for j := range cars {
			i := (first + j) % len(cars)
			if c := cars[i]; !taken[i] && c.suits(f) && c.Usage != Weekend {
				c.addFault(&r, f)
				taken[i] = true
				want--
				break
			}
		}
	}
	for _, c := range cars {
		slices.SortStableFunc(c.faults, func(a, b plannedFault) int { return int(a.onset - b.onset) })
	}
}

func (c *car) pastFaults() {
	r := stream(c.seed, forFaults, 1)
	all := Faults()
	for begin := c.epochDay; begin < c.endDay-70 && len(c.faults) < maxFaults-1; begin += 120 {
		f, happens := all[r.below(len(all))], r.chance(0.35)
		day := begin + vehicle.Day(r.between(0, 120))
		if happens && c.suits(f) && day < c.endDay-70 && !c.has(f) {
			c.faults = append(c.faults, plannedFault{fault: f, onset: c.instant(day, 40_000).Unix(), cylinder: 1 + r.below(c.Cylinders)})
		}
	}
}

func (c *car) has(f Fault) bool {
	return slices.ContainsFunc(c.faults, func(p plannedFault) bool { return p.fault == f })
}

// addFault plans a lasting fault for the last three weeks. Faults that grow
// begin early enough in them to be confirmed at the end.
func (c *car) addFault(r *random, f Fault) {
	earliest, latest := 18.0, 5.0
	if growthDays(f) > 0 {
		earliest, latest = 20, 10
	}
	span := float64(c.endDay - c.epochDay)
	back := min(r.between(latest, earliest), span*0.8)
	c.faults = append(c.faults, plannedFault{
		fault: f, lasting: true, cylinder: 1 + r.below(c.Cylinders),
		onset: c.instant(c.endDay, -back*86_400).Unix(),
	})
}

// growthDays is how long a fault takes from its first trace to full strength.
func growthDays(f Fault) float64 {
	switch f {
	case VacuumLeak:
		return 5
	case DirtyMAF, CloggedFilter:
		return 6
	case Charging:
		return 4
	default:
		return 0
	}
}

// strength is how strong a fault is now: 0 when the car does not have it, 1 at
// full strength; growing faults go on to 1.4.
func (r *run) strength(f Fault) float64 {
	for i := range r.car.faults {
		p := &r.car.faults[i]
		if p.fault != f || r.faults[i].mended || r.now < p.onset {
			continue
		}
		days := growthDays(f)
		if days == 0 {
			return 1
		}
		return min(float64(r.now-p.onset)/86_400/days, 1.4)
	}
	return 0
}

// feeling is how strong the faults are that show in signals.
type feeling struct {
	vacuum, maf, thermostat, charging, pump, filter float64
}

// feelFaults notes the strength of every fault at the start of a trip.
func (r *run) feelFaults() {
	if len(r.car.faults) == 0 {
		return
	}
	r.feel = feeling{
		vacuum: r.strength(VacuumLeak), maf: r.strength(DirtyMAF),
		thermostat: r.strength(Thermostat), charging: r.strength(Charging),
		pump: r.strength(CoolantPump), filter: r.strength(CloggedFilter),
	}
}

// trims are the long-term fuel trims of both banks, percent: an engine that
// draws air past the meter adds fuel, most at idle.
func (r *run) trims() (bank1, bank2 float64) {
	lean := 21*r.feel.vacuum + 15*r.feel.maf
	base := 3 * (r.car.factor[engineOil] - 1) // every engine has its own small bias
	return base + lean, base*0.7 + lean*0.94
}

// mend repairs the faults that match.
func (r *run) mend(match func(plannedFault) bool) {
	for i, p := range r.car.faults {
		if r.now >= p.onset && !r.faults[i].mended && match(p) {
			r.faults[i].mended = true
			r.clearCodes(p)
		}
	}
	r.feelFaults()
}
