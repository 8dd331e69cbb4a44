package ingest

import (
	"context"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sync/semaphore"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// messageOverhead is what a message costs beside its payload and its report: the
	// item and its share of the batch, roughly.
	messageOverhead = 512
	// expansion is how much larger than its payload a report is at most. Documented
	// JSON becomes up to 5 times as large, and with names of two letters 11 times. A
	// byte of a frame may become more: a value of 72; but frames are short.
	expansion = 32

	sampleBytes  = int64(unsafe.Sizeof(vehicle.Sample{}))
	readingBytes = int64(unsafe.Sizeof(vehicle.Reading{})) + 16 // and a name or a text
	codesBytes   = 512                                          // a report of trouble codes
	refusalBytes = 512
)

// budget bounds what is unacknowledged, in messages and in bytes of memory. Waiters
// are served first come, first served, so a large message is not starved.
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

// acquire waits for room for a message, and for the report that it may become, and
// returns what it took in bytes: half of the budget at most, so that a message that
// may become very large need not wait until there is no other.
func (b *budget) acquire(ctx context.Context, m Message, most int) (int64, error) {
	size := int64(len(m.Topic) + messageOverhead)
	if n := len(m.Payload); n <= most {
		size += int64(n * expansion)
	} else {
		size += int64(n) // it will not be read
	}
	size = min(size, max(b.maxBytes/2, 1))
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

// settle gives back what a message took and did not become, and returns what it
// holds from now on.
func (b *budget) settle(size int64, it *item) int64 {
	left := min(size, it.bytes())
	b.heldBytes.Add(left - size)
	b.bytes.Release(size - left)
	return left
}

func (b *budget) release(size int64) {
	b.heldMessages.Add(-1)
	b.heldBytes.Add(-size)
	b.bytes.Release(size)
	b.messages.Release(1)
}

// bytes is what a decoded message holds of memory, roughly.
func (it *item) bytes() int64 {
	n := int64(len(it.Topic)+len(it.Payload)) + messageOverhead
	n += int64(len(it.report.Samples))*sampleBytes + int64(len(it.report.Codes))*codesBytes + int64(len(it.refused))*refusalBytes
	for i := range it.report.Samples {
		n += int64(len(it.report.Samples[i].Readings)) * readingBytes
	}
	return n
}
