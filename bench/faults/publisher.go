package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/bench/publish"
)

// tally counts what all publishers did.
type tally struct {
	acked  atomic.Int64 // messages with a PUBACK
	resent atomic.Int64 // messages published again because they had none
}

// publisher is a car that publishes its messages in order at QoS 1, counts the
// PUBACKs one by one, and publishes what had none again after it has connected
// again.
type publisher struct {
	address string // of the broker
	client  string
	message func(n int) message
	pace    time.Duration // between two messages
	tally   *tally

	next    int   // first message that was not published yet
	unacked []int // published, in order
	ended   bool  // no new ones
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
	go func() {
		lost <- conn.Acks(func(id uint16) bool { acks <- id; return true })
	}()

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

// connect opens an MQTT connection without a session. A process that is being killed
// may never answer.
func connect(ctx context.Context, address, client string) (*publish.Conn, error) {
	return publish.Dial(ctx, address, publish.Options{Client: client, Patience: 5 * time.Second})
}

func (p *publisher) publish(conn *publish.Conn, n int, waiting map[uint16]int) error {
	m := p.message(n)
	id, err := conn.Publish(m.topic, m.payload)
	waiting[id] = n
	return errors.Join(err, conn.Flush())
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

// sentBy asks Mosquitto how many messages it has sent to all subscribers.
func sentBy(ctx context.Context, broker string) (int64, error) {
	conn, err := connect(ctx, broker, "asker")
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := errors.Join(conn.SetReadDeadline(time.Now().Add(5*time.Second)), conn.Subscribe("$SYS/broker/publish/messages/sent", 0)); err != nil {
		return 0, err
	}
	for {
		p, err := packets.ReadPacket(conn.In)
		if err != nil {
			return 0, err
		}
		if told, ok := p.(*packets.PublishPacket); ok {
			return strconv.ParseInt(string(told.Payload), 10, 64)
		}
	}
}
