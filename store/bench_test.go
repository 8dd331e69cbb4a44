package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/ingest"
	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// onBoth runs a benchmark on both dialects.
func onBoth(b *testing.B, run func(*testing.B, *store.DB)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, reopened(b, filepath.Join(b.TempDir(), "bench.db")))
	})
	b.Run("postgres", func(b *testing.B) {
		run(b, reopened(b, testserver.StartPostgres(b).Create(b)))
	})
}

// BenchmarkRecord writes the facts of 50 messages: of one vehicle that uploads
// its history, and of 50 vehicles that report live.
func BenchmarkRecord(b *testing.B) {
	const messages = 50
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for name, vehicles := range map[string]int{"upload": 1, "live": messages} {
		b.Run(name, func(b *testing.B) {
			onBoth(b, func(b *testing.B, db *store.DB) {
				b.ReportAllocs()
				for n := 0; b.Loop(); n++ {
					received := start.Add(time.Duration(n) * time.Second)
					var batch ingest.Batch
					for i := range messages {
						vin := vehicle.VIN(fmt.Sprintf("WPT%014d", i%vehicles))
						batch.Seen = append(batch.Seen, ingest.Seen{VIN: vin, Received: received, LastEvent: received, Boot: "b", Seq: uint64(n)})
						batch.Marks = append(batch.Marks, ingest.Mark{VIN: vin, Day: vehicle.Day(n*messages/vehicles + i/5), At: received})
					}
					batch.Codes = []ingest.CodeFact{{VIN: batch.Seen[0].VIN, Received: received, Report: vehicle.CodeReport{
						Time: received, ECU: "7E8", Codes: []vehicle.CodeEntry{{Code: "P0171", Status: vehicle.CodeConfirmed}},
					}}}
					if err := db.Record(b.Context(), batch); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/messages, "µs/message")
			})
		})
	}
}

// BenchmarkRollups reads what planning reads of a vehicle: 550 days of 25 signals.
func BenchmarkRollups(b *testing.B) {
	onBoth(b, func(b *testing.B, db *store.DB) {
		ctx := b.Context()
		var days []telemetry.DayRollup
		size := 0
		for d := range vehicle.Day(550) {
			days = append(days, rollup("WPT00000000000001", 20000+d, 25))
			size += len(store.EncodeRollup(days[d]))
		}
		if err := db.Write(ctx, func(tx *store.Tx) error { return tx.PutRollups(ctx, days) }); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		var into telemetry.BySignal
		for b.Loop() {
			if err := readRollups(ctx, db, &into, len(days)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(size)/float64(len(days)), "B/day")
	})
}

func readRollups(ctx context.Context, db *store.DB, into *telemetry.BySignal, want int) error {
	return db.Read(ctx, func(tx *store.Tx) error {
		err := tx.RollupsBySignal(ctx, "WPT00000000000001", into)
		if err == nil && len(into.Days) != want {
			err = fmt.Errorf("read %d days, want %d", len(into.Days), want)
		}
		return err
	})
}

// rollup makes a day as a car would leave it: values of sensor resolution.
func rollup(vin vehicle.VIN, day vehicle.Day, signals int) telemetry.DayRollup {
	r := telemetry.DayRollup{VIN: vin, Day: day, Signals: make(map[vehicle.Signal]telemetry.Aggregate)}
	for s := range signals {
		var a telemetry.Aggregate
		for i := range 40 {
			a.Add(day.Start().Add(time.Duration(i*1000+s)*time.Second), float64((i*37+s*11+int(day))%1200)/10)
		}
		r.Signals[vehicle.Signal(fmt.Sprintf("Vehicle.Powertrain.CombustionEngine.Signal%02d.Temperature", s))] = a
	}
	return r
}
