package influx_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
)

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fake   *fakeServer
		change func(*influx.Options)
		want   string
	}{
		"no address":      {change: func(o *influx.Options) { o.URL = "localhost:8086" }, want: "want http://host:8086"},
		"password in URL": {change: func(o *influx.Options) { o.URL = "http://me:pw@localhost:8086" }, want: "put it into the token"},
		"short retention": {change: func(o *influx.Options) { o.Retention = time.Minute }, want: "takes an hour and more"},
		"no bucket":       {change: func(o *influx.Options) { o.Bucket = "" }, want: "the bucket is missing"},
		"nobody there":    {change: func(o *influx.Options) { o.URL = "http://127.0.0.1:1" }, want: "InfluxDB at http://127.0.0.1:1 does not answer"},
		"no organisation": {change: func(o *influx.Options) { o.Org = "" }, want: "needs the name of an organisation"},
		"InfluxDB 3":      {fake: &fakeServer{version: "3.4.1"}, want: "has no Flux: pitcrew needs 2.x or 1.8"},
		"wrong token":     {fake: &fakeServer{buckets: refusing(http.StatusUnauthorized, "unauthorized")}, want: "the token is not accepted"},
		"Flux is off": {
			fake: &fakeServer{query: refusing(http.StatusForbidden, "Flux query service disabled. Verify flux-enabled=true in the [http] section of the InfluxDB config.")},
			want: "set flux-enabled = true under [http]",
		},
		"bucket cannot be made": {fake: &fakeServer{
			buckets: refusing(http.StatusNotFound, "bucket not found"),
			rest:    refusing(http.StatusForbidden, "no rights"),
		}, want: "influx bucket create -o shop -n pitcrew"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.fake == nil {
				c.fake = &fakeServer{}
			}
			f := newFake(t, c.fake)
			o := f.options()
			if c.change != nil {
				c.change(&o)
			}
			s, err := influx.Open(t.Context(), o)
			if err == nil {
				_ = s.Close()
				t.Fatalf("no error, want %q", c.want)
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ":pw@") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestMakesTheBucket(t *testing.T) {
	t.Parallel()
	f := &fakeServer{version: "v2.7.12"}
	f.buckets = func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			reply(w, http.StatusNotFound, "bucket not found")
			return
		}
		w.WriteHeader(http.StatusCreated)
	}
	newFake(t, f)
	open(t, f.options())
	want := []string{"GET /api/v2/buckets", "GET /api/v2/orgs?org=shop ", "POST /api/v2/buckets"}
	if d := cmp.Diff(want, f.seen(&f.requests)); d != "" {
		t.Error(d)
	}
}

// The bucket that is made keeps samples as long as was asked for. One that is there
// stays as it is, and that is said.
func TestRetentionOn2(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found string // buckets
		asked time.Duration
		made  string // in the request
		warns bool
	}{
		"made":             {`{"buckets": []}`, 48 * time.Hour, `"retentionRules":[{"type":"expire","everySeconds":172800}]`, false},
		"made for ever":    {`{"buckets": []}`, 0, `"retentionRules":[]`, false},
		"as asked for":     {`{"buckets": [{"retentionRules": [{"type": "expire", "everySeconds": 172800}]}]}`, 48 * time.Hour, "", false},
		"another":          {`{"buckets": [{"retentionRules": [{"type": "expire", "everySeconds": 3600}]}]}`, 48 * time.Hour, "", true},
		"for ever":         {`{"buckets": [{"retentionRules": []}]}`, 48 * time.Hour, "", true},
		"nothing was said": {`{"buckets": [{"retentionRules": [{"type": "expire", "everySeconds": 3600}]}]}`, 0, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := ""
			f := newFake(t, &fakeServer{version: "v2.7.12", buckets: func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(w, c.found)
					return
				}
				body, _ := io.ReadAll(r.Body)
				made = string(body)
				w.WriteHeader(http.StatusCreated)
			}})
			var log bytes.Buffer
			o := f.options()
			o.Retention, o.Logger = c.asked, slog.New(slog.NewTextHandler(&log, nil))
			open(t, o)
			if !strings.Contains(made, c.made) || (c.made == "") != (made == "") {
				t.Errorf("made with %q, want %q in it", made, c.made)
			}
			if warns := strings.Contains(log.String(), "influx bucket update"); warns != c.warns {
				t.Errorf("warns %t, want %t:\n%s", warns, c.warns, &log)
			}
		})
	}
}

func TestErasesOn2(t *testing.T) {
	t.Parallel()
	f := newFake(t, &fakeServer{version: "v2.7.12"})
	s := open(t, f.options())
	if err := s.Erase(t.Context(), "WPCZZZ00000000001"); err != nil {
		t.Fatal(err)
	}
	seen := f.seen(&f.requests)
	last := seen[len(seen)-1]
	for _, want := range []string{
		"POST /api/v2/delete?bucket=pitcrew&org=shop ",
		`_measurement=\"vehicle\" AND vin=\"WPCZZZ00000000001\"`, `"start":"1970-01-01T00:00:00Z"`, `"stop":"2262-01-01T00:00:00Z"`,
	} {
		if !strings.Contains(last, want) {
			t.Errorf("request %s, want %s in it", last, want)
		}
	}
}
