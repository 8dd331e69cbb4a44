package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// discard takes everything, durably as far as the pipeline knows.
type discard struct{ telemetry.Store }

func (discard) Write(context.Context, []telemetry.Record) error { return nil }
func (discard) Record(context.Context, ingest.Batch) error      { return nil }

// BenchmarkPipeline is the cost of the pipeline itself with stores that cost
// nothing: the documented JSON with one sample of 20 signals, 10,000 vehicles,
// from emit to Done.
func BenchmarkPipeline(b *testing.B) {
	const vehicles = 10_000
	topics := make([]string, vehicles)
	for i := range topics {
		topics[i] = obd.Topic(vehicle.VIN(fmt.Sprintf("WVWZZZ1JZXW%06d", i)), obd.Telemetry)
	}
	payload := twentySignals(noon)
	p, err := ingest.New(ingest.Options{Telemetry: discard{}, Facts: discard{}})
	if err != nil {
		b.Fatal(err)
	}
	var answered sync.WaitGroup
	answered.Add(b.N)
	done := func(error) { answered.Done() }
	source := emitter(func(ctx context.Context, emit ingest.Emit) error {
		for i := range b.N {
			if err := emit(ctx, ingest.Message{Topic: topics[i%vehicles], Payload: payload, Received: noon, Done: done}); err != nil {
				return err
			}
		}
		<-ctx.Done()
		return nil
	})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	b.ResetTimer()
	go func() { ended <- p.Run(ctx, source) }()
	answered.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

func twentySignals(at time.Time) []byte {
	var signals []string
	for i, s := range []vehicle.Signal{
		vehicle.Speed, vehicle.TraveledDistance, vehicle.AirTemperature, vehicle.LowVoltage, vehicle.EngineSpeed,
		vehicle.EngineHours, vehicle.CoolantTemperature, vehicle.OilTemperature, vehicle.FuelLevel, vehicle.TractionSoC,
		vehicle.TractionSoH, vehicle.TractionTemperature, vehicle.PadWearFrontLeft, vehicle.PadWearFrontRight,
		vehicle.PadWearRearLeft, vehicle.PadWearRearRight, "Vehicle.OBD.EngineLoad", "Vehicle.OBD.MAF", "Vehicle.OBD.IntakeTemp", "Vehicle.OBD.ThrottlePosition",
	} {
		signals = append(signals, fmt.Sprintf("%q:%d.%d", s, 10+i, i%10))
	}
	return fmt.Appendf(nil, `{"boot":"b7","seq":1841,"samples":[{"time":%q,"signals":{%s}}]}`, at.Format(time.RFC3339Nano), strings.Join(signals, ","))
}

// emitter is a source made of its Run.
type emitter func(context.Context, ingest.Emit) error

func (e emitter) Run(ctx context.Context, emit ingest.Emit) error { return e(ctx, emit) }
func (e emitter) Ready(context.Context) error                     { return nil }
