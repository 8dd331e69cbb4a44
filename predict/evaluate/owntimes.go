package evaluate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostTimes a fleet is asked at in one run.
const mostTimes = 2000

// Times are those that a fleet is asked at. Each entry is a time, or, alone, a step
// between the first and the last fact of the fleet, but for those years off all others: "30d", "4w", "12h". None is the
// first of each month in between, UTC; a fleet of less than that is asked at its last
// fact. The answer is in the order of time, without repetitions, in whole seconds.
func (o *Own) Times(asOf []string) ([]time.Time, error) {
	first, last := o.first, o.last
	if first.IsZero() {
		return nil, fmt.Errorf("no readings and no services: there is nothing to forecast from")
	}
	if len(asOf) == 0 {
		month := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
		return between(last, func(n int) time.Time { return month.AddDate(0, n, 0) })
	}
	if step, ok := stepOf(asOf[0]); ok {
		if len(asOf) > 1 {
			return nil, fmt.Errorf("--asof %s: a step stands alone; give either one step or a list of times", strings.Join(asOf, ","))
		}
		return between(last, func(n int) time.Time { return first.Add(time.Duration(n) * step) })
	}
	var out []time.Time
	for _, s := range asOf {
		at, _, ok := ParseOwnTime(strings.TrimSpace(s))
		if !ok {
			return nil, fmt.Errorf("--asof %s: want a time like 2026-11-22T13:05:00+01:00, a date like 2026-11-22 (its first instant, UTC), or a step like 30d", s)
		}
		out = append(out, at.Truncate(time.Second))
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal), nil
}

// between are the first and later times, up to the last; or the last alone.
func between(last time.Time, at func(n int) time.Time) ([]time.Time, error) {
	var out []time.Time
	for n := 1; !at(n).After(last); n++ {
		if len(out) == mostTimes {
			return nil, fmt.Errorf("--asof makes more than %d times until %s; give a longer step", mostTimes, last.Format(time.DateOnly))
		}
		out = append(out, at(n).Truncate(time.Second))
	}
	if len(out) == 0 {
		out = append(out, last.Add(time.Second-1).Truncate(time.Second))
	}
	return out, nil
}

// stepOf reads 30d, 4w or a duration of Go; false for anything else.
func stepOf(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	for unit, days := range map[string]int{"d": 1, "w": 7} {
		if n, err := strconv.Atoi(strings.TrimSuffix(s, unit)); err == nil && strings.HasSuffix(s, unit) && n > 0 && n < 100000 {
			return time.Duration(n*days) * 24 * time.Hour, true
		}
	}
	step, err := time.ParseDuration(s)
	return step, err == nil && step >= time.Minute
}
