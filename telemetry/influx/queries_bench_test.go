package influx_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/influx"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BenchmarkQueries reads what the product reads, of one car among a hundred others with
// other signals: 400 days of two hours, a sample of 20 signals every 30 seconds, and one
// day of 10,000 samples more.
func BenchmarkQueries(b *testing.B) {
	for version, start := range servers {
		server := start(b)
		s, err := influx.Open(b.Context(), optionsOf(server, "queries"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		today := vehicle.DayOf(time.Now())
		fillQueries(b, s, today)
		benchQueries(b, version, s, today)
	}
}

const benchCar = vehicle.VIN("WPT00000000000007")

func fillQueries(b *testing.B, s *influx.Store, today vehicle.Day) {
	b.Helper()
	for day := range vehicle.Day(400) {
		writeDrive(b, s, benchCar, (today - day).Start(), 240, 30*time.Second, "")
	}
	writeDrive(b, s, benchCar, (today - 3).Start().Add(12*time.Hour), 10_000, time.Second, "")
	for car := range 100 {
		for day := vehicle.Day(0); day < 400; day += 20 {
			writeDrive(b, s, vehicle.VIN(fmt.Sprintf("WPT%014d", 100+car)), (today - day).Start(), 20, 30*time.Second, fmt.Sprint(car%10))
		}
	}
}

// writeDrive writes n samples, five of whose 20 signals have names with a suffix.
func writeDrive(b *testing.B, s *influx.Store, vin vehicle.VIN, start time.Time, n int, step time.Duration, suffix string) {
	b.Helper()
	names := liveRecords(1)[0].Sample.Readings
	batch := make([]telemetry.Record, n)
	for i := range batch {
		batch[i] = telemetry.Record{VIN: vin, Sample: vehicle.Sample{Time: start.Add(time.Duration(i) * step)}}
		for k, r := range names {
			if k >= 15 {
				r.Signal += vehicle.Signal(suffix)
			}
			r.Value = vehicle.Number(float64(i*k%1000) / 10)
			batch[i].Sample.Readings = append(batch[i].Sample.Readings, r)
		}
	}
	if err := s.Write(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
}

func benchQueries(b *testing.B, version string, s *influx.Store, today vehicle.Day) {
	b.Helper()
	ctx := b.Context()
	series := func(days vehicle.Day, every time.Duration) func() (int, error) {
		return func() (int, error) {
			q := telemetry.Query{VIN: benchCar, Signal: vehicle.Speed, From: (today - days + 1).Start(), To: today.End(), Every: every}
			points, err := s.Series(ctx, q)
			return len(points), err
		}
	}
	for _, c := range []struct {
		name string
		want int
		ask  func() (int, error)
	}{
		{"Latest", 20, func() (int, error) { got, err := s.Latest(ctx, benchCar); return len(got), err }},
		{"Day4800Values", 20, func() (int, error) { got, err := s.Day(ctx, benchCar, today-10); return len(got.Signals), err }},
		{"Day204800Values", 20, func() (int, error) { got, err := s.Day(ctx, benchCar, today-3); return len(got.Signals), err }},
		{"Series90DaysRaw", 90*240 + 10_000, series(90, 0)},
		{"Series90DaysHourly", 90*2 + 3, series(90, time.Hour)},
		{"Series400DaysDaily", 400, series(400, 24*time.Hour)},
		{"Samples30Days", 30*240 + 10_000, func() (n int, err error) {
			err = s.Samples(ctx, benchCar, (today - 29).Start(), today.End(), func(vehicle.Sample) error { n++; return nil })
			return n, err
		}},
		{"Days400", 400, func() (int, error) { got, err := s.Days(ctx, benchCar); return len(got), err }},
	} {
		b.Run(c.name+"/"+version, func(b *testing.B) {
			for b.Loop() {
				if got, err := c.ask(); err != nil || got != c.want {
					b.Fatalf("%d, %v, want %d", got, err, c.want)
				}
			}
		})
	}
}
