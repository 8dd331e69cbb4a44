// Package ingest brings what vehicles publish into the stores: a Source hands
// over messages, the Pipeline decodes them, writes samples and facts durably,
// and only then acknowledges. What cannot be decoded goes to quarantine with
// its bytes and the reason, durably, and is then acknowledged too.
package ingest

import (
	"context"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Message is one MQTT message on its way in.
type Message struct {
	Topic    string
	Payload  []byte // owned by the pipeline until Done is called
	Received time.Time
	Retained bool // a replay of old state, not a new event

	// From is the vehicle that the sender proved to speak for; empty when it may
	// speak for any. A message about another vehicle goes to quarantine.
	From vehicle.VIN

	// Unreadable says why the source could not read the message: it goes to
	// quarantine with what there is of it.
	Unreadable string

	// Done is called exactly once. nil means that the message is stored or in
	// quarantine, durably: acknowledge it. Any other error means that nothing is
	// certain: do not acknowledge, the message must come again.
	Done func(error)

	// settled is called before Done of a message that came out of quarantine.
	settled func(err error, refused bool)

	// apart is set in what is no message, see Pipeline.Apart.
	apart *apart
}

// Emit hands a message to the pipeline. It blocks while too much is
// unacknowledged (that is the backpressure) and returns an error only when ctx
// ends or the pipeline is stopping; then Done will not be called.
type Emit func(ctx context.Context, m Message) error

// Source is a place messages come from. A source acknowledges a message only
// after its Done(nil).
type Source interface {
	// Run delivers messages until ctx ends or the source fails for good. A lost
	// connection is not a failure: it reconnects. When Run returns no further
	// message is emitted, and calls of Done still outstanding are safe.
	Run(ctx context.Context, emit Emit) error

	// Ready reports whether messages can arrive now, and if not, why.
	Ready(ctx context.Context) error
}

// Facts is where ingest keeps what is not a sample. Record is one transaction:
// when it returns nil everything in the batch is durable. Recording a batch
// again changes nothing but the time of the marks.
type Facts interface {
	Record(ctx context.Context, b Batch) error
}

// Settler is Facts that puts off a part of what it records, durably. Settle does all
// that was put off.
type Settler interface {
	Settle(ctx context.Context) error
}

// Batch is the facts of a group of messages.
type Batch struct {
	Seen    []Seen
	Codes   []CodeFact
	Clocks  []ClockFact
	Marks   []Mark
	Refused []Refused

	// Released are messages that came out of quarantine. What it holds of them
	// goes, in the same transaction, but for what is in Refused again.
	Released []Released
}

// Seen says that a vehicle reported: one for each message.
type Seen struct {
	VIN       vehicle.VIN
	Received  time.Time
	LastEvent time.Time // newest event time in the message; zero when it had none
	Boot      string    // empty: the message has no number, see Sequence
	Seq       uint64
	Retained  bool  // a replay of old state: it says nothing about when the vehicle last reported
	Online    *bool // from a status message
	// Attributes the vehicle told about itself (vehicle.Brand, vehicle.PowertrainType ...),
	// with the time they were measured.
	Attributes []Attribute
}

// Attribute is one value a vehicle gave of itself.
type Attribute struct {
	Signal vehicle.Signal
	Value  vehicle.Value
	Time   time.Time
}

// CodeFact is one report of trouble codes. Its key is (VIN, ECU, time, covers).
type CodeFact struct {
	VIN      vehicle.VIN
	Received time.Time
	Report   vehicle.CodeReport
}

// ClockFact is what messages of an hour told of a vehicle's clock. Its key is (VIN,
// hour); of several the greatest lead counts.
type ClockFact struct {
	VIN vehicle.VIN
	vehicle.ClockHour
}

// Mark says that a vehicle's day has new data and must be planned again.
// Urgent marks do not wait for the next round.
type Mark struct {
	VIN    vehicle.VIN
	Day    vehicle.Day
	Urgent bool
	At     time.Time
}

// Refused is a message, or a part of one, that could not be taken. The key is
// the hash of topic, payload and reason, so that redelivery adds nothing.
type Refused struct {
	Topic    string
	VIN      string // as the topic says it; may be malformed
	Payload  []byte
	Place    string // where in the payload: offset, path; empty for the whole
	Reason   string
	Received time.Time

	// What a replay needs to do again what was done with the message.
	Partial  bool // Payload is not all that was sent
	Retained bool
	From     vehicle.VIN
}

// Released is a message that came out of quarantine: all that is kept of it, for
// whatever reasons, has its topic and payload.
type Released struct {
	Topic   string
	Payload []byte
}
