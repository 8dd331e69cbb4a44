package broker_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
)

// accounts lets every vehicle in that knows the password.
var accounts = broker.Options{Authenticate: func(_ string, password []byte) bool { return string(password) == "secret" }}

// login is the CONNECT of a vehicle.
func login(vin, id string) *packets.ConnectPacket {
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.CleanSession, p.Keepalive = "MQTT", 4, true, 60
	p.ClientIdentifier, p.UsernameFlag, p.PasswordFlag = id, true, true
	p.Username, p.Password = vin, []byte("secret")
	return p
}

func publish(topic string, id byte, payload string) []byte {
	body := append([]byte{0, byte(len(topic))}, topic...)
	body = append(append(body, 0, id), payload...)
	return append([]byte{packets.Publish<<4 | 1<<1, byte(len(body))}, body...)
}

// requireClosed waits until the broker ends the connection.
func requireClosed(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection is still open")
	}
}

// await waits until a metric of the broker, with a label of that value unless it is
// empty, is as it must be.
func await(t *testing.T, r *prometheus.Registry, name, label string, ok func(value float64) bool) {
	t.Helper()
	poll, deadline := time.NewTicker(time.Millisecond), time.After(patience)
	defer poll.Stop()
	for {
		all, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := -1.0
		for _, f := range all {
			for _, m := range f.GetMetric() {
				if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
					got = m.GetGauge().GetValue() + m.GetCounter().GetValue()
				}
			}
		}
		if ok(got) {
			return
		}
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("%s %s is %v", name, label, got)
		}
	}
}

// Whatever hostile clients do, a vehicle publishes and gets its PUBACK.
func TestHostileClientsHurtNobody(t *testing.T) {
	t.Parallel()
	own := "pitcrew/v1/" + carB + "/telemetry"
	for name, test := range map[string]struct {
		attack  func(t *testing.T, conn net.Conn)
		refused string // how it is counted
	}{
		"a first packet that is not CONNECT": {attack: func(t *testing.T, conn net.Conn) {
			write(t, conn, publish(own, 1, "x"))
			requireClosed(t, conn)
		}},
		"a CONNECT that announces 2 MB": {attack: func(t *testing.T, conn net.Conn) {
			write(t, conn, []byte{packets.Connect << 4, 0xfe, 0xff, 0x7f})
			requireClosed(t, conn)
		}},
		"a length without an end": {attack: func(t *testing.T, conn net.Conn) {
			write(t, conn, []byte{packets.Connect << 4, 0xff, 0xff, 0xff, 0xff, 0x01})
			requireClosed(t, conn)
		}},
		"a client id of 300 bytes": {refused: "connect", attack: func(t *testing.T, conn net.Conn) {
			if err := login(carB, strings.Repeat("i", 300)).Write(conn); err != nil {
				t.Fatal(err)
			}
			requireClosed(t, conn)
		}},
		"a wildcard in a topic": {refused: "publish", attack: func(t *testing.T, conn net.Conn) {
			exchange(t, conn, login(carB, carB))
			write(t, conn, publish("pitcrew/v1/+/telemetry", 1, "x"))
			requireClosed(t, conn)
		}},
		"the topic of another vehicle": {refused: "publish", attack: func(t *testing.T, conn net.Conn) {
			exchange(t, conn, login(carB, carB))
			write(t, conn, publish("pitcrew/v1/"+carA+"/telemetry", 1, "x"))
			requireClosed(t, conn)
		}},
		"a packet of 10 MB": {refused: "packet", attack: func(t *testing.T, conn net.Conn) {
			exchange(t, conn, login(carB, carB))
			write(t, conn, append([]byte{packets.Publish<<4 | 1<<1, 0x80, 0xad, 0xe2, 0x04}, bytes.Repeat([]byte{0}, 100)...))
			requireClosed(t, conn)
		}},
		"a SUBSCRIBE of 20 kB": {attack: func(t *testing.T, conn net.Conn) {
			exchange(t, conn, login(carB, carB))
			write(t, conn, append([]byte{packets.Subscribe<<4 | 1<<1, 0xa0, 0x9c, 0x01}, make([]byte, 100)...))
			requireClosed(t, conn)
		}},
		"reads of everything, over and over": {refused: "subscribe", attack: func(t *testing.T, conn net.Conn) {
			exchange(t, conn, login(carB, carB))
			p := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
			for range 101 {
				p.Topics, p.Qoss = append(p.Topics, "#"), append(p.Qoss, 0)
			}
			p.MessageID = 1
			if err := p.Write(conn); err != nil {
				t.Fatal(err)
			}
			requireClosed(t, conn)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := accounts
			registry := prometheus.NewRegistry()
			o.Registerer = registry
			b, messages := serve(t, o)
			victim := dial(t, b)
			exchange(t, victim, login(carA, carA))
			for i := range 3 {
				test.attack(t, dial(t, b))
				write(t, victim, publish("pitcrew/v1/"+carA+"/telemetry", byte(i+1), "of the victim"))
				m := receive(t, messages)
				for m.Unreadable != "" { // what is above the limit goes to quarantine
					m = receive(t, messages)
				}
				if string(m.Payload) != "of the victim" || m.From != carA {
					t.Fatalf("got %s from %q", m.Payload, m.From)
				}
				m.Done(nil)
				if kind := readType(t, victim); kind != packets.Puback {
					t.Fatalf("the victim got packet type %d, want PUBACK", kind)
				}
			}
			if test.refused != "" { // all of them
				await(t, registry, "pitcrew_broker_refused_total", test.refused, func(n float64) bool { return n >= 3 })
			}
		})
	}
}

