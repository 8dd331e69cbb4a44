package ingest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// item is a message inside the pipeline. Its decoder owns it until it has put a
// token into ready, then the committer does.
type item struct {
	Message
	size    int64 // held in the budget
	ready   chan struct{}
	report  vehicle.Report
	refused []refusal
}

func (it *item) reset() {
	it.Message, it.size, it.report = Message{}, 0, vehicle.Report{}
	clear(it.refused)
	it.refused = it.refused[:0]
}

// decode fills the report or says why there is none.
func (p *Pipeline) decode(it *item) {
	if len(it.Payload) > p.o.MaxMessageBytes {
		it.refuseOversized(p.o.MaxMessageBytes)
		return
	}
	report, parts, err := p.decodeSafely(&it.Message)
	if err != nil {
		it.refuseWhole(err)
		return
	}
	p.metrics.decoded.Inc()
	it.report = report
	it.dropImpossibleTimes()
	it.refuseParts(classPart, parts)
}

// decodeSafely turns a panic of a decoder into an error. A message that crashes
// the process would come again after the restart, and crash it again.
func (p *Pipeline) decodeSafely(m *Message) (r vehicle.Report, parts []obd.Refusal, err error) {
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

// earliest is the first time a sample can have: no car spoke MQTT before, and
// clocks that were never set say 1970 or 1980.
var earliest = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// dropImpossibleTimes takes out what no clock can have measured. Decoders refuse
// such times themselves; this holds for every dialect that forgets to, because
// one sample of the year 2099 would be the vehicle's "latest" for ever.
func (it *item) dropImpossibleTimes() {
	latest := it.Received.Add(jsonmsg.MaxClockLead)
	possible := func(t time.Time) bool { return !t.Before(earliest) && !t.After(latest) }
	var parts []obd.Refusal
	samples := it.report.Samples
	for i, s := range samples {
		if !possible(s.Time) {
			parts = append(parts, obd.Refusal{Place: fmt.Sprintf("samples[%d].time", i), Reason: "time is impossible"})
		}
	}
	codes := it.report.Codes
	for i, c := range codes {
		if !possible(c.Time) {
			parts = append(parts, obd.Refusal{Place: fmt.Sprintf("codes[%d].time", i), Reason: "time is impossible"})
		}
	}
	if len(parts) == 0 {
		return
	}
	it.report.Samples, it.report.Codes = nil, nil
	for _, s := range samples {
		if possible(s.Time) {
			it.report.Samples = append(it.report.Samples, s)
		}
	}
	for _, c := range codes {
		if possible(c.Time) {
			it.report.Codes = append(it.report.Codes, c)
		}
	}
	it.refuseParts(classClock, parts)
}
