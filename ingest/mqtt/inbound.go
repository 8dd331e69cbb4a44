package mqtt

import (
	"bufio"
	"errors"
	"io"
	"net"

	"github.com/pitcrew-telematics/pitcrew/internal/mqttframe"
)

// readBuffer is what one read of the socket may bring.
const readBuffer = 64 << 10

var errMalformed = errors.New("the broker sent a message that MQTT does not allow, or at QoS 2, which was not asked for")

// inbound is what comes over the wire. paho reads from it, and gets all packets but
// messages: those go to the pipeline from here, without its two copies and five turns
// of goroutines for each, which would be a tenth of what ingest costs.
type inbound struct {
	*wire
	session *session
	in      *bufio.Reader

	head mqttframe.Header // of the packet at hand
	pass mqttframe.Passed // of a packet that paho is to read

	topic string // of the message before
}

func newInbound(c *session) *inbound {
	return &inbound{wire: c.wire, session: c, in: bufio.NewReaderSize(c.wire, readBuffer)}
}

// Read gives paho the packets that are its own, whole and in order.
func (i *inbound) Read(p []byte) (int, error) {
	for i.pass.Empty() {
		if err := i.packet(); err != nil {
			return 0, err
		}
	}
	return i.pass.Read(p, i.in)
}

// packet reads the next packet, if it is a message.
func (i *inbound) packet() error {
	if err := i.head.Read(i.in); err != nil {
		return err
	}
	if i.head.Type() != mqttframe.Publish {
		i.pass.Set(i.head.Bytes(), i.head.Length)
		return nil
	}
	packet := i.session.packet(i.head.Length)
	if _, err := io.ReadFull(i.in, packet); err != nil {
		return err
	}
	m, ok := i.head.ParsePublish(packet)
	if !ok || m.QoS > 1 {
		return errMalformed
	}
	if string(m.Topic) != i.topic {
		i.topic = string(m.Topic)
	}
	if err := i.session.hand(packet, m, i.topic); err != nil {
		<-i.session.ctx.Done() // until then the connection is there for acknowledgements
		return net.ErrClosed
	}
	return nil
}
