package ingesttest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// Tap is a TCP proxy between two MQTT 3.1.1 parties that tells which QoS 1
// messages were acknowledged on the wire.
type Tap struct {
	// Acked receives the payload of each message when its PUBACK passes.
	Acked chan string

	listener net.Listener
	work     sync.WaitGroup
	passed   atomic.Int64 // messages to whoever connects

	mu     sync.Mutex
	target string
	conns  map[net.Conn]bool
}

// NewTap listens on a free port and forwards to the target until the test ends.
func NewTap(t *testing.T, target string) *Tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tap := &Tap{Acked: make(chan string, 10_000), listener: l, target: target, conns: make(map[net.Conn]bool)}
	tap.work.Go(tap.accept)
	t.Cleanup(func() {
		_ = l.Close()
		tap.Cut()
		tap.work.Wait()
	})
	return tap
}

// Address is where to connect instead of to the target.
func (tap *Tap) Address() string { return tap.listener.Addr().String() }

// Passed is how many messages of the target went on to those who are connected to it.
func (tap *Tap) Passed() int { return int(tap.passed.Load()) }

// SetTarget changes where new connections go.
func (tap *Tap) SetTarget(address string) {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	tap.target = address
}

// Cut breaks every connection.
func (tap *Tap) Cut() {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	for c := range tap.conns {
		_ = c.Close()
	}
}

func (tap *Tap) accept() {
	for {
		near, err := tap.listener.Accept()
		if err != nil {
			return
		}
		tap.work.Go(func() { tap.forward(near) })
	}
}

func (tap *Tap) forward(near net.Conn) {
	defer near.Close()
	tap.mu.Lock()
	target := tap.target
	tap.mu.Unlock()
	far, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer far.Close()
	tap.mu.Lock()
	tap.conns[near], tap.conns[far] = true, true
	tap.mu.Unlock()
	defer func() {
		tap.mu.Lock()
		defer tap.mu.Unlock()
		delete(tap.conns, near)
		delete(tap.conns, far)
	}()
	link := &link{acked: tap.Acked, passed: &tap.passed, sent: map[bool]map[uint16]string{true: {}, false: {}}}
	var back sync.WaitGroup
	back.Go(func() { link.copy(near, far, false) })
	link.copy(far, near, true)
	_ = far.Close()
	_ = near.Close()
	back.Wait()
}

// link is one connection in both directions.
type link struct {
	acked  chan string
	passed *atomic.Int64
	mu     sync.Mutex
	sent   map[bool]map[uint16]string // by direction and packet id
}

func (l *link) copy(to io.WriteCloser, from io.Reader, forward bool) {
	defer to.Close()
	for {
		packet, err := packets.ReadPacket(from)
		if err != nil {
			return
		}
		l.note(packet, forward)
		if err := packet.Write(to); err != nil {
			return
		}
		if _, message := packet.(*packets.PublishPacket); message && !forward {
			l.passed.Add(1)
		}
	}
}

func (l *link) note(packet packets.ControlPacket, forward bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch p := packet.(type) {
	case *packets.PublishPacket:
		if p.Qos == 1 {
			l.sent[forward][p.MessageID] = string(p.Payload)
		}
	case *packets.PubackPacket:
		if payload, known := l.sent[!forward][p.MessageID]; known {
			l.acked <- payload
		}
	}
}
