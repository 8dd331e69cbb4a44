package vehicle

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// VIN is a vehicle identification number, ISO 3779: 17 characters of 0-9 and
// A-Z without I, O and Q, upper case. Make one with ParseVIN.
type VIN string

// The reasons a VINError can give.
const (
	VINLength    = "length"              // not 17 characters
	VINForbidden = "forbidden_character" // I, O or Q, which ISO 3779 leaves out
	VINInvalid   = "invalid_character"   // neither a digit nor a letter A-Z
)

// VINError says why a text is not a VIN.
type VINError struct {
	Input  string
	Offset int    // byte in Input where the fault is
	Reason string // one of the VIN... constants
}

// Error implements error.
func (e *VINError) Error() string {
	return fmt.Sprintf("parse VIN %q: %s at byte %d", e.Input, e.Reason, e.Offset)
}

// ParseVIN reads a VIN as people and devices write it: blanks and NULs around
// it are dropped, full-width characters become half-width, letters become upper
// case. A wrong check digit is no error (see VIN.CheckDigit): too many cars on
// the road have one. The error is a *VINError.
func ParseVIN(s string) (VIN, error) {
	const blank = " \t\r\n\x00\u3000"
	start := len(s) - len(strings.TrimLeft(s, blank))
	trimmed := strings.TrimRight(s[start:], blank)

	var vin [17]byte
	n := 0
	for i, r := range trimmed {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		switch {
		case r == 'I' || r == 'O' || r == 'Q':
			return "", &VINError{Input: s, Offset: start + i, Reason: vinReason(trimmed, VINForbidden)}
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
		default:
			return "", &VINError{Input: s, Offset: start + i, Reason: vinReason(trimmed, VINInvalid)}
		}
		if n == len(vin) {
			return "", &VINError{Input: s, Offset: start + i, Reason: VINLength}
		}
		vin[n] = byte(r)
		n++
	}
	if n != len(vin) {
		return "", &VINError{Input: s, Offset: start + len(trimmed), Reason: VINLength}
	}
	return VIN(vin[:]), nil
}

// vinReason prefers the length as the reason: in a text that is no VIN at all
// the first odd character explains nothing.
func vinReason(trimmed, reason string) string {
	if utf8.RuneCountInString(trimmed) != 17 {
		return VINLength
	}
	return reason
}

// WMI returns the world manufacturer identifier, ISO 3780: the first three
// characters. It is empty for a VIN that ParseVIN did not make.
func (v VIN) WMI() string {
	if len(v) != 17 {
		return ""
	}
	return string(v[:3])
}

// Maker returns what names the maker: the WMI, and for makers of fewer than 500
// vehicles a year (third character 9) also characters 12 to 14.
func (v VIN) Maker() string {
	if len(v) == 17 && v[2] == '9' {
		return string(v[:3] + v[11:14])
	}
	return v.WMI()
}

// Region is where the maker is registered, by the first character (ISO 3780).
type Region string

// The regions of ISO 3780.
const (
	RegionUnknown Region = ""
	Africa        Region = "africa"
	Asia          Region = "asia"
	China         Region = "china" // part of Asia with rules of its own
	Europe        Region = "europe"
	NorthAmerica  Region = "north_america"
	Oceania       Region = "oceania"
	SouthAmerica  Region = "south_america"
)

// Region returns where the maker is registered. Of the numbers 7, only 7A to 7E
// are in Oceania: the others were given to the United States when it ran out.
func (v VIN) Region() Region {
	if len(v) < 2 {
		return RegionUnknown
	}
	switch c := v[0]; {
	case c == '7' && (v[1] < 'A' || v[1] > 'E'):
		return NorthAmerica
	case c == 'L':
		return China
	case c >= 'S':
		return Europe
	case c >= 'J':
		return Asia
	case c >= 'A':
		return Africa
	case c >= '8' || c == '0':
		return SouthAmerica
	case c >= '6':
		return Oceania
	default:
		return NorthAmerica
	}
}

// CheckDigit is what the ninth character of a VIN tells.
type CheckDigit string

// The outcomes of a check digit.
const (
	CheckDigitOK          CheckDigit = "ok"
	CheckDigitMismatch    CheckDigit = "mismatch"
	CheckDigitNotRequired CheckDigit = "not_required" // and not right by chance
)

// CheckDigit compares the ninth character with the sum of the others
// (49 CFR 565, GB 16735). It is required in North America and China only.
func (v VIN) CheckDigit() CheckDigit {
	switch {
	case len(v) == 17 && v[8] == v.ComputedCheckDigit():
		return CheckDigitOK
	case v.Region() == NorthAmerica || v.Region() == China:
		return CheckDigitMismatch
	default:
		return CheckDigitNotRequired
	}
}

// ComputedCheckDigit returns the digit, or X, that the other sixteen characters
// ask for; 0 for a VIN that ParseVIN did not make.
func (v VIN) ComputedCheckDigit() byte {
	if len(v) != 17 {
		return 0
	}
	weights := [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}
	// Letters in the order A..Z; I, O and Q do not occur.
	const values = "12345678012345070923456789"
	sum := 0
	for i, w := range weights {
		c := v[i]
		switch {
		case c >= '0' && c <= '9':
			sum += w * int(c-'0')
		case c >= 'A' && c <= 'Z':
			sum += w * int(values[c-'A']-'0')
		}
	}
	return "0123456789X"[sum%11]
}

// ModelYears returns the two years, 30 apart, that the tenth character can
// stand for, oldest first. It is empty when the character is no year code; in
// Europe and much of Asia the character is free, so the answer is a hint.
func (v VIN) ModelYears() []int {
	if len(v) != 17 {
		return nil
	}
	const codes = "ABCDEFGHJKLMNPRSTVWXY123456789"
	i := strings.IndexByte(codes, v[9])
	if i < 0 {
		return nil
	}
	return []int{1980 + i, 2010 + i}
}
