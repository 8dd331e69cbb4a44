package gbt32960

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Edition is an edition of GB/T 32960.3. A frame's start bytes tell it.
type Edition uint8

// The editions: in force since 2016-10-01 and since 2025-11-01.
const (
	Edition2016 Edition = iota
	Edition2025
)

// String returns the year.
func (e Edition) String() string {
	if e == Edition2025 {
		return "2025"
	}
	return "2016"
}

// start is the byte that stands twice at the beginning of a frame.
func (e Edition) start() byte {
	if e == Edition2025 {
		return '$'
	}
	return '#'
}

// Sizes of a frame.
const (
	headSize = 24           // bytes before the data unit
	Overhead = headSize + 1 // bytes beside the data unit: the head and the check
	MaxData  = 65531        // most bytes of a data unit
	MaxUnits = 256          // most information units that are read of one frame
)

// Response tells a command from the answers to it.
type Response uint8

// IsCommand is the response flag of a command. Answers are 01 done, 02 error, 03
// VIN given twice, 04 VIN unknown, and since 2025 05 signature wrong, 06 structure
// wrong, 07 cannot be decrypted.
const IsCommand Response = 0xFE

// Unencrypted is the Frame.Encryption of a data unit that can be read. Others are
// 02 RSA, 03 AES-128, since 2025 04 SM2, 05 SM4; FE abnormal, FF invalid.
const Unencrypted = 0x01

// Unreadable says why a data unit cannot be read whose Frame.Encryption is this code;
// empty for Unencrypted.
func (e Edition) Unreadable(encryption uint8) string {
	ciphers := []string{0x02: "RSA", 0x03: "AES-128", 0x04: "SM2", 0x05: "SM4"}
	if e == Edition2016 {
		ciphers = ciphers[:0x04]
	}
	switch {
	case encryption == Unencrypted:
		return ""
	case encryption == 0xFE:
		return "encryption is marked abnormal (FE)"
	case encryption == 0xFF:
		return "encryption is marked invalid (FF)"
	case int(encryption) < len(ciphers) && ciphers[encryption] != "":
		return fmt.Sprintf("data unit is encrypted with %s (%02X)", ciphers[encryption], encryption)
	default:
		return fmt.Sprintf("unknown encryption %02X", encryption)
	}
}

// Frame is one frame. A Frame is used again for the next: Decode keeps the memory
// of its lists, and what it holds shares memory with the bytes decoded, so that
// nothing of it may be kept beyond either. The zero Frame is ready to use.
type Frame struct {
	Edition     Edition
	Command     Command
	Response    Response
	Identity    [17]byte // VIN or platform code as sent; see VIN
	Encryption  uint8
	DataLength  int  // of the data unit, as the head tells it
	LengthValid bool // the frame is as long as that
	BCC         uint8
	BCCComputed uint8
	Time        time.Time // in GMT+8; zero when the body has none, or one that does not exist

	// The body: which field holds it is told by Command, Response and Edition.
	Units            []Unit // CommandRealTime, CommandReissue
	Login            Login
	Logout           Logout // of a vehicle or a platform
	PlatformLogin    PlatformLogin
	Activation       Activation       // 2025
	ActivationAnswer ActivationAnswer // 2025
	KeyExchange      KeyExchange      // 2025
	AckBody          []byte           // what an answer holds after its time
	Payload          []byte           // a data unit that is encrypted, or of a command that is not read
	Trailing         []byte           // what follows the end of the body, refused

	// Refusals are the parts of a sound frame that could not be used, with offsets
	// from the frame's first byte.
	Refusals []*vehicle.Refusal

	whole  bool // there is a body and a check to look at
	sound  bool // Decode found no fault in the frame as a whole
	broken bool // the body could not be read
	reader reader
	pool   pool
}

// VIN returns the identity as text, without the NULs and blanks that fill it up.
// It need not be a VIN.
func (f *Frame) VIN() string { return string(f.vin()) }

func (f *Frame) vin() []byte { return bytes.Trim(f.Identity[:], "\x00 ") }

// SetVIN sets the identity.
func (f *Frame) SetVIN(vin vehicle.VIN) {
	f.Identity = [17]byte{}
	copy(f.Identity[:], vin)
}

