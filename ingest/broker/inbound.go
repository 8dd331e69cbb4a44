package broker

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pitcrew-telematics/pitcrew/internal/mqttframe"
)

const (
	// maxControl bounds packets that carry no message. A CONNECT comes from anybody,
	// and mochi would make room for whatever length it announces.
	maxControl = 16 << 10
	// inBuffer is what every idle connection holds. A longer message is read into
	// its own memory.
	inBuffer = 1 << 10
	// slowest is how many bytes a second a message must come with, at least, after
	// the first 30 s: what is announced of it holds memory until all is there.
	slowest = 4 << 10
)

var (
	errNotConnect = errors.New("the first packet is not CONNECT")
	errControl    = fmt.Errorf("a packet without a message has more than %d bytes", maxControl)
	errWildcard   = errors.New("published to a topic with a wildcard") // MQTT-3.3.2-2
)

// inbound is the packets that come from a client. mochi is given all but ordinary
// messages: those are handed on from here, without its copies and locks, which
// would be half of what receiving costs.
type inbound struct {
	in   *bufio.Reader
	head mqttframe.Header // of the packet at hand
	pass mqttframe.Passed // of a packet that mochi is to read

	topic string // of the message before, which the client may publish to
}

// Read gives mochi the packets that are its own, whole and in order.
func (c *conn) Read(p []byte) (int, error) {
	for c.pass.Empty() {
		if err := c.packet(); err != nil {
			return 0, err
		}
	}
	return c.pass.Read(p, c.in)
}

// packet reads the next packet as far as it has to.
func (c *conn) packet() error {
	if c.client == nil {
		return c.first()
	}
	c.hook.room.leave(c) // the packet before is dealt with
	if err := c.head.Read(c.in); err != nil {
		return err
	}
	kind, length := c.head.Type(), c.head.Length
	switch {
	case kind != mqttframe.Publish && length > maxControl:
		return errControl
	case kind != mqttframe.Publish, length >= c.listener.maxPacket: // mochi ends the connection of a larger one
		c.pass.Set(c.head.Bytes(), length)
		return nil
	}
	n := len(c.head.Bytes())
	if err := c.hook.room.enter(c, n+length); err != nil {
		return err
	}
	if c.in.Buffered() < length {
		if err := c.SetReadDeadline(time.Now().Add(30*time.Second + time.Duration(length/slowest)*time.Second)); err != nil {
			return err
		}
	}
	frame := make([]byte, n+length)
	copy(frame, c.head.Bytes())
	if _, err := io.ReadFull(c.in, frame[n:]); err != nil {
		return err
	}
	m, ordinary, err := c.message(frame[n:])
	switch {
	case err != nil:
		return err
	case !ordinary:
		c.pass.Set(frame, 0)
		return nil
	}
	if err := c.hook.hand(c, m, nil); err != nil {
		c.hook.withhold(c.client, err)
		return err
	}
	return c.SetReadDeadline(time.Now().Add(patience(c.client.State.Keepalive)))
}

// first reads the start of the packet that has to be CONNECT.
func (c *conn) first() error {
	err := c.handshake()
	if err == nil {
		err = c.head.Read(c.in)
	}
	switch {
	case err != nil:
	case c.head.Type() != mqttframe.Connect:
		err = errNotConnect
	case c.head.Length > maxControl:
		err = errControl
	}
	if err != nil {
		if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) { // somebody looks whether the port is open
			c.listener.refuse(refusedConnect, "remote", c.RemoteAddr().String(), "reason", err.Error())
		}
		return err
	}
	c.pass.Set(c.head.Bytes(), c.head.Length)
	return nil
}

// handshake checks certificates, where there are some.
func (c *conn) handshake() error {
	if secure, ok := c.Conn.(*tls.Conn); ok {
		return secure.HandshakeContext(c.emitting)
	}
	return nil
}

// message reads the body of a PUBLISH. It is ordinary at QoS 0 or 1, without
// properties of MQTT 5, and on a topic that the client may publish to; the others are
// mochi's.
func (c *conn) message(body []byte) (m message, ordinary bool, err error) {
	p, ok := c.head.ParsePublish(body)
	if bytes.ContainsAny(p.Topic, "+#") {
		// mochi would pass over it, and say nothing to anybody.
		c.hook.refuse(refusedPublish, "client", c.client.ID, "topic", string(p.Topic))
		return m, false, errWildcard
	}
	if !ok || p.QoS > 1 {
		return m, false, nil
	}
	if c.client.Properties.ProtocolVersion == 5 {
		if len(p.Rest) == 0 || p.Rest[0] != 0 {
			return m, false, nil
		}
		p.Rest = p.Rest[1:]
	}
	m.qos, m.id, m.payload = p.QoS, p.ID, p.Rest
	return m, c.mayPublish(p.Topic, &m), nil
}

// mayPublish sets the topic of a message. Most clients have one topic.
func (c *conn) mayPublish(name []byte, m *message) bool {
	if string(name) != c.topic {
		topic := string(name)
		if !utf8.ValidString(topic) || strings.Contains(topic, "\x00") || !c.hook.mayPublish(c.identity, topic) {
			return false
		}
		c.topic = topic
	}
	m.topic = c.topic
	return true
}
