package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Messages are lost, come late, twice and refused, and pitcrew restarts in between:
// what is missing is a figure.
func TestMissingMessagesAreCounted(t *testing.T) {
	t.Parallel()
	const vin = "LJCPCBLCX14500264"
	data := t.TempDir()
	serve := func() *running {
		return startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous", "--data", data)
	}
	send := func(r *running, numbers ...int) {
		t.Helper()
		for _, n := range numbers {
			publish(t, r, "", "", [2]string{"pitcrew/v1/" + vin + "/telemetry", fmt.Sprintf(
				`{"boot":"b7","seq":%d,"samples":[{"time":%q,"signals":{"Vehicle.Speed":%d}}]}`, n, time.Now().UTC().Format(time.RFC3339Nano), n)})
		}
	}
	missing := func(r *running, want string) {
		t.Helper()
		var car struct {
			Reception struct {
				Received, Missing string
				Since             time.Time
				Gaps              []struct {
					Boot, First, Last string
					Since             time.Time
				}
			}
		}
		if err := r.get("/v1/vehicles/"+vin, &car); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%s received, %s missing", car.Reception.Received, car.Reception.Missing)
		for _, g := range car.Reception.Gaps {
			got += fmt.Sprintf(", %s %s-%s", g.Boot, g.First, g.Last)
			if age := time.Since(g.Since); g.Since.Before(car.Reception.Since) || age > time.Minute {
				t.Errorf("a gap is %s old", age)
			}
		}
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}

	r := serve()
	send(r, 1840, 1841, 1845, 1841, 1848)
	missing(r, "4 received, 5 missing, b7 1846-1847, b7 1842-1844")
	publish(t, r, "", "", [2]string{"pitcrew/v1/" + vin + "/telemetry", `{"boot":"b7","seq":1846,"samples":[{"time":"1970-01-01T00:00:00Z","signals":{"Vehicle.Speed":1}}]}`})
	missing(r, "5 received, 4 missing, b7 1847-1847, b7 1842-1844")
	r.stop()

	r = serve()
	send(r, 1849, 1844, 1843)
	missing(r, "8 received, 2 missing, b7 1842-1842, b7 1847-1847")
	resp, err := http.Get(r.web + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	metrics, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(metrics), "\npitcrew_messages_missing 2\n") || !strings.Contains(string(metrics), "\npitcrew_messages_missing_vehicles 1\n") {
		t.Errorf("the metrics do not tell that 2 messages of 1 vehicle are missing: %v", err)
	}
	send(r, 1847, 1842)
	missing(r, "10 received, 0 missing")
}
