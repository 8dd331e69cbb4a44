package broker_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
	"github.com/pitcrew-telematics/pitcrew/ingest/ingesttest"
)

const (
	carA = "1M8GDM9AXKP042788"
	carB = "WVWZZZ1JZXW000001"

	patience = 10 * time.Second
)

// serve runs a broker that hands every message to the channel.
func serve(t *testing.T, o broker.Options) (*broker.Broker, <-chan ingest.Message) {
	t.Helper()
	o.StopGrace = 100 * time.Millisecond
	b := open(t, o)
	messages := make(chan ingest.Message, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- b.Run(ctx, func(_ context.Context, m ingest.Message) error { messages <- m; return nil })
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("broker ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("broker did not stop")
		}
	})
	return b, messages
}

// client connects; ok says whether it must succeed.
func client(t *testing.T, b *broker.Broker, set func(*paho.ClientOptions)) (paho.Client, error) {
	t.Helper()
	o := paho.NewClientOptions().AddBroker("tcp://" + b.Addr().String()).SetProtocolVersion(4).SetAutoReconnect(false).SetClientID(carA)
	if set != nil {
		set(o)
	}
	c := paho.NewClient(o)
	token := c.Connect()
	if !token.WaitTimeout(patience) {
		t.Fatal("no answer to CONNECT")
	}
	t.Cleanup(func() { c.Disconnect(10) })
	return c, token.Error()
}

func mustConnect(t *testing.T, b *broker.Broker, set func(*paho.ClientOptions)) paho.Client {
	t.Helper()
	c, err := client(t, b, set)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	return c
}

func receive(t *testing.T, messages <-chan ingest.Message) ingest.Message {
	t.Helper()
	select {
	case m := <-messages:
		return m
	case <-time.After(patience):
		t.Fatal("no message")
	}
	return ingest.Message{}
}

