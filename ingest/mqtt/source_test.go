package mqtt_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/ingesttest"
	"github.com/pitcrew-telematics/pitcrew/ingest/mqtt"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

const (
	carA     = "1M8GDM9AXKP042788"
	patience = 20 * time.Second
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o    mqtt.Options
		want string
	}{
		"no address":        {mqtt.Options{ClientID: "x"}, "want one of tcp://"},
		"unknown scheme":    {mqtt.Options{ClientID: "x", URL: "http://broker"}, "want one of tcp://"},
		"no host":           {mqtt.Options{ClientID: "x", URL: "tcp://"}, "no host"},
		"not an address":    {mqtt.Options{ClientID: "x", URL: "tcp://a b"}, "parse MQTT broker address"},
		"no client id":      {mqtt.Options{URL: "tcp://broker"}, "client id"},
		"password is shown": {mqtt.Options{ClientID: "x", URL: "http://user:secret@broker"}, "user:xxxxx@broker"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := mqtt.New(test.o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
	for _, scheme := range []string{"tcp", "mqtt", "ssl", "tls", "mqtts", "ws", "wss"} {
		if _, err := mqtt.New(mqtt.Options{ClientID: "x", URL: scheme + "://broker"}); err != nil {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}

// run runs the source with a pipeline that stores everything at once.
func run(t *testing.T, s *mqtt.Source) <-chan ingest.Message {
	t.Helper()
	messages := make(chan ingest.Message, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Run(ctx, func(_ context.Context, m ingest.Message) error {
			m.Payload = bytes.Clone(m.Payload) // it is not ours after Done
			messages <- m
			m.Done(nil)
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("source ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("source did not stop")
		}
	})
	return messages
}

// awaitState waits until the readiness is an error with the text, or ready when
// the text is empty.
func awaitState(t *testing.T, s *mqtt.Source, text string) {
	t.Helper()
	deadline, poll := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer poll.Stop()
	for {
		err := s.Ready(t.Context())
		if (text == "" && err == nil) || (text != "" && err != nil && strings.Contains(err.Error(), text)) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("readiness is %v, want %q", err, text)
		case <-poll.C:
		}
	}
}

func wantMessage(t *testing.T, messages <-chan ingest.Message, payload string) ingest.Message {
	t.Helper()
	select {
	case m := <-messages:
		if string(m.Payload) != payload {
			t.Fatalf("message %q, want %q", m.Payload, payload)
		}
		return m
	case <-time.After(patience):
		t.Fatalf("no message, want %q", payload)
	}
	return ingest.Message{}
}

func TestBrokerThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := testserver.StartMosquitto(t)
	server.Stop()
	s := open(t, mqtt.Options{URL: "tcp://" + server.Address})
	messages := run(t, s)
	awaitState(t, s, "connection refused")
	server.Start()
	awaitState(t, s, "")
	ingesttest.NewVehicles(t, server.Address).Publish(carA, "one")
	wantMessage(t, messages, "one")
}

// A broker that takes the connection and says nothing must not hold up a stop.
func TestStopWhileConnecting(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := open(t, mqtt.Options{URL: "tcp://" + l.Addr().String(), ConnectTimeout: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, nil) }()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("source ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("source did not stop")
	}
}

func TestBrokerThatRefusesUsIsSaidSo(t *testing.T) {
	t.Parallel()
	server := testserver.StartMosquitto(t, "allow_anonymous false")
	s := open(t, mqtt.Options{URL: "tcp://user:secret@" + server.Address})
	run(t, s)
	awaitState(t, s, "not Authorized")
	if err := s.Ready(t.Context()); strings.Contains(err.Error(), "secret") {
		t.Errorf("readiness shows the password: %v", err)
	}
}

// What we have no room for waits in the broker, as long as it takes: it costs no
// message, and no connection, which would bring all of them again.
func TestBrokerThatSendsMoreThanWeHaveRoomForLosesNothing(t *testing.T) {
	t.Parallel()
	server := testserver.StartMosquitto(t)
	s := open(t, mqtt.Options{URL: "tcp://" + server.Address, KeepAlive: 10 * time.Millisecond})
	const n = 100
	goOn := make(chan struct{})
	got := make(chan string, 10*n)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Run(ctx, func(_ context.Context, m ingest.Message) error {
			<-goOn
			got <- string(m.Payload)
			m.Done(nil)
			return nil
		})
	}()
	awaitState(t, s, "")
	vehicles := ingesttest.NewVehicles(t, server.Address)
	for i := range n {
		vehicles.Publish(carA, fmt.Sprint(i))
	}
	select { // several times as long as a silent broker gets
	case err := <-ended:
		t.Fatalf("the source ended: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(goOn)
	for i := range n {
		select {
		case payload := <-got:
			if payload != fmt.Sprint(i) {
				t.Fatalf("message %s, want %d", payload, i)
			}
		case <-time.After(patience):
			t.Fatalf("%d messages came, want %d", i, n)
		}
	}
	cancel()
	<-ended
}

// A broker that hangs is noticed, although its machine keeps the connection.
func TestSilentBrokerIsLeft(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 10)
	address := brokerThat(t, func(_ net.Conn, packet packets.ControlPacket) error {
		if _, ok := packet.(*packets.PingreqPacket); ok {
			asked <- struct{}{}
		}
		return nil
	})
	s := open(t, mqtt.Options{URL: "tcp://" + address, KeepAlive: 20 * time.Millisecond})
	run(t, s)
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("the broker was not asked whether it is there")
	}
	awaitState(t, s, "does not answer")
}

// A message that cannot be acknowledged as it would have to be is not taken.
func TestMessagesThatMQTTDoesNotAllowEndTheSession(t *testing.T) {
	t.Parallel()
	for name, packet := range map[string][]byte{
		"QoS 2":         {0x34, 6, 0, 1, 'a', 0, 1, 'x'},
		"without an id": {0x32, 6, 0, 1, 'a', 0, 0, 'x'},
		"topic cut off": {0x32, 3, 0, 9, 'a'},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := brokerThat(t, func(conn net.Conn, sent packets.ControlPacket) error {
				if _, ok := sent.(*packets.SubscribePacket); !ok {
					return nil
				}
				_, err := conn.Write(packet)
				return err
			})
			s := open(t, mqtt.Options{URL: "tcp://" + address})
			messages := run(t, s)
			awaitState(t, s, "MQTT does not allow")
			if len(messages) > 0 {
				t.Errorf("got %q", (<-messages).Payload)
			}
		})
	}
}

