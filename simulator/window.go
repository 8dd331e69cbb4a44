package simulator

import (
	"context"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// window is the messages of a car that are on their way: sent or held back, not
// yet acknowledged. They leave at the front only, so that what is behind the
// window is acknowledged without a gap.
type window struct {
	size    int
	session *session
	fates   *fates
	flights []flight
	acked   func(Message)
}

// flight is one message in the window.
type flight struct {
	m      Message
	token  mqtt.Token // nil while the message is held back
	behind int
}

// send takes one more message in, once there is room.
func (w *window) send(ctx context.Context, m Message) error {
	for len(w.flights) >= w.size {
		if err := w.land(ctx); err != nil {
			return err
		}
	}
	x := w.fates.next()
	if x.delay > 0 && !sleep(ctx, x.delay) {
		return ctx.Err()
	}
	w.flights = append(w.flights, flight{m: m, behind: x.behind})
	last := len(w.flights) - 1
	if x.behind == 0 {
		w.publish(last)
	}
	if x.repeat {
		// the second copy is on nobody's account: the first one counts
		w.session.client.Publish(m.Topic, m.QoS, false, m.Payload)
	}
	for i := range last { // those held back move up
		if f := &w.flights[i]; f.token == nil {
			if f.behind--; f.behind <= 0 {
				w.publish(i)
			}
		}
	}
	if x.lose {
		w.session.cut()
	}
	return w.collect()
}

func (w *window) publish(i int) {
	m := w.flights[i].m
	w.flights[i].token = w.session.client.Publish(m.Topic, m.QoS, false, m.Payload)
}

// collect takes what is acknowledged out at the front, without waiting.
func (w *window) collect() error {
	for len(w.flights) > 0 && w.flights[0].token != nil {
		select {
		case <-w.flights[0].token.Done():
			if err := w.flights[0].token.Error(); err != nil {
				return err
			}
			w.acked(w.flights[0].m)
			w.flights = w.flights[1:]
		default:
			return nil
		}
	}
	return nil
}

// land waits for the message at the front.
func (w *window) land(ctx context.Context) error {
	if w.flights[0].token == nil {
		w.publish(0)
	}
	if err := w.session.await(ctx, w.flights[0].token); err != nil {
		return err
	}
	return w.collect()
}

// drain waits for everything.
func (w *window) drain(ctx context.Context) error {
	for len(w.flights) > 0 {
		if err := w.land(ctx); err != nil {
			return err
		}
	}
	return nil
}

// finish gives what was sent a moment to be acknowledged after the context has
// ended, so that a restart need not send it again.
func (w *window) finish(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for len(w.flights) > 0 && w.flights[0].token != nil {
		if w.land(ctx) != nil {
			return
		}
	}
}
