// Package elm327 reads the text of ELM327 adapters and their clones: headers on
// or off, spaces on or off, 11 and 29 bit CAN, pre-CAN buses, and lines damaged
// by noise. It gives the messages the ECUs sent; what they mean is j1979's part.
package elm327

import (
	"fmt"
	"strings"
)

// Status is what a text of the adapter says as a whole.
type Status string

// The statuses of a Reply.
const (
	OK              Status = "ok"                // messages, a voltage, or a command accepted
	NoData          Status = "no_data"           // nobody answered in time: not the same as "no codes"
	Searching       Status = "searching_only"    // protocol search ended without an answer
	Incomplete      Status = "incomplete"        // the text stops before the prompt, nothing usable so far
	Rejected        Status = "rejected"          // the adapter does not know the command
	BusError        Status = "can_error"         // re-initialise the bus
	UnableToConnect Status = "unable_to_connect" // no protocol found
	BufferFull      Status = "buffer_full"       // adapter overflow
	Stopped         Status = "stopped"           // the host sent a byte too early
	AdapterAlert    Status = "adapter_alert"     // low voltage reset, low power, internal error
	Damaged         Status = "damaged"           // lines came, and none could be used
)

// Class is what one line of the text is.
type Class string

// The classes of a Line.
const (
	ClassMessage Class = "message" // a message, or part of one
	ClassEcho    Class = "echo"    // the request, repeated by the adapter
	ClassAck     Class = "ack"     // OK
	ClassVoltage Class = "voltage" // answer to ATRV
	ClassStatus  Class = "status"  // a status word, see Line.Status
	ClassBanner  Class = "banner"  // the adapter's name after a reset
	ClassNoise   Class = "noise"   // anything else, see Line.Reason
)

// Line is one line of the adapter's text.
type Line struct {
	Offset int // byte in the text where the line starts
	Text   string
	Class  Class
	Status Status // for ClassStatus
	Reason string // why the line, or the message it began, is not used; empty when it is
}

// Message is one message of an ECU, after headers, lengths, checksums and
// transport bytes are gone.
type Message struct {
	ECU      string // CAN id "7E8" or "18DAF110", pre-CAN source address "10"; empty with headers off
	Header   string // the three header bytes of a pre-CAN line
	Checksum string // the last byte of a pre-CAN line, as sent and not verified
	Payload  []byte // starts with the service
	Offset   int    // byte in the text where the message starts
}

// Reply is what Parse found in a text.
type Reply struct {
	Status     Status
	Complete   bool // the text ends with the prompt
	Ack        bool // a command was accepted
	Millivolts int  // answer to ATRV; 0 when there was none
	Messages   []Message
	Lines      []Line
}

// Parse reads one or more replies, each ending with the prompt '>'. It never
// joins bytes of two messages, and never of two replies. The last reply may lack
// its prompt.
func Parse(text string) Reply {
	p := parser{}
	start := 0
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text), text[i] == '\r', text[i] == '\n':
			p.line(start, text[start:i])
			start = i + 1
		case text[i] == '>':
			p.line(start, text[start:i])
			p.endReply()
			start = i + 1
		}
	}
	p.endReply()
	p.reply.Complete = strings.HasSuffix(strings.TrimRight(text, " \r\n\t\x00"), ">")
	p.reply.Status = p.status()
	return p.reply
}

// parser is a text while it is read.
type parser struct {
	reply    Reply
	can      assembler
	segments segments // multi-line message with headers off
	first    int      // index of the first message of the current reply
}

// line classifies one line and takes its bytes.
func (p *parser) line(offset int, raw string) {
	trimmed := strings.TrimLeft(raw, " \t\x00")
	offset += len(raw) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " \t\x00")
	if trimmed == "" {
		return
	}
	rest := withoutPrefix(trimmed)
	p.reply.Lines = append(p.reply.Lines, Line{Offset: offset, Text: trimmed})
	at := len(p.reply.Lines) - 1
	l := &p.reply.Lines[at]
	if rest == "" {
		l.Class, l.Status = ClassStatus, Searching
		return
	}
	if status, ok := statusOf(rest); ok {
		l.Class, l.Status = ClassStatus, status
		return
	}
	switch mv, isVoltage := voltage(rest); {
	case rest == "OK":
		l.Class, p.reply.Ack = ClassAck, true
	case isVoltage:
		l.Class, p.reply.Millivolts = ClassVoltage, mv
	case strings.HasPrefix(rest, "AT"), strings.HasPrefix(rest, "ST"):
		l.Class = ClassEcho
	case strings.HasPrefix(rest, "ELM327"), strings.HasPrefix(rest, "OBDII"):
		l.Class = ClassBanner
	default:
		offset += len(trimmed) - len(rest)
		l.Class, l.Reason = p.data(at, offset, rest)
	}
}

