package planner

import (
	"iter"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// weeks cuts columns of roll-ups into weeks of UTC days, counted from 1970-01-01 so that
// it does not matter when data began. It yields those in which a column says something,
// oldest first, with the part of each column that lies in the week. The slice that is
// yielded is used again.
func weeks(columns ...[]telemetry.OfDay) iter.Seq[[][]telemetry.OfDay] {
	return func(yield func([][]telemetry.OfDay) bool) {
		rest, parts := slices.Clone(columns), make([][]telemetry.OfDay, len(columns))
		for {
			week, some := vehicle.Day(0), false
			for _, c := range rest {
				if len(c) > 0 && (!some || c[0].Day/readingEvery < week) {
					week, some = c[0].Day/readingEvery, true
				}
			}
			if !some {
				return
			}
			for i, c := range rest {
				n := min(len(c), readingEvery)
				for n > 0 && c[n-1].Day/readingEvery != week {
					n--
				}
				parts[i], rest[i] = c[:n], c[n:]
			}
			if !yield(parts) {
				return
			}
		}
	}
}

// on is what a column says of a day, nil where it says nothing, and the column from that
// day on: to be asked for one day after the other.
func on(column []telemetry.OfDay, day vehicle.Day) (a *telemetry.OfDay, rest []telemetry.OfDay) {
	for len(column) > 0 && column[0].Day < day {
		column = column[1:]
	}
	if len(column) > 0 && column[0].Day == day {
		a = &column[0]
	}
	return a, column
}

// fill sets a field of days, which ascend, from a signal.
func fill(days []predict.Day, column []telemetry.OfDay, set func(*predict.Day, *telemetry.OfDay)) {
	k := 0
	for i := range days {
		d := &days[i]
		for k < len(column) && column[k].Day < d.Day {
			k++
		}
		if k == len(column) {
			return
		}
		if a := &column[k]; a.Day == d.Day {
			set(d, a)
			k++
		}
	}
}
