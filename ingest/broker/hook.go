package broker

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
	"golang.org/x/time/rate"

	"github.com/pitcrew-telematics/pitcrew/ingest"
)

// patienceWithoutKeepAlive is how long a client that asked for no keep alive is
// left waiting for its PUBACK before its connection is closed.
const patienceWithoutKeepAlive = 5 * time.Minute

// willPatience bounds how long an "offline" waits for room: it comes from a
// connection that is gone, so nobody can send it again, and it must not pile up.
const willPatience = 10 * time.Second

var (
	errGone     = errors.New("the client is gone")
	errStopping = errors.New("the broker is stopping")
)

// hook is where mochi asks who may do what, and where messages are stored.
type hook struct {
	mochi.HookBase
	o       Options
	server  *mochi.Server
	metrics *metrics
	ctx     context.Context // of the run
	emit    ingest.Emit

	publishing sync.RWMutex // read-held while a message is being stored
	stopping   atomic.Bool
	wills      sync.WaitGroup
	refusals   rate.Sometimes // set in Init; keeps a hostile client from filling the log
}

// ID implements mochi.Hook.
func (h *hook) ID() string { return "ingest" }

// Init implements mochi.Hook.
func (h *hook) Init(any) error {
	h.refusals.Interval = time.Second
	return nil
}

// Provides implements mochi.Hook.
func (h *hook) Provides(b byte) bool {
	return bytes.IndexByte([]byte{
		mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnPublish, mochi.OnWill, mochi.OnWillSent,
	}, b) >= 0
}

// OnConnectAuthenticate decides who may connect, and as whom.
func (h *hook) OnConnectAuthenticate(cl *mochi.Client, pk packets.Packet) bool {
	c, ok := cl.Net.Conn.(*conn)
	if !ok {
		return false
	}
	id, why := h.identify(c, pk.Connect)
	if why != "" {
		h.refuse(refusedConnect, "remote", cl.Net.Remote, "client", cl.ID, "reason", why)
		return false
	}
	c.identity = id
	if id.verified {
		// A client can take over a session only from its own vehicle, whatever
		// client id it invents.
		cl.ID = id.vehicle + "/" + cl.ID
	}
	h.limitKeepAlive(cl)
	return true
}

// limitKeepAlive bounds how long a dead client keeps its connection. MQTT 5
// clients are told; for the others 1.5 times this is the limit all the same.
func (h *hook) limitKeepAlive(cl *mochi.Client) {
	limit := uint16(min(h.o.MaxKeepAlive/time.Second, 1<<16-1))
	if cl.State.Keepalive == 0 || cl.State.Keepalive > limit {
		cl.State.Keepalive = limit
		cl.State.ServerKeepalive = true
	}
}

// OnACLCheck decides which topics a client may write and read.
func (h *hook) OnACLCheck(cl *mochi.Client, topic string, write bool) bool {
	c, ok := cl.Net.Conn.(*conn)
	switch {
	case !ok:
		return false
	case write && c.identity.mayPublish(topic):
		return true
	case write:
		h.refuse(refusedPublish, "client", cl.ID, "topic", topic)
		return false
	case c.identity.mayRead(topic):
		return true
	default:
		h.refuse(refusedSubscribe, "client", cl.ID, "topic", topic)
		return false
	}
}

func (h *hook) refuse(what string, attrs ...any) {
	h.metrics.refused.WithLabelValues(what).Inc()
	h.refusals.Do(func() { h.o.Logger.Warn("MQTT broker refused "+what, attrs...) })
}

// OnPublish stores a message before mochi acknowledges it. Only ErrRejectPacket
// withholds the acknowledgement: any other error is answered with a PUBACK, to
// MQTT 3.1.1 clients even one that means success. A client sends again only after it
// has connected again, so the connection is closed with it.
func (h *hook) OnPublish(cl *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	c, ok := cl.Net.Conn.(*conn)
	if !ok {
		return pk, packets.ErrRejectPacket
	}
	err := h.store(c, cl.State.Keepalive, ingest.Message{Topic: pk.TopicName, Payload: pk.Payload, Received: time.Now()})
	if err != nil {
		h.metrics.withheld.Inc()
		h.o.Logger.Debug("message not acknowledged", "client", cl.ID, "error", err)
		if cl.Properties.ProtocolVersion == 5 {
			_ = h.server.DisconnectClient(cl, packets.ErrServerBusy) // the reason it would return
		}
		cl.Stop(err)
		return pk, packets.ErrRejectPacket
	}
	pk.FixedHeader.Retain = pk.FixedHeader.Retain && mayRetain(pk.TopicName)
	return pk, nil
}

// store hands the message over and waits until it is durable. The wait ends with
// the connection, and the connection ends when it lasts longer than the client's
// keep alive: mochi does not read from the client meanwhile, so a client that has
// gone would not be noticed, and its place in memory not given back.
func (h *hook) store(c *conn, keepAlive uint16, m ingest.Message) error {
	h.publishing.RLock()
	defer h.publishing.RUnlock()
	if h.stopping.Load() {
		return errStopping
	}
	c.patience.Reset(patience(keepAlive))
	defer c.patience.Stop()
	done := make(chan error, 1)
	m.Done = func(err error) { done <- err }
	if err := h.emit(c.emitting, m); err != nil {
		return err
	}
	select {
	case err := <-done:
		if err == nil {
			// The deadline that mochi set before reading may have passed, and the
			// PUBACK would fail on it.
			_ = c.SetDeadline(time.Now().Add(patience(keepAlive)))
		}
		return err
	case <-c.gone:
		return errGone
	}
}

func patience(keepAlive uint16) time.Duration {
	if keepAlive == 0 {
		return patienceWithoutKeepAlive
	}
	return time.Duration(keepAlive) * 1500 * time.Millisecond // [MQTT-3.1.2-24]
}

// drain lets no more messages in and waits for those being stored.
func (h *hook) drain(grace time.Duration) {
	h.stopping.Store(true)
	idle := make(chan struct{})
	go func() {
		h.publishing.Lock()
		defer h.publishing.Unlock()
		close(idle)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// OnWill keeps a will from being retained where a publish would not be.
func (h *hook) OnWill(_ *mochi.Client, will mochi.Will) (mochi.Will, error) {
	will.Retain = will.Retain && mayRetain(will.TopicName)
	return will, nil
}

// OnWillSent stores the last will of a client: wills do not pass OnPublish. It
// must not block, because delayed wills come from mochi's housekeeping loop. A
// client that is back already is not offline.
func (h *hook) OnWillSent(cl *mochi.Client, pk packets.Packet) {
	if now, ok := h.server.Clients.Get(cl.ID); h.stopping.Load() || (ok && now != cl && !now.Closed()) {
		return
	}
	m := ingest.Message{Topic: pk.TopicName, Payload: pk.Payload, Received: time.Now()}
	m.Done = func(err error) {
		if err != nil {
			h.o.Logger.Warn("last will not stored", "client", cl.ID, "error", err)
		}
	}
	h.wills.Go(func() {
		ctx, cancel := context.WithTimeout(h.ctx, willPatience)
		defer cancel()
		if err := h.emit(ctx, m); err != nil {
			m.Done(err)
		}
	})
}
