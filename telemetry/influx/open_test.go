package influx_test

import (
	"strings"
	"testing"
	"time"

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
		"InfluxDB 3":      {fake: &fakeServer{version: "3.4.1"}, want: "which cannot delete: pitcrew needs 2.x or 1.8"},
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
