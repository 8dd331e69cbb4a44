package mqtt_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/ingesttest"
	"github.com/pitcrew-telematics/pitcrew/ingest/mqtt"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSourceOnMosquitto(t *testing.T) {
	t.Parallel()
	for name, group := range map[string]string{"alone": "", "shared": "ingesters"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ingesttest.RunSource(t, func(t *testing.T) ingesttest.Harness {
				server := testserver.StartMosquitto(t)
				tap := ingesttest.NewTap(t, server.Address)
				vehicles := ingesttest.NewVehicles(t, server.Address)
				return ingesttest.Harness{
					Open: func(r prometheus.Registerer) ingest.Source {
						return open(t, mqtt.Options{
							URL: "tcp://" + tap.Address(), SharedGroup: group, Registerer: r,
						})
					},
					Publish: vehicles.Publish,
					Acked:   tap.Acked,
					Waiting: ingesttest.Waiting{Of: "pitcrew_mqtt_", Messages: 1, Bytes: 128 << 10},
					Passed:  tap.Passed,
					RestartBroker: func() {
						server.Stop()
						server.Start()
					},
				}
			})
		})
	}
}

func open(t *testing.T, o mqtt.Options) *mqtt.Source {
	t.Helper()
	o.ClientID, o.StopGrace = "ingest-1", 300*time.Millisecond
	s, err := mqtt.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
