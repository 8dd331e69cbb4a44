package evaluate

import (
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/predict/thin"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// When the law of use is learned, and from which units: it takes longer than all else, says the
// same of every component, and hardly moves before a fleet has been watched for much longer.
const (
	useAfter = 220 * 24 * time.Hour // from the fleet's first odometers on: half a year that is read once a month
	useAgain = 1.4                  // times as long as before
	useUnits = 40                   // evenly; more say little more
	useDays  = 189                  // of a unit that says something
	useGap   = 35                   // days between odometers on average; fewer do not show how use goes up and down
	useYears = 8                    // of history: use of long ago is another, and dates like 1900 stand for none
)

// firstDay is that of the middle one of some units, so that a date that is wrong does not move it;
// zero where none has an odometer.
func firstDay(units []*ownKnown) time.Time {
	var first []vehicle.Day
	for _, k := range units {
		if len(k.days) > 0 {
			first = append(first, k.days[0].Day)
		}
	}
	if len(first) == 0 {
		return time.Time{}
	}
	slices.Sort(first)
	return first[len(first)/2].Start()
}

// useTime is the newest time up to another as of which the law of use is learned, of a fleet that is
// known since a first time; zero where that is too short.
func useTime(first, at time.Time) time.Time {
	watched := at.Sub(first)
	if first.IsZero() || watched < useAfter {
		return time.Time{}
	}
	after := float64(useAfter)
	for after*useAgain <= float64(watched) {
		after *= useAgain
	}
	return first.Add(time.Duration(after)).Truncate(time.Second)
}

// useKey names a law of use that was learned: by which fold asks, as of when, and the factor on
// odometers.
type useKey struct {
	fold   int
	at     int64
	factor float64
}

// use is the law of use that the units outside a fold have taught as of a time, whatever is known now;
// nil: the expert's.
func (o *Own) use(fold int, taught []*ownKnown, factor float64, then time.Time) *predict.UsageLaw {
	if then.IsZero() {
		return nil
	}
	key := useKey{fold, then.Unix(), factor}
	if law, ok := o.uses.Load(key); ok {
		return law.(*predict.UsageLaw)
	}
	var tell []predict.Input
	pace := o.pace(then)
	since := vehicle.DayOf(then.AddDate(-useYears, 0, 0))
	for _, k := range taught {
		days := k.unit.known(then, len(o.parts), pace).scaled(factor)
		days = slices.DeleteFunc(days, func(d predict.Day) bool { return d.Day < since })
		if n := len(days); n > 0 && days[n-1].Day-days[0].Day >= useDays && int(days[n-1].Day-days[0].Day) < useGap*n {
			tell = append(tell, predict.Input{Now: then, Days: days})
		}
	}
	fleet := thin.Evenly(tell, useUnits)
	law := predict.LearnUse(predict.Prior{}, slices.Values(fleet)).Usage.Law
	o.uses.Store(key, law)
	return law
}

// scaled are the unit's days, with odometers times a factor.
func (k *ownKnown) scaled(factor float64) []predict.Day {
	days := slices.Clone(k.days)
	for i := range days {
		days[i].OdometerKm *= factor
		days[i].DistanceKm *= factor
	}
	return days
}