// brokerThat lets everybody connect and subscribe, and leaves the rest to after,
// which gets every packet. It returns its address.
func brokerThat(t *testing.T, after func(net.Conn, packets.ControlPacket) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve := func(conn net.Conn) {
		defer conn.Close()
		for {
			packet, err := packets.ReadPacket(conn)
			switch p := packet.(type) {
			case *packets.ConnectPacket:
				err = packets.NewControlPacket(packets.Connack).Write(conn)
			case *packets.SubscribePacket:
				granted := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
				granted.MessageID, granted.ReturnCodes = p.MessageID, []byte{1}
				err = granted.Write(conn)
			}
			if err != nil || after(conn, packet) != nil {
				return
			}
		}
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return l.Addr().String()
}

func TestOtherTransports(t *testing.T) {
	t.Parallel()
	authority := ingesttest.NewAuthority(t)
	ca, cert, key := authority.Files(t, "localhost")
	for name, test := range map[string]struct {
		url   string
		lines []string
	}{
		"TLS":        {"ssl://localhost:%s", []string{"certfile " + cert, "keyfile " + key, "cafile " + ca, "require_certificate true"}},
		"websockets": {"ws://127.0.0.1:%s/mqtt", []string{"protocol websockets"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			server := testserver.StartMosquitto(t, append([]string{"listener " + port + " 127.0.0.1"}, test.lines...)...)
			s := open(t, mqtt.Options{URL: fmt.Sprintf(test.url, port), TLS: &tls.Config{
				RootCAs: authority.Pool, Certificates: []tls.Certificate{authority.Issue(t, "ingest-1")}, MinVersion: tls.VersionTLS12,
			}})
			messages := run(t, s)
			awaitState(t, s, "")
			ingesttest.NewVehicles(t, server.Address).Publish(carA, "one")
			wantMessage(t, messages, "one")
		})
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	address, err := testserver.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
