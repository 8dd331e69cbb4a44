package j1939

import "github.com/pitcrew-telematics/pitcrew/vehicle"

// Conversion is one of the four orders in which a trouble code's SPN is packed
// into its bytes (SAE J1939-73, "SPN conversion method"):
//
//	version  byte 1    byte 2    byte 3            CM bit
//	1        SPN>>11   SPN>>3    (SPN&7)<<5 | FMI  1
//	2        SPN>>3    SPN>>11   (SPN&7)<<5 | FMI  1
//	3        SPN       SPN>>8    SPN>>16<<5 | FMI  1
//	4        as 3                                  0
//
// The zero Conversion stands for DefaultConversion.
type Conversion uint8

// The conversions.
const (
	Version1 Conversion = 1
	Version2 Conversion = 2
	Version3 Conversion = 3
	Version4 Conversion = 4

	// DefaultConversion is how codes with CM bit 1 are read if nobody says what
	// their sender uses: the only order of the three that is still in use.
	DefaultConversion = Version3
)

// noOccurrences is the occurrence count of a sender that does not count.
const noOccurrences = 0x7F

// DTC is one trouble code of SAE J1939-73.
type DTC struct {
	SPN uint32 `json:"spn"` // suspect parameter number: what is at fault, 19 bits
	FMI uint8  `json:"fmi"` // failure mode identifier: how, 5 bits
	OC  uint8  `json:"oc"`  // occurrence count as sent, 7 bits; see Occurrences
	CM  uint8  `json:"cm"`  // conversion method bit: 0 for version 4, else 1
}

// DecodeDTC reads the four bytes of a trouble code. With CM bit 0 they are in the
// order of version 4, whatever the caller expects; with CM bit 1 ambiguous tells
// the order (4 has the bytes of 3).
func DecodeDTC(b [4]byte, ambiguous Conversion) DTC {
	d := DTC{FMI: b[2] & vehicle.MaxFMI, OC: b[3] & noOccurrences, CM: b[3] >> 7}
	b0, b1, top := uint32(b[0]), uint32(b[1]), uint32(b[2]>>5)
	switch {
	case d.CM == 1 && ambiguous == Version1:
		d.SPN = b0<<11 | b1<<3 | top
	case d.CM == 1 && ambiguous == Version2:
		d.SPN = b1<<11 | b0<<3 | top
	default:
		d.SPN = top<<16 | b1<<8 | b0
	}
	return d
}

// AppendDTC appends the four bytes of a code, in the order of the conversion; the
// zero Conversion is version 4 here, as SAE J1939-73 asks of every new sender.
// The CM bit follows the conversion, not d.CM. Bits beyond a field are dropped.
func AppendDTC(dst []byte, d DTC, c Conversion) []byte {
	spn, fmi, last := d.SPN&vehicle.MaxSPN, d.FMI&vehicle.MaxFMI, d.OC&noOccurrences|0x80
	switch c {
	case Version1:
		return append(dst, byte(spn>>11), byte(spn>>3), byte(spn&7)<<5|fmi, last)
	case Version2:
		return append(dst, byte(spn>>3), byte(spn>>11), byte(spn&7)<<5|fmi, last)
	case Version3:
		return append(dst, byte(spn), byte(spn>>8), byte(spn>>16)<<5|fmi, last)
	default:
		return append(dst, byte(spn), byte(spn>>8), byte(spn>>16)<<5|fmi, last&^0x80)
	}
}

// Occurrences returns how often the fault came; false if the sender does not
// count (7F).
func (d DTC) Occurrences() (int, bool) {
	return int(d.OC), d.OC != noOccurrences
}

// Code names the trouble code: "SPN609-FMI19".
func (d DTC) Code() vehicle.Code { return vehicle.CodeFromSPN(d.SPN, d.FMI) }
