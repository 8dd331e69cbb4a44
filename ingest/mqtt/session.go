package mqtt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/mqttframe"
)

// session is one connection to the broker, from CONNECT to its end. Nothing of
// it is used on the next connection: an acknowledgement for a message of an old
// connection has no meaning there, and the broker sends the message again.
type session struct {
	client  paho.Client
	metrics *metrics

	ctx  context.Context // ends with the connection
	end  context.CancelCauseFunc
	wake chan struct{} // one token: the head of the queue may be acknowledged

	wire      *wire       // set while connecting
	abortDial func() bool // set while connecting; stops watching for the end of the run

	waiting *atomic.Int64 // bytes of the message that waits for room in the pipeline

	emit         ingest.Emit
	emitting     context.Context // ends with the run or the connection
	stopEmitting context.CancelFunc
	handing      sync.Mutex // held while a message is handed to the pipeline
	stopped      bool       // under handing: no more messages are

	mu    sync.Mutex
	queue []*pending    // unacknowledged, in the order of receipt
	free  [][]byte      // memory of packets that the pipeline is done with
	idle  chan struct{} // set by drain; closed when the queue is empty
}

// pending is what has to be acknowledged of a message that was handed to the
// pipeline. Its content is not kept here: the pipeline alone says how much that is.
type pending struct {
	id     uint16
	qos    byte
	stored bool
}

var (
	errNotStored = errors.New("a message could not be stored; connecting again to get it once more")
	errStopped   = errors.New("the session takes no more messages")
)

// session connects, subscribes and delivers until the connection or ctx ends.
func (s *Source) session(ctx context.Context, emit ingest.Emit) error {
	connCtx, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	c := &session{metrics: s.metrics, ctx: connCtx, end: end, waiting: &s.waiting, emit: emit, wake: make(chan struct{}, 1)}
	c.emitting, c.stopEmitting = context.WithCancel(ctx)
	defer c.stopHanding()
	defer context.AfterFunc(connCtx, c.stopEmitting)()
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
		c.stopHanding()
		c.drain(s.o.StopGrace)
		end(context.Cause(ctx))
	case <-connCtx.Done():
	}
	workers.Wait()
	return context.Cause(connCtx)
}

// hand gives a message to the pipeline, which owns the packet around it until it is
// done. It blocks while the pipeline has no room; then nothing is read, which is the
// backpressure.
func (c *session) hand(packet []byte, m mqttframe.Message, topic string) error {
	c.handing.Lock()
	defer c.handing.Unlock()
	if c.stopped {
		return errStopped
	}
	p := &pending{id: m.ID, qos: m.QoS}
	c.push(p)
	c.waiting.Store(int64(len(packet)))
	err := c.emit(c.emitting, ingest.Message{
		Topic: topic, Payload: m.Rest, Received: time.Now(), Retained: m.Retained,
		Done: func(err error) { c.done(p, packet, err) },
	})
	c.waiting.Store(0)
	if err != nil {
		c.dropLast() // Done will not be called
	}
	return err
}

// stopHanding returns when the pipeline has got its last message.
func (c *session) stopHanding() {
	c.stopEmitting()
	c.handing.Lock()
	defer c.handing.Unlock()
	c.stopped = true
}

// The memory of packets up to largestKept is used again; it is a multiple of a step.
const (
	largestKept = 4 << 10
	packetStep  = 512
)

// packet returns memory for a packet of n bytes. What is free and too small goes: there
// is never more memory than the pipeline held at one time.
func (c *session) packet(n int) []byte {
	if packet := c.lastFree(); cap(packet) >= n {
		return packet[:n]
	}
	return make([]byte, n, (n/packetStep+1)*packetStep)
}

func (c *session) lastFree() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.free) - 1
	if last < 0 {
		return nil
	}
	packet := c.free[last]
	c.free = c.free[:last]
	return packet
}

func (c *session) push(p *pending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, p)
	c.metrics.inFlight.Inc()
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
func (c *session) done(p *pending, packet []byte, err error) {
	if err != nil {
		c.end(errors.Join(errNotStored, err))
		return
	}
	c.mu.Lock()
	p.stored = true
	if cap(packet) <= largestKept {
		c.free = append(c.free, packet)
	}
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
			if p.qos > 0 {
				acks = mqttframe.AppendPuback(acks, p.id)
			}
		}
		clear(stored) // the queue's array would keep them alive
		if err := c.write(acks, patience); err != nil {
			c.end(fmt.Errorf("acknowledge: %w", err))
		}
		c.tellIdle()
	}
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
