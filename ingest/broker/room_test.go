package broker_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/prometheus/client_golang/prometheus"
)

// long is a PUBLISH with n bytes.
func long(vin string, n int) []byte {
	topic := "pitcrew/v1/" + vin + "/telemetry"
	body := append([]byte{0, byte(len(topic))}, topic...)
	body = append(append(body, 0, 1), bytes.Repeat([]byte("x"), n)...)
	return append(binary.AppendUvarint([]byte{packets.Publish<<4 | 1<<1}, uint64(len(body))), body...)
}

// A message that is announced and does not come takes room from other long ones
// only, and no longer than until its vehicle begins another.
func TestUploadThatDoesNotCome(t *testing.T) {
	t.Parallel()
	o, registry := accounts, prometheus.NewRegistry()
	o.MaxPacketBytes, o.MaxReadBytes, o.Registerer = 128<<10, 128<<10, registry // room for one long message
	b, messages := serve(t, o)
	enter := func(vin, id string) net.Conn {
		conn := dial(t, b)
		exchange(t, conn, login(vin, id))
		return conn
	}
	stored := func(conns ...net.Conn) {
		t.Helper()
		for range conns {
			receive(t, messages).Done(nil)
		}
		for _, conn := range conns {
			if kind := readType(t, conn); kind != packets.Puback {
				t.Fatalf("got packet type %d, want PUBACK", kind)
			}
		}
	}
	left := enter(carB, "left behind")
	write(t, left, long(carB, 100<<10)[:50<<10])
	waiting := func(want float64) {
		t.Helper()
		await(t, registry, "pitcrew_broker_waiting_messages", "", func(n float64) bool { return n == want })
	}
	waiting(1)

	uploads := enter(carA, "uploads")
	write(t, uploads, long(carA, 100<<10))
	reports := enter("5YJ3E1EA7HF000337", "reports")
	write(t, reports, publish("pitcrew/v1/5YJ3E1EA7HF000337/telemetry", 1, "short"))
	stored(reports)

	again := enter(carB, "again")
	write(t, again, long(carB, 100<<10))
	requireClosed(t, left)
	stored(uploads, again) // whichever asked for room first
	waiting(0)
}
