package workorders

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Change is an order to write, or to delete. Only proposals that nobody has
// touched are deleted.
type Change struct {
	Order  Order
	Delete bool
}

// Propose says which orders of a vehicle have to change so that all wanted lines
// stand in exactly one place. existing is every order of the vehicle. wanted and
// early hold one line per present finding: wanted whose time has come, early those
// that make no order of their own yet and go along with other work.
//
// There is at most one proposal per vehicle that nobody has touched. It is
// recomputed from the wanted lines: one that has no reason left is deleted. What
// a person has touched keeps the lines they saw; findings that came since are
// added to it as tentative lines while it is not closed. Findings that were
// dismissed, or fixed or not found in a closed order, do not come back in the
// same cycle. Those that were deferred, or whose order was cancelled, go along
// with other work, and come back by themselves only when they are more urgent.
//
// The result depends on the facts behind wanted and on what people did, not on
// what earlier rounds proposed (except Created and Version). It is empty when
// nothing has to change.
func Propose(existing []Order, wanted, early []Line, vin vehicle.VIN, now time.Time) []Change {
	now = now.UTC()
	existing = slices.Clone(existing)
	slices.SortFunc(existing, func(a, b Order) int { return cmp.Or(a.begun().Compare(b.begun()), cmp.Compare(a.ID, b.ID)) })
	fresh := unhandled(existing, wanted, early)

	var changes []Change
	target := -1
	for i := range existing {
		if existing[i].takesLines() {
			target = i
			break
		}
	}
	for i, o := range existing {
		if !o.touched() || !o.live() {
			continue
		}
		var lines []Line
		if i == target {
			lines = fresh
		}
		if next := o.withTentative(lines); !reflect.DeepEqual(next.Lines, o.Lines) {
			next.Updated = now
			changes = append(changes, Change{Order: next})
		}
	}
	if target >= 0 {
		fresh = nil
	}
	return append(changes, proposal(existing, fresh, vin, now)...)
}

// proposal brings the one untouched proposal of the vehicle in line.
func proposal(existing []Order, lines []Line, vin vehicle.VIN, now time.Time) []Change {
	touched := 0
	for _, o := range existing {
		if o.Source == ByMachine && o.touched() {
			touched++
		}
	}
	id := proposalID(vin, touched)
	next := Order{ID: id, Number: number(id), VIN: vin, State: Proposed, Source: ByMachine, Created: now, Updated: now}
	var changes []Change
	known := false
	for _, o := range existing {
		switch {
		case o.touched() || o.Source != ByMachine:
		case o.ID != id || len(lines) == 0:
			changes = append(changes, Change{Order: o, Delete: true})
		default:
			next, known = o, true
		}
	}
	if len(lines) == 0 {
		return changes
	}
	before := next
	next.Lines = numbered(lines, 0)
	next.Priority, next.Title = priorityOf(next.Lines), titleOf(next.Lines)
	if known && reflect.DeepEqual(before, next) {
		return changes
	}
	next.Updated = now
	return append(changes, Change{Order: next})
}

// proposalID names the next proposal of a vehicle by how many of the machine's
// orders people have already dealt with, so that findings which come and go do
// not rename it.
func proposalID(vin vehicle.VIN, touched int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "proposal|%s|%d", vin, touched))
	return hex.EncodeToString(sum[:16])
}

// number is short enough to say on the phone: 35 bits of the id in letters and
// digits that are not mistaken for one another.
func number(id string) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	sum := sha256.Sum256([]byte(id))
	var b strings.Builder
	b.WriteString("W-")
	for _, c := range sum[:7] {
		b.WriteByte(alphabet[c%32])
	}
	return b.String()
}

// touched reports whether a person has done anything to the order.
func (o Order) touched() bool { return o.State != Proposed || len(o.Events) > 0 }

// begun is when a person first touched the order. When the machine first wrote it
// down depends on the order in which facts came in; this does not.
func (o Order) begun() time.Time {
	if len(o.Events) > 0 {
		return o.Events[0].At
	}
	return o.Created
}

