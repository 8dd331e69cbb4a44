// Package jsonmsg reads and writes pitcrew's documented JSON messages:
// telemetry, dtc, status and the envelope of obd. It is the hot path of
// ingest: it scans a payload once and takes nothing but what it returns.
//
// A message is used as far as it can be trusted. A reading, sample or optional
// field that is wrong is left out and listed as a vehicle.Refusal, and its neighbours
// are kept. A fault in the JSON text itself, or in what gives the message its
// meaning, makes the whole message a *vehicle.Refusal.
package jsonmsg

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// DecodeTelemetry reads a telemetry message of the vehicle. received is when the
// message came in: the time of a sample without one, if it is the only one. A zero
// received switches that off, and the test for times in the future. Values outside the dictionary's limits keep their value and get
// vehicle.QualityOutOfRange. The error is a *vehicle.Refusal; beside it comes the
// envelope as far as it could be read.
func DecodeTelemetry(vin vehicle.VIN, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	m, err := newMessage(vin, payload, received)
	if err != nil {
		return vehicle.Report{}, nil, err
	}
	defer m.done()
	return m.telemetry()
}

func (m *message) telemetry() (vehicle.Report, []*vehicle.Refusal, error) {
	m.readings = make([]vehicle.Reading, 0, readingsIn(m.data))
	found := false
	for first := m.begin(); m.more('}', first); first = false {
		switch k := m.key(); string(k.raw) {
		case "samples":
			m.unique("samples", &found)
			m.samples()
		default:
			m.envelope(k)
		}
	}
	if err := m.end(); err != nil {
		return m.report.Envelope(), nil, err
	}
	if !found {
		return m.report.Envelope(), nil, &vehicle.Refusal{Offset: len(m.data), Place: "samples", Reason: "missing"}
	}
	if len(m.report.Samples) == 0 && m.worst != nil {
		return m.report.Envelope(), nil, m.worst
	}
	return m.report, m.listed(), nil
}

// readingsIn guesses how many readings a payload holds, so that they are allocated
// once: of a message as it is documented, exactly as many. Every reading has a colon,
// as have the keys beside them and the times. A wrong guess costs a copy.
func readingsIn(payload []byte) int {
	const envelope, sample = 6, 4 // colons: boot, seq, sent and its time, samples; time, twice in it, signals
	samples := (bytes.Count(payload, []byte{'{'}) - 1) / 2
	return min(max(bytes.Count(payload, []byte{':'})-envelope-sample*samples, 4), 1024)
}

func (m *message) samples() {
	start := m.pos
	for first := m.enter('['); m.more(']', first); first = false {
		if m.index++; m.index > MaxSamples {
			m.fail(start, fmt.Sprintf("more than %d samples", MaxSamples))
			return
		}
		if m.peek() != '{' {
			m.refuse(m.pos, "", "a sample is an object")
			m.skip()
			continue
		}
		m.sample()
	}
	if m.index > 1 && m.undated > 0 {
		m.dropUndated()
	}
	m.index = 0
}

// dropUndated refuses the first sample, which has no time. Of several samples nobody
// can tell which was measured when the message was sent.
func (m *message) dropUndated() {
	m.index = 1
	m.refuse(m.undated, "", `"time" missing: only a message's one sample may leave it out`)
	m.report.Samples = slices.Delete(m.report.Samples, 0, 1)
}

// chunk makes room for the readings of a sample. Those of the samples before stay where
// they are: an array that grew would hold all of them once more, for as long as the
// report lives.
func (m *message) chunk() {
	const usual, next = 64, 1024 // readings
	if cap(m.readings)-len(m.readings) < usual && len(m.report.Samples) > 0 && cap(m.readings) >= next {
		m.readings = make([]vehicle.Reading, 0, next)
	}
}

// sample reads one sample. Its signals may come before its time, so that what
// was refused inside is kept and the whole is judged at the end.
func (m *message) sample() {
	m.chunk()
	start, from := m.pos, len(m.readings)
	var at time.Time
	var haveTime, haveSignals bool
	fault, faultAt := "", start
	note := func(offset int, reason string) {
		if fault == "" {
			fault, faultAt = reason, offset
		}
	}
	for first := m.enter('{'); m.more('}', first); first = false {
		k := m.key()
		m.peek()
		offset := m.pos
		switch string(k.raw) {
		case "time":
			if haveTime {
				note(offset, `"time" given twice`)
			}
			haveTime = true
			var reason string
			if at, reason = m.time(); reason != "" {
				note(offset, reason)
			}
		case "signals":
			if haveSignals {
				note(offset, `"signals" given twice`)
			}
			haveSignals = true
			if reason := m.signals(".signals."); reason != "" {
				note(offset, reason)
			}
		default:
			m.skip()
		}
	}
	switch {
	case m.err != nil:
	case fault != "":
		m.refuse(faultAt, "", fault)
	case !haveTime && m.index == 1 && !m.received.IsZero() && len(m.readings) > from:
		m.undated = start
		own := m.readings[from:len(m.readings):len(m.readings)]
		m.report.Samples = append(m.report.Samples, vehicle.Sample{Time: m.received.UTC(), TimeSource: vehicle.TimeFromReceiver, Readings: own})
		return
	case !haveTime:
		m.refuse(start, "", `"time" missing`)
	case !haveSignals:
		m.refuse(start, "", `"signals" missing`)
	case len(m.readings) > from:
		// The capacity ends with the sample: appending to it must not write
		// into its neighbour.
		own := m.readings[from:len(m.readings):len(m.readings)]
		m.report.Samples = append(m.report.Samples, vehicle.Sample{Time: at, Readings: own})
		return
	}
	m.readings = m.readings[:from]
}

