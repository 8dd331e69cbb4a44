package jsonmsg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Limits of one message. They bound the memory and time that a hostile or
// broken device can cost.
const (
	MaxPayload  = 1 << 20 // bytes
	MaxDepth    = 16      // nested objects and arrays
	MaxSamples  = 10_000  // samples per message
	MaxSignals  = 512     // signals per sample
	MaxCodes    = 512     // trouble codes per message
	MaxFrames   = 10_000  // CAN frames per message
	MaxText     = 1 << 16 // bytes of adapter text
	MaxName     = 256     // bytes of a signal name, the longest MQTT topic segment in use
	MaxRefusals = 64      // refusals listed one by one; the rest is one count
)

// scanner reads JSON (RFC 8259) from one payload without copying it. The first
// fault in the text sets err, and every later call does nothing: from there on
// nothing can be trusted.
type scanner struct {
	data  []byte
	pos   int
	depth int
	err   *vehicle.Refusal
}

func (s *scanner) fail(offset int, reason string) {
	if s.err == nil {
		s.err = &vehicle.Refusal{Offset: offset, Reason: reason}
	}
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// enter reads the opening bracket of an object or array.
func (s *scanner) enter(open byte) bool {
	if s.err != nil {
		return false
	}
	if c := s.peek(); c != open {
		s.unexpected("want " + strconv.QuoteRune(rune(open)))
		return false
	}
	if s.depth++; s.depth > MaxDepth {
		s.fail(s.pos, fmt.Sprintf("nested deeper than %d", MaxDepth))
		return false
	}
	s.pos++
	return true
}

// more reports whether another member follows, and reads the comma before it or
// the closing bracket. first is true before the first member.
func (s *scanner) more(closing byte, first bool) bool {
	if s.err != nil {
		return false
	}
	c := s.peek()
	if c == closing {
		s.pos++
		s.depth--
		return false
	}
	if first {
		return c != 0 || s.unexpected("want a member")
	}
	if c != ',' {
		return s.unexpected("want ',' or " + strconv.QuoteRune(rune(closing)))
	}
	s.pos++
	if s.peek() == closing {
		return s.unexpected("want a member after ','")
	}
	return true
}

// unexpected fails at the next byte; it is always false.
func (s *scanner) unexpected(want string) bool {
	if s.pos >= len(s.data) {
		s.fail(s.pos, "message ends early: "+want)
	} else {
		s.fail(s.pos, fmt.Sprintf("unexpected byte %q: %s", s.data[s.pos], want))
	}
	return false
}

// text is a JSON string as it was found.
type text struct {
	raw  []byte // decoded bytes; part of the payload when it has no escapes
	utf8 bool   // the text is well-formed
}

// key reads a member's name and the colon.
func (s *scanner) key() text {
	t := s.string()
	if s.err == nil && s.peek() != ':' {
		s.unexpected("want ':'")
		return text{}
	}
	s.pos++
	return t
}

func (s *scanner) string() text {
	if s.err != nil {
		return text{}
	}
	if s.peek() != '"' {
		s.unexpected("want a string")
		return text{}
	}
	d, start := s.data, s.pos+1
	plain := true // ASCII without escapes
	for i := start; i < len(d); i++ {
		for len(d)-i > 8 && arePlain(binary.LittleEndian.Uint64(d[i:])) {
			i += 8
		}
		c := d[i]
		if isPlain[c] {
			continue
		}
		switch {
		case c == '"':
			raw := d[start:i]
			s.pos = i + 1
			return text{raw, plain || utf8.Valid(raw)}
		case c == '\\':
			return s.escapedString(start, i)
		case c < ' ':
			s.fail(i, "control character in a string")
			return text{}
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	s.fail(len(s.data), "message ends inside a string")
	return text{}
}

// arePlain reports whether eight bytes all stand for themselves. It may say no of
// bytes that do: then they are looked at one by one.
func arePlain(x uint64) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^(ones*'"'), x^(ones*'\\')
	// A byte that is zero, or in x below a blank, borrows its high bit.
	return (x|(x-ones*' ')|(quote-ones)|(backslash-ones))&high == 0
}

// isPlain marks the bytes that stand for themselves in a string: ASCII but
// control characters, quotes and backslashes.
var isPlain = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// escapedString reads a string that has escapes, the first of them at i.
func (s *scanner) escapedString(start, i int) text {
	out := append([]byte(nil), s.data[start:i]...)
	for i < len(s.data) {
		switch c := s.data[i]; {
		case c == '"':
			s.pos = i + 1
			return text{out, utf8.Valid(out)}
		case c < ' ':
			s.fail(i, "control character in a string")
			return text{}
		case c != '\\':
			out = append(out, c)
			i++
		default:
			var n int
			if out, n = unescape(out, s.data[i:]); n == 0 {
				s.fail(i, "unknown escape in a string")
				return text{}
			}
			i += n
		}
	}
	s.fail(len(s.data), "message ends inside a string")
	return text{}
}

// unescape appends the character that the escape at the start of in stands for,
// and returns the escape's length, 0 when it is none.
func unescape(out, in []byte) ([]byte, int) {
	if len(in) < 2 {
		return out, 0
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), in[1]); i >= 0 {
		return append(out, "\"\\/\b\f\n\r\t"[i]), 2
	}
	r, ok := hex4(in)
	if !ok {
		return out, 0
	}
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(out, r), 6
	}
	low, ok := hex4(in[6:])
	if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
		return utf8.AppendRune(out, pair), 12
	}
	return append(out, 0xFF), 6 // half a pair is no character: leaves the text ill-formed
}

func hex4(in []byte) (rune, bool) {
	if len(in) < 6 || in[0] != '\\' || in[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(in[2:6]), 16, 16)
	return rune(v), err == nil
}

// skip reads one value of any kind.
func (s *scanner) skip() {
	switch s.peek() {
	case '{':
		if s.enter('{') {
			for first := true; s.more('}', first); first = false {
				s.key()
				s.skip()
			}
		}
	case '[':
		if s.enter('[') {
			for first := true; s.more(']', first); first = false {
				s.skip()
			}
		}
	case '"':
		s.string()
	case 't', 'f', 'n', 'N', 'I':
		s.word()
	default:
		s.number()
	}
}

// word reads true, false, null, and the names for no number that some encoders
// write although JSON has none.
func (s *scanner) word() string {
	if s.err != nil {
		return ""
	}
	for _, w := range []string{"true", "false", "null", "NaN", "Infinity"} {
		if bytes.HasPrefix(s.data[s.pos:], []byte(w)) {
			s.pos += len(w)
			return w
		}
	}
	s.unexpected("want a value")
	return ""
}
