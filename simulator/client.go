package simulator

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/jsonmsg"
)

// errLinkLost ends a session; the car dials again.
var errLinkLost = errors.New("link to the broker lost")

// session is one MQTT connection of one car. A lost connection ends the
// session: the next one sends again whatever had not been acknowledged, which
// is what a device with its own store does.
type session struct {
	client mqtt.Client
	lost   chan struct{}

	mu   sync.Mutex
	conn *wire
}

// wire is the TCP connection under a session. Reads are buffered, because the
// MQTT library asks for a few bytes at a time.
type wire struct {
	net.Conn
	in      *bufio.Reader
	severed atomic.Bool
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil && w.severed.Load() {
		// The library takes a closed connection for its own doing and would
		// notice the loss only by its keep-alive.
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// cut loses the link as a tunnel does, without a word of MQTT.
func (s *session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.severed.Store(true)
		_ = s.conn.Close() // the library reports the loss
	}
}

// open makes the TCP or TLS connection that the library then speaks on.
func (s *session) open(ctx context.Context, u *url.URL, o Options) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	var conn net.Conn
	var err error
	switch u.Scheme {
	case "tcp", "mqtt":
		conn, err = dialer.DialContext(ctx, "tcp", u.Host)
	case "ssl", "tls", "mqtts", "tcps":
		conn, err = (&tls.Dialer{NetDialer: dialer, Config: o.TLS}).DialContext(ctx, "tcp", u.Host)
	default:
		return nil, fmt.Errorf("broker address %s: want tcp:// or ssl://", u.Redacted())
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = &wire{Conn: conn, in: bufio.NewReaderSize(conn, 1<<10)}
	return s.conn, nil
}

// dial connects a car: client id and user are its VIN, the session persists,
// the will says offline.
func (f *Fleet) dial(ctx context.Context, i int, o Options) (*session, error) {
	c := f.cars[i]
	s := &session{lost: make(chan struct{})}
	status := obd.Topic(c.VIN, obd.Status)
	var once sync.Once
	opts := mqtt.NewClientOptions().
		AddBroker(o.Broker).
		SetClientID(string(c.VIN)).
		SetCleanSession(false).
		SetAutoReconnect(false).
		SetConnectRetry(false).
		SetConnectTimeout(5*time.Second).
		SetWriteTimeout(500*time.Millisecond). // bounds how long Publish can block
		SetKeepAlive(30*time.Second).
		SetOrderMatters(false).
		SetBinaryWill(status, jsonmsg.AppendStatus(nil, false), 1, true).
		SetConnectionLostHandler(func(mqtt.Client, error) { once.Do(func() { close(s.lost) }) }).
		SetCustomOpenConnectionFn(func(u *url.URL, _ mqtt.ClientOptions) (net.Conn, error) {
			return s.open(ctx, u, o)
		})
	opts.SetUsername(o.user(c.VIN)).SetPassword(o.Password)
	s.client = mqtt.NewClient(opts)
	if err := s.await(ctx, s.client.Connect()); err != nil {
		s.cut()
		s.client.Disconnect(0)
		return nil, fmt.Errorf("connect %s to %s: %w", c.VIN, o.Broker, err)
	}
	if err := s.await(ctx, s.client.Publish(status, 1, true, jsonmsg.AppendStatus(nil, true))); err != nil {
		s.cut()
		s.client.Disconnect(0)
		return nil, fmt.Errorf("tell the status of %s: %w", c.VIN, err)
	}
	return s, nil
}

// await waits for a token, the end of the link or the context.
func (s *session) await(ctx context.Context, t mqtt.Token) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-s.lost:
		return errLinkLost
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close says goodbye if the link still stands: a clean end sends no will, so the
// car says itself that it is going. It takes at most half a second.
func (s *session) close(status string) {
	select {
	case <-s.lost:
	default:
		t := s.client.Publish(status, 1, true, jsonmsg.AppendStatus(nil, false))
		t.WaitTimeout(200 * time.Millisecond)
	}
	s.client.Disconnect(200)
}

// keepConnected runs work in one session after the other until work is done or
// the context ends. That the broker is away is told once, by the first car.
func (f *Fleet) keepConnected(ctx context.Context, i int, o Options, work func(context.Context, *session) error) error {
	status := obd.Topic(f.cars[i].VIN, obd.Status)
	pause, told := 100*time.Millisecond, false
	for ctx.Err() == nil {
		s, err := f.dial(ctx, i, o)
		if err == nil {
			pause, told = 100*time.Millisecond, false
			err = work(ctx, s)
			s.close(status)
			if err == nil {
				return nil
			}
		} else if i == 0 && !told && ctx.Err() == nil {
			told = true
			o.Logger.Warn("no answer from the broker; the cars keep trying", slog.Any("error", err))
		}
		o.Logger.Debug("car is not connected", slog.String("vin", string(f.cars[i].VIN)), slog.Any("error", err))
		if !sleep(ctx, pause) {
			return nil
		}
		pause = min(2*pause, 5*time.Second)
	}
	return nil
}

// sleep waits; it is false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
