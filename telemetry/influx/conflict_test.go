package influx_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Somebody else wrote a text where our numbers go: InfluxDB refuses the points
// of that car, and only those.
func refusesTypeConflicts(t *testing.T, server *testserver.Influxd) {
	s := open(t, influx.Options{URL: server.URL, Bucket: "conflict/autogen"})
	line := fmt.Sprintf("vehicle,vin=X Vehicle.Speed=\"fast\" %d", noon.UnixMilli())
	post(t, server.URL+"/api/v2/write?precision=ms&bucket=conflict/autogen", line)

	good := speed("B", 5, 0)
	good.Sample.Readings[0].Signal = vehicle.LowVoltage
	err := s.Write(t.Context(), []telemetry.Record{speed("B", 0, 1), good, speed("A", 0, 2)})
	checkRejected(t, err, []int{0, 2}, "field type conflict")
	days, err := s.Days(t.Context(), "B")
	if d := cmp.Diff([]vehicle.Day{vehicle.DayOf(noon)}, days); err != nil || d != "" {
		t.Errorf("the good record is not stored: %v %s", err, d)
	}
}

// A retention policy that somebody made: what is too old goes to quarantine.
func refusesWhatIsTooOld(t *testing.T, server *testserver.Influxd) {
	post(t, server.URL+"/query?q="+url.QueryEscape(`CREATE DATABASE short WITH DURATION 1d NAME "day"`), "")
	s := open(t, influx.Options{URL: server.URL, Bucket: "short/day"})
	checkRejected(t, s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1)}), []int{0}, "retention policy")
}

// A retention policy that nobody made yet is made.
func makesPolicies(t *testing.T, server *testserver.Influxd) {
	for range 2 {
		s := open(t, influx.Options{URL: server.URL, Bucket: "made/forever"})
		if err := s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1)}); err != nil {
			t.Fatal(err)
		}
	}
}

func post(t *testing.T, address, body string) {
	t.Helper()
	response, err := http.Post(address, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	if response.StatusCode >= 300 || strings.Contains(string(answer), `"error"`) {
		t.Fatalf("%s: %s %s", address, response.Status, answer)
	}
}
