package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
	"golang.org/x/time/rate"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
)

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
	room    *room
	ctx     context.Context // of the run
	emit    ingest.Emit

	storing  tally // messages from clients on their way to the stores
	wills    sync.WaitGroup
	refusals rate.Sometimes // set in Init; keeps a hostile client from filling the log
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
		mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnPublish, mochi.OnWill, mochi.OnWillSent, mochi.OnDisconnect,
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
	c.listener.identify(c, id)
	c.hook, c.client, c.from = h, cl, id.from()
	if id.verified {
		// A client can take over a session only from its own vehicle, whatever
		// client id it invents.
		cl.ID = id.vehicle + "/" + cl.ID
	}
	h.limitKeepAlive(cl)
	// A session that outlives its connection would hold memory for whoever asks.
	cl.Properties.Clean = true
	return true
}

// limitKeepAlive bounds how long a dead client keeps its connection. MQTT 5
// clients are told; for the others 1.5 times this is the limit all the same.
func (h *hook) limitKeepAlive(cl *mochi.Client) {
	limit := uint16(min(max(h.o.MaxKeepAlive/time.Second, 1), 1<<16-1))
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
	case write && h.mayPublish(c.identity, topic):
		return true
	case write:
		h.refuse(refusedPublish, "client", cl.ID, "topic", topic)
	case c.identity.mayRead(topic) && len(topic) <= maxFilter && cl.State.Subscriptions.Len() < maxSubscriptions:
		return true
	default:
		h.refuse(refusedSubscribe, "client", cl.ID, "topic", topic)
		if c.reads++; c.reads > maxRefusedReads {
			_ = c.Close()
		}
	}
	return false
}

// Nothing is ever sent to subscribers, so that what a client subscribes to is for
// its own comfort, and is bounded: mochi keeps a tree of all filters.
const (
	maxSubscriptions = 16
	maxFilter        = 256
	maxRefusedReads  = 100 // then the connection is closed
)

func (h *hook) refuse(what string, attrs ...any) {
	h.metrics.refused.WithLabelValues(what).Inc()
	h.refusals.Do(func() { h.o.Logger.Warn("MQTT broker refused "+what, attrs...) })
}

// message is a PUBLISH packet.
type message struct {
	topic   string
	payload []byte
	qos     byte
	id      uint16
}

// OnPublish hands over the messages that inbound leaves to mochi. It always answers
// ErrRejectPacket at QoS 0 and 1, so that mochi neither acknowledges nor passes the
// message on: the PUBACK follows from Done, and the client may have MaxInFlight
// messages on their way meanwhile. Waiting for Done here would give a vehicle one
// message per commit. (Any other error would be answered with a PUBACK at once, to
// MQTT 3.1.1 clients even one that means success.)
func (h *hook) OnPublish(cl *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	c, ok := cl.Net.Conn.(*conn)
	if !ok {
		return pk, packets.ErrRejectPacket
	}
	var stored chan struct{}
	if pk.FixedHeader.Qos == 2 {
		stored = make(chan struct{})
	}
	m := message{topic: pk.TopicName, payload: pk.Payload, qos: pk.FixedHeader.Qos, id: pk.PacketID}
	if err := h.hand(c, m, stored); err != nil {
		h.withhold(cl, err)
		return pk, packets.ErrRejectPacket
	}
	if stored == nil {
		return pk, packets.ErrRejectPacket
	}
	// The exchange of QoS 2 is mochi's, so it has to wait until it may begin.
	select {
	case <-stored:
		return pk, packets.CodeSuccessIgnore // acknowledge, and pass on to nobody
	case <-c.gone:
		return pk, packets.ErrRejectPacket
	}
}

