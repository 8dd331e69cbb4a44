package main

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// cars say what can be checked: message n of a car, and what must be stored of
// it, follow from the car and n alone. Among every forty messages are good
// ones, sets of trouble codes, samples that come days late, a message that comes
// twice, one that is unusable and one that is unusable in part.
type cars struct {
	n       int
	samples int       // of a message, at most 500: live ones have two
	epoch   time.Time // event time of every car's message 0
}

// live is how many samples a message has that is not a stored trip.
const live = 2

// message is what a car publishes, and what must be stored of it.
type message struct {
	topic   string
	payload []byte
	samples []vehicle.Sample
	codes   []vehicle.CodeReport // none or one
	refused bool                 // it, or a part of it, belongs in quarantine
}

const (
	// every is the event time between two messages of a car: a day has 4,320, so
	// that days come to rest and are sealed during a long run.
	every = 20 * time.Second
	// late is how long late samples were held back, beside half of the time between
	// two of them, so that no other has their time.
	late = 3 * 24 * time.Hour
)

// sequence is a signal that no dictionary knows: it tells messages apart.
const sequence vehicle.Signal = "Vehicle.Bench.Sequence"

func (c cars) vin(car int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", car)) }

// message is the n-th message of a car, from 0.
func (c cars) message(car, n int) message {
	at := c.epoch.Add(time.Duration(n) * every)
	switch {
	case n%40 == 39:
		return message{
			topic: c.topic(car, obd.Telemetry), refused: true,
			payload: fmt.Appendf(nil, `{"samples":[{"time":"message %d has no clock","signals":{}}]}`, n),
		}
	case n%20 == 13:
		return c.message(car, n-2) // once more
	case n%10 == 9:
		return c.codes(car, n, at)
	case n%20 == 11:
		return c.telemetry(car, n, at.Add(-late-c.step()/2))
	case n%40 == 7:
		m := c.telemetry(car, n, at)
		end := []byte(`,{"time":"this part has no clock","signals":{"Vehicle.Speed":1}}]}`)
		m.payload, m.refused = append(m.payload[:len(m.payload)-2], end...), true
		return m
	}
	return c.telemetry(car, n, at)
}

func (c cars) topic(car int, kind obd.Kind) string { return obd.Topic(c.vin(car), kind) }

// seq numbers the messages of a car without a gap: neither the unusable ones nor
// the repeated ones have a number of their own.
func seq(n int) uint64 { return uint64(1 + n - n/40 - (n+6)/20) }

// step is the time between two samples.
func (c cars) step() time.Duration { return every / time.Duration(c.samples) }

func (c cars) telemetry(car, n int, at time.Time) message {
	report := vehicle.Report{Boot: "b1", Seq: seq(n)}
	for k := range c.samples {
		report.Samples = append(report.Samples, c.sample(n, at.Add(time.Duration(k)*c.step())))
	}
	return message{
		topic: c.topic(car, obd.Telemetry), payload: jsonmsg.AppendTelemetry(nil, report), samples: report.Samples,
	}
}

// sample is of a car that goes on and on at 54 km/h.
func (c cars) sample(n int, at time.Time) vehicle.Sample {
	metres := 50_000_000 + at.Sub(c.epoch).Seconds()*15
	s := vehicle.Sample{Time: at, Readings: []vehicle.Reading{
		{Signal: vehicle.Speed, Value: vehicle.Number(54)},
		{Signal: vehicle.TraveledDistance, Value: vehicle.Number(metres)},
		{Signal: vehicle.LowVoltage, Value: vehicle.Number(14 + float64(n%7)/10)},
		{Signal: "Vehicle.IsMoving", Value: vehicle.Bool(n%3 > 0)},
		{Signal: sequence, Value: vehicle.Number(float64(n))},
	}}
	if n%50 == 0 {
		s.Readings = append(s.Readings, vehicle.Reading{Signal: vehicle.PowertrainType, Value: vehicle.Text("COMBUSTION")})
	}
	return s
}

// codes is a fault that comes, is confirmed and goes.
func (c cars) codes(car, n int, at time.Time) message {
	lamp := n/10%3 == 2
	report := vehicle.CodeReport{Time: at, ECU: "7E8", MIL: &lamp}
	if status := []vehicle.CodeStatus{"", vehicle.CodePending, vehicle.CodeConfirmed}[n/10%3]; status != "" {
		report.Codes = []vehicle.CodeEntry{{Code: "P0171", Status: status, FreezeFrame: []vehicle.Reading{
			{Signal: vehicle.Speed, Value: vehicle.Number(float64(n % 200))},
		}}}
	}
	return message{
		topic: c.topic(car, obd.DTC), payload: jsonmsg.AppendCodes(nil, "b1", seq(n), report),
		codes: []vehicle.CodeReport{report},
	}
}
