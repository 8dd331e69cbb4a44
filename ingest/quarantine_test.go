package ingest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

func TestWhatCannotBeUsedGoesToQuarantine(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("x"), 1<<20+1)
	for name, test := range map[string]struct {
		topic      string
		payload    string
		unreadable string
		class      string
		want       ingest.Refused // Topic and Received are those of the message
	}{
		"not our topic":     {topic: "weather/berlin", payload: "rain", class: "topic", want: ingest.Refused{Payload: []byte("rain"), Reason: `does not start with pitcrew/v1/`}},
		"not a VIN":         {topic: "pitcrew/v1/NOT-A-VIN/telemetry", payload: "{}", class: "topic", want: ingest.Refused{VIN: "NOT-A-VIN", Payload: []byte("{}"), Reason: "parse VIN"}},
		"unknown kind":      {topic: "pitcrew/v1/" + string(carA) + "/song", payload: "la", class: "topic", want: ingest.Refused{VIN: string(carA), Payload: []byte("la"), Reason: "unknown kind"}},
		"broken JSON":       {topic: obd.Topic(carA, obd.Telemetry), payload: `{"samples":[`, class: "payload", want: ingest.Refused{VIN: string(carA), Payload: []byte(`{"samples":[`), Place: "byte 12"}},
		"not a status":      {topic: obd.Topic(carA, obd.Status), payload: "asleep", class: "payload", want: ingest.Refused{VIN: string(carA), Payload: []byte("asleep"), Place: "byte 0"}},
		"too large":         {topic: obd.Topic(carA, obd.Telemetry), payload: string(large), class: "size", want: ingest.Refused{VIN: string(carA), Payload: large[:64<<10], Reason: "payload of 1048577 bytes is larger than 1048576; the first 65536 are kept", Partial: true}},
		"empty":             {topic: obd.Topic(carA, obd.Telemetry), payload: "", class: "payload", want: ingest.Refused{VIN: string(carA), Place: "byte 0"}},
		"not read":          {topic: "pitcrew/v1/" + string(carA), unreadable: "too long", class: "source", want: ingest.Refused{VIN: string(carA), Reason: "too long", Partial: true}},
		"crashes a decoder": {topic: "crash", payload: "boom", class: "decoder", want: ingest.Refused{Payload: []byte("boom"), Reason: "index out of range"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				metrics := prometheus.NewRegistry()
				b := runPipeline(t, func(o *ingest.Options) { o.Registerer, o.Decode = metrics, decodeOrCrash })
				m := ingest.Message{Topic: test.topic, Payload: []byte(test.payload), Received: noon, Unreadable: test.unreadable}
				b.send(speedAt(carB, noon, 1), m, speedAt(carB, noon.Add(time.Second), 2))
				b.finish()
				b.wantDone("0", "1", "2")
				if got := len(b.telemetry.values); got != 2 {
					t.Errorf("%d values of the neighbours stored, want 2", got)
				}
				test.want.Topic = test.topic
				got := b.facts.refused()
				if len(got) != 1 {
					t.Fatalf("quarantine holds %d entries, want 1", len(got))
				}
				if !strings.Contains(got[0].Reason, test.want.Reason) || got[0].Reason == "" {
					t.Errorf("reason %q, want one with %q", got[0].Reason, test.want.Reason)
				}
				if diff := cmp.Diff(test.want, got[0], cmpopts.IgnoreFields(ingest.Refused{}, "Reason", "Payload")); diff != "" {
					t.Errorf("quarantine (-want +got):\n%s", diff)
				}
				if !bytes.Equal(got[0].Payload, test.want.Payload) {
					t.Errorf("quarantine keeps %d bytes, want %d", len(got[0].Payload), len(test.want.Payload))
				}
				if n := metric(t, metrics, "pitcrew_ingest_quarantined_total", test.class); n != 1 {
					t.Errorf("quarantined of class %s: %v, want 1", test.class, n)
				}
			})
		})
	}
}

// decodeOrCrash decodes pitcrew's own topics and crashes on "crash".
func decodeOrCrash(topic string, payload []byte, received time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
	if topic == "crash" {
		_ = payload[len(payload)]
	}
	vin, kind, err := obd.ParseTopic(topic)
	if err != nil {
		return vehicle.Report{}, nil, err
	}
	return obd.Decode(kind, vin, payload, received)
}

