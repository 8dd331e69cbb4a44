package broker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/ingest/broker"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// disk takes everything and needs the time of an fsync for it.
type disk struct {
	telemetry.Store
	sync time.Duration
}

func (d disk) Write(context.Context, []telemetry.Record) error { <-time.After(d.sync); return nil }
func (d disk) Record(context.Context, ingest.Batch) error      { <-time.After(d.sync); return nil }

// BenchmarkUpload is what vehicles with a backlog get through the broker and the
// pipeline, each with 20 messages on their way, when each of the two stores
// needs 2 ms for a commit.
func BenchmarkUpload(b *testing.B) {
	for _, vehicles := range []int{1, 50, 500} {
		b.Run(fmt.Sprintf("vehicles=%d", vehicles), func(b *testing.B) { upload(b, vehicles) })
	}
}

func upload(b *testing.B, vehicles int) {
	server, err := broker.New(broker.Options{Address: "127.0.0.1:0", AllowAnonymous: true})
	if err != nil {
		b.Fatal(err)
	}
	store := disk{sync: 2 * time.Millisecond}
	p, err := ingest.New(ingest.Options{Telemetry: store, Facts: store})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, server) }()
	clients := make(map[vehicle.VIN]paho.Client)
	for i := range vehicles {
		vin := vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", i))
		clients[vin] = paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + server.Addr().String()).SetClientID(string(vin)))
		if token := clients[vin].Connect(); token.Wait() && token.Error() != nil {
			b.Fatal(token.Error())
		}
	}
	each := b.N/vehicles + 1
	b.ResetTimer()
	var all sync.WaitGroup
	for vin, c := range clients {
		all.Go(func() { publishAll(c, obd.Topic(vin, obd.Telemetry), each) })
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(each*vehicles)/b.Elapsed().Seconds(), "messages/s")
	for _, c := range clients {
		c.Disconnect(100)
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

func publishAll(c paho.Client, topic string, n int) {
	payload := `{"samples":[{"time":"2026-11-22T09:59:58.120Z","signals":{"Vehicle.Speed":63.2}}]}`
	const window = 20
	var tokens []paho.Token
	for range n {
		tokens = append(tokens, c.Publish(topic, 1, false, payload))
		if len(tokens) == window {
			tokens[0].Wait()
			tokens = tokens[1:]
		}
	}
	for _, t := range tokens {
		t.Wait()
	}
}
