package predict

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
)

const (
	yearDays      = 365.25
	weekdayMemory = 180.0 // days after which weekdays are forgotten
	weekdayPrior  = 4.0   // weeks that an even week counts for
)

// Season is the course of a year: 1 + Season[0] sin a + Season[1] cos a +
// Season[2] sin 2a + Season[3] cos 2a, where a turns once a year from the first
// of January 1970. The zero Season has none.
type Season [4]float64

// sum is the integral of the season from 1970 to a time, in days.
func (s *Season) sum(at float64) float64 {
	const turn = 2 * math.Pi / yearDays
	sin, cos := elementary.Turn(at / yearDays)
	return at + (s[1]*sin-s[0]*cos)/turn + (s[3]*2*sin*cos-s[2]*(cos*cos-sin*sin))/(2*turn)
}

// work is a span of days from s.at on, weighted by season and weekday, so that a
// usual day counts 1.
func (l *UsageLaw) work(s *UsageState, days float64) float64 {
	w := days * s.weekdayShare(days)
	if l.Season != (Season{}) {
		w *= (l.Season.sum(s.at+days) - l.Season.sum(s.at)) / days
	}
	return max(w, 0.05*days)
}

// onWeekday keeps which days of the week are driven, from spans of one day.
func (s *UsageState) onWeekday(span, km float64) {
	if math.Abs(span-1) > 0.1 {
		return
	}
	for i := range s.weekdays {
		s.weekdays[i] *= 1 - 1/weekdayMemory
	}
	s.weekdays[weekday(s.at+span/2)] += float32(km)
}

// startWeek sums up what the seven days from s.at on are worth against usual
// ones, once for all that is asked of them.
func (l *UsageLaw) startWeek(s *UsageState) {
	total := 0.0
	for _, km := range s.weekdays {
		total += float64(km)
	}
	if total == 0 {
		return
	}
	even := weekdayPrior * elementary.Exp(l.trend(s, s.at)+s.stay+s.come)
	past := s.at - math.Floor(s.at) // share of the first day that is over
	for k := range s.weekdays {
		day, next := float64(s.weekdays[weekday(s.at+float64(k))]), float64(s.weekdays[weekday(s.at+float64(k)+1)])
		worth := ((1-past)*day + past*next + even) / (total/weekDays + even)
		s.week[k+1] = s.week[k] + float32(worth)
	}
}

// weekdayShare is what the days of a span from s.at on are worth, against usual
// ones: 1 for whole weeks, and for all spans while weekdays are unknown.
func (s *UsageState) weekdayShare(days float64) float64 {
	if s.week[7] == 0 {
		return 1
	}
	rest := days - weekDays*math.Floor(days/weekDays)
	k := min(int(rest), 6) // rounding may leave seven
	worth := float64(s.week[k]) + (rest-float64(k))*float64(s.week[k+1]-s.week[k])
	return (days - rest + worth) / days
}

// weekday of a time in days since 1970: 0 is Monday.
func weekday(at float64) int { return ((int(math.Floor(at))+3)%7 + 7) % 7 }
