package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/pitcrew-telematics/pitcrew/bench/publish"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// car is a vehicle that behaves well: it stays connected, and when it has
// something to say it waits for the PUBACK.
type car struct {
	vin    vehicle.VIN
	client *publish.Conn

	mu      sync.Mutex
	waiting map[uint16]message
	stored  []time.Time // event times of acknowledged messages
	sent    int
	late    []time.Duration // from when a message was due to its PUBACK, since the last take
	gone    error           // why it lost its connection
}

type message struct{ due, event time.Time }

// fleet is the vehicles of a run: some send, the others are connected only.
type fleet struct {
	senders, idle []*car
	work          sync.WaitGroup
}

const password = "of-the-fleet"

func carVIN(i int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", i)) }

// connectFleet connects n vehicles, of which the first senders will send. Some
// dozens connect at a time, as after a restart of the broker.
func connectFleet(ctx context.Context, address string, n, senders int) (*fleet, error) {
	cars := make([]*car, n)
	errs := make(chan error, 64)
	for worker := range cap(errs) {
		go func() {
			for i := worker; i < n; i += cap(errs) {
				vin := carVIN(i)
				c, err := publish.Dial(ctx, address, publish.Options{Client: string(vin), User: string(vin), Password: password, KeepAlive: time.Minute})
				if err != nil {
					errs <- fmt.Errorf("connect vehicle %d of %d: %w", i+1, n, err)
					return
				}
				cars[i] = &car{vin: vin, client: c, waiting: map[uint16]message{}}
			}
			errs <- nil
		}()
	}
	var failed error
	for range cap(errs) {
		failed = errors.Join(failed, <-errs)
	}
	f := &fleet{senders: cars[:senders], idle: cars[senders:]}
	return f, failed
}

// run lets the fleet work until ctx ends: rate messages a second in all, and a
// ping of every vehicle each 30 s.
func (f *fleet) run(ctx context.Context, rate int) {
	every := time.Duration(float64(time.Second) * float64(len(f.senders)) / float64(rate))
	for _, c := range f.senders {
		f.work.Go(func() { c.listen() })
		f.work.Go(func() { c.send(ctx, every) })
	}
	for _, c := range f.idle {
		f.work.Go(func() { c.listen() })
		f.work.Go(func() { c.keep(ctx) })
	}
}

// stop ends the connections; ctx of run must have ended.
func (f *fleet) stop() {
	for _, c := range slices.Concat(f.senders, f.idle) {
		_ = c.client.Close()
	}
	f.work.Wait()
}

func (c *car) listen() {
	err := c.client.Acks(func(id uint16) bool {
		now := time.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		if m, ok := c.waiting[id]; ok {
			delete(c.waiting, id)
			c.stored = append(c.stored, m.event)
			c.late = append(c.late, now.Sub(m.due))
		}
		return true
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone == nil {
		c.gone = err
	}
}

// send publishes one message per interval. Its time is counted from when it was
// due, so that a sender that was held up does not hide it.
func (c *car) send(ctx context.Context, every time.Duration) {
	topic := obd.Topic(c.vin, obd.Telemetry)
	due := time.Now().Add(rand.N(every))
	for {
		if !until(ctx, due) {
			return
		}
		event := due.Truncate(time.Millisecond)
		payload := appendTelemetry(nil, event, uint64(c.sent))
		c.mu.Lock()
		id, err := c.client.Publish(topic, payload)
		if err == nil {
			err = c.client.Flush()
		}
		if err != nil {
			if c.gone == nil {
				c.gone = err
			}
			c.mu.Unlock()
			return
		}
		c.sent++
		c.waiting[id] = message{due: due, event: event}
		c.mu.Unlock()
		due = due.Add(every)
	}
}

func (c *car) keep(ctx context.Context) {
	const every = 30 * time.Second
	for due := time.Now().Add(rand.N(every)); until(ctx, due); due = due.Add(every) {
		if c.client.Ping() != nil {
			return // listen says so
		}
	}
}

// until waits for a time; false when ctx ended first.
func until(ctx context.Context, at time.Time) bool {
	t := time.NewTimer(time.Until(at))
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// counts is what became of the fleet's messages, up to now.
type counts struct{ sent, acknowledged, lost int }

// counts counts; lost are vehicles whose connection was ended.
func (f *fleet) counts() counts {
	var n counts
	for _, c := range slices.Concat(f.senders, f.idle) {
		c.mu.Lock()
		n.sent += c.sent
		n.acknowledged += len(c.stored)
		if c.gone != nil {
			n.lost++
		}
		c.mu.Unlock()
	}
	return n
}

// settle waits until nothing is on its way any more, or patience ends.
func (f *fleet) settle(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < patience; {
		if n := f.counts(); n.acknowledged == n.sent {
			return nil
		}
		if !until(ctx, time.Now().Add(50*time.Millisecond)) {
			return ctx.Err()
		}
	}
	return nil
}

// takeDelays returns how long the messages took that were acknowledged since it
// was called last, ascending.
func (f *fleet) takeDelays() []time.Duration {
	var all []time.Duration
	for _, c := range f.senders {
		c.mu.Lock()
		all = append(all, c.late...)
		c.late = c.late[:0]
		c.mu.Unlock()
	}
	slices.Sort(all)
	return all
}

// quantile of ascending values; zero of none.
func quantile(ascending []time.Duration, q float64) time.Duration {
	if len(ascending) == 0 {
		return 0
	}
	return ascending[min(int(q*float64(len(ascending))), len(ascending)-1)]
}

// signals are the 20 of a message.
var signals = []vehicle.Signal{
	vehicle.Speed, vehicle.TraveledDistance, vehicle.AirTemperature, vehicle.LowVoltage, vehicle.EngineSpeed,
	vehicle.EngineHours, vehicle.CoolantTemperature, vehicle.OilTemperature, vehicle.FuelLevel, vehicle.TractionSoC,
	vehicle.TractionSoH, vehicle.TractionTemperature, vehicle.PadWearFrontLeft, vehicle.PadWearFrontRight,
	vehicle.PadWearRearLeft, vehicle.PadWearRearRight, "Vehicle.OBD.EngineLoad", "Vehicle.OBD.MAF",
	"Vehicle.OBD.IntakeTemp", "Vehicle.OBD.ThrottlePosition",
}

// appendTelemetry appends the documented JSON with one sample of 20 signals.
func appendTelemetry(dst []byte, at time.Time, seq uint64) []byte {
	dst = fmt.Appendf(dst, `{"boot":"b1","seq":%d,"samples":[{"time":%q,"signals":{`, seq, at.UTC().Format(time.RFC3339Nano))
	for i, s := range signals {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `%q:%.1f`, s, float64(20+i)+float64((seq*uint64(7+i))%100)/10)
	}
	return append(dst, "}}]}"...)
}