func TestPortInUseSaysWhatToDo(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = broker.New(broker.Options{Address: l.Addr().String(), AllowAnonymous: true})
	var address *broker.AddressError
	if !errors.As(err, &address) || !address.InUse() {
		t.Fatalf("got %v, want an AddressError for a port in use", err)
	}
	for _, want := range []string{l.Addr().String(), "already in use", "--mqtt"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestBrokerThatNobodyCouldUseIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := broker.New(broker.Options{Address: "127.0.0.1:0"}); err == nil {
		t.Error("a broker without accounts, certificates and anonymous clients was made")
	}
}

func TestWhoMayConnectAndPublish(t *testing.T) {
	t.Parallel()
	accounts := broker.Options{Authenticate: func(user string, password []byte) bool {
		return (user == carA || user == "gateway") && string(password) == "secret"
	}}
	anonymous := broker.Options{AllowAnonymous: true}
	own, other := "pitcrew/v1/"+carA+"/telemetry", "pitcrew/v1/"+carB+"/telemetry"
	for name, test := range map[string]struct {
		o                      broker.Options
		clientID, user, secret string
		refused                bool
		may, mayNot            []string
	}{
		"a vehicle with its password":       {o: accounts, clientID: "tcu-7", user: carA, secret: "secret", may: []string{own}, mayNot: []string{other, "weather", "$SYS/x", "pitcrew/v1/", "pitcrew/v1/" + carA}},
		"an account with a vehicle's id":    {o: accounts, clientID: carB, user: "gateway", secret: "secret", may: []string{other}, mayNot: []string{own}},
		"a vehicle with another's id":       {o: accounts, clientID: carB, user: carA, secret: "secret", may: []string{own}, mayNot: []string{other}},
		"a wrong password":                  {o: accounts, clientID: carA, user: carA, secret: "guess", refused: true},
		"nobody where accounts are needed":  {o: accounts, clientID: carA, refused: true},
		"an account named like a wildcard":  {o: accounts, clientID: "+", user: "gateway", secret: "secret", refused: true},
		"an account that names no vehicle":  {o: accounts, clientID: "", user: "gateway", secret: "secret", refused: true},
		"a vehicle with a path as its id":   {o: accounts, clientID: "mosq/1", user: carA, secret: "secret", may: []string{own}, mayNot: []string{other}},
		"an account with a path as its id":  {o: accounts, clientID: carA + "/#", user: "gateway", secret: "secret", refused: true},
		"anybody where anybody may connect": {o: anonymous, clientID: "mosq/1", may: []string{own, other}, mayNot: []string{"weather", "$SYS/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, messages := serve(t, test.o)
			connect := func(o *paho.ClientOptions) {
				o.SetClientID(test.clientID).SetUsername(test.user).SetPassword(test.secret)
			}
			if test.refused {
				if _, err := client(t, b, connect); err == nil {
					t.Error("was let in")
				}
				return
			}
			for _, topic := range test.mayNot {
				token := mustConnect(t, b, connect).Publish(topic, 1, false, "x")
				if token.WaitTimeout(200*time.Millisecond) && token.Error() == nil {
					t.Errorf("publish on %s was acknowledged", topic)
				}
			}
			for _, topic := range test.may {
				token := mustConnect(t, b, connect).Publish(topic, 1, false, "x")
				m := receive(t, messages)
				if m.Topic != topic {
					t.Fatalf("message on %s, want %s", m.Topic, topic)
				}
				m.Done(nil)
				if !token.WaitTimeout(patience) || token.Error() != nil {
					t.Errorf("publish on %s: %v", topic, token.Error())
				}
			}
			if len(messages) > 0 {
				t.Errorf("a message on %s came through", (<-messages).Topic)
			}
		})
	}
}

func TestNobodyReadsAnothersTopics(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, broker.Options{AllowAnonymous: true})
	c := mustConnect(t, b, nil)
	for filter, want := range map[string]byte{
		"pitcrew/v1/" + carA + "/#":             1,
		"pitcrew/v1/" + carA + "/command":       1,
		"pitcrew/v1/" + carB + "/#":             0x80,
		"pitcrew/v1/+/telemetry":                0x80,
		"pitcrew/#":                             0x80,
		"#":                                     0x80,
		"$SYS/#":                                0x80,
		"$share/g/pitcrew/v1/" + carA + "/#":    0x80,
		"pitcrew/v1/" + carA[:16] + "+/command": 0x80,
	} {
		token := c.Subscribe(filter, 1, func(paho.Client, paho.Message) {})
		if !token.WaitTimeout(patience) {
			t.Fatalf("no answer to SUBSCRIBE %s", filter)
		}
		for _, got := range token.(*paho.SubscribeToken).Result() {
			if got != want {
				t.Errorf("SUBSCRIBE %s: granted %#x, want %#x", filter, got, want)
			}
		}
	}
}

// A second client of vehicle B that calls itself by A's client id must not push
// A off the broker.
func TestClientIDOfAnotherVehicleTakesNothingOver(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, broker.Options{Authenticate: func(string, []byte) bool { return true }})
	lost := make(chan error, 1)
	a := mustConnect(t, b, func(o *paho.ClientOptions) {
		o.SetClientID("tcu").SetUsername(carA).SetConnectionLostHandler(func(_ paho.Client, err error) { lost <- err })
	})
	mustConnect(t, b, func(o *paho.ClientOptions) { o.SetClientID("tcu").SetUsername(carB) })
	token := a.Subscribe("pitcrew/v1/"+carA+"/command", 1, func(paho.Client, paho.Message) {})
	if !token.WaitTimeout(patience) || token.Error() != nil {
		t.Errorf("the first client does not work any more: %v", token.Error())
	}
	select {
	case err := <-lost:
		t.Errorf("the first client was pushed off: %v", err)
	default:
	}
}

func TestLastWillIsStored(t *testing.T) {
	t.Parallel()
	b, messages := serve(t, broker.Options{AllowAnonymous: true})
	status := "pitcrew/v1/" + carA + "/status"
	conn := dial(t, b)
	connect := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	connect.ProtocolName, connect.ProtocolVersion, connect.ClientIdentifier, connect.CleanSession = "MQTT", 4, carA, true
	connect.WillFlag, connect.WillRetain, connect.WillQos, connect.WillTopic, connect.WillMessage = true, true, 1, status, []byte("offline")
	exchange(t, conn, connect)
	_ = conn.Close() // without DISCONNECT
	m := receive(t, messages)
	if m.Topic != status || string(m.Payload) != "offline" || m.Retained {
		t.Errorf("got %q on %s, retained %t; want a live offline on %s", m.Payload, m.Topic, m.Retained, status)
	}
	m.Done(nil)
}

