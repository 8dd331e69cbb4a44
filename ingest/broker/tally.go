package broker

import "sync"

// tally counts what is under way, until it is closed for new things.
type tally struct {
	mu     sync.Mutex
	n      int
	closed bool
	idle   chan struct{}
}

// begin counts one more; false when the tally is closed.
func (t *tally) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.n++
	return true
}

// end counts n less.
func (t *tally) end(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n -= n
	if t.closed && t.n == 0 {
		close(t.idle)
	}
}

// close lets nothing begin any more. The channel is closed when all has ended.
// It is called once.
func (t *tally) close() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed, t.idle = true, make(chan struct{})
	if t.n == 0 {
		close(t.idle)
	}
	return t.idle
}

func (t *tally) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}
