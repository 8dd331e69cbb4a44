package ingest_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestEveryDayTouchedIsMarkedOnceInAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		b.send(speedAt(carA, noon, 1), speedAt(carA, noon.AddDate(0, 0, -30), 2), codesAt(carB, noon))
		synctest.Wait()
		b.send(speedAt(carA, noon.Add(time.Second), 3)) // within the second: its mark stands
		time.Sleep(1100 * time.Millisecond)
		b.send(speedAt(carA, noon.Add(2*time.Second), 4))
		b.finish()
		count := map[string]int{}
		for _, m := range b.facts.marks() {
			count[fmt.Sprintf("%s %s", m.VIN, m.Day)]++
		}
		want := map[string]int{string(carA) + " 2026-11-22": 2, string(carA) + " 2026-10-23": 1, string(carB) + " 2026-11-22": 1}
		if diff := cmp.Diff(want, count); diff != "" {
			t.Errorf("marks (-want +got):\n%s", diff)
		}
	})
}

// A mark may be left out only for data that is durable within a second of the
// mark that stands for it; a slow write makes a mark of its own.
func TestMarkIsDecidedAfterTheWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runOn(t, &fakeTelemetry{before: func([]telemetry.Record) error { time.Sleep(2 * time.Second); return nil }}, &fakeFacts{}, nil)
		b.send(speedAt(carA, noon, 1))
		synctest.Wait()
		b.send(speedAt(carA, noon.Add(time.Second), 2))
		time.Sleep(10 * time.Second)
		b.finish()
		marks := b.facts.marks()
		if len(marks) != 2 || marks[1].At.Sub(marks[0].At) != 2*time.Second {
			t.Errorf("marks %v, want one after each write", marks)
		}
	})
}

// A mark that stands for facts may be taken while they are held up: then they get
// one of their own, or nobody would plan them.
func TestFactsThatWereHeldUpAreMarked(t *testing.T) {
	t.Parallel()
	hold := 10 * time.Second
	for name, heldUp := range map[string]func(attempt int) error{
		"by a store that was away": func(attempt int) error {
			if attempt < 6 { // 100 ms, doubled every time
				return errors.New("disk is full")
			}
			return nil
		},
		"by a slow commit": func(int) error { time.Sleep(hold); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				facts := &fakeFacts{before: func(b ingest.Batch) error {
					if len(b.Codes) == 0 {
						return nil
					}
					attempts++
					return heldUp(attempts)
				}}
				b := runOn(t, &fakeTelemetry{}, facts, nil)
				b.send(speedAt(carA, noon, 1))
				synctest.Wait()
				b.send(codesAt(carA, noon)) // within the second: the mark of the first stands for it
				time.Sleep(2 * hold)
				b.finish()
				if len(facts.batches) != 3 || len(facts.batches[1].Codes) != 1 || len(facts.batches[2].Marks) != 1 {
					t.Errorf("recorded %+v, want the codes followed by a mark", facts.batches)
				}
				b.wantDone("0", "1")
			})
		})
	}
}

