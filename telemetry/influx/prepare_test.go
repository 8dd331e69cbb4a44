package influx_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// What is made keeps samples as long as was asked for; what is there stays as it is,
// and that is said.
func makesRetentionOn1(t *testing.T, server *testserver.Influxd) {
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
		o := influx.Options{URL: server.URL, Bucket: c.bucket, Retention: c.retention, Logger: slog.New(slog.NewTextHandler(&log, nil))}
		open(t, o)
		got := ask(t, http.MethodPost, o, "/query?q="+url.QueryEscape("SHOW RETENTION POLICIES ON kept"), "")
		if !strings.Contains(got, c.want) {
			t.Errorf("%s for %s: %s, want %s in it", c.bucket, c.retention, got, c.want)
		}
		if warns := strings.Contains(log.String(), "ALTER RETENTION POLICY"); warns != c.warns {
			t.Errorf("%s for %s: warns %t, want %t:\n%s", c.bucket, c.retention, warns, c.warns, &log)
		}
	}
}

// A retention policy that nobody made yet is made, and one that is not the default is
// read.
func makesPoliciesOn1(t *testing.T, server *testserver.Influxd) {
	for range 2 {
		s := open(t, influx.Options{URL: server.URL, Bucket: "made/forever"})
		if err := s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1)}); err != nil {
			t.Fatal(err)
		}
		if latest, err := s.Latest(t.Context(), "A"); err != nil || len(latest) != 1 {
			t.Errorf("newest values %v, error %v, want one", latest, err)
		}
	}
}

// The bucket that is made keeps samples as long as was asked for. One that is there
// stays as it is, and that is said.
func makesRetentionOn2(t *testing.T, server *testserver.Influxd) {
	const days = 24 * time.Hour
	for i, c := range []struct {
		bucket string
		asked  time.Duration
		want   time.Duration // in the end
		warns  string
	}{
		{"kept", 48 * time.Hour, 2 * days, ""},
		{"kept", 48 * time.Hour, 2 * days, ""},
		{"kept", 72 * time.Hour, 2 * days, "found=[48h0m0s]"},
		{"kept", 0, 2 * days, ""},
		{"for ever", 0, 0, ""},
		{"for ever", 48 * time.Hour, 0, `found="[for ever]"`},
	} {
		var log bytes.Buffer
		o := optionsOf(server, c.bucket)
		o.Retention, o.Logger = c.asked, slog.New(slog.NewTextHandler(&log, nil))
		open(t, o)
		if got := bucketOf(t, o).RetentionRules[0].EverySeconds; got != int64(c.want.Seconds()) {
			t.Errorf("%d: the bucket keeps %d s, want %s", i, got, c.want)
		}
		if warns := strings.Contains(log.String(), "influx bucket update"); warns != (c.warns != "") || !strings.Contains(log.String(), c.warns) {
			t.Errorf("%d: warns %t, want %q:\n%s", i, warns, c.warns, &log)
		}
	}
}

// bucketInfo is what 2.x says of a bucket.
type bucketInfo struct {
	ID, OrgID      string
	RetentionRules []struct{ EverySeconds int64 }
}

