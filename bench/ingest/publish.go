package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/bench/publish"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// publisher is the cars' side of the broker. It spends as little as it can: what
// it takes of the machine is missing for what is measured.
type publisher struct {
	fleet *fleet
	conns []*carConn
}

// carConn is one connection that some cars share.
type carConn struct {
	*publish.Conn
	window chan struct{} // one token for each message not acknowledged
	turns  turns
}

func newPublisher(ctx context.Context, f *fleet, address string, o options) (*publisher, error) {
	p := &publisher{fleet: f}
	for i := range o.Connections {
		c, err := dialCars(ctx, address, fmt.Sprintf("cars-%d", i), o.Window)
		if err != nil {
			p.close()
			return nil, fmt.Errorf("connect car %d: %w", i, err)
		}
		c.turns = f.turnsOf(i, o.Connections)
		p.conns = append(p.conns, c)
	}
	return p, nil
}

func (p *publisher) close() {
	for _, c := range p.conns {
		_ = c.Close()
	}
}

func dialCars(ctx context.Context, address, client string, window int) (*carConn, error) {
	conn, err := publish.Dial(ctx, address, publish.Options{Client: client, InBuffer: 4 << 10, OutBuffer: 32 << 10})
	if err != nil {
		return nil, err
	}
	return &carConn{Conn: conn, window: make(chan struct{}, window)}, nil
}

// publish sends n messages over all connections and waits until the broker has
// acknowledged each. rate is messages per second, 0 for as many as the broker
// takes. It returns when each was published, in order.
func (p *publisher) publish(ctx context.Context, n int, rate float64) ([]time.Time, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var group sync.WaitGroup
	work := func(f func() error) {
		group.Go(func() {
			if err := f(); err != nil {
				fail(err)
			}
		})
	}
	start := time.Now()
	times := make([][]time.Time, len(p.conns))
	for i, c := range p.conns {
		share := n / len(p.conns)
		if i < n%len(p.conns) {
			share++
		}
		due := func(k int) time.Time { return time.Time{} }
		if rate > 0 {
			gap := float64(time.Second) * float64(len(p.conns)) / rate
			first := gap * float64(i) / float64(len(p.conns))
			due = func(k int) time.Time { return start.Add(time.Duration(first + gap*float64(k))) }
		}
		work(func() error { return c.takeAcks(share) })
		work(func() (err error) {
			times[i], err = c.send(ctx, p.fleet, share, due)
			return err
		})
	}
	stop := context.AfterFunc(ctx, func() { // ends reads and writes
		for _, c := range p.conns {
			_ = c.SetDeadline(time.Now())
		}
	})
	group.Wait()
	if !stop() {
		return nil, context.Cause(ctx)
	}
	all := slices.Concat(times...)
	slices.SortFunc(all, time.Time.Compare)
	return all, nil
}

// send publishes n messages, each when it is due.
func (c *carConn) send(ctx context.Context, f *fleet, n int, due func(int) time.Time) ([]time.Time, error) {
	readings, sample := make([]vehicle.Reading, len(signals)), make([]vehicle.Sample, 1)
	var payload []byte
	times := make([]time.Time, 0, n)
	for k := range n {
		if wait := time.Until(due(k)); wait > 0 {
			if err := c.Flush(); err != nil {
				return nil, err
			}
			time.Sleep(wait)
		}
		if err := c.admit(ctx); err != nil {
			return nil, err
		}
		car, message := c.turns.next(f.trips)
		payload = jsonmsg.AppendTelemetry(payload[:0], f.report(car, message, readings, sample))
		if _, err := c.Publish(f.topics[car], payload); err != nil {
			return nil, err
		}
		times = append(times, time.Now())
	}
	return times, c.Flush()
}

// admit waits for room in the window.
func (c *carConn) admit(ctx context.Context) error {
	select {
	case c.window <- struct{}{}:
		return nil
	default:
	}
	if err := c.Flush(); err != nil {
		return err
	}
	select {
	case c.window <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *carConn) takeAcks(n int) error {
	if n == 0 {
		return nil
	}
	err := c.Acks(func(uint16) bool {
		<-c.window
		n--
		return n > 0
	})
	if err != nil {
		return fmt.Errorf("read acknowledgements: %w", err)
	}
	return nil
}

// reader is a subscriber that acknowledges at once and keeps nothing.
type reader struct {
	conn *publish.Conn
	got  atomic.Int64
	done sync.WaitGroup
}

func newReader(ctx context.Context, address, topic string) (*reader, error) {
	conn, err := publish.Dial(ctx, address, publish.Options{Client: "reader", InBuffer: 64 << 10})
	if err != nil {
		return nil, err
	}
	if err := conn.Subscribe(topic, 1); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	r := &reader{conn: conn}
	r.done.Go(r.run)
	return r, nil
}

func (r *reader) run() {
	in, out := r.conn.In, bufio.NewWriterSize(r.conn, 4<<10)
	ack := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
	for {
		got, err := packets.ReadPacket(in)
		if err != nil {
			return // closed
		}
		if m, ok := got.(*packets.PublishPacket); ok {
			ack.MessageID = m.MessageID
			if err := ack.Write(out); err != nil {
				return
			}
			r.got.Add(1)
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return
			}
		}
	}
}

func (r *reader) close() {
	_ = r.conn.Close()
	r.done.Wait()
}
