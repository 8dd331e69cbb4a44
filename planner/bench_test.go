package planner_test

import (
	"context"
	"math"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/history"
	"github.com/pitcrew-telematics/pitcrew/planner"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/store"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// BenchmarkFleet is a re-forecast of a fleet from its stored roll-ups and records:
// what reading and writing them costs, and what the forecasts cost apart from that.
// The cars have 18 months behind them, told in messages, and are asked in turn.
func BenchmarkFleet(b *testing.B) {
	fleet, err := simulator.New(simulator.Config{Seed: 3, Vehicles: 8, Epoch: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		b.Fatal(err)
	}
	w := open(b, fleet.End())
	w.enter(fleet)
	var vins []vehicle.VIN
	for i := range fleet.Len() {
		vins = append(vins, fleet.Profile(i).VIN)
		w.take(slices.Collect(fleet.History(i, fleet.Epoch(), fleet.End())))
	}
	w.settle()

	b.Run("database", func(b *testing.B) {
		var f stored // in the memory of the vehicle before, as in a round of planning
		n, since := 0, cpuTime(b)
		for b.Loop() {
			w.stored(b, vins[n%len(vins)], &f)
			if err := w.db.Write(b.Context(), func(tx *store.Tx) error {
				return tx.ReplaceForecasts(b.Context(), f.vehicle.VIN, f.forecasts)
			}); err != nil {
				b.Fatal(err)
			}
			n++
		}
		perFleet(b, since)
	})
	var known []stored
	days := 0
	for _, vin := range vins {
		var f stored
		w.stored(b, vin, &f)
		known = append(known, f)
		days += len(f.days.Days)
	}
	forecasts := func(most int) func(b *testing.B) {
		return func(b *testing.B) {
			var tables []*predict.Table
			for _, f := range known {
				tables = append(tables, firstOf(f.forecasts, most))
			}
			b.ReportAllocs()
			n, components, since := 0, 0, cpuTime(b)
			for b.Loop() {
				i := n % len(known)
				f := &known[i]
				components += len(planner.ForecastsOf(tables[i], f.vehicle, f.days, f.records, fleet.End()))
				n++
			}
			perFleet(b, since)
			b.ReportMetric(float64(components)/float64(n), "components/vehicle")
			b.ReportMetric(float64(days)/float64(len(known)), "days/vehicle")
		}
	}
	b.Run("forecasts/12", forecasts(12))
	b.Run("forecasts/all", forecasts(math.MaxInt))
}

// firstOf is a table of the first components of a vehicle, at most so many. Those that
// are measured come first.
func firstOf(forecasts []predict.Forecast, most int) *predict.Table {
	var rows []predict.Spec
	for _, f := range forecasts[:min(len(forecasts), most)] {
		row, _ := predict.Standard().Of(f.Component)
		rows = append(rows, row)
	}
	return predict.TableOf(rows...)
}

// perFleet reports what 10,000 vehicles cost of a core. Seconds of the process, not of
// the wall, so that the figure holds on a busy machine.
func perFleet(b *testing.B, since time.Duration) {
	b.ReportMetric((cpuTime(b)-since).Seconds()/float64(b.N)*10_000, "cpu-s/10,000-vehicles")
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stored is what forecasts of a vehicle rest on, and the forecasts.
type stored struct {
	vehicle   vehicle.Vehicle
	days      telemetry.BySignal
	records   []history.Record
	forecasts []predict.Forecast
}

func (w *workshop) stored(b *testing.B, vin vehicle.VIN, f *stored) {
	b.Helper()
	ctx := context.Background()
	err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
		if f.vehicle, err = tx.Vehicle(ctx, vin); err != nil {
			return err
		}
		if err = tx.RollupsBySignal(ctx, vin, &f.days); err != nil {
			return err
		}
		f.records, err = tx.Records(ctx, vin)
		return err
	})
	if err == nil {
		f.forecasts, err = w.db.Forecasts(ctx, vin)
	}
	if err != nil {
		b.Fatal(err)
	}
}
