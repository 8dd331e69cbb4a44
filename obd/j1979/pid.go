// Package j1979 reads and writes the answers of SAE J1979 (ISO 15031-5), the
// services of OBD-II. It works on messages without transport: headers, lengths and
// checksums are gone, see elm327 and isotp.
//
//	service  answer
//	01       41 <pid> <data> ...                   Current: values by the table of PIDs
//	02       42 <pid> <frame> <data> ...           Freeze: the same, as they were when a code was set
//	03       43 <count> <word> ...                 Codes, confirmed; without the count on pre-CAN buses
//	04       44                                    Cleared
//	06       46 <mid> <tid> <uas> <words> ...      Tests, on CAN
//	07, 0A   47 ..., 4A ...                        Codes, pending and permanent
//	09       49 <pid> <count> <data>               Info: VIN, calibrations, counters, name of the ECU
//	any      7F <service> <code>                   *NegativeError
//
// Decode reads any of them. Scalings are those of SAE J1979-DA; the tables of PIDs and
// of units are data. Values that can be absent (an oxygen sensor's trim of FF, a sensor
// that a support bit rules out) are left out, never scaled. Readings are in the units
// of VSS 6.0, the current of a traction battery positive into the battery.
//
// An answer that is cut gives the values it holds whole. Errors wrap ErrShort,
// ErrUnknownPID or ErrNotThisService.
package j1979

import (
	"math"
	"sync"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Services of SAE J1979, as requested; an answer adds 0x40.
const (
	CurrentData    = 0x01
	FreezeFrame    = 0x02
	ConfirmedCodes = 0x03
	ClearCodes     = 0x04
	TestResults    = 0x06
	PendingCodes   = 0x07
	VehicleInfo    = 0x09
	PermanentCodes = 0x0A

	positive = 0x40
	negative = 0x7F
)

// PID is one parameter of service 01.
type PID struct {
	Number byte
	Bytes  int // data bytes in an answer
	Name   string
	Fields []Field
}

// Field is one value in the data of a PID.
type Field struct {
	Name   string // "engine_rpm"; the unit is part of it
	Unit   string // "rpm"; empty for counts, states and bits
	Bit    int    // first bit of the data, counted from the most significant of byte A
	Bits   int    // width
	Signed bool   // two's complement
	Flag   bool   // repeats or qualifies other fields; measures nothing itself

	// value = raw*Num/Den + Offset. Num and Den of 0 stand for 1.
	Num, Den, Offset float64

	Support   int // the field counts only if this bit of byte A is set, 1 = lowest; 0 = always
	Absent    uint32
	HasAbsent bool // the raw value Absent means "not there"

	Signal vehicle.Signal // VSS signal the field is stored as; empty when VSS has none
	Scale  float64        // from Unit to the signal's VSS unit; 0 stands for 1
}

// Value is one decoded field.
type Value struct {
	Field  *Field
	Number float64 // in Field.Unit
}

// VSS returns the value in the unit of Field.Signal.
func (v Value) VSS() float64 {
	if v.Field.Scale == 0 {
		return v.Number
	}
	return v.Number * v.Field.Scale
}

// Lookup returns a PID of service 01.
func Lookup(number byte) (PID, bool) {
	p := index()[number]
	if p == nil {
		return PID{}, false
	}
	return *p, true
}

// PIDs lists the PIDs of service 01 that can be read, in order of number.
func PIDs() []PID { return table() }

// index is the table by number, built once and only read afterwards.
var index = sync.OnceValue(func() *[256]*PID {
	var byNumber [256]*PID
	all := table()
	for i := range all {
		byNumber[all[i].Number] = &all[i]
	}
	return &byNumber
})

// quantum returns the step between neighbouring raw values, and the offset.
func (f *Field) quantum() (step, offset float64) {
	step = 1
	if f.Den != 0 {
		step = f.Num / f.Den
	}
	return step, f.Offset
}

// Range returns the smallest and largest value that the field can carry.
func (f *Field) Range() (lo, hi float64) {
	step, offset := f.quantum()
	rawLo, rawHi := f.rawRange()
	return rawLo*step + offset, rawHi*step + offset
}

func (f *Field) rawRange() (lo, hi float64) {
	if f.Signed {
		half := math.Ldexp(1, f.Bits-1)
		return -half, half - 1
	}
	return 0, math.Ldexp(1, f.Bits) - 1
}

// raw reads the field's bits.
func (f *Field) raw(data []byte) uint32 {
	var v uint64
	for i := f.Bit / 8; i <= (f.Bit+f.Bits-1)/8; i++ {
		v = v<<8 | uint64(data[i])
	}
	v >>= (8 - (f.Bit+f.Bits)%8) % 8
	return uint32(v & (1<<f.Bits - 1))
}

// put writes the field's bits into zeroed data.
func (f *Field) put(data []byte, raw uint32) {
	v := uint64(raw) << ((8 - (f.Bit+f.Bits)%8) % 8)
	for i := (f.Bit + f.Bits - 1) / 8; i >= f.Bit/8; i-- {
		data[i] |= byte(v)
		v >>= 8
	}
}

// number scales a raw value.
func (f *Field) number(raw uint32) float64 {
	v := float64(raw)
	if f.Signed && raw>>(f.Bits-1) == 1 {
		v -= math.Ldexp(1, f.Bits)
	}
	if f.Den != 0 {
		v = v * f.Num / f.Den
	}
	return v + f.Offset
}

// supported reports whether byte A says that the field is there.
func (f *Field) supported(data []byte) bool {
	return f.Support == 0 || data[0]>>(f.Support-1)&1 == 1
}
