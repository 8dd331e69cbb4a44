package influx_test

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/telemetry/telemetrytest"
)

// A property costs a hundred queries per case; more cases than these: -rapid.checks.
const propertyCases = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "rapid.checks" })
	if !set {
		if err := flag.Set("rapid.checks", propertyCases); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	goleak.VerifyTestMain(m)
}

// opener opens stores in databases of their own on one server.
func opener(server *testserver.Influxd) func(t *testing.T) telemetry.Store {
	var databases atomic.Int64
	return func(t *testing.T) telemetry.Store {
		return open(t, influx.Options{URL: server.URL, Bucket: fmt.Sprintf("pitcrew%d/autogen", databases.Add(1))})
	}
}

func open(t *testing.T, o influx.Options) *influx.Store {
	t.Helper()
	s, err := influx.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	server := testserver.StartInfluxd(t)
	telemetrytest.Run(t, opener(server), telemetrytest.Capabilities{})
}
