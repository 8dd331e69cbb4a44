package j1939

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Lamp is the state of one lamp of DM1.
type Lamp string

// The states of a lamp. A lamp that flashes is commanded on.
const (
	LampOff          Lamp = "off"
	LampOn           Lamp = "on"
	LampSlowFlash    Lamp = "slow_flash" // 1 Hz
	LampFastFlash    Lamp = "fast_flash" // 2 Hz or faster
	LampReserved     Lamp = "reserved"   // lamp bits 10
	LampNotAvailable Lamp = "not_available"
)

// CommandedOn reports whether the lamp is on or flashing; known is false if the
// sender does not say.
func (l Lamp) CommandedOn() (on, known bool) {
	switch l {
	case LampOn, LampSlowFlash, LampFastFlash:
		return true, true
	case LampOff:
		return false, true
	default:
		return false, false
	}
}

// decodeLamp reads one pair of lamp bits and its flash bits. Flash bits count
// only for a lamp that is on; the reserved flash 10 is taken as steady.
func decodeLamp(lamp, flash byte) Lamp {
	switch lamp & 3 {
	case 0:
		return LampOff
	case 2:
		return LampReserved
	case 3:
		return LampNotAvailable
	}
	switch flash & 3 {
	case 0:
		return LampSlowFlash
	case 1:
		return LampFastFlash
	default:
		return LampOn
	}
}

// bits is the opposite of decodeLamp; a state that is no constant of this package
// is not available.
func (l Lamp) bits() (lamp, flash byte) {
	switch l {
	case LampOff:
		return 0, 3
	case LampOn:
		return 1, 3
	case LampSlowFlash:
		return 1, 0
	case LampFastFlash:
		return 1, 1
	case LampReserved:
		return 2, 3
	default:
		return 3, 3
	}
}

// Lamps are the four lamps of DM1 and DM2.
type Lamps struct {
	MIL          Lamp `json:"mil"` // malfunction indicator: emissions
	RedStop      Lamp `json:"red_stop"`
	AmberWarning Lamp `json:"amber_warning"`
	Protect      Lamp `json:"protect"`
}

// DM is the content of DM1 (active codes) or DM2 (previously active ones).
type DM struct {
	Lamps Lamps `json:"lamps"`
	DTCs  []DTC `json:"dtcs"` // never nil after DecodeDM
}

const (
	lampBytes = 2
	dtcBytes  = 4
)

// DecodeDM reads DM1 or DM2, without transport. A record of SPN 0 and FMI 0, or of
// ones only, stands for "no code" and is left out, and so is padding of FF (or
// 00) behind the last record. ambiguous says how codes with CM bit 1 are packed.
//
// The refusal says where a message ends within a record; lamps and codes before
// it are in the DM, which is then not the whole set.
func DecodeDM(data []byte, ambiguous Conversion) (DM, *vehicle.Refusal) {
	dm := DM{DTCs: make([]DTC, 0, len(data)/dtcBytes)}
	if len(data) < lampBytes {
		return dm, &vehicle.Refusal{Offset: len(data), Reason: fmt.Sprintf("%d bytes, want two of lamps and four for each code", len(data))}
	}
	lamp, flash := data[0], data[1]
	dm.Lamps = Lamps{
		MIL:          decodeLamp(lamp>>6, flash>>6),
		RedStop:      decodeLamp(lamp>>4, flash>>4),
		AmberWarning: decodeLamp(lamp>>2, flash>>2),
		Protect:      decodeLamp(lamp, flash),
	}
	rest := data[lampBytes:]
	for ; len(rest) >= dtcBytes; rest = rest[dtcBytes:] {
		record := [dtcBytes]byte(rest)
		if d := DecodeDTC(record, ambiguous); record != allOnes && (d.SPN != 0 || d.FMI != 0) {
			dm.DTCs = append(dm.DTCs, d)
		}
	}
	if len(data) < lampBytes+dtcBytes || !isPadding(rest) {
		return dm, &vehicle.Refusal{
			Offset: len(data) - len(rest),
			Reason: fmt.Sprintf("a trouble code is cut short: %d of 4 bytes", len(rest)),
		}
	}
	return dm, nil
}

// allOnes is the old form of "no code".
var allOnes = [dtcBytes]byte{0xFF, 0xFF, 0xFF, 0xFF}

// isPadding reports whether all bytes are FF, or all are 00.
func isPadding(b []byte) bool {
	for _, x := range b {
		if x != b[0] || x != 0xFF && x != 0 {
			return false
		}
	}
	return true
}

// AppendDM appends the content of DM1 or DM2: lamps and codes, or the record for
// "no code", padded with FF to the eight bytes of a frame. DecodeDM gives the
// same DM back, if its codes have the CM bit of the conversion, and none is one
// that stands for "no code".
func AppendDM(dst []byte, dm DM, c Conversion) []byte {
	start := len(dst)
	var lamps, flash byte
	for _, l := range [...]Lamp{dm.Lamps.MIL, dm.Lamps.RedStop, dm.Lamps.AmberWarning, dm.Lamps.Protect} {
		lamp, f := l.bits()
		lamps, flash = lamps<<2|lamp, flash<<2|f
	}
	dst = append(dst, lamps, flash)
	for _, d := range dm.DTCs {
		dst = AppendDTC(dst, d, c)
	}
	if len(dm.DTCs) == 0 {
		dst = append(dst, 0, 0, 0, 0)
	}
	for len(dst)-start < maxFrame {
		dst = append(dst, 0xFF)
	}
	return dst
}
