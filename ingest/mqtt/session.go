package mqtt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/pitcrew-telematics/pitcrew/ingest"
)

// session is one connection to the broker, from CONNECT to its end. Nothing of
// it is used on the next connection: an acknowledgement for a message of an old
// connection has no meaning there, and the broker sends the message again.
type session struct {
	client  paho.Client
	metrics *metrics

	ctx     context.Context // ends with the connection
	end     context.CancelCauseFunc
	waiting *waiting      // from paho's router to emit
	wake    chan struct{} // one token: the head of the queue may be acknowledged

	delivered chan struct{} // closed when nothing more is handed to the pipeline
	wire      *wire         // set while connecting
	abortDial func() bool   // set while connecting; stops watching for the end of the run

	mu    sync.Mutex
	queue []*pending    // unacknowledged, in the order of receipt
	idle  chan struct{} // set by drain; closed when the queue is empty
}

// pending is what has to be acknowledged of a message that was handed to the
// pipeline. Its content is not kept here: the pipeline alone says how much that is.
type pending struct {
	id     uint16
	qos    byte
	stored bool
}

var errNotStored = errors.New("a message could not be stored; connecting again to get it once more")

// session connects, subscribes and delivers until the connection or ctx ends.
func (s *Source) session(ctx context.Context, emit ingest.Emit) error {
	connCtx, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	c := &session{
		metrics: s.metrics, ctx: connCtx, end: end,
		waiting:   newWaiting(s.o.MaxInFlight, s.o.MaxInFlightBytes),
		wake:      make(chan struct{}, 1),
		delivered: make(chan struct{}),
	}
	s.waiting.Store(c.waiting)
	c.client = paho.NewClient(s.clientOptions(ctx, c))
	token := c.client.Connect()
	<-token.Done() // soon, when ctx ends: dial closes the connection
	if c.abortDial != nil {
		c.abortDial()
	}
	if err := token.Error(); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer c.client.Disconnect(250) // ms, to write DISCONNECT

	var workers sync.WaitGroup
	workers.Go(func() { c.deliver(ctx, emit) })
	workers.Go(func() { c.acknowledge(s.o.ConnectTimeout) })
	workers.Go(func() { c.keepAlive(s.o.KeepAlive) })
	if err := s.subscribe(ctx, c); err != nil {
		end(fmt.Errorf("subscribe: %w", err))
	} else {
		s.setState(nil)
		s.metrics.connects.Inc()
		s.o.Logger.Info("MQTT broker connected", "broker", s.url.Redacted(), "client", s.o.ClientID, "topics", s.filters())
	}
	select {
	case <-ctx.Done():
		c.drain(s.o.StopGrace)
		end(context.Cause(ctx))
	case <-connCtx.Done():
	}
	workers.Wait()
	return context.Cause(connCtx)
}

// receive is paho's handler. paho reads nothing while it blocks, so there is room
// for all ordinary messages that the broker may send unacknowledged; beyond that,
// not reading is the backpressure. It comes to that with Mosquitto 2.0.11: once a
// message is acknowledged it sends all that waits, whatever the window.
func (c *session) receive(_ paho.Client, m paho.Message) {
	if c.waiting.try(m) {
		return
	}
	c.wire.heldUp.Store(true)
	defer c.wire.heldUp.Store(false)
	defer c.wire.hear() // first: what is waiting was not read
	c.waiting.wait(c.ctx, m)
}

// deliver hands messages to the pipeline in the order of receipt.
func (c *session) deliver(ctx context.Context, emit ingest.Emit) {
	defer close(c.delivered)
	// Emitting ends with the source; acknowledging goes on until the connection ends.
	emitting, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(c.ctx, stop)()
	for {
		select {
		case <-emitting.Done():
			return
		case m := <-c.waiting.in:
			p := c.push(m)
			err := emit(emitting, ingest.Message{
				Topic: m.Topic(), Payload: m.Payload(), Received: time.Now(), Retained: m.Retained(),
				Done: func(err error) { c.done(p, err) },
			})
			c.waiting.handed(m)
			if err != nil {
				c.dropLast() // Done will not be called
				return
			}
		}
	}
}

func (c *session) push(m paho.Message) *pending {
	p := &pending{id: m.MessageID(), qos: m.Qos()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, p)
	c.metrics.inFlight.Inc()
	return p
}

func (c *session) dropLast() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.queue); n > 0 {
		c.queue = c.queue[:n-1]
		c.metrics.inFlight.Dec()
	}
}

// done notes the pipeline's answer. It does not block: the acknowledgement is
// written by another goroutine.
func (c *session) done(p *pending, err error) {
	if err != nil {
		c.end(errors.Join(errNotStored, err))
		return
	}
	c.mu.Lock()
	p.stored = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// acknowledge sends PUBACKs in the order of receipt: out of order they cost
// Mosquitto four times the CPU. It writes them to the connection itself, all that
// are due at once: through paho each is a turn of two goroutines and a system call.
func (c *session) acknowledge(patience time.Duration) {
	var acks []byte
	for {
		select {
		case <-c.wake:
		case <-c.ctx.Done():
			c.forget()
			return
		}
		stored := c.popStored()
		acks = acks[:0]
		for _, p := range stored {
			acks = appendAck(acks, p)
		}
		clear(stored) // the queue's array would keep them alive
		if err := c.write(acks, patience); err != nil {
			c.end(fmt.Errorf("acknowledge: %w", err))
		}
		c.tellIdle()
	}
}

// appendAck appends the PUBACK of MQTT 3.1.1 §3.4 for a message; one that came with
// QoS 0 has none.
func appendAck(b []byte, p *pending) []byte {
	if p.qos == 0 {
		return b
	}
	const puback, length = 0x40, 2
	return append(b, puback, length, byte(p.id>>8), byte(p.id))
}

// write sends whole packets. Those of paho are whole writes too, so they cannot
// get mixed.
func (c *session) write(packets []byte, patience time.Duration) error {
	if len(packets) == 0 {
		return nil
	}
	if err := c.wire.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := c.wire.Write(packets); err != nil {
		return err
	}
	return c.wire.SetWriteDeadline(time.Time{})
}

// popStored takes the messages at the head of the queue that are stored.
func (c *session) popStored() []*pending {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(c.queue) && c.queue[n].stored {
		n++
	}
	head := c.queue[:n:n]
	c.queue = c.queue[n:]
	c.metrics.inFlight.Sub(float64(n))
	c.metrics.acknowledged.Add(float64(n))
	return head
}

func (c *session) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metrics.inFlight.Sub(float64(len(c.queue)))
	c.queue = nil
}

// drain waits until what was handed over is stored and acknowledged, at most for
// the grace.
func (c *session) drain(grace time.Duration) {
	t := time.NewTimer(grace)
	defer t.Stop()
	<-c.delivered // ctx has ended
	idle := make(chan struct{})
	c.mu.Lock()
	c.idle = idle
	c.mu.Unlock()
	c.tellIdle()
	select {
	case <-t.C:
	case <-c.ctx.Done():
	case <-idle:
	}
}

func (c *session) tellIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil && len(c.queue) == 0 {
		close(c.idle)
		c.idle = nil
	}
}
