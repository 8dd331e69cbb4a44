package evaluate

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
)

// OwnFiles are what a user knows of a fleet, as CSV: readings `unit,component,time,
// odometer_km,value`, services `unit,component,time,odometer_km,outcome`, and the
// truth `unit,component,time,odometer_km` of parts reaching their limit. Odometers
// and outcomes may be left out. Columns may come in any order, others are ignored.
type OwnFiles struct{ Readings, Services, Truth OwnFile }

// OwnFile is a file to be read; without From there is none.
type OwnFile struct {
	Name string // as errors call it
	From io.Reader
}

// OwnScale says how raw values are read. By component; "" is for all others.
type OwnScale struct {
	Thresholds map[string]float64 // value at the limit; none: values are wear, 1 at the limit
	New        map[string]float64 // value of a new part; none: learned from the readings
}

// Own is a fleet of a user's: what was read of its parts, how they were renewed, and
// what became of them. Units have names of any kind. Asking does not change
// what it answers.
type Own struct {
	table  *predict.Table
	scale  OwnScale
	parts  []ownPart  // what the rows are about, in the order of their names
	gauges []ownGauge // of each part, as far as the user tells
	units  []ownUnit  // by name
	notes  []string

	first, last time.Time // of what is known, but for what lies years off

	asked    []time.Time
	answered map[[2]int]bool // units and parts
	uses     sync.Map        // laws of use that were learned, by useKey: they need not be learned again
}

// ownPart is a kind of component.
type ownPart struct {
	name  string            // as the user writes it
	id    predict.Component // as the table does, where it has a row for it
	known bool              // it has
}

// ownUnit is what the files say of one unit, each list in the order of time.
type ownUnit struct {
	name     string
	oneDial  bool // its odometer was never replaced: readings years apart may be compared
	readings []ownReading
	services []ownService
	truth    []ownEvent
}

// ownEvent is something that happened to a part; km is 0 where the odometer is unknown.
type ownEvent struct {
	part  int
	at    time.Time
	dated bool // at is a date alone
	km    float64
	file  string // where it was read
	line  int
}

type ownReading struct {
	ownEvent
	value float64
}

type ownService struct {
	ownEvent
	outcome ownOutcome
}

// ownOutcome says in which state a part was renewed.
type ownOutcome uint8

const (
	outcomeUnknown ownOutcome = iota
	outcomeFailed
	outcomeEarly
)

// ReadOwn reads a fleet. The order of the lines does not matter, and a line that is
// there twice counts once. Errors name file, line and column. The components of the
// table go by its rows; of the others what there is to know is learned.
func ReadOwn(files OwnFiles, scale OwnScale, table *predict.Table) (*Own, error) {
	o := &Own{table: table, scale: scale, answered: map[[2]int]bool{}}
	in := ownReader{o: o, units: map[string]int{}, parts: map[string]int{}, heads: map[string]bool{}}
	if err := in.read(files); err != nil {
		return nil, err
	}
	if len(o.units) == 0 {
		return nil, fmt.Errorf("%s has no lines below its header, and there are no services: nothing to forecast", files.Readings.Name)
	}
	if err := scale.check(o); err != nil {
		return nil, err
	}
	in.findSpan()
	in.order()
	o.noteUnread()
	o.noteNames()
	o.noteTruth(files.Truth.Name)
	o.noteValues()
	o.noteFalling()
	o.noteOdometers()
	return o, nil
}

// Notes say what was taken otherwise than it was written, one line each.
func (o *Own) Notes() []string { return slices.Clone(o.notes) }

func (o *Own) note(format string, args ...any) {
	o.notes = append(o.notes, fmt.Sprintf(format, args...))
}

// ownFolds are the parts that units are divided into: each is forecast by what the
// units of other parts taught.
const ownFolds = 5

// divided are units by the part that they belong to. It goes by their names, so that
// units that come later move nobody.
func divided(units []*ownKnown) [ownFolds][]*ownKnown {
	var out [ownFolds][]*ownKnown
	for _, k := range units {
		h := fnv.New64a()
		_, _ = h.Write([]byte(k.unit.name)) // never fails
		fold := h.Sum64() % ownFolds
		out[fold] = append(out[fold], k)
	}
	return out
}

// order puts units, parts and what is known of them into an order that does not
// depend on that of the lines, and drops repetitions.
func (in *ownReader) order() {
	o := in.o
	place := make([]int, len(o.parts)) // where a part comes to stand
	sorted := slices.Clone(o.parts)
	slices.SortFunc(sorted, func(a, b ownPart) int { return cmp.Compare(a.name, b.name) })
	for i, p := range o.parts {
		place[i] = slices.IndexFunc(sorted, func(s ownPart) bool { return s.id == p.id })
	}
	gauges := slices.Clone(o.gauges)
	for i := range gauges {
		o.gauges[place[i]] = gauges[i]
	}
	o.parts = sorted
	slices.SortFunc(o.units, func(a, b ownUnit) int { return cmp.Compare(a.name, b.name) })
	twice := 0
	for i := range o.units {
		u := &o.units[i]
		for k := range u.readings {
			u.readings[k].part = place[u.readings[k].part]
		}
		for k := range u.services {
			u.services[k].part = place[u.services[k].part]
		}
		for k := range u.truth {
			u.truth[k].part = place[u.truth[k].part]
		}
		lines := len(u.readings) + len(u.services) + len(u.truth)
		u.readings = once(u.readings, func(a, b ownReading) int {
			return cmp.Or(compareEvents(a.ownEvent, b.ownEvent), cmp.Compare(a.value, b.value))
		}, func(r ownReading) bool { return r.dated })
		u.services = once(u.services, func(a, b ownService) int {
			return cmp.Or(compareEvents(a.ownEvent, b.ownEvent), cmp.Compare(a.outcome, b.outcome))
		}, func(s ownService) bool { return s.dated })
		u.truth = once(u.truth, compareEvents, func(e ownEvent) bool { return e.dated })
		twice += lines - len(u.readings) - len(u.services) - len(u.truth)
	}
	if twice > 0 {
		o.note("lines that are there twice, counted once: %d", twice)
	}
}

func compareEvents(a, b ownEvent) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.part, b.part), cmp.Compare(a.km, b.km))
}

// once sorts and leaves out repetitions. Of a midnight and a date that tell the same the date stays, whichever comes
// first in the file.
func once[T any](all []T, compare func(a, b T) int, dated func(T) bool) []T {
	slices.SortStableFunc(all, func(a, b T) int {
		c := compare(a, b)
		if c != 0 || dated(a) == dated(b) {
			return c
		}
		if dated(a) {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(all, func(a, b T) bool { return compare(a, b) == 0 })
}
