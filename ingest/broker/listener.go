package broker

import (
	"bufio"
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"

	"github.com/pitcrew-telematics/pitcrew/internal/mqttframe"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// listener accepts connections and knows all open ones. It is mochi's listener,
// where mochi's own gives up accepting at the first error, never times out a
// client before its CONNECT, and does not know at a stop whether a connection is
// just being established.
type listener struct {
	net     net.Listener
	log     *slog.Logger
	tls     *tls.Config
	timeout time.Duration // for CONNECT
	refuse  func(what string, attrs ...any)
	// maxPacket is the length from which a packet is not read.
	maxPacket int
	// inFlight is how many messages of one client may be on their way.
	inFlight int
	writes   atomic.Int64 // time.Duration a client has to read what it is sent

	ctx     context.Context // of the run; emitting ends with it
	mu      sync.Mutex
	crowd   crowd
	stopped bool           // nobody is admitted any more
	serving sync.WaitGroup // the connections handed to mochi; it grows only until stopped
}

var _ listeners.Listener = (*listener)(nil)

func listen(o Options) (*listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", o.Address)
	if err != nil {
		return nil, err
	}
	made := &listener{
		net: l, log: o.Logger, tls: o.TLS, timeout: o.ConnectTimeout, inFlight: o.MaxInFlight,
		maxPacket: o.MaxPacketBytes, crowd: newCrowd(),
	}
	made.writes.Store(int64(o.WriteTimeout))
	return made, nil
}

// ID implements listeners.Listener.
func (l *listener) ID() string { return "vehicles" }

// Address implements listeners.Listener.
func (l *listener) Address() string { return l.net.Addr().String() }

// Protocol implements listeners.Listener.
func (l *listener) Protocol() string { return l.net.Addr().Network() }

// Init implements listeners.Listener. The listener has its own log.
func (l *listener) Init(*slog.Logger) error { return nil }

// Serve implements listeners.Listener: it returns when nobody is admitted any more.
func (l *listener) Serve(establish listeners.EstablishFn) {
	for {
		c := l.accept()
		if c == nil {
			return
		}
		go func() {
			defer l.serving.Done()
			_ = establish(l.ID(), c) // what was refused is counted where it was
		}()
	}
}

// Close implements listeners.Listener. When it returns, no connection is served. What
// mochi gives it to say goodbye with takes a read lock twice, and waits for ever when a
// client is added in between; a closed connection tells clients as much.
func (l *listener) Close(listeners.CloseFn) {
	_ = l.stopAccepting()
	l.closeConns()
	l.serving.Wait()
}

// accept returns the next connection, which counts as being served, or nil when
// nobody is admitted any more.
func (l *listener) accept() net.Conn {
	for {
		raw, err := l.net.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // out of file descriptors, or a client that left at once
			l.log.Warn("cannot accept a connection", "error", err)
			if !pause(l.ctx, 100*time.Millisecond) {
				return nil
			}
		default:
			return l.admit(raw)
		}
	}
}

// admit tracks the connection.
func (l *listener) admit(raw net.Conn) net.Conn {
	if l.tls != nil {
		raw = tls.Server(raw, l.tls)
	}
	c := &conn{Conn: raw, listener: l, gone: make(chan struct{}), window: make(chan struct{}, l.inFlight)}
	c.in = bufio.NewReaderSize(raw, inBuffer)
	c.emitting, c.stopEmitting = context.WithCancel(l.ctx)
	c.patience = time.AfterFunc(time.Hour, func() { _ = c.Close() })
	c.patience.Stop()
	l.mu.Lock()
	if l.stopped {
		l.mu.Unlock()
		_ = c.Close()
		return nil
	}
	goes := l.crowd.enter(c)
	l.serving.Add(1)
	l.mu.Unlock()
	l.makeRoom(goes)
	if c.SetDeadline(time.Now().Add(l.timeout)) != nil {
		_ = c.Close()
	}
	return c
}

// identify notes whom a client speaks for, before anything is read from it.
func (l *listener) identify(c *conn, id identity) {
	l.mu.Lock()
	c.identity = id
	goes := l.crowd.identify(c, id)
	l.mu.Unlock()
	l.makeRoom(goes)
}

func (l *listener) makeRoom(goes *conn) {
	if goes != nil {
		l.refuse(refusedCrowd, "remote", goes.RemoteAddr().String())
		_ = goes.Close()
	}
}

func (l *listener) stopAccepting() error {
	l.mu.Lock()
	l.stopped = true
	l.mu.Unlock()
	if err := l.net.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (l *listener) closeConns() {
	for _, c := range l.all() {
		_ = c.Close()
	}
}

func (l *listener) limitWrites(d time.Duration) {
	l.writes.Store(int64(d))
	for _, c := range l.all() {
		_ = c.SetWriteDeadline(time.Now().Add(d))
	}
}

func (l *listener) all() []*conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	conns := make([]*conn, 0, len(l.crowd.open))
	for c := range l.crowd.open {
		conns = append(conns, c)
	}
	return conns
}

func (l *listener) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.crowd.open)
}

// conn is one client's connection and what is known of the client.
type conn struct {
	net.Conn
	listener *listener
	once     sync.Once
	gone     chan struct{} // closed with the connection

	emitting     context.Context // ends with the connection or the run
	stopEmitting context.CancelFunc
	patience     *time.Timer // closes the connection when a message waits too long

	// Set before the session is established.
	hook     *hook
	client   *mochi.Client
	identity identity
	from     vehicle.VIN // whom the identity proves

	inbound
	reads int           // refused
	waits *list.Element // until it has said CONNECT

	// Of the goroutine that reads, and hook.room.
	holds   int  // bytes
	uploads bool // it is, or wants to be, in uploads

	window chan struct{} // a token for each message on its way to the stores

	ackMu   sync.Mutex
	acks    []byte // PUBACKs to be written
	writing bool   // somebody is writing them
}

// Write gives every packet its own deadline. The one that mochi sets when it
// reads may have passed by the time it answers, and ours for acknowledgements
// must not outlive them: an idle client would lose its connection with the
// answer to its next ping.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(time.Duration(c.listener.writes.Load()))); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// acknowledge sends the PUBACK of a message, together with others that are due,
// and tells how many were written. It does not block.
func (c *conn) acknowledge(id uint16, written func(n int)) {
	c.ackMu.Lock()
	defer c.ackMu.Unlock()
	c.acks = mqttframe.AppendPuback(c.acks, id)
	if !c.writing {
		c.writing = true
		go c.writeAcks(written)
	}
}

func (c *conn) writeAcks(written func(n int)) {
	for {
		c.ackMu.Lock()
		due := c.acks
		c.acks = nil
		c.writing = len(due) > 0
		c.ackMu.Unlock()
		if len(due) == 0 {
			return
		}
		if _, err := c.Write(due); err != nil {
			_ = c.Close() // the client has to send again
		}
		written(len(due) / 4)
	}
}

// Close closes the connection and lets go whoever waits on behalf of the client.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.listener.mu.Lock()
		c.listener.crowd.leave(c)
		c.listener.mu.Unlock()
		c.patience.Stop()
		c.stopEmitting()
		close(c.gone)
	})
	return c.Conn.Close()
}

// pause waits for d; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
