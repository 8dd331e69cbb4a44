package elm327

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

// scanned is what a line consists of.
type scanned uint8

const (
	other       scanned = iota // anything else: words, or noise
	hexadecimal                // digits and blanks
	indexed                    // digits, blanks and the colons of a long message
)

// What a character is, beside the values 0 to 15 of digits.
const (
	blank   = 0x10
	colon   = 0x20
	foreign = 0xFF
)

// chars classifies the characters of a line.
var chars = func() (table [256]byte) {
	for i := range table {
		table[i] = foreign
	}
	for i := range 10 {
		table['0'+i] = byte(i)
	}
	for i := range 6 {
		table['A'+i], table['a'+i] = byte(10+i), byte(10+i)
	}
	table[' '], table['\t'], table['\x00'], table[':'] = blank, blank, blank, colon
	return table
}()

func isBlank(c byte) bool { return chars[c] == blank }

// scan reads the digits of a line into p.digits. token is the length of the text
// before the first blank.
func (p *parser) scan(text string) (kind scanned, token int) {
	kind, token = hexadecimal, -1
	digits := p.digits[:0]
	for i := range len(text) {
		switch c := chars[text[i]]; c {
		case foreign:
			p.digits = digits
			return other, 0
		case blank:
			if token < 0 {
				token = i
			}
		case colon:
			kind = indexed
		default:
			digits = append(digits, c)
		}
	}
	p.digits = digits
	if token < 0 {
		token = len(text)
	}
	if len(digits) == 0 {
		kind = other
	}
	return kind, token
}

// pack makes bytes of an even number of digits.
func (p *parser) pack(digits []byte) []byte {
	start := len(p.bytes)
	for i := 0; i+1 < len(digits); i += 2 {
		p.bytes = append(p.bytes, digits[i]<<4|digits[i+1])
	}
	return p.bytes[start:len(p.bytes):len(p.bytes)]
}

// number makes one number of digits.
func number(digits []byte) uint32 {
	var v uint32
	for _, d := range digits {
		v = v<<4 | uint32(d)
	}
	return v
}

// data takes a line of hexadecimal digits, those in p.digits.
func (p *parser) data(at int, text string, token int) (Class, string) {
	digits := p.digits
	n := len(digits)
	if n == 3 && token >= 3 {
		return p.length(at, number(digits))
	}
	p.closeSegments()
	if id, size, ok := header(digits, token); ok {
		return p.frame(at, id, p.pack(digits[size:]))
	}
	if half := token == 3 || digits[0] == 7 && n > 3 && digits[1] == 0xE && digits[2] >= 8; half && n%2 == 0 {
		return ClassNoise, "the frame ends in the middle of a byte" // 7E never answers with 80 or more
	}
	if n%2 == 1 {
		if digits[0] == 0 {
			return ClassEcho, "" // "010C1": a request that says how many answers to wait for
		}
		return ClassNoise, "odd number of digits"
	}
	if n == 2 {
		if mv, ok := voltage(text); ok {
			p.reply.Millivolts = mv
			return ClassVoltage, ""
		}
	}
	b := p.pack(digits)
	if size := preCAN(b); size > 0 {
		return p.preCAN(at, b, size)
	}
	if b[0] < 0x40 {
		return ClassEcho, "" // answers start at 40: this is the request
	}
	if isRun(b) {
		for ; len(b) > 0; b = b[numberedLen:] {
			p.add(at, Message{Payload: b[:numberedLen:numberedLen]})
		}
		return ClassMessage, ""
	}
	p.add(at, Message{Payload: b})
	return ClassMessage, ""
}

// header finds a CAN id at the start of a line: three digits that a blank ends, or
// an odd number of digits that starts with 7 (no cut message does); eight digits
// that start with 18DA or 18DB, the 29 bit ids of ISO 15765-4.
func header(digits []byte, token int) (id can.ID, size int, ok bool) {
	const short, long = 3, 8
	n := len(digits)
	switch {
	case n%2 == 1 && n > short && (digits[0] == 7 && token != 1 && token != 2 || token == short && digits[0] < 8):
		size, id = short, can.Standard(number(digits[:short]))
	case n%2 == 0 && n > long && digits[0] == 1 && digits[1] == 8 && digits[2] == 0xD && (digits[3] == 0xA || digits[3] == 0xB):
		size, id = long, can.Extended(number(digits[:long]))
	default:
		return 0, 0, false
	}
	return id, size, n-size <= 2*can.MaxData
}

// preCAN returns the size of the header if the bytes are a line of a pre-CAN bus:
// header bytes, an answer, a checksum. 0 means that they are none.
//
//	48 6B xx     SAE J1850 VPW, ISO 9141-2   12 bytes at most
//	41 6B xx     SAE J1850 PWM               12 bytes at most
//	LL F1 xx     ISO 14230, bit 7 set, low six bits the length of the message
//	80 F1 xx LL  ISO 14230, length in a byte of its own
func preCAN(b []byte) int {
	const short, long, checksum, most = 3, 4, 1, 12
	size := short
	switch {
	case len(b) < short+1+checksum:
		return 0
	case b[1] == 0x6B && (b[0] == 0x48 || b[0] == 0x41):
		if len(b) > most {
			return 0
		}
	case b[1] == 0xF1 && b[0]&0x80 != 0:
		length := int(b[0] & 0x3F)
		if length == 0 {
			size, length = long, int(b[short])
		}
		if length == 0 || length != len(b)-size-checksum {
			return 0
		}
	default:
		return 0
	}
	if s := b[size]; s < 0x41 || s > 0x7F {
		return 0 // not an answer
	}
	return size
}

// preCAN takes a line of a pre-CAN bus.
func (p *parser) preCAN(at int, b []byte, size int) (Class, string) {
	last := len(b) - 1
	check := verify(b)
	p.reply.Lines[at].Check = check
	if shared := b[0] == 0x48; check == CheckWrong && !shared {
		return ClassNoise, fmt.Sprintf("checksum is wrong: %02X", b[last])
	}
	head := fmt.Sprintf("%X", b[:size])
	p.add(at, Message{ECU: head[4:6], Header: head, Checksum: fmt.Sprintf("%02X", b[last]), Check: check, Payload: b[size:last:last]})
	return ClassMessage, ""
}

// verify compares the last byte of a pre-CAN line with the bytes before it, by the
// rule of the bus: SAE J1850 has a CRC, ISO 14230 a sum, and 48 6B can be either.
func verify(b []byte) Check {
	last := len(b) - 1
	isKWP := b[0]&0x80 != 0
	switch {
	case b[0] != 0x41 && sum(b[:last]) == b[last]:
		return CheckSum
	case !isKWP && crc8(b[:last]) == b[last]:
		return CheckCRC
	}
	return CheckWrong
}

// sum adds the bytes, modulo 256 (ISO 9141-2, ISO 14230-2).
func sum(b []byte) byte {
	var s byte
	for _, v := range b {
		s += v
	}
	return s
}

// crc8 is the check byte of SAE J1850: polynomial 1D, start FF, result inverted.
func crc8(b []byte) byte {
	const polynomial = 0x1D
	crc := byte(0xFF)
	for _, v := range b {
		crc ^= v
		for range 8 {
			if crc&0x80 != 0 {
				crc = crc<<1 ^ polynomial
			} else {
				crc <<= 1
			}
		}
	}
	return ^crc
}
