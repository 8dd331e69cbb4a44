package uds

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// ID is a trouble code as it is sent: high, middle and low byte.
type ID [3]byte

// MarshalText prints six hexadecimal digits.
func (id ID) MarshalText() ([]byte, error) { return upperHex(id[:]), nil }

// Naming says how the three bytes of a code are written.
type Naming uint8

// The ways to write a code.
const (
	// NamingByFormat follows the format where the answer gives one (ISO 11992-4 as
	// NamingMaker), and SAE J2012 where it gives none.
	NamingByFormat Naming = iota
	NamingJ2012           // P0133-11: a word of SAE J2012 and a failure type
	NamingJ1939           // SPN609-FMI19
	NamingMaker           // 0x5E2000: for makers that do not follow SAE J2012, such as BMW
)

// in settles how codes are written in an answer; the format is nil when it has none.
func (n Naming) in(format *Format) Naming {
	switch {
	case n != NamingByFormat:
		return n
	case format == nil:
		return NamingJ2012
	}
	switch *format {
	case FormatJ2012, FormatISO14229, FormatWWHOBD:
		return NamingJ2012
	case FormatJ1939:
		return NamingJ1939
	default:
		return NamingMaker
	}
}

// code names the three bytes.
func (n Naming) code(id ID) vehicle.Code {
	switch n {
	case NamingJ1939:
		// The bytes stand as in SAE J1939-73: SPN bits 7..0, SPN 15..8, then SPN
		// 18..16 above 5 bits of FMI.
		spn := uint32(id[2]>>5)<<16 | uint32(id[1])<<8 | uint32(id[0])
		return vehicle.CodeFromSPN(spn, id[2]&vehicle.MaxFMI)
	case NamingMaker:
		return vehicle.CodeFromBytes(id)
	default:
		return vehicle.CodeFromDTC(id)
	}
}

// FailureType names a failure type byte (ISO 15031-6, SAE J2012-DA). It is empty
// for those that are not in the table.
func FailureType(b uint8) string {
	switch b {
	case 0x00:
		return "no failure type"
	case 0x11:
		return "short to ground"
	case 0x12:
		return "short to battery"
	case 0x13:
		return "open circuit"
	case 0x16:
		return "voltage below threshold"
	case 0x17:
		return "voltage above threshold"
	case 0x29:
		return "signal invalid"
	case 0x62:
		return "signal compare failure"
	case 0x64:
		return "signal plausibility failure"
	case 0x87:
		return "message missing"
	}
	return ""
}
