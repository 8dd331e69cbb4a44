package elm327

import (
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

// Parse reads one or more replies, each ending with the prompt '>'. It never
// joins bytes of two messages, and never of two replies. The last reply may lack
// its prompt.
func Parse(text string) Reply {
	const usual = 40 // digits of a line; more need memory of their own
	n := len(text) / 2
	buf := make([]byte, n+usual)
	p := parser{text: text, bytes: buf[:0:n], digits: buf[n:n]}
	start := 0
	for i := range len(text) {
		switch text[i] {
		case '\r', '\n':
			p.line(start, i)
			start = i + 1
		case '>':
			p.line(start, i)
			p.endReply()
			start = i + 1
		}
	}
	p.line(start, len(text))
	p.endReply()
	p.reply.Complete = strings.HasSuffix(strings.TrimRight(text, " \r\n\t\x00"), ">")
	p.reply.Status = p.status()
	return p.reply
}

// parser is a text while it is read.
type parser struct {
	text     string
	reply    Reply
	can      isotp.Receiver
	segments segments // multi-line message with headers off
	first    int      // index of the first message of the current reply

	bytes   []byte // every byte that was read: two digits each, so that it never grows
	digits  []byte // of the current line: values 0 to 15
	compact []byte // the current line in capitals without blanks

	id string // the last identifier that was made to text
}

// line classifies one line, text[start:end], and takes its bytes.
func (p *parser) line(start, end int) {
	for start < end && isBlank(p.text[start]) {
		start++
	}
	for start < end && isBlank(p.text[end-1]) {
		end--
	}
	if start == end {
		return
	}
	text := p.text[start:end]
	if p.reply.Lines == nil {
		const few = 16
		p.reply.Lines = make([]Line, 0, min(few, 1+strings.Count(p.text[start:], "\r")))
		p.reply.Messages = make([]Message, 0, cap(p.reply.Lines))
	}
	at := len(p.reply.Lines)
	p.reply.Lines = append(p.reply.Lines, Line{Offset: start, Text: text})
	l := &p.reply.Lines[at]
	switch kind, token := p.scan(text); kind {
	case hexadecimal:
		l.Class, l.Reason = p.data(at, text, token)
	case indexed:
		l.Class, l.Reason = p.indexed(at, text)
	default:
		p.words(at, text)
	}
}

// words takes a line that is not only hexadecimal digits.
func (p *parser) words(at int, text string) {
	l := &p.reply.Lines[at]
	if rest := withoutPrefix(text); len(rest) < len(text) {
		switch kind, token := p.scan(rest); {
		case rest == "":
			l.Class, l.Status = ClassStatus, Searching
			return
		case kind == hexadecimal:
			l.Class, l.Reason = p.data(at, rest, token)
			return
		case kind == indexed:
			l.Class, l.Reason = p.indexed(at, rest)
			return
		}
		text = rest
	}
	if text == "OK" {
		l.Class, p.reply.Ack = ClassAck, true
		return
	}
	if status, ok := p.statusOf(text); ok {
		l.Class, l.Status = ClassStatus, status
		return
	}
	if mv, ok := voltage(text); ok {
		l.Class, p.reply.Millivolts = ClassVoltage, mv
		return
	}
	switch {
	case isBanner(text):
		l.Class = ClassBanner
	case isCommand(text):
		l.Class = ClassEcho
	default:
		if answer, ok := strings.CutSuffix(text, "OK"); ok { // "44 OK", of some clones
			if kind, token := p.scan(answer); kind == hexadecimal {
				p.reply.Ack = true
				l.Class, l.Reason = p.data(at, answer, token)
				return
			}
		}
		l.Class, l.Reason = ClassNoise, "not hexadecimal"
	}
}

// add takes a message that line at begins.
func (p *parser) add(at int, m Message) {
	m.Line, m.Offset = at, p.reply.Lines[at].Offset
	p.reply.Messages = append(p.reply.Messages, m)
}

// frame takes a CAN frame with its header.
func (p *parser) frame(at int, id can.ID, data []byte) (Class, string) {
	m, ok, faults := p.can.Add(can.Frame{ID: id, Data: data}, time.Time{}, at)
	reason := p.blame(faults, at)
	if ok {
		p.add(m.First, Message{ECU: p.name(id, m.First), Payload: m.Payload})
	}
	if reason != "" {
		return ClassNoise, reason
	}
	return ClassMessage, ""
}

// blame marks the lines that began messages which never ended, and returns why
// the line at hand is not used.
func (p *parser) blame(faults []isotp.Fault, at int) (reason string) {
	for _, f := range faults {
		p.reply.Faults = append(p.reply.Faults, Fault{p.name(f.ID, f.Place), f.Kind, f.Place})
		if f.First >= 0 {
			p.reply.Faults[len(p.reply.Faults)-1].Line = f.First
			p.reply.Lines[f.First].Reason = f.Reason()
		}
		if f.First < 0 || f.Kind == isotp.WrongSequence || f.Kind == isotp.Incomplete && at > f.First {
			reason = f.Reason()
		}
	}
	return reason
}

// name returns the identifier as text, a part of the adapter's own where it can.
func (p *parser) name(id can.ID, at int) string {
	const hex = "0123456789ABCDEF"
	var buf [8]byte
	n := 3
	if id.IsExtended() {
		n = len(buf)
	}
	for i, bits := n-1, id.Bits(); i >= 0; i, bits = i-1, bits>>4 {
		buf[i] = hex[bits&15]
	}
	if line := p.reply.Lines[at].Text; len(line) > n && line[:n] == string(buf[:n]) {
		return line[:n]
	}
	if p.id != string(buf[:n]) {
		p.id = string(buf[:n])
	}
	return p.id
}

// endReply closes what is open: messages do not go on after the prompt.
func (p *parser) endReply() {
	p.closeSegments()
	p.segments = segments{}
	if p.can.Open() > 0 {
		p.blame(p.can.Flush(), 0)
	}
	p.joinNumbered()
	p.first = len(p.reply.Messages)
}

// status sums the lines up: an answer outweighs the noise around it.
func (p *parser) status() Status {
	r := &p.reply
	if len(r.Messages) > 0 || r.Ack || r.Millivolts > 0 {
		return OK
	}
	noise, searching := false, false
	for i := range r.Lines {
		switch l := &r.Lines[i]; {
		case l.Status == Searching:
			searching = true
		case l.Class == ClassStatus:
			return l.Status
		case l.Reason != "":
			noise = true
		case l.Class == ClassBanner:
			return OK
		}
	}
	switch {
	case noise:
		return Damaged
	case !r.Complete && len(r.Lines) > 0:
		return Incomplete
	case searching:
		return Searching
	default:
		return NoData
	}
}
