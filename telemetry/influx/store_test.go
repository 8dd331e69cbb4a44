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
const propertyCases = "20"

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

// servers are those that the store works with.
var servers = map[string]func(testserver.T) *testserver.Influxd{
	"1.8": func(t testserver.T) *testserver.Influxd {
		return testserver.StartInfluxd(t, fmt.Sprint("max-body-size = ", bodyLimit))
	},
	"2.7": func(t testserver.T) *testserver.Influxd { return testserver.StartInfluxd2(t) },
}

// optionsOf says where a bucket of a server is.
func optionsOf(server *testserver.Influxd, bucket string) influx.Options {
	if server.Org == "" {
		bucket += "/autogen"
	}
	return influx.Options{URL: server.URL, Org: server.Org, Token: server.Token, Bucket: bucket}
}

// checks are what one of the servers is asked alone.
var checks = map[string]map[string]func(*testing.T, *testserver.Influxd){
	"1.8": {"MakesRetention": makesRetentionOn1, "MakesPolicies": makesPoliciesOn1},
	"2.7": {
		"MakesRetention": makesRetentionOn2, "NeedsOneBucket": needsOneBucketOn2, "KeepsWhatIsNotPermitted": keepsWhatIsNotPermittedOn2, "Refuses": refusesOn2,
		"ReadsMappedBuckets": readsMappedBucketsOn2,
	},
}

func TestStore(t *testing.T) {
	t.Parallel()
	for version, start := range servers {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			var buckets atomic.Int64
			telemetrytest.Run(t, func(t *testing.T) telemetry.Store {
				return open(t, optionsOf(server, fmt.Sprintf("pitcrew%d", buckets.Add(1))))
			}, telemetrytest.Capabilities{})
			for name, check := range checks[version] {
				t.Run(name, func(t *testing.T) { check(t, server) })
			}
			for name, check := range map[string]func(*testing.T, *testserver.Influxd){
				"RefusesTypeConflicts":  refusesTypeConflicts,
				"SaysConflictsOnce":     saysConflictsOnce,
				"RefusesWhatIsTooOld":   refusesWhatIsTooOld,
				"SplitsWhatIsTooLarge":  splitsWhatIsTooLarge,
				"LetsOthersAddTags":     letsOthersAddTags,
				"AggregatesAsItReads":   aggregatesAsItReads,
				"ExpiresThroughCrashes": expiresThroughCrashes,
			} {
				t.Run(name, func(t *testing.T) { check(t, server) })
			}
		})
	}
}
