package ingest

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// item is a message inside the pipeline. Its decoder owns it until it has put a
// token into ready, then the committer does.
type item struct {
	Message
	came    int64 // bytes of the payload; the decoder may replace it
	size    int64 // held in the budget; of the decoder until it is ready
	ready   chan struct{}
	report  vehicle.Report
	refused []refusal

	located int // readings of where the vehicle was, which were not wanted

	// private takes out of the payload what quarantine must not keep; nil: nothing.
	private func(topic string, payload []byte) []byte
	kept    []byte // what it left of the payload, once it was asked
}

func (it *item) reset() {
	it.Message, it.came, it.size, it.report = Message{}, 0, 0, vehicle.Report{}
	it.located, it.private, it.kept = 0, nil, nil
	clear(it.refused)
	it.refused = it.refused[:0]
}

// decode fills the report or says why there is none.
func (p *Pipeline) decode(it *item, located *places) {
	if it.apart != nil {
		return
	}
	if !p.o.StoreLocation {
		it.private = p.o.withoutLocation
	}
	if it.Unreadable != "" {
		it.refuse(classSource, "", it.Unreadable)
		return
	}
	if p.o.Feeds != nil {
		it.Payload = p.o.Feeds.Redact(it.Topic, it.Payload)
	}
	if len(it.Payload) > p.o.MaxMessageBytes {
		it.refuseOversized(p.o.MaxMessageBytes)
		return
	}
	report, parts, err := p.decodeSafely(&it.Message)
	if !p.o.StoreLocation {
		it.located = located.takeOut(&report)
	}
	if err != nil {
		it.keepEnvelope(report)
		if it.located > 0 && !says(&report) {
			return // nobody knows whose place it was, and nothing else was said
		}
		it.refuseAll(err, parts)
		return
	}
	if it.From != "" && report.VIN != "" && report.VIN != it.From {
		it.refuse(classVehicle, "vehicle", fmt.Sprintf("%s sent a message about %s", it.From, report.VIN))
		return
	}
	p.metrics.decoded.Inc()
	it.report = report
	it.dropReplayed()
	it.dropImpossible()
	it.refuseParts(classPart, parts)
}

// decodeSafely turns a panic of a decoder into an error. A message that crashes
// the process would come again after the restart, and crash it again.
func (p *Pipeline) decodeSafely(m *Message) (r vehicle.Report, parts []*vehicle.Refusal, err error) {
	defer func() {
		if v := recover(); v != nil {
			p.o.Logger.Error("decoder failed; the message goes to quarantine",
				"topic", m.Topic, "panic", v, "stack", string(debug.Stack()))
			r, parts, err = vehicle.Report{}, nil, fmt.Errorf("%w: %v", errDecoderFailed, v)
		}
	}()
	return p.o.Decode(m.Topic, m.Payload, m.Received)
}

var errDecoderFailed = errors.New("the decoder failed")

// keepEnvelope keeps of a refused message that it came, if it says which one it was or
// when it was sent: what is in quarantine is not missing, and a clock by which every
// message is refused is wrong.
func (it *item) keepEnvelope(report vehicle.Report) {
	if (report.Boot != "" || !report.Sent.IsZero()) && (it.From == "" || it.From == report.VIN) {
		it.report = report.Envelope()
	}
}

// dropReplayed takes out of a retained message what has no clock of its own: the
// broker repeats it to every new subscriber, and nobody knows when it was true.
func (it *item) dropReplayed() {
	if !it.Retained {
		return
	}
	it.report.Samples = slices.DeleteFunc(it.report.Samples, func(s vehicle.Sample) bool {
		return s.TimeSource != vehicle.TimeFromDevice
	})
	it.report.Codes = slices.DeleteFunc(it.report.Codes, func(c vehicle.CodeReport) bool {
		return c.TimeSource != vehicle.TimeFromDevice
	})
}

// dropImpossible takes out what no store should see: times that no clock can have
// measured, and codes with values that are not numbers. Decoders refuse both
// themselves; this holds for every dialect that forgets to. One sample of the
// year 2099 would be the vehicle's "latest" for ever, and one NaN in a freeze
// frame would make every commit fail. Telemetry stores check values themselves.
func (it *item) dropImpossible() {
	var parts []*vehicle.Refusal
	i := -1
	bad := func(list, reason string) bool {
		if reason != "" {
			parts = append(parts, &vehicle.Refusal{Offset: -1, Place: fmt.Sprintf("%s[%d]", list, i), Reason: reason})
		}
		return reason != ""
	}
	it.report.Samples = slices.DeleteFunc(it.report.Samples, func(s vehicle.Sample) bool {
		i++
		return bad("samples", vehicle.Impossible(s.Time, it.Received))
	})
	i = -1
	it.report.Codes = slices.DeleteFunc(it.report.Codes, func(c vehicle.CodeReport) bool {
		i++
		return bad("codes", vehicle.Impossible(c.Time, it.Received)) ||
			!finite(c) && bad("codes", "a value in a freeze frame is not a number")
	})
	it.refuseParts(classImpossible, parts)
}

func finite(report vehicle.CodeReport) bool {
	for _, code := range report.Codes {
		for _, r := range code.FreezeFrame {
			if math.IsNaN(r.Value.Num) || math.IsInf(r.Value.Num, 0) {
				return false
			}
		}
	}
	return true
}