func TestPartsThatCannotBeUsedDoNotSpoilTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		m := telemetryMessage(carA, `{"samples":[
			{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":1}},
			{"time":"1970-01-01T00:00:07Z","signals":{"Vehicle.Speed":2}},
			{"time":"1970-01-01T00:00:08Z","signals":{"Vehicle.Speed":3}},
			{"time":"2026-11-22T12:00:01Z","signals":{"Vehicle.Speed":4}}]}`)
		b.send(m)
		b.finish()
		b.wantDone("0")
		if got := len(b.telemetry.values); got != 2 {
			t.Errorf("%d values stored, want the 2 sound ones", got)
		}
		got := b.facts.refused()
		if len(got) != 1 {
			t.Fatalf("quarantine holds %d entries, want one for the one reason: %+v", len(got), got)
		}
		for _, place := range []string{"samples[1]", "samples[2]"} {
			if !strings.Contains(got[0].Place, place) {
				t.Errorf("place %q does not name %s", got[0].Place, place)
			}
		}
		if !bytes.Equal(got[0].Payload, m.Payload) {
			t.Error("quarantine does not hold the whole message")
		}
	})
}

// A message of which nothing can be used says so part by part, as one of which some
// parts can.
func TestEveryFaultOfAMessageIsListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, nil)
		b.send(ingest.Message{
			Topic: obd.Topic(carA, obd.Adapter), Received: noon,
			Payload: []byte(`{"time":"2026-11-22T12:00:00Z","elm327":"41 0C 1A\r>7F 01 12\r>"}`),
		})
		b.finish()
		b.wantDone("0")
		got := b.facts.refused()
		if len(got) != 2 || got[0].Place == "" || got[1].Place == "" {
			t.Errorf("in quarantine: %+v, want both faults with their places", got)
		}
	})
}

// A dialect that does not check its clock must not put the year 2099 into
// "latest", nor stop every commit with a value that no store takes.
func TestImpossibleValuesOfADecoderAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		speed := []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(1)}}
		nan := vehicle.CodeEntry{Code: "P0171", Status: vehicle.CodeConfirmed, FreezeFrame: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(nan())}}}
		b := runPipeline(t, func(o *ingest.Options) {
			o.Decode = func(string, []byte, time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
				return vehicle.Report{
					VIN: carA,
					Samples: []vehicle.Sample{
						{Time: noon, Readings: speed},
						{Time: noon.AddDate(73, 0, 0), Readings: speed},
						{Time: noon.AddDate(-40, 0, 0), Readings: speed},
						{Time: noon.Add(time.Second), Readings: speed},
					},
					Codes: []vehicle.CodeReport{{Time: noon.AddDate(1, 0, 0)}, {Time: noon, Codes: []vehicle.CodeEntry{nan}}, {Time: noon}},
				}, nil, nil
			}
		})
		b.send(ingest.Message{Topic: "dialect/x", Payload: []byte("?"), Received: noon})
		b.finish()
		b.wantDone("0")
		var places []string
		for _, r := range b.facts.refused() {
			places = append(places, r.Place)
		}
		if diff := cmp.Diff([]string{"codes[1]", "samples[1]; codes[0]", "samples[2]"}, places); diff != "" {
			t.Errorf("refused places (-want +got):\n%s", diff)
		}
		if len(b.telemetry.values) != 2 || len(b.facts.state.Codes) != 1 {
			t.Errorf("stored %d values and %d code reports, want 2 and 1", len(b.telemetry.values), len(b.facts.state.Codes))
		}
	})
}

// A hostile message must not become thousands of entries, each with its payload.
func TestOneMessageMakesFewEntries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := runPipeline(t, func(o *ingest.Options) {
			o.Decode = func(string, []byte, time.Time) (vehicle.Report, []*vehicle.Refusal, error) {
				var parts []*vehicle.Refusal
				for i := range 1000 {
					parts = append(parts,
						&vehicle.Refusal{Offset: -1, Place: fmt.Sprint(i), Reason: "the same"},
						&vehicle.Refusal{Offset: -1, Place: fmt.Sprint(i), Reason: fmt.Sprint("reason ", i)})
				}
				return vehicle.Report{VIN: carA}, parts, nil
			}
		})
		b.send(ingest.Message{Topic: "dialect/x", Payload: []byte("?"), Received: noon})
		b.finish()
		got := map[string]string{}
		for _, r := range b.facts.refused() {
			got[r.Reason] = r.Place
		}
		want := map[string]string{"the same": "0; 1; 2; 3; 4; 5; 6; 7 and 992 more", "985 more parts refused for other reasons": ""}
		for i := range 15 {
			want[fmt.Sprint("reason ", i)] = fmt.Sprint(i)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("quarantine (-want +got):\n%s", diff)
		}
	})
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