// signals reads an object of signal values and appends them to m.readings. It
// returns why none of it can be used.
func (m *message) signals(place string) string {
	if m.peek() != '{' {
		m.skip()
		return "signals are an object"
	}
	from, count, reason := len(m.readings), 0, ""
	m.names.begin()
	for first := m.enter('{'); m.more('}', first); first = false {
		name, is := m.signalName(count)
		m.peek()
		offset := m.pos
		if count++; count > MaxSignals {
			reason = fmt.Sprintf("more than %d signals", MaxSignals)
			m.skip()
			continue
		}
		last := len(m.readings)
		m.readings = append(m.readings, vehicle.Reading{})
		why := m.reading(name, is, &m.readings[last])
		if m.err != nil {
			return ""
		}
		if why == "" && (is == nil || !m.names.areDistinct(count-1)) {
			why = m.note(count-1, from)
		}
		if why != "" {
			m.names.skip()
			m.readings = m.readings[:last]
			if is != nil {
				name = text{[]byte(is.signal), true}
			}
			m.refuseSignal(offset, place, name, why)
		}
	}
	if m.twice != nil {
		m.dropTwice(from)
	}
	return reason
}

// signalName reads the name of a signal, unless it is the one that stood at that place
// before.
func (m *message) signalName(place int) (text, *known) {
	m.peek()
	if is, n := m.names.next(place, m.data[m.pos:]); is != nil {
		m.pos += n
		return text{}, is
	}
	return m.key(), nil
}

// note remembers the name of the last reading, or says why it cannot be used.
func (m *message) note(place, from int) string {
	last := len(m.readings) - 1
	signal := m.readings[last].Signal
	if m.given(m.readings[from:last], signal) {
		return "signal given twice: neither is used"
	}
	m.names.put(place, known{signal, m.def})
	return ""
}

// given reports whether the signal is among the readings before it, and remembers
// that both have to go.
func (m *message) given(before []vehicle.Reading, s vehicle.Signal) bool {
	for i := range before {
		if before[i].Signal == s {
			if m.twice == nil {
				m.twice = make(map[vehicle.Signal]bool)
			}
			m.twice[s] = true
			return true
		}
	}
	return false
}

func (m *message) dropTwice(from int) {
	kept := m.readings[:from]
	for _, r := range m.readings[from:] {
		if !m.twice[r.Signal] {
			kept = append(kept, r)
		}
	}
	m.readings, m.twice = kept, nil
}

// reading reads the value of one signal into r, which is zero, or says why it is
// refused. It fills r in place: this is the hottest loop of ingest. is is the signal, if
// it is known already.
func (m *message) reading(name text, is *known, r *vehicle.Reading) string {
	start := m.pos
	if c := m.peek(); c >= '0' && c <= '9' || c == '-' {
		n := m.number()
		if !n.finite || math.IsInf(n.value, 0) {
			return notFinite
		}
		r.Value.Num = n.value
	} else {
		v, why := m.value()
		if why != "" {
			return why
		}
		r.Value = v
	}
	switch {
	case m.err != nil:
		return ""
	case is != nil:
		r.Signal, m.def = is.signal, is.def
	case !name.utf8:
		return "signal name is not UTF-8"
	case len(name.raw) == 0 || len(name.raw) > MaxName:
		return fmt.Sprintf("signal name is not 1 to %d bytes long", MaxName)
	default:
		r.Signal, m.def = vehicle.LookupBytes(name.raw)
	}
	if m.def == nil {
		if r.Value.Kind != vehicle.KindNumber {
			return "unknown signal: only numbers are kept"
		}
		return ""
	}
	if kind, single := m.def.Type.Kind(); !single || kind != r.Value.Kind {
		return fmt.Sprintf("want %s, not %s", m.def.Type, kindOf(m.data[start]))
	}
	if r.Value.Kind == vehicle.KindNumber && (r.Value.Num < m.def.Min || r.Value.Num > m.def.Max) {
		r.Quality = vehicle.QualityOutOfRange
	}
	return ""
}

const notFinite = "number is not finite"

// value reads a number, a boolean, a text or a list of texts.
func (m *message) value() (vehicle.Value, string) {
	switch c := m.peek(); c {
	case '"':
		t := m.string()
		if !t.utf8 {
			return vehicle.Value{}, "text is not UTF-8"
		}
		return vehicle.Text(string(t.raw)), ""
	case '[':
		return m.list()
	case '{':
		m.skip()
		return vehicle.Value{}, "an object is not a value"
	case 't', 'f', 'n', 'N', 'I':
		switch w := m.word(); w {
		case "true", "false":
			return vehicle.Bool(w == "true"), ""
		default:
			return vehicle.Value{}, w + " is not a value"
		}
	default:
		n := m.number()
		if !n.finite || math.IsInf(n.value, 0) {
			return vehicle.Value{}, notFinite
		}
		return vehicle.Number(n.value), ""
	}
}

// list reads a list of texts, which is held as one text joined by commas.
func (m *message) list() (vehicle.Value, string) {
	var joined []byte
	reason := ""
	for first := m.enter('['); m.more(']', first); first = false {
		if m.peek() != '"' {
			reason = "a list is kept only if it holds texts"
			m.skip()
			continue
		}
		t := m.string()
		if !t.utf8 {
			reason = "text is not UTF-8"
		}
		for _, c := range t.raw {
			if c == ',' {
				reason = "a text in a list has a comma"
			}
		}
		if !first {
			joined = append(joined, ',')
		}
		joined = append(joined, t.raw...)
	}
	return vehicle.Text(string(joined)), reason
}

func kindOf(first byte) string {
	switch first {
	case '"':
		return "a text"
	case '[':
		return "a list"
	case 't', 'f':
		return "a boolean"
	default:
		return "a number"
	}
}
