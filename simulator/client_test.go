package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// broker is an MQTT server that keeps what it acknowledges.
type broker struct {
	mochi.HookBase
	addr string

	mu       sync.Mutex
	messages []received
	status   map[string]string // last retained status by topic
	arrived  chan struct{}
}

type received struct {
	topic   string
	payload []byte
	client  string
}

func (b *broker) ID() string           { return "keep" }
func (b *broker) Provides(h byte) bool { return h == mochi.OnPublish || h == mochi.OnWillSent }

func (b *broker) OnPublish(c *mochi.Client, p packets.Packet) (packets.Packet, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if strings.HasSuffix(p.TopicName, "/status") {
		b.status[p.TopicName] = string(p.Payload)
	} else {
		b.messages = append(b.messages, received{p.TopicName, bytes.Clone(p.Payload), c.ID})
	}
	select {
	case b.arrived <- struct{}{}:
	default:
	}
	return p, nil
}

func (b *broker) snapshot() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received(nil), b.messages...)
}

func startBroker(t testing.TB) *broker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{addr: "tcp://" + l.Addr().String(), status: map[string]string{}, arrived: make(chan struct{}, 1)}
	server := mochi.New(&mochi.Options{Logger: slog.New(slog.DiscardHandler)})
	if err := errors.Join(server.AddHook(new(auth.AllowHook), nil), server.AddHook(b, nil),
		server.AddListener(listeners.NewNet("tcp", l))); err != nil {
		t.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return b
}

// facts is what a set of messages says, however often and in whatever order:
// the samples by car and time, and the code reports by car, unit and time.
func facts(t *testing.T, messages []received) map[string]bool {
	t.Helper()
	all := make(map[string]bool)
	for _, m := range messages {
		var body struct {
			Samples []struct {
				Time    string          `json:"time"`
				Signals json.RawMessage `json:"signals"`
			} `json:"samples"`
			Time string `json:"time"`
			ECU  string `json:"ecu"`
		}
		if err := json.Unmarshal(m.payload, &body); err != nil {
			t.Fatalf("%s: %v", m.topic, err)
		}
		for _, s := range body.Samples {
			all[m.topic+s.Time+string(s.Signals)] = true
		}
		if body.Time != "" {
			all[m.topic+body.Time+body.ECU] = true
		}
	}
	return all
}

func stored(f *simulator.Fleet, to time.Time) []received {
	var all []received
	for i := range f.Len() {
		for m := range f.History(i, f.Epoch(), to) {
			all = append(all, received{topic: m.Topic, payload: m.Payload})
		}
	}
	return all
}

func compareFacts(t *testing.T, got, want map[string]bool) {
	t.Helper()
	missing := 0
	for k := range want {
		if !got[k] {
			missing++
			if missing < 4 {
				t.Errorf("missing at the broker: %.160s", k)
			}
		}
	}
	if len(got) != len(want) || missing > 0 {
		t.Fatalf("broker has %d facts, the cars stored %d, %d are missing", len(got), len(want), missing)
	}
}

func TestUploadLosesNothing(t *testing.T) {
	t.Parallel()
	historyDays := 60
	if testing.Short() {
		historyDays = 15
	}
	tests := map[string]simulator.Link{
		"good link": {},
		"breaks":    {Loss: 0.03},
		"repeats":   {Repeat: 0.3},
		"reorders":  {Reorder: 0.4},
		"delays":    {Delay: 0.2, MaxDelay: 2 * time.Millisecond},
		"all":       {Loss: 0.02, Repeat: 0.1, Reorder: 0.2, Delay: 0.1, MaxDelay: time.Millisecond},
	}
	for name, link := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBroker(t)
			f := fleet(t, simulator.Config{Seed: 7, Vehicles: 4, Epoch: epoch, HistoryDays: historyDays})
			var last simulator.Progress
			err := f.Run(t.Context(), simulator.Options{
				Broker: b.addr, Link: link, HistoryOnly: true, Uploads: 2,
				Now:      func() time.Time { return f.End() },
				Progress: func(p simulator.Progress) { last = p },
			})
			if err != nil {
				t.Fatal(err)
			}
			compareFacts(t, facts(t, b.snapshot()), facts(t, stored(f, f.End())))
			if !last.Done() || last.TotalDays != 4*historyDays {
				t.Errorf("last progress %+v, want all of %d vehicle-days", last, 4*historyDays)
			}
		})
	}
}

