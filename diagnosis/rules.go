package diagnosis

import (
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Keys of families that rules know by name. A test checks that the knowledge
// base has them.
const (
	familyMisfireRandom   = "misfire_random"
	familyMisfireCylinder = "misfire_cylinder"
	familyLean            = "fuel_lean"
	familyRich            = "fuel_rich"
	familyCatalyst        = "catalyst"
	familyAirMeter        = "air_meter"
	familyCoil            = "ignition_coil"
	familyInjector        = "injector_circuit"
	familyVoltage         = "system_voltage"
	familyDCDC            = "dcdc_supply"
	familyBus             = "can_bus"
)

// rule is one way in which codes explain each other (grouping, suppression).
type rule struct {
	id    string
	apply func(*board)
}

// rules are applied in this order: supply and network first, for they explain
// codes of every system; then what explains a misfire; then the catalyst, which
// waits for its cause; pointers last, when it is clear what they point to.
func rules() []rule {
	return []rule{
		{"supply dip explains network codes", supplyDip},
		{"network codes at once are one network fault", networkStorm},
		{"named cylinder before random misfire", cylinderFirst},
		{"circuit fault explains misfire of its cylinder", circuitFirst},
		{"mixture and misfire are one job", mixtureWithMisfire},
		{"air meter explains the mixture", meterFirst},
		{"catalyst waits for misfire and mixture", catalystWaits},
		{"pointer codes are never a finding", pointersAside},
	}
}

const (
	stormWindow = time.Minute // network codes this close together have one cause
	stormSize   = 3
)

// supplyDip (R1): three or more network codes within a minute of a dip of the
// 12 V supply are evidence of it, not faults of their own. Codes that are only
// watched count too: a dip sets many codes once.
func supplyDip(b *board) {
	storm := b.nearDip(b.networkStates())
	if len(storm) < stormSize {
		return
	}
	parent := b.voltageGroup()
	why := lang.Text{
		EN: "set within a minute of a dip of the 12 V supply: modules lost power, not each other",
		ZH: "在 12 V 供电骤降一分钟内产生：模块是断电，而非通信故障",
	}
	for _, s := range storm {
		b.remove(s)
		parent.absorbed = append(parent.absorbed, absorbed{CodeState: s, why: why})
	}
}

// networkStates lists the active network codes outside the voltage families.
func (b *board) networkStates() []CodeState {
	var all []CodeState
	for _, s := range b.car.codes {
		key := b.car.family(s.Code).Key
		if s.Active && isNetwork(s.Code) && key != familyVoltage && key != familyDCDC {
			all = append(all, s)
		}
	}
	return all
}

func isNetwork(c vehicle.Code) bool { return strings.HasPrefix(string(c), "U") }

// nearDip returns the states that were set within the window of a dip.
func (b *board) nearDip(states []CodeState) []CodeState {
	var dips []time.Time
	for _, key := range []string{familyVoltage, familyDCDC} {
		if g := b.groups[key]; g != nil {
			for _, s := range g.own {
				dips = append(dips, s.FirstSeen)
			}
		}
	}
	for _, d := range b.car.dips() {
		dips = append(dips, d.At)
	}
	var near []CodeState
	for _, s := range states {
		if slices.ContainsFunc(dips, func(at time.Time) bool { return s.FirstSeen.Sub(at).Abs() <= stormWindow }) {
			near = append(near, s)
		}
	}
	return near
}

// voltageGroup returns the group that stands for the 12 V supply: that of the
// DC-DC converter where it has a code of its own, else battery and charging.
func (b *board) voltageGroup() *group {
	if b.groups[familyVoltage] == nil && b.groups[familyDCDC] != nil {
		return b.groups[familyDCDC]
	}
	return b.group(b.car.known.byKey[familyVoltage])
}

// remove takes a code out of its group and out of the observed ones.
func (b *board) remove(s CodeState) {
	key := b.car.family(s.Code).Key
	if g := b.groups[key]; g != nil {
		g.own = slices.DeleteFunc(g.own, func(o CodeState) bool { return o.Code == s.Code && o.ECU == s.ECU })
		if len(g.own) == 0 {
			delete(b.groups, key)
		}
	}
	b.observed = slices.DeleteFunc(b.observed, func(o Observation) bool { return o.Code == s.Code && o.ECU == s.ECU })
}

// networkStorm: several modules that lost each other at the same time are one
// fault of the bus or its supply, even without a dip on record.
func networkStorm(b *board) {
	var storm []CodeState
	for _, g := range b.groups {
		for _, s := range g.own {
			if isNetwork(s.Code) && g.family.Key != familyVoltage && g.family.Key != familyDCDC {
				storm = append(storm, s)
			}
		}
	}
	slices.SortFunc(storm, compareStates)
	storm = densest(storm)
	if len(storm) < stormSize {
		return
	}
	why := lang.Text{
		EN: "set within a minute of the others: one network or supply fault",
		ZH: "与其他代码在一分钟内产生：同一网络或供电故障",
	}
	for _, s := range storm {
		if b.car.family(s.Code).Key == familyBus {
			continue
		}
		b.remove(s)
		bus := b.group(b.car.known.byKey[familyBus])
		bus.absorbed = append(bus.absorbed, absorbed{CodeState: s, why: why})
	}
}

// densest returns the most states, in order of time, that lie within one window.
func densest(states []CodeState) []CodeState {
	var best []CodeState
	for i := range states {
		j := i
		for j < len(states) && states[j].FirstSeen.Sub(states[i].FirstSeen) <= stormWindow {
			j++
		}
		if j-i > len(best) {
			best = states[i:j]
		}
	}
	return best
}

// cylinderFirst (R3): a cylinder that is named explains the random misfire.
func cylinderFirst(b *board) {
	b.absorb(familyMisfireCylinder, familyMisfireRandom, lang.Text{
		EN: "the cylinder is named by another code: look there first",
		ZH: "其他故障码已指明气缸：先检查该气缸",
	})
}

// circuitFirst: an electrical fault of the coil or injector of the very
// cylinders that misfire is the cause, the misfire its effect.
func circuitFirst(b *board) {
	misfire := b.groups[familyMisfireCylinder]
	for _, key := range []string{familyCoil, familyInjector} {
		circuit := b.groups[key]
		if misfire == nil || circuit == nil || !subset(cylinders(misfire.own), cylinders(circuit.own)) {
			continue
		}
		b.absorb(key, familyMisfireCylinder, lang.Text{
			EN: "follows from the electrical fault on the same cylinder",
			ZH: "由同一气缸的电路故障引起",
		})
		return
	}
}

// cylinders returns the cylinder numbers that the codes name (P03xx misfire,
// P02xx injector, P035x coil).
func cylinders(states []CodeState) []int {
	var all []int
	for _, s := range states {
		n, ok := codeNumber(s.Code)
		if !ok {
			continue
		}
		switch {
		case n >= 0x0301 && n <= 0x0309:
			all = append(all, int(n-0x0300))
		case n >= 0x0310 && n <= 0x0312:
			all = append(all, int(n-0x0310)+10)
		case n >= 0x0201 && n <= 0x0208:
			all = append(all, int(n-0x0200))
		case n >= 0x0351 && n <= 0x0358:
			all = append(all, int(n-0x0350))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func subset(part, whole []int) bool {
	return !slices.ContainsFunc(part, func(n int) bool { return !slices.Contains(whole, n) })
}

// mixtureWithMisfire (R2, R3): misfire on several cylinders beside a mixture
// fault comes from the mixture; one misfiring cylinder upsets the mixture
// reading, so there the cylinder comes first.
func mixtureWithMisfire(b *board) {
	fromMixture := lang.Text{
		EN: "misfire fits a mixture that is wrong for every cylinder",
		ZH: "失火与整机混合气异常相符",
	}
	for _, mixture := range []string{familyLean, familyRich} {
		if misfire := b.groups[familyMisfireCylinder]; misfire != nil && len(cylinders(misfire.own)) > 1 {
			b.absorb(mixture, familyMisfireCylinder, fromMixture)
		}
		b.absorb(mixture, familyMisfireRandom, fromMixture)
	}
	for _, key := range []string{familyMisfireCylinder, familyCoil, familyInjector} {
		if g := b.groups[key]; g != nil && hasMisfire(g) {
			b.absorb(key, familyLean, lang.Text{
				EN: "unburnt oxygen from a misfiring cylinder reads as lean: check again afterwards",
				ZH: "失火气缸未燃的氧气会被读作过稀：修复后再检查",
			})
		}
	}
}

func hasMisfire(g *group) bool {
	return slices.ContainsFunc(g.all(), func(s CodeState) bool {
		n, ok := codeNumber(s.Code)
		return ok && n >= 0x0300 && n <= 0x0312
	})
}

// meterFirst: the mixture, and the misfire that goes with it, follow what the air
// meter says.
func meterFirst(b *board) {
	why := lang.Text{
		EN: "the mixture follows the air meter: check again after its repair",
		ZH: "混合气取决于空气流量计：修复后再检查",
	}
	b.absorb(familyAirMeter, familyLean, why)
	b.absorb(familyAirMeter, familyRich, why)
}

// catalystWaits (R3): a catalyst code beside a misfire or mixture code waits
// until that is repaired, for it is often its effect.
func catalystWaits(b *board) {
	for _, key := range []string{
		familyMisfireCylinder, familyMisfireRandom, familyAirMeter, familyLean, familyRich, familyCoil, familyInjector,
	} {
		if key == familyAirMeter && (b.groups[key] == nil || len(b.groups[key].absorbed) == 0) {
			continue // no mixture or misfire code with it
		}
		b.absorb(key, familyCatalyst, lang.Text{
			EN: "deferred: after the root cause is repaired, clear it and see whether it returns",
			ZH: "暂缓：排除根本原因后清除，观察是否再次出现",
		})
	}
}

// pointersAside (R4): a code that only says "see another module" is evidence of
// what that module stores, and alone it is only observed.
func pointersAside(b *board) {
	for _, key := range b.keys() {
		pointer := b.groups[key]
		if !pointer.family.Pointer {
			continue
		}
		why := lang.Text{
			EN: "only says that another module has stored a code: read that module",
			ZH: "仅表示其他控制单元存有故障码：请读取该控制单元",
		}
		if !pointer.family.Aside.IsZero() {
			why = pointer.family.Aside
		} else if target := b.target(pointer); target != "" {
			b.absorb(target, key, lang.Text{EN: "points to the codes of this module", ZH: "指向该模块的故障码"})
			continue
		}
		for _, s := range pointer.all() {
			b.observe(s, why)
		}
		delete(b.groups, key)
	}
}

// target returns the group a pointer most likely points to: the oldest of the
// same system.
func (b *board) target(pointer *group) string {
	best := ""
	for _, key := range b.keys() {
		g := b.groups[key]
		if g.family.Pointer || g.family.System != pointer.family.System {
			continue
		}
		if best == "" || b.car.occurrence(g).Before(b.car.occurrence(b.groups[best])) {
			best = key
		}
	}
	return best
}

// dips lists the moments when the 12 V supply is known to have been low: given
// as such, the newest value, and the freeze frames.
func (c *car) dips() []Reading {
	const low = 11 // V
	dips := slices.Clone(c.in.Dips)
	if r, ok := c.in.Signals[vehicle.LowVoltage]; ok {
		dips = append(dips, r)
	}
	for _, s := range c.codes {
		for _, r := range s.FreezeFrame {
			if v, ok := r.Value.Float(); ok && s.Active && r.Signal == vehicle.LowVoltage {
				dips = append(dips, Reading{Value: v, At: s.FirstSeen})
			}
		}
	}
	return slices.DeleteFunc(dips, func(r Reading) bool { return r.Value <= 0 || r.Value >= low })
}
