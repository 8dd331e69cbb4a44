package predict

import (
	"cmp"
	"math"
	"slices"
)

// What a sensor shows of a part depends on what was put in: the permittivity of one oil
// rises faster than that of another. Where service records name the part, the fleet learns
// by how much each one looks more worn than it is.

const (
	leastFailed = 3   // parts of a make that failed, before it is judged
	mostGain    = 0.3 // of the log; a make that looks more different is something else
)

// learnMakes learns what the sensed wear of each named part is multiplied with, by the wear
// at which those failed (one-way analysis of variance of its log, each make drawn to the
// mean by as much as makes are alike).
func (l *LifePrior) learnMakes(own []FleetPath) {
	by := map[string][]float64{}
	for i := range own {
		f := &own[i]
		if f.Part == "" || !(f.FailedAt > 0) || !followsWear(f.lastSource()) {
			continue
		}
		by[f.Part] = append(by[f.Part], math.Log(f.FailedAt))
	}
	for name, off := range drawn(by, leastFailed) {
		if l.Makes == nil {
			l.Makes = map[string]float64{}
		}
		l.Makes[name] = math.Exp(min(max(off, -mostGain), mostGain))
	}
}

// ofMakes are the paths with the sensed wear of each make brought to that of all, in order of
// the vehicle; what is given is not changed.
func ofMakes(own []FleetPath, makes map[string]float64) []FleetPath {
	if len(makes) == 0 {
		return own
	}
	own = slices.Clone(own)
	for i := 0; i < len(own); {
		first, vin := i, own[i].VIN
		var named []string
		for ; i < len(own) && own[i].VIN == vin; i++ {
			named = append(named, own[i].Part)
		}
		usual := usualMake(named)
		for j := first; j < i; j++ {
			if gain, ok := makes[cmp.Or(own[j].Part, usual)]; ok {
				own[j].divide(gain)
			}
		}
	}
	return own
}

// divide takes a gain out of what sensors showed.
func (f *FleetPath) divide(gain float64) {
	f.Points = slices.Clone(f.Points)
	for j := range f.Points {
		if q := &f.Points[j]; followsWear(q.Source) {
			q.Wear, q.Noise = q.Wear/gain, q.Noise/gain
		}
	}
	if followsWear(f.lastSource()) {
		f.FailedAt, f.FailedAtSE, f.FailedPerDay = f.FailedAt/gain, f.FailedAtSE/gain, f.FailedPerDay/gain
	}
}

// usualMake is the name that most of a vehicle's parts have, the newest of several: what one
// without a name most likely is. Empty where none has.
func usualMake(named []string) string {
	usual, most := "", 0
	counts := map[string]int{}
	for _, name := range named {
		if name == "" {
			continue
		}
		if counts[name]++; counts[name] >= most {
			usual, most = name, counts[name]
		}
	}
	return usual
}

// madeAs is what a part is taken for, and what sensors multiply the wear of such parts with.
type madeAs struct {
	name string
	gain float64
}

// byMake brings what sensors show of each part to what they show of parts of all makes.
func (t *timeline) byMake(row int, makes map[string]float64) {
	services := t.services[row]
	named := make([]string, len(services))
	for i := range services {
		named[i] = services[i].Part
	}
	as := func(name string) madeAs {
		if g, ok := makes[name]; ok {
			return madeAs{name, g}
		}
		return madeAs{gain: 1}
	}
	usual := as(usualMake(named))
	is, most := usual, 0.0
	renew := func(to madeAs) { is, most = to, 0 }
	for i, readings := 0, t.readings[row]; i < len(readings); i++ {
		r := &readings[i]
		for len(services) > 0 && !services[0].Time.After(r.Time) {
			if renew(usual); services[0].Part != "" {
				renew(as(services[0].Part))
			}
			services = services[1:]
		}
		if !r.Sensed() {
			continue
		}
		if fell := func(k int) bool { return k < len(readings) && readings[k].Wear < most-fallen }; fell(i) && fell(i+1) {
			renew(usual) // and nobody recorded with what
		}
		most = max(most, r.Wear)
		r.Wear, r.Noise = r.Wear/is.gain, r.Noise/is.gain
	}
	if is.name != "" {
		if t.made == nil {
			t.made = map[Component]madeAs{}
		}
		t.made[t.table.rows[row].Component] = is
	}
}

// fallen is by how much less wear than before readings show a part that was renewed.
const fallen = 0.3
