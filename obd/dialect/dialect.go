// Package dialect reads what devices and platforms of other makers publish on their
// own topics: topic and payload in, vehicle, time and signals out. Each file below
// knows one of them; All lists them.
//
// A dialect names a device, seldom a VIN: who runs pitcrew binds the one to the
// other (see Result.Device). Values come out twice: as the device gave them, in
// its own names and units (Result.Points), and in pitcrew's vocabulary of VSS 6.0
// signals (Result.Samples). A value that no table knows is kept as the signal
// "<dialect>.<key>" if it is a number. The dialects gbt32960 and jtt808 are binary
// frames of a standard that has a package of its own, and give the second only.
package dialect

import (
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxPayload is the largest payload that is read, in bytes.
const MaxPayload = 2 << 20

// Message is one message of a device: over MQTT, or the query of an HTTP request.
type Message struct {
	Topic    string // empty where the transport has none
	Payload  []byte
	Received time.Time
}

// Dialect is one product's way to publish.
type Dialect struct {
	Name   string // as configuration and `pitcrew decode` call it: "wican"
	Filter string // MQTT topic filter of the product's default topics: "wican/+/#"
	About  string // one line: product, payload, what identifies the vehicle

	// Decode reads one message. The error, a *vehicle.Refusal, says that nothing
	// in it can be used; where there are more reasons than one, Result.Refusals has
	// them all. A message that is sound and says nothing is an empty
	// Result.
	Decode func(Message) (Result, error)

	// Binary is set where payloads are bytes, not text.
	Binary bool

	// Redact returns the payload without personal data that nothing needs, of the
	// same meaning to Decode: what is refused is kept with its bytes. nil: there is
	// none.
	Redact func(payload []byte) []byte

	// WithoutLocation returns the payload without the places in it, as far as it can
	// be read, for those who store none. nil: the payload is JSON, or the bare value
	// that its topic names.
	WithoutLocation func(payload []byte) []byte
}

// Result is what one message said.
type Result struct {
	Device   string      // who sent it, in the dialect's own terms; empty when the message does not say
	VIN      vehicle.VIN // when the message itself names the vehicle
	Points   []Point     // values as the device gave them
	Samples  []vehicle.Sample
	Codes    []vehicle.CodeReport
	Online   *bool              // set by a status message only
	Sent     time.Time          // when the device sent it; zero when it does not say
	Details  map[string]any     // what else it said: "event", "frames", "checksum_valid"; nil for most
	Refusals []*vehicle.Refusal // parts that were not used
}

// Point is one value as the device gave it.
type Point struct {
	Key   string        // the device's own name for it
	Name  string        // short name common to all dialects ("hv_soc"); Key where there is none
	Value vehicle.Value // in Unit
	List  []float64     // instead of Value, for a value that is a list of numbers; NaN where an element has none
	Unit  string        // the device's unit: "km", "%", "degC", "bool", "text", "enum", "time"; empty when unknown
	None  bool          // the device says that it has no value, or the value cannot be read
	Time  time.Time     // event time; zero when the message gives none
}

// All lists the dialects in order of name.
func All() []Dialect { return registry() }

// Lookup finds a dialect by name. The list form of bmw_cardata has a name of its
// own, bmw_cardata_list, for those who keep the forms apart: one decoder reads both.
func Lookup(name string) (Dialect, bool) {
	if name == "bmw_cardata_list" {
		name = "bmw_cardata"
	}
	for _, d := range registry() {
		if d.Name == name {
			return d, true
		}
	}
	return Dialect{}, false
}
