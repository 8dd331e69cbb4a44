package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// refusedSubscription is the SUBACK return code of MQTT 3.1.1 §3.9.3.
const refusedSubscription = 0x80

func (s *Source) clientOptions(ctx context.Context, c *session) *paho.ClientOptions {
	return paho.NewClientOptions().
		AddBroker(s.url.String()).
		SetClientID(s.o.ClientID).
		SetCredentialsProvider(func() (string, string) { return s.o.Username, s.o.Password }).
		SetProtocolVersion(4). // 3.1.1; paho would try 3.1 after any refusal
		SetCleanSession(false).
		SetAutoReconnect(false). // Run makes a new client: what it knows of the old connection is of no use
		SetConnectRetry(false).
		SetKeepAlive(0). // see session.keepAlive
		SetConnectTimeout(s.o.ConnectTimeout).
		SetWriteTimeout(s.o.ConnectTimeout).
		SetStore(noStore{}).
		SetConnectionLostHandler(func(_ paho.Client, err error) { c.end(fmt.Errorf("connection lost: %w", err)) }).
		SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return s.dial(ctx, c) })
}

// dial opens the connection, from which paho gets all but the messages. The end of the
// run closes it until the session says that it is connected.
func (s *Source) dial(run context.Context, c *session) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(run, s.o.ConnectTimeout)
	defer cancel()
	var conn net.Conn
	var err error
	switch s.url.Scheme {
	case "ws", "wss":
		address := *s.url
		address.User = nil
		conn, err = paho.NewWebsocket(address.String(), s.o.TLS, s.o.ConnectTimeout, nil, nil)
	case "ssl", "tls", "mqtts":
		conn, err = (&tls.Dialer{Config: s.o.TLS}).DialContext(ctx, "tcp", withPort(s.url, "8883"))
	default:
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", withPort(s.url, "1883"))
	}
	if err != nil {
		return nil, err
	}
	c.abortDial = context.AfterFunc(run, func() { _ = conn.Close() })
	c.wire = newWire(conn)
	return newInbound(c), nil
}

func withPort(u *url.URL, port string) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// filters are the topics to subscribe, shared if there is a group.
func (s *Source) filters() []string {
	if s.o.SharedGroup == "" {
		return s.o.Topics
	}
	shared := make([]string, len(s.o.Topics))
	for i, t := range s.o.Topics {
		shared[i] = "$share/" + s.o.SharedGroup + "/" + t
	}
	return shared
}

// subscribe asks for the topics on every connection: the broker may have lost
// the session, or the topics may have changed.
func (s *Source) subscribe(ctx context.Context, c *session) error {
	filters := make(map[string]byte)
	for _, f := range s.filters() {
		filters[f] = 1
	}
	token := c.client.SubscribeMultiple(filters, nil)
	select {
	case <-token.Done():
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := token.Error(); err != nil {
		return err
	}
	granted, ok := token.(*paho.SubscribeToken)
	if !ok {
		return errors.New("paho answered with another token")
	}
	for filter, qos := range granted.Result() {
		switch qos {
		case refusedSubscription:
			return fmt.Errorf("the broker does not let %q read %s", s.o.ClientID, filter)
		case 0:
			return fmt.Errorf("the broker grants %s with QoS 0 only: messages could get lost", filter)
		}
	}
	return nil
}

// noStore keeps nothing: we publish nothing, and received messages are the
// broker's until they are acknowledged.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}
