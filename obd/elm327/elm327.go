// Package elm327 reads the text of ELM327 adapters and their clones: headers on
// or off, spaces on or off, 11 and 29 bit CAN, pre-CAN buses, and lines damaged
// by noise. It gives the messages the ECUs sent; what they mean is the part of
// j1979 and of other packages.
//
// Lines end with CR, a reply ends with the prompt '>'. One line holds, for an
// answer to 010C:
//
//	41 0C 1A F8                    headers off: the message
//	7E8 04 41 0C 1A F8             11 bit CAN: id, frame of ISO 15765-2
//	7E804410C1AF8                  the same, spaces off: an odd number of digits
//	18 DA F1 10 04 41 0C 1A F8     29 bit CAN: id 18DAxxxx or 18DBxxxx, frame
//	48 6B 10 41 0C 1A F8 CK        pre-CAN: three header bytes, message, checksum
//	84 F1 10 41 0C 1A F8 CK        the same, ISO 14230: the low bits are the length
//	014                            headers off, long: number of bytes, then
//	0: 49 02 01 31 48 47           the first 6 and
//	1: 43 4D 38 32 36 33 33        7 more with every line; index 0 ... F, 0 ...
//	49 02 01 00 00 00 31           pre-CAN, long: service, PID, 1, 2 ... and 4 bytes
//
// The long forms also occur with all their lines run together. Status words are
// understood with and without blanks, alone and behind other text.
//
// A checksum is verified. A wrong one costs the line when its header tells the bus
// (41 6B is SAE J1850 PWM, with a CRC-8; a length in the first byte is ISO 14230, with
// a sum); with 48 6B, which SAE J1850 VPW and ISO 9141-2 share, it is only told, see
// Line.Check and Message.Check.
//
// Parse never joins bytes of two messages, nor of two replies. What is not used has
// its Reason on its Line. Reader does the same for text that comes in pieces.
package elm327

import (
	"encoding/json"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

// Status is what a text of the adapter says as a whole.
type Status string

// The statuses of a Reply.
const (
	OK              Status = "ok"                // messages, a voltage, or a command accepted
	NoData          Status = "no_data"           // nobody answered in time: not the same as "no codes"
	Searching       Status = "searching_only"    // protocol search ended without an answer
	Incomplete      Status = "incomplete"        // the text stops before the prompt, nothing usable so far
	Rejected        Status = "rejected"          // the adapter does not know the command
	BusError        Status = "can_error"         // re-initialise the bus
	UnableToConnect Status = "unable_to_connect" // no protocol found
	BufferFull      Status = "buffer_full"       // adapter overflow
	Stopped         Status = "stopped"           // the host sent a byte too early
	AdapterAlert    Status = "adapter_alert"     // low voltage reset, low power, internal error
	Damaged         Status = "damaged"           // lines came, and none could be used
)

// Class is what one line of the text is.
type Class string

// The classes of a Line.
const (
	ClassMessage Class = "message" // a message, or part of one
	ClassEcho    Class = "echo"    // the request, repeated by the adapter
	ClassAck     Class = "ack"     // OK
	ClassVoltage Class = "voltage" // answer to ATRV
	ClassStatus  Class = "status"  // a status word, see Line.Status
	ClassBanner  Class = "banner"  // the adapter's name after a reset
	ClassNoise   Class = "noise"   // anything else, see Line.Reason
)

// Check is the outcome of a checksum.
type Check string

// The outcomes of a checksum.
const (
	Unchecked  Check = ""      // the line has none
	CheckSum   Check = "sum"   // right: sum of the bytes before it (ISO 9141-2, ISO 14230)
	CheckCRC   Check = "crc8"  // right: CRC-8 of the bytes before it (SAE J1850)
	CheckWrong Check = "wrong" // neither
)

// Line is one line of the adapter's text.
type Line struct {
	Offset int // byte in the text where the line starts
	Text   string
	Class  Class
	Status Status // for ClassStatus
	Check  Check  // for a line of a pre-CAN bus with headers
	Reason string // why the line, or the message it began, is not used; empty when it is
}

// Message is one message of an ECU, after headers, lengths, checksums and
// transport bytes are gone.
type Message struct {
	ECU      string // CAN id "7E8" or "18DAF110", pre-CAN source address "10"; empty with headers off
	Header   string // the header bytes of a message in one pre-CAN line
	Checksum string // the last byte of that line
	Check    Check  // the outcome of the checksum; of several lines, CheckWrong or unchecked
	Payload  []byte // starts with the service
	Line     int    // index in Reply.Lines of the line where the message starts
	Offset   int    // byte in the text where that line starts
}

// String shows a message as an adapter would with headers on and spaces off.
func (m Message) String() string { return fmt.Sprintf("%s%X", m.ECU, m.Payload) }

// Reply is what Parse found in a text.
type Reply struct {
	Status     Status
	Complete   bool // the text ends with the prompt
	Truncated  bool // longer than a Reader keeps: what came later is lost
	Ack        bool // a command was accepted
	Millivolts int  // answer to ATRV; 0 when there was none
	Messages   []Message
	Lines      []Line
	Faults     []Fault // messages and frames that the transport lost
}

// Fault is a frame that was not used, or a message that was lost, on CAN: by the
// frames of ISO 15765-2 or, with headers off, by the numbered lines made of them.
type Fault struct {
	ECU  string // empty with headers off
	Kind isotp.Kind
	Line int // index in Reply.Lines: of the line where the lost message starts, or of the frame
}

// MarshalJSON prints {"payload", "ecu", "header", "checksum"}, the last three where
// the line has them, and "checksum_valid", false, where a checksum is known to be wrong.
func (m Message) MarshalJSON() ([]byte, error) {
	var valid *bool
	if m.Check == CheckWrong {
		valid = new(false)
	}
	return json.Marshal(struct {
		Payload  string `json:"payload"`
		ECU      string `json:"ecu,omitempty"`
		Header   string `json:"header,omitempty"`
		Checksum string `json:"checksum,omitempty"`
		Valid    *bool  `json:"checksum_valid,omitempty"`
	}{fmt.Sprintf("%X", m.Payload), m.ECU, m.Header, m.Checksum, valid})
}

// MarshalJSON prints {"status", "ack", "voltage_mv", "messages"}.
func (r Reply) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Status     Status    `json:"status"`
		Ack        bool      `json:"ack,omitempty"`
		Millivolts int       `json:"voltage_mv,omitempty"`
		Messages   []Message `json:"messages"`
	}{r.Status, r.Ack, r.Millivolts, append([]Message{}, r.Messages...)})
}
