package vehicle

import "fmt"

// CodeError says why a text is not a trouble code.
type CodeError struct {
	Input  string
	Offset int // byte in Input where the fault is
	Reason string
}

// Error implements error.
func (e *CodeError) Error() string {
	return fmt.Sprintf("parse trouble code %q: %s at byte %d", e.Input, e.Reason, e.Offset)
}

// ParseCode reads a code in the text form of its namespace; small letters become
// capitals. SAE J2012 is a letter P, C, B or U, a digit 0 to 3, three hexadecimal
// digits, and after a dash an optional failure type byte of two (ISO 15031-6,
// "P0133-11"). The error is a *CodeError.
func ParseCode(s string) (Code, error) {
	code, _, err := parseCode(s)
	return code, err
}

func parseJ2012(s string) (Code, Namespace, error) {
	if len(s) != 5 && len(s) != 8 {
		return "", "", &CodeError{s, min(len(s), 8), "want 5 characters, or 8 with a failure type"}
	}
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
			b[i] = c
		}
		ok := isHex(c)
		want := "want a hexadecimal digit"
		switch i {
		case 0:
			ok, want = c == 'P' || c == 'C' || c == 'B' || c == 'U', "want P, C, B or U"
		case 1:
			ok, want = c >= '0' && c <= '3', "want a digit 0 to 3"
		case 5:
			ok, want = c == '-', "want '-'"
		}
		if !ok {
			return "", "", &CodeError{s, i, want}
		}
	}
	return Code(b), NamespaceJ2012, nil
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

// CodeFromWord reads a code as it is sent on the wire, SAE J2012:
//
//	bits 15-14 letter P C B U · bits 13-12 first digit · bits 11-0 three hex digits
//
// It is false for the word 0, which is padding.
func CodeFromWord(w uint16) (Code, bool) {
	const hex = "0123456789ABCDEF"
	if w == 0 {
		return "", false
	}
	return Code([]byte{"PCBU"[w>>14], hex[w>>12&3], hex[w>>8&15], hex[w>>4&15], hex[w&15]}), true
}

// CodeFromDTC reads a three-byte code of ISO 14229 whose ECU follows SAE J2012:
// the word of CodeFromWord, then the failure type byte ("P0133-11"). Unlike a
// word alone, three zero bytes are a code here: the caller knows its padding.
func CodeFromDTC(b [3]byte) Code {
	const hex = "0123456789ABCDEF"
	w := uint16(b[0])<<8 | uint16(b[1])
	return Code([]byte{
		"PCBU"[w>>14], hex[w>>12&3], hex[w>>8&15], hex[w>>4&15], hex[w&15], '-', hex[b[2]>>4], hex[b[2]&15],
	})
}

// Word returns a code of SAE J2012 as it is sent on the wire; the failure type is
// not part of it. It is false for any other Code.
func (c Code) Word() (uint16, bool) {
	if c.Namespace() != NamespaceJ2012 {
		return 0, false
	}
	var w uint16
	switch c[0] {
	case 'C':
		w = 1
	case 'B':
		w = 2
	case 'U':
		w = 3
	}
	w = w<<2 | uint16(c[1]-'0')
	for i := 2; i < 5; i++ {
		digit := c[i] | 0x20 // small letter
		if digit >= 'a' {
			digit -= 'a' - '0' - 10
		}
		w = w<<4 | uint16(digit-'0')
	}
	return w, true
}

// System is the part of the vehicle that a code belongs to.
type System string

// The systems of SAE J2012.
const (
	SystemUnknown    System = ""
	SystemPowertrain System = "powertrain"
	SystemChassis    System = "chassis"
	SystemBody       System = "body"
	SystemNetwork    System = "network"
)

// System returns the part of the vehicle a code of SAE J2012 belongs to.
func (c Code) System() System {
	if c.Namespace() != NamespaceJ2012 {
		return SystemUnknown
	}
	switch c[0] {
	case 'P':
		return SystemPowertrain
	case 'C':
		return SystemChassis
	case 'B':
		return SystemBody
	case 'U':
		return SystemNetwork
	}
	return SystemUnknown
}

// Generic reports whether SAE J2012 gives the code its meaning. The other codes
// are the maker's: without the make they mean nothing.
func (c Code) Generic() bool {
	if c.Namespace() != NamespaceJ2012 {
		return false
	}
	switch digit := c[1]; c[0] {
	case 'P':
		return digit == '0' || digit == '2' || digit == '3' && c[2] >= '4' && c[2] <= '9'
	case 'U':
		return digit == '0' || digit == '3'
	default:
		return digit == '0'
	}
}

// Base returns a code of SAE J2012 without its failure type: P0133 of P0133-11.
// Other codes have none and are returned as they are.
func (c Code) Base() Code {
	if len(c) == 8 && c[5] == '-' && c.Namespace() == NamespaceJ2012 {
		return c[:5]
	}
	return c
}

// FailureType returns the failure type byte of ISO 15031-6, if the code has one.
func (c Code) FailureType() (uint8, bool) {
	if len(c) != 8 || c.Namespace() != NamespaceJ2012 {
		return 0, false
	}
	var b uint8
	if _, err := fmt.Sscanf(string(c[6:]), "%02X", &b); err != nil {
		return 0, false
	}
	return b, true
}
