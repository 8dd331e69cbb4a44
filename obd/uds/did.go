package uds

import (
	"math"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxBits is the widest signal: wider ones would lose digits as a float64.
const MaxBits = 48

// Table is what is known about the DIDs of one car line.
type Table struct {
	Name string
	DIDs []DID

	// Cluster is the unit of the signals whose Unit is UnitCluster, of this one
	// car: "km" or "mi". While it is empty they make no readings.
	Cluster string
}

// DID is the data of one identifier as one ECU sends it.
type DID struct {
	Number  DIDNumber
	ECU     string // CAN id of the answer, "7EC"; empty for any ECU
	Bytes   int    // data bytes after the DID
	Signals []Signal
}

// Signal is one value in the data of a DID: value = raw*Num/Den + Offset, in Unit.
type Signal struct {
	Name   string // "pack_current_a"; unique in the table
	Bit    int    // first bit, counted from the most significant bit of the first data byte
	Bits   int    // width, at most MaxBits; the most significant bit comes first
	Signed bool   // two's complement

	Num, Den, Offset float64 // Num and Den of 0 stand for 1
	Unit             string  // one of Units; empty for counts, states and bits

	// Absent is the raw value that means "no reading", where HasAbsent is set. Where
	// With names another signal of the DID, both must be at their Absent.
	Absent    uint64
	HasAbsent bool
	With      string

	VSS   vehicle.Signal // signal it is stored as; empty when it is printed only
	Scale float64        // from Unit to the unit of VSS, with the sign; 0 stands for 1
}

// raw reads the bits. It is false when the data do not hold all of them.
func (s *Signal) raw(data []byte) (uint64, bool) {
	if s.Bits < 1 || s.Bits > MaxBits || s.Bit < 0 || s.Bit > 8*len(data)-s.Bits {
		return 0, false
	}
	var v uint64
	for _, b := range data[s.Bit/8 : (s.Bit+s.Bits+7)/8] {
		v = v<<8 | uint64(b)
	}
	v >>= (8 - (s.Bit+s.Bits)%8) % 8
	return v & (1<<s.Bits - 1), true
}

// number scales a raw value.
func (s *Signal) number(raw uint64) float64 {
	v := float64(raw)
	if s.Signed && raw>>(s.Bits-1) == 1 {
		v -= math.Ldexp(1, s.Bits)
	}
	if s.Num != 0 {
		v *= s.Num
	}
	if s.Den != 0 {
		v /= s.Den
	}
	return v + s.Offset
}

// Range returns the smallest and largest value that the signal can carry.
func (s *Signal) Range() (lo, hi float64) {
	first, last := uint64(0), uint64(1)<<s.Bits-1
	if s.Signed {
		first, last = 1<<(s.Bits-1), 1<<(s.Bits-1)-1
	}
	lo, hi = s.number(first), s.number(last)
	return min(lo, hi), max(lo, hi)
}

// absent reports whether the raw value is the mark for "no reading".
func (d *DID) absent(s *Signal, raw uint64, data []byte) bool {
	if !s.HasAbsent || raw != s.Absent {
		return false
	}
	if s.With == "" {
		return true
	}
	for i := range d.Signals {
		if with := &d.Signals[i]; with.Name == s.With {
			raw, ok := with.raw(data)
			return ok && with.HasAbsent && raw == with.Absent
		}
	}
	return false
}

// decode reads the signals that the data hold whole.
func (t *Table) decode(d *DID, data []byte) (Values, []vehicle.Reading) {
	values := make(Values, 0, len(d.Signals))
	readings := make([]vehicle.Reading, 0, len(d.Signals))
	distances := 0 // in the unit of the cluster
	for i := range d.Signals {
		s := &d.Signals[i]
		raw, ok := s.raw(data)
		if !ok {
			continue
		}
		v := Value{Name: s.Name, Unit: s.Unit, Number: s.number(raw)}
		values = append(values, v)
		scale, ok := t.scale(s)
		if s.VSS == "" || !ok || d.absent(s, raw, data) {
			continue
		}
		if s.Unit == UnitCluster {
			distances++
		}
		if def, known := vehicle.Lookup(s.VSS); known && def.Type == "boolean" {
			readings = append(readings, vehicle.Reading{Signal: s.VSS, Value: vehicle.Bool(v.Number != 0)})
			continue
		}
		readings = append(readings, vehicle.Measure(s.VSS, v.Number*scale+0)) // + 0: no negative zero
	}
	if distances > 1 { // which of them is the odometer of this market?
		readings = slices.DeleteFunc(readings, func(r vehicle.Reading) bool { return r.Signal == vehicle.TraveledDistance })
	}
	return values, readings
}

// scale returns the factor to the VSS unit; false for a signal in the unit of a
// cluster that is not known.
func (t *Table) scale(s *Signal) (float64, bool) {
	switch {
	case s.Unit == UnitCluster:
		def, _ := vehicle.Lookup(s.VSS)
		return conversion(t.Cluster, def.Unit)
	case s.Scale == 0:
		return 1, true
	}
	return s.Scale, true
}
