package main

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// The faults come at the rates that are said, and the same each time.
func TestFaultsArePlantedAtTheirRates(t *testing.T) {
	fleet, err := newSimulatedFleet(60, 11, simulator.Turn{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	var days, lost, read, odd, miles, visits, kept, swapped float64
	for i := range fleet.Len() {
		plain := fleet.Diary(i)
		faulty := withFaults(plain)
		if again := withFaults(plain); !reflect.DeepEqual(faulty.Visits, again.Visits) || len(faulty.Days) != len(again.Days) {
			t.Fatal("planted twice, the faults differ")
		}
		days, lost = days+float64(len(plain.Days)), lost+float64(len(plain.Days)-len(faulty.Days))
		visits, kept = visits+float64(len(plain.Visits)), kept+float64(len(faulty.Visits))
		shift := 0.0
		for _, f := range faulty.Days {
			k, ok := slices.BinarySearchFunc(plain.Days, f, func(a, b simulator.DiaryDay) int { return int(a.Day - b.Day) })
			if !ok {
				t.Fatalf("day %d is of no day", f.Day)
			}
			p := plain.Days[k]
			if !math.IsNaN(p.PadFront.Last) {
				read, odd = read+1, odd+count(p.PadFront.Last != f.PadFront.Last)
			}
			if math.Abs(f.OdometerKm*kmPerMile-p.OdometerKm-shift) < 1e-6 {
				miles++
			} else {
				shift = f.OdometerKm - p.OdometerKm
			}
		}
		swapped += count(math.Abs(shift) > 1)
	}
	for what, is := range map[string][3]float64{
		"outliers":   {odd / read, 0.006, 0.014},
		"miles":      {miles / (days - lost), 0.003, 0.008},
		"days lost":  {lost / days, 0.06, 0.10},
		"unreported": {1 - kept/visits, 0.06, 0.14},
		"swapped":    {swapped / 60, 0, 0.07},
	} {
		if is[0] < is[1] || is[0] > is[2] {
			t.Errorf("%s: share %.4f, want %g to %g", what, is[0], is[1], is[2])
		}
	}
}

func count(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
