package vehicle

import (
	"fmt"
	"strconv"
	"strings"
)

// Namespace says which standard gives a trouble code its meaning.
type Namespace string

// The namespaces of trouble codes, by the form of their text.
const (
	NamespaceUnknown Namespace = ""
	NamespaceJ2012   Namespace = "SAE J2012"    // P0171, P0133-11
	NamespaceJ1939   Namespace = "SAE J1939-73" // SPN609-FMI19
	NamespaceGBT     Namespace = "GB/T 32960.3" // GBT-A13 (alarm flag), GBT-S000003E8 (fault of a list)
	NamespaceMaker   Namespace = "maker"        // 0x5E2000: three bytes as ISO 14229 carries them
)

// Namespace returns the standard that gives the code its meaning.
func (c Code) Namespace() Namespace {
	_, namespace, err := parseCode(string(c))
	if err != nil {
		return NamespaceUnknown
	}
	return namespace
}

// The largest numbers of SAE J1939-73: a suspect parameter number has 19 bits, a
// failure mode identifier 5.
const (
	MaxSPN = 1<<19 - 1
	MaxFMI = 1<<5 - 1
)

// CodeFromSPN names a fault by its suspect parameter number and failure mode
// identifier (SAE J1939-73): "SPN609-FMI19". Bits above MaxSPN and MaxFMI are
// dropped.
func CodeFromSPN(spn uint32, fmi uint8) Code {
	return Code(fmt.Sprintf("SPN%d-FMI%d", spn&MaxSPN, fmi&MaxFMI))
}

// CodeFromAlarm names a general alarm flag of GB/T 32960.3, 0 for the lowest bit:
// "GBT-A13".
func CodeFromAlarm(bit uint8) Code { return Code(fmt.Sprintf("GBT-A%02d", bit)) }

// CodeFromFault names a fault code of one of the four lists of GB/T 32960.3:
// S storage (the traction battery), M motor, E engine, O other: "GBT-S000003E8".
func CodeFromFault(list byte, code uint32) Code { return Code(fmt.Sprintf("GBT-%c%08X", list, code)) }

// CodeFromBytes names the three bytes that ISO 14229 carries where a maker does
// not follow SAE J2012: "0x5E2000".
func CodeFromBytes(b [3]byte) Code { return Code(fmt.Sprintf("0x%X", b[:])) }

// parseCode reads a code of any namespace. The error is a *CodeError.
func parseCode(s string) (Code, Namespace, error) {
	upper := strings.ToUpper(s)
	switch {
	case strings.HasPrefix(upper, "SPN"):
		return parseSPN(s, upper)
	case strings.HasPrefix(upper, "GBT-"):
		return parseGBT(s, upper)
	case strings.HasPrefix(upper, "0X"):
		digits := upper[len("0X"):]
		if at := firstNot(digits, isHex); at >= 0 || len(digits) != 6 {
			return "", "", &CodeError{s, len("0X") + max(at, 0), "want six hexadecimal digits, as 0x5E2000"}
		}
		return Code("0x" + digits), NamespaceMaker, nil
	}
	return parseJ2012(s)
}

func parseSPN(s, upper string) (Code, Namespace, error) {
	spnText, fmiText, found := strings.Cut(upper[len("SPN"):], "-FMI")
	if !found {
		return "", "", &CodeError{s, len(s), "want SPN and FMI, as SPN609-FMI19"}
	}
	spn, err := strconv.ParseUint(spnText, 10, 32)
	if err != nil || spn > MaxSPN {
		return "", "", &CodeError{s, len("SPN"), fmt.Sprintf("want an SPN of 0 to %d", MaxSPN)}
	}
	fmi, err := strconv.ParseUint(fmiText, 10, 8)
	if err != nil || fmi > MaxFMI {
		return "", "", &CodeError{s, len("SPN") + len(spnText) + len("-FMI"), fmt.Sprintf("want an FMI of 0 to %d", MaxFMI)}
	}
	return CodeFromSPN(uint32(spn), uint8(fmi)), NamespaceJ1939, nil
}

func parseGBT(s, upper string) (Code, Namespace, error) {
	rest := upper[len("GBT-"):]
	const alarmDigits, faultDigits = 2, 8
	switch {
	case rest != "" && rest[0] == 'A' && len(rest) == 1+alarmDigits:
		if bit, err := strconv.ParseUint(rest[1:], 10, 8); err == nil && bit < 32 {
			return Code(upper), NamespaceGBT, nil
		}
	case rest != "" && strings.IndexByte("SMEO", rest[0]) >= 0 && len(rest) == 1+faultDigits:
		if firstNot(rest[1:], isHex) < 0 {
			return Code(upper), NamespaceGBT, nil
		}
	}
	return "", "", &CodeError{s, len("GBT-"), "want an alarm (A00 to A31) or a fault (S, M, E or O and 8 hexadecimal digits)"}
}

// firstNot returns where the first byte is that is not ok; -1 if there is none.
func firstNot(s string, ok func(byte) bool) int {
	for i := range len(s) {
		if !ok(s[i]) {
			return i
		}
	}
	return -1
}
