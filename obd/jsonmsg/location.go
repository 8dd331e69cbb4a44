package jsonmsg

import (
	"bytes"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// WithoutLocation returns a payload without the members that hold a location: those
// whose name is a signal of vehicle.ClassLocation or sounds like one, whatever they
// hold. An object "position" is looked into: some platforms put all they know of a
// moment there. It is for text that was refused, so it needs no
// sound JSON, neither ours nor of another maker, and leaves all else as it came. The
// result is the payload itself when there is nothing to take out; taking out twice is
// taking out once.
func WithoutLocation(payload []byte) []byte {
	var kept []byte
	done := 0 // what is before it is in kept, or taken out
	for at := 0; ; {
		quote := bytes.IndexByte(payload[at:], '"')
		if quote < 0 {
			break
		}
		start := at + quote
		name, end := looseText(payload, start)
		if end < 0 {
			break
		}
		colon := skipBlanks(payload, end)
		at = end
		if colon == len(payload) || payload[colon] != ':' || vehicle.ClassOf(vehicle.Signal(name)) != vehicle.ClassLocation {
			continue
		}
		value := skipBlanks(payload, colon+1)
		if string(name) == "position" && value < len(payload) && payload[value] == '{' {
			continue
		}
		end = valueEnd(payload, value)
		// With a member goes the comma before it, or, of the first, the one behind it.
		from := len(bytes.TrimRight(payload[:start], blanks))
		next := skipBlanks(payload, end)
		if from > done && payload[from-1] == ',' {
			start = from - 1
		} else if next < len(payload) && payload[next] == ',' {
			end = next + 1
		}
		kept = append(kept, payload[done:start]...)
		done, at = end, end
	}
	if done == 0 {
		return payload
	}
	return append(kept, payload[done:]...)
}

const blanks = " \t\r\n"

// skipBlanks returns where the next byte is that is no white space.
func skipBlanks(payload []byte, at int) int {
	for at < len(payload) && strings.IndexByte(blanks, payload[at]) >= 0 {
		at++
	}
	return at
}

// looseText reads the string that begins at the offset, also one with characters that
// JSON does not allow. end is behind it, -1 when it has no end.
func looseText(payload []byte, start int) (text []byte, end int) {
	for i := start + 1; i < len(payload); i++ {
		switch payload[i] {
		case '\\':
			i++
		case '"':
			text, end = payload[start+1:i], i+1
			s := scanner{data: payload, pos: start}
			if t := s.string(); s.err == nil {
				text = t.raw // without escapes
			}
			return text, end
		}
	}
	return nil, -1
}

// valueEnd returns where the value at the offset ends: before the comma behind it, or
// the bracket around it.
func valueEnd(payload []byte, at int) int {
	depth, inText := 0, false
	for i := at; i < len(payload); i++ {
		c := payload[i]
		switch {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			depth++
		case depth == 0 && (c == ',' || c == ']' || c == '}'):
			return i
		case c == ']' || c == '}':
			depth--
		}
	}
	return len(payload)
}
