package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

var (
	readyAt  = regexp.MustCompile(`pitcrew is ready" console=(\S+)`)
	brokerAt = regexp.MustCompile(`MQTT broker listens" address=(\S+)`)
)

// startServe runs `pitcrew serve` on free ports and waits until it is ready.
func startServe(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{t: t, code: make(chan int, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	all := append([]string{"serve", "--http", "127.0.0.1:0", "--grpc", "off", "--data", t.TempDir()}, args...)
	go func() { r.code <- run(ctx, all, &r.out, &r.err) }()
	t.Cleanup(r.stop)
	within(t, 30*time.Second, "serve to be ready", func() (bool, string) {
		m := readyAt.FindStringSubmatch(r.err.String())
		if m == nil {
			return false, r.err.String()
		}
		r.web = m[1]
		return true, ""
	})
	within(t, 30*time.Second, "serve to take messages", func() (bool, string) {
		err := r.get("/readyz", nil)
		return err == nil, fmt.Sprint(err)
	})
	if m := brokerAt.FindStringSubmatch(r.err.String()); m != nil {
		r.broker = "tcp://" + m[1]
	}
	return r
}

// conclusion is what pitcrew says of one car, without what depends on the second
// at which it said it.
type conclusion struct {
	Car struct {
		OdometerKm float64
		Codes      []struct {
			Code, Status string
			Active       bool
		}
	}
	Wear   struct{ Forecasts []forecast }
	Faults struct {
		Findings []struct{ Family, Drivability string }
	}
}

type forecast struct {
	Component, State, Basis, Cycle string
	Readings                       int
	Wear                           struct{ P10, P50, P90 float64 }
}

func (r *running) conclusions(vins []string) []conclusion {
	r.t.Helper()
	all := make([]conclusion, len(vins))
	for i, vin := range vins {
		c, url := &all[i], "/v1/vehicles/"+vin
		err := errors.Join(r.get(url, &c.Car), r.get(url+"/forecasts", &c.Wear), r.get(url+"/findings", &c.Faults))
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return all
}

// inInflux starts an InfluxDB 2.7 and says that the samples go there.
func inInflux(t *testing.T) []string {
	t.Helper()
	influxd := testserver.StartInfluxd2(t)
	return []string{"--influx-url", influxd.URL, "--influx-org", influxd.Org, "--influx-bucket", "pitcrew", "--influx-token", influxd.Token}
}

// throughServers is how long 360 days of cars may take through three servers on a machine that tests
// other things as well.
const throughServers = 4 * time.Minute

// The same cars into the embedded product, and into the one with Mosquitto,
// PostgreSQL and InfluxDB outside: the same conclusions.
func TestProductionConcludesAsEmbedded(t *testing.T) {
	t.Parallel()
	mosquitto := testserver.StartMosquitto(t, "max_queued_messages 100000", "max_inflight_messages 1000")
	postgres := testserver.StartPostgres(t)

	broker := "tcp://" + mosquitto.Address
	embedded := startServe(t, "--mqtt", "127.0.0.1:0", "--mqtt-anonymous")
	production := startServe(t, append(inInflux(t), "--broker", broker, "--database", postgres.Create(t))...)

	epoch := time.Now().UTC().AddDate(0, 0, -120).Format(time.RFC3339)
	for _, to := range []string{broker, embedded.broker} {
		code, _, errOut := once(t, "simulate", "--broker", to, "--vehicles", "3", "--seed", "11", "--days", "120", "--epoch", epoch, "--once")
		if code != 0 {
			t.Fatalf("simulate to %s: exit %d: %s", to, code, errOut)
		}
	}
	var vins []string
	for _, r := range []*running{production, embedded} {
		within(t, throughServers, "all marked days to be planned", func() (bool, string) {
			var cars struct{ Vehicles []struct{ VIN string } }
			var fleet struct{ Unplanned int }
			if err := errors.Join(r.get("/v1/vehicles", &cars), r.get("/v1/fleet", &fleet)); err != nil {
				return false, err.Error()
			}
			vins = nil
			for _, v := range cars.Vehicles {
				vins = append(vins, v.VIN)
			}
			return len(vins) == 3 && fleet.Unplanned == 0, fmt.Sprintf("%d cars, %d unplanned; log:\n%s", len(vins), fleet.Unplanned, r.err.String())
		})
	}
	// Nothing to plan may mean that the broker still holds the last messages.
	within(t, throughServers, "the same conclusions", func() (bool, string) {
		diff := cmp.Diff(embedded.conclusions(vins), production.conclusions(vins), cmpopts.EquateApprox(0, 1e-3))
		return diff == "", "production differs (-embedded +production):\n" + diff
	})
	for i, c := range production.conclusions(vins) {
		known := 0
		for _, f := range c.Wear.Forecasts {
			if f.Readings > 0 && !math.IsNaN(f.Wear.P50) {
				known++
			}
		}
		if known == 0 {
			t.Errorf("%s: no forecast rests on a reading", vins[i])
		}
	}
}