func TestRestartGoesOn(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	cfg := simulator.Config{Seed: 3, Vehicles: 3, Epoch: epoch, HistoryDays: 90}
	path := filepath.Join(t.TempDir(), "fleet.json")
	f := fleet(t, cfg)
	for i := range f.Len() {
		if err := f.Repair(i, f.Epoch().AddDate(0, 0, 10), "battery_12v"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	options := simulator.Options{
		Broker: b.addr, StatePath: path, HistoryOnly: true, Window: 5,
		Now: func() time.Time { return f.End() },
		Progress: func(p simulator.Progress) {
			if p.Days > 60 {
				cancel()
			}
		},
	}
	if err := f.Run(ctx, options); err != nil {
		t.Fatal(err)
	}
	first := len(b.snapshot())

	// A new battery changes every start after it: the fleets agree only if the
	// state file has kept the repair.
	again := fleet(t, cfg)
	var missing int
	options.Progress = func(p simulator.Progress) { missing = p.TotalDays }
	if err := again.Run(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	all := b.snapshot()
	if missing > 3*90-60 {
		t.Errorf("after a restart %d vehicle-days were missing, want at most 210", missing)
	}
	compareFacts(t, facts(t, all), facts(t, stored(again, again.End())))
	if total := len(stored(again, again.End())); len(all) > total+3*options.Window {
		t.Errorf("%d messages for %d stored ones (%d before the restart): more was sent again than was on its way",
			len(all), total, first)
	}
}

func BenchmarkUpload(bench *testing.B) {
	for bench.Loop() {
		b := startBroker(bench)
		f := fleet(bench, simulator.Config{Seed: 1, Vehicles: 50, Epoch: epoch})
		err := f.Run(bench.Context(), simulator.Options{Broker: b.addr, HistoryOnly: true, Now: func() time.Time { return f.End() }})
		if err != nil {
			bench.Fatal(err)
		}
		bench.ReportMetric(float64(len(b.snapshot())), "messages")
	}
}

// Each car's clock is off by its own constant, and nothing else changes.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	f := fleet(t, simulator.Config{Seed: 7, Vehicles: 3, Epoch: epoch, HistoryDays: 10})
	err := f.Run(t.Context(), simulator.Options{
		Broker: b.addr, Link: simulator.Link{MaxSkew: time.Hour}, HistoryOnly: true,
		Now: func() time.Time { return f.End() },
	})
	if err != nil {
		t.Fatal(err)
	}
	skews := make(map[time.Duration]bool)
	for i := range f.Len() {
		var want, got []time.Time
		topic := obd.Topic(f.Profile(i).VIN, obd.Telemetry)
		for _, m := range stored(f, f.End()) {
			if m.topic == topic {
				want = append(want, sampleTimes(t, m)...)
			}
		}
		for _, m := range b.snapshot() {
			if m.topic == topic {
				got = append(got, sampleTimes(t, m)...)
			}
		}
		if len(got) == 0 || len(got) != len(want) {
			t.Fatalf("car %d: %d samples, want %d", i, len(got), len(want))
		}
		skew := got[0].Sub(want[0])
		for k := range got {
			if got[k].Sub(want[k]) != skew || skew.Abs() > time.Hour {
				t.Fatalf("car %d: sample %d is off by %v, the first by %v", i, k, got[k].Sub(want[k]), skew)
			}
		}
		skews[skew] = true
	}
	if len(skews) != f.Len() {
		t.Errorf("clocks are off by %v, want one offset per car", skews)
	}
}

func sampleTimes(t *testing.T, m received) []time.Time {
	t.Helper()
	var body struct {
		Samples []struct {
			Time time.Time `json:"time"`
		} `json:"samples"`
	}
	if err := json.Unmarshal(m.payload, &body); err != nil {
		t.Fatal(err)
	}
	var all []time.Time
	for _, s := range body.Samples {
		all = append(all, s.Time)
	}
	return all
}

func TestStateOfAnotherFleetIsRefused(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	path := filepath.Join(t.TempDir(), "fleet.json")
	options := simulator.Options{Broker: b.addr, StatePath: path, HistoryOnly: true, Now: func() time.Time { return epoch }}
	cfg := simulator.Config{Seed: 3, Vehicles: 1, Epoch: epoch, HistoryDays: 5}
	if err := fleet(t, cfg).Run(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	cfg.Seed++
	if err := fleet(t, cfg).Run(t.Context(), options); !errors.Is(err, simulator.ErrOtherFleet) {
		t.Fatalf("error %v, want ErrOtherFleet", err)
	}
	s, err := simulator.LoadState(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Seed != 3 || len(s.Resume) != 1 {
		t.Errorf("state %+v was overwritten", s)
	}
}

func TestLiveCarsReportUntilStopped(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	f := fleet(t, simulator.Config{Seed: 5, Vehicles: 6, Epoch: epoch, HistoryDays: 20})
	begun := time.Now()
	// A clock that runs an hour in a second, so that trips begin within a second.
	now := func() time.Time { return f.End().Add(time.Hour + 3600*time.Since(begun)) }
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- f.Run(ctx, simulator.Options{Broker: b.addr, Now: now}) }()
	live := func() int {
		n := 0
		for _, m := range b.snapshot() {
			if bytes.Contains(m.payload, []byte(`"boot":"l`)) {
				n++
			}
		}
		return n
	}
	for live() < 40 {
		select {
		case <-b.arrived:
		case err := <-stopped:
			t.Fatalf("run ended: %v", err)
		}
	}
	b.mu.Lock()
	online := b.status[obd.Topic(f.Profile(0).VIN, obd.Status)]
	b.mu.Unlock()
	if online != "online" {
		t.Errorf("status %q while the car is connected, want online", online)
	}
	cancel()
	at := time.Now()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if took := time.Since(at); took > time.Second {
		t.Errorf("stopping took %v, want at most a second", took)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range f.Len() {
		if s := b.status[obd.Topic(f.Profile(i).VIN, obd.Status)]; s != "offline" {
			t.Errorf("status of car %d is %q after the end, want offline", i, s)
		}
	}
	for _, m := range b.messages {
		if vin, _, err := obd.ParseTopic(m.topic); err != nil || string(vin) != m.client {
			t.Fatalf("%s sent %s: %v", m.client, m.topic, err)
		}
	}
}

func TestBrokerThatIsAwayIsWaitedForAndToldOnce(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 5, Vehicles: 2, Epoch: epoch, HistoryDays: 3})
	ctx, cancel := context.WithCancel(t.Context())
	logged := make(chan slog.Level, 100)
	stopped := make(chan error, 1)
	go func() {
		stopped <- f.Run(ctx, simulator.Options{Broker: "tcp://127.0.0.1:1", Logger: slog.New(notify{slog.DiscardHandler, logged})})
	}()
	warnings := 0
	for range 6 { // two cars try three times and more
		if <-logged == slog.LevelWarn {
			warnings++
		}
	}
	cancel()
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if warnings != 1 {
		t.Errorf("%d warnings that the broker is away, want 1", warnings)
	}
}

// notify tells a channel of every line of the log.
type notify struct {
	slog.Handler
	to chan slog.Level
}

func (n notify) Enabled(context.Context, slog.Level) bool { return true }

func (n notify) Handle(_ context.Context, r slog.Record) error {
	n.to <- r.Level
	return nil
}
