package j1979

import (
	"fmt"
	"sync"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Tests is one answer to service 06 on CAN: results of an ECU's own tests.
type Tests struct {
	MID       byte   // monitor, of the first test
	Supported []byte // monitors that can be asked, when MID is 00, 20, 40 ...
	Tests     []Test
	Partial   bool // the last test was cut: dropped
}

// Test is one result of a monitor. The monitor has passed if Value is within Min
// and Max.
type Test struct {
	MID  byte // monitor
	TID  byte // test, of that monitor
	Unit Scaling

	Value, Min, Max float64 // in Unit.Unit; raw numbers when the scaling is not known
}

// Passed reports whether the value is within its limits.
func (t Test) Passed() bool { return t.Value >= t.Min && t.Value <= t.Max }

// Scaling is one of the units and scalings of SAE J1979 (UAS): a word becomes
// word*Num/Den + Offset. From 80 on words are signed.
type Scaling struct {
	ID       byte
	Num, Den float64
	Offset   float64
	Unit     string // empty for plain numbers and for ids that are not known
	IsKnown  bool
}

// Signed reports whether words are in two's complement.
func (s Scaling) Signed() bool { return s.ID >= 0x80 }

// Scale converts a word as it was sent.
func (s Scaling) Scale(word uint16) float64 {
	v := float64(word)
	if s.Signed() {
		v = float64(int16(word))
	}
	if s.Den != 0 {
		v = v * s.Num / s.Den
	}
	return v + s.Offset
}

// LookupScaling returns the scaling of an id. It is false for ids that are not
// known: their Scale gives the raw number.
func LookupScaling(id byte) (Scaling, bool) {
	s, ok := scalings()[id]
	if !ok {
		return Scaling{ID: id}, false
	}
	return s, true
}

// Scalings lists the scalings that are known, in order of id.
func Scalings() []Scaling { return scalingTable() }

var scalings = sync.OnceValue(func() map[byte]Scaling {
	byID := map[byte]Scaling{}
	for _, s := range scalingTable() {
		byID[s.ID] = s
	}
	return byID
})

// DecodeTests reads an answer to service 06 on CAN:
//
//	46 <MID> <TID> <UAS> <value> <min> <max> ...    nine bytes for each test, words big-endian
//	46 <MID 00, 20, 40 ...> <bitmap> ...            which monitors can be asked
//
// A test that is cut is dropped. The form of pre-CAN buses is not read.
func DecodeTests(message []byte) (Tests, error) {
	rest, err := body(message, TestResults)
	if err != nil {
		return Tests{}, err
	}
	if len(rest) == 0 {
		return Tests{}, fmt.Errorf("read test results: %w", ErrShort)
	}
	t := Tests{MID: rest[0]}
	const bitmapLen, testLen, group = 5, 9, 0x20
	if t.MID%group == 0 {
		if len(rest) < bitmapLen {
			return Tests{}, fmt.Errorf("read monitors from %02X: %w", t.MID, ErrShort)
		}
		for ; len(rest) >= bitmapLen && rest[0]%group == 0; rest = rest[bitmapLen:] {
			t.Supported = append(t.Supported, SupportedPIDs(rest[0], [4]byte(rest[1:bitmapLen]))...)
		}
		return t, nil
	}
	for ; len(rest) >= testLen; rest = rest[testLen:] {
		t.Tests = append(t.Tests, decodeTest(rest))
	}
	t.Partial = len(rest) > 0
	return t, nil
}

func decodeTest(b []byte) Test {
	scaling, _ := LookupScaling(b[2])
	word := func(i int) float64 { return scaling.Scale(uint16(b[i])<<8 | uint16(b[i+1])) }
	return Test{MID: b[0], TID: b[1], Unit: scaling, Value: word(3), Min: word(5), Max: word(7)}
}

// Readings returns nothing: no VSS signal stands for a test.
func (t Tests) Readings() []vehicle.Reading { return nil }
