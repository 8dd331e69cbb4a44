package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
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
	conn   net.Conn
	out    *bufio.Writer
	window chan struct{} // one token for each message not acknowledged
	id     uint16
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
		_ = c.conn.Close()
	}
}

func dialCars(ctx context.Context, address, client string, window int) (*carConn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	hello := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.CleanSession, hello.Keepalive = "MQTT", 4, true, 600
	hello.ClientIdentifier = client
	err = hello.Write(conn)
	if err == nil {
		_, err = answer[*packets.ConnackPacket](conn)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &carConn{conn: conn, out: bufio.NewWriterSize(conn, 32<<10), window: make(chan struct{}, window)}, nil
}

// answer reads a packet that must be a P.
func answer[P packets.ControlPacket](conn net.Conn) (P, error) {
	var none P
	got, err := packets.ReadPacket(conn)
	if err != nil {
		return none, err
	}
	p, ok := got.(P)
	if !ok {
		return none, fmt.Errorf("the broker answers %s", got)
	}
	if ack, ok := got.(*packets.ConnackPacket); ok && ack.ReturnCode != 0 {
		return none, fmt.Errorf("the broker refuses the connection, code %d", ack.ReturnCode)
	}
	return p, nil
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
			_ = c.conn.SetDeadline(time.Now())
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
	packet := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	packet.Qos = 1
	times := make([]time.Time, 0, n)
	for k := range n {
		if wait := time.Until(due(k)); wait > 0 {
			if err := c.out.Flush(); err != nil {
				return nil, err
			}
			time.Sleep(wait)
		}
		if err := c.admit(ctx); err != nil {
			return nil, err
		}
		car, message := c.turns.next(f.trips)
		packet.TopicName = f.topics[car]
		packet.Payload = jsonmsg.AppendTelemetry(packet.Payload[:0], f.report(car, message, readings, sample))
		if c.id++; c.id == 0 {
			c.id = 1
		}
		packet.MessageID = c.id
		if err := packet.Write(c.out); err != nil {
			return nil, err
		}
		times = append(times, time.Now())
	}
	return times, c.out.Flush()
}

// admit waits for room in the window.
func (c *carConn) admit(ctx context.Context) error {
	select {
	case c.window <- struct{}{}:
		return nil
	default:
	}
	if err := c.out.Flush(); err != nil {
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
	in := bufio.NewReaderSize(c.conn, 4<<10)
	for range n {
		got, err := packets.ReadPacket(in)
		if err != nil {
			return fmt.Errorf("read acknowledgements: %w", err)
		}
		if _, ok := got.(*packets.PubackPacket); !ok {
			return fmt.Errorf("the broker sent %s", got)
		}
		<-c.window
	}
	return nil
}

// reader is a subscriber that acknowledges at once and keeps nothing.
type reader struct {
	conn net.Conn
	got  atomic.Int64
	done sync.WaitGroup
}

func newReader(ctx context.Context, address, topic string) (*reader, error) {
	c, err := dialCars(ctx, address, "reader", 1)
	if err != nil {
		return nil, err
	}
	ask := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	ask.MessageID, ask.Topics, ask.Qoss = 1, []string{topic}, []byte{1}
	err = ask.Write(c.conn)
	if err == nil {
		_, err = answer[*packets.SubackPacket](c.conn)
	}
	if err != nil {
		return nil, errors.Join(err, c.conn.Close())
	}
	r := &reader{conn: c.conn}
	r.done.Go(r.run)
	return r, nil
}

func (r *reader) run() {
	in, out := bufio.NewReaderSize(r.conn, 64<<10), bufio.NewWriterSize(r.conn, 4<<10)
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
