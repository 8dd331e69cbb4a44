// Package uds reads the answers of ISO 14229-1 (UDS) that a workshop needs: the
// trouble codes of service 19 (ReadDTCInformation), that they were erased by service 14
// (ClearDiagnosticInformation), and the data of service 22 (ReadDataByIdentifier). It works on messages without transport: CAN ids, ISO-TP
// lengths and checksums are gone.
//
// # Trouble codes
//
// A positive answer is 59, the sub-function, a head, then records until the end.
//
//	sub-function             head                               record
//	01 07 11 12              availability, format, count (2)
//	02 0A..0F 13 15          availability                       code (3), status
//	03                                                          code (3), record number
//	04                       code (3), status                   record number, n, n times (DID (2), data)
//	05                                                          record number, code (3), status, n, n times (DID (2), data)
//	06                       code (3), status                   record number, data
//	08 09                    availability                       severity, functional unit, code (3), status
//	14                                                          code (3), fault detection counter (signed)
//	42                       group, availability, severities,   severity, code (3), status
//	                         format
//	55                       group, availability, format        code (3), status
//
// DecodeCodes reads them. The length of the data in 04, 05 and 06 stands nowhere
// in the answer: Options.Lengths, Options.Table and Options.Records give it.
// Zero bytes at the end are padding. A record that is cut is refused and what
// stands before it is kept; such a list is no longer complete, so that it makes no
// vehicle.CodeReport. Codes.Report says which other answers make one.
//
// Sub-functions 0F and 11 to 13 are of the editions before 2020, and are read as those
// define them. SAE J1979-2 asks 42 and 55 of group 33 (emissions) where SAE J1979 has
// services 03, 07 and 0A.
//
// Three bytes of code are a word of SAE J2012 and a failure type (P0133-11), or
// what Options.Naming or the format in the answer says: SAE J1939-73, or the
// maker's own three bytes (0x5E2000).
//
// # Data
//
// A positive answer is 62, then one or more times a DID (2) and its data. A Table
// says what stands in them, per car line: Kona is one, ParseTable reads others
// from a text. Bits count from the most significant bit of the first byte after
// the DID. The DIDs F400 to F4FF are the PIDs of service 01 (SAE J1979-2), read by
// package j1979; F190 and F802 (InfoType 02) are the VIN. Of the other InfoTypes,
// F800 and their number, only what a Table says is read.
//
// Signs follow VSS: the current of the traction battery is positive while it is
// charged, whatever the car says. Native values are never changed or left out; a
// value that means "no reading" only makes no vehicle.Reading.
//
// # Refusals
//
// An answer that cannot be read at all gives an *Error (its Kind says why) or, where
// the ECU itself refused, a *j1979.NegativeError; code 78 of it means that the answer
// is still to come. Everything else is a *vehicle.Refusal beside the answer.
package uds

import (
	"encoding/hex"
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/j1979"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Services of ISO 14229-1, as requested; an answer adds 0x40.
const (
	ClearDiagnosticInformation = 0x14
	ReadDTCInformation         = 0x19
	ReadDataByIdentifier       = 0x22

	positive = 0x40
	negative = 0x7F
)

// Options says what an answer leaves open. The zero value reads everything that
// needs no knowledge of the car.
type Options struct {
	// Request is what was asked, where it is known: an answer to another
	// sub-function is an error, and Codes.Report needs its masks.
	Request Request

	// Naming says how three bytes of code are written.
	Naming Naming

	// ECU is the CAN id that the answer came from, "7EC". It chooses between
	// DIDs of the same number; empty means any.
	ECU string

	// Table is what is known about the DIDs of the car line.
	Table *Table

	// Lengths gives the bytes of DIDs that are in no Table: where the next one begins
	// in a snapshot or an answer with several.
	Lengths map[uint16]int

	// Records gives the bytes of extended data records (sub-function 06) by their
	// number; number 0 stands for all that are not listed.
	Records map[uint8]int
}

// Kind says why a message cannot be read.
type Kind string

// The kinds of Error.
const (
	TooShort              Kind = "too_short"
	UnexpectedService     Kind = "unexpected_service"
	UnexpectedSubfunction Kind = "unexpected_subfunction" // answers another request
	UnknownSubfunction    Kind = "unknown_subfunction"
)

// Error says why a whole message cannot be read. It unwraps to its Refusal.
type Error struct {
	Kind    Kind
	Refusal *vehicle.Refusal
}

// Error implements error.
func (e *Error) Error() string { return e.Refusal.Error() }

// Unwrap returns the refusal.
func (e *Error) Unwrap() error { return e.Refusal }

func fail(kind Kind, offset int, format string, args ...any) *Error {
	return &Error{kind, &vehicle.Refusal{Offset: offset, Reason: fmt.Sprintf(format, args...)}}
}

// check reports why the message is no positive answer to the service.
func check(message []byte, service byte) error {
	switch {
	case len(message) == 0:
		return fail(TooShort, 0, "message is empty")
	case message[0] == negative && len(message) < 3:
		return fail(TooShort, len(message), "negative answer ends before its reason")
	case message[0] == negative && message[1] != service:
		return fail(UnexpectedService, 1, "negative answer to service %02X, want one to %02X", message[1], service)
	case message[0] == negative:
		return &j1979.NegativeError{Service: message[1], Code: message[2]}
	case message[0] != service+positive:
		return fail(UnexpectedService, 0, "want %02X, an answer to service %02X, not %02X", service+positive, service, message[0])
	}
	return nil
}

// Bytes is data that is printed as hexadecimal digits.
type Bytes []byte

// MarshalText prints capital hexadecimal digits.
func (b Bytes) MarshalText() ([]byte, error) { return upperHex(b), nil }

// DIDNumber is a data identifier.
type DIDNumber uint16

// String prints four hexadecimal digits.
func (n DIDNumber) String() string { return fmt.Sprintf("%04X", uint16(n)) }

// MarshalText prints four hexadecimal digits.
func (n DIDNumber) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

func upperHex(b []byte) []byte {
	text := hex.AppendEncode(make([]byte, 0, 2*len(b)), b)
	for i, c := range text {
		if c >= 'a' {
			text[i] = c - 'a' + 'A'
		}
	}
	return text
}

// allZero reports whether nothing but padding is left.
func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
