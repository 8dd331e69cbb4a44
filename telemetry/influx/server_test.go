package influx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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

// Two requests meet the same conflict; one line in the log says so.
func saysConflictsOnce(t *testing.T, server *testserver.Influxd) {
	var log bytes.Buffer
	s := open(t, influx.Options{URL: server.URL, Bucket: "once/autogen", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	post(t, server.URL+"/api/v2/write?precision=ms&bucket=once/autogen", fmt.Sprintf("vehicle,vin=X Vehicle.Speed=\"fast\" %d", noon.UnixMilli()))
	for i := range 3 {
		checkRejected(t, s.Write(t.Context(), []telemetry.Record{speed("B", i, 1)}), []int{0}, "field type conflict")
	}
	if n := strings.Count(log.String(), "field=Vehicle.Speed "); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, &log)
	}
}

// What is made keeps samples as long as was asked for; what is there stays as it is,
// and that is said.
func makesRetention(t *testing.T, server *testserver.Influxd) {
	for _, c := range []struct {
		bucket    string
		retention time.Duration
		want      string // in the answer to SHOW RETENTION POLICIES
		warns     bool
	}{
		{"kept/autogen", 400 * 24 * time.Hour, `["autogen","9600h0m0s"`, false},
		{"kept/autogen", 400 * 24 * time.Hour, `["autogen","9600h0m0s"`, false},
		{"kept", 30 * 24 * time.Hour, `["autogen","9600h0m0s"`, true},
		{"kept/month", 30 * 24 * time.Hour, `["month","720h0m0s"`, false},
		{"kept/month", 60 * 24 * time.Hour, `["month","720h0m0s"`, true},
		{"kept/month", 0, `["month","720h0m0s"`, false},
	} {
		var log bytes.Buffer
		open(t, influx.Options{URL: server.URL, Bucket: c.bucket, Retention: c.retention, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		got := post(t, server.URL+"/query?q="+url.QueryEscape("SHOW RETENTION POLICIES ON kept"), "")
		if !strings.Contains(got, c.want) {
			t.Errorf("%s for %s: %s, want %s in it", c.bucket, c.retention, got, c.want)
		}
		if warns := strings.Contains(log.String(), "ALTER RETENTION POLICY"); warns != c.warns {
			t.Errorf("%s for %s: warns %t, want %t:\n%s", c.bucket, c.retention, warns, c.warns, &log)
		}
	}
}

// A server that takes little at a time gets the batch in pieces.
func TestSplitsForARealServer(t *testing.T) {
	t.Parallel()
	server := testserver.StartInfluxd(t, "max-body-size = 8000")
	s := open(t, influx.Options{URL: server.URL, Bucket: "pieces/autogen"})
	records := liveRecords(300)
	if err := s.Write(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	got := post(t, server.URL+"/query?db=pieces&q="+url.QueryEscape(`SELECT count("Vehicle.Speed") FROM vehicle`), "")
	if !strings.Contains(got, ",300]") {
		t.Errorf("%s, want 300 samples", got)
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

// InfluxDB 2.x is asked in another language which days have data.
func countsInFluxToo(t *testing.T, server *testserver.Influxd) {
	s := open(t, influx.Options{URL: server.URL, Bucket: "count/autogen"})
	midnight := vehicle.DayOf(noon).End()
	var batch []telemetry.Record
	for _, at := range []time.Time{noon.AddDate(-3, 0, 0), midnight.Add(-time.Millisecond), midnight, midnight.AddDate(0, 1, 0)} {
		r := speed("A", 0, 1)
		r.Sample.Time = at
		r.Sample.Readings = append(r.Sample.Readings, vehicle.Reading{Signal: vehicle.Brand, Value: vehicle.Text("VW")})
		batch = append(batch, r)
	}
	if err := s.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	want, err := s.Days(t.Context(), "A")
	if err != nil || len(want) != 4 {
		t.Fatalf("days %v, error %v, want four days", want, err)
	}
	influx.CountWithFlux(s)
	got, err := s.Days(t.Context(), "A")
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("error %v, days: %s", err, d)
	}
}

// Much is aggregated by the server, and little by reading it: that must not show.
func aggregatesAsItReads(t *testing.T, server *testserver.Influxd) {
	o := influx.Options{URL: server.URL, Bucket: "aggregate/autogen"}
	reading := open(t, o)
	o.ReadAtOnce = 1
	aggregating := open(t, o)
	mixed := vehicle.Signal("Vehicle.Test.Mixed")
	door := vehicle.Signal("Vehicle.Cabin.Door.Row1.DriverSide.IsOpen")
	var batch []telemetry.Record
	for i := range 200 {
		r := speed("A", i*600, float64(i%7)/10) // 33 hours
		r.Sample.Readings = append(r.Sample.Readings,
			vehicle.Reading{Signal: door, Value: vehicle.Bool(i%3 == 0)},
			vehicle.Reading{Signal: vehicle.Brand, Value: vehicle.Text("VW")},
			vehicle.Reading{Signal: vehicle.LowVoltage, Value: vehicle.Number(14), Quality: vehicle.Quality(i % 2)})
		if i >= 100 { // the second day has an exception that counts
			r.Sample.Readings = append(r.Sample.Readings, vehicle.Reading{Signal: mixed, Value: vehicle.Number(float64(i))})
			if i%10 == 0 {
				r.Sample.Readings[len(r.Sample.Readings)-1].Value = vehicle.Bool(true)
			}
		}
		batch = append(batch, r)
	}
	if err := reading.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	rounded := cmpopts.EquateApprox(1e-12, 0)
	for day := vehicle.DayOf(noon); day <= vehicle.DayOf(noon)+2; day++ {
		want, errWant := reading.Day(t.Context(), "A", day)
		got, err := aggregating.Day(t.Context(), "A", day)
		if d := cmp.Diff(want, got, rounded); errors.Join(errWant, err) != nil || d != "" {
			t.Errorf("day %s: %v %v\n%s", day, errWant, err, d)
		}
	}
	for _, signal := range []vehicle.Signal{vehicle.Speed, door, vehicle.LowVoltage, mixed, vehicle.Brand, "Vehicle.Never.Seen"} {
		q := telemetry.Query{VIN: "A", Signal: signal, From: noon.Add(7 * time.Minute), To: noon.AddDate(1, 0, 0), Every: 17 * time.Minute}
		want, errWant := reading.Series(t.Context(), q)
		got, err := aggregating.Series(t.Context(), q)
		if d := cmp.Diff(want, got, rounded, cmpopts.EquateEmpty()); errors.Join(errWant, err) != nil || d != "" {
			t.Errorf("series of %s: %v %v\n%s", signal, errWant, err, d)
		}
	}
}

func post(t *testing.T, address, body string) string {
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
	return string(answer)
}
