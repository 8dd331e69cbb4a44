package ingesttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The outage of testOutage: many times what may be held is published meanwhile, in
// messages that are each too large for the buffers of the operating system to hide
// where they stay.
const (
	outageCars     = 20
	outageMessages = 10 // of each car
	outageBytes    = 100 << 10

	unackedMessages = 24
	unackedBytes    = 1 << 20
)

// testOutage runs a pipeline whose store is away. What is held is bounded in messages
// and bytes all the time, by the pipeline and by the source; the rest stays with the
// vehicles and their broker. When the store is back, everything is stored, and only
// then acknowledged.
func testOutage(t *testing.T, h Harness) {
	store := &outageStore{got: map[string]bool{}}
	store.away.Store(true)
	registry := prometheus.NewRegistry()
	pipeline, err := ingest.New(ingest.Options{
		Telemetry: store, Facts: store, Registerer: registry, Decode: decodeOutage,
		MaxUnackedMessages: unackedMessages, MaxUnackedBytes: unackedBytes,
	})
	if err != nil {
		t.Fatal(err)
	}
	source := h.Open(registry)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pipeline.Run(ctx, source) }()
	t.Cleanup(func() {
		cancel()
		if err := receive(t, ended, "end of the pipeline"); err != nil {
			t.Errorf("the pipeline ended with %v", err)
		}
	})
	(&running{t: t, source: source}).awaitReady()

	want := map[string]bool{}
	for n := range outageMessages {
		for car := range outageCars {
			payload := fmt.Sprintf("%d %d %s", car, n, strings.Repeat("x", outageBytes))
			h.Publish(outageVIN(car), payload)
			want[payload] = true
		}
	}
	held := gauges{t, registry, h.Waiting}
	held.until("the store to be tried again and again, and no more to fit", func(now map[string]float64) bool {
		return now["store_retries_total"] >= 3 && now["waiting_messages"] > 0
	})
	if n := held.now()["messages_received_total"]; n > unackedMessages {
		t.Errorf("%v messages were taken while nothing could be stored", n)
	}
	if h.Passed != nil && h.Passed() >= len(want) {
		t.Errorf("the broker has sent all %d messages: nothing held it back", len(want))
	}
	wantNoAck(t, h.Acked)

	store.away.Store(false)
	acked := map[string]bool{}
	for len(acked) < len(want) { // what was on its way may come a second time
		payload := receive(t, h.Acked, "acknowledgement")
		acked[payload] = true
		if !store.has(payload) {
			t.Fatalf("%.20q was acknowledged and is not stored", payload)
		}
	}
	if diff := cmp.Diff(want, acked); diff != "" {
		t.Errorf("acknowledged (-want +got):\n%s", diff)
	}
	held.until("all room to be given back", func(now map[string]float64) bool {
		return now["unacked_messages"]+now["unacked_bytes"]+now["waiting_messages"]+now["waiting_bytes"] == 0
	})
}

func outageVIN(car int) string { return fmt.Sprintf("WVWZZZ1JZXW%06d", car) }

// decodeOutage keeps the payload as the value of a signal.
func decodeOutage(topic string, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	return vehicle.Report{VIN: vehicle.VIN(strings.Split(topic, "/")[2]), Samples: []vehicle.Sample{{Time: received, Readings: []vehicle.Reading{
		{Signal: vehicle.Brand, Value: vehicle.Text(string(payload))},
	}}}}, nil, nil
}

// outageStore takes samples and facts, but for when it is away.
type outageStore struct {
	telemetry.Store // for what ingest does not call
	away            atomic.Bool

	mu  sync.Mutex
	got map[string]bool // payloads
}

var errAway = errors.New("the store is away")

func (s *outageStore) Write(_ context.Context, batch []telemetry.Record) error {
	if s.away.Load() {
		return errAway
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range batch {
		s.got[r.Sample.Readings[0].Value.String()] = true
	}
	return nil
}

func (s *outageStore) has(payload string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got[payload]
}

// Record implements ingest.Facts.
func (s *outageStore) Record(context.Context, ingest.Batch) error { return nil }

// gauges look at what is held and check its bounds at every look.
type gauges struct {
	t        *testing.T
	registry *prometheus.Registry
	waiting  Waiting
}

func (g gauges) until(what string, ok func(now map[string]float64) bool) {
	g.t.Helper()
	deadline, poll := time.After(patience), time.NewTicker(2*time.Millisecond)
	defer poll.Stop()
	for {
		now := g.now()
		if ok(now) {
			return
		}
		select {
		case <-deadline:
			g.t.Fatalf("waited %s for %s; last: %v", patience, what, now)
		case <-poll.C:
		}
	}
}

// now returns the metrics of the pipeline, and those of the source by the names
// without its own.
func (g gauges) now() map[string]float64 {
	g.t.Helper()
	families, err := g.registry.Gather()
	if err != nil {
		g.t.Fatal(err)
	}
	now := map[string]float64{}
	for _, f := range families {
		name := strings.TrimPrefix(strings.TrimPrefix(f.GetName(), "pitcrew_ingest_"), g.waiting.Of)
		for _, m := range f.GetMetric() {
			now[name] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	for name, most := range map[string]float64{
		"unacked_messages": unackedMessages, "unacked_bytes": unackedBytes,
		"waiting_messages": float64(g.waiting.Messages), "waiting_bytes": float64(g.waiting.Bytes),
	} {
		value, known := now[name]
		if !known || value > most {
			g.t.Fatalf("%s is %v, which must be there and at most %v", name, value, most)
		}
	}
	return now
}
