package broker

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// longMessage is from which length on a message does not come at once.
const longMessage = 16 << 10

// room bounds the bytes of messages that are being read, or that are read and not in
// the pipeline yet. While a store is away there is such a message of every client
// that has something to say, and thousands of cars may have a stored trip to say.
//
// Short and long messages have rooms of their own, so that uploads do not hold up
// the cars that report. A vehicle takes long room once only: whoever announces much
// and sends it slowly would have to be many vehicles to keep others waiting.
type room struct {
	short, long     *semaphore.Weighted
	messages, bytes atomic.Int64 // held

	mu      sync.Mutex
	uploads map[string]*conn // verified vehicles that have long room, or wait for it
}

// newRoom shares bytes out, a quarter for short messages. The longest message has
// room in any case.
func newRoom(bytes, longest int) *room {
	return &room{
		short:   semaphore.NewWeighted(int64(max(bytes/4, longMessage))),
		long:    semaphore.NewWeighted(int64(max(bytes-bytes/4, longest))),
		uploads: map[string]*conn{},
	}
}

// enter waits for the room of the frame that a client is about to send. It fails
// when the connection ends.
func (r *room) enter(c *conn, n int) error {
	if n > longMessage {
		r.onlyUpload(c)
	}
	pool := r.of(n)
	if !pool.TryAcquire(int64(n)) {
		c.patience.Reset(patience(c.client.State.Keepalive)) // nothing is read from it meanwhile, as in hand
		defer c.patience.Stop()
		if pool.Acquire(c.emitting, int64(n)) != nil {
			return errGone
		}
	}
	c.holds = n
	r.count(1, n)
	return nil
}

// try takes room for n bytes that nobody waits with; give returns it.
func (r *room) try(n int) bool {
	ok := r.of(n).TryAcquire(int64(n))
	if ok {
		r.count(1, n)
	}
	return ok
}

func (r *room) give(n int) {
	r.count(-1, -n)
	r.of(n).Release(int64(n))
}

// leave gives back what the client's last frame took, if it did.
func (r *room) leave(c *conn) {
	if c.holds > 0 {
		r.give(c.holds)
		c.holds = 0
	}
	if !c.uploads {
		return
	}
	c.uploads = false
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uploads[c.identity.vehicle] == c {
		delete(r.uploads, c.identity.vehicle)
	}
}

// onlyUpload ends the upload of the same vehicle on another connection, which the
// device has left behind.
func (r *room) onlyUpload(c *conn) {
	if !c.identity.verified {
		return
	}
	c.uploads = true
	r.mu.Lock()
	other := r.uploads[c.identity.vehicle]
	r.uploads[c.identity.vehicle] = c
	r.mu.Unlock()
	if other != nil && other != c {
		c.listener.makeRoom(other)
	}
}

func (r *room) of(n int) *semaphore.Weighted {
	if n > longMessage {
		return r.long
	}
	return r.short
}

func (r *room) count(messages, bytes int) {
	r.messages.Add(int64(messages))
	r.bytes.Add(int64(bytes))
}
