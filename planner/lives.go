package planner

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/diagnosis"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// stampOdometer gives every step in the life of a code, and the code itself, how far
// the vehicle had gone then, where the freeze frame did not hold it.
func stampOdometer(codes []diagnosis.CodeState, odometer Odometer, dial *telemetry.Column) {
	stamp := func(km *float64, at time.Time) {
		if *km == 0 && !at.IsZero() {
			*km = math.Round(10*odometer.gone(at, dial)) / 10 // as PID A6 has it
		}
	}
	for i := range codes {
		c := &codes[i]
		stamp(&c.OdometerKm, c.FirstSeen)
		stamp(&c.Ending.OdometerKm, c.Ending.At)
		for _, steps := range append([][]diagnosis.Step{c.Steps}, earlier(c.Earlier)...) {
			for k := range steps {
				stamp(&steps[k].OdometerKm, steps[k].At)
			}
		}
	}
}

func earlier(occurrences []diagnosis.Occurrence) [][]diagnosis.Step {
	out := make([][]diagnosis.Step, len(occurrences))
	for i, o := range occurrences {
		out[i] = o.Steps
	}
	return out
}

// gone is how far the vehicle had gone at a time, in km: between the first and the last
// odometer of a day in proportion to the time, else as at the reading before. Before the
// first of all it is as at that one, for a day; 0 when nothing is known. dial is the
// odometer by day.
func (o Odometer) gone(at time.Time, dial *telemetry.Column) float64 {
	next, exact := slices.BinarySearchFunc(o.Accepted, at, func(a vehicle.AcceptedReading, t time.Time) int { return a.Time.Compare(t) })
	total, since := 0.0, time.Time{} // of the reading before
	if next > 0 {
		total, since = o.Accepted[next-1].Total, o.Accepted[next-1].Time
	}
	if next == len(o.Accepted) {
		return total / 1000
	}
	following := o.Accepted[next]
	if exact {
		return following.Total / 1000
	}
	first, begin := following.Total, following.Time
	if dial == nil {
		dial = new(telemetry.Column)
	}
	if k, found := slices.BinarySearch(dial.Day, vehicle.DayOf(following.Time)); found {
		// The ledger has the last reading of the day; the first is on the same scale if it fits.
		was := dial.First[k] + following.Total - following.Metres
		if dial.LastAt[k].Time().Equal(following.Time) && was >= total && was <= first && dial.FirstAt[k].Time().After(since) {
			first, begin = was, dial.FirstAt[k].Time()
		}
	}
	switch {
	case !at.Before(begin):
		total = first + (following.Total-first)*at.Sub(begin).Seconds()/following.Time.Sub(begin).Seconds()
	case next == 0 && begin.Sub(at) < 24*time.Hour:
		total = first
	}
	return total / 1000
}
