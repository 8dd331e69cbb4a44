package telemetry

import (
	"math"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

const (
	// warmC is the coolant at which an engine has warmed up, °C: the warm-up cycle of
	// on-board diagnosis asks for 160 °F (13 CCR 1968.2).
	warmC = 70
	// throughKmh tells a vehicle that is sampled seldom from one that has stood: as fast
	// it was between two samples on average.
	throughKmh = 10
)

// engineRuns finds the runs of a vehicle, and those that end before its engine is warm: what
// condenses and washes into the oil stays there, the battery does not get back what the
// start took, and a regeneration of the particulate filter is broken off. A run counts
// on the day on which it ends.
type engineRuns struct {
	starts        float64
	all           Aggregate // of each run of the engine that tells its temperature, 1 if it stayed cold, else 0
	open          bool
	last          time.Time // when the vehicle was last under way
	metres        float64   // the odometer then
	peakC         float64   // hottest coolant of the run, NaN without one
	known, turned bool      // the run told the engine's speed; the engine ran by itself
}

func (e *engineRuns) add(at time.Time, kmh, rpm, metres, coolantC float64) {
	if e.open && e.over(at, metres, rpm > 0 && rpm < crankRPM) {
		e.close()
	}
	if kmh > 1 || rpm >= crankRPM {
		if !e.open {
			e.open, e.peakC, e.known, e.turned = true, math.NaN(), false, false
		}
		e.last, e.metres = at, metres
	}
	if e.open {
		if !(coolantC <= e.peakC) && !math.IsNaN(coolantC) {
			e.peakC = coolantC
		}
		e.known, e.turned = e.known || !math.IsNaN(rpm), e.turned || rpm >= crankRPM
	}
}

// over reports whether the run under way had ended by a sample: somebody starts anew,
// or it stood for longer than a trip's gap.
func (e *engineRuns) over(at time.Time, metres float64, cranked bool) bool {
	gap := at.Sub(e.last)
	switch {
	case gap <= TripGap:
		return cranked && gap > standing
	case metres-e.metres < throughKmh*1000*gap.Hours():
		return true
	}
	e.last, e.metres = at, metres // drove until here
	return cranked
}

func (e *engineRuns) close() {
	e.open = false
	e.starts++
	switch {
	case math.IsNaN(e.peakC) || e.known && !e.turned: // nothing is known, or the motor drove alone
	case e.peakC < warmC:
		e.all.Add(e.last, 1)
	default:
		e.all.Add(e.last, 0)
	}
}

// ended ends the run of a day that is over, unless it goes on into the next.
func (e engineRuns) ended(day vehicle.Day) engineRuns {
	if left := day.End().Sub(e.last); e.open && (left < 0 || left >= TripGap) {
		e.close()
	}
	return e
}

func (e engineRuns) put(r *DayRollup) {
	delete(r.Signals, vehicle.DayShortTrips)
	if e.all.Count > 0 {
		r.Signals[vehicle.DayShortTrips] = e.all
	}
}
