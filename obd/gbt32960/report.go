package gbt32960

import (
	"fmt"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// MaxPayload is the longest message that DecodeReport reads.
const MaxPayload = 2 << 20

// DecodeReport reads a message of the topic pitcrew/v1/{vin}/gbt32960: one frame
// or more of the vehicle, in any order. received is when the message came in; a
// zero received switches the test for times in the future off. The first hours of
// 2000 in GMT+8 are 1999 in UTC and refused too.
//
// Real-time and reissued data give a sample with the time of collection, and the
// alarms in them a code report. Other frames say nothing that belongs in a
// report, and a message of them alone is an empty report without error. The
// refusals list what was left out, among it whole frames of another vehicle, with
// offsets in the payload. The error, a *vehicle.Refusal, means that nothing in
// the message can be used; it is the first of the refusals.
func DecodeReport(vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	switch {
	case len(payload) > MaxPayload:
		return nothing(&vehicle.Refusal{Offset: MaxPayload, Reason: fmt.Sprintf("payload of %d bytes is larger than %d", len(payload), MaxPayload)})
	case len(payload) == 0:
		return nothing(&vehicle.Refusal{Reason: "payload is empty: want one frame or more"})
	}
	m := message{report: vehicle.Report{VIN: vin}, received: received, scanner: NewScanner(payload)}
	for m.scanner.Scan() {
		// Scan checked what Decode returns as an error.
		if err := m.frame.Decode(m.scanner.Bytes()); err == nil {
			m.add()
		}
		m.count++
	}
	refused := m.refused()
	if !m.used && len(refused) > 0 {
		return nothing(refused...)
	}
	return m.report, refused, nil
}

// nothing is the answer to a message of which nothing can be used.
func nothing(why ...*vehicle.Refusal) (vehicle.Report, []*vehicle.Refusal, error) {
	return vehicle.Report{}, why, why[0]
}

// message is one payload while it is read.
type message struct {
	scanner  *Scanner
	frame    Frame
	received time.Time
	report   vehicle.Report
	readings []vehicle.Reading // all samples share this memory
	refusals refusals          // of the frames the scanner found
	count    int               // frames found
	used     bool              // at least one frame said something, or had nothing to say
}

// add takes what the frame says.
func (m *message) add() {
	f := &m.frame
	if id := f.vin(); string(id) != string(m.report.VIN) {
		if vin, err := vehicle.ParseVIN(string(id)); err != nil || vin != m.report.VIN {
			m.refuse(&vehicle.Refusal{Offset: 4, Place: "vin", Reason: fmt.Sprintf("frame of %q in a message of another vehicle", id)})
			return
		}
	}
	for _, r := range f.Refusals {
		m.refuse(r)
	}
	if f.kind() != bodyUnits {
		m.used = m.used || f.Command != CommandRealTime && f.Command != CommandReissue || f.kind() == bodyAnswer
		return
	}
	if f.Time.IsZero() {
		return // refused by Decode
	}
	if reason := vehicle.Impossible(f.Time, m.received); reason != "" {
		m.refuse(&vehicle.Refusal{Offset: headSize, Place: "time", Reason: reason})
		return
	}
	before := len(m.readings)
	m.readings = f.AppendReadings(m.readings)
	if after := len(m.readings); after > before {
		m.report.Samples = append(m.report.Samples, vehicle.Sample{
			Time: f.Time.UTC(), TimeSource: vehicle.TimeFromDevice, Readings: m.readings[before:after:after],
		})
		m.used = true
	}
	codes, ok := f.Codes()
	if ok {
		m.report.Codes = append(m.report.Codes, codes)
	}
	m.used = m.used || ok || len(f.Refusals) == 0
}

// refuse lists a refusal of the frame, with its place in the message.
func (m *message) refuse(r *vehicle.Refusal) {
	place := fmt.Sprintf("frames[%d]", m.count)
	if r.Place != "" {
		place += "." + r.Place
	}
	m.refusals.add(&vehicle.Refusal{Offset: m.scanner.Offset() + r.Offset, Place: place, Reason: r.Reason})
}

// refused lists what the scanner and the frames refused.
func (m *message) refused() []*vehicle.Refusal {
	all := m.scanner.refusals
	for _, r := range m.refusals.all {
		all.add(r)
	}
	all.unlisted += m.refusals.unlisted
	slices.SortStableFunc(all.all, func(a, b *vehicle.Refusal) int { return a.Offset - b.Offset })
	return all.list()
}