// Decode reads exactly one frame. The error, a *vehicle.Refusal, says why the
// frame as a whole must not be used; for looking at it, the frame is filled even
// so as far as it can be read. Parts of a sound frame that cannot be used are in
// f.Refusals.
func (f *Frame) Decode(b []byte) error {
	f.reset()
	refusal := f.decode(b)
	if refusal != nil {
		return refusal
	}
	f.sound = true
	return nil
}

// DecodeUnits reads information units alone: what stands behind the time in the
// data unit of a real-time frame. What cannot be read is in f.Refusals, with
// offsets from the first byte.
func (f *Frame) DecodeUnits(e Edition, b []byte) {
	f.reset()
	f.Edition, f.Command, f.Response, f.Encryption = e, CommandRealTime, IsCommand, Unencrypted
	f.reader = reader{data: b, frame: f}
	f.readUnits(&f.reader)
	f.reader = reader{}
	f.whole, f.sound = true, true
}

func (f *Frame) reset() {
	clear(f.Refusals)
	clear(f.Units)
	f.pool.reset()
	*f = Frame{Units: f.Units[:0], Refusals: f.Refusals[:0], Login: Login{Codes: f.Login.Codes[:0]}, pool: f.pool}
}

func (f *Frame) decode(b []byte) *vehicle.Refusal {
	length, refusal := f.head(b)
	if refusal != nil {
		return refusal
	}
	f.whole = true
	f.BCC, f.BCCComputed = b[headSize+length], xor(b[2:headSize+length])
	r := &f.reader
	*r = reader{data: b[headSize : headSize+length], base: headSize, frame: f}
	f.walk(r)
	if r.fault != "" {
		f.broken = true
		f.refuse(r.base+len(r.data), f.Command.String(), r.fault)
	}
	if len(f.Trailing) > 0 {
		f.refuse(r.base+r.pos-len(f.Trailing), "", fmt.Sprintf("%d bytes follow the end of the %s", len(f.Trailing), f.Command))
	}
	*r = reader{} // f keeps no more of b than the body shows
	switch extra := len(b) - length - Overhead; {
	case f.BCC != f.BCCComputed:
		return wrongCheck(headSize+length, f.BCC, f.BCCComputed)
	case extra > 0:
		return &vehicle.Refusal{Offset: length + Overhead, Reason: fmt.Sprintf("%d bytes follow the frame", extra)}
	}
	return nil
}

// head reads what stands before the data unit and makes sure that the frame is
// there to its end.
func (f *Frame) head(b []byte) (length int, refusal *vehicle.Refusal) {
	if len(b) >= 2 {
		switch {
		case !starts(b):
			return 0, &vehicle.Refusal{Reason: fmt.Sprintf("unknown start bytes %02X %02X", b[0], b[1])}
		case b[0] == '$':
			f.Edition = Edition2025
		}
	}
	if len(b) < headSize {
		return 0, cut(len(b), Overhead-len(b))
	}
	f.Command, f.Response = Command(b[2]), Response(b[3])
	copy(f.Identity[:], b[4:])
	f.Encryption = b[21]
	f.DataLength = int(binary.BigEndian.Uint16(b[22:]))
	if f.DataLength > MaxData {
		return 0, &vehicle.Refusal{Offset: 22, Place: "length", Reason: fmt.Sprintf("impossible length %d, want at most %d", f.DataLength, MaxData)}
	}
	if missing := f.DataLength + Overhead - len(b); missing > 0 {
		return 0, cut(len(b), missing)
	}
	f.LengthValid = f.DataLength+Overhead == len(b)
	return f.DataLength, nil
}

func wrongCheck(at int, given, computed byte) *vehicle.Refusal {
	return &vehicle.Refusal{Offset: at, Place: "check", Reason: fmt.Sprintf("wrong checksum: the frame says %02X, its bytes give %02X", given, computed)}
}

// needs says how many bytes are missing.
func needs(missing int) string {
	if missing == 1 {
		return "cut: needs 1 more byte"
	}
	return fmt.Sprintf("cut: needs %d more bytes", missing)
}

