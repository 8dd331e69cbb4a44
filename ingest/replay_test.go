package ingest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// binding decodes pitcrew's own topics, and "box/1": a device that is in car A
// once it is bound, and has no clock.
type binding struct {
	bound  atomic.Bool
	answer atomic.Value // the reason while it is not
}

func (d *binding) decode(topic string, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	if topic != "box/1" {
		vin, kind, err := obd.ParseTopic(topic)
		if err != nil {
			return vehicle.Report{}, nil, err
		}
		return obd.Decode(kind, vin, payload, received)
	}
	if !d.bound.Load() {
		return vehicle.Report{}, nil, errors.New(d.answer.Load().(string))
	}
	return vehicle.Report{VIN: carA, Samples: []vehicle.Sample{{
		Time: received, TimeSource: vehicle.TimeFromReceiver,
		Readings: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(float64(len(payload)))}},
	}}}, nil, nil
}

// replayBench is a pipeline with messages of an unbound device in quarantine.
func replayBench(t *testing.T, values *fakeTelemetry, facts *fakeFacts, messages ...ingest.Message) (*bench, *binding) {
	t.Helper()
	device := &binding{}
	device.answer.Store("box 1 is bound to no vehicle")
	b := runOn(t, values, facts, func(o *ingest.Options) { o.Decode = device.decode })
	b.send(messages...)
	synctest.Wait()
	return b, device
}

// quarantined is what the fake facts hold in quarantine, each message once.
func (f *fakeFacts) quarantined() iter.Seq2[ingest.Kept, error] {
	var kept []ingest.Kept
	for _, r := range f.refused() {
		m := ingest.Kept{
			Topic: r.Topic, Payload: r.Payload, Received: noon.Add(-time.Hour), Partial: r.Partial, Retained: r.Retained, From: r.From,
		}
		same := func(k ingest.Kept) bool { return k.Topic == m.Topic && string(k.Payload) == string(m.Payload) }
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, m)
		}
	}
	return func(yield func(ingest.Kept, error) bool) {
		for _, m := range kept {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func boxMessage(payload string) ingest.Message {
	return ingest.Message{Topic: "box/1", Payload: []byte(payload), Received: noon}
}

func TestReplayStoresWhatCanBeReadNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, device := replayBench(t, &fakeTelemetry{}, &fakeFacts{}, boxMessage("x"), speedAt(carB, noon, 3), boxMessage("yy"))
		if n := len(b.facts.refused()); n != 2 {
			t.Fatalf("quarantine holds %d entries, want 2", n)
		}
		device.bound.Store(true)
		kept := b.facts.quarantined()
		for _, want := range []ingest.Replayed{{Stored: 2}, {Stored: 2}} { // twice is harmless
			got, err := b.Replay(t.Context(), kept)
			if err != nil || got != want {
				t.Errorf("replayed %+v, %v, want %+v", got, err, want)
			}
			if left := b.facts.refused(); len(left) != 0 {
				t.Errorf("still in quarantine: %+v", left)
			}
		}
		b.finish()
		then := string(carA) + " " + noon.Add(-time.Hour).Format(time.RFC3339Nano) + " Vehicle.Speed"
		if _, ok := b.telemetry.values[then]; !ok || len(b.telemetry.values) != 2 {
			t.Errorf("stored %v, want %s at the time of receipt", b.telemetry.values, then)
		}
		if !slices.ContainsFunc(b.facts.marks(), func(m ingest.Mark) bool { return m.VIN == carA }) {
			t.Error("the car is not planned again")
		}
	})
}

func TestWhatIsRefusedAgainStaysUnderTheReasonOfNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		metrics := prometheus.NewRegistry()
		device := &binding{}
		device.answer.Store("box 1 is bound to no vehicle")
		b := runPipeline(t, func(o *ingest.Options) { o.Decode, o.Registerer = device.decode, metrics })
		b.send(boxMessage("x"), telemetryMessage(carA, "not JSON"))
		synctest.Wait()
		device.answer.Store("box 1 speaks in tongues")
		got, err := b.Replay(t.Context(), b.facts.quarantined())
		if want := (ingest.Replayed{Refused: 2}); err != nil || got != want {
			t.Errorf("replayed %+v, %v, want %+v", got, err, want)
		}
		b.finish()
		var reasons []string
		for _, r := range b.facts.refused() {
			reasons = append(reasons, r.Reason)
		}
		if len(reasons) != 2 || reasons[0] != "box 1 speaks in tongues" || strings.Contains(reasons[1], "box") {
			t.Errorf("reasons %q", reasons)
		}
		// Alerts watch what cars send, not what people try.
		if n := metric(t, metrics, "pitcrew_ingest_quarantined_total", "payload"); n != 2 {
			t.Errorf("%v counted as refused, want the 2 that came", n)
		}
		if n := metric(t, metrics, "pitcrew_ingest_replayed_total", "refused"); n != 2 {
			t.Errorf("%v counted as replayed and refused, want 2", n)
		}
	})
}

