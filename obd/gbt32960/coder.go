package gbt32960

import (
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// coder walks the fields of a body in the order of the wire. It is what keeps
// reading, writing and printing one description of each layout: the reader fills
// the fields, the writer appends them, the printer shows them in JSON. An empty
// name is not printed.
type coder interface {
	code(name string, v *uint8)
	code16(name string, v *uint16)
	code32(name string, v *uint32)
	number(f *field, v *Number)
	time(name string, v *time.Time)
	gear(v *Gear, e Edition)

	// n bytes that v then shares with the frame, printed in capital or small
	// hexadecimal digits, or as text.
	raw(name string, n int, v *[]byte)
	lower(name string, n int, v *[]byte)
	text(name string, n int, v *[]byte)

	// rest is all bytes to the end.
	rest(name string, v *[]byte)

	// length is the two-byte length of what follows; have is what it is now.
	length(name string, have int) int

	// count is the number of elements of a list: size bytes, FE or FF (FFFE, FFFF)
	// for a list that is abnormal or invalid and does not follow. have is the
	// length of the list now; a reader returns the length that follows, or how many
	// elements of at least elem bytes are there if that is less.
	count(name string, size, elem, have int, q *vehicle.Quality) int

	// An object is open and done; a list of objects is begin, item and done around
	// each, and end.
	open(name string)
	begin(name string)
	item()
	done()
	end()

	cells(name string, v []CellVoltage)
	probes(name string, v []Temperature)
	faults(name string, v []uint32)

	// pool is where a reader takes lists from; nil for the others.
	pool() *pool
}

// walkList walks a list of objects. Where a reader finds it cut, the elements that
// are whole stay.
func walkList[T any](c coder, name string, list *[]T, walk func(*T)) {
	r, reading := c.(*reader)
	late := ""
	if reading {
		late, r.late = r.late, "" // lists inside the elements have their own
	}
	c.begin(name)
	for i := range *list {
		c.item()
		walk(&(*list)[i])
		if reading && r.fault != "" {
			*list = (*list)[:i]
			break
		}
		c.done()
	}
	c.end()
	if reading && late != "" {
		r.fault = late
	}
}

// pool holds the memory of a frame's units. Each list grows to the largest frame
// decoded so far and is used again for the next.
type pool struct {
	vehicles     []Vehicle
	motorUnits   []Motors
	motors       []Motor
	fuelCells    []FuelCell
	engines      []Engine
	positions    []Position
	extremes     []Extremes
	alarms       []Alarm
	faultCodes   []uint32
	levels       []AlarmLevel
	voltageUnits []CellVoltages
	voltages     []CellGroup
	cellVoltages []CellVoltage
	tempUnits    []Temperatures
	temps        []ProbeGroup
	temperatures []Temperature
	makers       []Maker
	signatures   []Signature
	unknowns     []Unknown
}

// reset gives everything back.
func (p *pool) reset() {
	p.vehicles, p.motorUnits, p.motors = p.vehicles[:0], p.motorUnits[:0], p.motors[:0]
	p.fuelCells, p.engines, p.positions = p.fuelCells[:0], p.engines[:0], p.positions[:0]
	p.extremes, p.alarms, p.faultCodes = p.extremes[:0], p.alarms[:0], p.faultCodes[:0]
	p.levels, p.voltageUnits, p.voltages = p.levels[:0], p.voltageUnits[:0], p.voltages[:0]
	p.cellVoltages, p.tempUnits, p.temps = p.cellVoltages[:0], p.tempUnits[:0], p.temps[:0]
	p.temperatures, p.makers = p.temperatures[:0], p.makers[:0]
	p.signatures, p.unknowns = p.signatures[:0], p.unknowns[:0]
}

// take returns n zeroed elements of the pool. Elements taken before stay where
// they are when the pool grows.
func take[T any](s *[]T, n int) []T {
	start := len(*s)
	*s = slices.Grow(*s, n)[:start+n]
	taken := (*s)[start : start+n : start+n]
	clear(taken)
	return taken
}

// one returns one zeroed element of the pool.
func one[T any](s *[]T) *T { return &take(s, 1)[0] }
