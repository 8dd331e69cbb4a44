package planner

import (
	"iter"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// part is some days of a column that follow each other.
type part struct {
	*telemetry.Column
	from, to int
}

// n is how many days it has.
func (p part) n() int { return p.to - p.from }

// weeks cuts columns of roll-ups into weeks of UTC days, counted from 1970-01-01 so that
// it does not matter when data began. It yields those in which a column says something,
// oldest first, with the part of each column that lies in the week. The slice that is
// yielded is used again.
func weeks(columns ...*telemetry.Column) iter.Seq[[]part] {
	return func(yield func([]part) bool) {
		parts, next := make([]part, len(columns)), make([]int, len(columns)) // who asks may cut its parts
		for {
			week, some := vehicle.Day(0), false
			for i, c := range columns {
				parts[i] = part{c, next[i], next[i]}
				if next[i] == c.Len() {
					continue
				}
				if first := c.Day[next[i]] / readingEvery; !some || first < week {
					week, some = first, true
				}
			}
			if !some {
				return
			}
			for i := range parts {
				next[i] += daysIn(week, columns[i], next[i])
				parts[i].to = next[i]
			}
			if !yield(parts) {
				return
			}
		}
	}
}

// daysIn is how many days from a place in a column on are of a week.
func daysIn(week vehicle.Day, column *telemetry.Column, from int) int {
	if column == nil {
		return 0
	}
	n, days := 0, column.Day[from:]
	for n < len(days) && n < readingEvery && days[n]/readingEvery == week {
		n++
	}
	return n
}

// cursor goes along a column, to be asked for one day after the other.
type cursor struct {
	*telemetry.Column
	days []vehicle.Day
	at   int
}

// cursorOf begins with the first day of a column.
func cursorOf(c *telemetry.Column) cursor {
	if c == nil {
		return cursor{}
	}
	return cursor{c, c.Day, 0}
}

// along begins with the first day of a signal.
func along(by *telemetry.BySignal, s vehicle.Signal) cursor { return cursorOf(by.Signals[s]) }

// on reports whether the column says anything of a day, which is then the one it is at.
func (c *cursor) on(day vehicle.Day) bool {
	for c.at < len(c.days) && c.days[c.at] < day {
		c.at++
	}
	return c.at < len(c.days) && c.days[c.at] == day
}
