package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/pitcrew-telematics/pitcrew/bench/publish"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	hostileVehicles = 8    // accounts that a hostile client may use
	mostHostile     = 4000 // connections of an attack at one time
)

func hostileVIN(i int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXH%06d", i)) }

// hostile is the connections of one attack, and counts what happens to them.
type hostile struct {
	address string
	mu      sync.Mutex
	open    map[net.Conn]struct{}
	stopped bool
	seen    map[string]int
}

func newHostile(address string) *hostile {
	return &hostile{address: address, open: map[net.Conn]struct{}{}, seen: map[string]int{}}
}

// note counts something that happened.
func (h *hostile) note(what string) { h.add(what, 1) }

func (h *hostile) add(what string, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.seen[what] += n
	}
}

// outcome lists what happened, most frequent first.
func (h *hostile) outcome() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := slices.SortedFunc(maps.Keys(h.seen), func(a, b string) int { return h.seen[b] - h.seen[a] })
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", h.seen[name], name)
	}
	return strings.Join(names, ", ")
}

// dial opens a connection; nil when the broker does not take it.
func (h *hostile) dial(ctx context.Context) net.Conn {
	// From many addresses of this machine: one has 28,000 ports, and each is taken for
	// a minute after its connection.
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+rand.N(250)))}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second, LocalAddr: from}).DialContext(ctx, "tcp", h.address)
	if err != nil {
		h.note("connections not accepted")
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		_ = conn.Close()
		return nil
	}
	h.open[conn] = struct{}{}
	h.seen["connections"]++
	return conn
}

// hangUp ends a connection.
func (h *hostile) hangUp(conn net.Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, conn)
	_ = conn.Close()
}

// stop ends the attack.
func (h *hostile) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for conn := range h.open {
		_ = conn.Close()
	}
}

// patience is how long a client waits for an answer before it gives up.
const patience = 30 * time.Second

func connectPacket(id string, vin vehicle.VIN, password string) *packets.ConnectPacket {
	return publish.Hello(publish.Options{Client: id, User: string(vin), Password: password, KeepAlive: time.Minute})
}

// login says CONNECT as a hostile vehicle and reports whether it was accepted.
func (h *hostile) login(conn net.Conn, p *packets.ConnectPacket) bool {
	_ = conn.SetDeadline(time.Now().Add(patience))
	if p.Write(conn) != nil {
		h.note("closed at CONNECT")
		return false
	}
	answer, err := packets.ReadPacket(conn)
	ack, ok := answer.(*packets.ConnackPacket)
	switch {
	case err != nil || !ok:
		h.note("closed at CONNECT")
	case ack.ReturnCode != packets.Accepted:
		h.note("refused at CONNECT")
	default:
		_ = conn.SetDeadline(time.Time{})
		return true
	}
	return false
}

// enter opens a session with the account of a hostile vehicle; nil when it may not.
func (h *hostile) enter(ctx context.Context, vin vehicle.VIN, id string) net.Conn {
	conn := h.dial(ctx)
	if conn == nil {
		return nil
	}
	if !h.login(conn, connectPacket(id, vin, password)) {
		h.hangUp(conn)
		return nil
	}
	return conn
}

// read counts what the broker answers until it ends the connection.
func (h *hostile) read(conn net.Conn) {
	for {
		answer, err := packets.ReadPacket(conn)
		if err != nil {
			h.note("closed by the broker")
			return
		}
		switch p := answer.(type) {
		case *packets.PubackPacket:
			h.note("messages acknowledged")
		case *packets.SubackPacket:
			for _, code := range p.ReturnCodes {
				if code >= 0x80 {
					h.note("subscriptions refused")
				} else {
					h.note("subscriptions granted")
				}
			}
		}
	}
}

// again runs fn in n goroutines, over and over, until ctx ends.
func again(ctx context.Context, n int, fn func(worker int)) {
	var all sync.WaitGroup
	for worker := range n {
		all.Go(func() {
			for ctx.Err() == nil {
				fn(worker)
			}
		})
	}
	all.Wait()
}
