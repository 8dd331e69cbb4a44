package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// bench is a pipeline that runs on fake stores, inside a synctest bubble.
type bench struct {
	*ingest.Pipeline
	t         *testing.T
	telemetry *fakeTelemetry
	facts     *fakeFacts
	source    *fakeSource
	answers   *answers
	sent      int
	stop      context.CancelFunc
	ended     chan error
}

func runPipeline(t *testing.T, set func(*ingest.Options)) *bench {
	t.Helper()
	return runOn(t, &fakeTelemetry{}, &fakeFacts{}, set)
}

func runOn(t *testing.T, values *fakeTelemetry, facts *fakeFacts, set func(*ingest.Options)) *bench {
	t.Helper()
	o := ingest.Options{Telemetry: values, Facts: facts, Workers: 3}
	if set != nil {
		set(&o)
	}
	p, err := ingest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b := &bench{Pipeline: p, t: t, telemetry: values, facts: facts, source: newSource(), answers: &answers{}, stop: cancel, ended: make(chan error, 1)}
	go func() { b.ended <- p.Run(ctx, b.source) }()
	return b
}

// send gives messages to the source, under the keys 0, 1, 2 ...
func (b *bench) send(messages ...ingest.Message) {
	for _, m := range messages {
		b.source.in <- b.answers.ask(fmt.Sprint(b.sent), m)
		b.sent++
	}
}

// finish stops the pipeline cleanly.
func (b *bench) finish() {
	b.t.Helper()
	synctest.Wait()
	b.stop()
	if err := <-b.ended; err != nil {
		b.t.Errorf("pipeline ended with %v", err)
	}
}

func (b *bench) wantDone(keys ...string) {
	b.t.Helper()
	if diff := cmp.Diff(keys, b.answers.done()); diff != "" {
		b.t.Errorf("answered messages (-want +got):\n%s", diff)
	}
	for key, errs := range b.answers.errs {
		if len(errs) != 1 || errs[0] != nil {
			b.t.Errorf("message %s: answered with %v, want one nil", key, errs)
		}
	}
}

func TestSamplesAreDurableBeforeFactsAndFactsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var steps []string
		b := runOn(t,
			&fakeTelemetry{before: func([]telemetry.Record) error { steps = append(steps, "telemetry"); return nil }},
			&fakeFacts{before: func(ingest.Batch) error { steps = append(steps, "facts"); return nil }}, nil)
		m := speedAt(carA, noon, 50)
		m.Done = func(error) { steps = append(steps, "done") }
		b.source.in <- m
		b.finish()
		if diff := cmp.Diff([]string{"telemetry", "facts", "done"}, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
	})
}

func TestMessagesThatWaitShareACommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		goOn := make(chan struct{})
		first := true
		b := runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error {
			if first {
				first = false
				<-goOn
			}
			return nil
		}}, &fakeFacts{}, nil)
		b.send(speedAt(carB, noon, 1))
		synctest.Wait() // the first commit runs
		b.send(
			speedAt(carB, noon.Add(-time.Hour), 2),
			speedAt(carA, noon, 3),
			speedAt(carB, noon.Add(-2*time.Hour), 4),
			speedAt(carA, noon.Add(-time.Hour), 5),
		)
		synctest.Wait()
		close(goOn)
		b.finish()
		b.wantDone("0", "1", "2", "3", "4")
		var got []string
		for _, r := range b.telemetry.batches[1] {
			got = append(got, fmt.Sprintf("%s %s", r.VIN, r.Sample.Time.Format("15:04")))
		}
		want := []string{string(carA) + " 11:00", string(carA) + " 12:00", string(carB) + " 10:00", string(carB) + " 11:00"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("second batch is not by vehicle and time (-want +got):\n%s", diff)
		}
	})
}

func TestBatchesAreCapped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, func(o *ingest.Options) { o.MaxBatchMessages = 2 })
		for range 9 {
			b.send(speedAt(carA, noon, 1))
		}
		b.finish()
		for _, batch := range b.telemetry.batches {
			if len(batch) > 2 {
				t.Errorf("a batch of %d messages, want at most 2", len(batch))
			}
		}
	})
}

