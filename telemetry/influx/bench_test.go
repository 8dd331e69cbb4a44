package influx_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BenchmarkLineProtocol makes the body for 1,000 samples of 20 signals, one of each
// vehicle, as it comes from ingest: ordered by vehicle.
func BenchmarkLineProtocol(b *testing.B) {
	f := &fakeServer{version: "v2.7.12"}
	records := liveRecords(1000)
	s := openBench(b, f)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(influx.LineProtocol(s, records)))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/sample")
}

// BenchmarkWrite sends them to a server that takes everything.
func BenchmarkWrite(b *testing.B) {
	f := &fakeServer{version: "v2.7.12"}
	records := liveRecords(1000)
	s := openBench(b, f)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Write(b.Context(), records); err != nil {
			b.Fatal(err)
		}
		f.bodies = nil
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/sample")
}

func openBench(b *testing.B, f *fakeServer) *influx.Store {
	b.Helper()
	newFake(b, f)
	s, err := influx.Open(b.Context(), f.options())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func liveRecords(n int) []telemetry.Record {
	var records []telemetry.Record
	names := []vehicle.Signal{
		vehicle.Speed, vehicle.TraveledDistance, vehicle.AirTemperature, vehicle.LowVoltage, vehicle.EngineSpeed,
		vehicle.EngineHours, vehicle.CoolantTemperature, vehicle.OilTemperature, vehicle.FuelLevel, vehicle.TractionSoC,
		vehicle.TractionSoH, vehicle.TractionTemperature, vehicle.PadWearFrontLeft, vehicle.PadWearFrontRight,
		vehicle.PadWearRearLeft, vehicle.PadWearRearRight, vehicle.LongTermTrim1, vehicle.LongTermTrim2,
		"Vehicle.Chassis.SteeringWheel.Angle", "Vehicle.Powertrain.CombustionEngine.Torque",
	}
	for i := range n {
		r := telemetry.Record{VIN: vehicle.VIN(fmt.Sprintf("WPT%014d", i)), Sample: vehicle.Sample{Time: noon.Add(time.Duration(i) * time.Millisecond)}}
		for k, name := range names {
			r.Sample.Readings = append(r.Sample.Readings, vehicle.Reading{Signal: name, Value: vehicle.Number(float64(i*k) / 10)})
		}
		records = append(records, r)
	}
	return records
}
