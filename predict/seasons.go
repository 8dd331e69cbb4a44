package predict

import (
	"math"
	"slices"
	"time"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// Seasons are by how many kelvin the air of each month is above that of the year, January
// first, as the vehicles of the fleet meet it. Empty: not known.
type Seasons []float64

// seasonDays is how far apart the days are that stand for a season.
const seasonDays = 10

func (s Seasons) usable() bool {
	return len(s) == 12 && !slices.ContainsFunc(s, func(k float64) bool { return !(math.Abs(k) < 60) })
}

// on is how far above the year's the air of a day is.
func (s Seasons) on(d vehicle.Day) float64 { return s[d.Start().Month()-time.January] }

// yearBefore makes up what is missing of the year that ends with the days, of one season
// after another, and tells the mean air of that year. Nothing where the days are a year, tell
// no temperatures, or the seasons are not known: one season says little of the next.
func (s Seasons) yearBefore(days []Day) (before []Day, airTempC float64) {
	if !s.usable() || len(days) == 0 {
		return nil, 0
	}
	from := days[len(days)-1].Day + 1 - vehicle.Day(math.Ceil(yearDays))
	if from >= days[0].Day {
		return nil, 0
	}
	sum, n := 0.0, 0.0
	for i := range days {
		if air := days[i].AirTempC; math.Abs(air) < 60 {
			sum, n = sum+air-s.on(days[i].Day), n+1
		}
	}
	if n == 0 {
		return nil, 0
	}
	for at := from; at < days[0].Day; at = min(at+seasonDays, days[0].Day) {
		before = append(before, Day{Day: at, AirTempC: sum/n + s.on(at)})
	}
	return before, sum / n
}

// learnSeasons are those of vehicles that were watched in every month of the year; empty of
// too few.
func learnSeasons(fleet [][]Day) Seasons {
	var all [][12]float64
	for _, days := range fleet {
		if months, ok := monthsOf(days); ok {
			all = append(all, months)
		}
	}
	if len(all) < useLeast {
		return nil
	}
	out := make(Seasons, 12)
	for _, months := range all {
		for m, k := range months {
			out[m] += k / float64(len(all))
		}
	}
	return out
}

// monthsOf is the mean air of each month above the mean of all; false where one was not seen.
func monthsOf(days []Day) (months [12]float64, ok bool) {
	var n [12]float64
	for i := range days {
		if air := days[i].AirTempC; math.Abs(air) < 60 {
			m := days[i].Day.Start().Month() - time.January
			months[m], n[m] = months[m]+air, n[m]+1
		}
	}
	year := 0.0
	for m := range months {
		if n[m] == 0 {
			return months, false
		}
		months[m] /= n[m]
		year += months[m] / 12
	}
	for m := range months {
		months[m] -= year
	}
	return months, true
}