// A vehicle's oldest connection makes room, and other vehicles' stay.
func TestOneVehicleHasFewConnections(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, accounts)
	victim := dial(t, b)
	exchange(t, victim, login(carA, carA))
	var crowd []net.Conn
	for i := range 20 {
		conn := dial(t, b)
		exchange(t, conn, login(carB, fmt.Sprintf("device-%d", i)))
		crowd = append(crowd, conn)
	}
	for _, conn := range crowd[:12] {
		requireClosed(t, conn)
	}
	for _, conn := range append(crowd[12:], victim) {
		write(t, conn, []byte{packets.Pingreq << 4, 0})
		if kind := readType(t, conn); kind != packets.Pingresp {
			t.Errorf("got packet type %d, want PINGRESP", kind)
		}
	}
}

// Connections that say nothing do not keep vehicles out, however many they are.
func TestSilentConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("opens 2,200 sockets")
	}
	b, _ := serve(t, broker.Options{AllowAnonymous: true, ConnectTimeout: time.Hour, MaxClients: 10})
	var silent []net.Conn
	for range 1100 {
		silent = append(silent, dial(t, b))
	}
	mustConnect(t, b, nil)
	requireClosed(t, silent[0])
}

// What arrives in pieces, or several at a time, is the same.
func TestPacketsInAnyPieces(t *testing.T) {
	t.Parallel()
	b, messages := serve(t, accounts)
	topic := "pitcrew/v1/" + carA + "/telemetry"
	long := strings.Repeat("long ", 500) // longer than the buffer of a connection
	var text bytes.Buffer
	body := append([]byte{0, byte(len(topic))}, topic...)
	body = append(append(body, 0, 9), long...)
	text.Write(publish(topic, 7, "first"))
	text.Write([]byte{packets.Pingreq << 4, 0})
	text.Write([]byte{packets.Publish<<4 | 1<<1, byte(len(body)&0x7f | 0x80), byte(len(body) >> 7)})
	text.Write(body)
	text.Write([]byte{packets.Publish << 4, byte(len(topic) + 7)}) // at QoS 0
	text.Write(append(append([]byte{0, byte(len(topic))}, topic...), "third"...))
	for _, size := range []int{1, 7, 1023, 1 << 20} {
		conn := dial(t, b)
		exchange(t, conn, login(carA, carA))
		go func() {
			for piece := range slices.Chunk(text.Bytes(), size) {
				if _, err := conn.Write(piece); err != nil {
					return
				}
			}
		}()
		for _, want := range []string{"first", long, "third"} {
			m := receive(t, messages)
			if string(m.Payload) != want || m.Topic != topic {
				t.Errorf("in pieces of %d: got %q on %s, want %q", size, m.Payload, m.Topic, want)
			}
			m.Done(nil)
		}
		got := map[byte]int{}
		for range 3 {
			got[readType(t, conn)]++
		}
		if got[packets.Puback] != 2 || got[packets.Pingresp] != 1 {
			t.Errorf("in pieces of %d: answers %v", size, got)
		}
	}
}

// A session ends with its connection, whatever the client asks for.
func TestSessionsEndWithTheirConnections(t *testing.T) {
	t.Parallel()
	b, _ := serve(t, broker.Options{AllowAnonymous: true})
	for range 2 {
		conn := dial(t, b)
		p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
		p.ProtocolName, p.ProtocolVersion, p.Keepalive, p.ClientIdentifier = "MQTT", 4, 60, carA
		if err := p.Write(conn); err != nil {
			t.Fatal(err)
		}
		answer, err := packets.ReadPacket(conn)
		if ack, ok := answer.(*packets.ConnackPacket); err != nil || !ok || ack.SessionPresent {
			t.Fatalf("answer to CONNECT: %v, %v; want no session", answer, err)
		}
		_ = conn.Close()
	}
}
