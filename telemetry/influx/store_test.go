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
const propertyCases = "3"

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
func opener(server *testserver.Influxd, o influx.Options) func(t *testing.T) *influx.Store {
	var databases atomic.Int64
	return func(t *testing.T) *influx.Store {
		o := o
		o.URL, o.Bucket = server.URL, fmt.Sprintf("pitcrew%d-%d/autogen", o.ReadAtOnce, databases.Add(1))
		return open(t, o)
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
	asOn1 := opener(server, influx.Options{})
	telemetrytest.Run(t, func(t *testing.T) telemetry.Store { return asOn1(t) }, telemetrytest.Capabilities{})

	for name, check := range map[string]func(*testing.T, *testserver.Influxd){
		"RefusesTypeConflicts": refusesTypeConflicts,
		"RefusesWhatIsTooOld":  refusesWhatIsTooOld,
		"MakesPolicies":        makesPolicies,
	} {
		t.Run(name, func(t *testing.T) { check(t, server) })
	}

	// The queries that InfluxDB 2.x gets, and aggregates by the server.
	asOn2 := opener(server, influx.Options{ReadAtOnce: 1})
	t.Run("AggregatedByTheServer", func(t *testing.T) {
		telemetrytest.Run(t, func(t *testing.T) telemetry.Store {
			s := asOn2(t)
			influx.CountWithFlux(s)
			return s
		}, telemetrytest.Capabilities{})
	})
}