func TestBudgetBoundsWhatIsUnacknowledged(t *testing.T) {
	t.Parallel()
	m := speedAt(carA, noon, 1)
	undecoded := len(m.Topic) + 512 + 32*len(m.Payload)
	decoded := len(m.Topic) + 512 + len(m.Payload) + int(unsafe.Sizeof(vehicle.Sample{})+unsafe.Sizeof(vehicle.Reading{})) + 16
	for name, test := range map[string]struct {
		set  func(*ingest.Options)
		want int
	}{
		"in messages":                  {func(o *ingest.Options) { o.MaxUnackedMessages = 7 }, 7},
		"in bytes":                     {func(o *ingest.Options) { o.MaxUnackedBytes = int64(2*undecoded + 3*decoded) }, 4 + undecoded/decoded},
		"messages above half of it":    {func(o *ingest.Options) { o.MaxUnackedBytes = 10 }, 2},
		"at least one message at once": {func(o *ingest.Options) { o.MaxUnackedMessages = 1 }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				goOn := make(chan struct{})
				b := runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error { <-goOn; return nil }}, &fakeFacts{}, test.set)
				go func() {
					for range 20 {
						b.send(speedAt(carA, noon, 1))
					}
				}()
				synctest.Wait()
				if got := len(b.source.taken); got != test.want {
					t.Errorf("%d messages taken while the store is busy, want %d", got, test.want)
				}
				close(goOn)
				b.finish()
				if got := len(b.answers.done()); got != 20 {
					t.Errorf("%d messages answered, want 20", got)
				}
			})
		})
	}
}

func TestStoreThatIsAwayIsTriedUntilItIsBack(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"telemetry", "facts"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var tries atomic.Int64
				var back atomic.Bool
				fail := func() error {
					tries.Add(1)
					if !back.Load() {
						return errors.New("connection refused")
					}
					return nil
				}
				values, facts := &fakeTelemetry{}, &fakeFacts{}
				if store == "telemetry" {
					values.before = func([]telemetry.Record) error { return fail() }
				} else {
					facts.before = func(ingest.Batch) error { return fail() }
				}
				metrics := prometheus.NewRegistry()
				b := runOn(t, values, facts, func(o *ingest.Options) { o.Registerer = metrics })
				b.send(speedAt(carA, noon, 1))
				time.Sleep(time.Hour) // of the bubble's clock
				if got := b.answers.done(); len(got) != 0 {
					t.Errorf("answered %v while the store is away", got)
				}
				if err := b.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
					t.Errorf("readiness: got %v, want the store's error", err)
				}
				if n := tries.Load(); n < 200 || n > 1000 {
					t.Errorf("%d tries in an hour, want one about every 10 s", n)
				}
				if got := metric(t, metrics, "pitcrew_ingest_store_away", store); got != 1 {
					t.Errorf("store_away is %v, want 1", got)
				}
				back.Store(true)
				time.Sleep(time.Minute)
				if err := b.Ready(t.Context()); err != nil {
					t.Errorf("readiness after the store is back: %v", err)
				}
				b.finish()
				b.wantDone("0")
			})
		})
	}
}

func TestRecordsRefusedForGoodGoToQuarantine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		values := &fakeTelemetry{before: func(batch []telemetry.Record) error {
			i := slices.IndexFunc(batch, func(r telemetry.Record) bool { return r.Sample.Time.Equal(noon.Add(-time.Second)) })
			if i < 0 {
				return nil
			}
			return fmt.Errorf("write: %w", &telemetry.PartialError{Rejected: []telemetry.Rejection{{Index: i, Reason: "field type conflict"}}})
		}}
		b := runOn(t, values, &fakeFacts{}, nil)
		bad := telemetryMessage(carA, `{"samples":[
			{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":1}},
			{"time":"2026-11-22T11:59:59Z","signals":{"Vehicle.Speed":2}}]}`)
		b.send(bad, speedAt(carB, noon, 3))
		b.finish()
		b.wantDone("0", "1")
		want := []ingest.Refused{{Topic: bad.Topic, VIN: string(carA), Payload: bad.Payload, Place: "samples[1]", Reason: "field type conflict"}}
		if diff := cmp.Diff(want, b.facts.refused()); diff != "" {
			t.Errorf("quarantine (-want +got):\n%s", diff)
		}
		if got := len(b.telemetry.values); got != 2 {
			t.Errorf("%d values stored, want the 2 sound ones", got)
		}
	})
}

func TestStopWritesWhatIsInside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error { time.Sleep(time.Second); return nil }}, &fakeFacts{}, nil)
		b.send(speedAt(carA, noon, 1), speedAt(carA, noon.Add(-time.Second), 2), speedAt(carA, noon.Add(-2*time.Second), 3))
		synctest.Wait()
		b.stop()
		if err := <-b.ended; err != nil {
			t.Errorf("pipeline ended with %v", err)
		}
		b.wantDone("0", "1", "2")
	})
}

