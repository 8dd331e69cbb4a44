package evaluate

import (
	"fmt"
	"slices"
	"time"
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

// noteTruth says which lives the truth leaves to the services, and what it tells of that no forecast is made of.
func (o *Own) noteTruth(file string) {
	truths, alone, failed, left := 0, 0, 0, 0
	var lone, first string
	for i := range o.units {
		u := &o.units[i]
		for _, e := range u.truth {
			truths++
			if !u.begin(e.part).IsZero() {
				continue
			}
			if alone++; alone == 1 {
				lone = fmt.Sprintf("%s, %s", u.name, o.parts[e.part].name)
			}
		}
		for _, s := range u.services {
			if s.outcome != outcomeFailed {
				continue
			}
			failed++
			if l := o.life(u, s.part, s.at.Add(-1)); len(l.limits) > 0 {
				continue
			}
			if left++; left == 1 {
				first = fmt.Sprintf("%s, %s on %s", u.name, o.parts[s.part].name, s.at.Format(time.DateOnly))
			}
		}
	}
	if alone > 0 {
		o.note("%s: lines of a unit and component of which nothing else is known: %d; are they spelled alike? The first: %s", file, alone, lone)
	}
	if truths > 0 && left > 0 {
		o.note("%s: lives that ended in a service as failed and are not in it, scored by the service: %d of %d; the first: %s", file, left, failed, first)
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