func cut(at, missing int) *vehicle.Refusal {
	return &vehicle.Refusal{Offset: at, Reason: needs(missing)}
}

// xor is the exclusive or of all bytes.
func xor(b []byte) byte {
	var sum uint64
	for ; len(b) >= 8; b = b[8:] {
		sum ^= binary.NativeEndian.Uint64(b)
	}
	sum ^= sum >> 32
	sum ^= sum >> 16
	x := byte(sum ^ sum>>8)
	for _, c := range b {
		x ^= c
	}
	return x
}

func (f *Frame) refuse(offset int, place, reason string) {
	f.Refusals = append(f.Refusals, &vehicle.Refusal{Offset: offset, Place: place, Reason: reason})
}

// readUnits reads information units to the end, or to one that has no end.
func (f *Frame) readUnits(r *reader) {
	for r.left() > 0 {
		if len(f.Units) == MaxUnits {
			f.refuse(r.base+r.pos, "units", fmt.Sprintf("more than %d units", MaxUnits))
			r.pos = len(r.data)
			return
		}
		u := f.readUnit(r)
		f.Units = append(f.Units, u)
		if _, ok := u.(*Signature); ok && r.left() > 0 {
			f.refuse(r.base+r.pos, f.nextUnit(), "unit behind the signature, which must be the last")
		}
	}
}

// nextUnit is the place of the unit that is read next.
func (f *Frame) nextUnit() string { return fmt.Sprintf("units[%d]", len(f.Units)) }

// readUnit reads one unit. One that cannot be read takes what it may reach to; of a
// list that is cut the elements that are whole stay.
func (f *Frame) readUnit(r *reader) Unit {
	start := r.pos
	t := r.data[start]
	r.pos++
	u := f.pool.newUnit(f.Edition, t)
	if u != nil {
		if u.walk(r, f.Edition); r.fault == "" {
			return u
		}
		f.refuse(r.base+start, f.nextUnit(), fmt.Sprintf("%s unit (type %02X) does not fit: %s", u.name(), t, r.fault))
		r.fault = ""
		if l, ok := u.(lister); ok && l.cut(len(r.data)-start-1) {
			r.pos = len(r.data)
			return u
		}
		r.pos = start + 1
		return f.unknown(r, t, r.left())
	}
	n := r.left()
	if f.Edition == Edition2025 && isUnverified(t) {
		if at := certainSignature(r.data[r.pos:]); at >= 0 {
			n = at
		}
	}
	f.refuse(r.base+start, f.nextUnit(), fmt.Sprintf("unit of unknown type %02X: its length is not known, the %d bytes behind it cannot be read", t, n))
	return f.unknown(r, t, n)
}

func (f *Frame) unknown(r *reader, t uint8, n int) Unit {
	u := one(&f.pool.unknowns)
	u.Kind = t
	r.raw("", n, &u.Data)
	return u
}

// isUnverified tells the units of 2025 that the standard has and that are not
// read: fuel cell system, stacks, supercapacitor and its extremes.
func isUnverified(t uint8) bool { return t == 0x03 || t >= 0x30 && t <= 0x32 }

// certainSignature returns where the signature begins that ends with the data, if
// there is exactly one place where it can; else -1.
func certainSignature(data []byte) int {
	const minR, fixed = 16, 1 + 1 + 2 + 2 // no algorithm gives an r shorter than that
	found := -1
	for i := range max(0, len(data)-fixed-minR+1) {
		b := data[i:]
		if b[0] != typeSignature || b[1] < 1 || b[1] > 3 {
			continue
		}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < minR || fixed+n > len(b) {
			continue
		}
		if s := int(binary.BigEndian.Uint16(b[4+n:])); fixed+n+s != len(b) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

// signed returns the units up to the signature. What stands behind it is not
// covered by it and gives no readings.
func (f *Frame) signed() []Unit {
	for i, u := range f.Units {
		if _, ok := u.(*Signature); ok {
			return f.Units[:i]
		}
	}
	return f.Units
}

// measured reports whether the frame can hold measurements of a known time.
func (f *Frame) measured() bool { return f.sound && f.kind() == bodyUnits && !f.Time.IsZero() }
