package gbt32960

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// FieldSpec is a field of the table, for linting.
type FieldSpec struct {
	Name      string
	Size      uint8
	Per       float64
	Low, High float64 // values of the lowest and highest raw value in range
	Unit      string
	Signal    vehicle.Signal
	Factor    float64
	Limited   bool
	HighRaw   uint32 // 0: no limit
	Marks     uint32 // the lower of the two
}

// Collector is a coder that notes the fields a unit walks and the bytes they take.
type Collector struct {
	Fields []FieldSpec
	Names  []string
	Bytes  int
}

// Collect walks a unit.
func Collect(u Unit, e Edition) *Collector {
	c := &Collector{}
	u.walk(c, e)
	return c
}

func (c *Collector) add(name string, n int) {
	c.Bytes += n
	if name != "" {
		c.Names = append(c.Names, name)
	}
}

func (c *Collector) number(f *field, _ *Number) {
	c.add(f.name, int(f.size))
	marks, _ := f.marks()
	c.Fields = append(c.Fields, FieldSpec{
		f.name, f.size, f.per, f.decode(0).Value, f.decode(f.max).Value, f.unit, f.signal, f.factor, f.max != 0, f.max, marks,
	})
}

func (c *Collector) code(name string, _ *uint8)          { c.add(name, 1) }
func (c *Collector) code16(name string, _ *uint16)       { c.add(name, 2) }
func (c *Collector) code32(name string, _ *uint32)       { c.add(name, 4) }
func (c *Collector) time(name string, _ *time.Time)      { c.add(name, 6) }
func (c *Collector) gear(*Gear, Edition)                 { c.add("gear", 1) }
func (c *Collector) raw(name string, n int, _ *[]byte)   { c.add(name, n) }
func (c *Collector) lower(name string, n int, _ *[]byte) { c.add(name, n) }
func (c *Collector) text(name string, n int, _ *[]byte)  { c.add(name, n) }
func (c *Collector) rest(name string, v *[]byte)         { c.add(name, len(*v)) }
func (c *Collector) length(name string, have int) int    { c.add(name, 2); return have }
func (c *Collector) open(string)                         {}
func (c *Collector) begin(string)                        {}
func (c *Collector) item()                               {}
func (c *Collector) done()                               {}
func (c *Collector) end()                                {}
func (c *Collector) cells(name string, v []CellVoltage)  { c.add(name, 2*len(v)) }
func (c *Collector) probes(name string, v []Temperature) { c.add(name, len(v)) }
func (c *Collector) faults(name string, v []uint32)      { c.add(name, 4*len(v)) }
func (c *Collector) pool() *pool                         { return nil }
func (c *Collector) count(name string, size, _, have int, _ *vehicle.Quality) int {
	c.add(name, size)
	return have
}