func bucketOf(t *testing.T, o influx.Options) bucketInfo {
	t.Helper()
	var list struct{ Buckets []bucketInfo }
	query := url.Values{"org": {o.Org}, "name": {o.Bucket}}
	decode(t, ask(t, http.MethodGet, o, "/api/v2/buckets?"+query.Encode(), ""), &list)
	if len(list.Buckets) != 1 {
		t.Fatalf("%d buckets %s, want one", len(list.Buckets), o.Bucket)
	}
	return list.Buckets[0]
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// tokenFor makes a token that may do actions with one bucket, and nothing else. Its id
// is for whoever wants to change it.
func tokenFor(t *testing.T, o influx.Options, actions ...string) (token, id string) {
	t.Helper()
	b := bucketOf(t, o)
	var permissions []string
	for _, action := range actions {
		permissions = append(permissions, fmt.Sprintf(`{"action": %q, "resource": {"type": "buckets", "id": %q, "orgID": %q}}`, action, b.ID, b.OrgID))
	}
	var made struct{ Token, ID string }
	decode(t, ask(t, http.MethodPost, o, "/api/v2/authorizations",
		fmt.Sprintf(`{"orgID": %q, "permissions": [%s]}`, b.OrgID, strings.Join(permissions, ", "))), &made)
	return made.Token, made.ID
}

// A token for one bucket is enough when the bucket is there.
func needsOneBucketOn2(t *testing.T, server *testserver.Influxd) {
	o := optionsOf(server, "only")
	open(t, o)
	o.Token, _ = tokenFor(t, o, "read", "write")
	s := open(t, o)
	if err := s.Write(t.Context(), []telemetry.Record{speed("A", 0, 1), speed("A", 1, 2)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Expire(t.Context(), "A", []telemetry.Expiry{{Day: vehicle.DayOf(noon), Classes: []vehicle.Class{vehicle.ClassDriving}}}); err != nil {
		t.Error(err)
	}
	if err := s.Erase(t.Context(), "A"); err != nil {
		t.Error(err)
	}
}

// A token that is withdrawn is no reason to give up what was to be written.
func keepsWhatIsNotPermittedOn2(t *testing.T, server *testserver.Influxd) {
	all := optionsOf(server, "withdrawn")
	open(t, all)
	o, id := all, ""
	o.Token, id = tokenFor(t, all, "read", "write")
	s := open(t, o)
	batch := []telemetry.Record{speed("A", 0, 1)}
	for _, c := range []struct {
		method, body, want string
	}{
		{http.MethodPatch, `{"status": "inactive"}`, "the right to read and write withdrawn"},
		{http.MethodDelete, "", "the token is not accepted"},
	} {
		ask(t, c.method, all, "/api/v2/authorizations/"+id, c.body)
		err := s.Write(t.Context(), batch)
		if partial := (*telemetry.PartialError)(nil); err == nil || errors.As(err, &partial) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that keeps the batch and says %q", c.method, err, c.want)
		}
		if err := s.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "the token") {
			t.Errorf("%s: ping says %v, want that it is the token", c.method, err)
		}
	}
}

// What 2.x refuses at the start, with the words that tell an operator what to do.
func refusesOn2(t *testing.T, server *testserver.Influxd) {
	open(t, optionsOf(server, "there"))
	there := optionsOf(server, "there")
	for name, c := range map[string]struct {
		change func(*influx.Options)
		want   string
	}{
		"no organisation":      {func(o *influx.Options) { o.Org = "" }, "needs the name of an organisation"},
		"another organisation": {func(o *influx.Options) { o.Org = "stop" }, `organization name "stop" not found`},
		"wrong token":          {func(o *influx.Options) { o.Token = "guessed" }, "the token is not accepted"},
		"no token":             {func(o *influx.Options) { o.Token = "" }, "the token is not accepted"},
		"may not write":        {func(o *influx.Options) { o.Token, _ = tokenFor(t, there, "read") }, "the right to read and write there"},
		"may not read":         {func(o *influx.Options) { o.Token, _ = tokenFor(t, there, "write") }, "influx bucket create -o shop -n there"},
		"may not make it": {func(o *influx.Options) {
			o.Token, _ = tokenFor(t, there, "read", "write")
			o.Bucket = "missing"
		}, "influx bucket create -o shop -n missing"},
		"a token of elsewhere": {func(o *influx.Options) {
			ask(t, http.MethodPost, there, "/api/v2/orgs", `{"name": "elsewhere"}`)
			o.Org = "elsewhere"
		}, "use a token that belongs to this organisation"},
	} {
		o := there
		c.change(&o)
		s, err := influx.Open(t.Context(), o)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// A bucket that has a name in InfluxQL is read by it, also where another bucket has
// taken the one that follows from its own.
func readsMappedBucketsOn2(t *testing.T, server *testserver.Influxd) {
	fleet, other := optionsOf(server, "fleet"), optionsOf(server, "other")
	open(t, fleet)
	open(t, other)
	name := func(o influx.Options, database, policy string) {
		b := bucketOf(t, o)
		ask(t, http.MethodPost, o, "/api/v2/dbrps",
			fmt.Sprintf(`{"orgID": %q, "bucketID": %q, "database": %q, "retention_policy": %q}`, b.OrgID, b.ID, database, policy))
	}
	name(fleet, "cars", "always")
	name(other, "fleet", "autogen")
	for _, o := range []influx.Options{fleet, other} {
		s := open(t, o)
		vin := vehicle.VIN(o.Bucket)
		if err := s.Write(t.Context(), []telemetry.Record{speed(vin, 0, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range []influx.Options{fleet, other} {
		s := open(t, o)
		for _, vin := range []vehicle.VIN{"fleet", "other"} {
			want := 0
			if string(vin) == o.Bucket {
				want = 1
			}
			if days, err := s.Days(t.Context(), vin); err != nil || len(days) != want {
				t.Errorf("days of %s in %s: %v, error %v, want %d", vin, o.Bucket, days, err, want)
			}
		}
	}
}

// In older 2.x no name follows from that of a bucket: it is given one.
func TestNamesTheBucket(t *testing.T) {
	t.Parallel()
	f := newFake(t, &fakeServer{version: "v2.0.9", unnamed: true})
	open(t, f.options())
	want := []string{
		"GET /api/v2/dbrps?bucketID=b1&orgID=01 ",
		`POST /api/v2/dbrps {"bucketID":"b1","database":"pitcrew","orgID":"01","retention_policy":"autogen"}`,
	}
	if got := f.seen(&f.requests); !slices.Equal(got, want) {
		t.Errorf("requests %q, want %q", got, want)
	}
}
