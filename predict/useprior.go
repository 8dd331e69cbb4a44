package predict

import (
	"iter"
	"time"

	"github.com/pitcrew-telematics/pitcrew/predict/thin"
)

const (
	useVehicles = 200 // that a law of use is learned from; more say little more, and cost as much
	useLeast    = 20  // vehicles below which the law stays the expert's

	// leastChange of the log-pace, as a variance: another job, another driver.
	leastChange = 0.6
)

// useQuestions are what forecasts ask of use: how far in a month, a quarter and half a
// year, from which the dates of most parts follow.
var useQuestions = UsageQuestions{Days: []float64{30, 91, 182}, LeastChange: leastChange}

// LearnUse adds to a prior the law by which the vehicles of a fleet are used, learned
// from their days: trend with age, season, and how much of a vehicle's pace is its own
// and how much comes and goes. Vehicles that were watched for less than half a year
// teach nothing; of few vehicles, only their median and spread are taken, as they are
// in the prior. The seasons of the air that they meet are learned with it. Of a large fleet
// the law is learned from some, evenly.
func LearnUse(prior Prior, fleet iter.Seq[Input]) Prior {
	var histories []UsageHistory
	years := map[string][]year{} // by time zone
	for in := range fleet {
		days := cleanDays(in.Days, in.Now)
		if h, ok := useOf(in.InService, days); ok {
			histories = append(histories, h)
		}
		if y, ok := yearOf(days); ok {
			years[in.TimeZone] = append(years[in.TimeZone], y)
		}
	}
	if len(histories) < useLeast {
		return prior
	}
	histories = thin.Evenly(histories, useVehicles)
	law := LearnUsage(histories, useQuestions).Of("")
	law.Change, law.Lasting = max(law.Change, leastChange), 1 // also where too little was asked to search
	ofAYear := 0
	for _, h := range histories {
		if h.ofAYear() {
			ofAYear++
		}
	}
	if 2*ofAYear < len(histories) {
		law.Lasting = 0 // what all do in one season may be its
	}
	prior.Usage.Law = &law
	prior.learnSeasons(years)
	return prior.named()
}

// ofAYear reports whether the vehicle has been watched for one.
func (h UsageHistory) ofAYear() bool {
	n := len(h.Readings)
	return n > 0 && h.Readings[n-1].Time.Sub(h.Readings[0].Time) >= daysAhead(yearDays)
}

// useOf is the odometer of a vehicle week by week, as forecasts read it.
func useOf(inService time.Time, days []Day) (UsageHistory, bool) {
	if len(days) == 0 {
		return UsageHistory{}, false
	}
	h, odometer := UsageHistory{InService: inService}, dialOf(nil, days)
	first, last := days[0].Day, days[len(days)-1].Day
	for day := first; day <= last; day += weekDays {
		h.Readings = append(h.Readings, OdometerAt{Time: day.Start(), Km: odometer.at(float64(day))})
	}
	return h, float64(len(h.Readings)-1)*weekDays >= trendDays
}
