package simulator_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/pitcrew-telematics/pitcrew/simulator"
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
