package mqtt

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// errSilent ends a connection whose broker is not there any more.
var errSilent = errors.New("the broker does not answer")

// wire is the connection under a session, with what keepAlive needs to know.
type wire struct {
	net.Conn
	heard atomic.Int64 // when something was read last, Unix ns
}

func newWire(conn net.Conn) *wire {
	w := &wire{Conn: conn}
	w.hear()
	return w
}

func (w *wire) hear() { w.heard.Store(time.Now().UnixNano()) }

// silence is how long the broker has said nothing.
func (w *wire) silence() time.Duration { return time.Since(time.Unix(0, w.heard.Load())) }

// Read implements net.Conn.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.hear()
	return n, err
}

// keepAlive asks a broker that has been silent for a keep-alive period whether it
// is there (MQTT 3.1.1 §3.12), and ends the session when it says nothing for
// another. paho would do the same while we hold messages back: then the answer waits
// behind them, unread, and a connection that works would be dropped and all its
// messages sent again.
func (c *session) keepAlive(period time.Duration) {
	look := time.NewTicker(period / 2)
	defer look.Stop()
	asked := false
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-look.C:
		}
		switch silence := c.wire.silence(); {
		case c.waiting.Load() > 0 || c.emitting.Err() != nil:
			c.wire.hear() // what came meanwhile was not read
			asked = false
		case silence < period:
			asked = false
		case !asked:
			asked = true
			if err := c.write(pingReq, period); err != nil {
				c.end(errors.Join(errSilent, err))
			}
		case silence >= 2*period:
			c.end(errSilent)
		}
	}
}

// pingReq is the whole packet.
var pingReq = []byte{0xC0, 0}
