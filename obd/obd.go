// Package obd turns what a car sends on pitcrew's own topics into a
// vehicle.Report. It is a pure function of topic, bytes and receive time; the
// packages below it each know one format.
package obd

import (
	"fmt"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd/ecu"
	"github.com/pitcrew-telematics/pitcrew/obd/gbt32960"
	"github.com/pitcrew-telematics/pitcrew/obd/j1939"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Kind is what a message holds: the last segment of its topic.
type Kind string

// The kinds of message of pitcrew/v1/{vin}/{kind}.
const (
	Telemetry Kind = "telemetry" // JSON samples
	DTC       Kind = "dtc"       // JSON set of trouble codes of one ECU
	Adapter   Kind = "obd"       // JSON around ELM327 text or CAN frames
	Status    Kind = "status"    // online or offline
	GBT32960  Kind = "gbt32960"  // binary GB/T 32960.3 frames
	J1939     Kind = "j1939"     // JSON around SAE J1939 frames
)

// TopicError says why a topic is not one of pitcrew's.
type TopicError struct {
	Topic  string
	Reason string
	Err    error // the *vehicle.VINError, when the VIN is at fault
}

// Error implements error.
func (e *TopicError) Error() string {
	return fmt.Sprintf("parse topic %q: %s", e.Topic, e.Reason)
}

// Unwrap returns the cause, if there is one.
func (e *TopicError) Unwrap() error { return e.Err }

// TopicRoot is what every topic of pitcrew's own begins with.
const TopicRoot = "pitcrew/v1/"

// TopicFilter is the MQTT filter that matches every topic ParseTopic accepts.
const TopicFilter = TopicRoot + "+/+"

// Topic returns the topic on which a vehicle sends messages of the kind.
func Topic(vin vehicle.VIN, kind Kind) string {
	return TopicRoot + string(vin) + "/" + string(kind)
}

// ParseTopic reads pitcrew/v1/{vin}/{kind}. The error is a *TopicError.
func ParseTopic(topic string) (vehicle.VIN, Kind, error) {
	rest, ok := strings.CutPrefix(topic, TopicRoot)
	if !ok {
		return "", "", &TopicError{Topic: topic, Reason: "does not start with " + TopicRoot}
	}
	id, last, ok := strings.Cut(rest, "/")
	if !ok {
		return "", "", &TopicError{Topic: topic, Reason: "want pitcrew/v1/{vin}/{kind}"}
	}
	vin, err := vehicle.ParseVIN(id)
	if err != nil {
		return "", "", &TopicError{Topic: topic, Reason: err.Error(), Err: err}
	}
	switch kind := Kind(last); kind {
	case Telemetry, DTC, Adapter, Status, GBT32960, J1939:
		return vin, kind, nil
	}
	return "", "", &TopicError{Topic: topic, Reason: fmt.Sprintf("unknown kind %q", last)}
}

// Decoder reads messages, with what is known of the cars that send them. The zero
// value knows nothing of them, and reads what is the same on all.
type Decoder struct {
	// Cars says what is known of a car: the signals behind the data identifiers of
	// its maker, and how it writes codes. nil: nothing.
	Cars func(vehicle.VIN) ecu.Options

	J1939 j1939.Options
}

func (d Decoder) car(vin vehicle.VIN) ecu.Options {
	if d.Cars == nil {
		return ecu.Options{}
	}
	return d.Cars(vin)
}

// Decode reads one message with what is the same on all cars; see Decoder.Decode.
func Decode(kind Kind, vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	return Decoder{}.Decode(kind, vin, payload, received)
}

// Decode reads one message. received is when it came in; event times more than
// vehicle.MaxClockLead ahead of it are refused.
//
// An error means that nothing in the message can be used: the report is at most its
// envelope, which tells that this message came. Otherwise the report
// holds what could be read, and the refusals list what was left out. A message
// that is sound and says nothing, such as the adapter's NO DATA, is an empty
// report without error.
func (d Decoder) Decode(kind Kind, vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	switch kind {
	case Telemetry:
		return jsonmsg.DecodeTelemetry(vin, payload, received)
	case DTC:
		return jsonmsg.DecodeCodes(vin, payload, received)
	case Status:
		online, err := jsonmsg.DecodeStatus(payload)
		if err != nil {
			return vehicle.Report{}, nil, err
		}
		return vehicle.Report{VIN: vin, Online: &online}, nil, nil
	case Adapter:
		return d.adapter(vin, payload, received)
	case J1939:
		return d.j1939(vin, payload, received)
	case GBT32960:
		report, refusals, err := gbt32960.DecodeReport(vin, payload, received)
		if err != nil && len(refusals) > 0 {
			return vehicle.Report{}, nil, &UnusableError{Kind: kind, Refusals: refusals}
		}
		return report, refusals, err
	}
	return vehicle.Report{}, nil, fmt.Errorf("decode message: unknown kind %q", kind)
}
