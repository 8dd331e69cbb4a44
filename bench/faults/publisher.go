package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// tally counts what all publishers did.
type tally struct {
	acked  atomic.Int64 // messages with a PUBACK
	resent atomic.Int64 // messages published again because they had none
}

// publisher is a car that publishes its messages in order at QoS 1, counts the
// PUBACKs one by one, and publishes what had none again after it has connected
// again. It speaks MQTT 3.1.1 by itself: a client library that resends and
// reconnects in its own way would hide what is to be counted.
type publisher struct {
	address string // of the broker
	client  string
	message func(n int) message
	pace    time.Duration // between two messages
	tally   *tally

	next    int   // first message that was not published yet
	unacked []int // published, in order
	ended   bool  // no new ones
	id      uint16
}

// maxUnacked is how many messages a car has on their way.
const maxUnacked = 16

// run publishes until enough is closed, and returns when all that was published
// has its PUBACK: how many messages that are. It fails when ctx ends before.
func (p *publisher) run(ctx context.Context, enough <-chan struct{}) (int, error) {
	for {
		err := p.converse(ctx, enough)
		if err == nil {
			return p.next, nil
		}
		if ctx.Err() != nil {
			return p.next, fmt.Errorf("%s: %d messages without PUBACK: %w", p.client, len(p.unacked), errors.Join(ctx.Err(), err))
		}
		pause(ctx, 50*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// converse is one connection. It returns nil when there is no more to say.
func (p *publisher) converse(ctx context.Context, enough <-chan struct{}) error {
	conn, err := connect(ctx, p.address, p.client)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	acks, lost := make(chan uint16, maxUnacked), make(chan error, 1)
	go readAcks(conn, acks, lost)

	waiting := map[uint16]int{} // message by packet id
	for _, n := range p.unacked {
		p.tally.resent.Add(1)
		if err := p.publish(conn, n, waiting); err != nil {
			return err
		}
	}
	tick := time.NewTicker(p.pace)
	defer tick.Stop()
	for !p.ended || len(p.unacked) > 0 {
		more := tick.C
		if p.ended || len(p.unacked) >= maxUnacked {
			more = nil
		}
		select {
		case id := <-acks:
			p.acknowledged(id, waiting)
		case err := <-lost:
			for len(acks) > 0 { // they came before the end
				p.acknowledged(<-acks, waiting)
			}
			return err
		case <-enough:
			p.ended, enough = true, nil
		case <-more:
			p.unacked = append(p.unacked, p.next)
			p.next++
			if err := p.publish(conn, p.next-1, waiting); err != nil {
				return err
			}
		}
	}
	return nil
}

// connect opens an MQTT connection without a session.
func connect(ctx context.Context, address, client string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	hello := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion = "MQTT", 4
	hello.ClientIdentifier, hello.CleanSession, hello.Keepalive = client, true, 300
	// A process that is being killed may never answer.
	err = errors.Join(conn.SetReadDeadline(time.Now().Add(5*time.Second)), hello.Write(conn))
	if err == nil {
		err = readConnack(conn)
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func readConnack(conn net.Conn) error {
	answer, err := packets.ReadPacket(conn)
	if err != nil {
		return err
	}
	if ack, ok := answer.(*packets.ConnackPacket); !ok || ack.ReturnCode != packets.Accepted {
		return fmt.Errorf("the broker answers CONNECT with %s", answer)
	}
	return nil
}

func (p *publisher) publish(conn net.Conn, n int, waiting map[uint16]int) error {
	m := p.message(n)
	if p.id++; p.id == 0 {
		p.id = 1 // 0 is no packet id
	}
	waiting[p.id] = n
	out := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	out.Qos, out.MessageID, out.TopicName, out.Payload = 1, p.id, m.topic, m.payload
	return out.Write(conn)
}

func (p *publisher) acknowledged(id uint16, waiting map[uint16]int) {
	n, ok := waiting[id]
	if !ok {
		return // a broker that says it twice
	}
	delete(waiting, id)
	p.unacked = slices.DeleteFunc(p.unacked, func(x int) bool { return x == n })
	p.tally.acked.Add(1)
}

// readAcks passes PUBACKs on until the connection ends.
func readAcks(conn net.Conn, acks chan<- uint16, lost chan<- error) {
	in := bufio.NewReader(conn)
	for {
		p, err := packets.ReadPacket(in)
		if err != nil {
			lost <- err
			return
		}
		if ack, ok := p.(*packets.PubackPacket); ok {
			acks <- ack.MessageID
		}
	}
}

// sentBy asks Mosquitto how many messages it has sent to all subscribers.
func sentBy(ctx context.Context, broker string) (int64, error) {
	conn, err := connect(ctx, broker, "asker")
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	ask := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	ask.MessageID, ask.Topics, ask.Qoss = 1, []string{"$SYS/broker/publish/messages/sent"}, []byte{0}
	if err := errors.Join(conn.SetReadDeadline(time.Now().Add(5*time.Second)), ask.Write(conn)); err != nil {
		return 0, err
	}
	for {
		p, err := packets.ReadPacket(conn)
		if err != nil {
			return 0, err
		}
		if told, ok := p.(*packets.PublishPacket); ok {
			return strconv.ParseInt(string(told.Payload), 10, 64)
		}
	}
}