// The parts of a message that could be read the first time are written again, and
// change nothing.
func TestReplayOfAMessageThatWasRefusedInPart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := `{"samples":[{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":1}},{"time":"yesterday","signals":{"Vehicle.Speed":2}}]}`
		b, _ := replayBench(t, &fakeTelemetry{}, &fakeFacts{}, telemetryMessage(carA, bad))
		before := b.facts.refused()
		got, err := b.Replay(t.Context(), b.facts.quarantined())
		if want := (ingest.Replayed{Refused: 1}); err != nil || got != want {
			t.Errorf("replayed %+v, %v, want %+v", got, err, want)
		}
		b.finish()
		if diff := cmp.Diff(before, b.facts.refused()); diff != "" || len(before) != 1 {
			t.Errorf("quarantine changed (-before +after):\n%s", diff)
		}
		if len(b.telemetry.values) != 1 {
			t.Errorf("stored %v, want one value", b.telemetry.values)
		}
	})
}

// Half a message must not be taken for a whole one.
func TestAMessageThatIsKeptInPartIsNotReplayed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, device := replayBench(t, &fakeTelemetry{}, &fakeFacts{}, boxMessage(strings.Repeat("x", 1<<20+1)),
			ingest.Message{Topic: "box/1", Received: noon, Unreadable: "too long"})
		device.bound.Store(true)
		got, err := b.Replay(t.Context(), b.facts.quarantined())
		if want := (ingest.Replayed{Partial: 2}); err != nil || got != want {
			t.Errorf("replayed %+v, %v, want %+v", got, err, want)
		}
		b.finish()
		if len(b.facts.refused()) != 2 || len(b.telemetry.values) != 0 {
			t.Errorf("quarantine %+v, stored %v", b.facts.refused(), b.telemetry.values)
		}
	})
}

// A replay does what would have been done: the clock of a repeated old state and
// the claim of a stranger count no more than when the message came.
func TestReplayKeepsHowAMessageCame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		retained, stranger := boxMessage("x"), boxMessage("yy")
		retained.Retained, stranger.From = true, carB
		b, device := replayBench(t, &fakeTelemetry{}, &fakeFacts{}, retained, stranger)
		device.bound.Store(true)
		got, err := b.Replay(t.Context(), b.facts.quarantined())
		if want := (ingest.Replayed{Stored: 1, Refused: 1}); err != nil || got != want {
			t.Errorf("replayed %+v, %v, want %+v", got, err, want)
		}
		left := b.facts.refused()
		if len(left) != 1 || !strings.Contains(left[0].Reason, "sent a message about") || left[0].From != carB {
			t.Errorf("in quarantine: %+v", left)
		}
		if len(b.telemetry.values) != 0 {
			t.Errorf("stored %v, want nothing", b.telemetry.values)
		}
		vouched := func(yield func(ingest.Kept, error) bool) {
			yield(ingest.Kept{Topic: "box/1", Payload: []byte("yy"), Received: noon}, nil)
		}
		if got, err = b.Replay(t.Context(), vouched); err != nil || got.Stored != 1 {
			t.Errorf("replayed %+v, %v, want it stored", got, err)
		}
		b.finish()
		if len(b.facts.refused()) != 0 || len(b.telemetry.values) != 1 {
			t.Errorf("quarantine %+v, stored %v", b.facts.refused(), b.telemetry.values)
		}
	})
}

// Between the samples and the facts the process may die: the message is in
// quarantine until its facts are durable.
func TestAReplayThatBreaksOffLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		facts := &fakeFacts{before: func(ingest.Batch) error {
			if away.Load() {
				return errors.New("the disk is full")
			}
			return nil
		}}
		b, device := replayBench(t, &fakeTelemetry{}, facts, boxMessage("x"))
		device.bound.Store(true)
		away.Store(true)
		kept := b.facts.quarantined()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got, err := b.Replay(ctx, kept)
		if !errors.Is(err, context.DeadlineExceeded) || got != (ingest.Replayed{}) {
			t.Errorf("replayed %+v, %v, want nothing for certain", got, err)
		}
		if len(b.facts.refused()) != 1 {
			t.Error("the message left quarantine before its facts were durable")
		}
		ended := make(chan error, 1)
		go func() {
			_, err := b.Replay(t.Context(), kept)
			ended <- err
		}()
		synctest.Wait()
		b.stop() // the store stays away: what is under way is given up
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil {
			t.Error("a replay that was given up reports success")
		}
		if len(b.facts.refused()) != 1 {
			t.Error("the message left quarantine before its facts were durable")
		}
		if _, err := b.Replay(t.Context(), kept); !errors.Is(err, ingest.ErrStopping) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestReplayReportsThatQuarantineCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, device := replayBench(t, &fakeTelemetry{}, &fakeFacts{}, boxMessage("x"))
		device.bound.Store(true)
		broken := errors.New("the disk is gone")
		got, err := b.Replay(t.Context(), func(yield func(ingest.Kept, error) bool) {
			for m := range b.facts.quarantined() {
				yield(m, nil)
			}
			yield(ingest.Kept{}, broken)
		})
		if want := (ingest.Replayed{Stored: 1}); !errors.Is(err, broken) || got != want {
			t.Errorf("replayed %+v, %v, want %+v and the cause", got, err, want)
		}
		b.finish()
	})
}
