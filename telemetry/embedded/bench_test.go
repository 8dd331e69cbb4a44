package embedded_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

var benchStart = time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)

func benchVIN(i int) vehicle.VIN { return vehicle.VIN(fmt.Sprintf("WPCZZZ%011d", i)) }

// benchDay is what one vehicle sends on one day: trips with a sample every
// 10 seconds or so, and 12 signals as sensors resolve them.
func benchDay(rng *rand.Rand, vin vehicle.VIN, day, samples int) []telemetry.Record {
	tenth := func(v float64) float64 { return math.Round(v*10) / 10 }
	out := make([]telemetry.Record, 0, samples)
	at := benchStart.AddDate(0, 0, day).Add(7 * time.Hour)
	odometer, fuel := 20_000_000+float64(day)*40_000, 90-float64(day%14)*5
	speed := 30.0
	for i := range samples {
		if i == samples/2 {
			at = at.Add(9 * time.Hour) // the way home
		}
		at = at.Add(10*time.Second + time.Duration(rng.IntN(40))*time.Millisecond)
		speed = math.Min(math.Max(speed+rng.NormFloat64()*8, 0), 130)
		odometer += math.Round(speed / 3.6 * 10)
		fuel -= speed / 4000
		warm := 1 - math.Exp(-float64(i)/20)
		out = append(out, telemetry.Record{VIN: vin, Received: at, Sample: vehicle.Sample{Time: at, Readings: []vehicle.Reading{
			{Signal: vehicle.Speed, Value: vehicle.Number(tenth(speed))},
			{Signal: vehicle.TraveledDistance, Value: vehicle.Number(odometer)},
			{Signal: vehicle.EngineSpeed, Value: vehicle.Number(math.Round(800 + speed*20 + rng.NormFloat64()*50))},
			{Signal: vehicle.CoolantTemperature, Value: vehicle.Number(math.Round(20 + 70*warm + rng.NormFloat64()))},
			{Signal: vehicle.OilTemperature, Value: vehicle.Number(tenth(20 + 80*warm + rng.NormFloat64()))},
			{Signal: vehicle.FuelLevel, Value: vehicle.Number(tenth(fuel))},
			{Signal: vehicle.LowVoltage, Value: vehicle.Number(tenth(14.1 + rng.NormFloat64()*0.1))},
			{Signal: vehicle.AirTemperature, Value: vehicle.Number(tenth(12 + rng.NormFloat64()*0.2))},
			{Signal: vehicle.EngineHours, Value: vehicle.Number(tenth(500 + float64(day)*1.2 + float64(i)/360))},
			{Signal: vehicle.PadWearFrontLeft, Value: vehicle.Number(tenth(float64(day) / 12))},
			{Signal: vehicle.PadWearRearLeft, Value: vehicle.Number(tenth(float64(day) / 15))},
			{Signal: "Vehicle.Cabin.Door.Row1.DriverSide.IsOpen", Value: vehicle.Bool(i == 0)},
		}}})
	}
	return out
}

// upload is the history of a fleet as it arrives: every vehicle sends its days
// in order, a message is a day or half of one, a batch holds messages of many
// vehicles, and some days come twice or a month late.
func upload(vehicles, days int, late bool) [][]telemetry.Record {
	rng := rand.New(rand.NewPCG(1, 2))
	var batches [][]telemetry.Record
	for day := range days {
		var batch []telemetry.Record
		for v := range vehicles {
			sent := day
			if late && rng.IntN(20) == 0 {
				sent = max(day-rng.IntN(30), 0)
			}
			records := benchDay(rng, benchVIN(v), sent, 25+rng.IntN(76))
			if rng.IntN(4) == 0 { // the message boundary falls within the day
				half := len(records) / 2
				batch = append(batch, records[:half]...)
				batches = append(batches, batch)
				batch = records[half:]
				continue
			}
			batch = append(batch, records...)
		}
		batches = append(batches, batch)
	}
	return batches
}

