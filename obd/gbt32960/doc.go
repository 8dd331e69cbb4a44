// Package gbt32960 reads and writes the frames of GB/T 32960.3, the protocol in
// which electric vehicles in China report to their platforms, in its editions of
// 2016 and 2025.
//
//	offset  size  field
//	0       2     start: 23 23 edition 2016, 24 24 edition 2025
//	2       1     command
//	3       1     response; FE: this is a command, else an answer to one
//	4       17    VIN, or the code of a platform
//	21      1     encryption of the data unit; 01: none
//	22      2     length L of the data unit, 0 to 65531
//	24      L     data unit
//	24+L    1     check: exclusive or of the bytes from the command to the end of the data unit
//
// Numbers are big endian. Times are six binary bytes, year since 2000 to second,
// in GMT+8. The start bytes alone choose the edition: one type of unit means
// different things in the two.
//
//	unit                 2016        2025
//	vehicle              01          01, current from -3000 A, no pedals
//	drive motors         02          02, wider torque, no voltage and current
//	fuel cell            03          not read: layout not verified (also 30, 31, 32)
//	engine               04          04, speed only
//	position             05          05, with coordinate system
//	extremes of cells    06          none: see Frame.AppendReadings
//	alarms               07          06, with a level for each alarm
//	cell voltages        08          07, no index of the first cell
//	probe temperatures   09          08
//	of the maker         80 to FE    80 to FE
//	signature            none        FF
//
// # Values
//
// A scaled field is a Number: its value and whether it can be trusted. FE (FFFE,
// FFFFFFFE) is abnormal and FF (FFFF, FFFFFFFF) invalid, both without a value; a
// value outside the standard's range keeps its number. Codes of states stay as
// they are sent. Currents are as the standard counts them, positive out of the
// battery; the readings of AppendReadings are as VSS counts them, positive into
// it.
//
// # What is refused
//
// Frame.Decode returns an error for a frame that must not be used: unknown start
// bytes, cut, more bytes after it, wrong check. The frame is filled all the same
// as far as it can be read, to be looked at. In a sound frame, Frame.Refusals
// lists what was left out: a data unit that is encrypted, a time that does not
// exist, a unit that does not fit, and everything behind a unit of unknown type,
// because it carries no length. What stands before such a fault is kept; of a list
// that is cut, the elements that are whole.
//
// A Scanner finds frames in a stream that was cut or damaged, and DecodeReport
// does it all for a message of the topic pitcrew/v1/{vin}/gbt32960.
// AppendFrame is the way back.
package gbt32960
