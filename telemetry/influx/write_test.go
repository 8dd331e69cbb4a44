package influx_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func speed(vin vehicle.VIN, second int, v float64) telemetry.Record {
	return telemetry.Record{VIN: vin, Sample: vehicle.Sample{
		Time:     noon.Add(time.Duration(second) * time.Second),
		Readings: []vehicle.Reading{{Signal: vehicle.Speed, Value: vehicle.Number(v)}},
	}}
}

func TestWritesOrderedLineProtocol(t *testing.T) {
	t.Parallel()
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	s := open(t, f.options())
	odd := telemetry.Record{VIN: "B", Sample: vehicle.Sample{
		Time: noon.Add(1500 * time.Microsecond), TimeSource: vehicle.TimeFromReceiver,
		Readings: []vehicle.Reading{
			{Signal: "Key, with = all|of it", Value: vehicle.Number(1e6)},
			{Signal: vehicle.Brand, Value: vehicle.Text(`a "b" \c`)},
			{Signal: vehicle.Speed, Value: vehicle.Number(255), Quality: vehicle.QualityInvalid},
			{Signal: vehicle.Model, Value: vehicle.Text("two\nlines")},
		},
	}}
	if err := s.Write(t.Context(), []telemetry.Record{speed("C", 1, 3), odd, speed("A", 2, 2.5), speed("C", 0, 4), speed("A", 1, -0)}); err != nil {
		t.Fatal(err)
	}
	const mark = "-9.313225746154785e-10"
	want := []string{strings.Join([]string{
		`vehicle,vin=A Vehicle.Speed=0 1772366401000`,
		`vehicle,vin=A Vehicle.Speed=2.5 1772366402000`,
		`vehicle,vin=B Key\,\ with\ \=\ all|of\ it|n=1000000,` +
			`Vehicle.VehicleIdentification.Brand|t="a \"b\" \\c",` +
			`Vehicle.Speed=` + mark + `,Vehicle.Speed|x="2n255",` +
			`Vehicle.VehicleIdentification.Model|t="|",Vehicle.VehicleIdentification.Model|x="0t\"two\\nlines\"",` +
			`|receiver=1 1772366400001`,
		`vehicle,vin=C Vehicle.Speed=4 1772366400000`,
		`vehicle,vin=C Vehicle.Speed=3 1772366401000`,
	}, "\n")}
	if d := cmp.Diff(want, f.seen(&f.bodies)); d != "" {
		t.Error(d)
	}
}

func TestSplitsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 1000 // bytes
	var stored atomic.Int64
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	f.write = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if len(body) > limit {
			reply(w, http.StatusRequestEntityTooLarge, "unable to read data: points batch is too large")
			return
		}
		stored.Add(int64(strings.Count(string(body), "\n") + 1))
		w.WriteHeader(http.StatusNoContent)
	}
	s := open(t, f.options())
	var batch []telemetry.Record
	for i := range 100 {
		batch = append(batch, speed("A", i, 1))
	}
	huge := speed("B", 0, 1)
	huge.Sample.Readings = append(huge.Sample.Readings, vehicle.Reading{Signal: vehicle.Brand, Value: vehicle.Text(strings.Repeat("x", limit))})
	batch = append(batch, huge)

	checkRejected(t, s.Write(t.Context(), batch), []int{100}, "as large as this")
	if got := stored.Load(); got != 100 {
		t.Errorf("%d lines are stored, want 100", got)
	}
}

func TestNarrowsDownWhatIsRefused(t *testing.T) {
	t.Parallel()
	const bad = "Vehicle.Speed=666"
	for name, c := range map[string]struct {
		status int
		reason func(bad, all int) string
		most   int // requests
		says   string
	}{
		"a count that says nothing": {http.StatusBadRequest, func(int, int) string {
			return "unable to parse 'vehicle,vin=A Vehicle.Speed=666': invalid field format"
		}, 40, "invalid field format"},
		"a count that helps": {http.StatusUnprocessableEntity, func(bad, _ int) string {
			return fmt.Sprintf("failure writing points to database: partial write: dropped %d points outside retention policy of duration 72h0m0s"+
				" - oldest point vehicle,vin=A at 2026-03-01T12:00:00Z dropped because it violates a Retention Policy Lower Bound at 2026-03-02T12:00:00Z dropped=%d", bad, bad)
		}, 40, "outside retention policy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, &fakeServer{version: "v2.7.12"})
			f.write = func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if n := strings.Count(string(body), bad); n > 0 {
					reply(w, c.status, c.reason(n, strings.Count(string(body), "\n")+1))
				}
			}
			s := open(t, f.options())
			var batch []telemetry.Record
			for i := range 64 {
				batch = append(batch, speed(vehicle.VIN(fmt.Sprint("V", i%7)), i, float64(i)))
			}
			batch[0], batch[13], batch[63] = speed("Z", 0, 666), speed("A", 13, 666), speed("M", 63, 666)
			checkRejected(t, s.Write(t.Context(), batch), []int{0, 13, 63}, c.says)
			if n := len(f.seen(&f.bodies)); n > c.most {
				t.Errorf("%d requests, want at most %d", n, c.most)
			}
		})
	}
}

