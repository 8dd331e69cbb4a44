package mqtt

import (
	"context"
	"sync/atomic"

	paho "github.com/eclipse/paho.mqtt.golang"
	"golang.org/x/sync/semaphore"
)

// waiting is what a connection has received and not handed to the pipeline yet,
// bounded in messages and in bytes.
type waiting struct {
	in   chan paho.Message // sending never blocks: who sends has room
	room *semaphore.Weighted
	// A message takes its size of the room, and no less than its share by number, so
	// that one bound keeps both.
	least, most int64

	messages, bytes atomic.Int64
}

func newWaiting(messages int, bytes int64) *waiting {
	least := max(bytes/int64(messages), 1)
	most := least * int64(messages)
	return &waiting{in: make(chan paho.Message, messages), room: semaphore.NewWeighted(most), least: least, most: most}
}

// try takes a message in, if there is room now.
func (w *waiting) try(m paho.Message) bool {
	ok := w.room.TryAcquire(w.weight(m))
	if ok {
		w.put(m)
	}
	return ok
}

// wait takes a message in when there is room, unless ctx ends before.
func (w *waiting) wait(ctx context.Context, m paho.Message) {
	if w.room.Acquire(ctx, w.weight(m)) == nil {
		w.put(m)
	}
}

func (w *waiting) put(m paho.Message) {
	w.messages.Add(1)
	w.bytes.Add(size(m))
	w.in <- m
}

// handed gives back the room of a message that came out of in, when it waits no more.
func (w *waiting) handed(m paho.Message) {
	w.messages.Add(-1)
	w.bytes.Add(-size(m))
	w.room.Release(w.weight(m))
}

func (w *waiting) weight(m paho.Message) int64 { return min(max(size(m), w.least), w.most) }

func size(m paho.Message) int64 { return int64(len(m.Topic()) + len(m.Payload())) }