// longDays is 8,000 samples of a vehicle and day, in messages of 20.
func longDays(vehicles, days int) [][]telemetry.Record {
	rng := rand.New(rand.NewPCG(1, 2))
	var batches [][]telemetry.Record
	for day := range days {
		var fleet [][]telemetry.Record
		for v := range vehicles {
			fleet = append(fleet, benchDay(rng, benchVIN(v), day, 8000))
		}
		for at := 0; at < 8000; at += 20 {
			var batch []telemetry.Record
			for v := range fleet {
				batch = append(batch, fleet[v][at:at+20]...)
			}
			batches = append(batches, batch)
		}
	}
	return batches
}

func values(batches [][]telemetry.Record) int {
	n := 0
	for _, b := range batches {
		for _, r := range b {
			n += len(r.Sample.Readings)
		}
	}
	return n
}

// cpu returns the CPU time of the process.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func size(b *testing.B, dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, "telemetry.db"))
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

func fill(b *testing.B, s telemetry.Store, batches [][]telemetry.Record) {
	for _, batch := range batches {
		if err := s.Write(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpload writes a fleet's history and seals it. CPU time counts
// everything: checkpoints, sealing, garbage collection.
func BenchmarkUpload(b *testing.B) {
	for _, c := range []struct {
		name  string
		fleet func() [][]telemetry.Record
	}{
		{"InOrder", func() [][]telemetry.Record { return upload(50, 110, false) }},
		{"Late", func() [][]telemetry.Record { return upload(50, 110, true) }},
		{"LongDays", func() [][]telemetry.Record { return longDays(10, 4) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			batches := c.fleet()
			million := float64(values(batches)) / 1e6
			var used time.Duration
			var bytes int64
			for b.Loop() {
				dir := b.TempDir()
				s, err := embedded.Open(dir, embedded.Options{})
				if err != nil {
					b.Fatal(err)
				}
				before := cpu()
				fill(b, s, batches)
				if err := s.Seal(context.Background()); err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				used += cpu() - before
				bytes += size(b, dir)
			}
			b.ReportMetric(used.Seconds()/float64(b.N)/million, "CPU-s/Mvalues")
			b.ReportMetric(float64(bytes)/float64(b.N)/million/1e6, "B/value")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLive is a fleet that reports all day: batches of 2,000 messages of 20
// signals, one message of a vehicle in turn, and at the end everything sealed.
// The work of sealing meanwhile and of checkpoints is in the figure.
func BenchmarkLive(b *testing.B) {
	for _, c := range []struct{ vehicles, messages int }{{10_000, 50}, {500, 1000}} {
		b.Run(fmt.Sprintf("%dx%d", c.vehicles, c.messages), func(b *testing.B) {
			var vins []vehicle.VIN
			for v := range c.vehicles {
				vins = append(vins, benchVIN(v))
			}
			readings := liveReadings()
			var used time.Duration
			var bytes int64
			for b.Loop() {
				dir := b.TempDir()
				s, err := embedded.Open(dir, embedded.Options{SealEvery: time.Second})
				if err != nil {
					b.Fatal(err)
				}
				batch := make([]telemetry.Record, 2000)
				before := cpu()
				for i := 0; i < c.vehicles*c.messages; i += len(batch) {
					liveBatch(batch, readings, i, vins)
					fill(b, s, [][]telemetry.Record{batch})
				}
				if err := s.Seal(context.Background()); err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				used += cpu() - before
				bytes += size(b, dir)
			}
			messages := float64(b.N * c.vehicles * c.messages)
			b.ReportMetric(used.Seconds()/messages*1e5, "CPU-s/100k-messages")
			b.ReportMetric(float64(bytes)/messages/liveSignals, "B/value")
			b.ReportMetric(0, "ns/op")
		})
	}
}

const liveSignals = 20

// liveReadings are the messages of a drive of 1,000 messages. Vehicles are at
// different places of it.
func liveReadings() [][]vehicle.Reading {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([][]vehicle.Reading, 1000)
	for i := range out {
		out[i] = make([]vehicle.Reading, liveSignals)
		for j := range out[i] {
			v := float64(20*j) + 10*math.Sin(float64(i*(j+3))/40) + rng.NormFloat64()
			out[i][j] = vehicle.Reading{Signal: vehicle.Signal(fmt.Sprintf("Vehicle.Bench.Signal%d", j)), Value: vehicle.Number(math.Round(v*10) / 10)}
		}
	}
	return out
}

// liveBatch is the messages first to first+len(batch) of a fleet whose vehicles
// report in turn, every 10 seconds.
func liveBatch(batch []telemetry.Record, readings [][]vehicle.Reading, first int, vins []vehicle.VIN) {
	for k := range batch {
		round, v := (first+k)/len(vins), (first+k)%len(vins)
		at := benchStart.Add(time.Duration(round)*10*time.Second + time.Duration(v)*time.Millisecond)
		batch[k] = telemetry.Record{VIN: vins[v], Received: at, Sample: vehicle.Sample{
			Time: at, Readings: readings[(round+37*v)%len(readings)],
		}}
	}
}

// filled is a store with 110 sealed days of 20 vehicles.
func filled(b *testing.B) *embedded.Store {
	s := open(b, embedded.Options{})
	fill(b, s, upload(20, 110, true))
	if err := s.Seal(context.Background()); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkLatest(b *testing.B) {
	s := filled(b)
	for b.Loop() {
		if got, err := s.Latest(context.Background(), benchVIN(7)); err != nil || len(got) != 12 {
			b.Fatal(len(got), err)
		}
	}
}

func BenchmarkSeries90DaysHourly(b *testing.B) {
	s := filled(b)
	q := telemetry.Query{VIN: benchVIN(7), Signal: vehicle.Speed, Every: time.Hour, From: benchStart, To: benchStart.AddDate(0, 0, 90)}
	for b.Loop() {
		if got, err := s.Series(context.Background(), q); err != nil || len(got) < 90 {
			b.Fatal(len(got), err)
		}
	}
}

// BenchmarkDailyOfAFleet reads one signal of 2,000 vehicles by day, 90 days each.
func BenchmarkDailyOfAFleet(b *testing.B) {
	const vehicles, days = 2000, 90
	s := open(b, embedded.Options{})
	rng := rand.New(rand.NewPCG(1, 2))
	q := telemetry.DailyQuery{Signal: vehicle.LowVoltage, From: vehicle.DayOf(benchStart), To: vehicle.DayOf(benchStart) + days}
	for v := range vehicles {
		q.VINs = append(q.VINs, benchVIN(v))
		var records []telemetry.Record
		for day := range days {
			records = append(records, benchDay(rng, benchVIN(v), day, 16)...)
		}
		fill(b, s, [][]telemetry.Record{records})
	}
	if err := s.Seal(context.Background()); err != nil {
		b.Fatal(err)
	}
	before := cpu()
	for b.Loop() {
		n := 0
		err := s.Daily(context.Background(), q, func(_ vehicle.VIN, points []telemetry.Point) error {
			n += len(points)
			return nil
		})
		if err != nil || n != vehicles*days {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "CPU-s/op")
}

func BenchmarkDay(b *testing.B) {
	s := filled(b)
	day := vehicle.DayOf(benchStart) + 50
	for b.Loop() {
		if got, err := s.Day(context.Background(), benchVIN(7), day); err != nil || len(got.Signals) != 12 {
			b.Fatal(len(got.Signals), err)
		}
	}
}

func BenchmarkSamplesOfADay(b *testing.B) {
	s := filled(b)
	from := benchStart.AddDate(0, 0, 50)
	for b.Loop() {
		n := 0
		err := s.Samples(context.Background(), benchVIN(7), from, from.AddDate(0, 0, 1), func(vehicle.Sample) error {
			n++
			return nil
		})
		if err != nil || n == 0 {
			b.Fatal(n, err)
		}
	}
}
