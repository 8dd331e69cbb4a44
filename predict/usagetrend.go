package predict

import (
	"math"
	"slices"
)

const (
	trendDays   = 183.0 // spans that the trend is learned from
	trendRidge  = 10.0
	withinRidge = 5.0 // of 20 vehicles with eighteen months each half of the trend is believed, of 200 nearly all
	slopeYears  = 5.0 // in which a pace changes by no more than a third, as a rule
)

// halfYear is the pace of a vehicle over half a year.
type halfYear struct {
	kind string
	age  float64 // years, in the middle of it; 0 when unknown
	pace float64 // log of km per day
}

// halfYears are those of a vehicle, oldest first.
func (p *usagePath) halfYears() (all []halfYear) {
	for at := p.at[0] + trendDays; at <= p.at[len(p.at)-1]; at += trendDays {
		h := halfYear{kind: p.kind, pace: math.Log(max((p.odometer(at)-p.odometer(at-trendDays))/trendDays, 3*minKmPerDay))}
		if !math.IsNaN(p.born) {
			h.age = (at - trendDays/2 - p.born) / yearDays
		}
		all = append(all, h)
	}
	return all
}

// learnTrend fits the log pace of half years on age: of a fleet in which nobody says what vehicles are for,
// within them.
func (l *UsageLaws) learnTrend(fleet []usagePath, kinds []string) {
	var vehicles [][]halfYear
	for i := range fleet {
		if _, ok := l.kinds[fleet[i].kind]; ok {
			vehicles = append(vehicles, fleet[i].halfYears())
		}
	}
	if slices.Equal(kinds, []string{""}) {
		l.learnTrendWithin(vehicles)
	} else {
		l.learnTrendOf(kinds, vehicles)
	}
	all := slices.Concat(vehicles...)
	l.each(kinds, func(k int, law *UsageLaw) {
		law.FromYears, law.UntilYears = math.Inf(1), math.Inf(-1)
		for _, h := range all {
			if k < 0 || h.kind == kinds[k] {
				law.FromYears, law.UntilYears = min(law.FromYears, h.age), max(law.UntilYears, h.age)
			}
		}
	})
	l.apart = math.Log1p(priorUseCV * priorUseCV) // counts for one kind
	for _, kind := range kinds {
		off := l.kinds[kind].LogKmPerDay - l.others.LogKmPerDay
		l.apart += off * off
	}
	l.apart /= float64(len(kinds) + 1)
}

// learnTrendOf fits a line by age to all half years of a kind: its vehicles are used alike, and old ones
// beside young ones tell how one of them will be.
func (l *UsageLaws) learnTrendOf(kinds []string, vehicles [][]halfYear) {
	rows := fitRows{kinds: kinds, columns: 2}
	for _, own := range vehicles {
		for _, h := range own {
			rows.add(h.kind, h.pace, 1, h.age/slopeYears)
		}
	}
	beta := rows.robust(free, trendRidge)
	l.each(kinds, func(k int, law *UsageLaw) {
		c := rows.of(beta, k)
		law.LogKmPerDay, law.PerYear = c[0], c[1]/slopeYears
	})
}

// learnTrendWithin fits what half years of one vehicle differ by that are a year or years apart, and so
// of one season, and then the pace at one age. Where nobody says what vehicles are for, those who
// drive most have the youngest, and what old ones drive beside them says nothing of the time to come.
func (l *UsageLaws) learnTrendWithin(vehicles [][]halfYear) {
	change, level := fitRows{columns: 1}, fitRows{columns: 1}
	for _, own := range vehicles {
		for i, h := range own {
			for j := i % 2; j < i; j += 2 {
				change.add("", h.pace-own[j].pace, float64(i-j)*trendDays/yearDays/slopeYears)
			}
		}
	}
	perYear := change.robust(withinRidge, withinRidge)[0] / slopeYears
	for _, own := range vehicles {
		for _, h := range own {
			level.add("", h.pace-perYear*h.age, 1)
		}
	}
	pace := level.robust(free, trendRidge)[0]
	l.each([]string{""}, func(_ int, law *UsageLaw) { law.LogKmPerDay, law.PerYear = pace, perYear })
}
