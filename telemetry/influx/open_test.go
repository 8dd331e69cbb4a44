package influx_test

import (
	"bytes"
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
		"wrong token":     {change: func(o *influx.Options) { o.Token = "guessed" }, want: "the token is not accepted"},
		"no token":        {change: func(o *influx.Options) { o.Token = "" }, want: "the token is not accepted"},
		"another organisation": {
			change: func(o *influx.Options) { o.Org = "stop" }, want: `organization name "stop" not found`,
		},
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
	f := newFake(t, &fakeServer{version: "v2.7.12", kept: map[string]int64{"other": 0}})
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
	const day = 24 * 3600
	for name, c := range map[string]struct {
		kept  map[string]int64
		asked time.Duration
		want  int64 // seconds, in the end
		warns string
	}{
		"made":             {map[string]int64{}, 48 * time.Hour, 2 * day, ""},
		"made for ever":    {map[string]int64{}, 0, 0, ""},
		"as asked for":     {map[string]int64{"pitcrew": 2 * day}, 48 * time.Hour, 2 * day, ""},
		"another":          {map[string]int64{"pitcrew": 3600}, 48 * time.Hour, 3600, "found=[1h0m0s]"},
		"for ever":         {map[string]int64{"pitcrew": 0}, 48 * time.Hour, 0, `found="[for ever]"`},
		"nothing was said": {map[string]int64{"pitcrew": 3600}, 0, 3600, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, &fakeServer{version: "v2.7.12", kept: c.kept})
			var log bytes.Buffer
			o := f.options()
			o.Retention, o.Logger = c.asked, slog.New(slog.NewTextHandler(&log, nil))
			open(t, o)
			if got, made := f.keeps()["pitcrew"]; got != c.want || !made {
				t.Errorf("the bucket keeps %d s, want %d", got, c.want)
			}
			if warns := strings.Contains(log.String(), "influx bucket update"); warns != (c.warns != "") || !strings.Contains(log.String(), c.warns) {
				t.Errorf("warns %t, want %q:\n%s", warns, c.warns, &log)
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
