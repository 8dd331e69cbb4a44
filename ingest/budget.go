package ingest

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// messageOverhead is what a message costs beside its payload: the item, its
// report and its share of the batch, roughly.
const messageOverhead = 512

// budget bounds what is unacknowledged, in messages and in bytes. Waiters are
// served first come, first served, so a large message is not starved.
type budget struct {
	maxBytes int64
	messages *semaphore.Weighted
	bytes    *semaphore.Weighted

	heldMessages, heldBytes atomic.Int64
}

func newBudget(messages int, bytes int64) *budget {
	return &budget{
		maxBytes: bytes,
		messages: semaphore.NewWeighted(int64(messages)),
		bytes:    semaphore.NewWeighted(bytes),
	}
}

// acquire waits for room and returns what it took in bytes. A message larger
// than the whole budget takes all of it.
func (b *budget) acquire(ctx context.Context, m Message) (int64, error) {
	size := min(int64(len(m.Payload)+len(m.Topic)+messageOverhead), b.maxBytes)
	if err := b.messages.Acquire(ctx, 1); err != nil {
		return 0, err
	}
	if err := b.bytes.Acquire(ctx, size); err != nil {
		b.messages.Release(1)
		return 0, err
	}
	b.heldMessages.Add(1)
	b.heldBytes.Add(size)
	return size, nil
}

func (b *budget) release(size int64) {
	b.heldMessages.Add(-1)
	b.heldBytes.Add(-size)
	b.bytes.Release(size)
	b.messages.Release(1)
}
