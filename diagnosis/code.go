package diagnosis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// codeNumber returns the 16 bits that a code has on the wire (SAE J2012): two
// bits of letter, two of the first digit, three hex digits. A failure type
// behind a dash does not count. It is false for what is not such a code.
func codeNumber(c vehicle.Code) (uint16, bool) {
	base := baseCode(c)
	if len(base) != 5 || base[1] < '0' || base[1] > '3' {
		return 0, false
	}
	letter := strings.IndexByte("PCBU", base[0])
	rest, err := strconv.ParseUint(base[1:], 16, 14)
	if letter < 0 || err != nil {
		return 0, false
	}
	return uint16(letter)<<14 | uint16(rest), true
}

// baseCode drops the failure type byte: P0133-11 is P0133.
func baseCode(c vehicle.Code) string {
	base, _, _ := strings.Cut(string(c), "-")
	return base
}

// makerCode reports whether the meaning of a code is up to the maker: in SAE
// J2012 first digit 1, in body, chassis and network codes also 2, and
// P3000-P33FF. Alarms of GB/T 32960 and the faults of SAE J1939 have one meaning
// for all makers, the fault lists of GB/T 32960 have not.
func makerCode(c vehicle.Code) bool {
	switch c.Namespace() {
	case vehicle.NamespaceJ1939:
		return false
	case vehicle.NamespaceGBT:
		return !strings.HasPrefix(string(c), "GBT-A")
	default:
		return makerJ2012(baseCode(c))
	}
}

// makerJ2012 is makerCode for a code of SAE J2012 without failure type, and for
// what no standard names.
func makerJ2012(base string) bool {
	if len(base) != 5 {
		return true
	}
	switch base[1] {
	case '1':
		return true
	case '2':
		return base[0] != 'P'
	case '3':
		return base[0] == 'P' && base[2] <= '3'
	}
	return false
}

// Pattern is one code, or an inclusive range of codes of SAE J2012: "P0171",
// "P0301-P0312", "GBT-A11", "SPN110-FMI0".
type Pattern struct {
	from, to uint16       // SAE J2012
	only     vehicle.Code // of another namespace; empty for a range
}

// parsePattern reads a pattern as the knowledge base writes it.
func parsePattern(s string) (Pattern, error) {
	if c, err := vehicle.ParseCode(s); err == nil && c.Namespace() != vehicle.NamespaceJ2012 {
		return Pattern{only: c}, nil
	}
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, ok1 := codeNumber(vehicle.Code(first))
	to, ok2 := codeNumber(vehicle.Code(last))
	if !ok1 || !ok2 || from > to || (isRange && from == to) || from>>14 != to>>14 {
		return Pattern{}, fmt.Errorf("read code pattern %q: want a code or an ascending range of one letter", s)
	}
	return Pattern{from: from, to: to}, nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Pattern) UnmarshalText(b []byte) error {
	q, err := parsePattern(string(b))
	if err != nil {
		return err
	}
	*p = q
	return nil
}

// String prints the pattern as the knowledge base writes it.
func (p Pattern) String() string {
	if p.only != "" {
		return string(p.only)
	}
	if p.from == p.to {
		return string(codeText(p.from))
	}
	return string(codeText(p.from) + "-" + codeText(p.to))
}

// Codes lists every code of the pattern.
func (p Pattern) Codes() []vehicle.Code {
	if p.only != "" {
		return []vehicle.Code{p.only}
	}
	var all []vehicle.Code
	for n := uint32(p.from); n <= uint32(p.to); n++ {
		all = append(all, codeText(uint16(n)))
	}
	return all
}

// contains reports whether the pattern covers a code, and how many codes it
// covers: of two patterns the narrower one knows better.
func (p Pattern) contains(c vehicle.Code) (width int, ok bool) {
	if p.only != "" {
		return 1, p.only == c
	}
	n, ok := codeNumber(c)
	if !ok {
		return 0, false
	}
	return int(p.to) - int(p.from) + 1, n >= p.from && n <= p.to
}

func codeText(n uint16) vehicle.Code {
	return vehicle.Code(fmt.Sprintf("%c%d%03X", "PCBU"[n>>14], n>>12&3, n&0xFFF))
}
