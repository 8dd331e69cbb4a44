// Package j1939 reads what lorries, buses and machines say on a SAE J1939 bus:
// trouble codes, odometer, engine hours, and a few measured values.
//
// # Identifier (SAE J1939-21)
//
//	 28    26 25  24  23         16 15          8 7          0
//	┌────────┬───┬───┬─────────────┬─────────────┬────────────┐
//	│priority│EDP│ DP│ PDU format  │ PDU specific│ source     │
//	└────────┴───┴───┴─────────────┴─────────────┴────────────┘
//
// A PDU format below 240 is for one station: PDU specific is the destination and
// no part of the PGN (PDU1). From 240 on it is for all, and PDU specific is the
// low byte of the PGN (PDU2).
//
// # Trouble codes (SAE J1939-73, DM1 and DM2)
//
//	 byte 1  lamps   7-6 malfunction  5-4 red stop  3-2 amber warning  1-0 protect
//	 byte 2  flash   the same pairs
//	 byte 3… four bytes for each code:
//
//	┌──────────┬───────────┬───────────────────┬──────────────────┐
//	│ SPN 7..0 │ SPN 15..8 │ SPN 18..16 │ FMI  │ CM │ occurrences │
//	└──────────┴───────────┴───────────────────┴──────────────────┘
//	   8 bits     8 bits      3 bits    5 bits  1 bit  7 bits
//
// That is conversion version 4, CM bit 0. With CM bit 1 the sender uses version
// 1, 2 or 3, and the message does not tell which: see Conversion.
//
// # Transport (SAE J1939-21, 5.10)
//
// Messages of 9 to 1785 bytes come in packets of seven, after an announcement to
// all (BAM) or, to one station, after request and clearance to send (RTS, CTS).
// Reassembler listens to both. It sends nothing and has no clock: an unfinished
// message ends when the same station begins another one.
//
// # Values
//
// The table of SPNs lists what is measured (SPNs). All numbers are little endian;
// the most significant byte tells their quality:
//
//	00..FA value   FB..FD reserved   FE error   FF not available
//
// # What is refused
//
// A refusal never takes more than it must: a lost packet costs its message, a group
// that ends early the values behind its end, a
// trouble code cut in two costs the set (an absent code would look repaired), and
// a VIN other than the expected one costs everything, because the frames are
// another vehicle's. PGNs that are not in the table are normal traffic, counted
// in Result.Ignored and no fault.
//
// Sources: SAE J1939-21, -71 and -73 as implemented and tested in public; J1939-22
// (CAN FD) is not read.
package j1939

import (
	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

// PGN is a parameter group number, 18 bits.
type PGN uint32

// The parameter groups this package acts on, beside those of the SPN table.
const (
	PGNTransportData    PGN = 0xEB00 // 60160, TP.DT
	PGNTransportControl PGN = 0xEC00 // 60416, TP.CM
	PGNDM1              PGN = 0xFECA // 65226, active trouble codes
	PGNDM2              PGN = 0xFECB // 65227, previously active trouble codes
	PGNVIN              PGN = 0xFEEC // 65260, vehicle identification
)

// Global is the destination of what is for every station.
const Global = 0xFF

const (
	firstPDU2   = 240 // PDU formats from here on are for every station
	maxPGN      = 1<<18 - 1
	maxPriority = 7
	maxFrame    = 8 // data bytes of a frame
)

// Header is what the identifier of a frame says.
type Header struct {
	Priority    uint8 `json:"priority"` // 0 highest to 7
	PGN         PGN   `json:"pgn"`
	Source      uint8 `json:"source"`
	Destination uint8 `json:"destination"` // Global for PDU2
}

// ParseID splits an identifier. It is false for one of 11 bits, which J1939 does
// not use.
func ParseID(id can.ID) (Header, bool) {
	if !id.IsExtended() {
		return Header{}, false
	}
	bits := id.Bits()
	h := Header{
		Priority:    uint8(bits >> 26 & maxPriority),
		PGN:         PGN(bits >> 8 & maxPGN),
		Source:      uint8(bits),
		Destination: Global,
	}
	if h.PGN.toOne() {
		h.Destination = uint8(h.PGN)
		h.PGN &^= 0xFF
	}
	return h, true
}

// ID makes the identifier that ParseID splits into the same header. Bits beyond
// the width of a field are dropped.
func (h Header) ID() can.ID {
	pgn := h.PGN & maxPGN
	if pgn.toOne() {
		pgn = pgn&^0xFF | PGN(h.Destination)
	}
	return can.Extended(uint32(h.Priority&maxPriority)<<26 | uint32(pgn)<<8 | uint32(h.Source))
}

// toOne reports whether the group is sent to one station (PDU1).
func (p PGN) toOne() bool { return p>>8&0xFF < firstPDU2 }