// data takes a line of hexadecimal digits.
func (p *parser) data(at, offset int, rest string) (Class, string) {
	if index, hex, ok := segmentOf(rest); ok {
		b, ok := parseHex(hex)
		if !ok {
			return ClassNoise, "not hexadecimal"
		}
		return p.segment(at, offset, index, b)
	}
	compact := strings.ReplaceAll(rest, " ", "")
	if !isHexText(compact) {
		return ClassNoise, "not hexadecimal"
	}
	if len(compact) == 3 {
		return p.length(at, offset, compact)
	}
	p.closeSegments()
	if id, data, ok := canFrame(compact); ok {
		return p.frame(at, offset, id, data)
	}
	if len(compact)%2 == 1 && compact[0] == '0' {
		return ClassEcho, "" // "010C1": a request that says how many answers to wait for
	}
	b, ok := parseHex(compact)
	if !ok {
		return ClassNoise, "odd number of digits"
	}
	if isPreCAN(b) {
		p.add(Message{
			ECU: compact[4:6], Header: compact[:6], Checksum: compact[len(compact)-2:],
			Payload: b[3 : len(b)-1], Offset: offset,
		})
		return ClassMessage, ""
	}
	if b[0] < 0x40 {
		return ClassEcho, "" // answers start at 40: this is the request
	}
	p.add(Message{Payload: b, Offset: offset})
	return ClassMessage, ""
}

func (p *parser) add(m Message) { p.reply.Messages = append(p.reply.Messages, m) }

// frame takes a CAN frame with its header.
func (p *parser) frame(at, offset int, id string, data []byte) (Class, string) {
	m, dropped, reason := p.can.add(Frame{ID: id, Data: data}, at, offset)
	p.blame(dropped)
	if m != nil {
		p.add(*m)
	}
	if reason != "" {
		return ClassNoise, reason
	}
	return ClassMessage, ""
}

// blame marks the lines that began messages which never ended.
func (p *parser) blame(dropped []fault) {
	for _, f := range dropped {
		p.reply.Lines[f.line].Reason = f.reason
	}
}

// endReply closes what is open: messages do not go on after the prompt.
func (p *parser) endReply() {
	p.closeSegments()
	p.segments = segments{}
	p.blame(p.can.flush())
	merged, bad := mergeNumbered(p.reply.Messages[p.first:])
	p.reply.Messages = append(p.reply.Messages[:p.first], merged...)
	for _, m := range bad {
		for i := range p.reply.Lines {
			if p.reply.Lines[i].Offset == m.Offset {
				p.reply.Lines[i].Reason = "part of a message whose other lines are missing"
			}
		}
	}
	p.first = len(p.reply.Messages)
}

// status sums the lines up: an answer outweighs the noise around it.
func (p *parser) status() Status {
	r := p.reply
	if len(r.Messages) > 0 || r.Ack || r.Millivolts > 0 {
		return OK
	}
	noise, searching := false, false
	for _, l := range r.Lines {
		switch {
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

// mergeNumbered joins the lines of a service 09 answer on a pre-CAN bus
// (SAE J1979): each line repeats service and PID, then counts 1, 2, ... The
// numbers go, and the lines of one ECU become one message. Runs with a gap are
// returned as bad.
func mergeNumbered(messages []Message) (merged, bad []Message) {
	type run struct {
		ecu string
		pid byte
	}
	parts := map[run][]Message{}
	for _, m := range messages {
		if isNumbered(m) {
			k := run{m.ECU, m.Payload[1]}
			parts[k] = append(parts[k], m)
		}
	}
	for _, m := range messages {
		if !isNumbered(m) {
			merged = append(merged, m)
			continue
		}
		k := run{m.ECU, m.Payload[1]}
		lines, ok := parts[k]
		switch {
		case !ok: // joined to its first line
		case len(lines) == 1 && m.Header == "":
			merged = append(merged, m) // may as well be a whole CAN message
		case consecutive(lines):
			joined := m
			joined.Payload = append([]byte(nil), m.Payload[:2]...)
			for _, l := range lines {
				joined.Payload = append(joined.Payload, l.Payload[3:]...)
			}
			merged = append(merged, joined)
		default:
			bad = append(bad, lines...)
		}
		delete(parts, k)
	}
	return merged, bad
}

func isNumbered(m Message) bool {
	const vehicleInformation, numberedLen = 0x49, 7
	return len(m.Payload) == numberedLen && m.Payload[0] == vehicleInformation && len(m.ECU) < 3
}

func consecutive(lines []Message) bool {
	for i, l := range lines {
		if int(l.Payload[2]) != i+1 {
			return false
		}
	}
	return true
}

// String shows a message as an adapter would with headers on and spaces off.
func (m Message) String() string { return fmt.Sprintf("%s%X", m.ECU, m.Payload) }