func TestWillForAnotherVehicleIsRefused(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, broker.Options{Authenticate: func(string, []byte) bool { return true }})
	_, err := client(t, b, func(o *paho.ClientOptions) {
		o.SetUsername(carA).SetWill("pitcrew/v1/"+carB+"/status", "offline", 1, true)
	})
	if err == nil {
		t.Error("a client with a will on another vehicle's topic was let in")
	}
}

// An MQTT 5 client must not get a PUBACK either, with any reason code: to it a
// PUBACK with an error means "do not send again".
func TestMQTT5ClientGetsNoAckForWhatIsNotStored(t *testing.T) {
	t.Parallel()
	b, messages := serve(t, broker.Options{AllowAnonymous: true})
	conn := dial(t, b)
	topic := "pitcrew/v1/" + carA + "/telemetry"
	write(t, conn, connect5(carA))
	if got := readType(t, conn); got != packets.Connack {
		t.Fatalf("answer to CONNECT is packet type %d", got)
	}
	write(t, conn, publish5(topic, 7, "one"))
	receive(t, messages).Done(errors.New("disk full"))
	if got := readType(t, conn); got != packets.Disconnect {
		t.Errorf("answer is packet type %d, want DISCONNECT", got)
	}
	if _, err := io.ReadAll(conn); err != nil && !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("connection stays open: %v", err)
	}

	again := dial(t, b)
	write(t, again, connect5(carA))
	readType(t, again)
	write(t, again, publish5(topic, 7, "one"))
	receive(t, messages).Done(nil)
	if got := readType(t, again); got != packets.Puback {
		t.Errorf("answer to what is stored is packet type %d, want PUBACK", got)
	}
}

func TestClientThatNeverConnectsIsLetGo(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, broker.Options{AllowAnonymous: true, ConnectTimeout: 50 * time.Millisecond})
	conn := dial(t, b)
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v, want the connection closed", err)
	}
}

// Such a packet comes again with every connection, so somebody must hear of it.
func TestPacketAboveTheLimitGoesToQuarantineUnread(t *testing.T) {
	t.Parallel()
	b, messages := serve(t, broker.Options{AllowAnonymous: true, MaxPacketBytes: 1000})
	lost := make(chan error, 1)
	c := mustConnect(t, b, func(o *paho.ClientOptions) {
		o.SetConnectionLostHandler(func(_ paho.Client, err error) { lost <- err })
	})
	c.Publish("pitcrew/v1/"+carA+"/telemetry", 1, false, strings.Repeat("x", 2000))
	select {
	case <-lost:
	case <-time.After(patience):
		t.Error("the connection stays open")
	}
	m := receive(t, messages)
	if m.Topic != "pitcrew/v1/"+carA || m.Payload != nil || !strings.Contains(m.Unreadable, "more than 1000 bytes") {
		t.Errorf("got %+v, want a message about %s for quarantine", m, carA)
	}
}

func TestTooManyClientsAreRefused(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, broker.Options{AllowAnonymous: true, MaxClients: 1})
	mustConnect(t, b, nil)
	if _, err := client(t, b, func(o *paho.ClientOptions) { o.SetClientID(carB) }); err == nil {
		t.Error("a second client was let in")
	}
}

// A car that stands and only pings keeps its connection, however long ago its
// last acknowledgement was.
func TestIdleClientKeepsItsConnection(t *testing.T) {
	t.Parallel()
	const writeTimeout = 50 * time.Millisecond
	b, messages := serve(t, broker.Options{AllowAnonymous: true, WriteTimeout: writeTimeout})
	conn := dial(t, b)
	connect := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	connect.ProtocolName, connect.ProtocolVersion, connect.ClientIdentifier = "MQTT", 4, carA
	connect.CleanSession, connect.Keepalive = true, 60
	exchange(t, conn, connect)
	publish := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	publish.TopicName, publish.Qos, publish.MessageID, publish.Payload = "pitcrew/v1/"+carA+"/telemetry", 1, 1, []byte("x")
	if err := publish.Write(conn); err != nil {
		t.Fatal(err)
	}
	m := receive(t, messages)
	m.Done(nil)
	if got := readType(t, conn); got != packets.Puback {
		t.Fatalf("got packet type %d, want PUBACK", got)
	}
	<-time.After(4 * writeTimeout)
	write(t, conn, []byte{packets.Pingreq << 4, 0})
	if got := readType(t, conn); got != packets.Pingresp {
		t.Errorf("got packet type %d, want PINGRESP", got)
	}
}

