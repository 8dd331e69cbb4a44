// Package publish is the cars' end of MQTT 3.1.1 for the programs that measure. It
// has as little as they need, because what it costs runs on the same machine as what
// is measured, and it hides nothing: a client library resends and reconnects in its
// own way.
package publish

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// Options say how to connect. Zero values take the default named beside them.
type Options struct {
	Client         string        // client id
	User, Password string        // empty: none
	KeepAlive      time.Duration // 10 min
	Patience       time.Duration // to connect and be accepted; 30 s
	InBuffer       int           // 512 bytes
	OutBuffer      int           // 2 KiB
}

// Hello is the CONNECT of a client without a session.
func Hello(o Options) *packets.ConnectPacket {
	if o.KeepAlive == 0 {
		o.KeepAlive = 10 * time.Minute
	}
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.CleanSession = "MQTT", 4, true
	p.Keepalive = uint16(o.KeepAlive / time.Second)
	p.ClientIdentifier = o.Client
	p.UsernameFlag, p.Username = o.User != "", o.User
	p.PasswordFlag, p.Password = o.Password != "", []byte(o.Password)
	return p
}

// Conn is a connection that the broker has accepted. One goroutine may read while
// others send.
type Conn struct {
	net.Conn
	In *bufio.Reader // what comes

	mu  sync.Mutex // of out and id
	out *bufio.Writer
	id  uint16
}

// Dial connects.
func Dial(ctx context.Context, address string, o Options) (*Conn, error) {
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	raw, err := (&net.Dialer{Timeout: o.Patience}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: raw, In: bufio.NewReaderSize(raw, max(o.InBuffer, 512)), out: bufio.NewWriterSize(raw, max(o.OutBuffer, 2<<10))}
	if err := c.enter(o); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return c, nil
}

// enter says CONNECT. Whoever is being killed may never answer.
func (c *Conn) enter(o Options) error {
	if err := c.SetDeadline(time.Now().Add(o.Patience)); err != nil {
		return err
	}
	if err := Hello(o).Write(c.Conn); err != nil {
		return err
	}
	ack, err := answer[*packets.ConnackPacket](c)
	if err != nil {
		return err
	}
	if ack.ReturnCode != packets.Accepted {
		return fmt.Errorf("the broker refuses the connection: %w", packets.ConnErrors[ack.ReturnCode])
	}
	return c.SetDeadline(time.Time{})
}

// answer reads a packet that must be a P.
func answer[P packets.ControlPacket](c *Conn) (P, error) {
	var none P
	got, err := packets.ReadPacket(c.In)
	if err != nil {
		return none, err
	}
	p, ok := got.(P)
	if !ok {
		return none, fmt.Errorf("the broker answers %s", got)
	}
	return p, nil
}

// Subscribe asks for a topic and waits for the answer.
func (c *Conn) Subscribe(topic string, qos byte) error {
	ask := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	ask.MessageID, ask.Topics, ask.Qoss = 1, []string{topic}, []byte{qos}
	if err := ask.Write(c.Conn); err != nil {
		return err
	}
	_, err := answer[*packets.SubackPacket](c)
	return err
}

// Publish writes a message at QoS 1 into the buffer and returns its packet id. Others
// may be on their way meanwhile.
func (c *Conn) Publish(topic string, payload []byte) (uint16, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id++; c.id == 0 {
		c.id = 1 // 0 is no packet id
	}
	if _, err := c.out.Write(AppendHead(c.out.AvailableBuffer(), topic, c.id, len(payload))); err != nil {
		return 0, err
	}
	_, err := c.out.Write(payload)
	return c.id, err
}

// Flush sends what is in the buffer.
func (c *Conn) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Flush()
}

// Ping keeps the connection.
func (c *Conn) Ping() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.out.Write([]byte{packets.Pingreq << 4, 0}); err != nil {
		return err
	}
	return c.out.Flush()
}

// AppendHead appends a PUBLISH at QoS 1 up to its payload of so many bytes (§3.3).
func AppendHead(dst []byte, topic string, id uint16, payload int) []byte {
	dst = append(dst, packets.Publish<<4|1<<1)
	dst = binary.AppendUvarint(dst, uint64(2+len(topic)+2+payload)) // the same encoding as MQTT's "remaining length"
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(topic)))
	dst = append(dst, topic...)
	return binary.BigEndian.AppendUint16(dst, id)
}

// Acks calls each with the packet id of every PUBACK until it returns false or the
// connection ends. It is for a client that subscribes to nothing.
func (c *Conn) Acks(each func(id uint16) bool) error {
	var p [4]byte
	for {
		kind, err := c.In.ReadByte()
		if err != nil {
			return err
		}
		length, err := c.In.ReadByte()
		if err != nil {
			return err
		}
		if int(length) > len(p) {
			return errors.New("read acknowledgement: unexpected packet")
		}
		for i := range length {
			if p[i], err = c.In.ReadByte(); err != nil {
				return err
			}
		}
		if kind>>4 == packets.Puback && length == 2 && !each(binary.BigEndian.Uint16(p[:2])) {
			return nil
		}
	}
}