func TestUrgency(t *testing.T) {
	t.Parallel()
	engine := func(at time.Time, rpm, coolant, volts float64) ingest.Message {
		return telemetryMessage(carA, fmt.Sprintf(`{"samples":[{"time":%q,"signals":{%q:%g,%q:%g,%q:%g}}]}`, at.Format(time.RFC3339),
			vehicle.EngineSpeed, rpm, vehicle.CoolantTemperature, coolant, vehicle.LowVoltage, volts))
	}
	retained := codesAt(carA, noon, "P0171", "confirmed")
	retained.Retained = true
	confirmedOnly := codesAt(carA, noon.Add(-time.Minute), "P0171", "confirmed")
	pendingOnly := ingest.Message{Topic: confirmedOnly.Topic, Received: noon,
		Payload: []byte(`{"time":"2026-11-22T12:00:00Z","ecu":"7E8","covers":["pending"],"codes":[]}`)}
	telling := func(at time.Time, said string) ingest.Message {
		return ingest.Message{Topic: confirmedOnly.Topic, Received: noon,
			Payload: fmt.Appendf(nil, `{"time":%q,"ecu":"7E8","covers":["none"],%s}`, at.Format(time.RFC3339), said)}
	}
	minutesAgo := func(n int) time.Time { return noon.Add(-time.Duration(n) * time.Minute) }
	for name, test := range map[string]struct {
		messages []ingest.Message
		want     []bool // is the mark after each message urgent?
	}{
		"a new confirmed code is, the same again is not": {
			[]ingest.Message{codesAt(carA, minutesAgo(9), "P0171", "confirmed"), codesAt(carA, minutesAgo(8), "P0171", "confirmed")}, []bool{true, false}},
		"a second code is": {
			[]ingest.Message{codesAt(carA, minutesAgo(9), "P0171", "confirmed"), codesAt(carA, minutesAgo(8), "P0171", "confirmed", "P0300", "confirmed")}, []bool{true, true}},
		"a code that went and came back is": {
			[]ingest.Message{codesAt(carA, minutesAgo(9), "P0171", "confirmed"), codesAt(carA, minutesAgo(8)), codesAt(carA, minutesAgo(7), "P0171", "confirmed")}, []bool{true, false, true}},
		"a pending code is not, confirmed it is": {
			[]ingest.Message{codesAt(carA, minutesAgo(9), "P0171", "pending"), codesAt(carA, minutesAgo(8), "P0171", "confirmed")}, []bool{false, true}},
		"a report on pending codes says nothing of confirmed ones": {
			[]ingest.Message{confirmedOnly, pendingOnly, codesAt(carA, noon.Add(time.Second), "P0171", "confirmed")}, []bool{true, false, false}},
		"readiness says nothing of codes": {
			[]ingest.Message{codesAt(carA, minutesAgo(9), "P0171", "confirmed"), telling(minutesAgo(8), `"readiness":{"complete":["catalyst"]},"codes":[]`), codesAt(carA, minutesAgo(7), "P0171", "confirmed")}, []bool{true, false, false}},
		"a code told alone is, and the others stay": {
			[]ingest.Message{codesAt(carA, minutesAgo(9), "P0171", "confirmed"), telling(minutesAgo(8), `"codes":[{"code":"P0300","status":"confirmed"}]`), codesAt(carA, minutesAgo(7), "P0171", "confirmed", "P0300", "confirmed")}, []bool{true, true, false}},
		"an old report is not": {
			[]ingest.Message{codesAt(carA, minutesAgo(61), "P0171", "confirmed"), codesAt(carA, noon, "P0171", "confirmed")}, []bool{false, true}},
		"a retained report is not": {[]ingest.Message{retained}, []bool{false}},
		"a boiling engine is, once in ten minutes": {
			[]ingest.Message{engine(minutesAgo(15), 2000, 121, 14), engine(minutesAgo(14), 2000, 122, 14), engine(minutesAgo(4), 2000, 121, 14)}, []bool{true, false, true}},
		"a hot engine is not":                       {[]ingest.Message{engine(noon, 2000, 120, 14)}, []bool{false}},
		"an engine that boiled long ago is not":     {[]ingest.Message{engine(minutesAgo(61), 2000, 130, 14)}, []bool{false}},
		"no charging while the engine runs is":      {[]ingest.Message{engine(noon, 800, 90, 11.4)}, []bool{true}},
		"a starter pulling the battery down is not": {[]ingest.Message{engine(noon, 250, 20, 9.6)}, []bool{false}},
		"a flat battery at rest is not":             {[]ingest.Message{engine(noon, 0, 20, 11.0)}, []bool{false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := runPipeline(t, nil)
				for _, m := range test.messages {
					b.send(m)
					time.Sleep(2 * time.Second) // past the window in which a mark stands for another
				}
				b.finish()
				var got []bool
				for _, m := range b.facts.marks() {
					got = append(got, m.Urgent)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("urgent marks (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestUrgentMarkIsNotLostInOneThatMayWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		b.send(speedAt(carA, noon, 1))
		synctest.Wait()
		b.send(codesAt(carA, noon, "P0171", "confirmed"))
		b.finish()
		marks := b.facts.marks()
		if len(marks) != 2 || marks[0].Urgent || !marks[1].Urgent {
			t.Errorf("marks %v, want an urgent one after the first", marks)
		}
	})
}
