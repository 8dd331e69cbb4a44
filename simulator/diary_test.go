package simulator_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The diary says the same as what else the fleet tells of a car.
func TestDiaryAgrees(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 4, Vehicles: 6, Epoch: epoch, HistoryDays: 200})
	for i := range f.Len() {
		d := f.Diary(i)
		if !reflect.DeepEqual(d.Truth, f.Truth(i)) {
			t.Errorf("car %d: another truth", i)
		}
		if !reflect.DeepEqual(d.Visits, f.Visits(i)) {
			t.Errorf("car %d: other visits", i)
		}
		last := d.Days[len(d.Days)-1]
		if math.Abs(last.OdometerKm-d.Truth.OdometerKm) > 0.001 {
			t.Errorf("car %d: odometer %.3f km on the last day, truth %.3f", i, last.OdometerKm, d.Truth.OdometerKm)
		}
		for j, day := range d.Days {
			if j > 0 && (day.Day <= d.Days[j-1].Day || math.Abs(day.OdometerKm-day.DistanceKm-d.Days[j-1].OdometerKm) > 0.001) {
				t.Fatalf("car %d: day %d does not follow the one before", i, j)
			}
			if electric := d.Profile.Powertrain == vehicle.BatteryElectric; electric != math.IsNaN(day.CrankV) {
				t.Fatalf("car %d: cranking %v V in a %s car", i, day.CrankV, d.Profile.Powertrain)
			}
		}
		for item, used := range d.Damage {
			if len(used) != len(d.Days) {
				t.Errorf("car %d, %s: damage of %d days, driven on %d", i, item, len(used), len(d.Days))
			}
		}
	}
}

// A fleet that is run to the limit renews nothing before it, and everything soon after.
func TestUpkeepAtLimit(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 4, Vehicles: 12, Epoch: epoch, HistoryDays: 600, Upkeep: simulator.AtLimit})
	lives := 0
	for i := range f.Len() {
		d := f.Diary(i)
		for _, c := range d.Truth.Components {
			for _, l := range c.Lives {
				if l.Renewed == nil || l.Renewed.Before(f.Epoch().AddDate(0, 0, 1)) {
					continue
				}
				lives++
				if l.Limit == nil {
					t.Errorf("car %d: %s renewed on %s, before its limit", i, c.Component, l.Renewed.Format(time.DateOnly))
				} else if late := l.Renewed.Sub(*l.Limit); late < 0 || late > 15*24*time.Hour {
					t.Errorf("car %d: %s renewed %s after its limit", i, c.Component, late)
				}
			}
		}
	}
	if lives < 30 {
		t.Errorf("%d lives ended, want 30 or more", lives)
	}
}

// What the diary says of the traction battery is what samples of the messages add up to,
// UTC day by UTC day, in cars that tell much of it and in cars that tell little.
func TestDiaryOfTheTractionBattery(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 4, Vehicles: 60, Epoch: epoch, HistoryDays: 150})
	var got, want [2][3]float64 // by PackSensors: kWh out, kWh charged fast, hours hot
	for i := range f.Len() {
		p := f.Profile(i)
		if p.Chemistry == "" {
			continue
		}
		tells := 0
		if p.PackSensors {
			tells = 1
		}
		for _, day := range f.Diary(i).Days {
			for k, v := range [3]float64{day.Pack.DischargeKWh, day.Pack.FastKWh, day.Pack.HotHours} {
				want[tells][k] += v
			}
		}
		days := map[vehicle.Day][]vehicle.Sample{}
		for _, s := range samplesOf(t, f, i) {
			days[vehicle.DayOf(s.Time)] = append(days[vehicle.DayOf(s.Time)], s)
		}
		for day, samples := range days {
			var w telemetry.WearWork
			for _, s := range samples {
				w.Add(s)
			}
			r := telemetry.DayRollup{Day: day, Signals: map[vehicle.Signal]telemetry.Aggregate{}}
			w.Put(&r)
			for k, s := range [3]vehicle.Signal{vehicle.DayDischarge, vehicle.DayFastCharge, vehicle.DayHotParking} {
				got[tells][k] += r.Signals[s].Sum
			}
		}
	}
	for tells := range got {
		for k, what := range [3]string{"kWh out", "kWh charged fast", "hours hot and full"} {
			if v := want[tells][k]; v < 100 || math.Abs(got[tells][k]-v) > 0.1*v {
				t.Errorf("pack sensors %d, %s: %.0f by the messages, %.0f in the diary", tells, what, got[tells][k], v)
			}
		}
	}
}
