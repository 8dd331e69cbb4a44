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
const propertyCases = "5"

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
	var databases atomic.Int64
	telemetrytest.Run(t, func(t *testing.T) telemetry.Store {
		return open(t, influx.Options{URL: server.URL, Bucket: fmt.Sprintf("pitcrew%d/autogen", databases.Add(1))})
	}, telemetrytest.Capabilities{})

	for name, check := range map[string]func(*testing.T, *testserver.Influxd){
		"RefusesTypeConflicts":  refusesTypeConflicts,
		"SaysConflictsOnce":     saysConflictsOnce,
		"RefusesWhatIsTooOld":   refusesWhatIsTooOld,
		"MakesRetention":        makesRetention,
		"MakesPolicies":         makesPolicies,
		"CountsInFluxToo":       countsInFluxToo,
		"AggregatesAsItReads":   aggregatesAsItReads,
		"ExpiresThroughCrashes": expiresThroughCrashes,
	} {
		t.Run(name, func(t *testing.T) { check(t, server) })
	}
}
