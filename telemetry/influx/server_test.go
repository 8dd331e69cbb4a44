package influx_test

import (
	"errors"
	"fmt"
	"io"
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
