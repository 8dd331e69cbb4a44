package jtt808

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Bits of the properties of a message.
const (
	maxBody         = 0x3FF
	encryptionShift = 10
	encryptionMask  = 7
	partsBit        = 1 << 13
	edition2019Bit  = 1 << 14

	header2013 = 12 // bytes, without parts
	header2019 = 17
	partsBytes = 4
	phone2013  = 6
	phone2019  = 10
)

// Header is the header of a frame.
type Header struct {
	ID          MessageID
	Length      int    // bytes of the body, as the frame says
	Encryption  uint8  // 0 none, 1 RSA, others reserved
	Parted      bool   // the body is one of several parts
	Edition2019 bool   // else 2013 or before
	Version     uint8  // of the protocol, 2019 only
	Phone       string // 12 digits, 20 in the edition of 2019, with leading zeros; some devices put a to f
	Serial      uint16
	Total       uint16 // parts, if Parted
	Number      uint16 // of this part from 1, if Parted

	LengthValid   bool // Length is that of the body
	ChecksumValid bool
}

// parseHeader reads the header at the start of a frame's content. It returns the
// bytes of the header; 0 if the content is too short for it and a checksum.
func parseHeader(content []byte) (Header, int) {
	if len(content) < header2013 {
		return Header{}, 0
	}
	properties := binary.BigEndian.Uint16(content[2:])
	h := Header{
		ID:          MessageID(binary.BigEndian.Uint16(content)),
		Length:      int(properties & maxBody),
		Encryption:  uint8(properties >> encryptionShift & encryptionMask),
		Parted:      properties&partsBit != 0,
		Edition2019: properties&edition2019Bit != 0,
	}
	n, phone := header2013, content[4:4+phone2013]
	if h.Edition2019 {
		n = header2019
	}
	if h.Parted {
		n += partsBytes
	}
	if len(content) < n+1 {
		return Header{}, 0
	}
	rest := content[4+phone2013:]
	if h.Edition2019 {
		h.Version, phone, rest = content[4], content[5:5+phone2019], content[5+phone2019:]
	}
	h.Phone = hex.EncodeToString(phone)
	h.Serial = binary.BigEndian.Uint16(rest)
	if h.Parted {
		h.Total, h.Number = binary.BigEndian.Uint16(rest[2:]), binary.BigEndian.Uint16(rest[4:])
	}
	return h, n
}

// contentLength returns how long header, body and checksum are by the first four
// bytes of a header.
func contentLength(head [4]byte) int {
	properties := binary.BigEndian.Uint16(head[2:])
	n := header2013 + int(properties&maxBody) + 1
	if properties&edition2019Bit != 0 {
		n += header2019 - header2013
	}
	if properties&partsBit != 0 {
		n += partsBytes
	}
	return n
}

// append appends the header of a body of some bytes.
func (h Header) append(dst []byte, body int) ([]byte, error) {
	properties := uint16(body) | uint16(h.Encryption&encryptionMask)<<encryptionShift
	phoneBytes := phone2013
	if h.Edition2019 {
		properties |= edition2019Bit
		phoneBytes = phone2019
	}
	if h.Parted {
		properties |= partsBit
	}
	phone, err := hex.DecodeString(h.Phone)
	if err != nil || len(phone) != phoneBytes {
		return dst, fmt.Errorf("encode message %04X: phone %q, want %d digits", uint16(h.ID), h.Phone, 2*phoneBytes)
	}
	if body > maxBody {
		return dst, fmt.Errorf("encode message %04X: body of %d bytes, want at most %d", uint16(h.ID), body, maxBody)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(h.ID))
	dst = binary.BigEndian.AppendUint16(dst, properties)
	if h.Edition2019 {
		dst = append(dst, h.Version)
	}
	dst = append(dst, phone...)
	dst = binary.BigEndian.AppendUint16(dst, h.Serial)
	if h.Parted {
		dst = binary.BigEndian.AppendUint16(dst, h.Total)
		dst = binary.BigEndian.AppendUint16(dst, h.Number)
	}
	return dst, nil
}

// MarshalJSON prints what the edition and the properties say is there.
func (h Header) MarshalJSON() ([]byte, error) {
	printed := struct {
		ID            string  `json:"msg_id"`
		Length        int     `json:"body_length"`
		Encrypted     bool    `json:"encrypted"`
		Parted        bool    `json:"subpackage"`
		Total         *uint16 `json:"package_total,omitempty"`
		Number        *uint16 `json:"package_number,omitempty"`
		Edition2019   bool    `json:"version_2019"`
		Version       *uint8  `json:"protocol_version,omitempty"`
		Phone         string  `json:"phone"`
		Serial        uint16  `json:"serial"`
		LengthValid   bool    `json:"length_valid"`
		ChecksumValid bool    `json:"checksum_valid"`
	}{
		ID: h.ID.String(), Length: h.Length, Encrypted: h.Encryption != 0, Parted: h.Parted,
		Edition2019: h.Edition2019, Phone: h.Phone, Serial: h.Serial,
		LengthValid: h.LengthValid, ChecksumValid: h.ChecksumValid,
	}
	if h.Parted {
		printed.Total, printed.Number = &h.Total, &h.Number
	}
	if h.Edition2019 {
		printed.Version = &h.Version
	}
	return json.Marshal(printed)
}

// String prints four hexadecimal digits.
func (id MessageID) String() string { return fmt.Sprintf("%04X", uint16(id)) }
