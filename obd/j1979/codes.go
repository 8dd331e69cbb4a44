package j1979

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Codes is one answer to service 03, 07 or 0A.
type Codes struct {
	Status  vehicle.CodeStatus
	Codes   []vehicle.Code
	Counted bool   // CAN form: the message says how many codes the ECU has
	Warning string // what was odd about the message although its codes could be read
}

// ListsCodes reports whether the message answers a service that lists codes.
func ListsCodes(message []byte) bool {
	return ListedStatus(message) != ""
}

// ListedStatus returns the status of the codes that the message lists; empty if
// it is no list of codes.
func ListedStatus(message []byte) vehicle.CodeStatus {
	if len(message) == 0 {
		return ""
	}
	switch message[0] - positive {
	case ConfirmedCodes:
		return vehicle.CodeConfirmed
	case PendingCodes:
		return vehicle.CodePending
	case PermanentCodes:
		return vehicle.CodePermanent
	}
	return ""
}

// DecodeCodes reads an answer to service 03, 07 or 0A in either form:
//
//	CAN      43 <count> <word>...     an odd number of bytes after 43
//	pre-CAN  43 <word> <word> <word>  an even number, padded with 0000
//
// A pre-CAN ECU with more than three codes sends several such messages. The
// word 0000 is padding. No codes is an answer, and a list of none.
//
// On CAN the count says how many codes there are. Padding may follow, all bytes of one
// value; of other bytes Warning tells, and they are no codes. An even number of bytes
// that is not the six of a pre-CAN message, and whose first is a count that fits all
// but the last, is the CAN form with a byte too many, and Warning tells as well.
func DecodeCodes(message []byte) (Codes, error) {
	if len(message) > 0 && message[0] == negative {
		_, err := body(message, ConfirmedCodes)
		return Codes{}, err
	}
	if !ListsCodes(message) {
		return Codes{}, fmt.Errorf("read codes: %w", ErrNotThisService)
	}
	c := Codes{Status: ListedStatus(message)}
	rest := message[1:]
	if len(rest) == 0 {
		return Codes{}, fmt.Errorf("read codes: %w", ErrShort)
	}
	if n := len(rest); n%2 == 0 && n%preCANCodes != 0 && 1+2*int(rest[0]) == n-1 && (n > 2 || rest[1] != 0) {
		c.Warning = fmt.Sprintf("1 byte after the %d codes announced is not read", rest[0])
		rest = rest[:n-1]
	}
	if len(rest)%2 == 0 {
		c.Codes = CodesFromWords(rest)
		return c, nil
	}
	c.Counted = true
	count, have := int(rest[0]), len(rest)/2
	if count > have {
		return Codes{}, fmt.Errorf("read codes: %d announced and %d sent: %w", count, have, ErrShort)
	}
	words, more := rest[1:1+2*count], rest[1+2*count:]
	if !isPadding(more) {
		c.Warning = fmt.Sprintf("%d codes announced and %d sent: those behind are not used", count, have)
	}
	c.Codes = CodesFromWords(words)
	return c, nil
}

// preCANCodes is the bytes of codes in every pre-CAN message.
const preCANCodes = 6

// CodesFromWords reads a run of two-byte codes. Padding and an odd last byte are
// dropped.
func CodesFromWords(b []byte) []vehicle.Code {
	var codes []vehicle.Code
	for ; len(b) >= 2; b = b[2:] {
		if c, ok := vehicle.CodeFromWord(uint16(b[0])<<8 | uint16(b[1])); ok {
			codes = append(codes, c)
		}
	}
	return codes
}

// Readings returns nothing: codes are no signals.
func (c Codes) Readings() []vehicle.Reading { return nil }

// serviceOf returns the service that lists codes of the status.
func serviceOf(s vehicle.CodeStatus) int {
	switch s {
	case vehicle.CodePending:
		return PendingCodes
	case vehicle.CodePermanent:
		return PermanentCodes
	default:
		return ConfirmedCodes
	}
}