// hand gives a message to the pipeline. It blocks while the client has
// MaxInFlight messages on their way or the pipeline is full. The connection ends
// when that lasts longer than the client's keep alive: nothing is read from the
// client meanwhile, so a client that has gone would not be noticed, and its place
// in memory not given back.
func (h *hook) hand(c *conn, m message, stored chan struct{}) error {
	if !h.storing.begin() {
		return errStopping
	}
	c.patience.Reset(patience(c.client.State.Keepalive))
	defer c.patience.Stop()
	select {
	case c.window <- struct{}{}:
	case <-c.emitting.Done():
		h.storing.end(1)
		return errGone
	}
	err := h.emit(c.emitting, ingest.Message{
		Topic: m.topic, Payload: m.payload, Received: time.Now(), From: c.from,
		Done: func(err error) {
			<-c.window
			switch {
			case err != nil:
				go h.withhold(c.client, err) // it may have to wait for the client
				h.storing.end(1)
			case m.qos == 1:
				c.acknowledge(m.id, h.storing.end)
			default:
				if stored != nil {
					close(stored)
				}
				h.storing.end(1)
			}
		},
	})
	if err != nil {
		<-c.window
		h.storing.end(1)
	}
	return err
}

// withhold closes the connection of a client whose message was not stored: a
// client sends again only after it has connected again.
func (h *hook) withhold(cl *mochi.Client, err error) {
	h.metrics.withheld.Inc()
	h.o.Logger.Debug("message not acknowledged", "client", cl.ID, "error", err)
	if cl.Properties.ProtocolVersion == 5 {
		_ = h.server.DisconnectClient(cl, packets.ErrServerBusy) // the error it returns is the code
	}
	cl.Stop(err)
}

// patience is how long a client that says nothing is kept: MQTT-3.1.2-24.
func patience(keepAlive uint16) time.Duration {
	return time.Duration(keepAlive) * 1500 * time.Millisecond
}

// OnWill keeps wills from piling up in mochi's memory: nobody could read them.
func (h *hook) OnWill(_ *mochi.Client, will mochi.Will) (mochi.Will, error) {
	will.Retain = false
	return will, nil
}

// OnWillSent stores the last will of a client: wills do not pass OnPublish. It
// must not block, because delayed wills come from mochi's housekeeping loop. A
// client that is back already is not offline.
func (h *hook) OnWillSent(cl *mochi.Client, pk packets.Packet) {
	if now, ok := h.server.Clients.Get(cl.ID); h.storing.isClosed() || (ok && now != cl && !now.Closed()) {
		return
	}
	c, ok := cl.Net.Conn.(*conn)
	if !ok {
		return
	}
	h.store(cl, "last will", ingest.Message{
		Topic: pk.TopicName, Payload: pk.Payload, Received: time.Now(), From: c.identity.from(),
	})
}

// OnDisconnect is called when nothing more is read from a client. It puts a packet
// above MaxPacketBytes into quarantine. The connection ends at its length, before topic and content are read, and without a PUBACK: the
// vehicle will send it again and again, until a person sees why.
func (h *hook) OnDisconnect(cl *mochi.Client, err error, _ bool) {
	c, ok := cl.Net.Conn.(*conn)
	if !ok {
		return
	}
	h.room.leave(c)
	if !errors.Is(err, packets.ErrPacketTooLarge) || h.storing.isClosed() {
		return
	}
	h.refuse(refusedPacket, "client", cl.ID, "limit", h.o.MaxPacketBytes)
	h.store(cl, "packet above the limit", ingest.Message{
		Topic: obd.TopicRoot + c.identity.vehicle, Received: time.Now(),
		Unreadable: fmt.Sprintf("a packet of more than %d bytes was not read, and the connection closed", h.o.MaxPacketBytes),
	})
}

// store hands over what no client waits for, if there is room for it.
func (h *hook) store(cl *mochi.Client, what string, m ingest.Message) {
	size := len(m.Topic) + len(m.Payload)
	if !h.room.try(size) {
		h.refuse(refusedWait, "client", cl.ID, "message", what)
		return
	}
	m.Done = func(err error) {
		if err != nil {
			h.o.Logger.Warn(what+" not stored", "client", cl.ID, "error", err)
		}
	}
	h.wills.Go(func() {
		defer h.room.give(size)
		ctx, cancel := context.WithTimeout(h.ctx, willPatience)
		defer cancel()
		if err := h.emit(ctx, m); err != nil {
			m.Done(err)
		}
	})
}
