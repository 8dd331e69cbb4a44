package j1979

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Freeze is one answer to service 02: values that the ECU stored when a code was
// set.
type Freeze struct {
	Frame    byte // number of the frame, 0 for the one every car has
	HasFrame bool // the ECU sent the number; the standard asks for it, some leave it out
	Answers  []Answer

	// Code is the code that froze the frame, from PID 02; empty when the message does
	// not tell, and when no frame is stored: see Names.
	Code vehicle.Code
}

// Names reports whether the message answers PID 02, and so tells the code that
// froze the frame, or with an empty Code that there is no frame.
func (f Freeze) Names() bool { return len(f.Answers) > 0 && f.Answers[0].PID.Number == freezeCause }

// DecodeFreeze reads an answer to service 02, in either form:
//
//	42 <pid> <frame> <data as in service 01> ...
//	42 <pid> <data as in service 01>           without the number of the frame
//
// The data's length tells which it is. As in DecodeCurrent an answer cut short gives
// the fields it holds whole, and the same may follow the first answer: further PIDs
// with the number of the same frame.
func DecodeFreeze(message []byte) (Freeze, error) {
	rest, err := body(message, FreezeFrame)
	if err != nil {
		return Freeze{}, err
	}
	if len(rest) == 0 {
		return Freeze{}, ErrShort
	}
	pid := index()[rest[0]]
	switch {
	case pid == nil:
		return Freeze{}, fmt.Errorf("PID %02X: %w", rest[0], ErrUnknownPID)
	case len(rest) == 1:
		return Freeze{}, fmt.Errorf("PID %02X without data: %w", rest[0], ErrShort)
	case len(rest) == 1+pid.Bytes:
		return freeze(rest[0], 0, false, rest[1:], nil)
	}
	more := rest[min(len(rest), 2+pid.Bytes):]
	return freeze(rest[0], rest[1], true, rest[2:len(rest)-len(more)], more)
}

// freeze reads the data of the first PID, then what follows: each further PID with the
// number of the frame.
func freeze(number, frame byte, hasFrame bool, data, more []byte) (Freeze, error) {
	first, err := decodeData(index()[number], data)
	if err != nil {
		return Freeze{}, err
	}
	f := Freeze{Frame: frame, HasFrame: hasFrame}
	if number == freezeCause { // comes alone
		if !isPadding(more) {
			first.Unread = len(more)
		}
		for _, v := range first.Values {
			f.Code, _ = vehicle.CodeFromWord(uint16(v.Number))
		}
		f.Answers = []Answer{first}
		return f, nil
	}
	answers, unread := further(number, more, []byte{frame})
	first.Unread = unread
	f.Answers = append([]Answer{first}, answers...)
	return f, nil
}

// Readings returns the code that froze frame 0, as PID 02 of service 01 does. What
// is frozen does not hold now: see Frozen.
func (f Freeze) Readings() []vehicle.Reading {
	if !f.Names() || f.Frame != 0 {
		return nil
	}
	return Current(f.Answers).Readings()
}

// Frozen returns the values that have a VSS signal, as they were when the code was
// set. The code itself is not among them.
func (f Freeze) Frozen() []vehicle.Reading {
	if f.Names() {
		return nil
	}
	return Current(f.Answers).Readings()
}
