// Package ingesttest holds what every ingest.Source must pass: a message is
// acknowledged when it is stored, never before, and comes again otherwise.
package ingesttest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
)

const (
	// patience is how long something that must happen may take.
	patience = 20 * time.Second
	// silence is how long nothing must happen for it to count as not happening.
	silence = 100 * time.Millisecond
)

// The vehicles of the suite.
const (
	carA = "1M8GDM9AXKP042788"
	carB = "WVWZZZ1JZXW000001"
	carC = "5YJ3E1EA7HF000337"
)

// Harness is a source with vehicles at its far end, fresh for one test.
type Harness struct {
	// Open makes the source, with its metrics unless r is nil; after the one before
	// has stopped it makes another, for the same vehicles and the same session.
	Open func(r prometheus.Registerer) ingest.Source
	// Publish sends a message of a vehicle at QoS 1 without waiting for the
	// acknowledgement, and again whenever the protocol asks for it.
	Publish func(vin, payload string)
	// Acked tells the payload of each message when the source acknowledges it on
	// the wire.
	Acked <-chan string
	// Waiting is how much the source may hold beside what it has emitted.
	Waiting Waiting
	// Passed is how many messages the broker has sent to the source; nil when the
	// source is the broker.
	Passed func() int
	// RestartBroker stops and starts the broker the source is connected to; nil
	// when the source is the broker.
	RestartBroker func()
}

// Waiting bounds what a source holds. Its gauges are {Of}waiting_messages and
// {Of}waiting_bytes.
type Waiting struct {
	Of       string
	Messages int
	Bytes    int64
}

