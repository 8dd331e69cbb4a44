package mqttframe_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/internal/mqttframe"
)

// What paho writes is read back the same.
func TestPublishIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 100, 127, 128, 16_383, 16_384, 3 << 20} {
		for qos := range byte(2) {
			p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
			p.TopicName, p.Payload, p.Qos, p.Retain = "pitcrew/v1/x/telemetry", bytes.Repeat([]byte{'x'}, size), qos, size == 1
			p.MessageID = uint16(qos) * 0x1234
			var wire bytes.Buffer
			if err := p.Write(&wire); err != nil {
				t.Fatal(err)
			}
			var h mqttframe.Header
			if err := h.Read(&wire); err != nil {
				t.Fatal(err)
			}
			if h.Type() != mqttframe.Publish || h.Length != wire.Len() {
				t.Fatalf("%d bytes: type %d, length %d, want %d", size, h.Type(), h.Length, wire.Len())
			}
			m, ok := h.ParsePublish(wire.Bytes())
			if !ok || string(m.Topic) != p.TopicName || m.QoS != qos || m.ID != p.MessageID || m.Retained != p.Retain || !bytes.Equal(m.Rest, p.Payload) {
				t.Errorf("%d bytes at QoS %d: %+v, %v", size, qos, m, ok)
			}
		}
	}
}

func TestWhatIsMalformedIsSaidSo(t *testing.T) {
	t.Parallel()
	var h mqttframe.Header
	if err := h.Read(bytes.NewReader([]byte{0x30, 0xff, 0xff, 0xff, 0xff, 1})); !errors.Is(err, mqttframe.ErrLength) {
		t.Errorf("a length of five bytes: %v", err)
	}
	if err := h.Read(bytes.NewReader([]byte{0x30, 0x80})); !errors.Is(err, io.EOF) {
		t.Errorf("a header that ends early: %v", err)
	}
	for name, packet := range map[string][]byte{
		"no topic":          {0x30, 1, 0},
		"topic cut off":     {0x30, 3, 0, 2, 'a'},
		"no id":             {0x32, 4, 0, 1, 'a', 1},
		"an id that is not": {0x32, 5, 0, 1, 'a', 0, 0},
	} {
		in := bufio.NewReader(bytes.NewReader(packet))
		if err := h.Read(in); err != nil {
			t.Fatal(err)
		}
		if m, ok := h.ParsePublish(packet[2:]); ok {
			t.Errorf("%s: read as %+v", name, m)
		}
	}
}

func FuzzParsePublish(f *testing.F) {
	f.Add([]byte{0x32, 6, 0, 1, 'a', 0, 1, 'x'})
	f.Fuzz(func(t *testing.T, packet []byte) {
		var h mqttframe.Header
		in := bytes.NewReader(packet)
		if h.Read(in) != nil {
			return
		}
		body := packet[len(h.Bytes()):]
		m, ok := h.ParsePublish(body)
		if ok && len(m.Topic)+len(m.Rest)+2+2*int(min(m.QoS, 1)) != len(body) {
			t.Errorf("%x is read as %+v", packet, m)
		}
	})
}
