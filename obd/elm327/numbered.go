package elm327

import (
	"slices"

	"github.com/pitcrew-telematics/pitcrew/obd/isotp"
)

// numberedLen is the length of one line of a numbered answer: service, PID, number
// and four bytes.
const numberedLen = 7

const vehicleInformation = 0x49

// isNumbered reports whether a message is one line of a service 09 answer on a
// pre-CAN bus.
func isNumbered(m *Message) bool {
	return len(m.Payload) == numberedLen && m.Payload[0] == vehicleInformation && len(m.ECU) < 3
}

// isRun reports whether bytes are several such lines run together: 49 02 01 ... 49 02
// 02 ... and so on.
func isRun(b []byte) bool {
	if len(b) < 2*numberedLen || len(b)%numberedLen != 0 {
		return false
	}
	for i := 0; i < len(b); i += numberedLen {
		if b[i] != vehicleInformation || b[i+1] != b[1] || int(b[i+2]) != i/numberedLen+1 {
			return false
		}
	}
	return true
}

// joinNumbered joins the lines of a service 09 answer on a pre-CAN bus (SAE J1979)
// within the current reply: each line repeats service and PID, then counts 1, 2, ...
// The numbers go, and the lines of one ECU become one message where the first of
// them was. Of a run with a gap every line is refused.
func (p *parser) joinNumbered() {
	messages := p.reply.Messages[p.first:]
	n := 0
	for i := range messages {
		if isNumbered(&messages[i]) {
			n++
		}
	}
	if n == 0 {
		return
	}
	type run struct {
		ecu string
		pid byte
	}
	parts := map[run][]Message{}
	for i := range messages {
		if m := &messages[i]; isNumbered(m) {
			k := run{m.ECU, m.Payload[1]}
			parts[k] = append(parts[k], *m)
		}
	}
	kept := messages[:0]
	for _, m := range messages {
		if !isNumbered(&m) {
			kept = append(kept, m)
			continue
		}
		k := run{m.ECU, m.Payload[1]}
		lines, ok := parts[k]
		delete(parts, k)
		switch {
		case !ok: // joined to its first line
		case len(lines) == 1 && m.Header == "":
			kept = append(kept, m) // may as well be a whole CAN message
		case inOrder(lines):
			kept = append(kept, joined(lines))
		default:
			p.lost(m.Line, isotp.Incomplete, gapReason)
			for _, l := range lines {
				p.reply.Lines[l.Line].Reason = gapReason
			}
		}
	}
	p.reply.Messages = p.reply.Messages[:p.first+len(kept)]
}

const gapReason = "part of a message whose other lines are missing"

// inOrder sorts lines by their numbers, and reports whether these are 1, 2, ...
func inOrder(lines []Message) bool {
	slices.SortStableFunc(lines, func(a, b Message) int { return int(a.Payload[2]) - int(b.Payload[2]) })
	for i, l := range lines {
		if int(l.Payload[2]) != i+1 {
			return false
		}
	}
	return true
}

// joined makes one message of numbered lines.
func joined(lines []Message) Message {
	m := lines[0]
	m.Check = Unchecked
	for _, l := range lines {
		if l.Check == CheckWrong {
			m.Check = CheckWrong
		}
		m.Line, m.Offset = min(m.Line, l.Line), min(m.Offset, l.Offset)
	}
	m.Header, m.Checksum = "", ""
	m.Payload = append(make([]byte, 0, 2+4*len(lines)), m.Payload[:2]...)
	for _, l := range lines {
		m.Payload = append(m.Payload, l.Payload[3:]...)
	}
	return m
}
