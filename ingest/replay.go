package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Kept is a refused message as quarantine keeps it, once whatever the number of
// reasons it was refused for.
type Kept struct {
	Topic    string
	Payload  []byte
	Received time.Time // when it first came
	Partial  bool      // Payload is not all that was sent
	Retained bool

	// From is the vehicle that its sender had proved to speak for, see
	// Message.From. Somebody who vouches for the message makes it empty.
	From vehicle.VIN
}

// Replayed counts what became of messages that were replayed.
type Replayed struct {
	Stored  int // nothing of it is in quarantine any more
	Refused int // at least a part is still refused; the rest is stored
	Partial int // not tried: quarantine does not have all of it
}

// Results of a replay, as the metrics count them.
const (
	resultStored  = "stored"
	resultRefused = "refused"
)

// Replay takes messages out of quarantine and does with each what would have been
// done had it arrived at its time now: it is decoded anew and written with the
// same idempotent writes, beside the messages that come from sources. What
// quarantine holds of it goes in the transaction that records its facts, after
// its samples are durable; what is still refused stays, under the reason of now.
// So nothing is lost if the process dies at any moment, and a message that is
// replayed twice changes nothing.
//
// A message that is there in part is left alone: its beginning could be taken for
// the whole.
//
// Replay returns when all of it is durable. When it fails, what was handed over
// before may be stored all the same; the counts are of what is known to be.
func (p *Pipeline) Replay(ctx context.Context, messages iter.Seq2[Kept, error]) (Replayed, error) {
	var out Replayed
	var results []chan outcome
	var failed error
	for m, err := range messages {
		if err != nil {
			failed = fmt.Errorf("read quarantine: %w", err)
			break
		}
		if m.Partial {
			out.Partial++
			continue
		}
		result := make(chan outcome, 1)
		if err := p.emit(ctx, m.message(result)); err != nil {
			failed = err
			break
		}
		results = append(results, result)
	}
	for _, result := range results {
		select {
		case o := <-result:
			failed = errors.Join(failed, o.err)
			p.count(&out, o)
		case <-ctx.Done():
			return out, errors.Join(failed, fmt.Errorf("wait until replayed messages are stored: %w", ctx.Err()))
		}
	}
	return out, failed
}

// outcome is what became of one message.
type outcome struct {
	err     error // nothing is certain
	refused bool
}

func (m Kept) message(result chan<- outcome) Message {
	return Message{
		Topic: m.Topic, Payload: m.Payload, Received: m.Received, Retained: m.Retained, From: m.From,
		settled: func(err error, refused bool) { result <- outcome{err, refused} },
	}
}

func (p *Pipeline) count(to *Replayed, o outcome) {
	switch {
	case o.err != nil:
	case o.refused:
		to.Refused++
		p.metrics.replayed.WithLabelValues(resultRefused).Inc()
	default:
		to.Stored++
		p.metrics.replayed.WithLabelValues(resultStored).Inc()
	}
}
