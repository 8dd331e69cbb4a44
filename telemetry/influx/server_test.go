package influx_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
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
	o := optionsOf(server, "conflict")
	s := open(t, o)
	writeLines(t, o, fmt.Sprintf("vehicle,vin=X Vehicle.Speed=\"fast\" %d", noon.UnixMilli()))

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
	o := optionsOf(server, "once")
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := open(t, o)
	writeLines(t, o, fmt.Sprintf("vehicle,vin=X Vehicle.Speed=\"fast\" %d", noon.UnixMilli()))
	for i := range 3 {
		checkRejected(t, s.Write(t.Context(), []telemetry.Record{speed("B", i, 1)}), []int{0}, "field type conflict")
	}
	if n := strings.Count(log.String(), "field=Vehicle.Speed "); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, &log)
	}
}

// What is older than the bucket keeps goes to quarantine, and the rest is stored.
func refusesWhatIsTooOld(t *testing.T, server *testserver.Influxd) {
	o := optionsOf(server, "short")
	o.Retention = 24 * time.Hour
	s := open(t, o)
	now := speed("A", 0, 1)
	now.Sample.Time = time.Now()
	checkRejected(t, s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1), now, speed("B", 0, 1)}), []int{0, 2}, "retention policy")
	if days, err := s.Days(t.Context(), "A"); err != nil || len(days) != 1 {
		t.Errorf("days %v, error %v, want today", days, err)
	}
}

// bodyLimit is what the servers take at once, in bytes.
const bodyLimit = 50_000

// A server that takes little at a time gets the batch in pieces. 2.x has no setting
// for it, and proxies before it have.
func splitsWhatIsTooLarge(t *testing.T, server *testserver.Influxd) {
	o := optionsOf(server, "pieces")
	if server.Org != "" {
		pass := through(t, server)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > bodyLimit {
				http.Error(w, "413 Request Entity Too Large", http.StatusRequestEntityTooLarge)
				return
			}
			pass.ServeHTTP(w, r)
		}))
		t.Cleanup(proxy.Close)
		o.URL = proxy.URL
	}
	s := open(t, o)
	records := liveRecords(300)
	if n := influx.LineProtocol(s, records); n < 3*bodyLimit {
		t.Fatalf("%d bytes are no test", n)
	}
	if err := s.Write(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		latest, err := s.Latest(t.Context(), r.VIN)
		if err != nil || len(latest) != len(r.Sample.Readings) {
			t.Fatalf("%d newest values of %s, error %v, want %d", len(latest), r.VIN, err, len(r.Sample.Readings))
		}
	}
}

// through passes requests on to a server.
func through(t *testing.T, server *testserver.Influxd) http.Handler {
	t.Helper()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{DisableKeepAlives: true} // closing a test server closes idle connections of others
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // net/http cannot read it any more once the answer has begun
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	})
}

// Other tools may add tags to our points, and use their names for fields.
func letsOthersAddTags(t *testing.T, server *testserver.Influxd) {
	o := optionsOf(server, "tags")
	s := open(t, o)
	named := speed("A", 0, 1)
	named.Sample.Readings = append(named.Sample.Readings, vehicle.Reading{Signal: "vin", Value: vehicle.Number(7)},
		vehicle.Reading{Signal: `a "quoted", odd = name`, Value: vehicle.Number(8)})
	if err := s.Write(t.Context(), []telemetry.Record{named, speed("B", 0, 2)}); err != nil {
		t.Fatal(err)
	}
	writeLines(t, o, fmt.Sprintf("vehicle,vin=A,site=north Vehicle.LowVoltageBattery.CurrentVoltage=12 %d", noon.UnixMilli()))
	var got []vehicle.Sample
	err := s.Samples(t.Context(), "A", noon, noon.Add(time.Second), func(s vehicle.Sample) error { got = append(got, s); return nil })
	if err != nil || len(got) != 1 || len(got[0].Readings) != 4 {
		t.Errorf("samples %v, error %v, want one with four readings", got, err)
	}
	if latest, err := s.Latest(t.Context(), "A"); err != nil || len(latest) != 4 {
		t.Errorf("newest values %v, error %v, want four", latest, err)
	}
	if err := s.Erase(t.Context(), "A"); err != nil {
		t.Fatal(err)
	}
	for vin, want := range map[vehicle.VIN]int{"A": 0, "B": 1} {
		if days, err := s.Days(t.Context(), vin); err != nil || len(days) != want {
			t.Errorf("days of %s: %v, error %v, want %d", vin, days, err, want)
		}
	}
}

// The server aggregates where it can, and it must not show where it cannot.
func aggregatesAsItReads(t *testing.T, server *testserver.Influxd) {
	s := open(t, optionsOf(server, "aggregate"))
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
	if err := s.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	rounded := cmpopts.EquateApprox(1e-12, 0)
	days := map[vehicle.Day]map[vehicle.Signal]telemetry.Aggregate{}
	for _, signal := range []vehicle.Signal{vehicle.Speed, door, vehicle.LowVoltage, mixed, vehicle.Brand, "Vehicle.Never.Seen"} {
		q := telemetry.Query{VIN: "A", Signal: signal, From: noon.Add(-time.Hour), To: noon.AddDate(1, 0, 0)}
		raw, err := s.Series(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var want []telemetry.Point
		for _, p := range raw {
			day := vehicle.DayOf(p.Time)
			if days[day] == nil {
				days[day] = map[vehicle.Signal]telemetry.Aggregate{}
			}
			a := days[day][signal]
			a.Add(p.Time, p.Last)
			days[day][signal] = a
			want = addToWindow(want, p, 17*time.Minute)
		}
		q.Every = 17 * time.Minute
		got, err := s.Series(t.Context(), q)
		if d := cmp.Diff(want, got, rounded, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("series of %s: %v\n%s", signal, err, d)
		}
	}
	if len(days) != 2 {
		t.Errorf("values on %d days, want 2", len(days))
	}
	for day, want := range days {
		got, err := s.Day(t.Context(), "A", day)
		if d := cmp.Diff(want, got.Signals, rounded); err != nil || d != "" {
			t.Errorf("day %s: %v\n%s", day, err, d)
		}
	}
}

// addToWindow adds a measured point to the last window, or to a new one.
func addToWindow(points []telemetry.Point, p telemetry.Point, width time.Duration) []telemetry.Point {
	seconds := int64(width / time.Second)
	start := time.Unix(p.Time.Unix()/seconds*seconds, 0).UTC()
	last := len(points) - 1
	if last < 0 || !points[last].Time.Equal(start) {
		p.Time = start
		return append(points, p)
	}
	w := &points[last]
	w.Mean = (w.Mean*float64(w.Count) + p.Last) / float64(w.Count+1)
	w.Count++
	w.Min, w.Max, w.Last = min(w.Min, p.Last), max(w.Max, p.Last), p.Last
	return points
}

// writeLines writes line protocol as another tool would.
func writeLines(t *testing.T, o influx.Options, lines string) {
	t.Helper()
	query := url.Values{"org": {o.Org}, "bucket": {o.Bucket}, "precision": {"ms"}}
	ask(t, http.MethodPost, o, "/api/v2/write?"+query.Encode(), lines)
}

// ask makes a request and returns the answer.
func ask(t *testing.T, method string, o influx.Options, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, o.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Token "+o.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	if response.StatusCode >= 300 || strings.Contains(string(answer), `"error"`) {
		t.Fatalf("%s: %s %s", path, response.Status, answer)
	}
	return string(answer)
}
