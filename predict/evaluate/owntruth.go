package evaluate

import (
	"fmt"
	"slices"
	"time"
)

// soonAfter a renewal an end is rather that of the part before, written down late.
const soonAfter = 30 * 24 * time.Hour

// ownTold counts something, and remembers the first of it.
type ownTold struct {
	n     int
	first string
}

func (t *ownTold) add(format string, args ...any) {
	if t.n++; t.n == 1 {
		t.first = fmt.Sprintf(format, args...)
	}
}

// noteTruth says which lives the truth leaves to the services, and which of its lines tell of no forecast, or rather of
// another life.
func (o *Own) noteTruth(file string) {
	if !slices.ContainsFunc(o.units, func(u ownUnit) bool { return len(u.truth) > 0 }) {
		return
	}
	var alone, soon, left ownTold
	failed := 0
	for i := range o.units {
		u := &o.units[i]
		begins := make([]time.Time, len(o.parts))
		for part := range begins {
			begins[part] = u.begin(part)
		}
		for _, e := range u.truth {
			if begins[e.part].IsZero() {
				alone.add("%s, %s", u.name, o.parts[e.part].name)
			}
			if l := o.life(u, e.part, e.at); l.broken && e.at.Sub(l.from) < soonAfter && !sameDay(l.from, e.at) {
				soon.add("%s, line %d", e.file, e.line)
			}
		}
		for _, s := range u.services {
			if s.outcome != outcomeFailed {
				continue
			}
			failed++
			if l := o.life(u, s.part, startOfDay(s.at).Add(-1)); len(l.limits) == 0 {
				left.add("%s, line %d", s.file, s.line)
			}
		}
	}
	if alone.n > 0 {
		o.note("%s: lines of a unit and component of which nothing else is known: %d; are they spelled alike? The first: %s", file, alone.n, alone.first)
	}
	if soon.n > 0 {
		o.note("%s: lines less than 30 days after a part had failed and was renewed, taken for the end of the new one: %d, the first in %s; if they are of the part before, want the time before its renewal", file, soon.n, soon.first)
	}
	if left.n > 0 {
		o.note("%s: lives that ended in a service as failed and are not in it, scored by the service: %d of %d, the first in %s", file, left.n, failed, left.first)
	}
}
