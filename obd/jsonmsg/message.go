package jsonmsg

import (
	"fmt"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// message is one payload while it is read, and what came out of it so far.
type message struct {
	scanner
	received time.Time
	report   vehicle.Report
	readings []vehicle.Reading // all samples share this array
	names    names
	def      *vehicle.Definition // of the last reading; nil: not in the dictionary
	twice    map[vehicle.Signal]bool
	undated  int    // offset of the first sample, if it has no time; 0: it has
	index    int    // the sample or code being read, from 1; 0 outside
	parts    string // what index counts
	refusals []*vehicle.Refusal
	worst    *vehicle.Refusal // the first refusal inside a sample, should none be left
	unlisted int
	has      struct{ boot, seq, sent, vin bool }
	numbered bool // seq is a number that is all there
}

// messages are those that have been read: what they remember of names is good for the
// next ones.
var messages = sync.Pool{New: func() any { return new(message) }}

// done makes a message ready to be used again. Nobody else has its address.
func (m *message) done() {
	*m = message{names: m.names}
	messages.Put(m)
}

func newMessage(vin vehicle.VIN, payload []byte, received time.Time) (*message, error) {
	if len(payload) > MaxPayload {
		return nil, &vehicle.Refusal{Offset: MaxPayload, Reason: fmt.Sprintf("payload of %d bytes is larger than %d", len(payload), MaxPayload)}
	}
	m := messages.Get().(*message)
	m.data, m.received, m.parts = payload, received, "samples"
	m.report.VIN = vin
	return m, nil
}

// begin reads the opening of the message's object.
func (m *message) begin() bool { return m.enter('{') }

// end makes sure that nothing follows the message and returns the fault in its
// text, if there was one. A boot without a number says nothing, so it is dropped.
func (m *message) end() error {
	if m.peek(); m.err == nil && m.pos < len(m.data) {
		m.fail(m.pos, "more text after the message")
	}
	if !m.numbered {
		m.report.Boot = ""
	}
	if m.err != nil {
		return m.err
	}
	return nil
}

// unique fails the message when a key that carries its meaning is given twice:
// there is no telling which one was meant.
func (m *message) unique(key string, found *bool) {
	if *found {
		m.fail(m.pos, fmt.Sprintf("%q given twice", key))
	}
	*found = true
}

// envelope reads the keys that telemetry and dtc messages share, and skips keys
// it does not know.
func (m *message) envelope(key text) {
	m.peek()
	offset := m.pos
	switch string(key.raw) {
	case "boot":
		m.unique("boot", &m.has.boot)
		m.report.Boot = m.name("boot")
	case "seq":
		m.unique("seq", &m.has.seq)
		m.sequence(offset)
	case "sent":
		m.unique("sent", &m.has.sent)
		at, reason := m.time()
		m.report.Sent = at
		if reason != "" {
			m.refuse(offset, "sent", reason)
		}
	case "vin":
		m.unique("vin", &m.has.vin)
		given := m.name("vin")
		if v, err := vehicle.ParseVIN(given); m.err == nil && (err != nil || v != m.report.VIN) {
			m.fail(offset, "the message names another vehicle than its topic")
			m.numbered = false
		}
	default:
		m.skip()
	}
}

// sequence reads seq. A wrong counter hides gaps, and says nothing about the samples.
func (m *message) sequence(offset int) {
	m.numbered = false
	if c := m.peek(); c < '0' || c > '9' {
		m.skip()
		m.refuse(offset, "seq", "want a whole number")
		return
	}
	seq, ok := m.unsigned(m.number())
	if !ok {
		m.refuse(offset, "seq", "want a whole number below 2^64")
		return
	}
	m.report.Seq = seq
	// A message that was cut off may have been cut within its number.
	c := m.peek()
	m.numbered = m.err == nil && (c == ',' || c == '}')
}

// name reads a short text of the envelope.
func (m *message) name(key string) string {
	offset := m.pos
	if m.peek() != '"' {
		m.fail(offset, fmt.Sprintf("%q is not a text", key))
		return ""
	}
	t := m.string()
	if m.err == nil && (!t.utf8 || len(t.raw) > MaxName) {
		m.fail(offset, fmt.Sprintf("%q is not UTF-8 of at most %d bytes", key, MaxName))
	}
	return string(t.raw)
}

// time reads an RFC 3339 time, or says why it cannot be an event time.
func (m *message) time() (time.Time, string) {
	if m.peek() != '"' {
		m.skip()
		return time.Time{}, "a time is a text"
	}
	t := m.string()
	var at time.Time
	if m.err != nil {
		return at, ""
	}
	if err := at.UnmarshalText(t.raw); err != nil {
		return time.Time{}, "time is not RFC 3339"
	}
	return at.UTC(), vehicle.Impossible(at, m.received)
}

// refuse lists a part that is not used. field is relative to the sample or code
// being read.
func (m *message) refuse(offset int, field, reason string) {
	if m.err != nil {
		return
	}
	if len(m.refusals) == MaxRefusals {
		m.unlisted++
		return
	}
	place := field
	if m.index > 0 {
		place = fmt.Sprintf("%s[%d]%s", m.parts, m.index-1, field)
	}
	refusal := &vehicle.Refusal{Offset: offset, Place: place, Reason: reason}
	if m.index > 0 && m.worst == nil {
		m.worst = refusal
	}
	m.refusals = append(m.refusals, refusal)
}

func (m *message) refuseSignal(offset int, place string, name text, reason string) {
	if m.unlisted > 0 || len(m.refusals) == MaxRefusals {
		m.unlisted++
		return
	}
	shown := name.raw[:min(len(name.raw), MaxName)]
	if !name.utf8 {
		m.refuse(offset, fmt.Sprintf("%s%q", place, shown), reason)
		return
	}
	m.refuse(offset, place+string(shown), reason)
}

// listed returns the refusals; those beyond MaxRefusals are one last entry.
func (m *message) listed() []*vehicle.Refusal {
	if m.unlisted > 0 {
		return append(m.refusals, &vehicle.Refusal{Offset: -1, Place: "message", Reason: fmt.Sprintf("%d more parts refused", m.unlisted)})
	}
	return m.refusals
}
