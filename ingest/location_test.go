package ingest_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/obd/dialect"
)

// Where the cars of these tests are, as every message of theirs says it.
const (
	secretLat = "52.516275"
	secretLon = "13.377704"
)

// located are messages that hold a place, by what they test. Each says something else
// too, which has to be stored with places and without.
func located() map[string]ingest.Message {
	own := func(kind obd.Kind, format string, a ...any) ingest.Message {
		return ingest.Message{Topic: obd.Topic(carA, kind), Payload: fmt.Appendf(nil, format, a...), Received: noon}
	}
	return map[string]ingest.Message{
		"telemetry": own(obd.Telemetry, `{"samples":[{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":50,
			"Vehicle.CurrentLocation.Latitude":%s,"Vehicle.CurrentLocation.Longitude":%s}}]}`, secretLat, secretLon),
		"names of their own": own(obd.Telemetry, `{"samples":[{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":50,"gps.lat":%s,"纬度":%s}}]}`, secretLat, secretLat),
		"a charger": own(obd.Telemetry, `{"samples":[{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":50,
			"Vehicle.Powertrain.TractionBattery.Charging.Location.Latitude":%s}}]}`, secretLat),
		"a part is refused": own(obd.Telemetry, `{"samples":[{"time":"2026-11-22T12:00:00Z","signals":{"Vehicle.Speed":50,"Vehicle.CurrentLocation.Latitude":%s}},
			{"time":"1999-11-22T12:00:00Z","signals":{"Vehicle.CurrentLocation.Longitude":%s}}]}`, secretLat, secretLon),
		"freeze frame": own(obd.DTC, `{"time":"2026-11-22T12:00:00Z","ecu":"7E8","mil":true,"codes":[{"code":"P0171","status":"confirmed",
			"freezeFrame":{"Vehicle.Speed":50,"Vehicle.CurrentLocation.Latitude":%s}}]}`, secretLat),
		"traccar": {Topic: "traccar/p", Received: noon, Payload: fmt.Appendf(nil, `{"device":{"uniqueId":"bound"},
			"position":{"latitude":%s,"longitude":%s,"attributes":{"power":12.6}}}`, secretLat, secretLon)},
		"torque": {Topic: "torque/p", Received: noon, Payload: []byte("id=bound&time=1795348800000&kd=50&kff1006=" + secretLat + "&kff1005=" + secretLon)},
	}
}

// kept is everything a pipeline stored, as text.
func kept(b *bench) string {
	b.telemetry.mu.Lock()
	defer b.telemetry.mu.Unlock()
	b.facts.mu.Lock()
	defer b.facts.mu.Unlock()
	text := fmt.Sprint(b.telemetry.values)
	for _, batch := range b.facts.batches {
		text += fmt.Sprintf("%+v", batch.Codes)
		for _, r := range batch.Refused {
			text += fmt.Sprintf("%s %s %s %s", r.Topic, r.Payload, r.Place, r.Reason)
		}
	}
	return text
}

func withFeeds(t *testing.T, metrics *prometheus.Registry, store bool) func(*ingest.Options) {
	t.Helper()
	feeds, err := dialect.NewRouter([]dialect.Feed{dialect.ParseFeed("traccar=traccar/#"), dialect.ParseFeed("torque=torque/#"), dialect.ParseFeed("ovms3")},
		map[string]string{"traccar/bound": string(carA), "torque/bound": string(carA)})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *ingest.Options) { o.Registerer, o.Feeds, o.StoreLocation, o.Decode = metrics, feeds, store, nil }
}

