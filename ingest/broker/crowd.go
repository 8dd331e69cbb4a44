package broker

import (
	"container/list"
	"slices"
)

const (
	// maxWaiting is how many connections may be open that have not said CONNECT.
	// The one that has waited longest makes room for a new one: whoever opens
	// connections to keep others out has to outpace all of them.
	maxWaiting = 1024
	// perVehicle is how many connections one vehicle may have that proved who it is.
	// A device behind a bad network leaves some behind, so the oldest goes.
	perVehicle = 8
)

// crowd is the open connections, and which of them are in whose way. The
// listener's lock guards it.
type crowd struct {
	open     map[*conn]struct{}
	waiting  list.List          // of *conn, that which came first in front
	vehicles map[string][]*conn // verified, that which came first in front
}

func newCrowd() crowd {
	return crowd{open: map[*conn]struct{}{}, vehicles: map[string][]*conn{}}
}

// enter takes a new connection in and returns the one that has to go, or nil.
func (w *crowd) enter(c *conn) (goes *conn) {
	if w.waiting.Len() >= maxWaiting {
		goes = w.waiting.Front().Value.(*conn)
	}
	w.open[c] = struct{}{}
	c.waits = w.waiting.PushBack(c)
	return goes
}

// identify notes whom a connection speaks for and returns the one that has to go,
// or nil.
func (w *crowd) identify(c *conn, id identity) (goes *conn) {
	w.announce(c)
	if _, ok := w.open[c]; !ok || !id.verified {
		return nil
	}
	same := append(w.vehicles[id.vehicle], c)
	if len(same) > perVehicle {
		goes = same[0]
	}
	w.vehicles[id.vehicle] = same
	return goes
}

// announce says that a connection has said CONNECT.
func (w *crowd) announce(c *conn) {
	if c.waits != nil {
		w.waiting.Remove(c.waits)
		c.waits = nil
	}
}

// leave takes a connection out, for good.
func (w *crowd) leave(c *conn) {
	w.announce(c)
	delete(w.open, c)
	same, ok := w.vehicles[c.identity.vehicle]
	if i := slices.Index(same, c); ok && i >= 0 {
		if same = slices.Delete(same, i, i+1); len(same) == 0 {
			delete(w.vehicles, c.identity.vehicle)
			return
		}
		w.vehicles[c.identity.vehicle] = same
	}
}