func TestStopWithTheStoreAwayLeavesMessagesUnacknowledged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error { return errors.New("away") }}, &fakeFacts{},
			func(o *ingest.Options) { o.StopTimeout = 3 * time.Second; o.MaxBatchMessages = 1 })
		b.send(speedAt(carA, noon, 1), speedAt(carB, noon, 2))
		synctest.Wait()
		began := time.Now()
		b.stop()
		if err := <-b.ended; err != nil {
			t.Errorf("pipeline ended with %v", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("stop took %s, want at most the 3 s given", took)
		}
		for _, key := range []string{"0", "1"} {
			if errs := b.answers.errs[key]; len(errs) != 1 || errs[0] == nil {
				t.Errorf("message %s: answered with %v, want one error", key, errs)
			}
		}
	})
}

func TestSourceThatFailsStopsThePipeline(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{"with an error": errors.New("socket is gone"), "without one": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := runPipeline(t, nil)
				b.send(speedAt(carA, noon, 1))
				synctest.Wait()
				b.source.fail <- cause
				want := cause
				if want == nil {
					want = ingest.ErrEnded
				}
				if err := <-b.ended; !errors.Is(err, want) {
					t.Errorf("pipeline ended with %v, want %v", err, want)
				}
				b.wantDone("0")
				b.stop()
			})
		})
	}
}

// A crash after the samples and before the facts acknowledges nothing; the
// messages come again and leave the same state as if nothing had happened.
func TestCrashBetweenTelemetryAndFacts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		messages := []ingest.Message{speedAt(carA, noon, 1), codesAt(carA, noon, "P0171", "confirmed"), speedAt(carB, noon, 2)}
		values, facts := &fakeTelemetry{}, &fakeFacts{before: func(ingest.Batch) error { return errors.New("killed") }}
		crashed := runOn(t, values, facts, nil)
		crashed.send(messages...)
		synctest.Wait()
		crashed.stop()
		<-crashed.ended
		if len(values.values) == 0 || len(facts.batches) != 0 {
			t.Fatalf("%d values and %d batches of facts before the crash, want some and none", len(values.values), len(facts.batches))
		}
		facts.before = nil
		again := runOn(t, values, facts, nil)
		again.send(messages...)
		again.finish()
		again.wantDone("0", "1", "2")

		once := runPipeline(t, nil)
		once.send(messages...)
		once.finish()
		if diff := cmp.Diff(once.telemetry.values, values.values); diff != "" {
			t.Errorf("samples differ from an undisturbed run (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(once.facts.state, facts.state); diff != "" {
			t.Errorf("facts differ from an undisturbed run (-want +got):\n%s", diff)
		}
	})
}

func TestFactsOfMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		told := telemetryMessage(carA, `{"boot":"b7","seq":41,"samples":[
			{"time":"2026-11-22T11:00:00Z","signals":{"Vehicle.VehicleIdentification.Brand":"Toyota"}},
			{"time":"2026-11-22T10:00:00Z","signals":{"Vehicle.VehicleIdentification.Brand":"late news","Vehicle.Speed":1}}]}`)
		online := ingest.Message{Topic: "pitcrew/v1/" + string(carA) + "/status", Payload: []byte("online"), Received: noon, Retained: true}
		b.send(told, online)
		b.finish()
		b.wantDone("0", "1")
		isOnline := true
		want := []ingest.Seen{
			{VIN: carA, Received: noon, LastEvent: noon.Add(-time.Hour), Boot: "b7", Seq: 41,
				Attributes: []ingest.Attribute{{Signal: vehicle.Brand, Value: vehicle.Text("Toyota"), Time: noon.Add(-time.Hour)}}},
			{VIN: carA, Received: noon, Retained: true, Online: &isOnline},
		}
		var got []ingest.Seen
		for _, batch := range b.facts.batches {
			got = append(got, batch.Seen...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seen (-want +got):\n%s", diff)
		}
	})
}

func TestNewRefusesMissingStores(t *testing.T) {
	t.Parallel()
	if _, err := ingest.New(ingest.Options{Telemetry: &fakeTelemetry{}}); err == nil {
		t.Error("a pipeline without facts was made")
	}
	metrics := prometheus.NewRegistry()
	o := ingest.Options{Telemetry: &fakeTelemetry{}, Facts: &fakeFacts{}, Registerer: metrics}
	if _, err := ingest.New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.New(o); err == nil {
		t.Error("metrics were registered twice")
	}
}

// metric reads one metric whose label has the value.
func metric(t *testing.T, from prometheus.Gatherer, name, label string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() != name || (label != "" && (len(m.GetLabel()) == 0 || m.GetLabel()[0].GetValue() != label)) {
				continue
			}
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s of %q", name, label)
	return 0
}
