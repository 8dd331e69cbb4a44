// Package mqttframe reads the parts of MQTT packets that ingest needs on its hot path:
// the fixed header of any packet, and the fields of a PUBLISH, without a copy. It knows
// what MQTT 3.1.1 and 5 have in common.
package mqttframe

import (
	"encoding/binary"
	"errors"
	"io"
)

// Types of packets (MQTT 3.1.1 §2.2.1).
const (
	Connect byte = 1
	Publish byte = 3
	Puback  byte = 4
)

// ErrLength says that the length in a fixed header has more than four bytes.
var ErrLength = errors.New("the length of a packet is malformed")

// Header is a fixed header (MQTT 3.1.1 §2.2). Length is how many bytes follow it.
type Header struct {
	Length int

	bytes [5]byte // type and flags, length
	n     int
}

// Read reads the next header.
func (h *Header) Read(in io.ByteReader) (err error) {
	h.Length = 0
	for i := range h.bytes {
		if h.bytes[i], err = in.ReadByte(); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		h.Length |= int(h.bytes[i]&0x7f) << (7 * (i - 1))
		if h.bytes[i] < 0x80 {
			h.n = i + 1
			return nil
		}
	}
	return ErrLength
}

// Type is the type of the packet.
func (h *Header) Type() byte { return h.bytes[0] >> 4 }

// Bytes is the header as it came; the next Read overwrites it.
func (h *Header) Bytes() []byte { return h.bytes[:h.n] }

// Message is what a PUBLISH says (MQTT 3.1.1 §3.3). Its slices are parts of the packet.
type Message struct {
	Topic    []byte
	QoS      byte
	Retained bool
	ID       uint16 // 0 at QoS 0
	Rest     []byte // the payload; in MQTT 5 the properties are before it
}

// ParsePublish reads the body of the PUBLISH that the header announced. ok is false if
// it ends early, or has no id where it needs one.
func (h *Header) ParsePublish(body []byte) (m Message, ok bool) {
	m.QoS, m.Retained = h.bytes[0]>>1&3, h.bytes[0]&1 != 0
	if len(body) < 2 {
		return m, false
	}
	length := int(binary.BigEndian.Uint16(body))
	if body = body[2:]; length > len(body) {
		return m, false
	}
	if m.Topic, body = body[:length], body[length:]; m.QoS > 0 {
		if len(body) < 2 {
			return m, false
		}
		m.ID, body = binary.BigEndian.Uint16(body), body[2:]
	}
	m.Rest = body
	return m, m.QoS == 0 || m.ID != 0
}

// AppendPuback appends the PUBACK of a message (MQTT 3.1.1 §3.4; the same in MQTT 5 for
// success).
func AppendPuback(b []byte, id uint16) []byte {
	return append(b, Puback<<4, 2, byte(id>>8), byte(id))
}
