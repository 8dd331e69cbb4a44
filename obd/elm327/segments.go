package elm327

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

// segments is a multi-line message with headers off. Nothing names the ECU, so
// that two messages mixed cannot be told apart: then both are given up.
type segments struct {
	open   bool
	mixed  bool // given up until the prompt
	length int  // announced; 0 when the line with it was lost
	next   int
	line   int
	start  int // in parser.bytes, which holds the message in one piece
}

// length takes the line that announces the number of bytes, three digits.
func (p *parser) length(at int, n uint32) (Class, string) {
	if n == 0 {
		return ClassNoise, "length of 0"
	}
	s := &p.segments
	if s.mixed {
		return ClassNoise, mixedReason
	}
	if s.open && len(p.bytes)-s.start < s.length {
		return p.giveUp(s.line)
	}
	p.closeSegments()
	p.segments = segments{open: true, length: int(n), line: at, start: len(p.bytes)}
	return ClassMessage, ""
}

const mixedReason = "two answers are mixed and have no headers to tell them apart"

func (p *parser) giveUp(line int) (Class, string) {
	p.reply.Lines[line].Reason = mixedReason
	p.segments = segments{mixed: true}
	return ClassNoise, mixedReason
}

// indexed takes a line with "0:", "1:" ... before the bytes, or several of these,
// and the announced length perhaps before the first.
func (p *parser) indexed(at int, text string) (Class, string) {
	class, reason := ClassMessage, ""
	index, from := -1, 0
	for i := 0; i <= len(text); i++ {
		end := i
		if i < len(text) {
			if text[i] != ':' {
				continue
			}
			if end = i - 1; end < from || chars[text[end]] > 15 {
				return ClassNoise, "a colon without its index"
			}
		}
		if c, why := p.piece(at, index, text[from:end]); why != "" {
			class, reason = c, why
		}
		if i < len(text) {
			index, from = int(chars[text[end]]), i+1
		}
	}
	return class, reason
}

// piece takes what stands between two indexes: the bytes of one segment, or with
// index -1 what is before the first.
func (p *parser) piece(at, index int, text string) (Class, string) {
	_, _ = p.scan(text)
	switch n := len(p.digits); {
	case index < 0 && n == 0:
		return ClassMessage, ""
	case index < 0 && n == 3:
		return p.length(at, number(p.digits))
	case index < 0 || n == 0 || n%2 == 1:
		return ClassNoise, "not whole bytes"
	}
	return p.segment(at, index)
}

// segment takes the bytes, those in p.digits, of one line of a multi-line answer.
func (p *parser) segment(at, index int) (Class, string) {
	s := &p.segments
	if s.mixed {
		return ClassNoise, mixedReason
	}
	if index == 0 && s.open && s.next > 0 && s.next&15 != 0 {
		return p.giveUp(s.line)
	}
	if !s.open {
		if index != 0 {
			return ClassNoise, "line without the lines before it"
		}
		*s = segments{open: true, line: at, start: len(p.bytes)}
	}
	if index != s.next&15 {
		p.lost(s.line, isotp.WrongSequence, "line missing in the answer")
		*s = segments{}
		return ClassNoise, "line without the lines before it"
	}
	s.next++
	p.pack(p.digits)
	if s.length > 0 && len(p.bytes)-s.start >= s.length {
		end := s.start + s.length
		p.add(s.line, Message{Payload: p.bytes[s.start:end:end]})
		*s = segments{}
	}
	return ClassMessage, ""
}

// closeSegments ends a multi-line message at a line that is not part of it. One
// line without an announced length is whole; more are not known to be.
func (p *parser) closeSegments() {
	s := p.segments
	if !s.open {
		return
	}
	p.segments = segments{}
	if s.length == 0 && s.next == 1 {
		p.add(s.line, Message{Payload: p.bytes[s.start:len(p.bytes):len(p.bytes)]})
		return
	}
	p.lost(s.line, isotp.Incomplete, fmt.Sprintf("answer ends after %d bytes", len(p.bytes)-s.start))
}

// lost gives up the message that line at began.
func (p *parser) lost(at int, kind isotp.Kind, reason string) {
	p.reply.Lines[at].Reason = reason
	p.reply.Faults = append(p.reply.Faults, Fault{Kind: kind, Line: at})
}
