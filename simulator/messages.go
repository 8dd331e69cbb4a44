package simulator

import (
	"fmt"
	"iter"
	"math/bits"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Message is one MQTT message of a car.
type Message struct {
	Topic   string
	Payload []byte // the receiver's own
	QoS     byte
	Time    time.Time // newest event in it, by the true clock
	// Resume is set on the last message of a stretch: when it and all before it
	// are acknowledged, History from Resume tells the rest.
	Resume time.Time
}

// History returns what car i stored between two times while it was offline,
// oldest first: one telemetry message for every driven day, and messages of
// trouble codes. It goes on beyond End, as the car did if nobody listened.
func (f *Fleet) History(i int, from, to time.Time) iter.Seq[Message] {
	return f.history(i, from, to, 0)
}

// history is History with the car's clock ahead by skew: times in payloads are
// the car's, times of messages are true.
func (f *Fleet) history(i int, from, to time.Time, skew time.Duration) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		c := f.cars[i]
		h := &uploader{car: c, run: c.newRun(), from: from, to: to}
		h.writer.skew = skew
		for h.run.clock(0) < to.Unix() {
			if h.run.clock(86_400) <= from.Unix() {
				h.run.passDay()
				h.run.say = 0
				continue
			}
			if !h.day(yield) {
				return
			}
		}
	}
}

// uploader turns days of a run into stored messages.
type uploader struct {
	car      *car
	run      *run
	from, to time.Time
	writer   recorder
	boot     string
	seq      uint64
	out      []Message
	newest   time.Time
}

// day tells one day; it is false when the listener has had enough.
func (h *uploader) day(yield func(Message) bool) bool {
	r := h.run
	h.writer.reset()
	h.out, h.seq = h.out[:0], 0
	h.newest = time.Time{}
	h.boot = bootOf(h.car, r.day, h.from)
	r.beginDay()
	for r.depart() {
		d, last := r.today.trips[r.next], r.next == r.today.n-1
		h.beginTrip(d)
		h.way(d)
		r.arrive()
		if at := h.car.instant(r.day, d.end()); h.wants(at) {
			r.arrived(&h.writer, at, last)
			h.codes(at)
		}
		r.say = 0
	}
	day := r.day
	r.finishDay()
	h.telemetry()
	if n := len(h.out); n > 0 {
		h.out[n-1].Resume = earlier(h.car.instant(day, 86_400), h.to)
	}
	for _, m := range h.out {
		if !yield(m) {
			return false
		}
	}
	return true
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (h *uploader) wants(at time.Time) bool {
	if at.Before(h.from) || !at.Before(h.to) {
		return false
	}
	h.newest = at
	return true
}

// beginTrip records the wake-up 20 s before the start, and the start.
func (h *uploader) beginTrip(d drive) {
	r := h.run
	if at, told := r.plugged(d); told && h.wants(at) {
		r.charging(&h.writer, at)
	}
	if at := h.car.instant(r.day, d.start-20); h.wants(at) {
		r.resting(&h.writer, at, r.next == 0)
	}
	if at := h.car.instant(r.day, d.start); h.wants(at) {
		r.cranking(&h.writer, at)
		h.codes(at)
	}
	r.say = 0
}

// way records a few moments of a trip: more on days with few trips, so that a
// day has 12 to 20 samples.
func (h *uploader) way(d drive) {
	r := h.run
	n := r.today.moments()
	for k := range n {
		after := d.moment(k, n)
		if at := h.car.instant(r.day, d.start+after); h.wants(at) {
			r.driving(&h.writer, at, d, after)
		}
	}
}

func (h *uploader) telemetry() {
	if len(h.writer.samples) == 0 {
		return
	}
	h.seq++
	report := vehicle.Report{Boot: h.boot, Seq: h.seq, Samples: h.writer.samples}
	payload := jsonmsg.AppendTelemetry(make([]byte, 0, 64+56*len(h.writer.readings)), report)
	h.out = append(h.out, Message{Topic: obd.Topic(h.car.VIN, obd.Telemetry), Payload: payload, QoS: 1, Time: h.newest})
}

// codes tells what the control units have to say at a time.
func (h *uploader) codes(at time.Time) {
	h.out = append(h.out, h.run.codeMessages(at, h.writer.skew, h.boot, &h.seq)...)
}

// codeMessages makes one message for every control unit in say, two seconds apart.
func (r *run) codeMessages(at time.Time, skew time.Duration, boot string, seq *uint64) []Message {
	var out []Message
	for ; r.say != 0; r.say &= r.say - 1 {
		ecu := bits.TrailingZeros8(r.say)
		at = at.Add(2 * time.Second)
		*seq++
		report := r.codeReport(ecu, at.Add(skew))
		out = append(out, Message{
			Topic:   obd.Topic(r.car.VIN, obd.DTC),
			Payload: jsonmsg.AppendCodes(nil, boot, *seq, report),
			QoS:     1,
			Time:    at,
		})
	}
	return out
}

// codeReport is the full set of one control unit.
func (r *run) codeReport(ecu int, at time.Time) vehicle.CodeReport {
	lamp := ecu == 0 && r.lamp() || ecu == 3 && r.lamp()
	report := vehicle.CodeReport{Time: at, ECU: ecuIDs()[ecu], MIL: &lamp}
	if ecu == 0 {
		report.Readiness = r.readiness()
	}
	for _, c := range r.codes[:r.codeCount] {
		if ecuOf(c.code) != ecu {
			continue
		}
		entry := vehicle.CodeEntry{Code: c.code, Status: c.status}
		if c.code[0] == 'P' {
			entry.FreezeFrame = r.freezeFrame(c)
		}
		report.Codes = append(report.Codes, entry)
	}
	return report
}

func (r *run) freezeFrame(c codeState) []vehicle.Reading {
	var w recorder
	w.put(vehicle.Speed, c.frame[0], 1)
	if r.car.Cylinders > 0 {
		w.put(vehicle.EngineSpeed, c.frame[1], 1)
		w.put(vehicle.CoolantTemperature, c.frame[2], 1)
		if r.car.Powertrain != vehicle.Diesel {
			w.put(longTrim1, c.frame[3], 10)
		}
	}
	return w.readings
}

// bootOf names the device's run on a day. A day that is told from its middle on
// is another boot, so that its numbering does not collide with the first part.
func bootOf(c *car, day vehicle.Day, from time.Time) string {
	boot := fmt.Sprintf("d%04d", day-c.epochDay)
	if start := c.instant(day, 0); from.After(start) {
		boot += fmt.Sprintf("-%d", int(from.Sub(start).Seconds()))
	}
	return boot
}
