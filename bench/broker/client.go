package main

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

// patience is how long a client waits for an answer before it gives up.
const patience = 30 * time.Second

// client is an MQTT 3.1.1 client on one connection, with as little as a bench
// needs: what it costs is not the broker's, but runs on the same machine.
type client struct {
	conn net.Conn
	in   *bufio.Reader

	mu  sync.Mutex // of out and id
	out *bufio.Writer
	id  uint16
}

// connect opens a session as a vehicle that logs in with its VIN and password.
func connect(ctx context.Context, address, id, user, password string) (*client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, in: bufio.NewReaderSize(conn, 512), out: bufio.NewWriterSize(conn, 2048)}
	if err := c.login(id, user, password); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *client) login(id, user, password string) error {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if err := connectPacket(id, user, password).Write(c.conn); err != nil {
		return err
	}
	answer, err := packets.ReadPacket(c.in)
	if err != nil {
		return err
	}
	ack, ok := answer.(*packets.ConnackPacket)
	if !ok {
		return fmt.Errorf("answer to CONNECT: %v", answer)
	}
	if ack.ReturnCode != packets.Accepted {
		return fmt.Errorf("refused: %w", packets.ConnErrors[ack.ReturnCode])
	}
	return c.conn.SetDeadline(time.Time{})
}

func connectPacket(id, user, password string) *packets.ConnectPacket {
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.CleanSession, p.Keepalive = "MQTT", 4, true, 60
	p.ClientIdentifier = id
	p.UsernameFlag, p.Username = user != "", user
	p.PasswordFlag, p.Password = password != "", []byte(password)
	return p
}

// publish sends a message at QoS 1 and returns its packet id. Others may be on
// their way meanwhile.
func (c *client) publish(topic string, payload []byte) (uint16, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id++; c.id == 0 {
		c.id = 1
	}
	head := appendPublish(make([]byte, 0, len(topic)+9), topic, c.id, len(payload))
	if _, err := c.out.Write(head); err != nil {
		return 0, err
	}
	if _, err := c.out.Write(payload); err != nil {
		return 0, err
	}
	return c.id, c.out.Flush()
}

// appendPublish appends a PUBLISH at QoS 1 up to its payload (MQTT 3.1.1 §3.3).
func appendPublish(dst []byte, topic string, id uint16, payload int) []byte {
	dst = append(dst, packets.Publish<<4|1<<1)
	dst = binary.AppendUvarint(dst, uint64(2+len(topic)+2+payload)) // the same encoding as MQTT's "remaining length"
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(topic)))
	dst = append(dst, topic...)
	return binary.BigEndian.AppendUint16(dst, id)
}

// acks calls each with the packet id of every PUBACK until the connection ends.
func (c *client) acks(each func(id uint16)) error {
	var p [4]byte
	for {
		kind, err := c.in.ReadByte()
		if err != nil {
			return err
		}
		length, err := c.in.ReadByte()
		if err != nil {
			return err
		}
		if int(length) > len(p) {
			return errors.New("read acknowledgement: unexpected packet")
		}
		for i := range length {
			if p[i], err = c.in.ReadByte(); err != nil {
				return err
			}
		}
		if kind>>4 == packets.Puback && length == 2 {
			each(binary.BigEndian.Uint16(p[:2]))
		}
	}
}

// ping keeps the connection.
func (c *client) ping() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.out.Write([]byte{packets.Pingreq << 4, 0}); err != nil {
		return err
	}
	return c.out.Flush()
}

func (c *client) close() { _ = c.conn.Close() }
