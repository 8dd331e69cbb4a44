package broker_test

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
)

func dial(t *testing.T, b *broker.Broker) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", b.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// exchange sends CONNECT and reads CONNACK.
func exchange(t *testing.T, conn net.Conn, connect *packets.ConnectPacket) {
	t.Helper()
	if err := connect.Write(conn); err != nil {
		t.Fatal(err)
	}
	answer, err := packets.ReadPacket(conn)
	if ack, ok := answer.(*packets.ConnackPacket); err != nil || !ok || ack.ReturnCode != packets.Accepted {
		t.Fatalf("answer to CONNECT: %v, %v", answer, err)
	}
}

// connect5 is an MQTT 5 CONNECT with a clean start and a keep alive of 60 s.
func connect5(id string) []byte {
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, byte(len(id))}, id...)
	return append([]byte{packets.Connect << 4, byte(len(body))}, body...)
}

// publish5 is an MQTT 5 PUBLISH at QoS 1.
func publish5(topic string, id byte, payload string) []byte {
	body := append([]byte{0, byte(len(topic))}, topic...)
	body = append(body, 0, id, 0)
	body = append(body, payload...)
	return append([]byte{packets.Publish<<4 | 1<<1, byte(len(body))}, body...)
}

func write(t *testing.T, conn net.Conn, packet []byte) {
	t.Helper()
	if _, err := conn.Write(packet); err != nil {
		t.Fatal(err)
	}
}

// readType reads one short packet and returns its type.
func readType(t *testing.T, conn net.Conn) byte {
	t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(conn, head); err != nil {
		t.Fatal(fmt.Errorf("read packet: %w", err))
	}
	if _, err := io.ReadFull(conn, make([]byte, head[1])); err != nil {
		t.Fatal(err)
	}
	return head[0] >> 4
}
