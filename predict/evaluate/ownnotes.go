package evaluate

import (
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// noteUnread says that units that nothing was read of are taken to go on.
func (o *Own) noteUnread() {
	units := 0
	for i := range o.units {
		if len(o.units[i].readings) == 0 {
			units++
		}
	}
	if units > 0 {
		o.note("units of which only services are known, taken to be in use until the end of the files, %s: %d", o.last.Format(time.DateOnly), units)
	}
}

// noteNames says that no service is of a part that was read, which is rather a matter of spelling.
func (o *Own) noteNames() {
	services, readings := 0, 0
	first := ""
	for i := range o.units {
		u := &o.units[i]
		readings += len(u.readings)
		for _, s := range u.services {
			if slices.ContainsFunc(u.readings, func(r ownReading) bool { return r.part == s.part }) {
				return
			}
			if services++; services == 1 {
				first = fmt.Sprintf("%s, %s", u.name, o.parts[s.part].name)
			}
		}
	}
	if services > 0 && readings > 0 {
		o.note("no service is of a unit and component that was read; are they spelled alike? The first: %s", first)
	}
}

// noteValues says which values are not between new and the limit as they were given, nor near them.
func (o *Own) noteValues() {
	for part, g := range o.gauges {
		if !g.raw || !g.told {
			continue
		}
		all, far := 0, 0
		for i := range o.units {
			for _, r := range o.units[i].readings {
				if r.part != part {
					continue
				}
				all++
				if w := g.wear(r.value); !(w > leastWear && w < mostWear) {
					far++
				}
			}
		}
		if far > 0 {
			o.note("values of %s far from both %g, which is new, and %g, the limit, not used: %d of %d; are --new and --threshold right?", o.parts[part].name, g.fresh, g.limit, far, all)
		}
	}
}

// noteFalling says of which parts most get better while they are on: their values are rather health than wear.
func (o *Own) noteFalling() {
	for part, g := range o.gauges {
		if g.raw && !g.told {
			continue // which way they go is learned
		}
		falls, rises := 0, 0
		for i := range o.units {
			down, up := o.units[i].ways(part, &g)
			falls, rises = falls+down, rises+up
		}
		if falls < fewestFresh || falls <= 3*rises {
			continue
		}
		name := o.parts[part].name
		if g.raw {
			o.note("values of %s go from %g, the limit, to %g, which is new, in %d of %d lives; are --new and --threshold right?", name, g.limit, g.fresh, falls, falls+rises)
		} else {
			o.note("values of %s fall in %d of %d lives, but 0 is taken for new and 1 for the limit; of values that fall to a limit say to which, as in --threshold %q", name, falls, falls+rises, name+"=0")
		}
	}
}

// ways are how many lives of a part in the unit show clearly less wear at their end than at their beginning, and how many
// more. What is read on the day of a renewal may be of either part.
func (u *ownUnit) ways(part int, g *ownGauge) (falls, rises int) {
	renewed := map[vehicle.Day]bool{}
	for _, s := range u.services {
		if s.part == part {
			renewed[vehicle.DayOf(s.at)] = true
		}
	}
	var wear []float64
	end := func() {
		if third := len(wear) / 3; third > 0 {
			switch gain := mean(wear[len(wear)-third:]) - mean(wear[:third]); {
			case gain > leastGain:
				rises++
			case gain < -leastGain:
				falls++
			}
		}
		wear = wear[:0]
	}
	services := u.services
	for i := range u.readings {
		r := &u.readings[i]
		if r.part != part || renewed[vehicle.DayOf(r.at)] {
			continue
		}
		for len(services) > 0 && !services[0].at.After(r.at) {
			if services[0].part == part {
				end()
			}
			services = services[1:]
		}
		wear = append(wear, g.wear(r.value))
	}
	end()
	return falls, rises
}

// Unanswered says, after all times were asked, of which parts there is no forecast, and why.
func (o *Own) Unanswered() []string {
	later := 0
	var asked, first time.Time
	for _, at := range o.asked {
		if at.After(asked) {
			asked = at
		}
	}
	var dark, other []string
	for i := range o.units {
		u := &o.units[i]
		for part := range o.parts {
			begin, of := u.begin(part), u.name+", "+o.parts[part].name
			switch {
			case begin.IsZero() || o.answered[[2]int{i, part}]:
				continue
			case begin.After(asked):
				if later++; first.IsZero() || begin.Before(first) {
					first = begin
				}
			case !o.gauges[part].usable && o.gauges[part].raw:
				dark = append(dark, of)
			default:
				other = append(other, of)
			}
		}
	}
	var out []string
	if later > 0 {
		out = append(out, fmt.Sprintf("parts of which nothing was known yet when it was asked: %d; the first is known of from %s on", later, first.Format(time.DateOnly)))
	}
	if len(dark) > 0 {
		out = append(out, fmt.Sprintf("parts without a forecast: %d, the first: %s. Where it is not clear what a new one shows, say so with --new", len(dark), dark[0]))
	}
	if len(other) > 0 {
		out = append(out, fmt.Sprintf("parts of which too little is known for a forecast: %d, the first: %s", len(other), other[0]))
	}
	return out
}

// begin is when a part of the unit is first heard of; zero: never.
func (u *ownUnit) begin(part int) (first time.Time) {
	hear := func(e *ownEvent) {
		if e.part == part && (first.IsZero() || e.at.Before(first)) {
			first = e.at
		}
	}
	for i := range u.readings {
		hear(&u.readings[i].ownEvent)
	}
	for i := range u.services {
		hear(&u.services[i].ownEvent)
	}
	return first
}
