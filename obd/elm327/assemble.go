package elm327

import (
	"fmt"
	"strconv"
)

// Frame is one CAN frame with its id as text, "7E8" or "18DAF110".
type Frame struct {
	ID   string
	Data []byte
}

// Fault is a frame that Assemble could not use.
type Fault struct {
	Frame  int // index of the frame
	Reason string
}

// Assemble joins CAN frames into messages by ISO 15765-2, per id: frames of
// different ECUs may be mixed. Message.Offset is the index of its first frame.
func Assemble(frames []Frame) ([]Message, []Fault) {
	var a assembler
	var messages []Message
	var faults []Fault
	for i, f := range frames {
		m, dropped, reason := a.add(f, i, i)
		for _, d := range dropped {
			faults = append(faults, Fault{d.line, d.reason})
		}
		if reason != "" {
			faults = append(faults, Fault{i, reason})
		}
		if m != nil {
			messages = append(messages, *m)
		}
	}
	for _, d := range a.flush() {
		faults = append(faults, Fault{d.line, d.reason})
	}
	return messages, faults
}

// assembler holds the messages that are open, one per CAN id.
type assembler struct {
	open []partial
}

type partial struct {
	id     string
	data   []byte
	length int
	next   byte // sequence number of the next consecutive frame
	line   int
	offset int
}

type fault struct {
	line   int
	reason string
}

// add takes one frame. It returns the message the frame completed, the messages
// that it cut off, and why the frame itself is not used.
//
//	first byte  0L        single frame of L bytes
//	            1L LL     first frame of a message of LLL bytes
//	            2N        consecutive frame N
//	            3x        flow control, sent by the tester: nothing to read
func (a *assembler) add(f Frame, line, offset int) (m *Message, dropped []fault, reason string) {
	if len(f.Data) == 0 {
		return nil, nil, "frame has no data"
	}
	switch kind, low := f.Data[0]>>4, int(f.Data[0]&15); kind {
	case 0:
		if low == 0 || low >= len(f.Data) {
			return nil, nil, fmt.Sprintf("single frame says %d bytes and has %d", low, len(f.Data)-1)
		}
		dropped = a.abandon(f.ID, "interrupted by a single frame")
		return &Message{ECU: f.ID, Payload: f.Data[1 : 1+low], Offset: offset}, dropped, ""
	case 1:
		dropped = a.abandon(f.ID, "interrupted by a first frame")
		if len(f.Data) < 8 {
			return nil, dropped, "first frame is cut short"
		}
		length := low<<8 | int(f.Data[1])
		if length < 8 {
			return nil, dropped, fmt.Sprintf("first frame says %d bytes: fewer than need one", length)
		}
		a.open = append(a.open, partial{
			id: f.ID, data: append([]byte(nil), f.Data[2:]...), length: length, next: 1, line: line, offset: offset,
		})
		return nil, dropped, ""
	case 2:
		return a.consecutive(f, byte(low))
	case 3:
		return nil, nil, ""
	default:
		return nil, nil, fmt.Sprintf("frame type %X does not exist", kind)
	}
}

func (a *assembler) consecutive(f Frame, number byte) (*Message, []fault, string) {
	for i := range a.open {
		p := &a.open[i]
		if p.id != f.ID {
			continue
		}
		if number != p.next {
			return nil, a.abandon(f.ID, "consecutive frame missing"), "unexpected consecutive frame"
		}
		p.next = (p.next + 1) & 15
		p.data = append(p.data, f.Data[1:]...)
		if len(p.data) < p.length {
			if len(f.Data) < 8 {
				return nil, a.abandon(f.ID, "consecutive frame cut short"), "consecutive frame is cut short"
			}
			return nil, nil, ""
		}
		m := &Message{ECU: p.id, Payload: p.data[:p.length], Offset: p.offset}
		a.open = append(a.open[:i], a.open[i+1:]...)
		return m, nil, ""
	}
	return nil, nil, "unexpected consecutive frame"
}

// abandon drops the open message of an id.
func (a *assembler) abandon(id, reason string) []fault {
	for i, p := range a.open {
		if p.id == id {
			a.open = append(a.open[:i], a.open[i+1:]...)
			return []fault{{p.line, reason}}
		}
	}
	return nil
}

// flush drops every open message.
func (a *assembler) flush() []fault {
	var dropped []fault
	for _, p := range a.open {
		dropped = append(dropped, fault{p.line, fmt.Sprintf("message ends after %d of %d bytes", len(p.data), p.length)})
	}
	a.open = a.open[:0]
	return dropped
}

// segments is a multi-line message with headers off. Nothing names the ECU, so
// that two messages mixed cannot be told apart: then both are given up.
type segments struct {
	open   bool
	mixed  bool // given up until the prompt
	length int  // announced; 0 when the line with it was lost
	next   int
	line   int
	offset int
	data   []byte
}

// length takes the line that announces the number of bytes, three digits.
func (p *parser) length(at, offset int, digits string) (Class, string) {
	n, err := strconv.ParseUint(digits, 16, 16)
	if err != nil || n == 0 {
		return ClassNoise, "length of 0"
	}
	s := &p.segments
	if s.mixed {
		return ClassNoise, mixedReason
	}
	if s.open && len(s.data) < s.length {
		return p.giveUp(s.line)
	}
	p.closeSegments()
	p.segments = segments{open: true, length: int(n), line: at, offset: offset}
	return ClassMessage, ""
}

const mixedReason = "two answers are mixed and have no headers to tell them apart"

func (p *parser) giveUp(line int) (Class, string) {
	p.reply.Lines[line].Reason = mixedReason
	p.segments = segments{mixed: true}
	return ClassNoise, mixedReason
}

// segment takes one line of a multi-line answer.
func (p *parser) segment(at, offset, index int, b []byte) (Class, string) {
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
		*s = segments{open: true, line: at, offset: offset}
	}
	if index != s.next&15 {
		p.reply.Lines[s.line].Reason = "line missing in the answer"
		*s = segments{}
		return ClassNoise, "line without the lines before it"
	}
	s.next++
	s.data = append(s.data, b...)
	if s.length > 0 && len(s.data) >= s.length {
		p.add(Message{Payload: s.data[:s.length], Offset: s.offset})
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
		p.add(Message{Payload: s.data, Offset: s.offset})
		return
	}
	p.reply.Lines[s.line].Reason = fmt.Sprintf("answer ends after %d bytes", len(s.data))
}