// A whole batch that is refused costs one request, not one for each line.
func TestRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	f.write = refusing(http.StatusBadRequest, "partial write: points beyond retention policy dropped=3")
	s := open(t, f.options())
	checkRejected(t, s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1), speed("A", 1, 1), speed("B", 0, 1)}), []int{0, 1, 2}, "retention")
	if n := len(f.seen(&f.bodies)); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func checkRejected(t *testing.T, err error, want []int, reason string) {
	t.Helper()
	var partial *telemetry.PartialError
	if !errors.As(err, &partial) {
		t.Fatalf("error %v, want a PartialError", err)
	}
	var got []int
	for _, r := range partial.Rejected {
		got = append(got, r.Index)
		if !strings.Contains(r.Reason, reason) {
			t.Errorf("reason %q does not say %q", r.Reason, reason)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("refused records: %s", d)
	}
}

// Somebody else's type in one of our fields is said once, however often it is met.
func TestTypeConflictIsSaidOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	f.write = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for _, field := range []string{"Vehicle.Speed", "Vehicle.TraveledDistance"} {
			if n := strings.Count(string(body), field+"="); n > 0 {
				reply(w, http.StatusUnprocessableEntity, fmt.Sprintf("failure writing points to database: partial write: field type conflict:"+
					" input field %q on measurement \"vehicle\" is type float, already exists as type string dropped=%d", field, n))
				return
			}
		}
	}
	var log bytes.Buffer
	o := f.options()
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := open(t, o)
	good, other := speed("B", 0, 1), speed("C", 0, 1)
	good.Sample.Readings[0].Signal, other.Sample.Readings[0].Signal = vehicle.LowVoltage, vehicle.TraveledDistance
	for range 3 {
		batch := []telemetry.Record{speed("A", 0, 1), good, speed("A", 1, 1)}
		checkRejected(t, s.Write(t.Context(), batch), []int{0, 2}, "already exists as type string")
	}
	checkRejected(t, s.Write(t.Context(), []telemetry.Record{other}), []int{0}, "field type conflict")
	said := strings.Count(log.String(), "holds another type")
	if said != 2 || strings.Count(log.String(), "field=Vehicle.Speed ") != 1 || strings.Count(log.String(), "field=Vehicle.TraveledDistance ") != 1 {
		t.Errorf("said %d times, want once for each field:\n%s", said, &log)
	}
}

// While the server wants to be left alone nothing is sent, and a caller does not
// wait longer than it wants to.
func TestRespectsRetryAfter(t *testing.T) {
	t.Parallel()
	var busy atomic.Bool
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	f.write = func(w http.ResponseWriter, _ *http.Request) {
		if busy.CompareAndSwap(true, false) {
			w.Header().Set("Retry-After", "1")
			reply(w, http.StatusTooManyRequests, "limited")
		}
	}
	s := open(t, f.options())
	batch := []telemetry.Record{speed("A", 0, 1)}
	busy.Store(true)
	asked := time.Now()
	err := s.Write(t.Context(), batch)
	if partial := (*telemetry.PartialError)(nil); err == nil || errors.As(err, &partial) {
		t.Fatalf("error %v, want one that keeps the batch", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Write(short, batch); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that the caller's time is over", err)
	}
	if n := len(f.seen(&f.bodies)); n != 1 {
		t.Errorf("%d requests before the pause was over, want 1", n)
	}
	if err := s.Write(t.Context(), batch); err != nil {
		t.Errorf("after the pause: %v", err)
	}
	if waited := time.Since(asked); waited < time.Second {
		t.Errorf("waited %s, the server wanted a second", waited)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "17": 17 * time.Second, "0": 0, "-1": 0, "soon": 0,
		"Sun, 01 Mar 2026 12:01:30 GMT": 90 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
	} {
		if got := influx.RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// Errors that keep the batch say what a person can do.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status  int
		message string
		want    string
	}{
		"token":                {http.StatusUnauthorized, "unauthorized access", "the token is not accepted"},
		"rights":               {http.StatusForbidden, "insufficient permissions for write", "the right to read and write pitcrew"},
		"bucket":               {http.StatusNotFound, "bucket not found", "is there a bucket or database pitcrew?"},
		"overload":             {http.StatusServiceUnavailable, "", "overloaded"},
		"disk":                 {http.StatusInternalServerError, "no space left on device", "no space left on device"},
		"a request that fails": {http.StatusBadRequest, "bucket name is required", "bucket name is required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, &fakeServer{version: "v2.7.12", write: refusing(c.status, c.message)})
			s := open(t, f.options())
			err := s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1), speed("A", 1, 1)})
			var partial *telemetry.PartialError
			if err == nil || errors.As(err, &partial) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), f.URL) {
				t.Errorf("error %v, want one with the address that says %q", err, c.want)
			}
			if err := s.Ping(t.Context()); err == nil {
				t.Error("ping does not notice that nothing can be written")
			}
		})
	}
}
