package broker_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
	"github.com/pitcrew-telematics/pitcrew/ingest/ingesttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSource(t *testing.T) {
	t.Parallel()
	ingesttest.RunSource(t, func(t *testing.T) ingesttest.Harness {
		tap := ingesttest.NewTap(t, "")
		vehicles := ingesttest.NewVehicles(t, tap.Address())
		return ingesttest.Harness{
			Open: func(r prometheus.Registerer) ingest.Source {
				b := open(t, broker.Options{AllowAnonymous: true, StopGrace: 300 * time.Millisecond, MaxPacketBytes: 128 << 10, MaxReadBytes: 512 << 10, Registerer: r})
				tap.SetTarget(b.Addr().String())
				return b
			},
			Publish: vehicles.Publish,
			Acked:   tap.Acked,
			Waiting: ingesttest.Waiting{Of: "pitcrew_broker_", Messages: 3, Bytes: 384 << 10}, // three quarters of it, for long messages
		}
	})
}

// open makes a broker on a free port.
func open(t *testing.T, o broker.Options) *broker.Broker {
	t.Helper()
	o.Address = "127.0.0.1:0"
	b, err := broker.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}
