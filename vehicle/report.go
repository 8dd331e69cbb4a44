package vehicle

import "time"

// TimeSource says whose clock an event time comes from.
type TimeSource uint8

// The clocks an event time can come from.
const (
	TimeFromDevice   TimeSource = iota // the device stamped the sample
	TimeFromAge                        // receive time minus the age the device gave
	TimeFromReceiver                   // the device gave no time: receive time
)

// String returns "device", "age" or "receiver".
func (t TimeSource) String() string {
	switch t {
	case TimeFromAge:
		return "age"
	case TimeFromReceiver:
		return "receiver"
	default:
		return "device"
	}
}

// Quality says how far a value can be trusted. Values out of range are
// reported as such, never clamped.
type Quality uint8

// The qualities a decoder can give a value.
const (
	QualityOK Quality = iota
	QualityAbnormal
	QualityInvalid
	QualityOutOfRange
)

// String returns "ok", "abnormal", "invalid" or "out_of_range".
func (q Quality) String() string {
	switch q {
	case QualityAbnormal:
		return "abnormal"
	case QualityInvalid:
		return "invalid"
	case QualityOutOfRange:
		return "out_of_range"
	default:
		return "ok"
	}
}

// Reading is one value of one signal.
type Reading struct {
	Signal  Signal
	Value   Value
	Quality Quality
}

// Measure makes the reading of a number in the unit of the signal. A value outside
// the limits of the dictionary keeps its number and gets QualityOutOfRange.
func Measure(s Signal, value float64) Reading {
	r := Reading{Signal: s, Value: Number(value)}
	if def, known := Lookup(s); known && !def.Contains(value) {
		r.Quality = QualityOutOfRange
	}
	return r
}

// Sample is what a vehicle measured at one moment.
type Sample struct {
	Time       time.Time // event time, UTC
	TimeSource TimeSource
	Readings   []Reading
}

// Report is what one message from a vehicle said, whatever dialect it spoke.
type Report struct {
	VIN     VIN
	Boot    string    // device boot id; empty when the message has no number
	Seq     uint64    // the message's number within the boot
	Sent    time.Time // when the device sent it, by its clock, also where that is Impossible; zero when the dialect does not say
	Samples []Sample
	Codes   []CodeReport
	Online  *bool // set by a status message only
}

// Envelope returns the report without what it says of the vehicle: what is known of
// a message that cannot be used.
func (r Report) Envelope() Report {
	return Report{VIN: r.VIN, Boot: r.Boot, Seq: r.Seq, Sent: r.Sent}
}
