package simulator

import (
	"math"

	"github.com/pitcrew-telematics/pitcrew/internal/elementary"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// pattern is how a class of cars is used: gamma
// daily distance, zero days, weekdays, and a rate that wanders by month.
type pattern struct {
	kmPerDay  float64 // mean of a driven day
	shape     float64 // of the gamma distribution of a day's distance
	zero      float64 // share of days without driving
	weekday   [7]float64
	tripKm    float64
	speed     float64 // mean of a trip, km/h
	from, to  float64 // hours between which trips happen
	monthSD   float64 // of the log rate, stationary
	vehicleCV float64
}

func patternOf(u Usage) pattern {
	//                    km  shape zero   Su   Mo   Tu   We   Th   Fr   Sa     trip speed from to  month cv
	switch u {
	case RideHailing:
		return pattern{205, 6, 0.10, [7]float64{0.9, 1, 1, 1, 1, 1.1, 1.1}, 42, 27, 6, 23.5, 0.15, 0.20}
	case Delivery:
		return pattern{110, 5, 0.15, [7]float64{0.3, 1.1, 1.1, 1.1, 1.1, 1.1, 0.8}, 28, 26, 7, 20, 0.20, 0.25}
	case Family:
		return pattern{34, 2, 0.18, [7]float64{1.2, 0.9, 0.8, 0.9, 0.9, 1.1, 1.3}, 9, 30, 7.5, 21, 0.30, 0.31}
	case Weekend:
		return pattern{36, 1.6, 0.25, [7]float64{2.3, 0.4, 0.3, 0.4, 0.4, 0.9, 2.4}, 22, 42, 9, 20, 0.35, 0.35}
	default:
		return pattern{43, 3.5, 0.12, [7]float64{0.55, 1.15, 1.1, 1.1, 1.1, 1.2, 0.75}, 14, 34, 7, 20.5, 0.25, 0.28}
	}
}

// habit is how much a car is driven now.
type habit struct {
	own     float64 // the car's own factor on its class
	month   float64 // log rate of the month
	regime  float64 // job, move, second car: jumps about every eight years
	layoff  int     // days the car will still stand
	changes int
}

func (c *car) firstHabit() habit {
	r := stream(c.seed, forUsage, 0)
	return habit{own: r.spread(c.use.vehicleCV), month: c.use.monthSD * r.normal(), regime: 1}
}

// kmOf draws the distance of a day and moves the habit on.
func (c *car) kmOf(h *habit, day vehicle.Day) float64 {
	r := stream(c.seed, forUsage, uint64(day))
	if day%30 == 0 {
		const keep = 0.6
		h.month = keep*h.month + c.use.monthSD*math.Sqrt(1-keep*keep)*r.normal()
	}
	if r.chance(0.125 / 365.25) { // 10-15 % a year
		h.changes++
		h.regime = min(max(h.regime*elementary.Exp(0.55*r.normal()), 0.4), 2)
	}
	begins, length := r.chance(1.0/420), 6+int(10*r.gamma(2))
	zero, share := r.chance(c.use.zero), r.gamma(c.use.shape)
	switch {
	case c.isWatched(day):
		// a car whose fault has to show within three weeks is not laid up in them
		h.layoff = 0
	case h.layoff > 0:
		h.layoff--
		return 0
	case begins:
		h.layoff = length
		return 0
	}
	if zero {
		return 0
	}
	years := float64(day-c.firstDay) / 365.25
	weekday := c.use.weekday[(int(day)+4)%7] // 1970-01-01 was a Thursday
	km := c.use.kmPerDay * h.own * h.regime * c.turnedBy(day) * elementary.Exp(h.month) * (1 - 0.02*years) * weekday * share
	if km < 0.7 {
		return 0
	}
	return min(km, c.use.speed*(c.use.to-c.use.from)*0.75)
}

// turnedBy is the factor of a change of use that was asked for.
func (c *car) turnedBy(day vehicle.Day) float64 {
	if c.turn.Factor == 0 || day < c.epochDay+vehicle.Day(c.turn.Day) {
		return 1
	}
	return c.turn.Factor
}

// isWatched reports whether a fault of the last weeks of history shows itself now.
func (c *car) isWatched(day vehicle.Day) bool {
	return len(c.faults) > 0 && c.faults[len(c.faults)-1].lasting &&
		day > c.endDay-30 && day < c.endDay+2
}
