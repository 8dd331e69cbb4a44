package uds

import (
	"encoding/json"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Status is the status byte of a trouble code, or a mask of its bits (ISO 14229-1
// D.2).
type Status uint8

// The bits of a Status.
const (
	TestFailed             Status = 1 << iota // the fault is there now
	TestFailedThisCycle                       // it was there in this operation cycle
	Pending                                   // it was there in this cycle or the one before
	Confirmed                                 // it came often enough to be stored
	NotCompletedSinceClear                    // not tested since the codes were erased
	FailedSinceClear                          // it was there since the codes were erased
	NotCompletedThisCycle                     // not tested in this operation cycle
	WarningIndicator                          // the ECU asks for its warning lamp
)

// statusFlags are the names of the bits, lowest first.
var statusFlags = [8]string{
	"test_failed", "test_failed_this_cycle", "pending", "confirmed", "not_completed_since_clear",
	"failed_since_clear", "not_completed_this_cycle", "warning_indicator",
}

// Has reports whether all the bits are set.
func (s Status) Has(bits Status) bool { return s&bits == bits }

// Flags names the bits that are set, lowest first.
func (s Status) Flags() []string {
	flags := make([]string, 0, len(statusFlags))
	for i, name := range statusFlags {
		if s>>i&1 == 1 {
			flags = append(flags, name)
		}
	}
	return flags
}

// Code returns the state that the bits stand for: confirmed, else pending while
// the test fails now or failed in this cycle or the last, else history.
func (s Status) Code() vehicle.CodeStatus {
	switch {
	case s.Has(Confirmed):
		return vehicle.CodeConfirmed
	case s&(Pending|TestFailed) != 0:
		return vehicle.CodePending
	}
	return vehicle.CodeHistory
}

// MarshalJSON prints {"raw": "24", "flags": ["pending", "failed_since_clear"]}.
func (s Status) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Raw   string   `json:"raw"`
		Flags []string `json:"flags"`
	}{fmt.Sprintf("%02X", uint8(s)), s.Flags()})
}

// Severity is the severity byte of a trouble code, or a mask of its bits (ISO 14229-1
// D.3): what the driver shall do in bits 5 to 7, the class of the global technical
// regulation on WWH-OBD in bits 0 to 4.
type Severity uint8

// The bits of a Severity.
const (
	ClassNone        Severity = 1 << iota // no class
	ClassA                                // emissions above the limits
	ClassB1                               // emissions may be above the limits
	ClassB2                               // emissions may be above the limits, if it gets worse
	ClassC                                // emissions below the limits
	MaintenanceOnly                       // fault is no danger
	CheckAtNextHalt                       // check when the vehicle stands
	CheckImmediately                      // stop and check
)

// Text says what the driver shall do: the most urgent of the bits 5 to 7. It is
// empty when none is set.
func (s Severity) Text() string {
	switch {
	case s&CheckImmediately != 0:
		return "check immediately"
	case s&CheckAtNextHalt != 0:
		return "check at next halt"
	case s&MaintenanceOnly != 0:
		return "maintenance only"
	}
	return ""
}

// Class returns the WWH-OBD class: "A", "B1", "B2", "C", or "none" where the ECU
// says that the code has none. It is empty when no bit or more than one is set.
func (s Severity) Class() string {
	switch s & 0x1F {
	case ClassNone:
		return "none"
	case ClassA:
		return "A"
	case ClassB1:
		return "B1"
	case ClassB2:
		return "B2"
	case ClassC:
		return "C"
	default:
		return ""
	}
}

// MarshalText prints two hexadecimal digits.
func (s Severity) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%02X", uint8(s)), nil }

// Unit is a functional unit, a number of the maker.
type Unit uint8

// MarshalText prints two hexadecimal digits.
func (u Unit) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%02X", uint8(u)), nil }

// Group is a functional group of WWH-OBD (ISO 14229-1 D.5).
type Group uint8

// The functional groups.
const (
	GroupEmissions Group = 0x33
	GroupSafety    Group = 0xD0
	GroupVOBD      Group = 0xFE
)

// String names the group, or prints its number.
func (g Group) String() string {
	switch g {
	case GroupEmissions:
		return "emissions"
	case GroupSafety:
		return "safety"
	case GroupVOBD:
		return "VOBD"
	}
	return fmt.Sprintf("group %02X", uint8(g))
}

// Format is a DTCFormatIdentifier (ISO 14229-1 D.4): which standard the three bytes
// follow.
type Format uint8

// The formats of ISO 14229-1.
const (
	FormatJ2012    Format = iota // SAE J2012-DA format 00, ISO 15031-6
	FormatISO14229               // ISO 14229-1
	FormatJ1939                  // SAE J1939-73
	FormatISO11992               // ISO 11992-4
	FormatWWHOBD                 // SAE J2012-DA format 04, WWH-OBD
)

// String names the standard.
func (f Format) String() string {
	switch f {
	case FormatJ2012:
		return "SAE J2012-DA format 00"
	case FormatISO14229:
		return "ISO 14229-1"
	case FormatJ1939:
		return "SAE J1939-73"
	case FormatISO11992:
		return "ISO 11992-4"
	case FormatWWHOBD:
		return "SAE J2012-DA format 04"
	}
	return fmt.Sprintf("format %d", uint8(f))
}
