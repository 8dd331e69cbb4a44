package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ErrUnknownItem is returned by Repair for an item that is neither a component,
// a fault nor a trouble code.
var ErrUnknownItem = errors.New("neither a component, a fault nor a trouble code")

// repair is work done on a car at one time.
type repair struct {
	at    int64 // Unix seconds
	items []string
}

// Components lists the ids that Repair takes and Visit.Items holds, beside
// "oil_filter", which goes with the oil.
func Components() []string { return slices.Clone(componentItems) }

var componentItems = func() (ids []string) {
	for _, row := range componentTable {
		if !slices.Contains(ids, row.item) {
			ids = append(ids, row.item)
		}
	}
	return ids
}()

// Repair does work on car i at a time: a component id renews the part, a Fault
// or one of its trouble codes mends the cause and clears its codes. What the
// car does not have is done without effect. A car that is under way takes up
// from there; times before that count as now. Run keeps repairs in its state
// file. The error wraps ErrUnknownItem or ErrNoVehicle.
func (f *Fleet) Repair(i int, at time.Time, items ...string) error {
	if i < 0 || i >= len(f.cars) {
		return fmt.Errorf("repair vehicle %d: %w", i, ErrNoVehicle)
	}
	for _, item := range items {
		if !knownItem(item) {
			return fmt.Errorf("repair vehicle %d: %q: %w", i, item, ErrUnknownItem)
		}
	}
	if len(items) > 0 {
		f.cars[i].addRepair(repair{at.Unix(), slices.Clone(items)})
	}
	return nil
}

func knownItem(item string) bool {
	if item == "oil_filter" || slices.Contains(componentItems, item) || slices.Contains(Faults(), Fault(item)) {
		return true
	}
	return len(item) >= 5 && (item[0] == 'P' || item[0] == 'U' || item[0] == 'B' || item[0] == 'C')
}

// addRepair keeps repairs in order of time. One that is dated before another
// goes in behind it: what was already done stays done.
func (c *car) addRepair(job repair) {
	c.mu.Lock()
	job.at = max(job.at, c.instant(c.epochDay, 0).Unix())
	if n := len(c.repairs); n > 0 {
		job.at = max(job.at, c.repairs[n-1].at)
	}
	c.repairs = append(c.repairs, job)
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default: // already told
	}
}

func (f *Fleet) repairCount() int {
	n := 0
	for _, c := range f.cars {
		n += c.repairCount()
	}
	return n
}

func (c *car) repairCount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.repairs)
}

// notes lists the repairs for the state file.
func (c *car) notes(index int) []RepairNote {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []RepairNote
	for _, job := range c.repairs {
		all = append(all, RepairNote{index, time.Unix(job.at, 0).UTC(), job.items})
	}
	return all
}

// repairDue returns the repair with the number if its time has come.
func (c *car) repairDue(number int, until int64) (repair, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number >= len(c.repairs) || c.repairs[number].at > until {
		return repair{}, false
	}
	return c.repairs[number], true
}

func (r *run) repair(job repair) {
	for _, item := range job.items {
		r.renewItem(item)
		r.mend(func(p plannedFault) bool {
			return p.fault == Fault(item) || slices.Contains(codesOf(p), vehicle.Code(item))
		})
	}
	r.tyreAir = 0
	r.servicedKm, r.servicedDay = r.odoM/1000, r.day
}
