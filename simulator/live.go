package simulator

import (
	"fmt"
	"iter"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// liveStep is the time between two samples of a car that drives.
const liveStep = 10 * time.Second

// Drive is a car that reports as it goes. It is not safe for concurrent use;
// Fleet.Repair may be called meanwhile.
type Drive struct {
	car    *car
	run    *run
	from   time.Time
	writer recorder
	boot   string
	seq    uint64
	step   int // samples of the trip under way
	out    []Message
}

// Live lets car i go on from a time with its history behind it: the same trips,
// wear and faults as History tells, in samples of ten seconds.
func (f *Fleet) Live(i int, from time.Time) *Drive { return f.live(i, from, 0) }

func (f *Fleet) live(i int, from time.Time, skew time.Duration) *Drive {
	c := f.cars[i]
	d := &Drive{car: c, run: c.newRun(), from: from, boot: fmt.Sprintf("l%d", from.Unix())}
	d.writer.skew = skew
	for d.run.clock(86_400) <= from.Unix() {
		d.run.passDay()
	}
	d.run.say = 0
	d.run.beginDay()
	return d
}

// Next is when the car will do something next, if nobody repairs it before.
func (d *Drive) Next() time.Time {
	r := d.run
	if r.next >= r.today.n {
		return d.car.instant(r.day, 86_400)
	}
	trip := r.today.trips[r.next]
	if !r.underway {
		return d.car.instant(r.day, trip.start)
	}
	return d.car.instant(r.day, min(trip.start+float64(d.step+1)*liveStep.Seconds(), trip.end()))
}

// Until tells everything up to and including a time. What was not taken from
// the sequence before it was stopped is lost.
func (d *Drive) Until(now time.Time) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for {
			d.out = d.out[:0]
			at := d.Next()
			job, due := d.car.repairDue(d.run.repaired, min(at.Unix(), now.Unix()))
			switch {
			case due:
				d.workshop(max(job.at, d.run.now))
			case at.After(now):
				return
			default:
				d.advance(at)
			}
			if n := len(d.out); n > 0 {
				d.out[n-1].Resume = at.Add(time.Millisecond)
				if due {
					d.out[n-1].Resume = time.Unix(d.run.now, 0).UTC().Add(time.Millisecond)
				}
			}
			for _, m := range d.out {
				if !m.Time.Before(d.from) && !yield(m) {
					return
				}
			}
		}
	}
}

// advance does what Next announced.
func (d *Drive) advance(at time.Time) {
	r := d.run
	switch {
	case r.next >= r.today.n:
		r.finishDay()
		r.beginDay()
	case !r.underway:
		first := r.next == 0
		r.depart()
		d.step = 0
		d.wake(at, first)
		d.codes(at)
	default:
		trip := r.today.trips[r.next]
		after := float64(d.step+1) * liveStep.Seconds()
		d.step++
		if after < trip.length {
			r.driving(&d.writer, at, trip, after)
			d.telemetry(at)
			return
		}
		last := r.next == r.today.n-1
		r.arrive()
		r.arrived(&d.writer, at, last)
		d.telemetry(at)
		d.codes(at)
	}
}

// workshop does a repair; the technician starts the car and reads its memory.
func (d *Drive) workshop(at int64) {
	r := d.run
	r.handle(at)
	r.tell(true)
	when := time.Unix(at, 0).UTC()
	if !r.underway {
		r.airC = d.car.region.atHour(r.meanC, 12)
		d.wake(when, true)
	}
	d.codes(when)
}

// wake records the car at rest and at the start.
func (d *Drive) wake(at time.Time, first bool) {
	if d.run.underway {
		if from, told := d.run.plugged(d.run.today.trips[d.run.next]); told {
			d.run.charging(&d.writer, from)
		}
	}
	d.run.resting(&d.writer, at.Add(-2*time.Second), first)
	d.run.cranking(&d.writer, at)
	d.telemetry(at)
}

func (d *Drive) telemetry(at time.Time) {
	d.seq++
	report := vehicle.Report{
		Boot: d.boot, Seq: d.seq, Samples: d.writer.samples,
		Sent: at.Add(d.writer.skew + 300*time.Millisecond),
	}
	payload := jsonmsg.AppendTelemetry(nil, report)
	d.writer.reset()
	d.out = append(d.out, Message{Topic: obd.Topic(d.car.VIN, obd.Telemetry), Payload: payload, QoS: 1, Time: at})
}

func (d *Drive) codes(at time.Time) {
	d.out = append(d.out, d.run.codeMessages(at, d.writer.skew, d.boot, &d.seq)...)
}