func TestPlacesAreNotStoredUnlessWanted(t *testing.T) {
	t.Parallel()
	for name, m := range located() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				run := func(store bool) (string, *bench, float64) {
					metrics := prometheus.NewRegistry()
					b := runPipeline(t, withFeeds(t, metrics, store))
					b.send(m)
					b.finish()
					b.wantDone("0")
					return kept(b), b, metric(t, metrics, "pitcrew_ingest_location_dropped_total", "")
				}
				all, with, dropped := run(true)
				if !strings.Contains(all, secretLat) && !strings.Contains(all, secretLon) {
					t.Fatalf("stored with locations, and there is none: %s", all)
				}
				if dropped != 0 {
					t.Errorf("%v values dropped although locations are wanted", dropped)
				}
				some, without, dropped := run(false)
				for _, secret := range []string{secretLat, secretLon, "Latitude\":", "kff1006=5"} {
					if strings.Contains(some, secret) {
						t.Errorf("%s is stored: %s", secret, some)
					}
				}
				if dropped == 0 {
					t.Error("no dropped value was counted")
				}
				// All else is the same.
				if w, o := with.facts.state, without.facts.state; !w.LastEvent[carA].Equal(o.LastEvent[carA]) || len(w.Marked) != len(o.Marked) || len(w.Refused) != len(o.Refused) || len(w.Codes) != len(o.Codes) {
					t.Errorf("with locations %+v, without %+v", w, o)
				}
				for key, v := range without.telemetry.values {
					if with.telemetry.values[key] != v {
						t.Errorf("%s is %v without locations", key, v)
					}
				}
				if len(without.telemetry.values)+len(without.facts.state.Codes) == 0 {
					t.Error("nothing is left of the message")
				}
			})
		})
	}
}

// One value per message: what holds only a place of a car that nobody knows has
// nothing that a replay could store, and a value that cannot be read is not kept.
func TestQuarantineKeepsNoBarePlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		metrics := prometheus.NewRegistry()
		b := runPipeline(t, withFeeds(t, metrics, false))
		topic := func(rest string) string { return "ovms/alice/CAR1/metric/" + rest }
		b.send(
			ingest.Message{Topic: topic("v/p/latitude"), Payload: []byte(secretLat), Received: noon},
			ingest.Message{Topic: topic("v/p/longitude"), Payload: []byte(secretLon + "E"), Received: noon},
			ingest.Message{Topic: topic("v/b/soc"), Payload: []byte("70"), Received: noon},
		)
		b.finish()
		b.wantDone("0", "1", "2")
		if all := kept(b); strings.Contains(all, secretLat) || strings.Contains(all, secretLon) {
			t.Errorf("a place is stored: %s", all)
		}
		refused := b.facts.refused()
		slices.SortFunc(refused, func(a, b ingest.Refused) int { return strings.Compare(a.Topic, b.Topic) })
		if len(refused) != 2 || refused[0].Topic != topic("v/b/soc") || !bytes.Equal(refused[0].Payload, []byte("70")) ||
			refused[1].Topic != topic("v/p/longitude") || len(refused[1].Payload) != 0 || !refused[1].Partial {
			t.Errorf("quarantine: %+v", refused)
		}
	})
}

// Replaying what quarantine kept stores what is left of it, and takes it out.
func TestReplayWithoutPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		message := ingest.Message{Topic: "traccar/p", Received: noon, Payload: fmt.Appendf(nil,
			`{"device":{"uniqueId":"unknown"},"position":{"latitude":%s,"longitude":%s,"attributes":{"power":12.6}}}`, secretLat, secretLon)}
		first := runPipeline(t, withFeeds(t, prometheus.NewRegistry(), false))
		first.send(message, message)
		first.finish()
		refused := first.facts.refused()
		if len(refused) != 1 || bytes.Contains(refused[0].Payload, []byte(secretLat)) || refused[0].Partial {
			t.Fatalf("quarantine: %+v", refused)
		}
		feeds, err := dialect.NewRouter([]dialect.Feed{dialect.ParseFeed("traccar=traccar/#")}, map[string]string{"traccar/unknown": string(carA)})
		if err != nil {
			t.Fatal(err)
		}
		then := runOn(t, &fakeTelemetry{}, first.facts, func(o *ingest.Options) { o.Feeds = feeds })
		if got, err := then.Replay(t.Context(), first.facts.quarantined()); err != nil || got != (ingest.Replayed{Stored: 1}) {
			t.Errorf("replayed %+v, %v", got, err)
		}
		then.finish()
		if left := first.facts.refused(); len(left) != 0 || len(then.telemetry.values) != 1 {
			t.Errorf("left in quarantine %+v, stored %v", left, then.telemetry.values)
		}
	})
}
