// Package isotp joins CAN frames into messages, and cuts messages into frames, by
// ISO 15765-2 (ISO-TP), the transport of OBD-II and UDS. It is the listening side:
// it sends nothing, keeps no clock, and is given every frame with its time.
//
// The first byte of a frame, the protocol control information, tells what it is
// (ISO 15765-2:2016, 9.6):
//
//	0L                     single frame, L = 1 to 7 bytes           8 bytes of CAN data at most
//	00 LL                  single frame, LL bytes                   CAN FD, more than 8 bytes of data
//	1L LL                  first frame of a message of LLL bytes    and the first of them
//	10 00 LL LL LL LL      first frame of a longer message          and the first of them
//	2N                     consecutive frame, N = 1 ... F, 0, 1 ... and up to 7 bytes (CAN FD: 63)
//	3S BS ST               flow control, the other side's: S 0 go, 1 wait, 2 overflow
//
// A Receiver keeps one open message per CAN identifier, so that the answers of
// several ECUs may be mixed. Bytes after the announced length are padding and are
// ignored. Whatever goes wrong is a Fault with one of the kinds below, and costs
// the message it belongs to, never another one. A message is never handed out
// short.
//
// The size of a message and the number of open messages are limited, and memory
// grows with the bytes that came, not with the length that was announced.
package isotp

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

// Kind says what went wrong.
type Kind string

// The kinds of Fault.
const (
	SFLengthZero        Kind = "sf_length_zero"               // single frame of no bytes: dropped
	SFLengthInvalid     Kind = "sf_length_invalid"            // single frame longer than its frame, or without the escape of CAN FD: dropped
	FFTooShort          Kind = "ff_too_short"                 // first frame that does not fill its frame: dropped
	FFLengthInvalid     Kind = "ff_length_invalid"            // first frame of a message that fits a single frame: dropped
	MessageTooLong      Kind = "message_too_long"             // beyond Receiver.MaxLength: dropped, see Fault.FlowControl
	WrongSequence       Kind = "wrong_sequence_number"        // a consecutive frame is missing or comes twice: message lost
	UnexpectedCF        Kind = "unexpected_consecutive_frame" // no message is open: ignored
	InterruptedByFirst  Kind = "interrupted_by_first_frame"   // the sender began another message: old one lost
	InterruptedBySingle Kind = "interrupted_by_single_frame"  // the same
	Timeout             Kind = "consecutive_frame_timeout"    // no consecutive frame within N_Cr: message lost
	Incomplete          Kind = "incomplete"                   // the stream, or a consecutive frame, ends early: message lost
	TooManyOpen         Kind = "too_many_open_messages"       // beyond Receiver.MaxOpen: the oldest is lost
	InvalidPCI          Kind = "invalid_pci_type"             // first byte 40 to FF: ignored
	EmptyFrame          Kind = "empty_frame"                  // no data: ignored
)

// Defaults of a Receiver.
const (
	DefaultMaxLength = 4095                    // what a length of 12 bits announces
	DefaultMaxOpen   = 64                      // OBD-II has 8 ECUs, a whole car some 60
	DefaultTimeout   = 1000 * time.Millisecond // N_Cr, ISO 15765-2 table 22 and ISO 15765-4
)

// Message is a message that came whole.
type Message struct {
	ID      can.ID
	Payload []byte // of a single frame: part of the frame's data, not a copy
	First   int    // place of its first frame, as given to Add
	Last    int    // place of its last frame
}

// Fault is a frame that was not used, or a message that was lost.
type Fault struct {
	Kind  Kind
	ID    can.ID
	Place int // place of the frame that showed it, as given to Add; of the last frame of a message that just ended
	First int // place of the first frame of the message that is lost; -1 when none is
	Have  int // bytes that had come of it
	Want  int // bytes it announced
}

// Reason returns one line for people: "message ends after 13 of 20 bytes".
func (f Fault) Reason() string {
	switch f.Kind {
	case SFLengthZero:
		return "single frame of no bytes"
	case SFLengthInvalid:
		return fmt.Sprintf("single frame says %d bytes and has %d", f.Want, f.Have)
	case FFTooShort:
		return fmt.Sprintf("first frame is cut short: %d bytes of data", f.Have)
	case FFLengthInvalid:
		return fmt.Sprintf("first frame says %d bytes: fewer than need one", f.Want)
	case MessageTooLong:
		return fmt.Sprintf("message of %d bytes is longer than the limit", f.Want)
	case WrongSequence:
		return "consecutive frame missing"
	case UnexpectedCF:
		return "unexpected consecutive frame"
	case InterruptedByFirst:
		return "interrupted by a first frame"
	case InterruptedBySingle:
		return "interrupted by a single frame"
	case Timeout:
		return fmt.Sprintf("no consecutive frame in time, after %d of %d bytes", f.Have, f.Want)
	case Incomplete:
		return fmt.Sprintf("message ends after %d of %d bytes", f.Have, f.Want)
	case TooManyOpen:
		return "given up: too many messages are open"
	case InvalidPCI:
		return "frame type does not exist"
	default: // EmptyFrame
		return "frame has no data"
	}
}

// FlowControl returns the flow control frame that a tester owes the sender because
// of the fault: overflow, 32 00 00, for a message that is too long.
func (f Fault) FlowControl() (data [3]byte, ok bool) {
	const overflow = 0x32
	return [3]byte{overflow, 0, 0}, f.Kind == MessageTooLong
}