// A client whose message waits longer than its keep alive is let go, so that
// what waits in memory is bounded; it connects again and sends again.
func TestClientIsNotKeptBeyondItsKeepAlive(t *testing.T) {
	t.Parallel()
	b, messages := serve(t, broker.Options{AllowAnonymous: true, MaxKeepAlive: time.Second})
	conn := dial(t, b)
	connect := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	connect.ProtocolName, connect.ProtocolVersion, connect.ClientIdentifier, connect.CleanSession = "MQTT", 4, carA, true
	exchange(t, conn, connect)
	publish := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	publish.TopicName, publish.Qos, publish.MessageID, publish.Payload = "pitcrew/v1/"+carA+"/telemetry", 1, 1, []byte("x")
	if err := publish.Write(conn); err != nil {
		t.Fatal(err)
	}
	m := receive(t, messages)
	if _, err := packets.ReadPacket(conn); err == nil {
		t.Error("got a packet, want the connection closed")
	}
	m.Done(nil) // too late, and harmless
}

func TestClientCertificateNamesTheVehicle(t *testing.T) {
	t.Parallel()
	authority := ingesttest.NewAuthority(t)
	b, messages := serve(t, broker.Options{TLS: &tls.Config{
		Certificates: []tls.Certificate{authority.Issue(t, "localhost")}, MinVersion: tls.VersionTLS12,
		ClientCAs: authority.Pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}})
	with := func(cert ...tls.Certificate) func(*paho.ClientOptions) {
		return func(o *paho.ClientOptions) {
			o.Servers = nil
			o.AddBroker("ssl://" + b.Addr().String())
			o.SetClientID("whatever").SetTLSConfig(&tls.Config{RootCAs: authority.Pool, Certificates: cert, ServerName: "localhost", MinVersion: tls.VersionTLS12})
		}
	}
	if _, err := client(t, b, with()); err == nil {
		t.Error("a client without a certificate was let in")
	}
	c := mustConnect(t, b, with(authority.Issue(t, carA)))
	token := c.Publish("pitcrew/v1/"+carA+"/telemetry", 1, false, "x")
	receive(t, messages).Done(nil)
	if !token.WaitTimeout(patience) || token.Error() != nil {
		t.Errorf("publish on the vehicle's topic: %v", token.Error())
	}
	c.Publish("pitcrew/v1/"+carB+"/telemetry", 1, false, "x").WaitTimeout(200 * time.Millisecond)
	if len(messages) > 0 {
		t.Error("a message for another vehicle came through")
	}
}

// The race detector watches: a car may connect at the very moment of a stop.
func TestCarsConnectWhileItStops(t *testing.T) {
	for range 20 {
		b := open(t, broker.Options{AllowAnonymous: true, StopGrace: time.Millisecond})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- b.Run(ctx, func(context.Context, ingest.Message) error { return nil })
		}()
		road, closeRoad := context.WithCancel(t.Context()) // ends when the broker has
		defer closeRoad()
		underWay := make(chan struct{}, 8)
		var cars sync.WaitGroup
		for range 8 {
			cars.Go(func() {
				for n := 0; ; n++ {
					if n == 3 {
						underWay <- struct{}{}
					}
					conn, err := new(net.Dialer).DialContext(road, "tcp", b.Addr().String())
					if err != nil {
						return // it has stopped listening
					}
					_ = login(carA, carA).Write(conn)
					_ = conn.Close()
				}
			})
		}
		for range cap(underWay) {
			<-underWay
		}
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("broker ended with %v", err)
			}
		case <-time.After(patience):
			t.Fatal("broker did not stop")
		}
		closeRoad()
		cars.Wait()
	}
}
