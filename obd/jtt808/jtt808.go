// Package jtt808 reads and writes the frames that vehicle terminals send to their
// platform: JT/T 808-2013 and JT/T 808-2019.
//
// # Frame
//
//	┌────┬────────────────────────────┬──────────────┬─────┬────┐
//	│ 7E │ header                     │ body         │ XOR │ 7E │
//	└────┴────────────────────────────┴──────────────┴─────┴────┘
//
// Between the two 7E, 7E is written 7D 02 and 7D is written 7D 01. XOR is over
// header and body before that. All numbers are big endian.
//
// # Header
//
//	             2013        2019
//	message id   2           2
//	properties   2           2
//	version      -           1
//	phone        6 BCD       10 BCD
//	serial       2           2
//	parts        2 + 2, total and number, if the properties say so
//
//	properties   15 reserved   14 edition 2019   13 parts   12-10 encryption
//	             9-0 length of the body
//
// # Location (0200)
//
//	alarm 4  status 4  latitude 4  longitude 4  altitude 2  speed 2  heading 2  time 6
//	then items: id 1, length 1, value
//
// Latitude and longitude are millionths of a degree; status bits 2 and 3 say south
// and west. Speed is tenths of km/h, time is BCD in GMT+8 whatever the place.
// Status bit 0 is the ignition switch (ACC), bit 1 says that there is a fix.
//
// # What is read
//
// 0200 locations; 0704 batches of them, new or stored; 0900 what a vendor sends
// through, as bytes; 0100 and 0102 registration and authentication; 0001, 8001 and
// 8100 answers. Other messages are shown by their header.
//
// # What is refused
//
// Every stretch between two 7E is tried by itself, so that a damaged frame costs
// that frame and not the next. If it is no frame, and one is found when further 7E
// are taken as they are up to the length of the header, that one is read: some
// terminals do not escape. Otherwise it is refused if an escape is wrong, if it is too
// short for its header, or if its checksum is wrong. A length in the header other
// than that of the body is told, and the body is read: the checksum vouches for
// it. Encrypted bodies are not read. The parts of a long message are put together
// if all of them are in the payload; else none is read.
//
// In a location, a time that is none (month 13, no BCD) leaves it without time; the
// report leaves it out, and one whose time cannot be. An item longer than the rest ends the list, and what stands
// before it counts.
//
// Items other than 01, 02, 03, 30 and 31 are kept as bytes, and so is text in GBK.
package jtt808

// MessageID says what a message is.
type MessageID uint16

// The messages whose body is read.
const (
	TerminalAnswer     MessageID = 0x0001 // general answer of the terminal
	Heartbeat          MessageID = 0x0002 // no body
	Registration       MessageID = 0x0100
	Authentication     MessageID = 0x0102
	LocationReport     MessageID = 0x0200
	LocationBatch      MessageID = 0x0704
	Transparent        MessageID = 0x0900
	PlatformAnswer     MessageID = 0x8001 // general answer of the platform
	RegistrationAnswer MessageID = 0x8100
)
