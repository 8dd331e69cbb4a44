package j1979

import (
	"errors"
	"fmt"
	"math"
)

// Errors that say why a message is no answer of the service asked for.
var (
	ErrNotThisService = errors.New("answer to another service")
	ErrUnknownPID     = errors.New("unknown PID")
	ErrShort          = errors.New("answer is too short")
)

// NegativeError is a refusal by the ECU (ISO 14229 negative response).
type NegativeError struct {
	Service byte // the service that was refused
	Code    byte // negative response code
}

// Error implements error.
func (e *NegativeError) Error() string {
	return fmt.Sprintf("service %02X refused by the ECU: %s (%02X)", e.Service, nrcText(e.Code), e.Code)
}

// Pending reports whether the real answer is still to come (code 78).
func (e *NegativeError) Pending() bool { return e.Code == 0x78 }

func nrcText(code byte) string {
	if text, known := nrcTexts[code]; known {
		return text
	}
	return "reason unknown"
}

// nrcTexts are the negative response codes that say something about OBD-II (ISO
// 14229-1 table A.1).
var nrcTexts = map[byte]string{
	0x10: "general reject",
	0x11: "service not supported",
	0x12: "parameter not supported",
	0x13: "wrong length",
	0x14: "answer too long",
	0x21: "busy, repeat",
	0x22: "conditions not correct",
	0x24: "wrong order of requests",
	0x31: "out of range",
	0x33: "security access denied",
	0x78: "answer pending",
	0x7E: "sub-function not supported in the active diagnostic session",
	0x7F: "service not supported in the active diagnostic session",
}

// body checks that the message answers the service and returns what follows.
func body(message []byte, service byte) ([]byte, error) {
	switch {
	case len(message) == 0:
		return nil, ErrShort
	case message[0] == negative && len(message) >= 3:
		return nil, &NegativeError{Service: message[1], Code: message[2]}
	case message[0] == negative:
		return nil, ErrShort
	case message[0] != service+positive:
		return nil, fmt.Errorf("service %02X: %w", message[0], ErrNotThisService)
	}
	return message[1:], nil
}

// Answer is the data of one PID.
type Answer struct {
	PID    PID
	Data   []byte // PID.Bytes long, or less when Short
	Values []Value
	Short  bool // the ECU or the adapter cut the data: only whole fields are in Values
	Unread int  // bytes after the answer that are neither another answer nor padding, see Warning
}

// DecodeCurrent reads an answer to service 01: "41 0C 1A F8". On CAN one message
// may answer several PIDs. An answer cut short gives the fields it holds whole,
// and is ErrShort when it holds none. After the first answer may follow
//
//	further answers, whole, that use up the message exactly, no PID twice
//	a second byte of the fuel trims (PIDs 06 to 09, 55 to 58): bank 3 or 4, not decoded
//	padding, all bytes of one value: 00, 55, AA, CC or FF
//
// Of anything else nothing is decoded, and Answer.Unread of the first answer counts it.
func DecodeCurrent(message []byte) (Current, error) {
	rest, err := body(message, CurrentData)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return nil, ErrShort
	}
	first, err := decodePID(rest)
	if err != nil {
		return nil, err
	}
	var more []Answer
	more, first.Unread = further(first.PID.Number, rest[1+len(first.Data):], nil)
	return append(Current{first}, more...), nil
}

// decodePID reads the answer that the bytes start with.
func decodePID(b []byte) (Answer, error) {
	pid := index()[b[0]]
	if pid == nil {
		return Answer{}, fmt.Errorf("PID %02X: %w", b[0], ErrUnknownPID)
	}
	return decodeData(pid, b[1:min(len(b), 1+pid.Bytes)])
}

// decodeData reads the data of a PID, which may be cut.
func decodeData(pid *PID, data []byte) (Answer, error) {
	a := Answer{PID: *pid, Data: data}
	a.Short = len(a.Data) < pid.Bytes
	whole := false // a field that measures something is there
	for i := range pid.Fields {
		f := &pid.Fields[i]
		if f.Bit+f.Bits > 8*len(a.Data) {
			continue
		}
		whole = whole || !f.Flag
		raw := f.raw(a.Data)
		if !f.supported(a.Data) || f.HasAbsent && raw == f.Absent {
			continue
		}
		a.Values = append(a.Values, Value{Field: f, Number: f.number(raw)})
	}
	if !whole {
		return Answer{}, fmt.Errorf("PID %02X with %d of %d bytes: %w", pid.Number, len(a.Data), pid.Bytes, ErrShort)
	}
	return a, nil
}

// Measured returns the fields of the PID that carry values, in order: those that
// EncodePID takes.
func (p PID) Measured() []Field {
	var all []Field
	for _, f := range p.Fields {
		if !f.Flag {
			all = append(all, f)
		}
	}
	return all
}

// EncodePID writes the answer to a request of service 01 for the PID, "41 0D 3C":
// one value per measured field, in their order and units, rounded to the
// nearest step. NaN leaves out a field that can be absent. A value that the
// field cannot carry is an error, never clamped.
func EncodePID(number byte, values ...float64) ([]byte, error) {
	pid := index()[number]
	if pid == nil {
		return nil, fmt.Errorf("encode PID %02X: %w", number, ErrUnknownPID)
	}
	message := make([]byte, 2+pid.Bytes)
	message[0], message[1] = CurrentData+positive, number
	data := message[2:]
	next := 0
	for i := range pid.Fields {
		f := &pid.Fields[i]
		if f.Flag {
			continue
		}
		if next == len(values) {
			return nil, fmt.Errorf("encode PID %02X: want a value for %s", number, f.Name)
		}
		v := values[next]
		next++
		if err := f.encode(data, v); err != nil {
			return nil, fmt.Errorf("encode PID %02X: %w", number, err)
		}
	}
	if next != len(values) {
		return nil, fmt.Errorf("encode PID %02X: %d values for %d fields", number, len(values), next)
	}
	return message, nil
}

func (f *Field) encode(data []byte, v float64) error {
	if math.IsNaN(v) {
		switch {
		case f.Support > 0:
			return nil
		case f.HasAbsent:
			f.put(data, f.Absent)
			return nil
		}
		return fmt.Errorf("%s cannot be left out", f.Name)
	}
	step, offset := f.quantum()
	raw := math.Round((v - offset) / step)
	if lo, hi := f.rawRange(); raw < lo || raw > hi {
		return fmt.Errorf("%s cannot carry %v %s", f.Name, v, f.Unit)
	}
	bits := uint32(int64(raw)) & uint32(1<<f.Bits-1)
	if f.HasAbsent && bits == f.Absent {
		return fmt.Errorf("%s cannot carry %v %s: it means absent", f.Name, v, f.Unit)
	}
	f.put(data, bits)
	if f.Support > 0 {
		data[0] |= 1 << (f.Support - 1)
	}
	return nil
}
