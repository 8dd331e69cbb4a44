package main

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/simulator"
)

// Faults that are planted in what is known of a car: those of real fleets, at the
// rates at which they are met.
const (
	outlierShare    = 0.01  // of what gauges and workshops measure: anything the gauge can show
	swapShare       = 0.02  // of cars get another car's instrument cluster
	unreportedShare = 0.10  // of visits leave no record
	milesShare      = 0.005 // of odometers are told in miles
	gapDays         = 30    // without a message, once in each year
	kmPerMile       = 1.609344
)

// withFaults is a diary as it would be known of the same car with faults planted.
// Which, follows from the VIN. The truth is the same.
func withFaults(d simulator.Diary) simulator.Diary {
	name := fnv.New64a()
	_, _ = name.Write([]byte(d.Profile.VIN)) // never fails
	f := faults{rand.New(rand.NewPCG(name.Sum64(), 0))}
	d.Days, d.Visits = slices.Clone(d.Days), slices.Clone(d.Visits)
	f.swapCluster(&d)
	for i := range d.Days {
		f.plantDay(&d.Days[i])
	}
	d.Days = f.gaps(d.Days)
	d.Visits = slices.DeleteFunc(d.Visits, func(simulator.Visit) bool { return f.chance(unreportedShare) })
	for i := range d.Visits {
		v := &d.Visits[i]
		f.inMiles(&v.OdometerKm)
		v.Measurements = slices.Clone(v.Measurements)
		for k := range v.Measurements {
			f.outlier(&v.Measurements[k].Value, 0, 1.5*v.Measurements[k].Value)
		}
	}
	return d
}

type faults struct{ *rand.Rand }

func (f faults) chance(p float64) bool { return f.Float64() < p }

// swapCluster gives a few cars another car's instrument cluster.
func (f faults) swapCluster(d *simulator.Diary) {
	swapped, other := f.chance(swapShare), 200_000*f.Float64()
	n := f.IntN(len(d.Days) + 1)
	if !swapped || n == len(d.Days) {
		return
	}
	from, shift := d.Days[n].Day.Start(), other-d.Days[n].OdometerKm
	for i := n; i < len(d.Days); i++ {
		d.Days[i].OdometerKm += shift
	}
	for i := range d.Visits {
		if d.Visits[i].Time.After(from) {
			d.Visits[i].OdometerKm += shift
		}
	}
}

func (f faults) plantDay(d *simulator.DiaryDay) {
	f.outlier(&d.PadFront.Last, 0, 100)
	f.outlier(&d.PadRear.Last, 0, 100)
	f.outlier(&d.CrankV, 6, 12.6)
	f.outlier(&d.SoH, 40, 100)
	f.outlier(&d.Oil, 0, 100)
	for i := range d.Tread {
		f.outlier(&d.Tread[i], 0, 8)
	}
	for range d.Cranking.Count {
		if f.chance(outlierShare) {
			d.Cranking.Add(d.Cranking.LastAt, 6+6.6*f.Float64())
		}
	}
	f.inMiles(&d.OdometerKm)
}

// outlier puts anything between two values in the place of a few.
func (f faults) outlier(v *float64, low, high float64) {
	if f.chance(outlierShare) && *v == *v { // NaN: there is no gauge
		*v = low + (high-low)*f.Float64()
	}
}

func (f faults) inMiles(km *float64) {
	if f.chance(milesShare) {
		*km /= kmPerMile
	}
}

// gaps takes out thirty days of each year.
func (f faults) gaps(days []simulator.DiaryDay) []simulator.DiaryDay {
	if len(days) == 0 {
		return days
	}
	first, last := days[0].Day.Start(), days[len(days)-1].Day.Start()
	for year := first; year.Before(last); year = year.AddDate(1, 0, 0) {
		from := year.AddDate(0, 0, f.IntN(365-gapDays))
		to := from.AddDate(0, 0, gapDays)
		days = slices.DeleteFunc(days, func(d simulator.DiaryDay) bool {
			at := d.Day.Start()
			return !at.Before(from) && at.Before(to)
		})
	}
	return days
}