// live reports whether work may still be added: it is not at one of its ends.
func (o Order) live() bool {
	switch o.State {
	case Proposed, Open, Scheduled, CheckedIn, InProgress, Ready:
		return true
	default:
		return false
	}
}

// takesLines reports whether new findings of the vehicle belong to this order.
func (o Order) takesLines() bool { return o.touched() && o.live() }

// key says what a line is about, and which time it is.
type key struct{ origin, family, cycle string }

func keyOf(l Line) key { return key{l.Origin, l.Family, l.Cycle} }

// unhandled returns the wanted lines that no order answers for yet, each once,
// most urgent first, and where there is other work the early ones, too.
func unhandled(existing []Order, wanted, early []Line) []Line {
	settled := map[key]bool{}
	putOff := map[key]int{} // key to the urgency it had then
	for _, o := range existing {
		if !o.touched() {
			continue
		}
		for _, l := range o.Lines {
			k := keyOf(l)
			switch {
			case o.State == Withdrawn || o.live() && l.Tentative:
			case o.State == Cancelled || o.State == Closed && (l.Outcome == OutcomeDeferred || l.ToppedUp):
				if u, ok := putOff[k]; !ok || urgency(l) < u {
					putOff[k] = urgency(l)
				}
			default:
				settled[k] = true
			}
		}
	}
	var fresh, along []Line
	for _, l := range ordered(wanted) {
		k := keyOf(l)
		was, off := putOff[k]
		switch {
		case settled[k]:
		case off && urgency(l) >= was:
			along = append(along, l)
		default:
			fresh = append(fresh, l)
		}
	}
	for _, l := range early {
		if !settled[keyOf(l)] {
			along = append(along, l)
		}
	}
	if len(fresh) == 0 && !slices.ContainsFunc(existing, Order.takesLines) {
		return nil
	}
	return ordered(append(fresh, along...))
}

// ordered sorts lines by urgency, trouble codes before wear, and drops repeated
// keys. It returns a new slice.
func ordered(lines []Line) []Line {
	out := slices.Clone(lines)
	slices.SortStableFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), cmp.Compare(a.Origin, b.Origin),
			cmp.Compare(a.Family, b.Family), cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.FindingID, b.FindingID))
	})
	seen := make(map[key]bool, len(out))
	return slices.DeleteFunc(out, func(l Line) bool {
		again := seen[keyOf(l)]
		seen[keyOf(l)] = true
		return again
	})
}

// numbered gives the lines their numbers, from after on.
func numbered(lines []Line, after int) []Line {
	out := slices.Clone(lines)
	for i := range out {
		out[i].Seq = after + i + 1
	}
	return out
}

// withTentative replaces the tentative lines of an order by these.
func (o Order) withTentative(lines []Line) Order {
	kept := slices.DeleteFunc(slices.Clone(o.Lines), func(l Line) bool { return l.Tentative })
	last := 0
	for _, l := range kept {
		last = max(last, l.Seq)
	}
	added := numbered(lines, last)
	for i := range added {
		added[i].Tentative = true
	}
	o.Lines = append(kept, added...)
	o.Priority = priorityOf(o.Lines)
	return o
}

// urgency ranks a line by its drivability, 0 first.
func urgency(l Line) int {
	switch l.Drivability {
	case "stop":
		return 0
	case "soon":
		return 1
	}
	return 2
}

// priorityOf is the priority of the worst line.
func priorityOf(lines []Line) Priority {
	worst := 2
	for _, l := range lines {
		worst = min(worst, urgency(l))
	}
	return [...]Priority{Emergency, Urgent, Routine}[worst]
}

// titleOf takes the first line that rests on trouble codes, else the first, and
// counts the others.
func titleOf(lines []Line) lang.Text {
	first := max(slices.IndexFunc(lines, func(l Line) bool { return l.Origin == OriginCodes }), 0)
	title := lines[first].Complaint
	if n := len(lines) - 1; n > 0 {
		title.EN = fmt.Sprintf("%s (and %d more)", strings.TrimSuffix(title.EN, "."), n)
		title.ZH = fmt.Sprintf("%s（另有 %d 项）", strings.TrimSuffix(title.ZH, "。"), n)
	}
	return title
}
