package embedded_test

import (
	"cmp"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/telemetry/embedded"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BenchmarkSize is what a value takes on the disk when its day is closed: the
// whole file, with every index and its free pages, by the values in it.
func BenchmarkSize(b *testing.B) {
	hours := func(every time.Duration, n int) func(*testing.B) [][]telemetry.Record {
		return func(*testing.B) (batches [][]telemetry.Record) {
			vins, readings := []vehicle.VIN{}, liveReadings()
			for v := range 20 {
				vins = append(vins, benchVIN(v))
			}
			messages := n * int(time.Hour/every)
			for i := range messages {
				batch := make([]telemetry.Record, len(vins))
				liveBatch(batch, readings, i*len(vins), vins)
				for k := range batch {
					batch[k].Sample.Time = benchStart.Add(time.Duration(i) * every)
				}
				batches = append(batches, batch)
			}
			return batches
		}
	}
	for _, c := range []struct {
		name  string
		fleet func(*testing.B) [][]telemetry.Record
	}{
		{"20SignalsEverySecond2h", hours(time.Second, 2)},
		{"20SignalsEvery10s8h", hours(10*time.Second, 8)},
		{"History25To100SamplesADay", func(*testing.B) [][]telemetry.Record { return upload(50, 60, false) }},
		{"RecordedDrives", recordedDrives},
	} {
		b.Run(c.name, func(b *testing.B) {
			batches := c.fleet(b)
			var bytes int64
			for b.Loop() {
				dir := b.TempDir()
				s, err := embedded.Open(dir, embedded.Options{})
				if err != nil {
					b.Fatal(err)
				}
				fill(b, s, batches)
				if err := s.Seal(context.Background()); err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
				bytes += size(b, dir)
			}
			b.ReportMetric(float64(bytes)/float64(b.N)/float64(values(batches)), "B/value")
			b.ReportMetric(float64(values(batches)), "values")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// recordedDrives are the logs of carobd_toyota_etios, with up to 27 signals a
// second: one car a log, all of them on one day, in messages of 10 seconds.
func recordedDrives(b *testing.B) (batches [][]telemetry.Record) {
	dir := filepath.Join(cmp.Or(os.Getenv("PITCREW_SHARED_DATA"), filepath.Join("..", "..", "..", "shared", "data")), "carobd_toyota_etios")
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil || len(files) == 0 {
		b.Skipf("no recorded drives in %s: set PITCREW_SHARED_DATA", dir)
	}
	for i, file := range files {
		f, err := os.Open(file)
		if err != nil {
			b.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil {
			b.Fatal(err)
		}
		var batch []telemetry.Record
		for second, row := range rows[1:] {
			at := benchStart.Add(8*time.Hour + time.Duration(second)*time.Second)
			var readings []vehicle.Reading
			for column, text := range row {
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					readings = append(readings, vehicle.Reading{Signal: vehicle.Signal("Vehicle.OBD." + rows[0][column]), Value: vehicle.Number(v)})
				}
			}
			batch = append(batch, telemetry.Record{VIN: benchVIN(i), Received: at, Sample: vehicle.Sample{Time: at, Readings: readings}})
			if len(batch) == 10 {
				batches, batch = append(batches, batch), nil
			}
		}
		batches = append(batches, batch)
	}
	return batches
}
