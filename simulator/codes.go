package simulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	maxCodes = 10
	// Trips in a row with the fault until a code is confirmed (two-trip logic of
	// OBD II), and days with it until it is stored as permanent.
	tripsToConfirm  = 2
	daysToPermanent = 25
	// Clean trips until a pending code, and a confirmed one, is forgotten.
	tripsToForget = 40
	tripsEVAP     = 8 // a cap that was tightened: monitors pass in a few days
)

// codeState is one trouble code in its ECU's memory.
type codeState struct {
	code   vehicle.Code
	status vehicle.CodeStatus
	hits   int32 // trips with the fault
	clean  int32 // trips without it since
	since  int64 // Unix seconds of the first trip with it
	frame  [4]float64
}

// codesOf lists the codes that a fault can raise, the main ones first.
func codesOf(p plannedFault) []vehicle.Code {
	switch p.fault {
	case VacuumLeak:
		return []vehicle.Code{"P0171", "P0174", "P0300"}
	case IgnitionCoil:
		return []vehicle.Code{vehicle.Code(fmt.Sprintf("P030%d", p.cylinder)), "P0300"}
	case Thermostat:
		return []vehicle.Code{"P0128"}
	case Charging:
		return []vehicle.Code{"P0562", "U0121", "U0100", "U0140"}
	case Catalyst:
		return []vehicle.Code{"P0420"}
	case DirtyMAF:
		return []vehicle.Code{"P0101", "P0171"}
	case HVIsolation:
		return []vehicle.Code{"P0AA6"}
	case CoolantPump:
		return []vehicle.Code{"P0A82"}
	case CloggedFilter:
		return []vehicle.Code{"P2463", "P2002"}
	default:
		return []vehicle.Code{"P0456"}
	}
}

// seen reports whether a monitor sees code i of a fault on this trip.
func (r *run) seen(p plannedFault, f *faultState, i int, d drive, s *random) bool {
	strength := r.strength(p.fault)
	minutes := d.length / 60
	switch p.fault {
	case VacuumLeak:
		return strength > []float64{0.8, 0.86, 1.15}[i] && (i < 2 || s.chance(0.8))
	case DirtyMAF, CloggedFilter:
		return strength > []float64{0.5, 0.9}[i]
	case IgnitionCoil:
		return i == 0 && s.chance(0.9) || f.trips > 5 && s.chance(0.8)
	case Thermostat:
		return minutes > 8
	case Charging:
		return strength > 0.55
	case Catalyst:
		return minutes > 10 && s.chance(0.85)
	case HVIsolation, CoolantPump:
		return f.trips > 1 && s.chance(0.85)
	default:
		return f.trips <= 9 // then the owner tightens the cap
	}
}

// monitor is the on-board diagnosis at the end of a trip.
func (r *run) monitor(d drive) {
	s := stream(r.car.seed, forFaults, uint64(r.now))
	var hit [maxCodes]bool
	for i, p := range r.car.faults {
		f := &r.faults[i]
		if f.mended || r.now < p.onset {
			continue
		}
		f.trips++
		for j, code := range codesOf(p) {
			if r.seen(p, f, j, d, &s) {
				if k := r.remember(code, d); k >= 0 {
					hit[k] = true
				}
			}
		}
		if p.fault == LooseCap && f.trips > 9 {
			f.mended = true
		}
	}
	r.settle(hit)
}

// remember finds or makes the entry of a code; -1 when the memory is full.
func (r *run) remember(code vehicle.Code, d drive) int {
	for k := range r.codeCount {
		if r.codes[k].code == code {
			return k
		}
	}
	if r.codeCount == maxCodes {
		return -1
	}
	bank1, _ := r.trims()
	_, rpm := r.car.revolutions(d)
	warm := r.coolantHeat(d).after(d.length * 0.7)
	r.codes[r.codeCount] = codeState{code: code, since: r.now, frame: [4]float64{d.speed(), rpm, warm, bank1}}
	r.codeCount++
	return r.codeCount - 1
}

// settle moves every code on by one trip.
func (r *run) settle(hit [maxCodes]bool) {
	kept := 0
	for k := range r.codeCount {
		c := r.codes[k]
		before := c.status
		if hit[k] {
			c.hits, c.clean = c.hits+1, 0
		} else {
			c.clean++
		}
		switch {
		case c.status == vehicle.CodeConfirmed && hit[k] && r.now-c.since > daysToPermanent*86_400:
			c.status = vehicle.CodePermanent
		case c.status == vehicle.CodePermanent, c.status == vehicle.CodeConfirmed:
		case c.hits >= tripsToConfirm || oneTrip(c.code):
			c.status = vehicle.CodeConfirmed
		default:
			c.status = vehicle.CodePending
		}
		forget := int32(tripsToForget)
		switch {
		case c.status == vehicle.CodePending:
			forget = 1
		case c.code == "P0456":
			forget = tripsEVAP
		}
		if c.clean >= forget {
			r.codesMoved = true
			continue
		}
		r.codesMoved = r.codesMoved || c.status != before
		r.codes[kept] = c
		kept++
	}
	r.codeCount = kept
}

// oneTrip reports codes that are confirmed at once: electrical faults and lost
// communication need no second trip.
func oneTrip(c vehicle.Code) bool { return c[0] == 'U' || c == "P0562" }

// clearCodes takes the codes of a fault out of memory, as a workshop does with a tester:
// all monitors begin again.
func (r *run) clearCodes(p plannedFault) {
	kept := 0
	for k := range r.codeCount {
		if slices.Contains(codesOf(p), r.codes[k].code) {
			r.codesMoved, r.sinceErased = true, 0
			continue
		}
		r.codes[kept] = r.codes[k]
		kept++
	}
	r.codeCount = kept
}

// ecuIDs are the CAN ids that control units answer on (ISO 15765-4): engine,
// transmission, chassis, battery management.
func ecuIDs() [4]string { return [4]string{"7E8", "7E9", "7EA", "7EC"} }

// ecuOf is the control unit that stores a code, as a place in ecuIDs.
func ecuOf(c vehicle.Code) int {
	switch {
	case strings.HasPrefix(string(c), "P0A"):
		return 3
	case c == "U0100": // transmission misses the engine
		return 1
	case c == "U0140": // chassis misses the body
		return 2
	default:
		return 0
	}
}

// tell decides which control units report their codes now: those with codes
// once a day, and all whose set has changed, so that an empty set is told once.
func (r *run) tell(daily bool) {
	r.tellReadiness(daily)
	if !daily && !r.codesMoved {
		return
	}
	var present uint8
	for _, c := range r.codes[:r.codeCount] {
		present |= 1 << ecuOf(c.code)
	}
	r.say |= present | r.told
	r.told, r.codesMoved = present, false
}

// lamp reports whether the malfunction lamp is on: a confirmed code that is
// younger than three clean trips.
func (r *run) lamp() bool {
	for _, c := range r.codes[:r.codeCount] {
		if c.status != vehicle.CodePending && c.clean < 3 && c.code[0] == 'P' {
			return true
		}
	}
	return false
}