// RunSource checks a source. Each test opens its own harness.
func RunSource(t *testing.T, open func(t *testing.T) Harness) {
	tests := []struct {
		name string
		run  func(t *testing.T, h Harness)
	}{
		{"a message is acknowledged when it is stored and not before", testAckAfterStored},
		{"a message that was not stored comes again", testNotStoredComesAgain},
		{"an unanswered message does not hold up other vehicles", testNeighbours},
		{"messages of a vehicle keep their order", testOrder},
		{"a full pipeline loses nothing", testBackpressure},
		{"while the store is away what is held is bounded, and nothing is lost", testOutage},
		{"what is stored while stopping is acknowledged", testStopWaits},
		{"a stop leaves the unanswered unacknowledged and it comes again", testStopLeavesUnanswered},
		{"a restart of the broker loses nothing", testBrokerRestart},
		{"readiness is told", testReady},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

// running is a source that runs, and the messages it emitted.
type running struct {
	t        *testing.T
	source   ingest.Source
	messages chan ingest.Message
	cancel   context.CancelFunc
	ended    chan error
}

// start runs the source with an emit that takes everything at once.
func start(t *testing.T, s ingest.Source) *running {
	r := &running{t: t, messages: make(chan ingest.Message, 10_000)}
	r.run(s, func(ctx context.Context, m ingest.Message) error {
		select {
		case r.messages <- m:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return r
}

func (r *running) run(s ingest.Source, emit ingest.Emit) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	r.source, r.cancel, r.ended = s, cancel, make(chan error, 1)
	go func() { r.ended <- s.Run(ctx, emit) }()
	r.t.Cleanup(r.stop)
	r.awaitReady()
}

// stop ends the run and checks that it was clean. Calling it again does nothing.
func (r *running) stop() {
	r.t.Helper()
	r.cancel()
	select {
	case err, open := <-r.ended:
		if open && err != nil && !errors.Is(err, context.Canceled) {
			r.t.Errorf("source ended with %v", err)
		}
		if open {
			close(r.ended)
		}
	case <-time.After(patience):
		r.t.Error("source did not stop")
	}
}

func (r *running) awaitReady() {
	r.t.Helper()
	deadline, poll := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer poll.Stop()
	for {
		err := r.source.Ready(r.t.Context())
		if err == nil {
			return
		}
		select {
		case <-deadline:
			r.t.Fatalf("source is not ready: %v", err)
		case <-poll.C:
		}
	}
}

// next returns the next message and checks its payload.
func (r *running) next(payload string) ingest.Message {
	r.t.Helper()
	m := receive(r.t, r.messages, "message "+payload)
	if got := string(m.Payload); got != payload {
		r.t.Fatalf("message: got %q, want %q", got, payload)
	}
	return m
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s within %s", what, patience)
	}
	panic("unreachable")
}

func wantAck(t *testing.T, acked <-chan string, payload string) {
	t.Helper()
	if got := receive(t, acked, "acknowledgement of "+payload); got != payload {
		t.Fatalf("acknowledged %q, want %q", got, payload)
	}
}

func wantNoAck(t *testing.T, acked <-chan string) {
	t.Helper()
	select {
	case got := <-acked:
		t.Fatalf("%q was acknowledged although it was not stored", got)
	case <-time.After(silence):
	}
}

func testAckAfterStored(t *testing.T, h Harness) {
	r := start(t, h.Open(nil))
	before := time.Now()
	h.Publish(carA, "one")
	m := r.next("one")
	if want := "pitcrew/v1/" + carA + "/telemetry"; m.Topic != want {
		t.Errorf("topic: got %q, want %q", m.Topic, want)
	}
	if m.Retained {
		t.Error("a live message is said to be retained")
	}
	if m.Received.Before(before) || m.Received.After(time.Now()) {
		t.Errorf("received at %s, which is not the time of receipt", m.Received)
	}
	wantNoAck(t, h.Acked)
	m.Done(nil)
	wantAck(t, h.Acked, "one")
}

func testNotStoredComesAgain(t *testing.T, h Harness) {
	r := start(t, h.Open(nil))
	h.Publish(carA, "one")
	r.next("one").Done(errors.New("disk full"))
	again := r.next("one")
	wantNoAck(t, h.Acked)
	again.Done(nil)
	wantAck(t, h.Acked, "one")
}

func testNeighbours(t *testing.T, h Harness) {
	r := start(t, h.Open(nil))
	h.Publish(carA, "slow")
	slow := r.next("slow")
	h.Publish(carB, "quick")
	r.next("quick").Done(nil)
	slow.Done(nil)
	got := map[string]bool{}
	for range 2 {
		got[receive(t, h.Acked, "acknowledgement")] = true
	}
	if diff := cmp.Diff(map[string]bool{"slow": true, "quick": true}, got); diff != "" {
		t.Errorf("acknowledged (-want +got):\n%s", diff)
	}
}

func testOrder(t *testing.T, h Harness) {
	r := start(t, h.Open(nil))
	const each = 50
	cars := []string{carA, carB, carC}
	for i := range each {
		for _, car := range cars {
			h.Publish(car, fmt.Sprintf("%s %d", car, i))
		}
	}
	next := map[string]int{}
	for range each * len(cars) {
		m := receive(t, r.messages, "message")
		var car string
		var i int
		if _, err := fmt.Sscanf(string(m.Payload), "%s %d", &car, &i); err != nil {
			t.Fatalf("payload %q: %v", m.Payload, err)
		}
		if i != next[car] {
			t.Fatalf("%s: got message %d, want %d", car, i, next[car])
		}
		next[car]++
		go m.Done(nil) // the pipeline may answer from any goroutine
	}
	for range each * len(cars) {
		receive(t, h.Acked, "acknowledgement")
	}
}

// testBackpressure emits into a pipeline with room for one message.
func testBackpressure(t *testing.T, h Harness) {
	room := make(chan struct{}, 1)
	r := &running{t: t, messages: make(chan ingest.Message, 10_000)}
	held := 0
	r.run(h.Open(nil), func(ctx context.Context, m ingest.Message) error {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		done := m.Done
		m.Done = func(err error) { done(err); <-room }
		r.messages <- m
		return nil
	})
	const n = 20
	for i := range n {
		h.Publish([]string{carA, carB}[i%2], fmt.Sprint(i))
	}
	want, got := map[string]bool{}, map[string]bool{}
	for i := range n {
		m := receive(t, r.messages, "message")
		if held = len(r.messages); held > 0 {
			t.Fatalf("%d messages beyond the room for one", held)
		}
		m.Done(nil)
		got[receive(t, h.Acked, "acknowledgement")] = true
		want[fmt.Sprint(i)] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("acknowledged (-want +got):\n%s", diff)
	}
}

func testStopWaits(t *testing.T, h Harness) {
	r := start(t, h.Open(nil))
	h.Publish(carA, "last")
	m := r.next("last")
	r.cancel()
	m.Done(nil)
	wantAck(t, h.Acked, "last")
	r.stop()
}

func testStopLeavesUnanswered(t *testing.T, h Harness) {
	r := start(t, h.Open(nil))
	h.Publish(carA, "late")
	m := r.next("late")
	r.stop()
	m.Done(nil) // too late, and harmless
	wantNoAck(t, h.Acked)

	again := start(t, h.Open(nil))
	again.next("late").Done(nil)
	wantAck(t, h.Acked, "late")
}

func testBrokerRestart(t *testing.T, h Harness) {
	if h.RestartBroker == nil {
		t.Skip("the source is the broker; stopping it is another test")
	}
	r := start(t, h.Open(nil))
	h.Publish(carA, "before")
	before := r.next("before")
	h.RestartBroker()
	before.Done(nil) // the connection it came on is gone
	r.next("before").Done(nil)
	wantAck(t, h.Acked, "before")
	r.awaitReady()
	h.Publish(carB, "after")
	r.next("after").Done(nil)
	wantAck(t, h.Acked, "after")
}

func testReady(t *testing.T, h Harness) {
	s := h.Open(nil)
	if s.Ready(t.Context()) == nil {
		t.Error("a source that does not run says it is ready")
	}
	r := start(t, s)
	r.stop()
	if s.Ready(t.Context()) == nil {
		t.Error("a source that has stopped says it is ready")
	}
}
