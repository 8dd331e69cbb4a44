package ingest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// clocks returns what was recorded of clocks, as text.
func (f *fakeFacts) clocks() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, b := range f.batches {
		for _, c := range b.Clocks {
			all = append(all, fmt.Sprintf("%s %s", c.Hour.Format("15:04"), c.Lead))
		}
	}
	return all
}

// What a message tells of its car's clock, received half past twelve.
func TestMessagesTellOfClocks(t *testing.T) {
	t.Parallel()
	received := noon.Add(30*time.Minute + 500*time.Millisecond)
	sample := func(at time.Duration) string {
		return fmt.Sprintf(`{"time":%q,"signals":{"Vehicle.Speed":1}}`, received.Add(at).Format(time.RFC3339Nano))
	}
	sent := func(at time.Duration) string { return received.Add(at).Format(time.RFC3339Nano) }
	for name, test := range map[string]struct {
		kind    obd.Kind
		payload string
		set     func(*ingest.Message)
		want    []string
	}{
		"sent a second ago":                {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[%s]}`, sent(-time.Second), sample(-2*time.Second)), nil, []string{"12:00 -1s"}},
		"within a second":                  {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[]}`, sent(-time.Millisecond)), nil, []string{"12:00 -1s"}},
		"a clock ahead":                    {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[]}`, sent(37*time.Second+400*time.Millisecond)), nil, []string{"12:00 37s"}},
		"a clock behind":                   {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[]}`, sent(-8*time.Hour)), nil, []string{"12:00 -8h0m0s"}},
		"stored samples, sent now":         {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[%s]}`, sent(0), sample(-9*time.Hour)), nil, []string{"12:00 0s"}},
		"measured after it was sent":       {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[%s]}`, sent(0), sample(time.Minute)), nil, []string{"12:00 1m0s"}},
		"live, without saying when sent":   {obd.Telemetry, fmt.Sprintf(`{"samples":[%s,%s]}`, sample(-3*time.Second), sample(-2*time.Hour)), nil, []string{"12:00 -3s"}},
		"stored, without saying when sent": {obd.Telemetry, fmt.Sprintf(`{"samples":[%s]}`, sample(-6*time.Minute)), nil, nil},
		"codes":                            {obd.DTC, fmt.Sprintf(`{"time":%q,"codes":[]}`, sent(time.Hour)), nil, []string{"12:00 1h0m0s"}},
		"a status":                         {obd.Status, `online`, nil, nil},
		"a replay by the broker":           {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[]}`, sent(-time.Hour)), func(m *ingest.Message) { m.Retained = true }, nil},
		"sent at an impossible time":       {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[]}`, sent(25*time.Hour)), nil, []string{"12:00 25h0m0s"}},
		"all of it impossible":             {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[%s]}`, sent(48*time.Hour), sample(48*time.Hour)), nil, []string{"12:00 48h0m0s"}},
		"of another vehicle":               {obd.Telemetry, fmt.Sprintf(`{"sent":%q,"samples":[%s]}`, sent(48*time.Hour), sample(48*time.Hour)), func(m *ingest.Message) { m.From = carB }, nil},
		"no time at all":                   {obd.Telemetry, `{"sent":"yesterday","samples":[]}`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := runPipeline(t, nil)
				m := ingest.Message{Topic: obd.Topic(carA, test.kind), Payload: []byte(test.payload), Received: received}
				if test.set != nil {
					test.set(&m)
				}
				b.send(m)
				b.finish()
				if diff := cmp.Diff(test.want, b.facts.clocks()); diff != "" {
					t.Errorf("clocks (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Samples whose time is that of receipt tell nothing of a clock.
func TestReceiversClockIsNotTheCars(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, func(o *ingest.Options) {
			o.Decode = func(_ string, _ []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
				reading := []vehicle.Reading{vehicle.Measure(vehicle.Speed, 1)}
				return vehicle.Report{VIN: carA, Samples: []vehicle.Sample{
					{Time: received, TimeSource: vehicle.TimeFromReceiver, Readings: reading},
					{Time: received.Add(-time.Second), TimeSource: vehicle.TimeFromAge, Readings: reading},
				}}, nil, nil
			}
		})
		b.send(telemetryMessage(carA, ""))
		b.finish()
		if got := b.facts.clocks(); got != nil {
			t.Errorf("told %v", got)
		}
	})
}

// Only what adds to an hour becomes a row, unless it could not be recorded.
func TestClocksAreRecordedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		for i, delay := range []time.Duration{40, 40, 3, 20, 2, 2, 50, 1} {
			m := telemetryMessage(carA, fmt.Sprintf(`{"sent":%q,"samples":[]}`, noon.Format(time.RFC3339)))
			m.Received = noon.Add(delay * time.Second)
			if i > 5 {
				m.Received = m.Received.Add(time.Hour)
			}
			b.send(m)
			synctest.Wait()
		}
		b.finish()
		want := []string{"12:00 -40s", "12:00 -3s", "12:00 -2s", "13:00 -1h0m50s", "13:00 -1h0m1s"}
		if diff := cmp.Diff(want, b.facts.clocks()); diff != "" {
			t.Errorf("clocks (-want +got):\n%s", diff)
		}
	})
}
